//! The handle: one log, any number of threads, and processes that fork.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use serde_json::Value;

use super::chain::Chain;
use super::names::Names;
use super::writer::{Config, Writer};
use super::{AuditOptions, Event, Query, Verification, query, verify};
use crate::{Error, Kind, Result};

/// An open log. Any number of threads, and several processes, may write to it at once.
///
/// After a `fork` the child may go on using the handle: it opens the files anew. A record that another thread was writing
/// while the process forked is not affected.
pub struct AuditLog {
    path: PathBuf,
    config: Arc<Config>,
    ends: WritingEnd,
}

/// A writer with the process it belongs to, and the one of a forked child. A mutex that another thread held during the
/// fork stays locked in the child for ever, so the child must not wait for the one that it inherited.
///
/// `std::sync::Mutex` and not `parking_lot`'s: it has no state outside of itself that a fork could copy half-changed.
struct WritingEnd {
    process: u32,
    writer: Mutex<Writer>,
    child: OnceLock<Box<WritingEnd>>,
}

impl AuditLog {
    /// Opens or creates the log file. Its directory must exist. Created 0600.
    ///
    /// A last line that a crash left unfinished is moved to a file of its own, and a `recovery` record says so; the same
    /// kind of record says that records are missing at the end. Anything else that is wrong is left for [`verify`].
    ///
    /// [`Kind::NotFound`] if the directory is missing; [`Kind::InvalidArgument`] if the path names a directory, a symbolic
    /// link or a device; [`Kind::InvalidKey`] if the key does not have 32 bytes or is not the one that the log was begun
    /// with; [`Kind::Audit`] if the last line is not a record; [`Kind::Io`] if the operating system refuses.
    pub fn open(path: impl AsRef<Path>, options: AuditOptions) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let names = Names::new(&path)?;
        match std::fs::metadata(names.directory()) {
            Ok(found) if found.is_dir() => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(
                    "cannot open the directory of the audit log",
                    &error,
                ));
            }
            _ => {
                return Err(Error::new(
                    Kind::NotFound,
                    "the directory of the audit log does not exist; hint: create it, readable by the owner alone",
                ));
            }
        }
        super::open::expect_regular(&names.log())?;
        let chain = Chain::new(options.key.as_ref().map(|key| key.as_slice()))?;
        let config = Arc::new(Config {
            names,
            chain,
            options,
        });
        let log = Self {
            path,
            ends: WritingEnd::new(Arc::clone(&config)),
            config,
        };
        log.writer().prepare()?;
        Ok(log)
    }

    /// Writes one record and returns its event id (`evt_` + 12 hex digits).
    ///
    /// [`Kind::InvalidArgument`] and [`Kind::TooLarge`] for an event that cannot be a record; [`Kind::Audit`] if it could
    /// not be written: nothing was written then, and a later call works again when the cause is gone. Waits while another
    /// process holds the lock.
    pub fn record(&self, event: &Event) -> Result<String> {
        let body = event.body()?;
        self.writer()
            .record(&body)
            .map_err(|error| match error.kind() {
                Kind::TooLarge => error,
                _ => Error::new(Kind::Audit, error.message().to_owned()),
            })
    }

    /// Matching records, rotated files included. See [`query`](super::query()).
    pub fn query(&self, query: &Query) -> Result<Vec<Value>> {
        query::run(&self.config.names, query)
    }

    /// Checks this log with its own key. See [`verify`](super::verify()).
    pub fn verify(&self) -> Result<Verification> {
        verify::run(&self.config.names, &self.config.chain)
    }

    /// The path that the log was opened with.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The writer of this process. After a panic in one of its calls it reads everything anew.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        let writer = &self
            .ends
            .of_process(std::process::id(), &self.config)
            .writer;
        writer.lock().unwrap_or_else(|poisoned| {
            writer.clear_poison();
            let mut guard = poisoned.into_inner();
            guard.forget();
            guard
        })
    }
}

impl WritingEnd {
    fn new(config: Arc<Config>) -> Self {
        Self {
            process: std::process::id(),
            writer: Mutex::new(Writer::new(config)),
            child: OnceLock::new(),
        }
    }

    fn of_process(&self, process: u32, config: &Arc<Config>) -> &Self {
        let mut end = self;
        while end.process != process {
            end = end.child.get_or_init(|| {
                // The parent's descriptors share its lock: while they are open here, its death would not release it.
                if let Ok(mut inherited) = end.writer.try_lock() {
                    inherited.close();
                }
                Box::new(Self::new(Arc::clone(config)))
            });
        }
        end
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog").finish_non_exhaustive()
    }
}
