//! A `LoRA` adapter: a small file that changes a model.

use std::io::BufReader;
use std::path::PathBuf;

use super::ModelFile;
use super::gguf::AdapterHeader;
use super::opened::OpenedFile;
use super::provenance::Provenance;
use super::trust::Trust;
use crate::{Error, Kind, Result};

/// A `LoRA` adapter in GGUF, as `convert_lora_to_gguf.py` of llama.cpp writes it, for every request that an engine answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// The file.
    pub path: PathBuf,
    /// How much of it is added to the weights; 1 is as it was trained.
    pub scale: f32,
    /// The SHA-256 that the file must have: 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// The text of a signature over the file, which must hold, by whoever must have signed the model.
    pub signature: Option<String>,
}

impl Adapter {
    /// The adapter in a file, as it was trained.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            scale: 1.0,
            sha256: None,
            signature: None,
        }
    }

    /// What a caller gave one by one, for any front; without a path, nothing.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for a scale, digest or signature without a path.
    pub fn given(
        path: Option<PathBuf>,
        scale: Option<f32>,
        sha256: Option<String>,
        signature: Option<String>,
    ) -> Result<Option<Self>> {
        let Some(path) = path else {
            return if scale.is_none() && sha256.is_none() && signature.is_none() {
                Ok(None)
            } else {
                Err(Error::new(
                    Kind::InvalidArgument,
                    "a digest, signature or scale was given without an `adapter`",
                ))
            };
        };
        let trained = Self::new(path);
        Ok(Some(Self {
            scale: scale.unwrap_or(trained.scale),
            sha256,
            signature,
            ..trained
        }))
    }
}

/// The file of an adapter, opened and checked.
pub(super) struct AdapterFile {
    opened: OpenedFile,
    header: AdapterHeader,
}

impl AdapterFile {
    /// Opens the file of `adapter` and checks its header in safe Rust, for use with `model`.
    pub(super) fn open(adapter: &Adapter, model: &ModelFile) -> Result<Self> {
        if !adapter.scale.is_finite() || adapter.scale.abs() > 1000.0 {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the scale of an adapter is between -1000 and 1000; hint: 1 is as it was trained",
            ));
        }
        let opened = OpenedFile::open(&adapter.path).map_err(|error| of_adapter(&error))?;
        let header = AdapterHeader::read(BufReader::new(opened.file()), opened.length())
            .and_then(|header| header.must_fit(model.header()).map(|()| header))
            .map_err(|error| of_adapter(&error))?;
        Ok(Self { opened, header })
    }

    /// Verifies what is asked of the adapter: what `trust` requires of the model, with the adapter's own digest and signature.
    pub(super) fn verify(
        &self,
        adapter: &Adapter,
        trust: &Trust,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Provenance> {
        let by = |key: &Option<String>| adapter.signature.is_some().then(|| key.clone()).flatten();
        let own = Trust {
            require: trust.require,
            sha256: adapter.sha256.clone(),
            signature: adapter.signature.clone(),
            public_key: by(&trust.public_key),
            root_certificates: by(&trust.root_certificates),
        };
        self.opened
            .verify(&own, go_on)
            .map_err(|error| of_adapter(&error))
    }

    /// Bytes that it takes of the memory.
    pub(super) fn bytes(&self) -> u64 {
        self.header.weights()
    }

    /// The open file.
    pub(super) fn opened(&self) -> &OpenedFile {
        &self.opened
    }
}

/// Errors of files speak of models.
pub(super) fn of_adapter(error: &Error) -> Error {
    Error::new(
        error.kind(),
        error.message().replace("the model file", "the adapter"),
    )
}
