//! A conversation of one user, lent to one chat at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloister_core::access::Identity;
use cloister_core::{Error, Kind, Result, guard};
use pyo3::prelude::*;

use crate::exceptions::detached;
use crate::text::Text;

type Slot = Arc<Mutex<Option<guard::Session>>>;

fn lock(slot: &Slot) -> MutexGuard<'_, Option<guard::Session>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The session of one chat; it goes back when the chat ends, however it ends.
pub(crate) struct Loan {
    slot: Slot,
    session: Option<guard::Session>,
}

impl Loan {
    /// `Busy` while another chat has the session.
    fn of(slot: &Slot) -> Result<Self> {
        match lock(slot).take() {
            Some(session) => Ok(Self {
                slot: Arc::clone(slot),
                session: Some(session),
            }),
            None => Err(Error::new(
                Kind::Busy,
                "the session is in use; hint: end its chat or stream first, or use a session per thread",
            )),
        }
    }

    /// The session, until the loan ends.
    pub(crate) fn session(&mut self) -> Result<&mut guard::Session> {
        self.session
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Internal, "the session is lost"))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *lock(&self.slot) = self.session.take();
    }
}

/// A conversation: history, vault, identity. One chat at a time; a second one is refused, not queued.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Session {
    slot: Slot,
    id: String,
    user: String,
    role: String,
}

impl Session {
    pub(crate) fn lend(&self) -> Result<Loan> {
        Loan::of(&self.slot)
    }
}

#[pymethods]
impl Session {
    #[new]
    #[pyo3(signature = (user, role = String::new()))]
    fn new(py: Python<'_>, user: String, role: String) -> PyResult<Self> {
        detached(py, || {
            let identity = Identity {
                user: user.clone(),
                role: role.clone(),
            };
            let session = guard::Session::new(identity)?;
            Ok(Self {
                id: session.id().to_owned(),
                slot: Arc::new(Mutex::new(Some(session))),
                user,
                role,
            })
        })
    }

    #[getter]
    fn id(&self) -> &str {
        &self.id
    }

    #[getter]
    fn user(&self) -> &str {
        &self.user
    }

    #[getter]
    fn role(&self) -> &str {
        &self.role
    }

    fn set_system_prompt(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        detached(py, || {
            let text = text.get()?;
            self.lend()?.session()?.set_system_prompt(text)
        })
    }

    fn set_subject(&self, py: Python<'_>, subject: Text) -> PyResult<()> {
        detached(py, || {
            let subject = subject.get()?;
            self.lend()?.session()?.set_subject(subject)
        })
    }

    #[getter]
    fn remembered(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(self.lend()?.session()?.remembered()))
    }

    #[getter]
    fn turns(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(self.lend()?.session()?.turns()))
    }

    fn restore(&self, py: Python<'_>, text: Text) -> PyResult<String> {
        detached(py, || self.lend()?.session()?.restore(text.get()?))
    }

    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.lend()?.session()?.clear();
            Ok(())
        })
    }

    fn __repr__(&self) -> String {
        format!("Session(id='{}')", self.id)
    }
}
