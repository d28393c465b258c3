//! Who vouches for a model file: a pinned digest, a minisign signature, or an `OpenSSF` Model Signing bundle.
//!
//! All of it works without a network. What is verified is the open file that is mapped afterwards, not its name.
//!
//! | file | what it is for |
//! |---|---|
//! | `reading` | one pass over the file, for every digest that is asked for |
//! | `minisign` | Ed25519 over BLAKE2b-512 |
//! | `bundle`, `statement` | the Sigstore bundle, and what is signed in it |
//! | `key`, `chain` | by whom: a public key, or a certificate under given roots |

mod bundle;
mod chain;
mod key;
mod minisign;
mod reading;
mod statement;

use std::fs::File;

use base16ct::{lower, mixed};

use self::bundle::Bundle;
use self::minisign::Minisign;
use self::reading::Reading;
use super::provenance::{Provenance, Require};
use crate::{Error, Kind, Result};

/// Bytes of the longest signature or certificate list.
const MAX_TEXT: usize = 4 << 20;

/// What is asked of a model file before it is loaded. Everything that is given is verified, and must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// What the file must come with.
    pub require: Require,
    /// The SHA-256 that the file must have: 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// The text of a signature file: of a minisign signature (`.minisig`), or of a Sigstore bundle as `OpenSSF` Model Signing
    /// v1.0 makes it with the methods `key` and `certificate`.
    pub signature: Option<String>,
    /// The key that must have signed: a minisign public key, or, for a bundle, a PEM public key (ECDSA on P-256, P-384 or
    /// P-521, or Ed25519).
    pub public_key: Option<String>,
    /// For a bundle with a certificate: the root certificates that are trusted, PEM. RSA is not supported.
    pub root_certificates: Option<String>,
}

/// A signature, read but not yet compared with the file.
enum Signature {
    Minisign(Box<Minisign>),
    Bundle(Bundle),
}

impl Trust {
    /// Reads `file` to its end and verifies all that was asked for. `go_on` is asked from time to time.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for a digest, key or signature that is malformed or of another kind than its counterpart,
    /// [`Kind::Denied`] for a file that is not what was pinned or signed, or that comes without what is required,
    /// [`Kind::Cancelled`] when `go_on` says no, [`Kind::Io`].
    pub(super) fn verify(
        &self,
        file: &File,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Provenance> {
        let pin = self.sha256.as_deref().map(digest).transpose()?;
        let signature = self.signature()?;
        let given = match (&signature, &pin) {
            (Some(_), _) => Require::Signature,
            (None, Some(_)) => Require::Hash,
            (None, None) => Require::None,
        };
        if given < self.require {
            return Err(match self.require {
                Require::Signature => Error::new(
                    Kind::Denied,
                    "a signature is required and none was given; hint: give `signature` and `public_key` or `root_certificates`",
                ),
                _ => Error::new(
                    Kind::Denied,
                    "a pinned digest is required and none was given; hint: give `sha256`",
                ),
            });
        }
        let mut reading = Reading::new();
        match &signature {
            Some(Signature::Minisign(signature)) => reading.check(signature.begin()?),
            Some(Signature::Bundle(bundle)) if bundle.needs_blake2() => reading.with_blake2(),
            _ => {}
        }
        let found = reading.read(file, go_on)?;
        if pin.is_some_and(|pin| pin != found.sha256) {
            return Err(Error::new(
                Kind::Denied,
                "the model file has another SHA-256 than the one that was pinned",
            ));
        }
        let signer = match signature {
            None => None,
            Some(Signature::Minisign(signature)) => {
                if found.signed != Some(true) {
                    return Err(not_signed());
                }
                Some(signature.signer())
            }
            Some(Signature::Bundle(bundle)) => {
                if !bundle.covers(&found) {
                    return Err(not_signed());
                }
                Some(bundle.into_signer())
            }
        };
        Ok(Provenance {
            sha256: lower::encode_string(&found.sha256),
            verified: given,
            signer,
            adapter_sha256: None,
        })
    }

    /// Whether anything is verified at all.
    pub(super) fn asks(&self) -> bool {
        self.require != Require::None || self.sha256.is_some() || self.signature.is_some()
    }

    fn signature(&self) -> Result<Option<Signature>> {
        let texts = [&self.signature, &self.public_key, &self.root_certificates];
        if texts.into_iter().flatten().any(|it| it.len() > MAX_TEXT) {
            return Err(Error::new(
                Kind::TooLarge,
                "a signature, key or certificate is longer than 4 MiB",
            ));
        }
        let Some(text) = self.signature.as_deref() else {
            if self.public_key.is_some() || self.root_certificates.is_some() {
                return Err(invalid(
                    "a key or certificate was given without a `signature`",
                ));
            }
            return Ok(None);
        };
        let signature = match (
            text.trim_start().starts_with('{'),
            &self.public_key,
            &self.root_certificates,
        ) {
            (_, Some(_), Some(_)) | (_, None, None) => {
                return Err(invalid(
                    "a signature needs one of `public_key` and `root_certificates`",
                ));
            }
            (true, Some(key), None) => Signature::Bundle(Bundle::signed_by_key(text, key)?),
            (true, None, Some(roots)) => {
                Signature::Bundle(Bundle::signed_under_roots(text, roots)?)
            }
            (false, Some(key), None) => Signature::Minisign(Box::new(Minisign::read(text, key)?)),
            (false, None, Some(_)) => {
                return Err(invalid(
                    "`root_certificates` were given and the signature is not a Sigstore bundle",
                ));
            }
        };
        Ok(Some(signature))
    }
}

/// SHA-256 of a whole file.
pub(super) fn sha256(file: &File) -> Result<String> {
    let found = Reading::new().read(file, &mut || true)?;
    Ok(lower::encode_string(&found.sha256))
}

/// A SHA-256 in hexadecimal.
fn digest(text: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    match mixed::decode(text.trim(), &mut bytes) {
        Ok(found) if found.len() == 32 => Ok(bytes),
        _ => Err(invalid("`sha256` is not 64 hexadecimal digits")),
    }
}

fn not_signed() -> Error {
    Error::new(
        Kind::Denied,
        "the model file is not the one that was signed, or it was signed by somebody else",
    )
}

fn invalid(message: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, message)
}
