//! A model file: opened once, its header checked, and verified as the open file that is then mapped.

use std::fs::{File, Metadata};
use std::io::BufReader;
use std::path::Path;

use super::gguf::{Demand, Header, MemoryEstimate};
use super::provenance::Provenance;
use super::trust::{self, Trust};
use crate::{Error, Kind, Result};

/// Context window where neither the caller nor the model asks for less, in tokens.
const DEFAULT_CONTEXT: u32 = 8192;

/// A file with the header of a model. One thread at a time may read it.
pub struct ModelFile {
    file: File,
    header: Header,
    state: State,
}

impl ModelFile {
    /// Opens a regular file and checks its header, in safe Rust.
    ///
    /// # Errors
    /// [`Kind::NotFound`] and [`Kind::Io`] for a file that cannot be opened, [`Kind::Model`] for one that is no usable model.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        // Before it is opened: opening a pipe would block.
        regular(&std::fs::metadata(path).map_err(|error| cannot_open(&error))?)?;
        let file = File::open(path).map_err(|error| cannot_open(&error))?;
        let data = file.metadata().map_err(|error| cannot_open(&error))?;
        regular(&data)?;
        Ok(Self {
            header: Header::read(BufReader::new(&file), data.len())?,
            state: State::of(&data),
            file,
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
        if trust.asks() && self.state.writable_by_all {
            return Err(Error::new(
                Kind::Denied,
                "every user of this system may change the model file; hint: take that permission away",
            ));
        }
        let found = trust.verify(&self.file, go_on)?;
        if self.is_untouched()? {
            Ok(found)
        } else {
            Err(changed())
        }
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

    /// Sees to it that the file holds what `found` says, now that it is mapped. It is read again only where its times tell
    /// that it was touched: a file that lost its name to another is as good as before.
    #[cfg(feature = "llama")]
    pub(super) fn must_still_be(&self, found: &Provenance) -> Result<()> {
        if self.is_untouched()? || self.sha256()? == found.sha256 {
            Ok(())
        } else {
            Err(changed())
        }
    }

    /// SHA-256 of the file as it is now, in lower-case hexadecimal.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn sha256(&self) -> Result<String> {
        trust::sha256(&self.file)
    }

    fn is_untouched(&self) -> Result<bool> {
        let data = self.file.metadata().map_err(|error| cannot_open(&error))?;
        Ok(State::of(&data) == self.state)
    }

    /// What it says about itself.
    #[cfg(feature = "llama")]
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The open file.
    #[cfg(feature = "llama")]
    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

impl std::fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelFile").finish_non_exhaustive()
    }
}

/// What a write to a file changes.
#[derive(PartialEq)]
struct State {
    length: u64,
    modified: Option<std::time::SystemTime>,
    /// Seconds and nanoseconds of the last change, which nobody can set back.
    changed: (i64, i64),
    writable_by_all: bool,
}

impl State {
    fn of(data: &Metadata) -> Self {
        #[cfg(unix)]
        let (changed, writable_by_all) = {
            use std::os::unix::fs::MetadataExt as _;
            ((data.ctime(), data.ctime_nsec()), data.mode() & 0o002 != 0)
        };
        #[cfg(not(unix))]
        let (changed, writable_by_all) = ((0, 0), false);
        Self {
            length: data.len(),
            modified: data.modified().ok(),
            changed,
            writable_by_all,
        }
    }
}

fn regular(data: &Metadata) -> Result<()> {
    if data.is_file() {
        Ok(())
    } else {
        Err(Error::new(Kind::Model, "the model is not a regular file"))
    }
}

fn changed() -> Error {
    Error::new(
        Kind::Denied,
        "the model file was changed while it was being loaded",
    )
}

fn cannot_open(source: &std::io::Error) -> Error {
    Error::io("cannot open the model file", source)
}
