//! minisign signatures (jedisct1, minisign): Ed25519 over the BLAKE2b-512 of the file, the form that minisign writes since
//! version 0.10.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::{PublicKey, Signature, StreamVerifier};

use super::{invalid, not_signed};
use crate::Result;

/// A signature and the key that should have made it.
pub(super) struct Minisign {
    key: PublicKey,
    signature: Signature,
    id: String,
}

impl Minisign {
    /// Reads the text of a `.minisig` file and of a public key, with or without its comment.
    pub(super) fn read(signature: &str, key: &str) -> Result<Self> {
        let line = key
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty())
            .unwrap_or_default();
        let malformed =
            || invalid("the signature is a minisign one and `public_key` is not a minisign key");
        let id = STANDARD
            .decode(line)
            .ok()
            .and_then(|bytes| bytes.get(2..10)?.try_into().ok())
            .map(u64::from_le_bytes)
            .ok_or_else(malformed)?;
        Ok(Self {
            key: PublicKey::from_base64(line).map_err(|_| malformed())?,
            signature: Signature::decode(signature).map_err(|_| {
                invalid("`signature` is neither a minisign signature nor a Sigstore bundle")
            })?,
            id: format!("minisign:{id:016X}"),
        })
    }

    /// Begins to verify; refuses another key's signature at once, and one of the older form, which a large file cannot be
    /// verified against in pieces.
    pub(super) fn begin(&self) -> Result<StreamVerifier<'_>> {
        self.key
            .verify_stream(&self.signature)
            .map_err(|_| not_signed())
    }

    /// `minisign:` and the id of the key, as minisign itself prints it.
    pub(super) fn signer(self) -> String {
        self.id
    }
}
