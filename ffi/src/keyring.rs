//! `cloister_keyring`: several keys, of which one encrypts and all that are enabled decrypt.

use cloister_core::cipher::{Key, KeyState, Keyring, Label};
use serde_json::{Value, json};

use crate::boundary::{borrow, call, flag, optional_out, out, release, shared};
use crate::cipher::cloister_cipher;
use crate::classification::{classification, cloister_classification};
use crate::error::{cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// Keys of which one is primary. Wiped when freed. Any number of threads may use and change one ring at once.
pub struct cloister_keyring(Keyring);

const _: () = shared::<cloister_keyring>();

/// Makes a ring of one key of 32 bytes, which is the primary one.
///
/// The key is copied. `keyring` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_new(
    key: cloister_bytes,
    keyring: *mut *mut cloister_keyring,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (key, place) = (key.read("key")?, out(keyring, "keyring")?);
            let key = Key::from_bytes(key)?;
            place.give(cloister_keyring(Keyring::new(key)));
            Ok(())
        })
    }
}

/// Reads a ring that cloister_keyring_export wrote.
///
/// `wrapping` holds the key that it was written with. `keyring` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_import(
    wrapping: *const cloister_cipher,
    envelope: cloister_bytes,
    keyring: *mut *mut cloister_keyring,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let wrapping = borrow(wrapping, "wrapping")?;
            let ring = Keyring::import(&wrapping.0, envelope.read("envelope")?)?;
            out(keyring, "keyring")?.give(cloister_keyring(ring));
            Ok(())
        })
    }
}

/// Writes a ring into an envelope of another key, to be stored.
///
/// `envelope` receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_export(
    keyring: *const cloister_keyring,
    wrapping: *const cloister_cipher,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let (keyring, wrapping) = (borrow(keyring, "keyring")?, borrow(wrapping, "wrapping")?);
            let place = out(envelope, "envelope")?;
            place.write(cloister_buffer::from_bytes(keyring.0.export(&wrapping.0)?));
            Ok(())
        })
    }
}

/// Makes `key`, 32 bytes, the primary one; those so far go on decrypting.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_rotate(
    keyring: *const cloister_keyring,
    key: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            keyring.0.rotate(Key::from_bytes(key.read("key")?)?)?;
            Ok(())
        })
    }
}

/// Adds a key of 32 bytes that decrypts.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_add(
    keyring: *const cloister_keyring,
    key: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            keyring.0.add(Key::from_bytes(key.read("key")?)?)?;
            Ok(())
        })
    }
}

/// Enables (1) or disables (0) the key `id`, 16 hexadecimal digits. Not the primary one, and none that was destroyed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_set_enabled(
    keyring: *const cloister_keyring,
    id: cloister_str,
    enabled: u32,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            keyring
                .0
                .set_enabled(id.read("id")?, flag(enabled, "enabled")?)?;
            Ok(())
        })
    }
}

/// Wipes the key `id` for ever: what was encrypted with it can no longer be read.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_destroy(
    keyring: *const cloister_keyring,
    id: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            borrow(keyring, "keyring")?.0.destroy(id.read("id")?)?;
            Ok(())
        })
    }
}

/// Lists the keys: a JSON array of {"id", "state": "enabled", "disabled" or "destroyed", "primary"}.
///
/// `keys` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_keys(
    keyring: *const cloister_keyring,
    keys: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            let place = out(keys, "keys")?;
            let list = keyring.0.keys().into_iter().map(|key| {
                let state = match key.state {
                    KeyState::Enabled => "enabled",
                    KeyState::Disabled => "disabled",
                    KeyState::Destroyed => "destroyed",
                };
                json!({"id": key.id, "state": state, "primary": key.primary})
            });
            let text = list.collect::<Value>().to_string();
            place.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Encrypts bytes with the primary key. As cloister_cipher_encrypt.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_encrypt(
    keyring: *const cloister_keyring,
    plaintext: cloister_bytes,
    classification: u32,
    context: cloister_bytes,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            let (plaintext, context) = (plaintext.read("plaintext")?, context.read("context")?);
            let label = Label {
                classification: self::classification(classification)?.unwrap_or_default(),
                ..Label::default()
            };
            let place = out(envelope, "envelope")?;
            let sealed = keyring.0.encrypt(plaintext, &label, context)?;
            place.write(cloister_buffer::from_bytes(sealed));
            Ok(())
        })
    }
}

/// Decrypts an envelope with the key that it names. As cloister_cipher_decrypt.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_decrypt(
    keyring: *const cloister_keyring,
    envelope: cloister_bytes,
    context: cloister_bytes,
    plaintext: *mut cloister_buffer,
    classification: *mut cloister_classification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            let (envelope, context) = (envelope.read("envelope")?, context.read("context")?);
            let place = out(plaintext, "plaintext")?;
            let opened = keyring.0.decrypt(envelope, context)?;
            if let Some(place) = optional_out(classification) {
                place.write(opened.classification.into());
            }
            place.write(cloister_buffer::from_bytes(opened.plaintext.into_inner()));
            Ok(())
        })
    }
}

/// Encrypts the content of an envelope again with the primary key, with the same label and context.
///
/// `rewrapped` receives the bytes, owned by the caller; empty if the envelope is of the primary key already.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_rewrap(
    keyring: *const cloister_keyring,
    envelope: cloister_bytes,
    context: cloister_bytes,
    rewrapped: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let keyring = borrow(keyring, "keyring")?;
            let (envelope, context) = (envelope.read("envelope")?, context.read("context")?);
            let place = out(rewrapped, "rewrapped")?;
            let new = keyring.0.rewrap(envelope, context)?.unwrap_or_default();
            place.write(cloister_buffer::from_bytes(new));
            Ok(())
        })
    }
}

/// Wipes the keys and frees a ring. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_keyring_free(keyring: *mut cloister_keyring) {
    // SAFETY: the calling contract.
    unsafe { release(keyring) }
}
