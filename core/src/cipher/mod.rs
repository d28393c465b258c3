//! Encryption with a public standard: Cobblestone-256, with what an envelope says about itself bound to it.
//!
//! # Messages
//!
//! A message is C2SP `chunked-encryption` (<https://c2sp.org/chunked-encryption>) with SHA-512 and AES-256-GCM: what
//! [`Cipher::encrypt_message`] makes, `cryptography.cobblestone.Cobblestone256Decryptor` reads, and the other way round.
//!
//! # Envelope, version 2
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 3 | `CLO` |
//! | 3 | 1 | version, 2 |
//! | 4 | 1 | algorithm: 1 = Cobblestone-256 |
//! | 5 | 1 | classification: 1 = `PUBLIC`, 2 = `INTERNAL`, 3 = `SENSITIVE` |
//! | 6 | 8 | key id: the first 8 bytes of SHA-256(`cloister key id v1` ‖ 0x00 ‖ key); a hint, nothing is decided by it alone |
//! | 14 | 8 | when it was made, in seconds since 1970, big endian |
//! | 22 | 1 | length of the content type, n, at most 127 |
//! | 23 | n | content type, UTF-8 |
//! | 23 + n | | a message with the same key |
//!
//! The context of the message is `cloister envelope v2` ‖ 0x00 ‖ all bytes before the message ‖ the caller's context.
//! Changing any byte of the envelope, or giving another context, makes decryption fail. Text form: the same bytes in
//! base64url without padding (RFC 4648 §5).
//!
//! # Limits
//!
//! One key may encrypt 2^64 messages of any length without a nonce ever being expected to repeat; each commits to its key,
//! so that no envelope opens with two keys. A message may have 4 PiB. Its length is not hidden.
//!
//! # FIPS
//!
//! With the feature `fips` this module is FIPS-capable: AES-256-GCM, HKDF-Expand and random bytes for it come from the FIPS 140-3
//! module of AWS-LC, in the line of `aws-lc-rs` whose module is validated. Envelopes are the same bytes. Other parts of this
//! crate, the audit log and Argon2id among them, do not use that module.

mod cobblestone;
mod envelope;
mod file;
mod guessable;
mod key;
mod keyring;
mod legacy;
mod provider;
mod seal;
mod source;
mod stream;

pub use envelope::Label;
pub(crate) use guessable::expect_unguessable;
pub use key::Key;
pub use keyring::{KeyInfo, KeyState, Keyring};
pub use seal::{Cipher, Opened};
pub use source::PassphraseCost;
pub use stream::{DecryptFile, DecryptReader, EncryptWriter};
