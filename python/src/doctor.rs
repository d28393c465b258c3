//! What this machine enforces, and what it does not.

use cloister_core::isolation;
use pyo3::prelude::*;

use crate::exceptions::detached;

/// What `cloister doctor` shows.
#[pyclass(frozen, get_all, module = "cloister._native")]
pub(crate) struct Report {
    version: &'static str,
    cpu_variant: String,
    cpu_features: Vec<String>,
    cpu_features_unused: Vec<String>,
    enforced: Vec<String>,
    not_enforced: Vec<String>,
}

/// Looks at this machine and this build.
#[pyfunction]
pub(crate) fn doctor(py: Python<'_>) -> PyResult<Report> {
    detached(py, || {
        let report = isolation::report();
        Ok(Report {
            version: cloister_core::VERSION,
            cpu_variant: report.cpu_variant,
            cpu_features: report.cpu_features,
            cpu_features_unused: report.cpu_features_unused,
            enforced: report.enforced,
            not_enforced: report.not_enforced,
        })
    })
}
