//! Opening the files of a log: never through a symbolic link, never anything but a regular file, readable by the owner
//! alone.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::{Error, Kind, Result, files};

/// What a file is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// An existing file.
    Read,
    /// Created if missing; written in place.
    Write,
    /// Created if missing; written at its end.
    Append,
}

pub(super) fn open(path: &Path, access: Access) -> io::Result<File> {
    files::options()
        .read(true)
        .write(access == Access::Write)
        .append(access == Access::Append)
        .create(access != Access::Read)
        .open(path)
}

/// An error of the operating system while opening a file of the log.
pub(super) fn refused(what: &str, source: &io::Error) -> Error {
    let error = Error::io(what, source);
    let message = format!(
        "{}; hint: the process must be able to write to the files of the audit log and to their directory",
        error.message()
    );
    Error::new(error.kind(), message)
}

/// Refuses what cannot be a log. A missing file is fine.
pub(super) fn expect_regular(path: &Path) -> Result<()> {
    let message = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("cannot open the audit log", &error)),
        Ok(found) if found.is_file() => return Ok(()),
        Ok(found) if found.is_symlink() => {
            "the audit log is a symbolic link; hint: name the file that it points to"
        }
        Ok(found) if found.is_dir() => "the audit log is a directory; hint: name a file in it",
        Ok(_) => "the audit log is not a regular file",
    };
    Err(Error::new(Kind::InvalidArgument, message))
}
