//! `cloister_restorer`: identifiers put back into a text that arrives in chunks.

use std::sync::Mutex;

use cloister_core::pii::RestoreState;

use crate::boundary::{borrow, call, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::exclusive::exclusively;
use crate::text::{cloister_buffer, cloister_str};
use crate::vault::cloister_vault;

/// A text that arrives in chunks, for a vault to put values back into it. One thread at a time: a call that finds it in
/// use returns CLOISTER_STATUS_BUSY.
pub struct cloister_restorer(Mutex<RestoreState>);

const _: () = shared::<cloister_restorer>();

/// Begins a text. `restorer` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_restorer_new(
    restorer: *mut *mut cloister_restorer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let state = Mutex::new(RestoreState::default());
            out(restorer, "restorer")?.give(cloister_restorer(state));
            Ok(())
        })
    }
}

/// Takes the next chunk, whole code points, and gives the part of the text that is certain, with the values of `vault`.
///
/// A placeholder may be cut anywhere: at most 256 bytes are held back. `restored` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_restorer_push(
    restorer: *mut cloister_restorer,
    vault: *mut cloister_vault,
    chunk: cloister_str,
    restored: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let restorer = borrow(restorer, "restorer")?;
            let vault = borrow(vault, "vault")?;
            let chunk = chunk.read("chunk")?;
            let restored = out(restored, "restored")?;
            let mut state = exclusively(&restorer.0, "restorer")?;
            let text = vault.with(|vault| Ok(state.push(vault, chunk)))?;
            restored.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Ends the text, and makes the restorer ready for another one.
///
/// `restored` receives the rest of it, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_restorer_finish(
    restorer: *mut cloister_restorer,
    vault: *mut cloister_vault,
    restored: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let restorer = borrow(restorer, "restorer")?;
            let vault = borrow(vault, "vault")?;
            let restored = out(restored, "restored")?;
            let mut state = exclusively(&restorer.0, "restorer")?;
            let text = vault.with(|vault| Ok(state.finish(vault)))?;
            restored.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Frees a restorer. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_restorer_free(restorer: *mut cloister_restorer) {
    // SAFETY: the calling contract.
    unsafe { release(restorer) }
}
