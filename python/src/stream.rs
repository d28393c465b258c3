//! An answer of the engine as an iterator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cloister_core::engine;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::chat::Completion;
use crate::exceptions::detached;

struct State {
    stream: Option<engine::TextStream>,
    completion: Option<engine::Completion>,
}

/// Pieces of an answer as they come. Threads take turns; any thread may cancel.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct TextStream {
    state: Mutex<State>,
    cancel: engine::Cancel,
}

impl TextStream {
    pub(crate) fn new(stream: engine::TextStream) -> Self {
        Self {
            cancel: stream.cancel(),
            state: Mutex::new(State {
                stream: Some(stream),
                completion: None,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl TextStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        detached(py, || {
            let mut state = self.lock();
            let Some(stream) = &mut state.stream else {
                return Ok(None);
            };
            let piece = stream.next().transpose();
            if !matches!(piece, Ok(Some(_))) {
                let completion = stream.completion().cloned();
                state.completion = completion;
                state.stream = None;
            }
            piece
        })
    }

    fn cancel(&self) {
        self.cancel.cancel();
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.cancel.cancel();
        detached(py, || {
            self.lock().stream = None;
            Ok(())
        })
    }

    #[getter]
    fn completion(&self, py: Python<'_>) -> PyResult<Option<Completion>> {
        detached(py, || Ok(self.lock().completion.clone())).map(|found| found.map(Completion))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }
}

/// The JSON objects of a chat completion as they come. Threads take turns; any thread may cancel.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct CompletionStream {
    stream: Mutex<Option<engine::CompletionStream>>,
    cancel: engine::Cancel,
}

impl CompletionStream {
    pub(crate) fn new(stream: engine::CompletionStream) -> Self {
        Self {
            cancel: stream.cancel(),
            stream: Mutex::new(Some(stream)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<engine::CompletionStream>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl CompletionStream {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        detached(py, || {
            let mut stream = self.lock();
            stream.as_mut().and_then(Iterator::next).transpose()
        })
    }

    fn cancel(&self) {
        self.cancel.cancel();
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.cancel.cancel();
        detached(py, || {
            *self.lock() = None;
            Ok(())
        })
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }
}
