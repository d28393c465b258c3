//! What is known about where a model came from.

use crate::{Error, Kind, Result};

/// How a model file was vouched for, or must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Require {
    /// Not at all. What is given is verified all the same.
    #[default]
    None,
    /// By a pinned SHA-256, or a signature.
    Hash,
    /// By a signature.
    Signature,
}

impl Require {
    /// `none`, `hash` or `signature`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hash => "hash",
            Self::Signature => "signature",
        }
    }

    /// Reads what [`Require::as_str`] writes.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        [Self::None, Self::Hash, Self::Signature]
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or_else(|| {
                Error::new(
                    Kind::InvalidArgument,
                    "`require` is not one; hint: use `none`, `hash` or `signature`",
                )
            })
    }
}

/// What was found out about a model file before it was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// What was verified: the strongest of what was given; with an adapter, of both files.
    pub verified: Require,
    /// Who signed: `minisign:` and the id of the key, or `key:` or `certificate:` and the SHA-256 of its DER form. `None`
    /// where no signature was given.
    pub signer: Option<String>,
    /// SHA-256 of the adapter that changes the model, in lower-case hexadecimal, where there is one.
    pub adapter_sha256: Option<String>,
}

impl Provenance {
    /// This model as an adapter of its own provenance changes it.
    #[cfg(feature = "llama")]
    pub(super) fn with_adapter(self, adapter: Self) -> Self {
        Self {
            verified: self.verified.min(adapter.verified),
            adapter_sha256: Some(adapter.sha256),
            ..self
        }
    }
}
