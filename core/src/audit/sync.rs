//! Agreeing with the disk: what other processes wrote, what a crash left behind, what is missing.

use std::fs;
use std::io::{ErrorKind, Write as _};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::chain::{KEYED, Keys, Link, Position, UNKEYED};
use super::checkpoint::{self, CHECKPOINT};
use super::head::Head;
use super::lines::MAX_LINE;
use super::merkle::{self, Frontier};
use super::names::file_name;
use super::open::expect_regular;
use super::own::Outcome;
use super::ratchet::EPOCH;
use super::segment::Segment;
use super::writer::{Tree, Writer};
use crate::files::create_new;
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

/// An `fdatasync` has failed; the file before this one may lack records that were not acknowledged.
pub(super) const SYNC_FAILED: &str = "sync_failed";
/// Bytes that another process may have written meanwhile and that are read at once.
const MAX_FOLLOWED: u64 = 64 << 20;

impl Writer {
    /// After this the position is that of the last record, and the file ends with it. The lock is held.
    pub(super) fn synchronise(&mut self) -> Result<()> {
        let log = self.config.names.log();
        if let (Some(segment), Ok(found)) = (&self.segment, fs::symlink_metadata(&log))
            && segment.is(&log, &found)
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
        let (Some(segment), Some(head), Some(keys)) =
            (&mut self.segment, &self.head, &mut self.keys)
        else {
            return Ok(false);
        };
        let start = segment.length();
        if length - start > MAX_FOLLOWED {
            return Ok(false);
        }
        segment.grow_to(length);
        let appended = segment.read_from(start)?;
        let mut position = self.position;
        let fits = follow_lines(&appended, &mut position, keys, self.tree.as_mut(), 0);
        if !fits || head.read(keys)? != Head::At(position) {
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
        let mut keys = self.config.chain.keys()?;
        self.stored_epoch = keys.ratchet().map_or(0, |ratchet| ratchet.epoch().0);
        (self.position, self.tree) = match self.last_record(&segment, end, &mut keys)? {
            Some(position) => (position, self.tree_of(&segment, end)?),
            None => self.end_of_rotated(&mut keys)?,
        };
        self.keys = Some(keys);
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
    fn last_record(
        &self,
        segment: &Segment,
        end: u64,
        keys: &mut Keys,
    ) -> Result<Option<Position>> {
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
                    UNKEYED => {
                        "the audit log was begun without a key; hint: begin a new file to use one"
                    }
                    KEYED => {
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
        // The key of a sealed log may be that of a later epoch, if the machine died before the record was on its disk.
        let out_of_reach = last.position.seq <= self.stored_epoch * EPOCH;
        if !out_of_reach && !last.follows(keys, &previous) {
            return Err(Error::new(
                Kind::InvalidKey,
                "the last audit record does not fit the key; hint: open the log with the key it was begun with, or, if it \
                 was altered, move its files aside",
            ));
        }
        Ok(Some(last.position))
    }

    /// The last record of the newest rotated file, and the tree up to it; the beginning if there is none.
    fn end_of_rotated(&self, keys: &mut Keys) -> Result<(Position, Option<Tree>)> {
        let rotated = self
            .config
            .names
            .rotated()
            .map_err(|error| Error::io("cannot list the rotated audit logs", &error))?;
        let Some(newest) = rotated.last() else {
            let signed = self.config.options.signing_key.is_some();
            let tree = signed.then(|| Tree {
                frontier: Frontier::default(),
                uncovered: 0,
            });
            return Ok((Position::default(), tree));
        };
        expect_regular(&newest.path)?;
        let segment = Segment::open(&newest.path)?;
        let end = segment.end_of_last_line()?;
        let position = self.last_record(&segment, end, keys)?.unwrap_or_default();
        Ok((position, self.tree_of(&segment, end)?))
    }

    /// The tree over all lines up to `end`, from the last checkpoint on; nothing if the log is not signed.
    fn tree_of(&self, segment: &Segment, end: u64) -> Result<Option<Tree>> {
        let Some(signing_key) = &self.config.options.signing_key else {
            return match segment.first_line()?.as_deref().and_then(Link::parse) {
                Some(first) if first.event_type == CHECKPOINT => Err(Error::new(
                    Kind::InvalidKey,
                    "the audit log is signed; hint: open it with the signing key it was begun with",
                )),
                _ => Ok(None),
            };
        };
        let mut start = end;
        loop {
            if start == 0 {
                return Err(Error::new(
                    Kind::InvalidKey,
                    "the audit log was begun without a signing key; hint: begin a new file to use one",
                ));
            }
            let line = segment.line_before(start)?.ok_or_else(unreadable)?;
            start -= line.len() as u64 + 1;
            let record = Link::parse(&line).ok_or_else(unreadable)?;
            if record.event_type != CHECKPOINT {
                continue;
            }
            let frontier = checkpoint::tree_before(&line, &signing_key.public_key()).ok_or_else(|| {
                Error::new(
                    Kind::InvalidKey,
                    "the last checkpoint does not fit the signing key; hint: open the log with the key it was begun with, \
                     or, if it was altered, move its files aside",
                )
            })?;
            let mut tree = Tree {
                frontier,
                uncovered: 0,
            };
            tree.frontier.push(merkle::leaf(&line));
            let mut position = record.position;
            let after = start + line.len() as u64 + 1;
            let rest = segment.read(after, end)?;
            // Those that have checked the last record may be past the epoch of these.
            let mut keys = self.config.chain.keys()?;
            // Only what fits its key may be signed later on. Of a sealed log the key of an earlier epoch is gone.
            let keyless = self.stored_epoch * EPOCH;
            if !follow_lines(&rest, &mut position, &mut keys, Some(&mut tree), keyless) {
                return Err(Error::new(
                    Kind::Audit,
                    "records after the last checkpoint were altered; hint: verify the log, then move its files aside",
                ));
            }
            return Ok(Some(tree));
        }
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
        let (Some(file), Some(keys)) = (&self.head, &mut self.keys) else {
            return Ok(None);
        };
        let last = self.position;
        // A head that is behind may be of an earlier epoch.
        let head = file.read(&mut self.config.chain.keys()?)?;
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
                    .write(keys, last)
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

/// Whether whole lines follow each other and the position, which they move on together with the tree. Up to the record
/// `keyless` the MACs cannot be computed.
fn follow_lines(
    lines: &[u8],
    position: &mut Position,
    keys: &mut Keys,
    mut tree: Option<&mut Tree>,
    keyless: u64,
) -> bool {
    let mut rest = lines;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        let Some(record) = Link::parse(line) else {
            return false;
        };
        let next = record.position.seq > position.seq && record.previous.is_none();
        let checked = record.position.seq > keyless;
        if !next || (checked && !record.follows(keys, &position.mac)) {
            return false;
        }
        *position = record.position;
        if let Some(tree) = &mut tree {
            tree.frontier.push(merkle::leaf(line));
            let covers = record.event_type == CHECKPOINT;
            tree.uncovered = if covers { 0 } else { tree.uncovered + 1 };
        }
    }
    rest.is_empty()
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
