//! Texts that come in chunks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cloister_core::{pii, scan};
use pyo3::prelude::*;

use crate::exceptions::detached;
use crate::finding::{Finding, located};
use crate::scrubber::Scrubbed;
use crate::text::Text;

/// Waits for its turn; what a panic left behind is refused by the stream itself.
fn turn<T>(stream: &Mutex<T>) -> MutexGuard<'_, T> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A scan of a text that comes in chunks. Threads take turns.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ScanStream(Mutex<scan::ScanStream>);

impl ScanStream {
    pub(crate) fn new(stream: scan::ScanStream) -> Self {
        Self(Mutex::new(stream))
    }
}

#[pymethods]
impl ScanStream {
    fn push(&self, py: Python<'_>, chunk: Text) -> PyResult<Vec<Finding>> {
        detached(py, || {
            Ok(turn(&self.0)
                .push(chunk.bytes())?
                .iter()
                .map(located)
                .collect())
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Vec<Finding>> {
        detached(py, || {
            Ok(turn(&self.0).finish()?.iter().map(located).collect())
        })
    }

    #[getter]
    fn held(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(turn(&self.0).held()))
    }
}

/// A text that is scrubbed as it comes. Threads take turns.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ScrubStream(Mutex<pii::ScrubStream>);

impl ScrubStream {
    pub(crate) fn new(stream: pii::ScrubStream) -> Self {
        Self(Mutex::new(stream))
    }
}

#[pymethods]
impl ScrubStream {
    fn push(&self, py: Python<'_>, chunk: Text) -> PyResult<Scrubbed> {
        let part = detached(py, || turn(&self.0).push(chunk.bytes()))?;
        Scrubbed::part(py, part)
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Scrubbed> {
        let part = detached(py, || turn(&self.0).finish())?;
        Scrubbed::part(py, part)
    }

    #[getter]
    fn held(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(turn(&self.0).held()))
    }
}
