//! Guarded answers as iterators, each worked on by a thread of its own.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use cloister_core::engine::{Cancel, ChatOptions};
use cloister_core::{Error, Kind, Result, guard};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::exceptions::{defect, detached};
use crate::guard::{Failure, chat, guarded};
use crate::reply::Reply;
use crate::running::Running;
use crate::session::Loan;
use crate::text::Text;

type Outcome<T> = std::result::Result<T, Failure>;

enum State<T> {
    Running(Receiver<String>, JoinHandle<Outcome<T>>),
    Ended,
}

enum Step<T> {
    Piece(String),
    Over(Box<Outcome<T>>),
    Nothing,
}

/// A guarded answer that a thread works on.
struct Work<T> {
    state: Mutex<State<T>>,
    cancel: Cancel,
    process: u32,
}

impl<T: Send + 'static> Work<T> {
    /// `work` gets what stops it and where its pieces go.
    fn start(
        mut loan: Loan,
        work: impl FnOnce(&mut Loan, &Cancel, &mut dyn FnMut(&str) -> ControlFlow<()>) -> Outcome<T>
        + Send
        + 'static,
    ) -> Result<Self> {
        let cancel = Cancel::new();
        let flag = cancel.clone();
        let (sender, receiver) = channel();
        let running = Running::new(cancel.clone());
        let thread = Builder::new()
            .name("cloister-reply".to_owned())
            .spawn(move || {
                let mut on_text = |piece: &str| match sender.send(piece.to_owned()) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                let outcome = work(&mut loan, &flag, &mut on_text);
                drop(loan);
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

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A forked child has the stream, but not the thread that answers.
    fn is_foreign(&self) -> bool {
        self.process != std::process::id()
    }

    fn step(&self) -> Step<T> {
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
            State::Ended => Step::Nothing,
        }
    }

    /// The next piece, or what came of it all: given once, behind the last piece.
    fn next(&self, py: Python<'_>) -> PyResult<(Option<String>, Option<T>)> {
        let step = detached(py, || {
            if self.is_foreign() {
                return Err(Error::new(
                    Kind::Unsupported,
                    "the answer was begun before this process was forked; hint: read it in the process that began it",
                ));
            }
            Ok(self.step())
        })?;
        match step {
            Step::Piece(piece) => Ok((Some(piece), None)),
            Step::Nothing => Ok((None, None)),
            Step::Over(outcome) => match *outcome {
                Ok(done) => Ok((None, Some(done))),
                Err(failure) => Err(failure.into_exception(py)),
            },
        }
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.cancel.cancel();
        detached(py, || {
            while !self.is_foreign() && !matches!(self.step(), Step::Over(_) | Step::Nothing) {}
            Ok(())
        })
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Pieces of the restored answer as they come. Threads take turns; any thread may cancel.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ReplyStream {
    work: Work<guard::Reply>,
    reply: OnceLock<Py<Reply>>,
}

impl ReplyStream {
    pub(crate) fn start(
        guard: Arc<guard::Guard>,
        loan: Loan,
        input: Text,
        options: ChatOptions,
    ) -> Result<Self> {
        let work = Work::start(loan, move |loan, cancel, on_text| {
            chat(&guard, loan, &input, &options, cancel, on_text)
        })?;
        Ok(Self {
            work,
            reply: OnceLock::new(),
        })
    }
}

#[pymethods]
impl ReplyStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let (piece, reply) = self.work.next(py)?;
        if let Some(reply) = reply {
            // It is given once.
            let _ = self.reply.set(Py::new(py, Reply(reply))?);
        }
        Ok(piece)
    }

    fn cancel(&self) {
        self.work.cancel.cancel();
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.work.close(py)
    }

    #[getter]
    fn reply(&self, py: Python<'_>) -> Option<Py<Reply>> {
        self.reply.get().map(|reply| reply.clone_ref(py))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }
}

/// JSON objects of a guarded chat completion as they come. Threads take turns; any thread may cancel.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct GuardedStream(Work<String>);

impl GuardedStream {
    pub(crate) fn start(guard: Arc<guard::Guard>, loan: Loan, request: Text) -> Result<Self> {
        Work::start(loan, move |loan, cancel, on_part| {
            guarded(|| guard.complete_stream(loan.session()?, request.get()?, cancel, on_part))
        })
        .map(Self)
    }
}

#[pymethods]
impl GuardedStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.0.next(py).map(|(part, _)| part)
    }

    fn cancel(&self) {
        self.0.cancel.cancel();
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.0.close(py)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }
}
