//! The files of a log as they are at one moment, for readers.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::chain::Keys;
use super::head::{Head, HeadFile};
use super::lines::Lines;
use super::names::{Names, file_name};
use super::open::{Access, expect_regular, open};
use crate::{Error, Kind, Result};

/// One file of the log.
pub(super) enum Part {
    /// A rotated file: complete, and opened only when its turn comes.
    Rotated(PathBuf),
    /// The file that is being written, up to what it held.
    Current {
        path: PathBuf,
        file: File,
        length: u64,
    },
}

/// All files, oldest first, and the head, read while no writer was at work.
pub(super) struct Snapshot {
    pub(super) parts: Vec<Part>,
    pub(super) head: Head,
}

impl Snapshot {
    /// Without the right to open the head file the snapshot is taken without the lock. [`Kind::NotFound`] if there is no
    /// log.
    pub(super) fn take(names: &Names, keys: &mut Keys) -> Result<Self> {
        let log = names.log();
        expect_regular(&log)?;
        let mut head = None;
        let mut lock = None;
        while lock.is_none() {
            match HeadFile::open(&names.head(), Access::Read) {
                Ok(file) => {
                    lock = file
                        .lock(Access::Read)
                        .map_err(|error| Error::io("cannot lock the audit log", &error))?;
                    head = Some(file);
                }
                Err(_) => break,
            }
        }
        let head = head.map_or(Ok(Head::Absent), |file| file.read(keys))?;

        let mut parts: Vec<Part> = names
            .rotated()
            .map_err(|error| Error::io("cannot list the audit log", &error))?
            .into_iter()
            .map(|rotated| Part::Rotated(rotated.path))
            .collect();
        match open(&log, Access::Read).and_then(|file| Ok((file.metadata()?.len(), file))) {
            Ok((length, file)) => parts.push(Part::Current {
                path: log,
                file,
                length,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound && !parts.is_empty() => {}
            Err(error) => return Err(Error::io("cannot open the audit log", &error)),
        }
        Ok(Self { parts, head })
    }
}

impl Part {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Rotated(path) | Self::Current { path, .. } => file_name(path),
        }
    }

    /// Where it lay when the snapshot was taken.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Rotated(path) | Self::Current { path, .. } => path,
        }
    }

    /// Whether it is complete.
    pub(super) fn is_rotated(&self) -> bool {
        matches!(self, Self::Rotated(_))
    }

    /// The lines of this file; nothing if retention has deleted it since the snapshot was taken.
    pub(super) fn lines(self) -> Result<Option<Lines>> {
        Ok(self.open()?.map(|(file, length)| Lines::new(file, length)))
    }

    /// The file and its length; nothing if retention has deleted it since the snapshot was taken.
    pub(super) fn open(self) -> Result<Option<(File, u64)>> {
        match self {
            Self::Current { file, length, .. } => Ok(Some((file, length))),
            Self::Rotated(path) => match open(&path, Access::Read)
                .and_then(|file| Ok((file.metadata()?.len(), file)))
            {
                Ok((length, file)) => Ok(Some((file, length))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Error::new(
                    Kind::Io,
                    Error::io("cannot open a rotated audit log", &error)
                        .message()
                        .to_owned(),
                )),
            },
        }
    }
}
