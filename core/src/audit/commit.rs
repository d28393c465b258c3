//! Group commit: whoever writes at the same time shares one write and one `fdatasync`.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::options::{AuditOptions, Durability, OnFailure};
use super::writer::{Own, Writer};
use crate::{Error, Kind, Result};

/// The event type, and the data member, of the record about a time in which records could not be written.
pub(super) const OUTAGE: &str = "audit_outage";
/// Bytes that wait in memory at most before a writer of [`Durability::Interval`] writes them itself.
const MAX_WAITING: usize = 256 << 10;
/// Between two attempts of [`OnFailure::Block`], at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// A leader waits for as many writers as there were at the last write, as long as that took, and never longer than this: the
/// last write may have waited for a disk to come back.
const MAX_GATHER: Duration = Duration::from_millis(20);

/// The lines that wait to be written, and who writes them: the first that comes while nobody else does.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Who waits for the group that is being written, and who for the one after it, by turns.
    settled: [Condvar; 2],
    idle: Condvar,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    /// Acknowledged, and not yet written.
    held: VecDeque<Vec<u8>>,
    /// Whose writers wait.
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    /// Lines that a leader has taken from `waiting`, which is also the ticket of the next one.
    taken: u64,
    /// Lines whose fate is known.
    settled: u64,
    /// Groups that were taken, each with all that waited.
    groups: usize,
    /// Threads that sleep until the fate of their lines is known, as [`Queue::settled`].
    asleep: [usize; 2],
    /// Threads that sleep until nobody leads.
    idlers: usize,
    /// Lines that the leader waits for, if it does.
    wanted: usize,
    refused: Vec<Refusal>,
    leading: bool,
    /// Something was written that is perhaps not on the disk.
    unsynced: bool,
    /// Writers of the last group and of the next one, and how long the last one took.
    last: (usize, Duration),
    outage: Option<Outage>,
}

/// Tickets that were refused, until each has heard of it.
struct Refusal {
    first: u64,
    behind: u64,
    unheard: u64,
    error: Error,
}

/// A time in which nothing can be written.
#[derive(Clone)]
struct Outage {
    since: Instant,
    failures: u64,
    refused: u64,
}

impl Queue {
    /// Writes one line as the options say, or waits until another thread has. [`Kind::Audit`] if it is not written.
    pub(super) fn commit(
        &self,
        line: Vec<u8>,
        writer: &Mutex<Writer>,
        options: &AuditOptions,
    ) -> Result<()> {
        let mut state = self.lock();
        if let Durability::Interval(_) = options.durability
            && state.outage.is_none()
            && state.waiting_bytes < MAX_WAITING
        {
            state.waiting_bytes += line.len();
            state.held.push_back(line);
            return Ok(());
        }
        let ticket = state.taken + state.waiting.len() as u64;
        state.waiting.push_back(line);
        if state.waiting.len() == state.wanted {
            self.arrived.notify_one();
        }
        let turn = state.groups % 2;
        loop {
            if let Some(result) = state.result_of(ticket) {
                return result;
            }
            if !state.leading {
                state = self.lead(state, writer, options, false);
                continue;
            }
            state.asleep[turn] += 1;
            state = self.settled[turn]
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.asleep[turn] -= 1;
        }
    }

    /// Writes what was acknowledged and is not written yet; with `sync`, to the disk whatever the durability.
    pub(super) fn flush(
        &self,
        writer: &Mutex<Writer>,
        options: &AuditOptions,
        sync: bool,
    ) -> Result<()> {
        let mut state = self.lock();
        while state.leading {
            state.idlers += 1;
            state = self
                .idle
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idlers -= 1;
        }
        if state.held.is_empty() && !(sync && state.unsynced) {
            return Ok(());
        }
        let failures = state.outage.as_ref().map_or(0, |outage| outage.failures);
        state = self.lead(state, writer, options, sync);
        match &state.outage {
            Some(outage) if outage.failures > failures => Err(Error::new(
                Kind::Audit,
                "acknowledged audit records could not be written yet; hint: free space on the disk of the audit log, or see \
                 to its permissions",
            )),
            _ => Ok(()),
        }
    }

    /// Writes what waits. Comes back with the lock, and with nobody leading.
    fn lead<'q>(
        &'q self,
        mut state: MutexGuard<'q, State>,
        writer: &Mutex<Writer>,
        options: &AuditOptions,
        sync: bool,
    ) -> MutexGuard<'q, State> {
        state.leading = true;
        state.unsynced = !sync;
        if options.durability == Durability::Group {
            state = self.gather(state);
        }
        let held = std::mem::take(&mut state.held);
        let count = match options.durability {
            Durability::Each => 1.min(state.waiting.len()),
            _ => state.waiting.len(),
        };
        let batch: Vec<Vec<u8>> = state.waiting.drain(..count).collect();
        state.taken += count as u64;
        let whole = state.waiting.is_empty();
        state.groups += usize::from(whole);
        state.waiting_bytes = 0;
        let outage = state.outage.clone();
        drop(state);

        let mut leading = Leading {
            queue: self,
            whole,
            held,
            batch,
            written: 0,
            error: Some(Error::new(
                Kind::Internal,
                "a writer of the audit log has panicked",
            )),
            failures: 1,
            limit: match options.on_failure {
                OnFailure::Buffer(limit) => limit,
                _ => 0,
            },
            began: Instant::now(),
        };
        leading.write(writer, options.on_failure, outage.as_ref(), sync);
        drop(leading);
        self.lock()
    }

    /// Waits a little for those who wrote together the last time: they are likely to be on their way again.
    fn gather<'q>(&'q self, mut state: MutexGuard<'q, State>) -> MutexGuard<'q, State> {
        let (writers, took) = state.last;
        if state.waiting.len() >= writers {
            return state;
        }
        let until = Instant::now() + took.min(MAX_GATHER);
        state.wanted = writers;
        while state.waiting.len() < writers {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.arrived.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.wanted = 0;
        state
    }

    /// Wakes those whose fate is known, and one of the others to lead. After a group with all that waited, `whole`, nobody's
    /// fate is known who came later. The lock is given back first: who wakes wants it.
    fn wake(&self, state: MutexGuard<'_, State>, whole: bool) {
        let next = state.groups % 2;
        let (asleep, idlers) = (state.asleep, state.idlers);
        drop(state);
        for (turn, (settled, asleep)) in self.settled.iter().zip(asleep).enumerate() {
            if asleep == 0 {
                continue;
            }
            if turn == next && whole {
                settled.notify_one();
            } else {
                settled.notify_all();
            }
        }
        if idlers > 0 {
            self.idle.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What became of a line; nothing if that is not known yet.
    fn result_of(&mut self, ticket: u64) -> Option<Result<()>> {
        if ticket >= self.settled {
            return None;
        }
        let refused = |refusal: &Refusal| (refusal.first..refusal.behind).contains(&ticket);
        let Some(index) = self.refused.iter().position(refused) else {
            return Some(Ok(()));
        };
        let refusal = &mut self.refused[index];
        let error = refusal.error.clone();
        refusal.unheard -= 1;
        if refusal.unheard == 0 {
            self.refused.swap_remove(index);
        }
        Some(Err(error))
    }
}

/// What a leader has taken. It is settled when this is dropped, also by a panic: nobody must wait for ever.
struct Leading<'q> {
    queue: &'q Queue,
    /// Nobody waited any more when it was taken.
    whole: bool,
    held: VecDeque<Vec<u8>>,
    batch: Vec<Vec<u8>>,
    /// Lines of both that are written.
    written: usize,
    error: Option<Error>,
    failures: u64,
    /// Lines that may be held.
    limit: usize,
    began: Instant,
}

impl Leading<'_> {
    fn write(
        &mut self,
        writer: &Mutex<Writer>,
        policy: OnFailure,
        outage: Option<&Outage>,
        sync: bool,
    ) {
        let patience = match policy {
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
            let own = (failures > 0 && (policy != OnFailure::Deny || !self.held.is_empty()))
                .then(|| self.outage_record(policy, since, failures, refused));
            let lines = self.held.iter().chain(&self.batch).skip(self.written);
            let (written, result) = lock(writer).write(own, lines.map(Vec::as_slice), sync);
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

    fn outage_record(&self, policy: OnFailure, since: Instant, failures: u64, refused: u64) -> Own {
        let mut detail: Map<String, Value> = policy.detail();
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
        let taken = self.batch.len() as u64;
        let first = state.settled;
        let mut accepted = self.written.saturating_sub(self.held.len());
        if let Some(error) = self.error.take() {
            let unwritten = self.written.min(self.held.len());
            let mut held: VecDeque<_> = self.held.drain(unwritten..).collect();
            let room = self.limit.saturating_sub(held.len());
            held.extend(self.batch.drain(..).skip(accepted).take(room));
            accepted = (accepted + room).min(usize::try_from(taken).unwrap_or(usize::MAX));
            // What came meanwhile was acknowledged later.
            held.append(&mut state.held);
            state.held = held;
            let refused = taken - accepted as u64;
            let outage = state.outage.get_or_insert(Outage {
                since: self.began,
                failures: 0,
                refused: 0,
            });
            outage.failures += self.failures;
            outage.refused += refused;
            if refused > 0 {
                state.refused.push(Refusal {
                    first: first + accepted as u64,
                    behind: first + taken,
                    unheard: refused,
                    error,
                });
            }
        } else {
            state.outage = None;
        }
        state.settled += taken;
        let writers = usize::try_from(taken).unwrap_or(usize::MAX);
        let writers = writers.saturating_add(state.waiting.len()).max(1);
        state.last = (writers, self.began.elapsed());
        state.leading = false;
        self.queue.wake(state, self.whole);
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
