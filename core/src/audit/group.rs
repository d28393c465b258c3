//! Lines that are written together, and how their writers hear of it: whoever came first leads the others.

use std::sync::{Arc, OnceLock};

use super::batch::Batch;
use crate::{Error, Kind, Result};

/// What the writers of one group wait for. All of them wake at one call of the system, and none needs a lock to go on.
#[derive(Default)]
pub(super) struct Group {
    turn: OnceLock<()>,
    fate: OnceLock<Fate>,
}

/// What became of the lines of a group.
pub(super) struct Fate {
    /// As many of the first lines are written, or held to be written.
    pub(super) accepted: usize,
    /// Why not all.
    pub(super) error: Option<Error>,
    /// Lines that were acknowledged still wait to be written.
    pub(super) is_behind: bool,
}

impl Fate {
    /// That of a group whose writer did not come to an end.
    pub(super) fn refused() -> Self {
        Self {
            accepted: 0,
            error: Some(Error::new(
                Kind::Internal,
                "a writer of the audit log has panicked",
            )),
            is_behind: false,
        }
    }
}

/// A group that nobody writes yet.
pub(super) struct Pending {
    pub(super) group: Arc<Group>,
    pub(super) lines: Batch,
    /// Everything is to be on the disk afterwards.
    pub(super) sync: bool,
}

impl Group {
    /// Waits until the one before has been written.
    pub(super) fn wait_for_turn(&self) {
        self.turn.wait();
    }

    /// Wakes its first writer to lead.
    pub(super) fn give_turn(&self) {
        let _ = self.turn.set(());
    }

    /// Wakes all its writers.
    pub(super) fn settle(&self, fate: Fate) {
        let _ = self.fate.set(fate);
    }

    /// Waits until the fate of line `index` is known.
    pub(super) fn result_of(&self, index: usize) -> Result<()> {
        let fate = self.fate.wait();
        match &fate.error {
            Some(error) if index >= fate.accepted => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Waits until it has been written: whether what was acknowledged is still to be written, or with `sync`, still to be
    /// brought to the disk.
    pub(super) fn is_behind(&self, sync: bool) -> bool {
        let fate = self.fate.wait();
        fate.is_behind || (sync && fate.error.is_some())
    }
}
