//! What a model signature says: an in-toto Statement v1 with the predicate of `OpenSSF` Model Signing v1.0.

use base16ct::{lower, mixed};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::reading::Found;
use crate::{Error, Kind, Result};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://model_signing/signature/v1.0";

/// The files that were signed, by their digests.
pub(super) struct Statement(Vec<Resource>);

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<Subject>,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digests,
}

#[derive(Deserialize)]
struct Digests {
    sha256: String,
}

#[derive(Deserialize)]
struct Predicate {
    serialization: Serialization,
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Serialization {
    method: String,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: Algorithm,
    digest: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Algorithm {
    Sha256,
    Blake2b,
    #[serde(other)]
    Other,
}

impl Statement {
    /// Reads a statement whose signature was verified.
    pub(super) fn read(payload: &[u8]) -> Result<Self> {
        let document: Document = serde_json::from_slice(payload)
            .map_err(|_| unsuitable("it is not a statement about a model"))?;
        if document.kind != STATEMENT || document.predicate_type != PREDICATE {
            return Err(unsuitable("it is not of OpenSSF Model Signing v1.0"));
        }
        if document.predicate.serialization.method != "files" {
            return Err(unsuitable(
                "it is over parts of files; hint: sign with the method `files`",
            ));
        }
        let [subject] = &document.subject[..] else {
            return Err(unsuitable("it is about more than one model"));
        };
        let mut all = Sha256::new();
        for resource in &document.predicate.resources {
            let digest = mixed::decode_vec(&resource.digest)
                .map_err(|_| unsuitable("a digest in it is malformed"))?;
            all.update(digest);
        }
        if !subject
            .digest
            .sha256
            .eq_ignore_ascii_case(&lower::encode_string(&all.finalize()))
        {
            return Err(unsuitable("its digests contradict each other"));
        }
        Ok(Self(document.predicate.resources))
    }

    /// Whether it needs BLAKE2b-512.
    pub(super) fn needs_blake2(&self) -> bool {
        self.0.iter().any(|it| it.algorithm == Algorithm::Blake2b)
    }

    /// Whether a file with these digests is among those that were signed.
    pub(super) fn covers(&self, found: &Found) -> bool {
        self.0.iter().any(|resource| {
            let digest: &[u8] = match (&resource.algorithm, &found.blake2) {
                (Algorithm::Sha256, _) => &found.sha256,
                (Algorithm::Blake2b, Some(digest)) => digest,
                _ => return false,
            };
            resource
                .digest
                .eq_ignore_ascii_case(&lower::encode_string(digest))
        })
    }
}

fn unsuitable(why: &str) -> Error {
    Error::new(
        Kind::Denied,
        format!("what was signed cannot vouch for a model file: {why}"),
    )
}
