//! Certificates: whether a given root vouches, today, for the one that signed.
//!
//! The path is validated by `rustls-webpki` (RFC 5280: signatures, dates, constraints, critical extensions). A bundle holds no
//! time that could be trusted, so an expired certificate vouches for nothing.

use base16ct::lower;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
    UnixTime, alg_id,
};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix;

use super::invalid;
use super::key::PublicKey;
use crate::{Error, Kind, Result};

/// `id-kp-codeSigning` (RFC 5280), 1.3.6.1.5.5.7.3.3, the contents of its DER form.
const CODE_SIGNING: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];

/// Signatures on certificates that are understood.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 8] = [
    &Ecdsa(alg_id::ECDSA_P256, Hash::Sha256),
    &Ecdsa(alg_id::ECDSA_P256, Hash::Sha384),
    &Ecdsa(alg_id::ECDSA_P384, Hash::Sha256),
    &Ecdsa(alg_id::ECDSA_P384, Hash::Sha384),
    &Ecdsa(alg_id::ECDSA_P384, Hash::Sha512),
    &Ecdsa(alg_id::ECDSA_P521, Hash::Sha384),
    &Ecdsa(alg_id::ECDSA_P521, Hash::Sha512),
    &Ed25519,
];

/// The key of the certificate that signed, if one of the PEM `roots` vouches for it, by way of `others` or at once.
pub(super) fn verify(leaf: &[u8], others: &[Vec<u8>], roots: &str) -> Result<PublicKey> {
    let roots = CertificateDer::pem_slice_iter(roots.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|roots| !roots.is_empty())
        .ok_or_else(|| invalid("`root_certificates` are not PEM certificates"))?;
    let anchors = roots
        .iter()
        .map(anchor_from_trusted_cert)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid("a root certificate is malformed"))?;
    let others: Vec<_> = others
        .iter()
        .map(|it| CertificateDer::from(&it[..]))
        .collect();
    let der = CertificateDer::from(leaf);
    let certificate = EndEntityCert::try_from(&der).map_err(|_| unsuitable())?;
    certificate
        .verify_for_usage(
            &ALGORITHMS,
            &anchors,
            &others,
            UnixTime::now(),
            KeyUsage::required_if_present(CODE_SIGNING),
            None,
            None,
        )
        .map_err(|error| match error {
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                Error::new(
                    Kind::Denied,
                    "the certificate of the signature is not valid today; hint: have the model signed anew",
                )
            }
            _ => Error::new(
                Kind::Denied,
                "no root certificate that was given vouches for the signature",
            ),
        })?;
    signing_key(leaf)
}

/// SHA-256 of a certificate, in hexadecimal.
pub(super) fn fingerprint(certificate: &[u8]) -> String {
    lower::encode_string(&Sha256::digest(certificate))
}

/// The key of a certificate that says that it is for signing.
fn signing_key(leaf: &[u8]) -> Result<PublicKey> {
    let certificate = Certificate::from_der(leaf).map_err(|_| unsuitable())?;
    let body = certificate.tbs_certificate();
    let usage = body
        .get_extension::<pkix::KeyUsage>()
        .map_err(|_| unsuitable())?
        .map(|(_, usage)| usage.digital_signature());
    let purposes = body
        .get_extension::<pkix::ExtendedKeyUsage>()
        .map_err(|_| unsuitable())?;
    // Where purposes are named, the path was only valid with the right one among them.
    if !usage.unwrap_or(purposes.is_some()) {
        return Err(unsuitable());
    }
    let key = body
        .subject_public_key_info()
        .to_der()
        .map_err(|_| unsuitable())?;
    PublicKey::from_der(&key)
}

fn unsuitable() -> Error {
    Error::new(
        Kind::Denied,
        "the certificate of the signature is not one for signing",
    )
}

#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// ECDSA with the curve of the issuer's key and any hash: authorities do not keep to the one that fits.
#[derive(Debug)]
struct Ecdsa(AlgorithmIdentifier, Hash);

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

        let hash = match self.1 {
            Hash::Sha256 => Sha256::digest(message).to_vec(),
            Hash::Sha384 => Sha384::digest(message).to_vec(),
            Hash::Sha512 => Sha512::digest(message).to_vec(),
        };
        let wrong = |_| InvalidSignature;
        if self.0 == alg_id::ECDSA_P256 {
            let signature = p256::ecdsa::Signature::from_der(signature).map_err(wrong)?;
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(wrong)?;
            key.verify_prehash(&hash, &signature).map_err(wrong)
        } else if self.0 == alg_id::ECDSA_P384 {
            let signature = p384::ecdsa::Signature::from_der(signature).map_err(wrong)?;
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(wrong)?;
            key.verify_prehash(&hash, &signature).map_err(wrong)
        } else {
            let signature = p521::ecdsa::Signature::from_der(signature).map_err(wrong)?;
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(wrong)?;
            key.verify_prehash(&hash, &signature).map_err(wrong)
        }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.1 {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
            Hash::Sha512 => alg_id::ECDSA_SHA512,
        }
    }
}

/// Ed25519 (RFC 8410).
#[derive(Debug)]
struct Ed25519;

impl SignatureVerificationAlgorithm for Ed25519 {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let wrong = |_| InvalidSignature;
        let key = key.try_into().map_err(|_| InvalidSignature)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(wrong)?;
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(wrong)?;
        key.verify_strict(message, &signature).map_err(wrong)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }
}
