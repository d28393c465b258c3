//! Writing records: one lock, one write, and either a whole record or none.

use std::fs::{self, File};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::chain::{Chain, Position};
use super::event::{Event, too_large};
use super::head::{HeadFile, Lock};
use super::lines::MAX_LINE;
use super::names::Names;
use super::open::{Access, refused};
use super::segment::Segment;
use super::{AuditOptions, Durability};
use crate::{Classification, Error, Kind, Result};

/// Random bytes that are drawn at once for event ids.
const ID_POOL: usize = 384;
/// Random bytes of an event id.
const ID_LEN: usize = 6;
/// Who writes the records about the log itself.
const SYSTEM: &str = "system";

/// What all writers of one handle have in common.
pub(super) struct Config {
    pub(super) names: Names,
    pub(super) chain: Chain,
    pub(super) options: AuditOptions,
}

/// The state of one process's writing end. It opens its files when they are first needed.
pub(super) struct Writer {
    pub(super) config: Arc<Config>,
    pub(super) head: Option<HeadFile>,
    /// Nothing after a failure: everything is then read again from the disk.
    pub(super) segment: Option<Segment>,
    /// Of the last record.
    pub(super) position: Position,
    /// Since retention was last applied.
    rotated: bool,
    ids: Vec<u8>,
    line: Vec<u8>,
}

/// How something went that the log did of itself.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Success,
    Failed,
}

impl Writer {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            head: None,
            segment: None,
            position: Position::default(),
            rotated: false,
            ids: Vec::new(),
            line: Vec::new(),
        }
    }

    /// Opens the files, sets a torn line aside, deletes what is past its retention.
    pub(super) fn prepare(&mut self) -> Result<()> {
        let _lock = self.lock()?;
        self.synchronise()?;
        self.apply_retention()
    }

    /// Writes one record and returns its event id. On failure nothing was written.
    pub(super) fn record(&mut self, body: &[u8]) -> Result<String> {
        let _lock = self.lock()?;
        self.synchronise()?;
        let id = self.append(body)?;
        if std::mem::take(&mut self.rotated) {
            // The record is written and stays so: what retention could not do now it does the next time.
            let _ = self.apply_retention();
        }
        Ok(id)
    }

    /// Forgets what is known about the files.
    pub(super) fn forget(&mut self) {
        self.segment = None;
    }

    /// Closes all files without touching the lock that another process may hold through them.
    pub(super) fn close(&mut self) {
        self.segment = None;
        self.head = None;
    }

    /// Writes one record about the log itself.
    pub(super) fn append_own(
        &mut self,
        event_type: &str,
        outcome: Outcome,
        detail: Map<String, Value>,
    ) -> Result<()> {
        let body = Event {
            event_type: event_type.to_owned(),
            user_id: SYSTEM.to_owned(),
            action: event_type.to_owned(),
            classification: Classification::Internal,
            status: match outcome {
                Outcome::Success => "success".to_owned(),
                Outcome::Failed => "failed".to_owned(),
            },
            data: Map::from_iter([(event_type.to_owned(), Value::Object(detail))]),
            ..Event::default()
        }
        .body()?;
        self.append(&body).map(drop)
    }

    /// Writes one record, rotating first if it would make the file too large. The lock is held.
    fn append(&mut self, body: &[u8]) -> Result<String> {
        let id = self.next_id()?;
        let now = Timestamp::now();
        let max = self.config.options.max_file_bytes;
        let mut mac = self.compose(now, &id, body)?;
        if max > 0
            && let Some(segment) = &self.segment
            && segment.length() > 0
            && segment.length() + self.line.len() as u64 > max
        {
            self.rotate()?;
            self.rotated = true;
            mac = self.compose(now, &id, body)?;
        }
        let written = self.write(Position {
            seq: self.position.seq + 1,
            mac,
        });
        if written.is_err() {
            self.forget();
        }
        written.map(|()| id)
    }

    /// Builds the line of the next record and returns its MAC.
    fn compose(&mut self, now: Timestamp, id: &str, body: &[u8]) -> Result<[u8; 32]> {
        use std::io::Write as _;

        let first_of_file = self
            .segment
            .as_ref()
            .is_none_or(|segment| segment.length() == 0);
        self.line.clear();
        // Writing into a `Vec` cannot fail.
        let _ = write!(self.line, r#"{{"timestamp":"{now:.6}","event_id":"{id}","#);
        self.line.extend_from_slice(body);
        let Position { seq, mac } = self.position;
        let mac = self
            .config
            .chain
            .seal(&mut self.line, seq + 1, &mac, first_of_file);
        if self.line.len() > MAX_LINE {
            return Err(too_large());
        }
        Ok(mac)
    }

    /// Writes the line that was composed, then the head.
    fn write(&mut self, position: Position) -> Result<()> {
        let (Some(segment), Some(head)) = (&mut self.segment, &self.head) else {
            return Err(Error::new(Kind::Internal, "the audit log is not open"));
        };
        let before = segment.length();
        segment.append(&self.line)?;
        let finish = || -> Result<()> {
            if self.config.options.durability == Durability::Each {
                segment.sync()?;
            }
            head.write(&self.config.chain, position)
                .map_err(|error| Error::io("cannot write the head of the audit log", &error))
        };
        if let Err(error) = finish() {
            segment.cut(before)?;
            return Err(error);
        }
        self.position = position;
        Ok(())
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

    /// `evt_` and 12 random hexadecimal digits.
    fn next_id(&mut self) -> Result<String> {
        if self.ids.len() < ID_LEN {
            self.ids.resize(ID_POOL, 0);
            if getrandom::fill(&mut self.ids).is_err() {
                self.ids.clear();
                return Err(Error::new(
                    Kind::Io,
                    "the operating system gives no random numbers",
                ));
            }
        }
        let random = self.ids.split_off(self.ids.len() - ID_LEN);
        Ok(format!("evt_{}", base16ct::lower::encode_string(&random)))
    }

    /// Brings a change of names in the directory to the disk, where that was asked for.
    pub(super) fn sync_directory(&self) -> Result<()> {
        if self.config.options.durability == Durability::Os {
            return Ok(());
        }
        File::open(self.config.names.directory())
            .and_then(|directory| directory.sync_all())
            .map_err(|error| {
                Error::io(
                    "cannot bring the directory of the audit log to the disk",
                    &error,
                )
            })
    }

    /// What the path of the log names now.
    pub(super) fn found(&self) -> Option<fs::Metadata> {
        fs::symlink_metadata(self.config.names.log()).ok()
    }
}
