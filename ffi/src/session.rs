//! `cloister_session`: one user's conversation.

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloister_core::access::Identity;
use cloister_core::guard::Session;

use crate::backend::cloister_drop_fn;
use crate::boundary::{borrow, call, get, out, release, shared};
use crate::error::{Result, cloister_error, cloister_status};
use crate::exclusive::exclusively;
use crate::session_options::Shared;
use crate::text::{cloister_buffer, cloister_str};

/// A conversation of one user: identity, history, and the identifiers to put back. Wiped when freed, when nobody has used
/// it for 15 minutes, and 12 hours after it began, unless cloister_session_options say otherwise: a thread of the library
/// sees to that. What uses a session that has ended returns CLOISTER_STATUS_CLOSED. One thread at a time, and not from a callback of its own chat: a call that finds the session in use returns CLOISTER_STATUS_BUSY.
pub struct cloister_session {
    session: Mutex<Session>,
    id: String,
    identity: Identity,
    turns: AtomicUsize,
}

const _: () = shared::<cloister_session>();

impl cloister_session {
    pub(crate) fn of(session: Session) -> Self {
        Self {
            id: session.id().to_owned(),
            identity: session.identity().clone(),
            turns: AtomicUsize::new(session.turns()),
            session: Mutex::new(session),
        }
    }

    /// Uses the session alone and then counts its turns anew.
    pub(crate) fn with<T>(&self, body: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let mut session = exclusively(&self.session, "session")?;
        let result = body(&mut session);
        self.turns.store(session.turns(), Ordering::Relaxed);
        result
    }
}

/// Begins a conversation.
///
/// `user` names a person and `role` what they act as; both go into the audit records, and a guard with an access table
/// asks it for the role. `session` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_new(
    user: cloister_str,
    role: cloister_str,
    session: *mut *mut cloister_session,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let identity = Identity {
                user: user.read("user")?.to_owned(),
                role: role.read("role")?.to_owned(),
            };
            let place = out(session, "session")?;
            place.give(cloister_session::of(Session::new(identity)?));
            Ok(())
        })
    }
}

/// The id of a session in the audit records, borrowed until it is freed: "ses_" and 16 hexadecimal digits. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_id(session: *const cloister_session) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { session.as_ref() }.map(|session| cloister_str::borrowed(&session.id))
    })
}

/// The user of a session, borrowed until it is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_user(session: *const cloister_session) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { session.as_ref() }.map(|session| cloister_str::borrowed(&session.identity.user))
    })
}

/// The role of a session, borrowed until it is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_role(session: *const cloister_session) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { session.as_ref() }.map(|session| cloister_str::borrowed(&session.identity.role))
    })
}

/// The turns of a session so far; a question with its answer is one. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_turns(session: *const cloister_session) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { session.as_ref() }.map(|session| session.turns.load(Ordering::Relaxed))
    })
}

/// Says whom a conversation is about, the id of a patient for example.
///
/// A policy that moves dates moves all those of one subject alike. `subject` is copied and not sent to the model. Where there
/// is a table, "read_phi" is from now on asked for within the scope that is this id, "read_phi@patient:17", and before that
/// for everywhere; the id then stands in the records, under its pseudonym where the log has keys of persons.
/// CLOISTER_STATUS_DENIED where the session holds a conversation about whom "read_phi" is missing.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_set_subject(
    session: *mut cloister_session,
    subject: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let subject = subject.read("subject")?;
            session.with(|session| {
                session.set_subject(subject)?;
                Ok(())
            })
        })
    }
}

/// Replaces the system prompt of the guard in this conversation.
///
/// `text` takes the same road as the user's: it is scanned and scrubbed before the model sees it. It is copied.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_set_system_prompt(
    session: *mut cloister_session,
    text: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let text = text.read("text")?;
            session.with(|session| {
                session.set_system_prompt(text)?;
                Ok(())
            })
        })
    }
}

/// Puts identifiers back into a text that holds placeholders of this session, for example a raw answer kept elsewhere.
/// Where the session has a table, its role needs "read_phi".
///
/// `restored` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_restore(
    session: *mut cloister_session,
    text: cloister_str,
    restored: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let text = text.read("text")?;
            let restored = out(restored, "restored")?;
            let result = session.with(|session| Ok(session.restore(text)?))?;
            restored.write(cloister_buffer::from_text(result));
            Ok(())
        })
    }
}

/// Whether a session has ended. True for NULL. CLOISTER_STATUS_BUSY has no place here: a session in use has not ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_has_ended(session: *const cloister_session) -> bool {
    get(true, || {
        // SAFETY: the calling contract.
        let session = unsafe { session.as_ref() }?;
        Some(session.session.try_lock().is_ok_and(|it| it.has_ended()))
    })
}

/// Ends a session: everything in it is wiped, and it can only be freed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_end(
    session: *mut cloister_session,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            borrow(session, "session")?.with(|session| {
                session.end();
                Ok(())
            })
        })
    }
}

/// Has `hook` called once when the session ends, by whatever cause, on any thread; it must not use the session. A session
/// that is freed ends. `user_data` is the hook's, to free it there.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_on_end(
    session: *mut cloister_session,
    hook: cloister_drop_fn,
    user_data: *mut c_void,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let hook = hook.ok_or_else(|| cloister_error::null("hook"))?;
            let user_data = Shared(user_data);
            session.with(|session| {
                // SAFETY: the caller's function with the caller's data, once.
                session.on_end(move || hook(user_data.get()))?;
                Ok(())
            })
        })
    }
}

/// Succeeds if the session's role has `permission`, "read_phi@clinic/ward-7" for example, or an emergency access covers it;
/// otherwise CLOISTER_STATUS_DENIED, which is recorded. Without a table everything is allowed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_require(
    session: *mut cloister_session,
    permission: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let session = borrow(session, "session")?;
            let permission = permission.read("permission")?;
            session.with(|session| Ok(session.require(permission)?))
        })
    }
}

/// Forgets and wipes the history and the identifiers of a session. User, role, id and system prompt stay.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_clear(
    session: *mut cloister_session,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            borrow(session, "session")?.with(|session| {
                session.clear();
                Ok(())
            })
        })
    }
}

/// Wipes and frees a session. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_free(session: *mut cloister_session) {
    // SAFETY: the calling contract.
    unsafe { release(session) }
}
