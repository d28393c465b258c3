//! The names of the files that belong to one log.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::{Error, Kind, Result};

/// When a file was rotated, in its name.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// Characters of a stamp.
const STAMP_LEN: usize = 16;

/// A log file and its companions.
#[derive(Clone, Debug)]
pub(super) struct Names {
    directory: PathBuf,
    name: OsString,
}

/// A rotated file, as its name describes it.
#[derive(Clone, Debug)]
pub(super) struct Rotated {
    pub(super) path: PathBuf,
    /// When it was rotated.
    pub(super) since: Timestamp,
    pub(super) last_seq: u64,
}

impl Names {
    /// From the path of the log file; a later change of the working directory does not matter.
    pub(super) fn new(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path).ok();
        let parts = absolute.as_deref().and_then(|path| {
            let name = path.file_name()?;
            Some((path.parent()?, name))
        });
        let Some((directory, name)) = parts else {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the path of the audit log does not name a file",
            ));
        };
        Ok(Self {
            directory: directory.to_owned(),
            name: name.to_owned(),
        })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    pub(super) fn head(&self) -> PathBuf {
        self.with_suffix(".head")
    }

    pub(super) fn epoch(&self) -> PathBuf {
        self.with_suffix(".epoch")
    }

    pub(super) fn hold(&self) -> PathBuf {
        self.with_suffix(".hold")
    }

    /// The directory of the index.
    pub(super) fn index(&self) -> PathBuf {
        self.with_suffix(".index")
    }

    /// Where an unfinished line goes in whose place record `seq` will be written; `attempt` counts from 0.
    pub(super) fn torn(&self, seq: u64, attempt: u32) -> PathBuf {
        match attempt {
            0 => self.with_suffix(&format!(".torn-{seq}")),
            _ => self.with_suffix(&format!(".torn-{seq}-{attempt}")),
        }
    }

    pub(super) fn rotated_now(&self, last_seq: u64) -> PathBuf {
        let stamp = Timestamp::now().strftime(STAMP);
        self.with_suffix(&format!(".{stamp}-{last_seq}"))
    }

    /// All rotated files, oldest first.
    pub(super) fn rotated(&self) -> io::Result<Vec<Rotated>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            found.extend(self.parse_rotated(&entry.path()));
        }
        found.sort_by_key(|rotated| rotated.last_seq);
        Ok(found)
    }

    fn parse_rotated(&self, path: &Path) -> Option<Rotated> {
        let suffix = path
            .file_name()?
            .as_encoded_bytes()
            .strip_prefix(self.name.as_encoded_bytes())?;
        let (stamp, seq) = std::str::from_utf8(suffix)
            .ok()?
            .strip_prefix('.')?
            .split_once('-')?;
        let digits_only = seq.bytes().all(|byte| byte.is_ascii_digit());
        if stamp.len() != STAMP_LEN || !digits_only {
            return None;
        }
        let time = DateTime::strptime(STAMP, stamp).ok()?;
        Some(Rotated {
            path: path.to_owned(),
            since: time.to_zoned(TimeZone::UTC).ok()?.timestamp(),
            last_seq: seq.parse().ok()?,
        })
    }

    fn with_suffix(&self, suffix: &str) -> PathBuf {
        let mut name = self.name.clone();
        name.push(suffix);
        self.directory.join(name)
    }
}

/// The last component of a path, for messages: a report names files, not places.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
