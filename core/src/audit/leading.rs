//! Writing one group: until it is written, or its policy gives up.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::batch::Batch;
use super::commit::Queue;
use super::group::{Fate, Group, Pending};
use super::options::OnFailure;
use super::own::Own;
use super::writer::Writer;
use crate::Error;

/// The event type, and the data member, of the record about a time in which records could not be written.
pub(super) const OUTAGE: &str = "audit_outage";
/// Between two attempts of [`OnFailure::Block`], at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// A time in which nothing can be written.
#[derive(Clone)]
pub(super) struct Outage {
    since: Instant,
    failures: u64,
    refused: u64,
}

/// What a leader has taken. It is settled when this is dropped, also by a panic: nobody must wait for ever.
pub(super) struct Leading<'q> {
    queue: &'q Queue,
    group: Arc<Group>,
    sync: bool,
    /// Acknowledged before.
    held: Batch,
    /// Those of the group.
    lines: Batch,
    /// Lines of both that are written.
    written: usize,
    error: Option<Error>,
    failures: u64,
    policy: OnFailure,
    began: Instant,
}

impl<'q> Leading<'q> {
    pub(super) fn new(queue: &'q Queue, taken: Pending, held: Batch, policy: OnFailure) -> Self {
        Self {
            queue,
            group: taken.group,
            sync: taken.sync,
            held,
            lines: taken.lines,
            written: 0,
            error: Fate::refused().error,
            failures: 1,
            policy,
            began: Instant::now(),
        }
    }

    /// Tries as long as the policy says.
    pub(super) fn write(mut self, writer: &Mutex<Writer>, outage: Option<&Outage>) {
        let patience = match self.policy {
            OnFailure::Block(limit) => limit,
            _ => Duration::ZERO,
        };
        let since = outage.map_or(self.began, |outage| outage.since);
        let before = outage.map_or(0, |outage| outage.failures);
        let refused = outage.map_or(0, |outage| outage.refused);
        self.failures = 0;
        let mut pause = RETRY.0;
        loop {
            let failures = before + self.failures;
            let own = (failures > 0 && (self.policy != OnFailure::Deny || !self.held.is_empty()))
                .then(|| self.outage_record(since, failures, refused));
            let lines = self.held.iter().chain(self.lines.iter()).skip(self.written);
            let (written, result) = lock(writer).write(own, lines, self.sync);
            self.written += written;
            self.error = result.err();
            if self.error.is_none() {
                return;
            }
            self.failures += 1;
            let left = patience.saturating_sub(self.began.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(RETRY.1);
        }
    }

    fn outage_record(&self, since: Instant, failures: u64, refused: u64) -> Own {
        let mut detail: Map<String, Value> = self.policy.detail();
        let measured = json!({
            "milliseconds": u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
            "failures": failures,
            "held": self.held.len(),
            "refused": refused,
        });
        if let Value::Object(measured) = measured {
            detail.extend(measured);
        }
        Own {
            event_type: OUTAGE,
            detail,
        }
    }
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        let taken = self.lines.len();
        let mut fate = Fate {
            accepted: taken,
            error: self.error.take(),
            is_behind: false,
        };
        if fate.error.is_some() {
            let room = match self.policy {
                OnFailure::Buffer(limit) => limit,
                _ => 0,
            };
            let mut held = Batch::default();
            held.extend(self.held.iter().skip(self.written));
            let written = self.written.saturating_sub(self.held.len());
            let room = room.saturating_sub(held.len());
            held.extend(self.lines.iter().skip(written).take(room));
            fate.accepted = taken.min(written + room);
            // What came meanwhile was acknowledged later.
            held.extend(state.held.iter());
            fate.is_behind = !held.is_empty();
            state.held = held;
            let outage = state.outage.get_or_insert(Outage {
                since: self.began,
                failures: 0,
                refused: 0,
            });
            outage.failures += self.failures;
            outage.refused += (taken - fate.accepted) as u64;
        } else {
            state.outage = None;
        }
        for batch in [&mut self.held, &mut self.lines] {
            state.reuse(std::mem::take(batch));
        }
        let next = state.hand_over(taken, self.began.elapsed());
        // Who wakes wants the lock.
        drop(state);
        self.group.settle(fate);
        if let Some(next) = next {
            next.give_turn();
        }
    }
}

/// The writer of this process. After a panic in one of its calls it reads everything anew.
pub(super) fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(|poisoned| {
        writer.clear_poison();
        let mut guard = poisoned.into_inner();
        guard.forget();
        guard
    })
}
