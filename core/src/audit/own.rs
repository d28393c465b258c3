//! What the log records about itself, its checkpoints among it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::checkpoint::{self, CHECKPOINT, CHECKPOINT_EVERY, Checkpoint};
use super::event::Event;
use super::writer::Writer;
use crate::{Classification, Result};

/// Who writes the records about the log itself.
const SYSTEM: &str = "system";

/// How something went that the log did of itself.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Success,
    Failed,
}

/// A record of the log about itself.
pub(super) struct Own {
    pub(super) event_type: &'static str,
    pub(super) detail: Map<String, Value>,
}

impl Writer {
    /// Adds one record about the log itself.
    pub(super) fn append_own(
        &mut self,
        event_type: &str,
        outcome: Outcome,
        detail: Map<String, Value>,
    ) -> Result<()> {
        let line = self.own_line(event_type, outcome, detail)?;
        self.add(&line)
    }

    fn own_line(
        &mut self,
        event_type: &str,
        outcome: Outcome,
        detail: Map<String, Value>,
    ) -> Result<Vec<u8>> {
        Event {
            event_type: event_type.to_owned(),
            user_id: SYSTEM.to_owned(),
            action: event_type.to_owned(),
            classification: Classification::Internal,
            status: match outcome {
                Outcome::Success => "success".to_owned(),
                Outcome::Failed => "failed".to_owned(),
            },
            data: Map::from_iter([(event_type.to_owned(), Value::Object(detail))]),
            ..Event::default()
        }
        .line(Timestamp::now(), self.ids.next()?)
    }

    /// Adds a checkpoint over all lines so far, if the log is signed, and returns its note.
    pub(super) fn append_checkpoint(&mut self) -> Result<Option<String>> {
        let (Some(key), Some(tree)) = (&self.config.options.signing_key, &self.tree) else {
            return Ok(None);
        };
        let note = Checkpoint::sign(&tree.frontier, key)?;
        let detail = checkpoint::detail(&note, &tree.frontier);
        let line = self.own_line(CHECKPOINT, Outcome::Success, detail)?;
        if self.is_full(line.len()) {
            // The new file begins with a checkpoint over the same lines.
            self.turn()?;
        } else {
            self.compose(&line)?;
        }
        if let Some(tree) = &mut self.tree {
            tree.uncovered = 0;
        }
        Ok(Some(note))
    }

    /// Writes a checkpoint over all records, unless the last record is one.
    pub(super) fn checkpoint(&mut self) -> Result<Option<String>> {
        let _lock = self.begin()?;
        let note = self.append_checkpoint()?;
        self.flush()?;
        Ok(note)
    }

    /// Whether records came after the last checkpoint.
    pub(super) fn is_uncovered(&self) -> bool {
        self.tree.as_ref().is_some_and(|tree| tree.uncovered > 0)
    }

    /// Whether a checkpoint must follow.
    pub(super) fn is_due(&self) -> bool {
        let uncovered = self.tree.as_ref().map_or(0, |tree| tree.uncovered);
        uncovered >= CHECKPOINT_EVERY
    }
}
