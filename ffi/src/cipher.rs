//! `cloister_cipher`: Cobblestone-256 (AES-256-GCM) with the classification bound to the ciphertext.

use std::ffi::c_void;

use cloister_core::cipher::{Cipher, Key, Label, Opened, PassphraseCost};
use cloister_core::{Error, Kind};
use zeroize::Zeroize as _;

use crate::boundary::{Out, borrow, call, optional_out, out, release, shared};
use crate::classification::{classification, cloister_classification};
use crate::error::{Result, cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Encrypts and decrypts with one key. Wiped when freed. Any number of threads may use one cipher at once.
pub struct cloister_cipher(pub(crate) Cipher);

const _: () = shared::<cloister_cipher>();

/// Whether ciphers work with a FIPS 140-3 module in its approved mode: only in a library that was built with the feature "fips",
/// once the module has passed its self-tests. It says nothing about the rest of the program. Any thread may ask.
#[unsafe(no_mangle)]
pub extern "C" fn cloister_cipher_is_fips_mode() -> bool {
    Cipher::is_fips_mode()
}

/// Draws a new key from the operating system.
///
/// `key` receives it as base64 text for cloister_cipher_new_from_text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_generate_key(
    key: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let place = out(key, "key")?;
            let text = Key::generate()?.to_base64()?;
            place.write(cloister_buffer::from_text(text.into_inner()));
            Ok(())
        })
    }
}

/// Makes a cipher from a key of 32 bytes; anything else is CLOISTER_STATUS_INVALID_KEY.
///
/// The key is copied. `cipher` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new(
    key: cloister_bytes,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            give(cipher, || Ok(Key::from_bytes(key.read("key")?)?))
        })
    }
}

/// Makes a cipher from a key as text: 64 hexadecimal digits, or base64 of 32 bytes.
///
/// The key is copied. `cipher` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new_from_text(
    key: cloister_str,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            give(cipher, || Ok(Key::from_text(key.read("key")?)?))
        })
    }
}

/// Makes a cipher from the key in a file: 32 bytes or text. CLOISTER_STATUS_DENIED unless the file belongs to this user, is
/// closed to others (mode 0600) and is no symbolic link.
///
/// `cipher` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new_from_file(
    path: cloister_str,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            give(cipher, || Ok(Key::from_file(path.read("path")?)?))
        })
    }
}

/// Makes a cipher from the key in an environment variable, as text. CLOISTER_STATUS_NOT_FOUND if it is not set.
///
/// `cipher` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new_from_env(
    variable: cloister_str,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            give(cipher, || Ok(Key::from_env(variable.read("variable")?)?))
        })
    }
}

/// Makes a cipher from a passphrase with Argon2id (RFC 9106: 64 MiB, 3 passes, 4 lanes).
///
/// `passphrase` has at least 12 characters. `salt` has at least 16 bytes, drawn once at random and kept; it is no secret.
/// `cipher` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new_from_passphrase(
    passphrase: cloister_str,
    salt: cloister_bytes,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            give(cipher, || {
                let (passphrase, salt) = (passphrase.read("passphrase")?, salt.read("salt")?);
                let cost = PassphraseCost::default();
                Ok(Key::from_passphrase(passphrase, salt, cost)?)
            })
        })
    }
}

/// Writes a key of 32 bytes to `key`, and returns whether it could: a key management service, a TPM, an HSM. Runs once, on
/// the calling thread; what it wrote is wiped.
pub type cloister_key_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, key: *mut u8) -> bool>;

/// Makes a cipher from the key that a function of the caller's writes.
///
/// `source` is called with `user_data` and a place for 32 bytes; false stops with CLOISTER_STATUS_CANCELLED. `cipher` receives
/// an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_new_from_source(
    source: cloister_key_fn,
    user_data: *mut c_void,
    cipher: *mut *mut cloister_cipher,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let source = source.ok_or_else(|| cloister_error::null("source"))?;
            give(cipher, || {
                let key = Key::from_source(|| {
                    let mut key = vec![0; KEY_BYTES];
                    if source(user_data, key.as_mut_ptr()) {
                        return Ok(key);
                    }
                    key.zeroize();
                    Err(Error::new(Kind::Cancelled, "the source gave no key"))
                });
                Ok(key?)
            })
        })
    }
}

/// Hands a cipher over for a key that is made once there is a place for it.
///
/// # Safety
/// The calling contract.
unsafe fn give(cipher: *mut *mut cloister_cipher, key: impl FnOnce() -> Result<Key>) -> Result<()> {
    // SAFETY: the caller's.
    let place = unsafe { out(cipher, "cipher") }?;
    place.give(cloister_cipher(Cipher::new(key()?)));
    Ok(())
}

/// Encrypts bytes into a Cobblestone-256 message (C2SP chunked-encryption) without a header: what other implementations
/// read with the same key and context.
///
/// `message` receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_encrypt_message(
    cipher: *const cloister_cipher,
    plaintext: cloister_bytes,
    context: cloister_bytes,
    message: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let (plaintext, context) = (plaintext.read("plaintext")?, context.read("context")?);
            let place = out(message, "message")?;
            let sealed = cipher.0.encrypt_message(plaintext, context)?;
            place.write(cloister_buffer::from_bytes(sealed));
            Ok(())
        })
    }
}

/// Decrypts a Cobblestone-256 message of whatever implementation. Errors as of cloister_cipher_decrypt.
///
/// `plaintext` receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt_message(
    cipher: *const cloister_cipher,
    message: cloister_bytes,
    context: cloister_bytes,
    plaintext: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let (message, context) = (message.read("message")?, context.read("context")?);
            let place = out(plaintext, "plaintext")?;
            let opened = cipher.0.decrypt_message(message, context)?;
            place.write(cloister_buffer::from_bytes(opened.into_inner()));
            Ok(())
        })
    }
}

/// Encrypts the file `source` into a new file `target`, mode 0600. Memory does not grow with it.
///
/// `classification` and `context` as of cloister_cipher_encrypt; `content_type` is a media type, or empty.
/// CLOISTER_STATUS_INVALID_ARGUMENT if `target` exists.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_encrypt_file(
    cipher: *const cloister_cipher,
    source: cloister_str,
    target: cloister_str,
    classification: u32,
    content_type: cloister_str,
    context: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let (source, target) = (source.read("source")?, target.read("target")?);
            let label = Label {
                classification: self::classification(classification)?.unwrap_or_default(),
                content_type: content_type.read("content_type")?.to_owned(),
            };
            let context = context.read("context")?;
            cipher.0.encrypt_file(source, target, &label, context)?;
            Ok(())
        })
    }
}

/// Decrypts the file `source` into a new file `target`, mode 0600, which is there only if nothing was altered.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt_file(
    cipher: *const cloister_cipher,
    source: cloister_str,
    target: cloister_str,
    context: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let (source, target) = (source.read("source")?, target.read("target")?);
            cipher
                .0
                .decrypt_file(source, target, context.read("context")?)?;
            Ok(())
        })
    }
}

/// Decrypts a part of an encrypted file: up to `length` bytes from byte `offset` of the plaintext on.
///
/// `plaintext` receives the bytes, fewer where the file ends, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt_part(
    cipher: *const cloister_cipher,
    source: cloister_str,
    offset: u64,
    length: usize,
    context: cloister_bytes,
    plaintext: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let (source, context) = (source.read("source")?, context.read("context")?);
            let place = out(plaintext, "plaintext")?;
            let part = cipher.0.decrypt_part(source, offset, length, context)?;
            place.write(cloister_buffer::from_bytes(part.into_inner()));
            Ok(())
        })
    }
}

/// Encrypts bytes into an envelope of bytes.
///
/// `classification` is a cloister_classification, or 0 for the default; it is bound to the envelope. `context` may be
/// empty; decryption needs the same one again, for example the id of the record that the envelope belongs to.
/// `envelope` receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_encrypt(
    cipher: *const cloister_cipher,
    plaintext: cloister_bytes,
    classification: u32,
    context: cloister_bytes,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let plaintext = plaintext.read("plaintext")?;
            let class = self::classification(classification)?.unwrap_or_default();
            let context = context.read("context")?;
            let envelope = out(envelope, "envelope")?;
            let sealed = cipher.0.encrypt(plaintext, class, context)?;
            envelope.write(cloister_buffer::from_bytes(sealed));
            Ok(())
        })
    }
}

/// Decrypts an envelope of bytes. CLOISTER_STATUS_DECRYPT if it was altered or key or context are not the same.
///
/// `plaintext` receives the bytes, owned by the caller. `classification`, which may be NULL, receives the class that is
/// bound to the envelope.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt(
    cipher: *const cloister_cipher,
    envelope: cloister_bytes,
    context: cloister_bytes,
    plaintext: *mut cloister_buffer,
    classification: *mut cloister_classification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let envelope = envelope.read("envelope")?;
            let context = context.read("context")?;
            let plaintext = out(plaintext, "plaintext")?;
            let opened = cipher.0.decrypt(envelope, context)?;
            hand_over(opened, plaintext, optional_out(classification))
        })
    }
}

/// Encrypts bytes into an envelope of text: URL-safe base64 without padding.
///
/// As cloister_cipher_encrypt; `envelope` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_encrypt_to_text(
    cipher: *const cloister_cipher,
    plaintext: cloister_bytes,
    classification: u32,
    context: cloister_bytes,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let plaintext = plaintext.read("plaintext")?;
            let class = self::classification(classification)?.unwrap_or_default();
            let context = context.read("context")?;
            let envelope = out(envelope, "envelope")?;
            let sealed = cipher.0.encrypt_to_text(plaintext, class, context)?;
            envelope.write(cloister_buffer::from_text(sealed));
            Ok(())
        })
    }
}

/// Decrypts an envelope of text. As cloister_cipher_decrypt.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt_text(
    cipher: *const cloister_cipher,
    envelope: cloister_str,
    context: cloister_bytes,
    plaintext: *mut cloister_buffer,
    classification: *mut cloister_classification,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let envelope = envelope.read("envelope")?;
            let context = context.read("context")?;
            let plaintext = out(plaintext, "plaintext")?;
            let opened = cipher.0.decrypt_text(envelope, context)?;
            hand_over(opened, plaintext, optional_out(classification))
        })
    }
}

/// Decrypts what older systems wrote: base64 of nonce, ciphertext and tag, without header, class or context.
///
/// `plaintext` receives the bytes, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_decrypt_legacy(
    cipher: *const cloister_cipher,
    envelope: cloister_str,
    plaintext: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let cipher = borrow(cipher, "cipher")?;
            let envelope = envelope.read("envelope")?;
            let plaintext = out(plaintext, "plaintext")?;
            let opened = cipher.0.decrypt_legacy(envelope)?;
            plaintext.write(cloister_buffer::from_bytes(opened.into_inner()));
            Ok(())
        })
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the last step of two calls that are fallible"
)]
fn hand_over(
    opened: Opened,
    plaintext: Out<cloister_buffer>,
    classification: Option<Out<cloister_classification>>,
) -> Result<()> {
    if let Some(classification) = classification {
        classification.write(opened.classification.into());
    }
    plaintext.write(cloister_buffer::from_bytes(opened.plaintext.into_inner()));
    Ok(())
}

/// Wipes the key and frees a cipher. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_cipher_free(cipher: *mut cloister_cipher) {
    // SAFETY: the calling contract.
    unsafe { release(cipher) }
}
