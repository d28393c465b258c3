//! New files for the owner alone: how every file is made that this library writes.

mod at;
mod identity;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use self::at::FileExt;
pub(crate) use self::identity::{Identity, has_a_name};

use crate::{Error, Kind, Result};

/// How a file is opened that this library makes or owns: for the owner alone, and never through a symbolic link. Elsewhere
/// than on Unix a new file has the rights that its directory gives it.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;

        // Not to block: a pipe is opened before it is refused.
        options
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;

        /// The link itself is opened, which is no regular file.
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options
}

/// A file that did not exist before.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    options().write(true).create_new(true).open(path)
}

/// A directory that did not exist before, or one that did.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    let created = {
        use std::os::unix::fs::DirBuilderExt as _;

        std::fs::DirBuilder::new().mode(0o700).create(path)
    };
    #[cfg(not(unix))]
    let created = std::fs::create_dir(path);
    match created {
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

/// Brings the names in a directory to the disk. Windows has no such call: there, its journal does.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(path)?.sync_all()
}

/// Writes a file that did not exist before, in one step. False if it does. On the disk when this returns.
pub(crate) fn place(path: &Path, content: &[u8], what: &str) -> Result<bool> {
    use std::io::Write as _;

    let temporary = temporary(path)?;
    let placed = create_new(&temporary)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        // Unlike a rename, it fails where somebody else was faster.
        .and_then(|()| match std::fs::hard_link(&temporary, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        })
        .and_then(|placed| sync_directory(folder_of(path)).map(|()| placed));
    // What is reported is how the file went.
    let _ = std::fs::remove_file(&temporary);
    placed.map_err(|error| Error::io(what, &error))
}

/// Overwrites a file and removes it; nothing if there is none. On file systems that write elsewhere, and on flash, the old
/// blocks may stay until they are used again: what must be gone for ever is encrypted with a key that goes.
pub(crate) fn destroy(path: &Path, what: &str) -> Result<bool> {
    use std::io::Write as _;

    let failed = |error: io::Error| Error::io(what, &error);
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(failed)?,
    };
    let mut left = file.metadata().map_err(failed)?.len();
    let zeros = [0; 4096];
    while left > 0 {
        let count = usize::try_from(left)
            .unwrap_or(zeros.len())
            .min(zeros.len());
        file.write_all(&zeros[..count]).map_err(failed)?;
        left -= count as u64;
    }
    file.sync_all().map_err(failed)?;
    std::fs::remove_file(path).map_err(failed)?;
    sync_directory(folder_of(path)).map_err(failed)?;
    Ok(true)
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

/// Whether an open file belongs to whoever this process acts for.
pub(crate) fn is_own(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;

        Ok(file.metadata()?.uid() == rustix::process::geteuid().as_raw())
    }
    #[cfg(not(unix))]
    {
        file.metadata().map(|_| true)
    }
}
