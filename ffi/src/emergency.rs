//! Emergency access of a session, and its review.

use std::time::Duration;

use serde_json::Value;

use crate::boundary::{borrow, call, flag, out};
use crate::error::{cloister_error, cloister_status};
use crate::scanner::texts;
use crate::session::cloister_session;
use crate::text::{cloister_buffer, cloister_str};

/// Begins an emergency access (45 CFR 164.312(a)(2)(ii)): until it ends, the session may also do what the `count`
/// `permissions` name; none means "read_phi".
///
/// `reason` has 1 to 500 characters in one line; identifiers in it are redacted in the record, which is on the disk before
/// anything is allowed. It ends after `limit_ms` milliseconds (zero: 30 minutes; at most 24 hours), with the session, or with
/// cloister_session_end_emergency. The session needs a table, in which its role has "break_glass", and a log. `id` receives
/// its id for the review, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_break_glass(
    session: *mut cloister_session,
    reason: cloister_str,
    permissions: *const cloister_str,
    count: usize,
    limit_ms: u64,
    id: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let reason = reason.read("reason")?;
            let permissions = texts(permissions, count, "permissions")?;
            let limit = (limit_ms > 0).then(|| Duration::from_millis(limit_ms));
            let place = out(id, "id")?;
            let id = session.with(|it| Ok(it.break_glass(reason, &permissions, limit)?))?;
            place.write(cloister_buffer::from_text(id));
            Ok(())
        })
    }
}

/// Ends an emergency access before its time; nothing if none is under way.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_end_emergency(
    session: *mut cloister_session,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            borrow(session, "session")?.with(|session| {
                session.end_emergency()?;
                Ok(())
            })
        })
    }
}

/// The emergency accesses in the session's log that nobody has judged yet. The session's role needs "review_break_glass".
///
/// `records` receives a JSON array of their records, oldest first, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_emergencies_to_review(
    session: *mut cloister_session,
    records: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let place = out(records, "records")?;
            let found = session.with(|session| Ok(session.emergencies_to_review()?))?;
            place.write(cloister_buffer::from_text(Value::Array(found).to_string()));
            Ok(())
        })
    }
}

/// Judges an emergency access of somebody else, once. `justified` is 1 or 0; `note` may be empty.
///
/// CLOISTER_STATUS_DENIED for one's own; CLOISTER_STATUS_NOT_FOUND if none of this id waits for its review.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_review_emergency(
    session: *mut cloister_session,
    id: cloister_str,
    justified: u32,
    note: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let (id, note) = (id.read("id")?, note.read("note")?);
            let justified = flag(justified, "justified")?;
            session.with(|session| {
                session.review_emergency(id, justified, note)?;
                Ok(())
            })
        })
    }
}
