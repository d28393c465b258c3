//! A conversation of one user, lent to one chat at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloister_core::access::Identity;
use cloister_core::audit::Event;
use cloister_core::guard::{Occasion, Reauthenticate, SessionOptions};
use cloister_core::{Error, Kind, Result, guard};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::access::AccessControl;
use crate::audit::{AuditLog, Verification, query_of, records};
use crate::exceptions::detached;
use crate::json;
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

fn seconds(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        Error::new(
            Kind::InvalidArgument,
            "a time is a number of seconds that is not negative",
        )
    })
}

/// A function of the caller's; whoever makes it raise has not shown who is there.
fn asking(ask: Py<PyAny>) -> Reauthenticate {
    Arc::new(move |identity, occasion| {
        let occasion = match occasion {
            Occasion::TimePassed => "time_passed",
            Occasion::BreakGlass => "break_glass",
        };
        let confirmed = Python::try_attach(|py| {
            let answer = ask
                .call1(py, (&identity.user, &identity.role, occasion))
                .and_then(|answer| answer.is_truthy(py));
            answer.unwrap_or_else(|error| {
                error.write_unraisable(py, None);
                false
            })
        });
        confirmed.unwrap_or(false)
    })
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
    #[pyo3(signature = (user, role = String::new(), *, access = None, audit = None, idle = Some(900.0), absolute = Some(43_200.0), reauthenticate_after = None, reauthenticate = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the options of a session, by keyword"
    )]
    fn new(
        py: Python<'_>,
        user: String,
        role: String,
        access: Option<Py<AccessControl>>,
        audit: Option<Py<AuditLog>>,
        idle: Option<f64>,
        absolute: Option<f64>,
        reauthenticate_after: Option<f64>,
        reauthenticate: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        detached(py, || {
            let identity = Identity {
                user: user.clone(),
                role: role.clone(),
            };
            let options = SessionOptions {
                access: access.map(|table| Arc::clone(&table.get().0)),
                audit: audit.map(|log| Arc::clone(&log.get().0)),
                idle: idle.map(seconds).transpose()?,
                absolute: absolute.map(seconds).transpose()?,
                reauthenticate_after: reauthenticate_after.map(seconds).transpose()?,
                reauthenticate: reauthenticate.map(asking),
            };
            let session = guard::Session::open(identity, options)?;
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

    #[getter]
    fn ended(&self) -> bool {
        let session = lock(&self.slot);
        session.as_ref().is_some_and(guard::Session::has_ended)
    }

    fn end(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.lend()?.session()?.end();
            Ok(())
        })
    }

    fn on_end(&self, py: Python<'_>, hook: Py<PyAny>) -> PyResult<()> {
        detached(py, || {
            let call = move || {
                // Where the interpreter is gone, so is what the hook would forget.
                Python::try_attach(|py| {
                    if let Err(error) = hook.call0(py) {
                        error.write_unraisable(py, None);
                    }
                });
            };
            self.lend()?.session()?.on_end(call)
        })
    }

    fn require(&self, py: Python<'_>, permission: &str) -> PyResult<()> {
        detached(py, || self.lend()?.session()?.require(permission))
    }

    #[pyo3(signature = (reason, permissions = Vec::new(), *, limit = None))]
    fn break_glass(
        &self,
        py: Python<'_>,
        reason: Text,
        permissions: Vec<String>,
        limit: Option<f64>,
    ) -> PyResult<String> {
        detached(py, || {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            let limit = limit.map(seconds).transpose()?;
            let mut loan = self.lend()?;
            loan.session()?
                .break_glass(reason.get()?, &permissions, limit)
        })
    }

    fn end_emergency(&self, py: Python<'_>) -> PyResult<bool> {
        detached(py, || self.lend()?.session()?.end_emergency())
    }

    #[getter]
    fn emergency(&self, py: Python<'_>) -> PyResult<Option<String>> {
        detached(py, || Ok(self.lend()?.session()?.emergency()))
    }

    fn emergencies_to_review<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let found = detached(py, || self.lend()?.session()?.emergencies_to_review())?;
        records(py, &found)
    }

    #[pyo3(signature = (id, justified, note = None))]
    fn review_emergency(
        &self,
        py: Python<'_>,
        id: &str,
        justified: bool,
        note: Option<Text>,
    ) -> PyResult<String> {
        detached(py, || {
            let note = note.as_ref().map_or(Ok(""), Text::get)?;
            self.lend()?
                .session()?
                .review_emergency(id, justified, note)
        })
    }

    #[pyo3(signature = (log, event_type, *, action = String::new(), classification = "SENSITIVE", status = "success".to_owned(), error = String::new(), data = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the members of a record, by keyword"
    )]
    fn record(
        &self,
        py: Python<'_>,
        log: Py<AuditLog>,
        event_type: String,
        action: String,
        classification: &str,
        status: String,
        error: String,
        data: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let event = Event {
            event_type,
            action,
            classification: crate::cipher::classification(py, classification)?,
            status,
            error,
            data: json::members(data)?,
            ..Event::default()
        };
        detached(py, || self.lend()?.session()?.record(&log.get().0, event))
    }

    #[pyo3(signature = (log, **members))]
    fn query_log<'py>(
        &self,
        py: Python<'py>,
        log: Py<AuditLog>,
        members: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let query = query_of(members)?;
        let found = detached(py, || {
            self.lend()?.session()?.query_log(&log.get().0, &query)
        })?;
        records(py, &found)
    }

    fn verify_log(&self, py: Python<'_>, log: Py<AuditLog>) -> PyResult<Verification> {
        detached(py, || self.lend()?.session()?.verify_log(&log.get().0)).map(Verification)
    }

    fn checkpoint_log(&self, py: Python<'_>, log: Py<AuditLog>) -> PyResult<String> {
        detached(py, || self.lend()?.session()?.checkpoint_log(&log.get().0))
    }

    fn hold_log(
        &self,
        py: Python<'_>,
        log: Py<AuditLog>,
        held: bool,
        reason: &str,
    ) -> PyResult<bool> {
        detached(py, || {
            self.lend()?.session()?.hold_log(&log.get().0, held, reason)
        })
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
