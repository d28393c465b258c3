//! An audit log through a session, which is asked for its permissions.

use serde_json::Value;

use crate::audit::{
    cloister_audit, cloister_audit_event, cloister_audit_query_options, read_event, read_query,
};
use crate::boundary::{borrow, call, flag, optional_out, options, out, required};
use crate::error::{cloister_error, cloister_status};
use crate::session::cloister_session;
use crate::text::{cloister_buffer, cloister_str};
use crate::verification::cloister_verification;

/// Writes a record of the application's own, with the user and the id of the session. Its role needs "write_audit_logs".
///
/// As cloister_audit_record, which a log with a table refuses.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_record(
    session: *mut cloister_session,
    audit: *const cloister_audit,
    event: *const cloister_audit_event,
    event_id: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (session, audit) = (borrow(session, "session")?, borrow(audit, "audit")?);
            required(event.cast_mut(), "event")?;
            let event = read_event(options(event, "event")?)?;
            let place = optional_out(event_id);
            let id = session.with(|session| Ok(session.record(&audit.0, event)?))?;
            if let Some(place) = place {
                place.write(cloister_buffer::from_text(id));
            }
            Ok(())
        })
    }
}

/// As cloister_audit_query, which a log with a table refuses. The session's role needs "view_audit_logs"; where it has that for
/// the subject of the session alone, only the records about that subject are found. Who looked is itself recorded.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_query_log(
    session: *mut cloister_session,
    audit: *const cloister_audit,
    query: *const cloister_audit_query_options,
    records: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (session, audit) = (borrow(session, "session")?, borrow(audit, "audit")?);
            let query = read_query(query)?;
            let place = out(records, "records")?;
            let found = session.with(|session| Ok(session.query_log(&audit.0, &query)?))?;
            place.write(cloister_buffer::from_text(Value::Array(found).to_string()));
            Ok(())
        })
    }
}

/// As cloister_audit_verify, which a log with a table refuses. The session's role needs "view_audit_logs".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_verify_log(
    session: *mut cloister_session,
    audit: *const cloister_audit,
    verification: *mut *mut cloister_verification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (session, audit) = (borrow(session, "session")?, borrow(audit, "audit")?);
            let place = out(verification, "verification")?;
            let found = session.with(|session| Ok(session.verify_log(&audit.0)?))?;
            place.give(found.into());
            Ok(())
        })
    }
}

/// As cloister_audit_checkpoint, which a log with a table refuses. The session's role needs "manage_audit_logs".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_checkpoint_log(
    session: *mut cloister_session,
    audit: *const cloister_audit,
    note: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (session, audit) = (borrow(session, "session")?, borrow(audit, "audit")?);
            let place = out(note, "note")?;
            let note = session.with(|session| Ok(session.checkpoint_log(&audit.0)?))?;
            place.write(cloister_buffer::from_text(note));
            Ok(())
        })
    }
}

/// As cloister_audit_legal_hold, which a log with a table refuses. The session's role needs "manage_audit_logs".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_hold_log(
    session: *mut cloister_session,
    audit: *const cloister_audit,
    held: u32,
    reason: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (session, audit) = (borrow(session, "session")?, borrow(audit, "audit")?);
            let (held, reason) = (flag(held, "held")?, reason.read("reason")?);
            session.with(|session| {
                session.hold_log(&audit.0, held, reason)?;
                Ok(())
            })
        })
    }
}
