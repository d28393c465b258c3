//! The walls around a backend.

use std::ops::ControlFlow;
use std::sync::Arc;

use cloister_core::engine::{Cancel as Flag, ChatOptions as Options};
use cloister_core::guard::{self, OnSecret};
use cloister_core::{Error, Kind};
use pyo3::prelude::*;

use crate::access::AccessControl;
use crate::audit::AuditLog;
use crate::backend::{backend_of, take_raised};
use crate::chat::{Cancel, ChatOptions, Receiver, cancel_of, options_of};
use crate::cipher::{Key, classification};
use crate::exceptions::{contained, detached, exception};
use crate::finding::{Finding, findings_of};
use crate::reply::Reply;
use crate::reply_stream::{GuardedStream, ReplyStream};
use crate::scanner::Scanner;
use crate::scrubber::policy_of;
use crate::session::{Loan, Session};
use crate::text::Text;

/// Why a guarded chat gave no reply.
pub(crate) enum Failure {
    Core(Error),
    /// What a Python backend raised, behind the core's own error.
    Backend(Error, PyErr),
}

impl Failure {
    pub(crate) fn into_exception(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Core(error) => exception(py, &error),
            Self::Backend(error, cause) => {
                let raised = exception(py, &error);
                raised.set_cause(py, Some(cause));
                raised
            }
        }
    }
}

/// The chat itself, on whichever thread: needs no GIL, and no panic leaves it.
pub(crate) fn chat(
    guard: &guard::Guard,
    loan: &mut Loan,
    input: &Text,
    options: &Options,
    cancel: &Flag,
    on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> Result<guard::Reply, Failure> {
    guarded(|| guard.chat(loan.session()?, input.get()?, options, cancel, on_text))
}

/// Asks a guard, and notes what a Python backend raised meanwhile.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Failure> {
    take_raised();
    contained(work).map_err(|error| match take_raised() {
        Some(cause) => Failure::Backend(error, cause),
        None => Failure::Core(error),
    })
}

/// Scan, policy, record, answer, scan again, restore, record. Any number of threads may use one guard.
#[pyclass(frozen, subclass, module = "cloister._native")]
pub(crate) struct Guard(Arc<guard::Guard>);

#[pymethods]
impl Guard {
    #[new]
    #[pyo3(signature = (backend, *, audit = None, access = None, scanner = None, on_secret = "block", classification = "SENSITIVE", system_prompt = None, without_audit = false, policy = None, key = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parts of a guard, by keyword"
    )]
    fn new(
        py: Python<'_>,
        backend: &Bound<'_, PyAny>,
        audit: Option<Py<AuditLog>>,
        access: Option<Py<AccessControl>>,
        scanner: Option<Py<Scanner>>,
        on_secret: &str,
        classification: &str,
        system_prompt: Option<Text>,
        without_audit: bool,
        policy: Option<Text>,
        key: Option<Py<Key>>,
    ) -> PyResult<Self> {
        let on_secret = match on_secret {
            "block" => OnSecret::Block,
            "redact" => OnSecret::Redact,
            _ => {
                let error = Error::new(
                    Kind::InvalidArgument,
                    "unknown policy; hint: use `block` or `redact`",
                );
                return Err(exception(py, &error));
            }
        };
        let class = self::classification(py, classification)?;
        let backend = backend_of(backend)?;
        detached(py, || {
            let mut builder = guard::Guard::builder(backend)
                .on_secret(on_secret)
                .classification(class);
            if let Some(audit) = &audit {
                builder = builder.audit(Arc::clone(&audit.get().0));
            }
            if without_audit {
                builder = builder.without_audit();
            }
            if let Some(access) = &access {
                builder = builder.access(Arc::clone(&access.get().0));
            }
            if let Some(scanner) = &scanner {
                builder = builder.scanner(scanner.get().0.clone());
            }
            if let Some(policy) = policy_of(policy.as_ref(), key.as_ref(), None)? {
                builder = builder.policy(policy);
            }
            if let Some(prompt) = &system_prompt {
                builder = builder.system_prompt(prompt.get()?);
            }
            builder.build().map(|guard| Self(Arc::new(guard)))
        })
    }

    #[pyo3(signature = (session, text, options = None, *, on_text = None, cancel = None))]
    fn chat(
        &self,
        py: Python<'_>,
        session: &Session,
        text: Text,
        options: Option<Py<ChatOptions>>,
        on_text: Option<Py<PyAny>>,
        cancel: Option<Py<Cancel>>,
    ) -> PyResult<Reply> {
        let (options, cancel) = (options_of(options.as_ref()), cancel_of(cancel.as_ref()));
        let mut loan = session.lend().map_err(|error| exception(py, &error))?;
        let mut receiver = Receiver::new(on_text);
        let reply = py.detach(|| {
            let mut on_text = |piece: &str| receiver.receive(piece);
            let reply = chat(&self.0, &mut loan, &text, &options, &cancel, &mut on_text);
            drop(loan);
            reply
        });
        let reply = reply
            .map(Reply)
            .map_err(|failure| failure.into_exception(py));
        receiver.outcome(reply)
    }

    #[pyo3(signature = (session, text, options = None))]
    fn stream(
        &self,
        py: Python<'_>,
        session: &Session,
        text: Text,
        options: Option<Py<ChatOptions>>,
    ) -> PyResult<ReplyStream> {
        let options = options_of(options.as_ref());
        let loan = session.lend().map_err(|error| exception(py, &error))?;
        let guard = Arc::clone(&self.0);
        detached(py, || ReplyStream::start(guard, loan, text, options))
    }

    #[pyo3(signature = (session, request, *, on_part = None, cancel = None))]
    fn complete(
        &self,
        py: Python<'_>,
        session: &Session,
        request: Text,
        on_part: Option<Py<PyAny>>,
        cancel: Option<Py<Cancel>>,
    ) -> PyResult<String> {
        let cancel = cancel_of(cancel.as_ref());
        let mut loan = session.lend().map_err(|error| exception(py, &error))?;
        let mut receiver = Receiver::new(on_part);
        let answer = py.detach(|| {
            let mut on_part = |part: &str| receiver.receive(part);
            let answer = guarded(|| {
                let (session, request) = (loan.session()?, request.get()?);
                self.0.complete(session, request, &cancel, &mut on_part)
            });
            drop(loan);
            answer
        });
        receiver.outcome(answer.map_err(|failure| failure.into_exception(py)))
    }

    fn complete_stream(
        &self,
        py: Python<'_>,
        session: &Session,
        request: Text,
    ) -> PyResult<GuardedStream> {
        let loan = session.lend().map_err(|error| exception(py, &error))?;
        let guard = Arc::clone(&self.0);
        detached(py, || GuardedStream::start(guard, loan, request))
    }

    fn preview(
        &self,
        py: Python<'_>,
        session: &Session,
        text: Text,
    ) -> PyResult<(String, Vec<Finding>)> {
        detached(py, || {
            let text = text.get()?;
            let (scrubbed, found) = self.0.preview(session.lend()?.session()?, text)?;
            Ok((scrubbed, findings_of(text, found)))
        })
    }
}
