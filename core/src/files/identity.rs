//! Which file a name or a handle stands for.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// A file on this machine, whatever it is called: it stays the same when it is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    volume: u64,
    number: u64,
}

#[cfg(unix)]
impl Identity {
    /// Of an open file.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|found| Self::of_metadata(&found))
    }

    /// Whether `path`, of which `found` is known, names this file.
    pub(crate) fn is_at(self, _path: &Path, found: &Metadata) -> bool {
        self == Self::of_metadata(found)
    }

    fn of_metadata(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;

        Self {
            volume: found.dev(),
            number: found.ino(),
        }
    }
}

#[cfg(windows)]
impl Identity {
    /// Of an open file.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        winapi_util::file::information(file).map(|found| Self {
            volume: found.volume_serial_number(),
            number: found.file_index(),
        })
    }

    /// Whether `path`, of which `found` is known, names this file.
    pub(crate) fn is_at(self, path: &Path, _found: &Metadata) -> bool {
        File::open(path)
            .and_then(|file| Self::of(&file))
            .is_ok_and(|found| found == self)
    }
}

/// Whether a directory still has a name for an open file.
#[cfg(unix)]
pub(crate) fn has_a_name(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    Ok(file.metadata()?.nlink() > 0)
}

/// Whether a directory still has a name for an open file.
#[cfg(windows)]
pub(crate) fn has_a_name(file: &File) -> io::Result<bool> {
    Ok(winapi_util::file::information(file)?.number_of_links() > 0)
}
