//! A Sigstore bundle v0.3 with a DSSE envelope, as `OpenSSF` Model Signing makes it with the methods `key` and `certificate`.
//!
//! Sources: sigstore/protobuf-specs (`sigstore_bundle.proto`), secure-systems-lab/dsse v1.0, ossf/model-signing-spec v1.0.
//! Entries of a transparency log are not looked at: nothing here depends on a network.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::key::PublicKey;
use super::reading::Found;
use super::statement::Statement;
use super::{chain, invalid, not_signed};
use crate::Result;

const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A bundle whose signature was verified.
pub(super) struct Bundle {
    statement: Statement,
    signer: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    certificate: Option<Certificate>,
    x509_certificate_chain: Option<Chain>,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    sig: String,
}

impl Bundle {
    /// Verifies that the holder of the PEM public key signed it.
    pub(super) fn signed_by_key(text: &str, key: &str) -> Result<Self> {
        let (document, payload, signature) = read(text)?;
        if document.verification_material.first_certificate().is_some() {
            return Err(invalid(
                "the bundle holds a certificate; hint: give `root_certificates` instead of `public_key`",
            ));
        }
        let key = PublicKey::from_pem(key)?;
        if !key.has_signed(&pae(&payload), &signature) {
            return Err(not_signed());
        }
        Ok(Self {
            statement: Statement::read(&payload)?,
            signer: format!("key:{}", key.fingerprint()),
        })
    }

    /// Verifies that the holder of a certificate signed it for which one of the PEM root certificates vouches now.
    pub(super) fn signed_under_roots(text: &str, roots: &str) -> Result<Self> {
        let (document, payload, signature) = read(text)?;
        let certificates = document.verification_material.into_certificates();
        let certificates = certificates
            .iter()
            .map(|it| decode(&it.raw_bytes))
            .collect::<Result<Vec<_>>>()?;
        let (leaf, others) = certificates.split_first().ok_or_else(|| {
            invalid("the bundle holds no certificate; hint: give `public_key` instead of `root_certificates`")
        })?;
        let key = chain::verify(leaf, others, roots)?;
        if !key.has_signed(&pae(&payload), &signature) {
            return Err(not_signed());
        }
        Ok(Self {
            statement: Statement::read(&payload)?,
            signer: format!("certificate:{}", chain::fingerprint(leaf)),
        })
    }

    /// Whether a file with these digests is among those that were signed.
    pub(super) fn covers(&self, found: &Found) -> bool {
        self.statement.covers(found)
    }

    /// Whether it speaks of BLAKE2b-512.
    pub(super) fn needs_blake2(&self) -> bool {
        self.statement.needs_blake2()
    }

    /// `key:` or `certificate:` and the SHA-256 of its DER form.
    pub(super) fn into_signer(self) -> String {
        self.signer
    }
}

impl Material {
    fn first_certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref().or_else(|| {
            let chain = self.x509_certificate_chain.as_ref()?;
            chain.certificates.first()
        })
    }

    fn into_certificates(self) -> Vec<Certificate> {
        let chain = self.x509_certificate_chain.map(|it| it.certificates);
        self.certificate
            .into_iter()
            .chain(chain.into_iter().flatten())
            .collect()
    }
}

/// The bundle, what is signed in it, and the signature.
fn read(text: &str) -> Result<(Document, Vec<u8>, Vec<u8>)> {
    let document: Document = serde_json::from_str(text).map_err(|_| {
        invalid("`signature` is neither a minisign signature nor a Sigstore bundle")
    })?;
    if document.media_type != MEDIA_TYPE || document.dsse_envelope.payload_type != PAYLOAD_TYPE {
        return Err(invalid(
            "the bundle is not one of version 0.3 with an in-toto statement",
        ));
    }
    let [signed] = &document.dsse_envelope.signatures[..] else {
        return Err(invalid("the bundle does not hold one signature"));
    };
    let (payload, signature) = (
        decode(&document.dsse_envelope.payload)?,
        decode(&signed.sig)?,
    );
    Ok((document, payload, signature))
}

fn decode(text: &str) -> Result<Vec<u8>> {
    STANDARD
        .decode(text)
        .map_err(|_| invalid("the bundle holds something that is not base64"))
}

/// What DSSE has signed: the pre-authentication encoding of a payload.
fn pae(payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    )
    .into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}
