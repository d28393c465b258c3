//! The handle: one log, any number of threads, and processes that fork.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::chain::Chain;
use super::end::WritingEnd;
use super::flusher::Flusher;
use super::index::Index;
use super::leading::lock;
use super::members::Members;
use super::names::Names;
use super::options::POLICY;
use super::own::Own;
use super::pseudonyms;
use super::writer::Config;
use super::{AuditOptions, Durability, Event, OnFailure};
use crate::access::AccessControl;
use crate::cipher::expect_unguessable;
use crate::isolation::process_id;
use crate::{Error, Kind, Result};

/// An open log. Any number of threads, and several processes, may write to it at once.
///
/// After a `fork` the child may go on using the handle: it opens the files anew. If the log has a key or is signed it may not,
/// for the keys stay with the parent: every call there is [`Kind::Unsupported`] and leaves the log alone, until the child
/// opens the log again with its key. A record that another thread was writing while the process forked is not affected.
/// Dropping the handle writes what is still in memory and, if the log is signed, a checkpoint; [`AuditLog::close`] does the
/// same and says whether it worked.
pub struct AuditLog {
    path: PathBuf,
    pub(super) shared: Arc<Shared>,
}

/// What the handle and the thread that writes in intervals have in common.
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    ends: WritingEnd,
    pub(super) index: Mutex<Index>,
}

impl AuditLog {
    /// Opens or creates the log file. Its directory must exist. Created 0600.
    ///
    /// A last line that a crash left unfinished is moved to a file of its own, and a `recovery` record says so; the same
    /// kind of record says that records are missing at the end. Anything else that is wrong is left for [`verify`](super::verify()).
    ///
    /// [`Kind::NotFound`] if the directory is missing; [`Kind::InvalidArgument`] if the path names a directory, a symbolic
    /// link or a device; [`Kind::InvalidKey`] if the key does not have 32 bytes, can be guessed or is not the one that the log
    /// was begun with; [`Kind::Audit`] if the last line is not a record; [`Kind::Io`] if the operating system refuses.
    pub fn open(path: impl AsRef<Path>, mut options: AuditOptions) -> Result<Self> {
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
        let key = options.key.take();
        let chain = match &key {
            None if names.epoch().exists() => Chain::Sealed(names.epoch()),
            Some(_) if names.epoch().exists() => {
                return Err(Error::new(
                    Kind::InvalidKey,
                    "the audit log is sealed; hint: open it without a key",
                ));
            }
            None => Chain::new(None)?,
            Some(key) => {
                let chain = Chain::new(Some(key))?;
                expect_unguessable(key)?;
                chain
            }
        };
        let config = Arc::new(Config {
            names,
            chain,
            options,
        });
        let ends = WritingEnd::new(process_id(), Arc::clone(&config));
        let index = Mutex::new(Index::lasting(&config.names));
        let log = Self {
            path,
            shared: Arc::new(Shared {
                config,
                ends,
                index,
            }),
        };
        log.prepare()?;
        Ok(log)
    }

    fn prepare(&self) -> Result<()> {
        let mut writer = lock(&self.shared.end()?.writer);
        writer.prepare()?;
        let on_failure = self.shared.config.options.on_failure;
        if on_failure != OnFailure::Deny {
            let own = Own {
                event_type: POLICY,
                detail: on_failure.detail(),
            };
            writer.write(Some(own), std::iter::empty(), false).1?;
        }
        Ok(())
    }

    /// Writes one record and returns its event id (`evt_` + 12 hex digits).
    ///
    /// [`Kind::InvalidArgument`] and [`Kind::TooLarge`] for an event that cannot be a record; [`Kind::Audit`] if it could
    /// not be written: it is not in the log then, and a later call works again when the cause is gone. Waits while another
    /// process holds the lock. See [`Durability`] for what "written" means, and [`OnFailure`] for what happens otherwise.
    ///
    /// [`Kind::Denied`] for a log with a table of its own ([`AuditOptions::access`]).
    pub fn record(&self, event: &Event) -> Result<String> {
        self.expect_open()?;
        self.write_of_caller(event)
    }

    /// [`AuditLog::record`] with further members behind [`Event::data`].
    ///
    /// [`Kind::InvalidArgument`] also for members that are no JSON, or that have a name twice.
    pub fn record_with(&self, event: &Event, further: &Members) -> Result<String> {
        self.expect_open()?;
        event.expect_unreserved()?;
        if !self.has_pseudonyms() {
            return self.write_line(event, Some(further));
        }
        event.check(further)?;
        let mut event = event.clone();
        event.data.extend(further.to_map().unwrap_or_default());
        self.write(&event)
    }

    /// [`AuditLog::record`] for whoever may.
    pub(crate) fn write_of_caller(&self, event: &Event) -> Result<String> {
        event.expect_unreserved()?;
        self.write(event)
    }

    /// [`AuditLog::record`] for the library itself.
    pub(crate) fn write(&self, event: &Event) -> Result<String> {
        self.write_as_named(&*pseudonyms::recorded(&self.shared.config.options, event)?)
    }

    /// [`AuditLog::write`] of an event in which persons stand as [`AuditLog::recorded_name`] says.
    pub(crate) fn write_as_named(&self, event: &Event) -> Result<String> {
        self.write_line(event, None)
    }

    fn write_line(&self, event: &Event, further: Option<&Members>) -> Result<String> {
        let shared = &*self.shared;
        let end = shared.end()?;
        let id = end
            .ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()?;
        let line = event.checked_line(further, Timestamp::now(), id)?;
        if let Durability::Interval(interval) = shared.config.options.durability {
            end.flusher
                .get_or_init(|| Flusher::start(Arc::downgrade(&self.shared), interval));
        }
        end.queue
            .commit(&line, &end.writer, &shared.config.options)
            .map_err(|error| Error::new(Kind::Audit, error.message().to_owned()))?;
        Ok(id.to_string())
    }

    /// Writes everything that was recorded to the disk, whatever the durability.
    pub fn flush(&self) -> Result<()> {
        self.shared.flush(true)
    }

    /// Signs all records so far and returns the checkpoint (C2SP `tlog-checkpoint`), which is also a record: keep it where
    /// nobody can alter it together with the log, and verification shows when the log was cut or set back before it.
    ///
    /// [`Kind::InvalidArgument`] if the log is not signed; [`Kind::Audit`] if the record cannot be written.
    pub fn checkpoint(&self) -> Result<String> {
        self.expect_open()?;
        self.sign()
    }

    /// [`AuditLog::checkpoint`] for whoever may.
    pub(crate) fn sign(&self) -> Result<String> {
        self.shared.flush(false)?;
        let note = lock(&self.shared.end()?.writer).checkpoint();
        note.map_err(|error| Error::new(Kind::Audit, error.message().to_owned()))?
            .ok_or_else(|| {
                Error::new(
                    Kind::InvalidArgument,
                    "the audit log is not signed; hint: open it with a signing key",
                )
            })
    }

    /// Places a legal hold (`held`) or releases it: while it lasts, retention deletes nothing, whoever has opened the log.
    /// Both are recorded with the reason. False if there was nothing to do.
    pub fn legal_hold(&self, held: bool, reason: &str) -> Result<bool> {
        self.expect_open()?;
        self.hold(held, reason)
    }

    /// [`AuditLog::legal_hold`] for whoever may.
    pub(crate) fn hold(&self, held: bool, reason: &str) -> Result<bool> {
        self.shared.flush(false)?;
        lock(&self.shared.end()?.writer)
            .hold(held, reason)
            .map_err(|error| Error::new(Kind::Audit, error.message().to_owned()))
    }

    /// Writes what is still in memory, signs a checkpoint if the log is signed, and closes the log.
    pub fn close(self) -> Result<()> {
        self.finish()
    }

    /// A MAC over `statement` under the key that the log begins with, for documents that belong to it but are kept elsewhere;
    /// `None` for a log without a key, and for one that goes on from the key of a later epoch. No record has the same MAC.
    ///
    /// [`Kind::Unsupported`] in a forked child of the process that opened the log.
    pub fn authenticate(&self, statement: &[u8]) -> Result<Option<[u8; 32]>> {
        Ok(match &self.shared.config.chain {
            Chain::Keyed(start) => Some(start.get()?.statement(statement)),
            Chain::Unkeyed | Chain::Sealed(_) => None,
        })
    }

    /// The path that the log was opened with.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who may use this handle, if that was said.
    pub(crate) fn access(&self) -> Option<&Arc<AccessControl>> {
        self.shared.config.options.access.as_ref()
    }

    /// How a user stands in the records.
    pub(crate) fn recorded_name<'u>(&self, user: &'u str) -> Result<Cow<'u, str>> {
        pseudonyms::recorded_name(&self.shared.config.options, user)
    }

    /// Whether persons stand in the records under pseudonyms.
    pub(crate) fn has_pseudonyms(&self) -> bool {
        self.shared.config.options.subjects.is_some()
    }

    /// Whether a legal hold is in force.
    pub(crate) fn is_held(&self) -> bool {
        std::fs::symlink_metadata(self.shared.config.names.hold()).is_ok()
    }

    /// [`Kind::Denied`] for a log that is used through sessions.
    pub(super) fn expect_open(&self) -> Result<()> {
        match self.access() {
            None => Ok(()),
            Some(_) => Err(Error::new(
                Kind::Denied,
                "this audit log is used through a session, which is asked for its permissions; hint: open a session",
            )),
        }
    }

    /// Days that rotated files are kept; 0 = for ever.
    pub fn retention_days(&self) -> u32 {
        self.shared.config.options.retention_days
    }

    /// What [`AuditLog::close`] does; nothing in a forked child that has not written, or lacks the keys.
    fn finish(&self) -> Result<()> {
        let Some(end) = self.shared.ends.existing(process_id()) else {
            return Ok(());
        };
        if self.shared.config.expect_keys().is_err() {
            return Ok(());
        }
        if let Some(flusher) = end.flusher.get() {
            flusher.stop();
        }
        self.shared
            .flush(self.shared.config.options.durability != Durability::Os)?;
        let mut writer = lock(&end.writer);
        if writer.is_uncovered() {
            writer.checkpoint()?;
        }
        Ok(())
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`.
        let _ = self.finish();
    }
}

impl Shared {
    /// The writing end of this process. [`Kind::Unsupported`] in a forked child that lacks the keys.
    fn end(&self) -> Result<&WritingEnd> {
        let end = self.ends.of_process(process_id(), &self.config);
        self.config.expect_keys()?;
        Ok(end)
    }

    pub(super) fn flush(&self, sync: bool) -> Result<()> {
        let end = self.end()?;
        end.queue.flush(&end.writer, &self.config.options, sync)
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog").finish_non_exhaustive()
    }
}
