//! Group commit: whoever writes at the same time shares one write and one `fdatasync`.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::group::{Fate, Group, Pending};
use super::leading::{Leading, Outage};
use super::options::{AuditOptions, Durability};
use super::writer::Writer;
use crate::{Error, Kind, Result};

/// Bytes that wait in memory at most before a writer of [`Durability::Interval`] writes them itself.
const MAX_WAITING: usize = 256 << 10;
/// A leader waits for as many writers as there were at the last write, as long as that took, and never longer than this: the
/// last write may have waited for a disk to come back.
const MAX_GATHER: Duration = Duration::from_millis(20);
/// Groups in a row that do not wait for more writers, at most.
const MAX_HASTE: u32 = 63;
/// Batches whose memory is kept to be used again: one is filled while another is written.
const SPARE: usize = 4;

/// The lines that wait to be written, and who writes them: the first writer of each group, one group after the other.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    /// Acknowledged, and not yet written.
    pub(super) held: Batch,
    /// Whose writers wait. That of the leader is the first of them until it is taken.
    pending: VecDeque<Pending>,
    /// Lines that the leader waits for, if it does.
    wanted: usize,
    /// Groups that are still to go without such a wait, and how many after the next wait in vain.
    hasty: u32,
    haste: u32,
    leading: bool,
    /// Something was written that is perhaps not on the disk.
    unsynced: bool,
    /// Writers of the last group and of the next one, and how long the last one took.
    last: (usize, Duration),
    pub(super) outage: Option<Outage>,
    spare: Vec<Batch>,
}

impl Queue {
    /// Writes one line as the options say, or waits until another thread has. [`Kind::Audit`] if it is not written.
    pub(super) fn commit(
        &self,
        line: &[u8],
        writer: &Mutex<Writer>,
        options: &AuditOptions,
    ) -> Result<()> {
        let mut state = self.lock();
        if let Durability::Interval(_) = options.durability
            && state.outage.is_none()
            && state.held.size() < MAX_WAITING
        {
            state.held.push(line);
            return Ok(());
        }
        let (is_first, last) = state.join(options.durability == Durability::Each);
        let index = last.lines.len();
        last.lines.push(line);
        let group = Arc::clone(&last.group);
        if index + 1 == state.wanted {
            self.arrived.notify_one();
        }
        if is_first {
            self.lead(state, &group, writer, options);
        } else {
            drop(state);
        }
        group.result_of(index)
    }

    /// Writes what was acknowledged and is not written yet; with `sync`, to the disk whatever the durability.
    pub(super) fn flush(
        &self,
        writer: &Mutex<Writer>,
        options: &AuditOptions,
        sync: bool,
    ) -> Result<()> {
        let mut state = self.lock();
        if !state.leading && state.held.is_empty() && !(sync && state.unsynced) {
            return Ok(());
        }
        let (is_first, last) = state.join(false);
        last.sync |= sync;
        let group = Arc::clone(&last.group);
        if is_first {
            self.lead(state, &group, writer, options);
        } else {
            drop(state);
        }
        if group.is_behind(sync) {
            return Err(Error::new(
                Kind::Audit,
                "acknowledged audit records could not be written yet; hint: free space on the disk of the audit log, or see \
                 to its permissions",
            ));
        }
        Ok(())
    }

    /// Writes the group that the caller is the first writer of, when it is its turn.
    fn lead<'q>(
        &'q self,
        mut state: MutexGuard<'q, State>,
        group: &Group,
        writer: &Mutex<Writer>,
        options: &AuditOptions,
    ) {
        if std::mem::replace(&mut state.leading, true) {
            drop(state);
            group.wait_for_turn();
            state = self.lock();
        }
        if options.durability == Durability::Group && state.gathered() > 0 {
            state = self.gather(state);
        }
        let Some(taken) = state.pending.pop_front() else {
            return group.settle(Fate::refused());
        };
        let spare = state.spare.pop().unwrap_or_default();
        let held = std::mem::replace(&mut state.held, spare);
        state.unsynced = !taken.sync;
        let outage = state.outage.clone();
        drop(state);
        Leading::new(self, taken, held, options.on_failure).write(writer, outage.as_ref());
    }

    /// Waits a little for those who wrote together the last time: they are likely to be on their way again.
    ///
    /// That is worth it where the disk takes longer than they do. Where it does not, one half of them writes lines while the
    /// disk writes those of the other, so after a wait in vain some groups go without.
    fn gather<'q>(&'q self, mut state: MutexGuard<'q, State>) -> MutexGuard<'q, State> {
        let (writers, took) = state.last;
        if state.gathered() >= writers {
            return state;
        }
        if let Some(hasty) = state.hasty.checked_sub(1) {
            state.hasty = hasty;
            return state;
        }
        let until = Instant::now() + took.min(MAX_GATHER);
        state.wanted = writers;
        while state.gathered() < writers {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.arrived.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.wanted = 0;
        let in_vain = state.gathered() < writers;
        state.haste = if in_vain {
            (state.haste * 2 + 1).min(MAX_HASTE)
        } else {
            0
        };
        state.hasty = state.haste;
        state
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The group that the caller waits with, and whether it is the first to do so, as it is where it wants to be `alone`.
    fn join(&mut self, alone: bool) -> (bool, &mut Pending) {
        let is_first = alone || self.pending.is_empty();
        if is_first {
            self.pending.push_back(Pending {
                group: Arc::default(),
                lines: self.spare.pop().unwrap_or_default(),
                sync: false,
            });
        }
        let last = self.pending.len() - 1;
        (is_first, &mut self.pending[last])
    }

    /// Lines of the group that is the next.
    fn gathered(&self) -> usize {
        self.pending.front().map_or(0, |next| next.lines.len())
    }

    /// Takes memory back.
    pub(super) fn reuse(&mut self, batch: Batch) {
        if self.spare.len() < SPARE {
            self.spare.push(batch.emptied());
        }
    }

    /// Ends the lead over a group of `lines`: the next group whose turn it is.
    pub(super) fn hand_over(&mut self, lines: usize, took: Duration) -> Option<Arc<Group>> {
        self.last = ((lines + self.gathered()).max(1), took);
        let next = self.pending.front().map(|next| Arc::clone(&next.group));
        self.leading = next.is_some();
        next
    }
}
