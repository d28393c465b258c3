//! Roles and permissions, default deny.

use cloister_core::access;
use pyo3::prelude::*;
use std::sync::Arc;

use crate::exceptions::detached;

/// Roles and their permissions. Any number of threads may read and change one table.
#[pyclass(frozen, subclass, module = "cloister._native")]
pub(crate) struct AccessControl(pub(crate) Arc<access::AccessControl>);

#[pymethods]
impl AccessControl {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        detached(py, || Ok(Self(Arc::new(access::AccessControl::new()))))
    }

    fn add_role(&self, py: Python<'_>, role: &str, permissions: Vec<String>) -> PyResult<()> {
        detached(py, || {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            self.0.add_role(role, &permissions)
        })
    }

    fn remove_role(&self, py: Python<'_>, role: &str) -> PyResult<bool> {
        detached(py, || Ok(self.0.remove_role(role)))
    }

    fn has_permission(&self, py: Python<'_>, user_role: &str, permission: &str) -> PyResult<bool> {
        detached(py, || Ok(self.0.has_permission(user_role, permission)))
    }

    fn require(&self, py: Python<'_>, user_role: &str, permission: &str) -> PyResult<()> {
        detached(py, || self.0.require(user_role, permission))
    }

    #[getter]
    fn roles(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        detached(py, || Ok(self.0.roles()))
    }

    fn permissions(&self, py: Python<'_>, role: &str) -> PyResult<Option<Vec<String>>> {
        detached(py, || Ok(self.0.permissions(role)))
    }
}
