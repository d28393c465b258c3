//! `cloister_store`: conversations that are saved because somebody said so.

use std::sync::Arc;

use cloister_core::guard::{ConversationStore, SaveOptions};
use serde_json::Value;

use crate::access::cloister_access;
use crate::audit::cloister_audit;
use crate::boundary::{borrow, call, optional_out, out, release, shared};
use crate::classification::classification;
use crate::error::{cloister_error, cloister_status};
use crate::session::cloister_session;
use crate::subjects::cloister_subjects;
use crate::text::{cloister_buffer, cloister_str};

/// Saved conversations in a directory, each encrypted with the key of the person that it is about. Any number of threads, and
/// several processes, may use one directory at once.
pub struct cloister_store(ConversationStore);

const _: () = shared::<cloister_store>();

/// Opens the directory of a store, or makes it, mode 0700; its parent must exist.
///
/// `subjects` has the keys and is shared with the store. `audit`, which is shared too and may be NULL, records every use: none
/// takes place that cannot be recorded. `store` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_new(
    directory: cloister_str,
    subjects: *const cloister_subjects,
    audit: *const cloister_audit,
    store: *mut *mut cloister_store,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        cloister_store_new_with_access(directory, subjects, audit, std::ptr::null(), store, error)
    }
}

/// As cloister_store_new, with a table that is asked whatever session comes, beside the table of the session.
///
/// `access` is shared with the store; NULL for none. What is asked for is asked about the person whose conversations they are:
/// "read_phi@patient:17" where the subject is "patient:17".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_new_with_access(
    directory: cloister_str,
    subjects: *const cloister_subjects,
    audit: *const cloister_audit,
    access: *const cloister_access,
    store: *mut *mut cloister_store,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let directory = directory.read("directory")?;
            let subjects = borrow(subjects, "subjects")?;
            let place = out(store, "store")?;
            let log = audit.as_ref().map(|log| Arc::clone(&log.0));
            let mut opened = ConversationStore::open(directory, Arc::clone(&subjects.0), log)?;
            if let Some(table) = access.as_ref() {
                opened = opened.with_access(Arc::clone(&table.0));
            }
            place.give(cloister_store(opened));
            Ok(())
        })
    }
}

/// Saves the conversation of a session under the key of its subject, or of its user where it has none.
///
/// `classification` is a cloister_classification, or 0 for the default: it says how long the conversation is kept, 365 days
/// (public), 180 (internal) or 90 (sensitive). `title` may be empty. A session that was saved or loaded before keeps its id.
/// `id` receives it, owned by the caller. The session's role needs "write_phi" if there is a table.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_save(
    store: *const cloister_store,
    session: *mut cloister_session,
    classification: u32,
    title: cloister_str,
    id: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (store, session) = (borrow(store, "store")?, borrow(session, "session")?);
            let options = SaveOptions {
                classification: self::classification(classification)?.unwrap_or_default(),
                title: title.read("title")?.to_owned(),
            };
            let place = out(id, "id")?;
            let id = session.with(|session| Ok(store.0.save(session, &options)?))?;
            place.write(cloister_buffer::from_text(id));
            Ok(())
        })
    }
}

/// Goes on with a saved conversation of `subject` in `session`, whose own so far is wiped. The session's role needs "read_phi".
///
/// CLOISTER_STATUS_NOT_FOUND if there is none of this id, or if it has expired or was erased.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_load(
    store: *const cloister_store,
    session: *mut cloister_session,
    subject: cloister_str,
    id: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (store, session) = (borrow(store, "store")?, borrow(session, "session")?);
            let (subject, id) = (subject.read("subject")?, id.read("id")?);
            session.with(|session| Ok(store.0.load(session, subject, id)?))
        })
    }
}

/// Lists the conversations of `subject` that have not expired. The session's role needs "read_phi".
///
/// `conversations` receives a JSON array, owned by the caller: id, title, user, role, classification, turns, and begun, saved
/// and expires in seconds since 1970.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_list(
    store: *const cloister_store,
    session: *mut cloister_session,
    subject: cloister_str,
    conversations: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (store, session) = (borrow(store, "store")?, borrow(session, "session")?);
            let subject = subject.read("subject")?;
            let place = out(conversations, "conversations")?;
            let found = session.with(|session| Ok(store.0.list(session, subject)?))?;
            let found: Vec<Value> = found.into_iter().map(Value::from).collect();
            place.write(cloister_buffer::from_text(Value::Array(found).to_string()));
            Ok(())
        })
    }
}

/// Erases a conversation of `subject`. The session's role needs "erase_phi"; CLOISTER_STATUS_DENIED during a legal hold.
///
/// `erasure`, which may be NULL, receives a JSON object, owned by the caller: event_id of the record, conversations, sha256 of
/// each, and key_destroyed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_delete(
    store: *const cloister_store,
    session: *mut cloister_session,
    subject: cloister_str,
    id: cloister_str,
    erasure: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (store, session) = (borrow(store, "store")?, borrow(session, "session")?);
            let (subject, id) = (subject.read("subject")?, id.read("id")?);
            let place = optional_out(erasure);
            let done = session.with(|session| Ok(store.0.delete(session, subject, id)?))?;
            if let Some(place) = place {
                place.write(cloister_buffer::from_text(Value::from(done).to_string()));
            }
            Ok(())
        })
    }
}

/// Erases a person: the key of `subject` is destroyed, and all conversations with it. As cloister_store_delete.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_erase_subject(
    store: *const cloister_store,
    session: *mut cloister_session,
    subject: cloister_str,
    erasure: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (store, session) = (borrow(store, "store")?, borrow(session, "session")?);
            let subject = subject.read("subject")?;
            let place = optional_out(erasure);
            let done = session.with(|session| Ok(store.0.erase_subject(session, subject)?))?;
            if let Some(place) = place {
                place.write(cloister_buffer::from_text(Value::from(done).to_string()));
            }
            Ok(())
        })
    }
}

/// Erases every conversation that is past its retention. Call it once a day. CLOISTER_STATUS_DENIED during a legal hold.
///
/// `count`, which may be NULL, receives how many.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_expire(
    store: *const cloister_store,
    count: *mut usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let store = borrow(store, "store")?;
            let place = optional_out(count);
            let erased = store.0.expire()?;
            if let Some(place) = place {
                place.write(erased);
            }
            Ok(())
        })
    }
}

/// Frees a store; what is saved stays. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_store_free(store: *mut cloister_store) {
    // SAFETY: the calling contract.
    unsafe { release(store) }
}
