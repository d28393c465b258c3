//! `cloister_session_options`: who decides over a session, and how long it lasts.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cloister_core::access::Identity;
use cloister_core::guard::{Occasion, Reauthenticate, Session, SessionOptions};

use crate::access::cloister_access;
use crate::audit::cloister_audit;
use crate::backend::cloister_drop_fn;
use crate::boundary::{Options, call, options, out};
use crate::chat::chosen;
use crate::error::{Result, cloister_error, cloister_status};
use crate::session::cloister_session;
use crate::text::cloister_str;

/// The user is asked again because `reauthenticate_ms` have passed.
pub const CLOISTER_OCCASION_TIME_PASSED: u32 = 0;
/// The user is asked again because emergency access is about to begin.
pub const CLOISTER_OCCASION_BREAK_GLASS: u32 = 1;

/// Asks a user for a password, a card or a finger, and returns whether it was that user's. `occasion` is one of
/// CLOISTER_OCCASION_... It runs on the thread that uses the session, must not use the session, and is kept until `drop` was
/// called.
pub type cloister_reauthenticate_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        user: cloister_str,
        role: cloister_str,
        occasion: u32,
    ) -> bool,
>;

/// Who decides over a session, where it is recorded, and how long it lasts. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_session_options {
    /// Set by CLOISTER_SESSION_OPTIONS_INIT.
    pub struct_size: usize,
    /// The table that is asked, shared with the session. NULL: that of the first guard with a table which it is used with.
    pub access: *const cloister_access,
    /// Where beginning, end, refusals and emergency access are recorded, shared with the session; may be NULL.
    pub audit: *const cloister_audit,
    /// The session ends when nobody has used it for this many milliseconds. Default 15 minutes; CLOISTER_ZERO: never.
    pub idle_ms: i64,
    /// The session ends this many milliseconds after it began. Default 12 hours; CLOISTER_ZERO: never.
    pub absolute_ms: i64,
    /// The user is asked again who is there when this many milliseconds have passed since the last time. Default: never.
    pub reauthenticate_ms: i64,
    /// Asks. Whoever fails gets CLOISTER_STATUS_DENIED, and is asked again at the next use.
    pub reauthenticate: cloister_reauthenticate_fn,
    /// Frees `user_data`; may be NULL.
    pub drop: cloister_drop_fn,
    /// Handed to both functions. Consumed on success, and the caller's on failure.
    pub user_data: *mut c_void,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers, pointers and optional functions.
unsafe impl Options for cloister_session_options {}

/// A pointer of the caller's, who promised that any thread may use it.
#[derive(Clone, Copy)]
pub(crate) struct Shared(pub(crate) *mut c_void);

// SAFETY: the documentation of every callback that is kept asks for data that any thread may use.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub(crate) fn get(self) -> *mut c_void {
        self.0
    }
}

/// The caller's data, freed with the session.
struct Asker {
    ask: unsafe extern "C" fn(*mut c_void, cloister_str, cloister_str, u32) -> bool,
    drop: cloister_drop_fn,
    user_data: Shared,
    /// Before the session has begun they are the caller's.
    owns_user_data: AtomicBool,
}

impl Asker {
    fn ask(&self, identity: &Identity, occasion: Occasion) -> bool {
        let occasion = match occasion {
            Occasion::TimePassed => CLOISTER_OCCASION_TIME_PASSED,
            Occasion::BreakGlass => CLOISTER_OCCASION_BREAK_GLASS,
        };
        let user = cloister_str::borrowed(&identity.user);
        let role = cloister_str::borrowed(&identity.role);
        // SAFETY: the caller's function with the caller's data, which lives until `drop`.
        unsafe { (self.ask)(self.user_data.get(), user, role, occasion) }
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if let Some(drop) = self.drop
            && *self.owns_user_data.get_mut()
        {
            // SAFETY: the caller's function with the caller's data, once, after the last use.
            unsafe { drop(self.user_data.get()) };
        }
    }
}

/// Begins a conversation with a table, a log and limits of its own.
///
/// `user` and `role` as of cloister_session_new. `options` may be NULL for the defaults. `session` receives an object owned
/// by the caller. CLOISTER_STATUS_DENIED if the table does not let the user act in that role.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_session_new_with_options(
    user: cloister_str,
    role: cloister_str,
    options: *const cloister_session_options,
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
            let given = self::options(options, "options")?;
            let mut session_options = session_options(given)?;
            let asker = given.reauthenticate.map(|ask| {
                Arc::new(Asker {
                    ask,
                    drop: given.drop,
                    user_data: Shared(given.user_data),
                    owns_user_data: AtomicBool::new(false),
                })
            });
            session_options.reauthenticate = asker.clone().map(|asker| -> Reauthenticate {
                Arc::new(move |identity, occasion| asker.ask(identity, occasion))
            });
            let session = Session::open(identity, session_options)?;
            if let Some(asker) = asker {
                asker.owns_user_data.store(true, Ordering::Release);
            }
            place.give(cloister_session::of(session));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
unsafe fn session_options(given: cloister_session_options) -> Result<SessionOptions> {
    let default = SessionOptions::default();
    let limit = |given: i64, default: Option<Duration>, name: &str| {
        let default = default.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        let millis = chosen(given, default, name)?;
        Ok::<_, cloister_error>((millis > 0).then(|| Duration::from_millis(millis)))
    };
    // SAFETY: the caller's.
    let (access, audit) = unsafe { (given.access.as_ref(), given.audit.as_ref()) };
    Ok(SessionOptions {
        access: access.map(|table| Arc::clone(&table.0)),
        audit: audit.map(|log| Arc::clone(&log.0)),
        idle: limit(given.idle_ms, default.idle, "idle_ms")?,
        absolute: limit(given.absolute_ms, default.absolute, "absolute_ms")?,
        reauthenticate_after: limit(given.reauthenticate_ms, None, "reauthenticate_ms")?,
        reauthenticate: None,
    })
}
