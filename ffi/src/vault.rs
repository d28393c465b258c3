//! `cloister_vault`: identifiers that are put back later.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloister_core::pii::Vault;

use crate::boundary::{borrow, call, get, optional_out, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::exclusive::exclusively;
use crate::findings::cloister_findings;
use crate::scrubber::cloister_scrubber;
use crate::text::{cloister_buffer, cloister_str};

/// Remembers which placeholder stands for which value; the same value gets the same placeholder. Wiped when freed. One
/// thread at a time: a call that finds the vault in use returns CLOISTER_STATUS_BUSY.
pub struct cloister_vault {
    vault: Mutex<Vault>,
    count: AtomicUsize,
}

const _: () = shared::<cloister_vault>();

/// Makes an empty vault. `vault` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_new(
    vault: *mut *mut cloister_vault,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            out(vault, "vault")?.give(cloister_vault {
                vault: Mutex::new(Vault::new()),
                count: AtomicUsize::new(0),
            });
            Ok(())
        })
    }
}

/// Replaces the identifiers of `text` by placeholders such as "[SSN_1]" that the vault can put back.
///
/// `scrubber` finds them; its style does not matter here. `scrubbed` receives the text, owned by the caller. `findings`,
/// which may be NULL, receives what was found in the original, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_scrub(
    vault: *mut cloister_vault,
    scrubber: *const cloister_scrubber,
    text: cloister_str,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let scrubber = borrow(scrubber, "scrubber")?;
            let text = text.read("text")?;
            let scrubbed = out(scrubbed, "scrubbed")?;
            let result = {
                let mut values = exclusively(&vault.vault, "vault")?;
                let result = scrubber.0.pseudonymize(text, &mut values);
                vault.count.store(values.len(), Ordering::Relaxed);
                result
            };
            if let Some(findings) = optional_out(findings) {
                findings.give(cloister_findings::of(text, result.findings));
            }
            scrubbed.write(cloister_buffer::from_text(result.text));
            Ok(())
        })
    }
}

/// Puts every value back into a text that holds placeholders of this vault.
///
/// `restored` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_restore(
    vault: *mut cloister_vault,
    text: cloister_str,
    restored: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let text = text.read("text")?;
            let restored = out(restored, "restored")?;
            let result = exclusively(&vault.vault, "vault")?.restore(text);
            restored.write(cloister_buffer::from_text(result));
            Ok(())
        })
    }
}

/// How many values a vault remembers. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_count(vault: *const cloister_vault) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { vault.as_ref() }.map(|vault| vault.count.load(Ordering::Relaxed))
    })
}

/// Forgets and wipes every value.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_clear(
    vault: *mut cloister_vault,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            exclusively(&vault.vault, "vault")?.clear();
            vault.count.store(0, Ordering::Relaxed);
            Ok(())
        })
    }
}

/// Wipes and frees a vault. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_free(vault: *mut cloister_vault) {
    // SAFETY: the calling contract.
    unsafe { release(vault) }
}
