//! A guarded answer as an iterator, worked on by a thread of its own.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use cloister_core::engine::{Cancel, ChatOptions};
use cloister_core::{Error, Kind, Result, guard};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::exceptions::{defect, detached};
use crate::guard::{Failure, chat};
use crate::reply::Reply;
use crate::running::Running;
use crate::session::Loan;
use crate::text::Text;

type Outcome = std::result::Result<guard::Reply, Failure>;

enum State {
    Running(Receiver<String>, JoinHandle<Outcome>),
    Replied(Arc<Py<Reply>>),
    Ended,
}

enum Step {
    Piece(String),
    Over(Box<Outcome>),
    Nothing,
}

/// Pieces of the restored answer as they come. Threads take turns; any thread may cancel.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ReplyStream {
    state: Mutex<State>,
    cancel: Cancel,
    process: u32,
}

impl ReplyStream {
    pub(crate) fn start(
        guard: Arc<guard::Guard>,
        mut loan: Loan,
        input: Text,
        options: ChatOptions,
    ) -> Result<Self> {
        let cancel = Cancel::new();
        let flag = cancel.clone();
        let (sender, receiver) = channel();
        let work = move || {
            let mut on_text = |piece: &str| match sender.send(piece.to_owned()) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let outcome = chat(&guard, &mut loan, &input, &options, &flag, &mut on_text);
            drop(loan);
            outcome
        };
        let running = Running::new(cancel.clone());
        let thread = Builder::new()
            .name("cloister-reply".to_owned())
            .spawn(move || {
                let outcome = work();
                drop(running);
                outcome
            })
            .map_err(|error| Error::io("cannot start a thread", &error))?;
        Ok(Self {
            state: Mutex::new(State::Running(receiver, thread)),
            cancel,
            process: std::process::id(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A forked child has the stream, but not the thread that answers.
    fn is_foreign(&self) -> bool {
        self.process != std::process::id()
    }

    fn step(&self) -> Step {
        let mut state = self.lock();
        if let State::Running(pieces, _) = &*state
            && let Ok(piece) = pieces.recv()
        {
            return Step::Piece(piece);
        }
        match std::mem::replace(&mut *state, State::Ended) {
            State::Running(_, thread) => {
                let outcome = thread
                    .join()
                    .unwrap_or_else(|_| Err(Failure::Core(defect())));
                Step::Over(Box::new(outcome))
            }
            other => {
                *state = other;
                Step::Nothing
            }
        }
    }
}

#[pymethods]
impl ReplyStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let step = detached(py, || {
            if self.is_foreign() {
                return Err(Error::new(
                    Kind::Unsupported,
                    "the answer was begun before this process was forked; hint: read it in the process that began it",
                ));
            }
            Ok(self.step())
        })?;
        let outcome = match step {
            Step::Piece(piece) => return Ok(Some(piece)),
            Step::Nothing => return Ok(None),
            Step::Over(outcome) => *outcome,
        };
        let reply = outcome.map_err(|failure| failure.into_exception(py))?;
        let reply = Arc::new(Py::new(py, Reply(reply))?);
        detached(py, || {
            *self.lock() = State::Replied(reply);
            Ok(None)
        })
    }

    fn cancel(&self) {
        self.cancel.cancel();
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.cancel.cancel();
        detached(py, || {
            while !self.is_foreign() && !matches!(self.step(), Step::Over(_) | Step::Nothing) {}
            Ok(())
        })
    }

    #[getter]
    fn reply(&self, py: Python<'_>) -> PyResult<Option<Py<Reply>>> {
        let reply = detached(py, || {
            Ok(match &*self.lock() {
                State::Replied(reply) => Some(Arc::clone(reply)),
                _ => None,
            })
        })?;
        Ok(reply.map(|reply| reply.clone_ref(py)))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }
}

impl Drop for ReplyStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
