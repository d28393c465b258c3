//! Writing records: one lock, one write, and either a whole group of records or none.

use std::sync::Arc;

use super::chain::{Chain, Keys, MAX_CHAIN, Position};
use super::epoch;
use super::head::{HeadFile, Lock};
use super::id::Ids;
use super::merkle::{self, Frontier};
use super::names::Names;
use super::note::SigningKey;
use super::open::{Access, refused};
use super::own::{Outcome, Own};
use super::segment::Segment;
use super::{AuditOptions, Durability};
use crate::files;
use crate::{Error, Kind, Result};

/// Bytes that are written at once at most.
const MAX_GROUP: usize = 4 << 20;

/// What all writers of one handle have in common.
pub(super) struct Config {
    pub(super) names: Names,
    pub(super) chain: Chain,
    pub(super) options: AuditOptions,
}

impl Config {
    /// [`Kind::Unsupported`] in a forked child of the process that opened a log with keys.
    pub(super) fn expect_keys(&self) -> Result<()> {
        let signing_key = self.options.signing_key.as_ref();
        if self.chain.is_lost() || signing_key.is_some_and(SigningKey::is_lost) {
            return Err(Error::new(
                Kind::Unsupported,
                "the audit log was opened before this process was forked, and its keys stay with the parent; hint: open it \
                 again in this process",
            ));
        }
        Ok(())
    }
}

/// The tree over the lines of a signed log.
pub(super) struct Tree {
    pub(super) frontier: Frontier,
    /// Lines since the last checkpoint.
    pub(super) uncovered: u64,
}

/// The state of one process's writing end. It opens its files when they are first needed.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts about the current file and the current call"
)]
pub(super) struct Writer {
    pub(super) config: Arc<Config>,
    pub(super) head: Option<HeadFile>,
    /// Nothing after a failure: everything is then read again from the disk.
    pub(super) segment: Option<Segment>,
    /// Of the last record.
    pub(super) position: Position,
    pub(super) keys: Option<Keys>,
    pub(super) tree: Option<Tree>,
    /// The epoch whose key lies on the disk.
    pub(super) stored_epoch: u64,
    /// An `fdatasync` of the current file has failed: what the disk has of it is not known, and it is not used again.
    pub(super) suspect: bool,
    /// Everything is to be on the disk after the current call.
    sync: bool,
    /// The current file has lines that are perhaps not on the disk.
    unsynced: bool,
    /// Since retention was last applied.
    rotated: bool,
    pub(super) ids: Ids,
    /// Lines that are composed and not yet written.
    group: Vec<u8>,
    /// Lines of callers in the group.
    grouped: usize,
    /// Lines of callers that the current call has written.
    written: usize,
}

impl Writer {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            head: None,
            segment: None,
            position: Position::default(),
            keys: None,
            tree: None,
            stored_epoch: 0,
            suspect: false,
            sync: false,
            unsynced: false,
            rotated: false,
            ids: Ids::default(),
            group: Vec::new(),
            grouped: 0,
            written: 0,
        }
    }

    /// Opens the files, sets a torn line aside, deletes what is past its retention, and signs that a new log is empty.
    pub(super) fn prepare(&mut self) -> Result<()> {
        let _lock = self.begin()?;
        self.apply_retention()?;
        self.begin_file()?;
        self.flush()
    }

    /// Writes lines, and before them what the log has to say itself. How many of the lines are written, and why not all.
    ///
    /// With `sync` everything so far is on the disk afterwards, else as the durability says.
    pub(super) fn write<'l>(
        &mut self,
        own: Option<Own>,
        lines: impl Iterator<Item = &'l [u8]>,
        sync: bool,
    ) -> (usize, Result<()>) {
        self.written = 0;
        self.sync = sync;
        let result = self.write_all(own, lines);
        self.sync = false;
        if result.is_err() {
            self.forget();
        }
        (self.written, result)
    }

    fn write_all<'l>(
        &mut self,
        own: Option<Own>,
        lines: impl Iterator<Item = &'l [u8]>,
    ) -> Result<()> {
        let _lock = self.begin()?;
        if let Some(Own { event_type, detail }) = own {
            self.append_own(event_type, Outcome::Success, detail)?;
        }
        for line in lines {
            self.add(line)?;
            self.grouped += 1;
            if self.is_due() {
                self.append_checkpoint()?;
            }
        }
        self.flush()?;
        if std::mem::take(&mut self.rotated) {
            // The records are written and stay so: what retention could not do now it does the next time.
            let _ = self.apply_retention().and_then(|()| self.flush());
        }
        Ok(())
    }

    /// Takes the lock and agrees with the disk.
    pub(super) fn begin(&mut self) -> Result<Lock> {
        let lock = self.lock()?;
        self.drop_group();
        self.synchronise()?;
        if self.suspect {
            self.abandon()?;
            self.suspect = false;
        }
        Ok(lock)
    }

    /// Forgets what is known about the files.
    pub(super) fn forget(&mut self) {
        self.segment = None;
        self.drop_group();
    }

    fn drop_group(&mut self) {
        self.group.clear();
        self.grouped = 0;
    }

    /// Closes all files without touching the lock that another process may hold through them.
    pub(super) fn close(&mut self) {
        self.forget();
        self.head = None;
    }

    /// Adds one record to the group, writing what there is first if it would grow too large.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<()> {
        if self.is_full(line.len()) {
            self.turn()?;
        } else if self.group.len() > MAX_GROUP {
            self.flush()?;
        }
        self.begin_file()?;
        self.compose(line)
    }

    /// The first record of each file of a signed log is a checkpoint.
    fn begin_file(&mut self) -> Result<()> {
        if self.tree.is_some() && self.is_first_of_file() {
            self.append_checkpoint()?;
        }
        Ok(())
    }

    /// Whether a line of this length would make the file larger than it may be.
    pub(super) fn is_full(&self, line: usize) -> bool {
        let max = self.config.options.max_file_bytes;
        let filled = self.segment.as_ref().map_or(0, Segment::length) + self.group.len() as u64;
        max > 0 && filled > 0 && filled + (line + MAX_CHAIN) as u64 > max
    }

    /// Writes what there is and begins a new file.
    pub(super) fn turn(&mut self) -> Result<()> {
        self.flush()?;
        self.rotate()?;
        self.rotated = true;
        self.begin_file()
    }

    fn is_first_of_file(&self) -> bool {
        self.group.is_empty()
            && self
                .segment
                .as_ref()
                .is_none_or(|segment| segment.length() == 0)
    }

    /// Makes a record of a line and adds it to the group.
    pub(super) fn compose(&mut self, line: &[u8]) -> Result<()> {
        let first_of_file = self.is_first_of_file();
        let start = self.group.len();
        self.group.extend_from_slice(line);
        let Position { seq, mac } = self.position;
        let keys = self.keys.as_mut().ok_or_else(not_open)?;
        let mac = keys
            .seal(&mut self.group, start, seq + 1, &mac, first_of_file)
            .ok_or_else(not_open)?;
        self.position = Position { seq: seq + 1, mac };
        if let Some(tree) = &mut self.tree {
            let end = self.group.len() - 1;
            tree.frontier.push(merkle::leaf(&self.group[start..end]));
            tree.uncovered += 1;
        }
        Ok(())
    }

    /// Writes the group, then the head.
    pub(super) fn flush(&mut self) -> Result<()> {
        let config = Arc::clone(&self.config);
        let durable = self.sync
            || matches!(
                config.options.durability,
                Durability::Group | Durability::Each
            );
        if self.group.is_empty() {
            return if durable { self.sync() } else { Ok(()) };
        }
        let (Some(segment), Some(head), Some(keys)) =
            (&mut self.segment, &self.head, &mut self.keys)
        else {
            return Err(not_open());
        };
        let before = segment.length();
        segment.append(&self.group)?;
        if durable && let Err(error) = segment.sync() {
            self.suspect = true;
            segment.cut(before)?;
            return Err(error);
        }
        self.unsynced = !durable;
        if let Err(error) = head.write(keys, self.position) {
            segment.cut(before)?;
            return Err(Error::io("cannot write the head of the audit log", &error));
        }
        self.written += std::mem::take(&mut self.grouped);
        self.group.clear();
        if let Chain::Sealed(path) = &config.chain
            && let Some((epoch, _)) = keys.ratchet().map(super::ratchet::Ratchet::epoch)
            && epoch > self.stored_epoch
        {
            epoch::store(path, keys, durable)?;
            self.stored_epoch = epoch;
        }
        Ok(())
    }

    /// Brings what was written to the disk.
    pub(super) fn sync(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.unsynced) {
            return Ok(());
        }
        let synced = self.segment.as_ref().map_or(Ok(()), Segment::sync);
        self.suspect |= synced.is_err();
        synced
    }

    /// Takes the lock, opening the head file if that has not happened or if it was deleted.
    fn lock(&mut self) -> Result<Lock> {
        let failed = |error| refused("cannot open the head of the audit log", &error);
        loop {
            let head = match self.head.take() {
                Some(head) => head,
                None => HeadFile::open(&self.config.names.head(), Access::Write).map_err(failed)?,
            };
            if let Some(lock) = head.lock(Access::Write).map_err(failed)? {
                self.head = Some(head);
                return Ok(lock);
            }
            self.forget();
        }
    }

    /// Brings a change of names in the directory to the disk, where that was asked for.
    pub(super) fn sync_directory(&self) -> Result<()> {
        if self.config.options.durability == Durability::Os {
            return Ok(());
        }
        files::sync_directory(self.config.names.directory()).map_err(|error| {
            Error::io(
                "cannot bring the directory of the audit log to the disk",
                &error,
            )
        })
    }
}

fn not_open() -> Error {
    Error::new(Kind::Internal, "the audit log is not open")
}
