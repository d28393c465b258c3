//! Beginning a new file, and deleting old ones.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Durability;
use super::chain::{Link, digits};
use super::index;
use super::lines::{Line, Lines};
use super::merkle::{self, Frontier};
use super::names::{Rotated, file_name};
use super::open::{Access, open};
use super::own::Outcome;
use super::segment::Segment;
use super::sync::{RECOVERY, SYNC_FAILED};
use super::writer::Writer;
use crate::{Error, Kind, Result};

/// The event type, and the data member, of the record about a file that is deleted.
pub(super) const RETENTION_DELETE: &str = "retention_delete";

impl Writer {
    /// Gives the file its final name and begins a new one; the chain runs on. The lock is held.
    pub(super) fn rotate(&mut self) -> Result<()> {
        let failed = |error| Error::io("cannot rotate the audit log", &error);
        let target = self.config.names.rotated_now(self.position.seq);
        // Every writer holds the lock here, and the number of the last record is given once: nobody else makes this name.
        if fs::symlink_metadata(&target).is_ok() {
            return Err(Error::new(
                Kind::Audit,
                "cannot rotate the audit log: the rotated file exists; hint: move it away",
            ));
        }
        if self.config.options.durability != Durability::Os && !self.suspect {
            self.sync()?;
        }
        self.segment = None;
        let log = self.config.names.log();
        fs::rename(&log, &target).map_err(failed)?;
        self.segment = Some(Segment::open(&log)?);
        self.sync_directory()
    }

    /// Begins a new file after an `fdatasync` of the current one has failed: what the disk has of it is not known, and a
    /// second `fdatasync` would not tell. The lock is held.
    pub(super) fn abandon(&mut self) -> Result<()> {
        if self
            .segment
            .as_ref()
            .is_some_and(|segment| segment.length() > 0)
        {
            self.rotate()?;
        }
        let detail = json!({"reason": SYNC_FAILED, "after": self.position.seq});
        let detail = match detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        };
        self.append_own(RECOVERY, Outcome::Success, detail)
    }

    /// Deletes rotated files that are past their retention, each after a record of what it was. The lock is held.
    pub(super) fn apply_retention(&mut self) -> Result<()> {
        let days = i64::from(self.config.options.retention_days);
        if days == 0 || self.is_held() {
            return Ok(());
        }
        let Ok(kept_since) = Timestamp::now().checked_sub(SignedDuration::from_hours(24 * days))
        else {
            return Ok(());
        };
        let rotated = self
            .config
            .names
            .rotated()
            .map_err(|error| Error::io("cannot list the rotated audit logs", &error))?;
        for expired in rotated {
            if expired.since >= kept_since {
                break;
            }
            let summary = summarise(&expired)?;
            self.append_own(RETENTION_DELETE, Outcome::Success, summary.clone())?;
            self.flush()?;
            if let Some(first_seq) = summary["first_seq"].as_u64() {
                index::delete(&self.config.names, first_seq);
            }
            if fs::remove_file(&expired.path).is_err() {
                // Kept longer than it must be: recorded, and tried again the next time.
                return self.append_own(RETENTION_DELETE, Outcome::Failed, summary);
            }
        }
        Ok(())
    }
}

/// What stays known of a file: its name, its records, the MAC that the next file builds on, and the Merkle root of its
/// lines, so that whoever kept a copy can show that it is the one.
fn summarise(rotated: &Rotated) -> Result<Map<String, Value>> {
    let failed = |error| Error::io("cannot read an audit log past its retention", &error);
    let file = open(&rotated.path, Access::Read).map_err(failed)?;
    let mut lines = Lines::new(file, u64::MAX);
    let mut records = 0_u64;
    let mut first = None;
    let mut last = None;
    let mut tree = Frontier::default();
    while let Some(line) = lines.next().map_err(failed)? {
        if let Line::Whole(line) = line {
            tree.push(merkle::leaf(line));
        }
        if let Line::Whole(line) = line
            && let Some(link) = Link::parse(line)
        {
            records += 1;
            first.get_or_insert(link.position.seq);
            last = Some(link.position);
        }
    }
    let last = last.unwrap_or_default();
    let summary = json!({
        "file": file_name(&rotated.path),
        "records": records,
        "first_seq": first.unwrap_or_default(),
        "last_seq": last.seq,
        "mac": String::from_utf8_lossy(&digits(&last.mac)),
        "root": STANDARD.encode(tree.root()),
    });
    Ok(match summary {
        Value::Object(summary) => summary,
        _ => Map::new(),
    })
}
