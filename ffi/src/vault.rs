//! `cloister_vault`: identifiers that are put back later.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use cloister_core::guard::{BoundVault, VaultUse};
use cloister_core::pii::{Vault, VaultOptions};

use crate::boundary::{Options, borrow, call, get, optional_out, options, out, release, shared};
use crate::cipher::cloister_cipher;
use crate::error::{Result, cloister_error, cloister_status};
use crate::findings::cloister_findings;
use crate::scrubber::cloister_scrubber;
use crate::session::cloister_session;
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// Bounds of a vault. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_vault_options {
    /// Set by CLOISTER_VAULT_OPTIONS_INIT.
    pub struct_size: usize,
    /// How long values are remembered, in seconds, from when the vault was made. Default: as long as it exists.
    pub ttl_seconds: u64,
    /// The most values. Default 1048576.
    pub capacity: u64,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers.
unsafe impl Options for cloister_vault_options {}

/// Remembers which placeholder stands for which value; the same value gets the same placeholder. Wiped when freed, and
/// by the first call after it has expired. One thread at a time: a call that finds the vault in use returns
/// CLOISTER_STATUS_BUSY.
///
/// A vault that has expired restores nothing, so that placeholders stay as they are, and remembers nothing more:
/// CLOISTER_STATUS_CLOSED.
///
/// Whoever has a vault may use it, until cloister_vault_bind.
pub struct cloister_vault {
    vault: BoundVault,
    count: AtomicUsize,
    expires_at: AtomicU64,
}

const _: () = shared::<cloister_vault>();

impl cloister_vault {
    fn of(vault: Vault) -> Self {
        Self {
            count: AtomicUsize::new(vault.len()),
            expires_at: AtomicU64::new(end_of(&vault)),
            vault: BoundVault::new(vault),
        }
    }

    /// Uses the vault alone, wiped if it has expired, to put values in or back.
    pub(crate) fn with<T>(&self, body: impl FnOnce(&mut Vault) -> Result<T>) -> Result<T> {
        self.with_for(VaultUse::Read, body)
    }

    fn with_for<T>(
        &self,
        wanted: VaultUse,
        body: impl FnOnce(&mut Vault) -> Result<T>,
    ) -> Result<T> {
        let mut vault = self.vault.try_lock(wanted)?;
        let result = body(&mut vault);
        self.count.store(vault.len(), Ordering::Relaxed);
        self.expires_at.store(end_of(&vault), Ordering::Relaxed);
        result
    }
}

/// In seconds since 1970; zero for a vault without an end.
fn end_of(vault: &Vault) -> u64 {
    let end = vault.expires_at();
    let end = end.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
    end.map_or(0, |end| end.as_secs())
}

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
            out(vault, "vault")?.give(cloister_vault::of(Vault::new()));
            Ok(())
        })
    }
}

/// Makes an empty vault with a time to live or another capacity.
///
/// `options` may be NULL for the defaults. `vault` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_new_with_options(
    options: *const cloister_vault_options,
    vault: *mut *mut cloister_vault,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = out(vault, "vault")?;
            let given = self::options(options, "options")?;
            let mut bounds = VaultOptions::default();
            if given.ttl_seconds > 0 {
                bounds.ttl = Some(Duration::from_secs(given.ttl_seconds));
            }
            if given.capacity > 0 {
                bounds.capacity = usize::try_from(given.capacity).unwrap_or(usize::MAX);
            }
            vault.give(cloister_vault::of(Vault::with_options(bounds)));
            Ok(())
        })
    }
}

/// Binds a vault to a session for good: each use asks the session's table for "read_phi", about its subject, and for
/// "write_phi" where the vault is exported or saved; the vault is wiped when the session ends.
///
/// Uses then also return CLOISTER_STATUS_DENIED, which is recorded, CLOISTER_STATUS_CLOSED once the session has ended, and
/// CLOISTER_STATUS_BUSY while it is in a chat. The session may be freed before the vault.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_bind(
    vault: *mut cloister_vault,
    session: *mut cloister_session,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let session = borrow(session, "session")?;
            session.with(|session| Ok(vault.vault.bind(session)?))
        })
    }
}

/// Replaces the identifiers of `text` by what the vault can put back: placeholders such as "[SSN_1]", or what the policy
/// of the scrubber says.
///
/// `scrubber` finds them; its style does not matter here. `scrubbed` receives the text, owned by the caller. `findings`,
/// which may be NULL, receives what was found in the original, owned by the caller. CLOISTER_STATUS_TOO_LARGE if the
/// vault is full.
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
        cloister_vault_scrub_of(
            vault,
            scrubber,
            cloister_str::EMPTY,
            text,
            scrubbed,
            findings,
            error,
        )
    }
}

/// Replaces the identifiers of a text about `subject`, the id of a patient for example.
///
/// As cloister_vault_scrub; a policy that moves dates moves all those of one subject alike.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_scrub_of(
    vault: *mut cloister_vault,
    scrubber: *const cloister_scrubber,
    subject: cloister_str,
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
            let subject = subject.read("subject")?;
            let text = text.read("text")?;
            let scrubbed = out(scrubbed, "scrubbed")?;
            let result =
                vault.with(|vault| Ok(scrubber.0.pseudonymize_of(subject, text, vault)?))?;
            if let Some(findings) = optional_out(findings) {
                findings.give(cloister_findings::of(text, result.findings));
            }
            scrubbed.write(cloister_buffer::from_text(result.text));
            Ok(())
        })
    }
}

/// Puts every value back into a text that holds placeholders or surrogates of this vault, as a model may have changed
/// them: another case, other brackets or none, markdown, a genitive.
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
            let result = vault.with(|vault| Ok(vault.restore(text)))?;
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

/// When a vault expires, in seconds since 1970 (UTC). Zero if it does not, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_expires_at(vault: *const cloister_vault) -> u64 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { vault.as_ref() }.map(|vault| vault.expires_at.load(Ordering::Relaxed))
    })
}

/// Gives the vault in an encrypted envelope, from which cloister_vault_import goes on.
///
/// `context` may be empty; the import needs the same one again, for example the id of the conversation. `envelope`
/// receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_export(
    vault: *mut cloister_vault,
    cipher: *const cloister_cipher,
    context: cloister_bytes,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let cipher = borrow(cipher, "cipher")?;
            let context = context.read("context")?;
            let envelope = out(envelope, "envelope")?;
            let sealed = vault.with_for(VaultUse::Store, |vault| {
                Ok(vault.export(&cipher.0, context)?)
            })?;
            envelope.write(cloister_buffer::from_bytes(sealed));
            Ok(())
        })
    }
}

/// Makes the vault of an envelope, which goes on with the same placeholders and expires when the first one would have.
///
/// CLOISTER_STATUS_DECRYPT for another key or context and for an envelope that was altered; CLOISTER_STATUS_CLOSED if the
/// vault has expired. `vault` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_import(
    cipher: *const cloister_cipher,
    envelope: cloister_bytes,
    context: cloister_bytes,
    vault: *mut *mut cloister_vault,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let envelope = envelope.read("envelope")?;
            let context = context.read("context")?;
            let place = out(vault, "vault")?;
            let opened = Vault::import(&cipher.0, envelope, context)?;
            place.give(cloister_vault::of(opened));
            Ok(())
        })
    }
}

/// Writes the vault to the file at `path`, encrypted, in one step, for its owner alone.
///
/// `context` as for cloister_vault_export. CLOISTER_STATUS_BUSY, and nothing is written, if another process has saved to
/// the file since this vault was opened or saved.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_save(
    vault: *mut cloister_vault,
    path: cloister_str,
    cipher: *const cloister_cipher,
    context: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let path = Path::new(path.read("path")?);
            let cipher = borrow(cipher, "cipher")?;
            let context = context.read("context")?;
            vault.with_for(VaultUse::Store, |vault| {
                Ok(vault.save(path, &cipher.0, context)?)
            })
        })
    }
}

/// Opens the file at `path` that cloister_vault_save wrote, and goes on with the same placeholders.
///
/// Fails as cloister_vault_import does. `vault` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_open(
    path: cloister_str,
    cipher: *const cloister_cipher,
    context: cloister_bytes,
    vault: *mut *mut cloister_vault,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = Path::new(path.read("path")?);
            let cipher = borrow(cipher, "cipher")?;
            let context = context.read("context")?;
            let place = out(vault, "vault")?;
            let opened = Vault::open(path, &cipher.0, context)?;
            place.give(cloister_vault::of(opened));
            Ok(())
        })
    }
}

/// Forgets and wipes every value. A time to live begins anew.
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
            vault.with_for(VaultUse::Count, |vault| {
                vault.clear();
                Ok(())
            })
        })
    }
}

/// Wipes and frees a vault. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_free(vault: *mut cloister_vault) {
    // SAFETY: the calling contract.
    unsafe { release(vault) }
}
