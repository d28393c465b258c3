//! The audit log.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cloister_core::audit::{
    self, AuditOptions, Durability, Expected, OnFailure, PublicKey, SigningKey,
};
use cloister_core::{Error, Kind, Sensitive};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde_json::Value;

use crate::access::AccessControl;
use crate::cipher::{Key, classification};
use crate::exceptions::{detached, exception};
use crate::json;
use crate::store::SubjectKeys;

/// What a verification found.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Verification(pub(crate) audit::Verification);

#[pymethods]
impl Verification {
    #[getter]
    fn intact(&self) -> bool {
        self.0.is_intact()
    }

    #[getter]
    fn records(&self) -> u64 {
        self.0.records
    }

    #[getter]
    fn files(&self) -> u64 {
        self.0.files
    }

    #[getter]
    fn keyed(&self) -> bool {
        self.0.keyed
    }

    #[getter]
    fn covered(&self) -> Option<u64> {
        self.0.covered
    }

    #[getter]
    fn problems(&self) -> Vec<String> {
        self.0.problems.clone()
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    fn __bool__(&self) -> bool {
        self.0.is_intact()
    }

    fn __repr__(&self) -> String {
        format!(
            "Verification(records={}, files={}, keyed={}, problems={})",
            self.0.records,
            self.0.files,
            if self.0.keyed { "True" } else { "False" },
            self.0.problems.len()
        )
    }
}

/// A 32-byte key of the chain: a [`Key`] or bytes.
fn chain_key(object: &Bound<'_, PyAny>) -> PyResult<Sensitive<Vec<u8>>> {
    if let Ok(key) = object.cast::<Key>() {
        return Ok(Sensitive::new(
            key.get()
                .0
                .as_bytes()
                .map_err(|error| exception(key.py(), &error))?
                .to_vec(),
        ));
    }
    match object.cast::<PyBytes>() {
        Ok(bytes) => Ok(Sensitive::new(bytes.as_bytes().to_vec())),
        Err(_) => Err(PyTypeError::new_err("a log key is a Key or 32 bytes")),
    }
}

/// An ISO 8601 text, or a `date` or `datetime` in that form.
fn instant(object: &Bound<'_, PyAny>) -> PyResult<String> {
    if object.hasattr("isoformat")? {
        object.call_method0("isoformat")?.extract()
    } else {
        object.extract()
    }
}

/// The keyword arguments of a query.
pub(crate) fn query_of(members: Option<&Bound<'_, PyDict>>) -> PyResult<audit::Query> {
    let mut query = audit::Query::default();
    for (name, value) in members.into_iter().flatten() {
        if value.is_none() {
            continue;
        }
        match name.extract::<&str>()? {
            "event_type" => query.event_type = Some(value.extract()?),
            "user_id" => query.user_id = Some(value.extract()?),
            "session_id" => query.session_id = Some(value.extract()?),
            "action" => query.action = Some(value.extract()?),
            "status" => query.status = Some(value.extract()?),
            "classification" => {
                query.classification = Some(classification(value.py(), value.extract()?)?);
            }
            "since" => query.since = Some(instant(&value)?),
            "until" => query.until = Some(instant(&value)?),
            "filters" => query.filters = json::members(Some(&value))?.into_iter().collect(),
            "limit" => query.limit = value.extract()?,
            "newest_first" => query.newest_first = value.extract()?,
            unknown => {
                return Err(PyTypeError::new_err(format!(
                    "unexpected keyword argument '{unknown}'"
                )));
            }
        }
    }
    Ok(query)
}

pub(crate) fn records<'py>(py: Python<'py>, found: &[Value]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    found
        .iter()
        .map(|record| json::to_python(py, record))
        .collect()
}

/// An open log. Any number of threads, and several processes, may write to it at once.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct AuditLog(pub(crate) Arc<audit::AuditLog>);

#[pymethods]
impl AuditLog {
    #[new]
    #[pyo3(signature = (path, *, max_file_bytes = None, retention_days = None, durability = "group", interval = 0.1, on_failure = "deny", on_failure_limit = 0.0, key = None, signing_key = None, access = None, subjects = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the options of a log, by keyword"
    )]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        max_file_bytes: Option<u64>,
        retention_days: Option<u32>,
        durability: &str,
        interval: f64,
        on_failure: &str,
        on_failure_limit: f64,
        key: Option<&Bound<'_, PyAny>>,
        signing_key: Option<&str>,
        access: Option<Py<AccessControl>>,
        subjects: Option<Py<SubjectKeys>>,
    ) -> PyResult<Self> {
        let refused = |message| exception(py, &Error::new(Kind::InvalidArgument, message));
        let seconds = |seconds| {
            Duration::try_from_secs_f64(seconds)
                .map_err(|_| refused("a time is a number of seconds that is not negative"))
        };
        let mut options = AuditOptions::default();
        if let Some(bytes) = max_file_bytes {
            options.max_file_bytes = bytes;
        }
        if let Some(days) = retention_days {
            options.retention_days = days;
        }
        options.durability = match durability {
            "group" => Durability::Group,
            "each" => Durability::Each,
            "interval" => Durability::Interval(seconds(interval)?),
            "os" => Durability::Os,
            _ => {
                return Err(refused(
                    "unknown durability; hint: use `group`, `each`, `interval` or `os`",
                ));
            }
        };
        options.on_failure = match on_failure {
            "deny" => OnFailure::Deny,
            "block" => OnFailure::Block(seconds(on_failure_limit)?),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a float that is cast saturates"
            )]
            "buffer" if on_failure_limit >= 0.0 => OnFailure::Buffer(on_failure_limit as usize),
            "buffer" => return Err(refused("a number of records is not negative")),
            _ => {
                return Err(refused(
                    "unknown policy for failures; hint: use `deny`, `block` or `buffer`",
                ));
            }
        };
        options.key = key.map(chain_key).transpose()?;
        options.signing_key = signing_key
            .map(SigningKey::from_text)
            .transpose()
            .map_err(|error| exception(py, &error))?;
        options.access = access.map(|table| Arc::clone(&table.get().0));
        options.subjects = subjects.map(|keys| Arc::clone(&keys.get().0));
        let log = detached(py, || audit::AuditLog::open(path, options))?;
        Ok(Self(Arc::new(log)))
    }

    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.0.flush())
    }

    fn checkpoint(&self, py: Python<'_>) -> PyResult<String> {
        detached(py, || self.0.checkpoint())
    }

    fn legal_hold(&self, py: Python<'_>, held: bool, reason: &str) -> PyResult<bool> {
        detached(py, || self.0.legal_hold(held, reason))
    }

    #[pyo3(signature = (event_type, user_id = "", *, session_id = "", action = "", classification = "SENSITIVE", status = "success", error = "", data = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the members of a record, by keyword"
    )]
    fn record(
        &self,
        py: Python<'_>,
        event_type: &str,
        user_id: &str,
        session_id: &str,
        action: &str,
        classification: &str,
        status: &str,
        error: &str,
        data: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let further = data.and_then(json::text_of_members);
        let event = audit::Event {
            event_type: event_type.to_owned(),
            user_id: user_id.to_owned(),
            session_id: session_id.to_owned(),
            action: action.to_owned(),
            classification: self::classification(py, classification)?,
            status: status.to_owned(),
            error: error.to_owned(),
            data: json::members(data.filter(|_| further.is_none()))?,
        };
        detached(py, || match &further {
            Some(further) => self.0.record_with(&event, further),
            None => self.0.record(&event),
        })
    }

    #[pyo3(signature = (**members))]
    fn query<'py>(
        &self,
        py: Python<'py>,
        members: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let query = query_of(members)?;
        let found = detached(py, || self.0.query(&query))?;
        records(py, &found)
    }

    fn verify(&self, py: Python<'_>) -> PyResult<Verification> {
        detached(py, || self.0.verify()).map(Verification)
    }

    #[getter]
    fn retention_days(&self) -> u32 {
        self.0.retention_days()
    }

    #[getter]
    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

/// Reads a log without opening it for writing.
#[pyfunction]
#[pyo3(signature = (path, key = None, **members))]
pub(crate) fn audit_query<'py>(
    py: Python<'py>,
    path: PathBuf,
    key: Option<&Bound<'py, PyAny>>,
    members: Option<&Bound<'py, PyDict>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let query = query_of(members)?;
    let key = key.map(chain_key).transpose()?;
    let found = detached(py, || match &key {
        Some(key) => audit::query_with_key(path, &query, key),
        None => audit::query(path, &query),
    })?;
    records(py, &found)
}

/// Checks a log and its rotated files.
#[pyfunction]
#[pyo3(signature = (path, key = None, *, public_key = None, checkpoints = Vec::new()))]
pub(crate) fn audit_verify(
    py: Python<'_>,
    path: PathBuf,
    key: Option<&Bound<'_, PyAny>>,
    public_key: Option<&str>,
    checkpoints: Vec<String>,
) -> PyResult<Verification> {
    let key = key.map(chain_key).transpose()?;
    detached(py, || {
        let public_key = public_key.map(str::parse::<PublicKey>).transpose()?;
        let expected = Expected {
            key: key.as_ref().map(|key| key.as_slice()),
            public_key: public_key.as_ref(),
            checkpoints: &checkpoints,
        };
        audit::verify_against(path, &expected)
    })
    .map(Verification)
}

/// A signing key for a log of this name, and its public key, as text.
#[pyfunction]
pub(crate) fn audit_signing_key(py: Python<'_>, name: &str) -> PyResult<(String, String)> {
    detached(py, || {
        let key = SigningKey::generate(name)?;
        Ok((
            key.to_text()?.as_str().to_owned(),
            key.public_key().to_string(),
        ))
    })
}

/// The public key of a signing key.
#[pyfunction]
pub(crate) fn audit_public_key(py: Python<'_>, signing_key: &str) -> PyResult<String> {
    detached(py, || {
        Ok(SigningKey::from_text(signing_key)?.public_key().to_string())
    })
}

/// Begins a sealed log and returns its key.
#[pyfunction]
pub(crate) fn audit_seal(py: Python<'_>, path: PathBuf) -> PyResult<Key> {
    detached(py, || {
        let key = audit::seal(path)?;
        cloister_core::cipher::Key::from_bytes(&key)
    })
    .map(Key)
}

/// The line of a record, and what proves that it is in the log.
#[pyfunction]
pub(crate) fn audit_prove(
    py: Python<'_>,
    path: PathBuf,
    seq: u64,
    public_key: &str,
) -> PyResult<(String, String)> {
    detached(py, || {
        let proven = audit::prove(path, seq, &public_key.parse()?)?;
        Ok((proven.record, proven.proof))
    })
}

/// Records with what proves that they are in the log.
#[pyfunction]
#[pyo3(signature = (path, public_key, **members))]
pub(crate) fn audit_query_with_proofs(
    py: Python<'_>,
    path: PathBuf,
    public_key: &str,
    members: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<(String, String)>> {
    let query = query_of(members)?;
    detached(py, || {
        let found = audit::query_with_proofs(path, &query, &public_key.parse()?)?;
        Ok(found.into_iter().map(|it| (it.record, it.proof)).collect())
    })
}

/// Whether a proof of `audit_prove` holds.
#[pyfunction]
pub(crate) fn audit_check_proof(
    py: Python<'_>,
    record: &str,
    proof: &str,
    public_key: &str,
) -> PyResult<bool> {
    detached(py, || {
        Ok(audit::check_proof(record, proof, &public_key.parse()?))
    })
}

/// What proves that a log only grew since a checkpoint.
#[pyfunction]
pub(crate) fn audit_prove_consistency(
    py: Python<'_>,
    path: PathBuf,
    checkpoint: &str,
    public_key: &str,
) -> PyResult<String> {
    detached(py, || {
        let grown = audit::prove_consistency(path, checkpoint, &public_key.parse()?)?;
        Ok(grown.proof)
    })
}

/// Whether a proof of `audit_prove_consistency` holds.
#[pyfunction]
pub(crate) fn audit_check_consistency(
    py: Python<'_>,
    checkpoint: &str,
    proof: &str,
    public_key: &str,
) -> PyResult<bool> {
    detached(py, || {
        Ok(audit::check_consistency(
            checkpoint,
            proof,
            &public_key.parse()?,
        ))
    })
}

/// Records of a query in the form of another system, one line each.
#[pyfunction]
pub(crate) fn audit_export(
    py: Python<'_>,
    records: &Bound<'_, PyAny>,
    format: &str,
    host: &str,
) -> PyResult<String> {
    let records = json::list_of(records)?;
    detached(py, || audit::export_all(&records, format.parse()?, host))
}

/// Counts of the violations among records of a query.
#[pyfunction]
pub(crate) fn violation_summary<'py>(
    py: Python<'py>,
    records: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let records = json::list_of(records)?;
    let summary = detached(py, || Ok(audit::report::violation_summary(&records)))?;
    json::to_python(py, &summary)
}

/// What happened in a period, from the records of a query.
#[pyfunction]
#[pyo3(signature = (records, since = None, until = None))]
pub(crate) fn compliance_report<'py>(
    py: Python<'py>,
    records: &Bound<'py, PyAny>,
    since: Option<&Bound<'py, PyAny>>,
    until: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let records = json::list_of(records)?;
    let (since, until) = (
        since.map(instant).transpose()?,
        until.map(instant).transpose()?,
    );
    let report = detached(py, || {
        Ok(audit::report::compliance_report(
            &records,
            since.as_deref(),
            until.as_deref(),
        ))
    })?;
    json::to_python(py, &report)
}
