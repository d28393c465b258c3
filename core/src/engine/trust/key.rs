//! Public keys that may sign a bundle: ECDSA on the NIST curves with the hash that fits the curve, as `OpenSSF` Model Signing
//! uses them, and Ed25519.

use base16ct::lower;
use ed25519_dalek::VerifyingKey as Ed25519;
use p256::ecdsa::signature::Verifier as _;
use p256::pkcs8::DecodePublicKey as _;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;
use x509_cert::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::invalid;
use crate::{Error, Result};

/// RFC 8410.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A key, and its DER form.
pub(super) struct PublicKey {
    curve: Curve,
    der: Vec<u8>,
}

enum Curve {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Ed25519(Ed25519),
}

impl PublicKey {
    /// Reads a PEM `PUBLIC KEY`.
    pub(super) fn from_pem(pem: &str) -> Result<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
            invalid("the signature is a bundle and `public_key` is not a PEM public key")
        })?;
        Self::from_der(&der)
    }

    /// Reads a `SubjectPublicKeyInfo` (RFC 5280).
    pub(super) fn from_der(der: &[u8]) -> Result<Self> {
        let curve = if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(der) {
            Curve::P256(key)
        } else if let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_der(der) {
            Curve::P384(key)
        } else if let Ok(key) = p521::ecdsa::VerifyingKey::from_public_key_der(der) {
            Curve::P521(key)
        } else {
            Curve::Ed25519(ed25519(der).ok_or_else(unsupported)?)
        };
        Ok(Self {
            curve,
            der: der.to_vec(),
        })
    }

    /// Whether `signature` is this key's over `message`: DER for ECDSA, 64 bytes for Ed25519.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.curve {
            Curve::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Curve::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Curve::P521(key) => p521::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Curve::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }

    /// SHA-256 of the DER form, in hexadecimal.
    pub(super) fn fingerprint(&self) -> String {
        lower::encode_string(&Sha256::digest(&self.der))
    }
}

fn ed25519(der: &[u8]) -> Option<Ed25519> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    let bytes = info.subject_public_key.as_bytes()?;
    (info.algorithm.oid == ED25519)
        .then(|| Ed25519::from_bytes(bytes.try_into().ok()?).ok())
        .flatten()
}

fn unsupported() -> Error {
    invalid("the key is not an ECDSA key on P-256, P-384 or P-521, nor an Ed25519 key")
}
