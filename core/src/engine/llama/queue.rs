//! Requests on their way to the engine thread: first come, first served, and a clear `Busy` when too many wait.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::lookup::Lookup;
use super::options::EmbedOptions;
use super::sampling::Sampler;
use super::state::Saved;
use super::text::Stops;
use crate::engine::calls::CallReader;
use crate::engine::{Cancel, FinishReason, Timings, TokenLogprob, Usage};
use crate::isolation::{Probe, Violation};
use crate::{Error, Kind, Result, Sensitive};

/// What the engine thread is asked to do.
pub(super) enum Job {
    /// Continue a prompt.
    Answer(Box<Request>),
    /// Embed these tokens.
    Embed(Sensitive<Vec<i32>>, EmbedOptions, Sender<Result<Vec<f32>>>),
    /// Try what the lockdown must refuse.
    Probe(Sender<Vec<Probe>>),
    /// Give up what is kept under a name.
    Forget(String, Sender<()>),
    /// Copy what is kept under a name.
    Save(String, Sender<Result<Saved>>),
    /// Keep a copy under a name.
    Restore(String, Saved, Sender<Result<()>>),
}

/// A prompt and how to continue it.
pub(super) struct Request {
    /// Tokens of the prompt, at least one and fewer than the context window.
    pub(super) prompt: Sensitive<Vec<i32>>,
    /// How many of them, from the first, are the same for everybody and no secret.
    pub(super) public: usize,
    /// What was evaluated is kept under this name.
    pub(super) cache: Option<String>,
    /// At most this many tokens.
    pub(super) max_tokens: u32,
    /// Places in the context window that the request may come to occupy.
    pub(super) reserved: usize,
    /// When those are full: tokens from the beginning that stay, while half of the others is dropped.
    pub(super) keep: Option<usize>,
    /// Picks tokens.
    pub(super) sampler: Sampler,
    /// Drafts what comes next, where that may pay.
    pub(super) lookup: Option<Lookup>,
    /// Takes calls of tools out of the answer.
    pub(super) calls: Option<CallReader>,
    /// Ends the answer.
    pub(super) stops: Stops,
    /// Whether nothing else may be evaluated at the same time. Rounding differs with what shares a batch, so only an
    /// answer that is computed alone can be repeated to the letter.
    pub(super) alone: bool,
    /// When the request ends at the latest.
    pub(super) deadline: Option<Instant>,
    /// The caller's flag, and the one that is set when nobody listens any more.
    pub(super) cancels: [Cancel; 2],
    /// Where the answer goes.
    pub(super) events: Sender<Event>,
}

impl Request {
    /// Why nobody wants the answer any more, if that is so.
    pub(super) fn ended(&self) -> Option<Error> {
        if self.cancels.iter().any(Cancel::is_cancelled) {
            return Some(cancelled());
        }
        let late = self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        late.then(|| Error::new(Kind::Timeout, "the request took longer than its `timeout`"))
    }
}

/// A part of an answer, in the order of sending. `Done` and `Failed` are the last.
pub(super) enum Event {
    /// Whole code points.
    Text(String),
    /// How likely the latest token was.
    Logprob(TokenLogprob),
    /// The name and the arguments of a tool to call.
    Call(String, String),
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
        state.drop_ended();
        // What gives memory free is never turned away.
        if state.waiting.len() >= self.capacity && !matches!(job, Job::Forget(..)) {
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

    /// The first job in line if `admit` accepts it. `Closed` ends the line.
    pub(super) fn take(&self, admit: impl Fn(&Job) -> bool) -> Result<Option<Job>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        state.drop_ended();
        match state.waiting.front() {
            Some(job) if admit(job) => Ok(state.waiting.pop_front()),
            _ => Ok(None),
        }
    }

    /// Waits until somebody is in line, or the line is closed, or it is `until`.
    pub(super) fn wait(&self, until: Option<Instant>) {
        let mut state = self.state.lock();
        while state.waiting.is_empty() && !state.closed {
            match until {
                None => self.changed.wait(&mut state),
                Some(until) => {
                    if self.changed.wait_until(&mut state, until).timed_out() {
                        return;
                    }
                }
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
                Job::Embed(_, _, reply) => drop(reply.send(Err(closed()))),
                // Their senders are dropped, which says the same.
                Job::Probe(_) | Job::Forget(..) | Job::Save(..) | Job::Restore(..) => {}
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
    fn drop_ended(&mut self) {
        self.waiting.retain(|job| {
            let Job::Answer(request) = job else {
                return true;
            };
            let ended = request.ended();
            if let Some(error) = &ended {
                drop(request.events.send(Event::Failed(error.clone())));
            }
            ended.is_none()
        });
    }
}
