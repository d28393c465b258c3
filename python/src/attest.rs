//! Attestations, the lock of the whole process, and memory that can be wiped.

use std::path::PathBuf;

use cloister_core::attest as proof;
use cloister_core::engine::Backend;
use cloister_core::isolation;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;

use crate::audit::AuditLog;
#[cfg(feature = "llama")]
use crate::engine::Engine;
use crate::exceptions::detached;

/// What was tried and found.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Attestation(proof::Attestation);

#[pymethods]
impl Attestation {
    #[getter]
    fn holds(&self) -> bool {
        self.0.holds()
    }

    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn to_html(&self) -> String {
        self.0.to_html()
    }

    fn __repr__(&self) -> String {
        format!(
            "Attestation(holds={})",
            if self.0.holds() { "True" } else { "False" }
        )
    }
}

/// Tries what the lockdown must refuse, and says what holds.
#[cfg(feature = "llama")]
#[pyfunction]
#[pyo3(signature = (engine = None, *, audit = None))]
pub(crate) fn attest(
    py: Python<'_>,
    engine: Option<PyRef<'_, Engine>>,
    audit: Option<Py<AuditLog>>,
) -> PyResult<Attestation> {
    let engine = engine.map(|it| it.0.clone());
    let log = audit.map(|it| it.get().0.clone());
    detached(py, || {
        let backend = engine.as_deref().map(|it| -> &dyn Backend { it });
        proof::attest(backend, log.as_deref()).map(Attestation)
    })
}

/// Whether an attestation was made with the key of this log and not altered since.
#[pyfunction]
pub(crate) fn is_authentic(py: Python<'_>, document: &str, audit: Py<AuditLog>) -> PyResult<bool> {
    let document = document.to_owned();
    let log = audit.get().0.clone();
    detached(py, || proof::is_authentic(&document, &log))
}

/// Locks every thread of this process, for good. Gives how many threads there were, and whether refused calls are noted.
#[pyfunction]
#[pyo3(signature = (*, audit = None, writable = Vec::new()))]
pub(crate) fn lock_process(
    py: Python<'_>,
    audit: Option<Py<AuditLog>>,
    writable: Vec<PathBuf>,
) -> PyResult<(usize, bool)> {
    let log = audit.map(|it| it.get().0.clone());
    let lock = detached(py, || proof::lock_process(log.as_ref(), writable))?;
    Ok((lock.threads, lock.noted))
}

/// Switches the overwriting of freed memory off or on.
#[pyfunction]
pub(crate) fn set_wiping(on: bool) {
    isolation::set_wiping(on);
}

/// Overwrites a buffer with zeros.
#[pyfunction]
pub(crate) fn wipe(buffer: &Bound<'_, PyByteArray>) -> PyResult<()> {
    let zeros = PyByteArray::new_with(buffer.py(), buffer.len(), |_| Ok(()))?;
    buffer.set_item(pyo3::types::PySlice::full(buffer.py()), zeros)
}
