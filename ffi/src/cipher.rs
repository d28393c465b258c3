//! `cloister_cipher`: AES-256-GCM with the classification bound to the ciphertext.

use cloister_core::cipher::{Cipher, Key, Opened};

use crate::boundary::{Out, borrow, call, optional_out, out, release, shared};
use crate::classification::{classification, cloister_classification};
use crate::error::{Result, cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// Encrypts and decrypts with one key. Wiped when freed. Any number of threads may use one cipher at once.
pub struct cloister_cipher(pub(crate) Cipher);

const _: () = shared::<cloister_cipher>();

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
            let text = Key::generate()?.to_base64();
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
            let key = Key::from_bytes(key.read("key")?)?;
            out(cipher, "cipher")?.give(cloister_cipher(Cipher::new(key)));
            Ok(())
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
            let key = Key::from_text(key.read("key")?)?;
            out(cipher, "cipher")?.give(cloister_cipher(Cipher::new(key)));
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
