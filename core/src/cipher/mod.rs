//! AES-256-GCM with the classification bound to the ciphertext.

use crate::{Classification, Result, Sensitive};

/// A 256-bit key. Wiped on drop; `Debug` prints `[REDACTED]`.
#[derive(Clone)]
pub struct Key {}

impl Key {
    /// Exactly 32 bytes, else `InvalidKey`. All-equal bytes are refused.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self> {
        todo!()
    }
    /// 64 hexadecimal digits, or standard/URL-safe base64 of 32 bytes, else `InvalidKey`.
    pub fn from_text(_text: &str) -> Result<Self> {
        todo!()
    }
    pub fn generate() -> Result<Self> {
        todo!()
    }
    pub fn to_base64(&self) -> Sensitive<String> {
        todo!()
    }
    pub fn as_bytes(&self) -> &[u8; 32] {
        todo!()
    }
}

/// A decrypted envelope.
pub struct Opened {
    pub plaintext: Sensitive<Vec<u8>>,
    pub classification: Classification,
}

/// Encrypts and decrypts with one key. Any number of threads may use one cipher.
#[derive(Clone)]
pub struct Cipher {}

impl Cipher {
    pub fn new(_key: Key) -> Self {
        todo!()
    }
    /// An envelope: versioned header, nonce, ciphertext, tag. `context` (may be empty) must be given again to decrypt.
    pub fn encrypt(
        &self,
        _plaintext: &[u8],
        _classification: Classification,
        _context: &[u8],
    ) -> Result<Vec<u8>> {
        todo!()
    }
    pub fn decrypt(&self, _envelope: &[u8], _context: &[u8]) -> Result<Opened> {
        todo!()
    }
    /// The same as base64 text (URL-safe alphabet, no padding).
    pub fn encrypt_to_text(
        &self,
        _plaintext: &[u8],
        _classification: Classification,
        _context: &[u8],
    ) -> Result<String> {
        todo!()
    }
    pub fn decrypt_text(&self, _text: &str, _context: &[u8]) -> Result<Opened> {
        todo!()
    }
    /// `base64(nonce[12] ‖ ciphertext ‖ tag[16])` without a header, as older systems wrote it. Decrypt only.
    pub fn decrypt_legacy(&self, _text: &str) -> Result<Sensitive<Vec<u8>>> {
        todo!()
    }
}
