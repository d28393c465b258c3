//! `cloister_audit`: the record of who did what.

use std::sync::Arc;
use std::time::Duration;

use cloister_core::Sensitive;
use cloister_core::audit::{
    self, AuditLog, AuditOptions, Durability, Event, OnFailure, Query, SigningKey,
};
use serde_json::{Map, Value};

use crate::access::cloister_access;
use crate::boundary::{
    Options, borrow, call, flag, optional_out, options, out, release, required, reserved, shared,
};
use crate::chat::chosen;
use crate::classification::classification;
use crate::error::{Result, cloister_error, cloister_status};
use crate::subjects::cloister_subjects;
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};
use crate::verification::cloister_verification;

/// Where `interval_ms` is zero.
const DEFAULT_INTERVAL_MS: u64 = 100;

/// In `durability`: a record counts once it is on the disk; who writes at the same time shares one write. The default.
pub const CLOISTER_DURABILITY_GROUP: u32 = 0;
/// In `durability`: a record counts once it is on the disk; every record waits alone.
pub const CLOISTER_DURABILITY_EACH: u32 = 1;
/// In `durability`: a record is on the disk `interval_ms` later; what was recorded since is lost if the process dies.
pub const CLOISTER_DURABILITY_INTERVAL: u32 = 2;
/// In `durability`: a record counts once the operating system has it; it survives a crash of the process.
pub const CLOISTER_DURABILITY_OS: u32 = 3;

/// In `on_failure`: cloister_audit_record fails, and so must the operation. The default.
pub const CLOISTER_ON_FAILURE_DENY: u32 = 0;
/// In `on_failure`: it waits, at most `on_failure_limit` milliseconds, and then fails.
pub const CLOISTER_ON_FAILURE_BLOCK: u32 = 1;
/// In `on_failure`: it keeps up to `on_failure_limit` records in memory, and fails when there are more.
pub const CLOISTER_ON_FAILURE_BUFFER: u32 = 2;

/// How a log is kept. Zero in a field means its default; CLOISTER_ZERO means the number zero.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_audit_options {
    /// Set by CLOISTER_AUDIT_OPTIONS_INIT.
    pub struct_size: usize,
    /// A record that would make the file larger begins a new one; CLOISTER_ZERO: never. Default 100 MiB.
    pub max_file_bytes: i64,
    /// Days that old files are kept; CLOISTER_ZERO: for ever. Default 2192, six years.
    pub retention_days: i32,
    /// CLOISTER_DURABILITY_...
    pub durability: u32,
    /// 32 bytes with which the records are chained, so that nobody without them can compute the chain anew. Copied.
    pub key: cloister_bytes,
    /// With CLOISTER_DURABILITY_INTERVAL: milliseconds, default 100.
    pub interval_ms: u32,
    /// CLOISTER_ON_FAILURE_...
    pub on_failure: u32,
    /// Milliseconds or records, as `on_failure` says.
    pub on_failure_limit: u64,
    /// Signs checkpoints, so that whoever has the public key can verify the log: a text from
    /// cloister_audit_signing_key_generate, or empty. Copied.
    pub signing_key: cloister_str,
    /// Who may use the log, shared with it. With a table, records are written, found, verified and signed through
    /// cloister_session_record, cloister_session_query_log and their siblings alone. NULL: whoever has the object.
    pub access: *const cloister_access,
    /// Records users, and persons in the members "subject_id" and "patient_id", under their pseudonyms; shared with the log.
    /// Queries of the log take ids all the same. NULL: as they are.
    pub subjects: *const cloister_subjects,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and pointers.
unsafe impl Options for cloister_audit_options {}

/// One thing that happened: kinds and counts, never values.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_audit_event {
    /// Set by CLOISTER_AUDIT_EVENT_INIT.
    pub struct_size: usize,
    /// For example "llm_request", "security_violation".
    pub event_type: cloister_str,
    /// Who.
    pub user_id: cloister_str,
    /// In which session.
    pub session_id: cloister_str,
    /// For example "view_patient_record".
    pub action: cloister_str,
    /// "success", "blocked", "failed", "denied" or "cancelled".
    pub status: cloister_str,
    /// One line, or empty.
    pub error: cloister_str,
    /// Further members of the record, as a JSON object; may be empty.
    pub data_json: cloister_str,
    /// A cloister_classification. Default CLOISTER_CLASSIFICATION_SENSITIVE.
    pub classification: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and pointers.
unsafe impl Options for cloister_audit_event {}

/// Which records a query returns. Empty text and zero mean any.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_audit_query_options {
    /// Set by CLOISTER_AUDIT_QUERY_OPTIONS_INIT.
    pub struct_size: usize,
    /// The member of that name.
    pub event_type: cloister_str,
    /// The member of that name.
    pub user_id: cloister_str,
    /// The member of that name.
    pub session_id: cloister_str,
    /// The member of that name.
    pub action: cloister_str,
    /// The member of that name.
    pub status: cloister_str,
    /// From then on: RFC 3339, a date alone, or date and time without a zone, which is UTC.
    pub since: cloister_str,
    /// Until then, likewise; a date alone means to the end of that day.
    pub until: cloister_str,
    /// Conditions on nested members as a JSON object, for example {"security__pii_scrubbed__gt": 3}; the endings are
    /// __gt __gte __lt __lte __ne.
    pub filters_json: cloister_str,
    /// At most this many records; zero for all.
    pub limit: usize,
    /// A cloister_classification.
    pub classification: u32,
    /// 1 for the newest records first.
    pub newest_first: u32,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and pointers.
unsafe impl Options for cloister_audit_query_options {}

/// An open audit log: JSON Lines that show when they were altered. Any number of threads, and several processes, may
/// write to one log at once. A guard shares the log, which may be freed before the guard.
pub struct cloister_audit(pub(crate) Arc<AuditLog>);

const _: () = shared::<cloister_audit>();

/// Opens or creates the log file at `path`, whose directory must exist.
///
/// `options` may be NULL for the defaults. `audit` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_new(
    path: cloister_str,
    options: *const cloister_audit_options,
    audit: *mut *mut cloister_audit,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let place = out(audit, "audit")?;
            let log = AuditLog::open(path, audit_options(options)?)?;
            place.give(cloister_audit(Arc::new(log)));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
unsafe fn audit_options(given: *const cloister_audit_options) -> Result<AuditOptions> {
    // SAFETY: the caller's.
    let given = unsafe { options(given, "options") }?;
    let default = AuditOptions::default();
    // SAFETY: the caller's.
    let key = unsafe { given.key.read("key") }?;
    // SAFETY: the caller's.
    let signing_key = unsafe { given.signing_key.read_optional("signing_key") }?;
    Ok(AuditOptions {
        max_file_bytes: chosen(
            given.max_file_bytes,
            default.max_file_bytes,
            "max_file_bytes",
        )?,
        retention_days: chosen(
            given.retention_days.into(),
            default.retention_days,
            "retention_days",
        )?,
        durability: match given.durability {
            CLOISTER_DURABILITY_GROUP => Durability::Group,
            CLOISTER_DURABILITY_EACH => Durability::Each,
            CLOISTER_DURABILITY_INTERVAL => {
                let interval = u64::from(given.interval_ms);
                Durability::Interval(Duration::from_millis(match interval {
                    0 => DEFAULT_INTERVAL_MS,
                    interval => interval,
                }))
            }
            CLOISTER_DURABILITY_OS => Durability::Os,
            _ => {
                return Err(cloister_error::invalid(
                    "`durability` is not one; hint: use one of `CLOISTER_DURABILITY_...`",
                ));
            }
        },
        on_failure: match given.on_failure {
            CLOISTER_ON_FAILURE_DENY => OnFailure::Deny,
            CLOISTER_ON_FAILURE_BLOCK => {
                OnFailure::Block(Duration::from_millis(given.on_failure_limit))
            }
            CLOISTER_ON_FAILURE_BUFFER => {
                OnFailure::Buffer(usize::try_from(given.on_failure_limit).unwrap_or(usize::MAX))
            }
            _ => {
                return Err(cloister_error::invalid(
                    "`on_failure` is not one; hint: use one of `CLOISTER_ON_FAILURE_...`",
                ));
            }
        },
        signing_key: signing_key.map(SigningKey::from_text).transpose()?,
        // SAFETY: the caller's.
        access: unsafe { given.access.as_ref() }.map(|table| Arc::clone(&table.0)),
        // SAFETY: the caller's.
        subjects: unsafe { given.subjects.as_ref() }.map(|keys| Arc::clone(&keys.0)),
        key: Some(key)
            .filter(|key| !key.is_empty())
            .map(|key| Sensitive::new(key.to_vec())),
    })
}

/// Writes one record. CLOISTER_STATUS_AUDIT if it could not be written; then the operation must not take place.
///
/// `event` is what happened. `event_id` receives the id of the record, "evt_" and 12 hexadecimal digits, owned by the
/// caller; it may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_record(
    audit: *const cloister_audit,
    event: *const cloister_audit_event,
    event_id: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let audit = borrow(audit, "audit")?;
            required(event.cast_mut(), "event")?;
            let event = read_event(options(event, "event")?)?;
            let place = optional_out(event_id);
            let id = audit.0.record(&event)?;
            if let Some(place) = place {
                place.write(cloister_buffer::from_text(id));
            }
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
pub(crate) unsafe fn read_event(given: cloister_audit_event) -> Result<Event> {
    reserved(given.reserved, "event")?;
    // SAFETY: the caller's.
    let text = |text: cloister_str, name: &str| unsafe { text.read(name) }.map(str::to_owned);
    Ok(Event {
        event_type: text(given.event_type, "event_type")?,
        user_id: text(given.user_id, "user_id")?,
        session_id: text(given.session_id, "session_id")?,
        action: text(given.action, "action")?,
        classification: classification(given.classification)?.unwrap_or_default(),
        status: text(given.status, "status")?,
        error: text(given.error, "error")?,
        data: object(&text(given.data_json, "data_json")?, "data_json")?,
    })
}

/// A JSON object; empty text is an empty one.
fn object(json: &str, name: &str) -> Result<Map<String, Value>> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    // The parser's own words may quote the text, its place does not.
    serde_json::from_str(json).map_err(|error| {
        cloister_error::invalid(format!(
            "`{name}` is not a JSON object at line {} column {}",
            error.line(),
            error.column()
        ))
    })
}

/// Returns the records of a log, old files included, that match.
///
/// `query` may be NULL for all. `records` receives a JSON array, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_query(
    audit: *const cloister_audit,
    query: *const cloister_audit_query_options,
    records: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let audit = borrow(audit, "audit")?;
            let query = read_query(query)?;
            let place = out(records, "records")?;
            let found = audit.0.query(&query)?;
            place.write(cloister_buffer::from_text(Value::Array(found).to_string()));
            Ok(())
        })
    }
}

/// As cloister_audit_query, for the log at `path`, without opening it for writing. Of a log that has a key or is signed it reads
/// everything: open such a log with its key to query it by its index.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_query_file(
    path: cloister_str,
    query: *const cloister_audit_query_options,
    records: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let query = read_query(query)?;
            let place = out(records, "records")?;
            let found = audit::query(path, &query)?;
            place.write(cloister_buffer::from_text(Value::Array(found).to_string()));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
pub(crate) unsafe fn read_query(given: *const cloister_audit_query_options) -> Result<Query> {
    // SAFETY: the caller's.
    let given = unsafe { options(given, "query") }?;
    let text = |text: cloister_str, name: &str| {
        // SAFETY: the caller's.
        unsafe { text.read_optional(name) }.map(|text| text.map(str::to_owned))
    };
    let filters = text(given.filters_json, "filters_json")?.unwrap_or_default();
    Ok(Query {
        event_type: text(given.event_type, "event_type")?,
        user_id: text(given.user_id, "user_id")?,
        session_id: text(given.session_id, "session_id")?,
        action: text(given.action, "action")?,
        status: text(given.status, "status")?,
        classification: classification(given.classification)?,
        since: text(given.since, "since")?,
        until: text(given.until, "until")?,
        filters: object(&filters, "filters_json")?.into_iter().collect(),
        limit: given.limit,
        newest_first: flag(given.newest_first, "newest_first")?,
    })
}

/// Writes records of a query in the form of another system, one line each.
///
/// `records_json` is what cloister_audit_query gave; `format` is "ocsf", "ecs", "cef", "syslog" or "fhir"; `host` is the
/// name of the machine. `lines` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_export(
    records_json: cloister_str,
    format: cloister_str,
    host: cloister_str,
    lines: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let records = records_json.read("records_json")?;
            let format = format.read("format")?.parse()?;
            let host = host.read("host")?;
            let place = out(lines, "lines")?;
            let records: Vec<Value> = serde_json::from_str(records)
                .map_err(|_| cloister_error::invalid("`records_json` is not a JSON array"))?;
            let text = audit::export_all(&records, format, host)?;
            place.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Checks a log and its old files for edits, deletions, insertions and reordering.
///
/// `verification` receives what was found, owned by the caller. Finding problems is success: ask
/// cloister_verification_is_intact.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_verify(
    audit: *const cloister_audit,
    verification: *mut *mut cloister_verification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let audit = borrow(audit, "audit")?;
            let place = out(verification, "verification")?;
            place.give(audit.0.verify()?.into());
            Ok(())
        })
    }
}

/// As cloister_audit_verify, for the log at `path`, without opening it for writing. `key` is the log's, or empty.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_verify_file(
    path: cloister_str,
    key: cloister_bytes,
    verification: *mut *mut cloister_verification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let key = Some(key.read("key")?).filter(|key| !key.is_empty());
            let place = out(verification, "verification")?;
            place.give(audit::verify(path, key)?.into());
            Ok(())
        })
    }
}

/// Brings everything that was recorded to the disk, whatever the durability.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_flush(
    audit: *const cloister_audit,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe { call(error, || Ok(borrow(audit, "audit")?.0.flush()?)) }
}

/// Places a legal hold (`held` is 1) or releases it (0): while it lasts, no file of the log is deleted. Both are recorded
/// with the reason.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_legal_hold(
    audit: *const cloister_audit,
    held: u32,
    reason: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let audit = borrow(audit, "audit")?;
            audit
                .0
                .legal_hold(flag(held, "held")?, reason.read("reason")?)?;
            Ok(())
        })
    }
}

/// Begins a sealed log at `path`: on the machine lies only the key of the current 1024 records.
///
/// `key` receives the key of the log, 32 bytes, owned by the caller: keep them where the machine cannot read them, for
/// cloister_audit_verify_file. cloister_audit_new then needs no key.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_seal(
    path: cloister_str,
    key: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let place = out(key, "key")?;
            place.write(cloister_buffer::from_bytes(audit::seal(path)?.into_inner()));
            Ok(())
        })
    }
}

/// Closes a log, which brings what is in memory to the disk and signs a checkpoint. A guard that shares it keeps it open. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_audit_free(audit: *mut cloister_audit) {
    // SAFETY: the calling contract.
    unsafe { release(audit) }
}
