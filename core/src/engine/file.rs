//! A model file: opened once, its header checked, and verified as the open file that is then mapped.

use std::io::BufReader;
use std::path::Path;

use super::gguf::{Demand, Header, MemoryEstimate};
use super::opened::OpenedFile;
use super::provenance::Provenance;
use super::trust::Trust;
use crate::{Error, Kind, Result};

/// Context window where neither the caller nor the model asks for less, in tokens.
const DEFAULT_CONTEXT: u32 = 8192;

/// A file with the header of a model. One thread at a time may read it.
pub struct ModelFile {
    opened: OpenedFile,
    header: Header,
}

impl ModelFile {
    /// Opens a regular file and checks its header, in safe Rust.
    ///
    /// # Errors
    /// [`Kind::NotFound`] and [`Kind::Io`] for a file that cannot be opened, [`Kind::Model`] for one that is no usable model.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let opened = OpenedFile::open(path.as_ref())?;
        Ok(Self {
            header: Header::read(BufReader::new(opened.file()), opened.length())?,
            opened,
        })
    }

    /// Verifies what `trust` asks for, on this open file. `go_on` is asked after each mebibyte; false ends it with
    /// [`Kind::Cancelled`].
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for a digest, key or signature that is malformed, [`Kind::Denied`] for a file that is not
    /// what was pinned or signed, that comes without what is required, or that every user of the system may change,
    /// [`Kind::Io`].
    pub fn verify(&self, trust: &Trust, go_on: &mut dyn FnMut() -> bool) -> Result<Provenance> {
        self.opened.verify(trust, go_on)
    }

    /// The context window for a wish: 0 is the model's own, at most 8192.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for more than the model was trained with.
    pub fn context_tokens(&self, wanted: u32) -> Result<u32> {
        let training = self.header.training_context();
        match wanted {
            0 => Ok(training.min(DEFAULT_CONTEXT)),
            wanted if wanted <= training => Ok(wanted),
            wanted => Err(Error::new(
                Kind::InvalidArgument,
                format!("`context_tokens` is {wanted} and the model was trained on {training}"),
            )),
        }
    }

    /// What loading it would take of the memory.
    pub fn memory(&self, context_tokens: u32, batch: u32, sequences: u32) -> MemoryEstimate {
        self.header.memory(&Demand {
            context_tokens,
            batch,
            sequences,
        })
    }

    /// SHA-256 of the file as it is now, in lower-case hexadecimal.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn sha256(&self) -> Result<String> {
        self.opened.sha256()
    }

    /// What it says about itself.
    #[cfg(feature = "llama")]
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The open file.
    #[cfg(feature = "llama")]
    pub(super) fn opened(&self) -> &OpenedFile {
        &self.opened
    }
}

impl std::fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelFile").finish_non_exhaustive()
    }
}
