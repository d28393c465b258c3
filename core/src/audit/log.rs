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
            ends: WritingEnd::new(std::process::id(), Arc::clone(&config)),
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
        let body = event.checked_body()?;
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

    /// Days that rotated files are kept; 0 = for ever.
    pub fn retention_days(&self) -> u32 {
        self.config.options.retention_days
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
    fn new(process: u32, config: Arc<Config>) -> Self {
        Self {
            process,
            writer: Mutex::new(Writer::new(config)),
            child: OnceLock::new(),
        }
    }

    /// The writing end of `process`, made anew if that is a child that has not written yet.
    fn of_process(&self, process: u32, config: &Arc<Config>) -> &Self {
        let mut end = self;
        while end.process != process {
            end = end.child.get_or_init(|| {
                // The parent's descriptors share its lock: while they are open here, its death would not release it.
                if let Ok(mut inherited) = end.writer.try_lock() {
                    inherited.close();
                }
                Box::new(Self::new(process, Arc::clone(config)))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a fork leaves in the child: another process id, and perhaps a mutex that nobody there will ever unlock.
    #[test]
    fn a_forked_child_does_not_wait_for_a_mutex_that_it_inherited() {
        let directory = tempfile::tempdir().unwrap();
        let log = AuditLog::open(
            directory.path().join("audit.jsonl"),
            AuditOptions::default(),
        )
        .unwrap();
        let body = Event::default().body().unwrap();
        log.record(&Event::default()).unwrap();
        let held = log.writer();
        for child in [u32::MAX - 1, u32::MAX] {
            let end = log.ends.of_process(child, &log.config);
            end.writer.lock().unwrap().record(&body).unwrap();
            assert!(std::ptr::eq(end, log.ends.of_process(child, &log.config)));
        }
        drop(held);
        log.record(&Event::default()).unwrap();
        let found = log.verify().unwrap();
        assert!(found.is_intact() && found.records == 4, "{found:?}");
    }

    #[test]
    fn the_log_works_on_after_a_panic_in_a_writing_thread() {
        let directory = tempfile::tempdir().unwrap();
        let log = AuditLog::open(
            directory.path().join("audit.jsonl"),
            AuditOptions::default(),
        )
        .unwrap();
        std::thread::scope(|scope| {
            let panicking = scope.spawn(|| {
                let _held = log.writer();
                panic!("while writing");
            });
            assert!(panicking.join().is_err());
        });
        log.record(&Event::default()).unwrap();
        assert!(log.verify().unwrap().is_intact());
    }
}
