//! A file that is opened once, verified, and then read by llama.cpp as what was verified.

use std::fs::{File, Metadata, OpenOptions};
use std::path::Path;

use super::provenance::Provenance;
use super::trust::{self, Trust};
use crate::{Error, Kind, Result};

/// An open regular file, and what was known of it then. One thread at a time may read it.
pub(super) struct OpenedFile {
    file: File,
    length: u64,
    state: State,
}

impl OpenedFile {
    /// Opens a regular file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        // Before it is opened: opening a pipe would block.
        regular(&std::fs::metadata(path).map_err(|error| cannot_open(&error))?)?;
        let file = readable().open(path).map_err(|error| cannot_open(&error))?;
        let data = file.metadata().map_err(|error| cannot_open(&error))?;
        regular(&data)?;
        Ok(Self {
            length: data.len(),
            state: State::of(&data),
            file,
        })
    }

    /// Verifies what `trust` asks for, on this open file. `go_on` is asked after each mebibyte; false ends it with
    /// [`Kind::Cancelled`].
    pub(super) fn verify(
        &self,
        trust: &Trust,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Provenance> {
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

    /// Sees to it that the file holds what `sha256` says, now that it is read. It is read again only where its times tell
    /// that it was touched: a file that lost its name to another is as good as before.
    #[cfg(feature = "llama")]
    pub(super) fn must_still_be(&self, sha256: &str) -> Result<()> {
        if self.is_untouched()? || self.sha256()? == sha256 {
            Ok(())
        } else {
            Err(changed())
        }
    }

    /// SHA-256 of the file as it is now, in lower-case hexadecimal.
    pub(super) fn sha256(&self) -> Result<String> {
        trust::sha256(&self.file)
    }

    /// Its length when it was opened, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The open file.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// A name under which llama.cpp finds this very file, even if another one took its place since. Where the system has
    /// no such name, that is `path`; on Windows none can take its place while it is open.
    #[cfg(feature = "llama")]
    pub(super) fn name(&self, path: &Path) -> std::path::PathBuf {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;

            let open = std::path::PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
            if open.exists() {
                return open;
            }
        }
        path.into()
    }

    fn is_untouched(&self) -> Result<bool> {
        let data = self.file.metadata().map_err(|error| cannot_open(&error))?;
        Ok(State::of(&data) == self.state)
    }
}

/// How a file is opened that is to stay as it is: on Windows nobody can write to it, rename it or remove it meanwhile.
fn readable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;

        /// What others may do with it.
        const FILE_SHARE_READ: u32 = 1;
        options.share_mode(FILE_SHARE_READ);
    }
    options
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
