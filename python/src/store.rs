//! Conversations that are saved because somebody said so, and the keys of the persons that they are about.

use std::path::PathBuf;
use std::sync::Arc;

use cloister_core::{guard, subjects};
use pyo3::prelude::*;
use serde_json::Value;

use crate::access::AccessControl;
use crate::audit::AuditLog;
use crate::cipher::{Key, classification};
use crate::exceptions::detached;
use crate::json;
use crate::session::Session;

/// The keys of persons in a directory.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct SubjectKeys(pub(crate) Arc<subjects::SubjectKeys>);

#[pymethods]
impl SubjectKeys {
    #[new]
    fn new(py: Python<'_>, directory: PathBuf, master: Py<Key>) -> PyResult<Self> {
        detached(py, || {
            let keys = subjects::SubjectKeys::open(directory, &master.get().0)?;
            Ok(Self(Arc::new(keys)))
        })
    }

    fn pseudonym(&self, py: Python<'_>, subject: &str) -> PyResult<String> {
        detached(py, || self.0.pseudonym(subject))
    }

    fn find(&self, py: Python<'_>, subject: &str) -> PyResult<Option<String>> {
        detached(py, || self.0.find(subject))
    }

    fn destroy(&self, py: Python<'_>, subject: &str) -> PyResult<bool> {
        detached(py, || self.0.destroy(subject))
    }
}

/// Saved conversations. Any number of threads may use one store.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ConversationStore(guard::ConversationStore);

#[pymethods]
impl ConversationStore {
    #[new]
    #[pyo3(signature = (directory, subjects, *, audit = None, access = None))]
    fn new(
        py: Python<'_>,
        directory: PathBuf,
        subjects: Py<SubjectKeys>,
        audit: Option<Py<AuditLog>>,
        access: Option<Py<AccessControl>>,
    ) -> PyResult<Self> {
        detached(py, || {
            let keys = Arc::clone(&subjects.get().0);
            let log = audit.map(|log| Arc::clone(&log.get().0));
            let store = guard::ConversationStore::open(directory, keys, log)?;
            Ok(Self(match access {
                Some(table) => store.with_access(Arc::clone(&table.get().0)),
                None => store,
            }))
        })
    }

    #[pyo3(signature = (session, *, title = String::new(), classification = "SENSITIVE"))]
    fn save(
        &self,
        py: Python<'_>,
        session: &Session,
        title: String,
        classification: &str,
    ) -> PyResult<String> {
        let options = guard::SaveOptions {
            classification: self::classification(py, classification)?,
            title,
        };
        detached(py, || self.0.save(session.lend()?.session()?, &options))
    }

    fn load(&self, py: Python<'_>, session: &Session, subject: &str, id: &str) -> PyResult<()> {
        detached(py, || self.0.load(session.lend()?.session()?, subject, id))
    }

    fn list<'py>(
        &self,
        py: Python<'py>,
        session: &Session,
        subject: &str,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let found = detached(py, || self.0.list(session.lend()?.session()?, subject))?;
        let found: Vec<Value> = found.into_iter().map(Value::from).collect();
        crate::audit::records(py, &found)
    }

    fn delete<'py>(
        &self,
        py: Python<'py>,
        session: &Session,
        subject: &str,
        id: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let done = detached(py, || {
            self.0.delete(session.lend()?.session()?, subject, id)
        })?;
        json::to_python(py, &done.into())
    }

    fn erase_subject<'py>(
        &self,
        py: Python<'py>,
        session: &Session,
        subject: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let done = detached(py, || {
            self.0.erase_subject(session.lend()?.session()?, subject)
        })?;
        json::to_python(py, &done.into())
    }

    fn expire(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || self.0.expire())
    }
}
