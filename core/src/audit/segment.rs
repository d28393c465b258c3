//! The file that is being written: one write per record, and nothing half-written left behind.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::lines;
use super::open::{Access, open, refused};
use crate::files::Identity;
use crate::{Error, Result};

/// An open log file, of which `length` bytes are known.
pub(super) struct Segment {
    file: File,
    identity: Identity,
    length: u64,
}

impl Segment {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = |error| refused("cannot open the audit log", &error);
        let file = open(path, Access::Append).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        Ok(Self {
            identity: Identity::of(&file).map_err(failed)?,
            file,
            length: metadata.len(),
        })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether `found`, which `path` names now, is this file.
    pub(super) fn is(&self, path: &Path, found: &Metadata) -> bool {
        self.identity.is_at(path, found)
    }

    /// Takes note of what another process wrote.
    pub(super) fn grow_to(&mut self, length: u64) {
        self.length = length;
    }

    pub(super) fn end_of_last_line(&self) -> Result<u64> {
        lines::end_of_last_line(&self.file, self.length).map_err(|error| unreadable(&error))
    }

    /// The line that ends before `end`; an error if it is longer than any record.
    pub(super) fn line_before(&self, end: u64) -> Result<Option<Vec<u8>>> {
        lines::line_before(&self.file, end).map_err(|error| unreadable(&error))
    }

    /// The first line; nothing if there is none, or if it is longer than any record.
    pub(super) fn first_line(&self) -> Result<Option<Vec<u8>>> {
        lines::line_after(&self.file, 0, self.length).map_err(|error| unreadable(&error))
    }

    /// The last `length - start` bytes.
    pub(super) fn read_from(&self, start: u64) -> Result<Vec<u8>> {
        self.read(start, self.length)
    }

    /// The bytes from `start` up to before `end`.
    pub(super) fn read(&self, start: u64, end: u64) -> Result<Vec<u8>> {
        lines::read(&self.file, start, end).map_err(|error| unreadable(&error))
    }

    /// Appends lines, all of them or none.
    pub(super) fn append(&mut self, line: &[u8]) -> Result<()> {
        let written = loop {
            match self.file.write(line) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => break written,
            }
        };
        let failure = match written {
            Ok(count) if count == line.len() => {
                self.length += count as u64;
                return Ok(());
            }
            // The next write would say why, but it must not be made.
            Ok(_) => ErrorKind::StorageFull.into(),
            Err(error) => error,
        };
        self.cut(self.length)?;
        Err(Error::io("cannot write the audit record", &failure))
    }

    /// Cuts the file to `length` bytes.
    pub(super) fn cut(&mut self, length: u64) -> Result<()> {
        self.file
            .set_len(length)
            .map_err(|error| Error::io("cannot take an unfinished audit record back", &error))?;
        self.length = length;
        Ok(())
    }

    /// Waits until the data are on the disk.
    pub(super) fn sync(&self) -> Result<()> {
        self.file
            .sync_data()
            .map_err(|error| Error::io("cannot bring the audit record to the disk", &error))
    }
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::io("cannot read the audit log", error)
}
