//! New files for the owner alone: how every file is made that this library writes.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, Kind, Result};

/// Mode of every file that is created: nobody but the owner reads or writes it.
#[cfg(unix)]
pub(crate) const OWNER_ONLY: u32 = 0o600;

/// A file that did not exist before. Elsewhere than on Unix it has the rights that its directory gives it.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    options.open(path)
}

/// A directory that did not exist before, or one that did.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }
}

/// A name beside `path` that nobody uses.
pub(crate) fn temporary(path: &Path) -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", base16ct::lower::encode_string(&random)));
    Ok(path.with_file_name(name))
}

/// The directory that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Brings the names in a directory to the disk.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Writes a file in one step: its name stands for the old content or for the new one, whatever happens. On the disk when
/// this returns.
pub(crate) fn replace(path: &Path, content: &[u8], what: &str) -> Result<()> {
    use std::io::Write as _;

    let temporary = temporary(path)?;
    let written = create_new(&temporary)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_directory(folder_of(path)));
    written.map_err(|error| {
        // The failure that is reported is the first one.
        let _ = std::fs::remove_file(&temporary);
        Error::io(what, &error)
    })
}
