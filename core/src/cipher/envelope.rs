//! The header of an envelope: what stands before the Cobblestone-256 message, and is bound to it.
//!
//! ```text
//! "CLO" ‖ version 2 ‖ algorithm 1 ‖ classification ‖ key id[8] ‖ created[8] ‖ length[1] ‖ content type[length] ‖ message
//! ```
//!
//! Numbers are big-endian. The context of the message is `cloister envelope v2` and a zero byte, the whole header, and
//! the caller's context.

use crate::{Classification, Error, Kind, Result};

/// Bytes of the header without the content type.
pub(super) const FIXED_LEN: usize = 23;
/// Most bytes of a content type.
const MAX_TYPE: usize = 127;
/// Separates messages in envelopes from all others of the same key.
pub(super) const DOMAIN: &[u8] = b"cloister envelope v2\0";

const MAGIC: [u8; 3] = *b"CLO";
const VERSION: u8 = 2;
const COBBLESTONE_256: u8 = 1;

/// The id of a key in envelopes: tells keys apart, and tells nothing about them.
pub(super) type KeyId = [u8; 8];

/// What an envelope says about its content. None of it is secret, and all of it is bound to the ciphertext.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// How sensitive the content is.
    pub classification: Classification,
    /// A media type such as `application/json`, at most 127 bytes; empty where it is not known.
    pub content_type: String,
}

/// What stands before the message.
pub(super) struct Header {
    pub(super) label: Label,
    pub(super) key_id: KeyId,
    /// Seconds since 1970.
    pub(super) created: u64,
}

impl Header {
    /// [`Kind::TooLarge`] for a content type that is too long.
    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let content_type = self.label.content_type.as_bytes();
        let length = u8::try_from(content_type.len()).unwrap_or(u8::MAX);
        if usize::from(length) > MAX_TYPE {
            return Err(Error::new(
                Kind::TooLarge,
                "a content type has at most 127 bytes; hint: use one such as `application/json`",
            ));
        }
        let mut bytes = Vec::with_capacity(FIXED_LEN + content_type.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[
            VERSION,
            COBBLESTONE_256,
            class_code(self.label.classification),
        ]);
        bytes.extend_from_slice(&self.key_id);
        bytes.extend_from_slice(&self.created.to_be_bytes());
        bytes.push(length);
        bytes.extend_from_slice(content_type);
        Ok(bytes)
    }

    /// The length of a whole header that begins so, as far as it can be one.
    pub(super) fn length_of(fixed: &[u8; FIXED_LEN]) -> Result<usize> {
        if fixed[..3] != MAGIC {
            return Err(Error::new(
                Kind::Decrypt,
                "this is not an encrypted envelope",
            ));
        }
        if fixed[3] != VERSION || fixed[4] != COBBLESTONE_256 {
            return Err(Error::new(
                Kind::Unsupported,
                "the envelope has a version or algorithm that this release does not know",
            ));
        }
        Ok(FIXED_LEN + usize::from(fixed[FIXED_LEN - 1]))
    }

    /// Reads a header; it is not to be believed before the commitment of the message has been checked.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        let altered = || Error::new(Kind::Decrypt, "the envelope was altered");
        let (fixed, content_type) = bytes.split_first_chunk().ok_or_else(altered)?;
        if Self::length_of(fixed)? != bytes.len() {
            return Err(altered());
        }
        let classification = [
            Classification::Public,
            Classification::Internal,
            Classification::Sensitive,
        ]
        .into_iter()
        .find(|class| class_code(*class) == fixed[5])
        .ok_or_else(altered)?;
        let content_type = std::str::from_utf8(content_type).map_err(|_| altered())?;
        let mut key_id = KeyId::default();
        key_id.copy_from_slice(&fixed[6..14]);
        let mut created = [0; 8];
        created.copy_from_slice(&fixed[14..22]);
        Ok(Self {
            label: Label {
                classification,
                content_type: content_type.to_owned(),
            },
            key_id,
            created: u64::from_be_bytes(created),
        })
    }
}

/// Frozen: these numbers stand in stored envelopes.
fn class_code(classification: Classification) -> u8 {
    match classification {
        Classification::Public => 1,
        Classification::Internal => 2,
        Classification::Sensitive => 3,
    }
}
