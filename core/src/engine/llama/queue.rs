//! Requests on their way to the engine thread: first come, first served, and a clear `Busy` when too many wait.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;

use parking_lot::{Condvar, Mutex};

use super::sampling::Sampler;
use super::text::Stops;
use crate::engine::{Cancel, FinishReason, Timings, Usage};
use crate::isolation::{Probe, Violation};
use crate::{Error, Kind, Result, Sensitive};

/// What the engine thread is asked to do.
pub(super) enum Job {
    /// Continue a prompt.
    Answer(Request),
    /// Embed these tokens.
    Embed(Sensitive<Vec<i32>>, Sender<Result<Vec<f32>>>),
    /// Try what the lockdown must refuse.
    Probe(Sender<Vec<Probe>>),
}

/// A prompt and how to continue it.
pub(super) struct Request {
    /// Tokens of the prompt, at least one and fewer than the context window.
    pub(super) prompt: Sensitive<Vec<i32>>,
    /// At most this many tokens; with the prompt they fit the context window.
    pub(super) max_tokens: u32,
    /// Picks tokens.
    pub(super) sampler: Sampler,
    /// Ends the answer.
    pub(super) stops: Stops,
    /// Whether nothing else may be evaluated at the same time. Rounding differs with what shares a batch, so only an
    /// answer that is computed alone can be repeated to the letter.
    pub(super) alone: bool,
    /// The caller's flag, and the one that is set when nobody listens any more.
    pub(super) cancels: [Cancel; 2],
    /// Where the answer goes.
    pub(super) events: Sender<Event>,
}

impl Request {
    /// Whether nobody wants the answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancels.iter().any(Cancel::is_cancelled)
    }

    /// Places in the context window that the request may come to occupy.
    pub(super) fn reserved(&self) -> usize {
        self.prompt.len() + self.max_tokens as usize
    }
}

/// A part of an answer, in the order of sending. `Done` and `Failed` are the last.
pub(super) enum Event {
    /// Whole code points.
    Text(String),
    /// The answer is complete.
    Done(FinishReason, Usage, Timings),
    /// There will be no more.
    Failed(Error),
}

/// The error of everything that comes after `unload`.
pub(super) fn closed() -> Error {
    Error::new(Kind::Closed, "the model was unloaded")
}

/// The error of what was in progress when a thread of the engine tried to break out.
pub(super) fn breached(violation: &Violation) -> Error {
    Error::new(
        Kind::Denied,
        format!(
            "a thread of the engine made a system call that its lockdown refuses ({}); hint: the model file or the \
             library may have been tampered with",
            violation.call
        ),
    )
}

/// The error of everything that was stopped.
pub(super) fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "the request was cancelled")
}

/// The line in front of the engine thread.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
}

struct State {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                closed: false,
            }),
            changed: Condvar::new(),
            capacity,
        }
    }

    /// Puts a job at the end of the line.
    pub(super) fn push(&self, job: Job) -> Result<()> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        state.drop_cancelled();
        if state.waiting.len() >= self.capacity {
            return Err(Error::new(
                Kind::Busy,
                format!(
                    "{} requests are waiting already; hint: try again later, or load the model with a larger `queue`",
                    self.capacity
                ),
            ));
        }
        state.waiting.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// The first job in line if `admit` accepts it. With `idle`, waits until there is one. `Closed` ends the line.
    pub(super) fn take(&self, idle: bool, admit: impl Fn(&Job) -> bool) -> Result<Option<Job>> {
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return Err(closed());
            }
            state.drop_cancelled();
            match state.waiting.front() {
                Some(job) if admit(job) => return Ok(state.waiting.pop_front()),
                None if idle => self.changed.wait(&mut state),
                _ => return Ok(None),
            }
        }
    }

    /// Ends the line: who waits gets `Closed`, and so does who comes later.
    pub(super) fn close(&self) {
        let waiting = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        self.changed.notify_all();
        for job in waiting {
            match job {
                Job::Answer(request) => drop(request.events.send(Event::Failed(closed()))),
                Job::Embed(_, reply) => drop(reply.send(Err(closed()))),
                // Its sender is dropped, which says the same.
                Job::Probe(_) => {}
            }
        }
    }

    /// Whether the next in line wants an embedding.
    pub(super) fn more_to_embed(&self) -> bool {
        matches!(self.state.lock().waiting.front(), Some(Job::Embed(..)))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }
}

impl State {
    fn drop_cancelled(&mut self) {
        self.waiting.retain(|job| match job {
            Job::Answer(request) if request.is_cancelled() => {
                drop(request.events.send(Event::Failed(cancelled())));
                false
            }
            _ => true,
        });
    }
}
