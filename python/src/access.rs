//! Roles and permissions, default deny.

use cloister_core::access;
use pyo3::prelude::*;
use std::sync::Arc;

use crate::exceptions::detached;
use crate::text::Text;

/// Roles and their permissions. Any number of threads may read and change one table.
#[pyclass(frozen, subclass, module = "cloister._native")]
pub(crate) struct AccessControl(pub(crate) Arc<access::AccessControl>);

#[pymethods]
impl AccessControl {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        detached(py, || Ok(Self(Arc::new(access::AccessControl::new()))))
    }

    #[staticmethod]
    fn parse(py: Python<'_>, text: Text) -> PyResult<Self> {
        detached(py, || {
            let table = access::AccessControl::parse(text.get()?)?;
            Ok(Self(Arc::new(table)))
        })
    }

    fn add_role(&self, py: Python<'_>, role: &str, permissions: Vec<String>) -> PyResult<()> {
        detached(py, || {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            self.0.add_role(role, &permissions)
        })
    }

    fn add_role_inheriting(
        &self,
        py: Python<'_>,
        role: &str,
        permissions: Vec<String>,
        inherits: Vec<String>,
    ) -> PyResult<()> {
        detached(py, || {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            let inherits: Vec<&str> = inherits.iter().map(String::as_str).collect();
            self.0.add_role_inheriting(role, &permissions, &inherits)
        })
    }

    fn assign(&self, py: Python<'_>, user: &str, role: &str) -> PyResult<()> {
        detached(py, || self.0.assign(user, role))
    }

    fn unassign(&self, py: Python<'_>, user: &str, role: &str) -> PyResult<bool> {
        detached(py, || Ok(self.0.unassign(user, role)))
    }

    fn separate(&self, py: Python<'_>, roles: Vec<String>) -> PyResult<()> {
        detached(py, || {
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            self.0.separate(&roles)
        })
    }

    fn decide(
        &self,
        py: Python<'_>,
        user: String,
        user_role: String,
        permission: &str,
    ) -> PyResult<(bool, &'static str)> {
        let identity = access::Identity {
            user,
            role: user_role,
        };
        detached(py, || {
            let decision = self.0.decide(&identity, permission);
            Ok((decision.is_allowed(), decision.reason().as_str()))
        })
    }

    #[getter]
    fn users(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        detached(py, || Ok(self.0.users()))
    }

    fn roles_of(&self, py: Python<'_>, user: &str) -> PyResult<Vec<String>> {
        detached(py, || Ok(self.0.roles_of(user)))
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
