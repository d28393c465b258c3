//! Agreeing with the disk: what other processes wrote, what a crash left behind, what is missing.

use std::io::{ErrorKind, Write as _};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::chain::{Link, Position};
use super::head::Head;
use super::lines::MAX_LINE;
use super::names::file_name;
use super::open::{create_new, expect_regular};
use super::segment::Segment;
use super::writer::{Outcome, Writer};
use crate::{Error, Kind, Result};

/// The event type, and the data member, of the record about something that was found on opening.
pub(super) const RECOVERY: &str = "recovery";
/// A line without its line feed was set aside.
pub(super) const TORN_LINE: &str = "torn_line";
/// The head names a later record than the last one there is.
pub(super) const MISSING_RECORDS: &str = "missing_records";
/// There were records but no head.
pub(super) const HEAD_MISSING: &str = "head_missing";
/// The head is not what a writer of this log wrote.
pub(super) const HEAD_DAMAGED: &str = "head_damaged";

impl Writer {
    /// After this the position is that of the last record, and the file ends with it. The lock is held.
    pub(super) fn synchronise(&mut self) -> Result<()> {
        if let (Some(segment), Some(found)) = (&self.segment, self.found())
            && segment.is(&found)
        {
            if found.len() == segment.length() {
                return Ok(());
            }
            if found.len() > segment.length() && self.follow(found.len())? {
                return Ok(());
            }
        }
        let reopened = self.reopen();
        if reopened.is_err() {
            self.forget();
        }
        reopened
    }

    /// The common case: another process appended whole records and said so in the head.
    fn follow(&mut self, length: u64) -> Result<bool> {
        let (Some(segment), Some(head)) = (&mut self.segment, &self.head) else {
            return Ok(false);
        };
        segment.grow_to(length);
        let Head::At(position) = head.read(&self.config.chain)? else {
            return Ok(false);
        };
        if segment.end_of_last_line()? != length {
            return Ok(false);
        }
        let line = segment.line_before(length)?;
        let last = line.as_deref().and_then(Link::parse);
        if last.is_none_or(|last| last.position != position) {
            return Ok(false);
        }
        self.position = position;
        Ok(true)
    }

    /// Reads everything anew.
    fn reopen(&mut self) -> Result<()> {
        let log = self.config.names.log();
        expect_regular(&log)?;
        let segment = Segment::open(&log)?;
        let end = segment.end_of_last_line()?;
        self.position = match self.last_record(&segment, end)? {
            Some(position) => position,
            None => self.end_of_rotated()?,
        };
        let torn = end < segment.length();
        self.segment = Some(segment);
        let mut findings = Vec::new();
        if torn {
            findings.push(self.set_aside(end)?);
        }
        findings.extend(self.compare_head()?);
        for finding in findings {
            self.append_own(RECOVERY, Outcome::Success, finding)?;
        }
        Ok(())
    }

    /// Number and MAC of the record that ends at `end`, after checking that it was made with our key.
    fn last_record(&self, segment: &Segment, end: u64) -> Result<Option<Position>> {
        if end == 0 {
            return Ok(None);
        }
        let line = segment.line_before(end)?.ok_or_else(unreadable)?;
        let last = Link::parse(&line).ok_or_else(unreadable)?;
        let chain = &self.config.chain;
        if last.algorithm != chain.algorithm() {
            return Err(Error::new(
                Kind::InvalidKey,
                match last.algorithm {
                    "sha256" => {
                        "the audit log was begun without a key; hint: begin a new file to use one"
                    }
                    "hmac-sha256" => {
                        "the audit log has a key; hint: open it with the key it was begun with"
                    }
                    _ => {
                        return Err(Error::new(
                            Kind::Unsupported,
                            "the audit log was written by a later release; hint: update this one",
                        ));
                    }
                },
            ));
        }
        let previous = if let Some(previous) = last.previous {
            previous
        } else {
            let before = end - line.len() as u64 - 1;
            let line = segment.line_before(before)?.ok_or_else(unreadable)?;
            Link::parse(&line).ok_or_else(unreadable)?.position.mac
        };
        if !last.follows(chain, &previous) {
            return Err(Error::new(
                Kind::InvalidKey,
                "the last audit record does not fit the key; hint: open the log with the key it was begun with, or, if it \
                 was altered, move its files aside",
            ));
        }
        Ok(Some(last.position))
    }

    /// The last record of the newest rotated file; the beginning if there is none.
    fn end_of_rotated(&self) -> Result<Position> {
        let rotated = self
            .config
            .names
            .rotated()
            .map_err(|error| Error::io("cannot list the rotated audit logs", &error))?;
        let Some(newest) = rotated.last() else {
            return Ok(Position::default());
        };
        expect_regular(&newest.path)?;
        let segment = Segment::open(&newest.path)?;
        let end = segment.end_of_last_line()?;
        Ok(self.last_record(&segment, end)?.unwrap_or_default())
    }

    /// Moves the bytes behind `end`, which a crash left without a line feed, into a file of their own.
    fn set_aside(&mut self, end: u64) -> Result<Map<String, Value>> {
        let failed = |error| Error::io("cannot set a torn audit record aside", &error);
        let Some(segment) = &mut self.segment else {
            return Ok(Map::new());
        };
        if segment.length() - end > MAX_LINE as u64 {
            return Err(unreadable());
        }
        let bytes = segment.read_from(end)?;
        let mut attempt = 0;
        let (path, mut file) = loop {
            let path = self.config.names.torn(self.position.seq + 1, attempt);
            match create_new(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => attempt += 1,
                created => break (path, created.map_err(failed)?),
            }
        };
        file.write_all(&bytes)
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        segment.cut(end)?;
        Ok(detail(
            TORN_LINE,
            json!({
                "bytes": bytes.len(),
                "sha256": base16ct::lower::encode_string(&Sha256::digest(&bytes)),
                "file": file_name(&path),
            }),
        ))
    }

    /// Compares the head with the last record, and lets numbering go on behind the head: numbers of records that were
    /// once there are not given again, so the gap stays visible.
    fn compare_head(&mut self) -> Result<Option<Map<String, Value>>> {
        let Some(file) = &self.head else {
            return Ok(None);
        };
        let last = self.position;
        let head = file.read(&self.config.chain)?;
        let finding = match head {
            Head::At(head) if head.seq > last.seq => {
                self.position.seq = head.seq;
                detail(
                    MISSING_RECORDS,
                    json!({"first": last.seq + 1, "last": head.seq}),
                )
            }
            Head::At(head) if head.seq == last.seq && head.mac != last.mac => {
                detail(HEAD_DAMAGED, json!({}))
            }
            Head::At(head) if head == last => return Ok(None),
            Head::At(_) => {
                return file
                    .write(&self.config.chain, last)
                    .map(|()| None)
                    .map_err(|error| Error::io("cannot write the head of the audit log", &error));
            }
            Head::Absent if last.seq == 0 => return Ok(None),
            Head::Absent => detail(HEAD_MISSING, json!({})),
            Head::Damaged => detail(HEAD_DAMAGED, json!({})),
        };
        Ok(Some(finding))
    }
}

fn detail(reason: &str, members: Value) -> Map<String, Value> {
    let mut detail = Map::from_iter([("reason".to_owned(), Value::from(reason))]);
    if let Value::Object(members) = members {
        detail.extend(members);
    }
    detail
}

fn unreadable() -> Error {
    Error::new(
        Kind::Audit,
        "the last line of the audit log is not a record; hint: verify the log, then move its files aside",
    )
}
