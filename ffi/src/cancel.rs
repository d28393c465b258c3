//! `cloister_cancel`: stops an operation from elsewhere.

use cloister_core::engine::Cancel;

use crate::boundary::{call, get, out, release, shared};
use crate::error::{cloister_error, cloister_status};

/// A flag that stops the operations it was given to. Any number of threads may use one flag at once: this is the object
/// that is meant to be used from elsewhere.
pub struct cloister_cancel(Cancel);

const _: () = shared::<cloister_cancel>();

impl cloister_cancel {
    pub(crate) fn new(cancel: Cancel) -> Self {
        Self(cancel)
    }
}

/// The flag behind `pointer`, or one that nobody sets.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn cancel_or_never(pointer: *const cloister_cancel) -> Cancel {
    // SAFETY: the caller's.
    unsafe { pointer.as_ref() }.map_or_else(Cancel::new, |cancel| cancel.0.clone())
}

/// Makes a flag that is not set. `cancel` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cancel_new(
    cancel: *mut *mut cloister_cancel,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            out(cancel, "cancel")?.give(cloister_cancel(Cancel::new()));
            Ok(())
        })
    }
}

/// Sets the flag, for good: every operation that has it returns CLOISTER_STATUS_CANCELLED soon. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cancel_set(cancel: *const cloister_cancel) {
    get((), || {
        // SAFETY: the calling contract.
        unsafe { cancel.as_ref() }.map(|cancel| cancel.0.cancel())
    });
}

/// Whether the flag is set. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cancel_is_set(cancel: *const cloister_cancel) -> bool {
    get(false, || {
        // SAFETY: the calling contract.
        unsafe { cancel.as_ref() }.map(|cancel| cancel.0.is_cancelled())
    })
}

/// Frees a flag. Operations that have it go on and can no longer be stopped by it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cancel_free(cancel: *mut cloister_cancel) {
    // SAFETY: the calling contract.
    unsafe { release(cancel) }
}
