//! The header of an envelope: what it says, and its 26 bytes.

use crate::{Classification, Error, Kind, Result};

/// Bytes of the header.
pub(super) const HEADER_LEN: usize = 26;
/// Bytes of the nonce at the end of the header.
pub(super) const NONCE_LEN: usize = 12;
/// Bytes of the tag at the end of the envelope.
pub(super) const TAG_LEN: usize = 16;

const MAGIC: [u8; 3] = *b"CLO";
const VERSION: u8 = 1;
const AES_256_GCM: u8 = 1;

/// What stands before the ciphertext.
pub(super) struct Header {
    pub(super) classification: Classification,
    pub(super) key_id: [u8; 8],
    pub(super) nonce: [u8; NONCE_LEN],
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..3].copy_from_slice(&MAGIC);
        bytes[3] = VERSION;
        bytes[4] = AES_256_GCM;
        bytes[5] = class_code(self.classification);
        bytes[6..14].copy_from_slice(&self.key_id);
        bytes[14..].copy_from_slice(&self.nonce);
        bytes
    }

    /// Reads a header; it is not to be believed before the tag has been checked.
    pub(super) fn decode(bytes: &[u8; HEADER_LEN]) -> Result<Self> {
        if bytes[..3] != MAGIC {
            return Err(Error::new(
                Kind::Decrypt,
                "this is not an encrypted envelope",
            ));
        }
        if bytes[3] != VERSION || bytes[4] != AES_256_GCM {
            return Err(Error::new(
                Kind::Unsupported,
                "the envelope has a version or algorithm that this release does not know",
            ));
        }
        let classification = [
            Classification::Public,
            Classification::Internal,
            Classification::Sensitive,
        ]
        .into_iter()
        .find(|class| class_code(*class) == bytes[5])
        .ok_or_else(|| Error::new(Kind::Decrypt, "the envelope was altered"))?;

        let mut header = Self {
            classification,
            key_id: [0; 8],
            nonce: [0; NONCE_LEN],
        };
        header.key_id.copy_from_slice(&bytes[6..14]);
        header.nonce.copy_from_slice(&bytes[14..]);
        Ok(header)
    }
}

/// The additional authenticated data: the whole header and the caller's context, each of a known length.
pub(super) fn associated_data(header: &[u8; HEADER_LEN], context: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(HEADER_LEN + 8 + context.len());
    data.extend_from_slice(header);
    data.extend_from_slice(&(context.len() as u64).to_be_bytes());
    data.extend_from_slice(context);
    data
}

/// Frozen: these numbers stand in stored envelopes.
fn class_code(classification: Classification) -> u8 {
    match classification {
        Classification::Public => 1,
        Classification::Internal => 2,
        Classification::Sensitive => 3,
    }
}
