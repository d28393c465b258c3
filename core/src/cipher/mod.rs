//! AES-256-GCM with the classification bound to the ciphertext.
//!
//! # Envelope, version 1
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 3 | `CLO` |
//! | 3 | 1 | version, 1 |
//! | 4 | 1 | algorithm: 1 = AES-256-GCM with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D) |
//! | 5 | 1 | classification: 1 = `PUBLIC`, 2 = `INTERNAL`, 3 = `SENSITIVE` |
//! | 6 | 8 | key id: the first 8 bytes of SHA-256(`cloister key id v1` ‖ 0x00 ‖ key); a hint, nothing is decided by it alone |
//! | 14 | 12 | nonce, random |
//! | 26 | n | ciphertext, as long as the plaintext |
//! | 26 + n | 16 | tag |
//!
//! The additional authenticated data are the 26 bytes of the header ‖ the length of the caller's context (64 bits, big
//! endian) ‖ the context. Changing any byte of the envelope, the classification included, or giving another context
//! makes decryption fail. Text form: the same bytes in base64url without padding (RFC 4648 §5).
//!
//! # Limits
//!
//! Nonces are random, so one key may encrypt at most 2^32 messages (NIST SP 800-38D §8.3); use a new key well before. A
//! message may have 2^36 - 32 bytes (§5.2.1.1). AES-GCM does not commit to its key: who holds two keys can make an
//! envelope that opens with both, to different texts.

mod aead;
mod envelope;
mod key;

pub use aead::{Cipher, Opened};
pub use key::Key;
