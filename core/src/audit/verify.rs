//! Checking a log from its first record to its last.

use std::fmt;
use std::path::Path;

use serde_json::Value;

use super::chain::{Chain, Keys, Link, Mac, Position, UNKEYED, parse_digits};
use super::covered::Coverage;
use super::head::Head;
use super::lines::Line;
use super::names::{Names, file_name};
use super::note::PublicKey;
use super::rotation::RETENTION_DELETE;
use super::snapshot::Snapshot;
use super::sync::{HEAD_DAMAGED, HEAD_MISSING, RECOVERY};
use crate::{Error, Kind, Result};

/// Problems that are listed; more are not worth reading.
const MAX_PROBLEMS: usize = 100;

/// What [`verify`] found. `problems` is empty exactly when the log is intact.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Lines that are records, whether they fit or not.
    pub records: u64,
    /// Files that were read.
    pub files: u64,
    /// Lines that the last good checkpoint in the log covers; nothing without a public key.
    pub covered: Option<u64>,
    /// Whether the chain is keyed: an unkeyed one shows accidents, not an insider who recomputes it.
    pub keyed: bool,
    /// One line each, with the file name and line number; no content of records. At most 100, then one that says so.
    pub problems: Vec<String>,
    /// What this result does not say, in plain words; not a sign that anything is wrong.
    pub notes: Vec<String>,
}

impl Verification {
    /// Whether nothing wrong was found.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What a log is checked against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'e> {
    /// The key that the log was opened with, or that [`super::seal()`] returned. Without it, and with a public key, the MACs
    /// of a keyed log are not checked.
    pub key: Option<&'e [u8]>,
    /// The key that checks the checkpoints in the log: nothing secret is needed.
    pub public_key: Option<&'e PublicKey>,
    /// Checkpoints of this log that were kept elsewhere; they need the public key.
    pub checkpoints: &'e [String],
}

/// Checks a log and its rotated files: edits, deletions, insertions, reordering, torn last line, records cut off.
///
/// `key` is the one that the log was opened with. The log may be written to meanwhile: what it held at the beginning is
/// checked. Errors are those of reading: [`crate::Kind::NotFound`] if there is no log, [`crate::Kind::InvalidKey`] for a
/// key that does not have 32 bytes.
pub fn verify(path: impl AsRef<Path>, key: Option<&[u8]>) -> Result<Verification> {
    let expected = Expected {
        key,
        ..Expected::default()
    };
    verify_against(path, &expected)
}

/// As [`verify`], with a public key and with checkpoints that were kept elsewhere, which show a log that was set back.
///
/// [`crate::Kind::InvalidArgument`] for a checkpoint that this public key has not signed.
pub fn verify_against(path: impl AsRef<Path>, expected: &Expected<'_>) -> Result<Verification> {
    let chain = match (expected.key, expected.public_key) {
        (None, Some(_)) => None,
        (key, _) => Some(Chain::new(key)?),
    };
    run(&Names::new(path.as_ref())?, chain.as_ref(), expected)
}

pub(super) fn run(
    names: &Names,
    chain: Option<&Chain>,
    expected: &Expected<'_>,
) -> Result<Verification> {
    let coverage = match expected.public_key {
        Some(key) => Some(Coverage::new(key, expected.checkpoints)?),
        None if expected.checkpoints.is_empty() => None,
        None => {
            return Err(Error::new(
                Kind::InvalidArgument,
                "checkpoints can be compared with a public key only; hint: give the one of this log",
            ));
        }
    };
    let keys = chain.map(Chain::keys).transpose()?;
    let snapshot = Snapshot::take(names, &mut chain.unwrap_or(&Chain::Unkeyed).keys()?)?;
    let mut check = Check::new(chain, keys, snapshot.head, coverage);
    for part in snapshot.parts {
        let name = part.name();
        let Some(mut lines) = part.lines()? else {
            continue;
        };
        check.files += 1;
        let mut number = 0_u64;
        while let Some(line) = lines
            .next()
            .map_err(|error| Error::io("cannot read the audit log", &error))?
        {
            number += 1;
            let place = Place {
                file: &name,
                number,
            };
            if let Some(problem) = check.line(&line, &place) {
                check.report(&format!("{place}: {problem}"));
            }
        }
    }
    Ok(check.finish(&file_name(&names.log()), &file_name(&names.head())))
}

/// Where a line stands.
struct Place<'a> {
    file: &'a str,
    number: u64,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.number)
    }
}

/// The first record there is, if it is not number 1: retention must have declared what was before it.
struct Opening {
    place: String,
    before: Position,
}

/// What is known after the lines so far.
struct Check<'c> {
    /// Nothing if the MACs are not to be checked.
    chain: Option<&'c Chain>,
    keys: Option<Keys>,
    coverage: Option<Coverage<'c>>,
    head: Head,
    /// Of the last line that was a record.
    last: Option<Position>,
    /// Whether a line that is not a record came after it.
    interrupted: bool,
    opening: Option<Opening>,
    /// Ends of the files that retention deleted.
    declared: Vec<Position>,
    /// MAC of the record that the head names.
    at_head: Option<Mac>,
    files: u64,
    records: u64,
    fitting: u64,
    keyed: bool,
    foreign_algorithm: bool,
    problems: Vec<String>,
}

impl<'c> Check<'c> {
    fn new(
        chain: Option<&'c Chain>,
        keys: Option<Keys>,
        head: Head,
        coverage: Option<Coverage<'c>>,
    ) -> Self {
        Self {
            chain,
            keys,
            coverage,
            head,
            last: None,
            interrupted: false,
            opening: None,
            declared: Vec::new(),
            at_head: None,
            files: 0,
            records: 0,
            fitting: 0,
            keyed: chain.is_some_and(Chain::is_keyed),
            foreign_algorithm: false,
            problems: Vec::new(),
        }
    }

    fn report(&mut self, problem: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem.to_owned());
        } else if self.problems.len() == MAX_PROBLEMS {
            self.problems
                .push("further problems are not listed".to_owned());
        }
    }

    /// Takes the next line and says what is wrong with it.
    fn line(&mut self, next: &Line<'_>, place: &Place<'_>) -> Option<String> {
        let bytes = match next {
            Line::Whole(bytes) => bytes,
            Line::Torn => return Some("the line is torn: it has no line feed".to_owned()),
            Line::TooLong(_) => {
                self.interrupted = true;
                return Some("the line is longer than any record".to_owned());
            }
        };
        let link = Link::parse(bytes);
        let uncovered = self
            .coverage
            .as_mut()
            .and_then(|coverage| coverage.line(bytes, link.as_ref()));
        let Some(link) = link else {
            self.interrupted = true;
            return Some("this is not a record (edit or insertion)".to_owned());
        };
        self.records += 1;
        if self.records == 1 {
            self.keyed = link.algorithm != UNKEYED;
        }
        if let Head::At(head) = self.head
            && head.seq == link.position.seq
        {
            self.at_head = Some(link.position.mac);
        }
        let problem = self.judge(&link, bytes, place);
        self.last = Some(link.position);
        self.interrupted = false;
        problem.or(uncovered)
    }

    fn judge(&mut self, link: &Link<'_>, bytes: &[u8], place: &Place<'_>) -> Option<String> {
        let first_of_file = place.number == 1;
        let seq = link.position.seq;
        let previous = link.previous.or(self.last.map(|last| last.mac));
        // Only the next number and the first one are looked up: others are reported, and cost nothing.
        let next = self
            .last
            .is_none_or(|last| seq == last.seq.saturating_add(1));
        let fits = match (&mut self.keys, previous) {
            (None, _) => true,
            (Some(keys), Some(previous)) => next && link.follows(keys, &previous),
            (Some(_), None) => false,
        };
        self.fitting += u64::from(fits);

        if link.previous.is_some() != first_of_file {
            return Some(if first_of_file {
                "the first record of the file does not name its predecessor: lines before it are missing (deletion)"
                    .to_owned()
            } else {
                "this is the first record of another file (splice)".to_owned()
            });
        }
        match (self.last, link.previous) {
            (Some(last), _) if seq == last.seq.saturating_add(2) && self.interrupted => {
                return None;
            }
            (Some(last), _) if seq > last.seq.saturating_add(1) => {
                return Some(missing(last.seq + 1, seq - 1));
            }
            (Some(last), _) if seq <= last.seq => {
                return Some(format!(
                    "record {seq} stands here again or out of order (insertion or reordering)"
                ));
            }
            (Some(last), Some(previous)) if previous != last.mac => {
                return Some("the file does not follow the file before it (splice)".to_owned());
            }
            (Some(_), _) => {}
            (None, previous) => self.begin(seq, previous.unwrap_or_default(), place),
        }
        if let Some(chain) = self.chain
            && link.algorithm != chain.algorithm()
        {
            if std::mem::replace(&mut self.foreign_algorithm, true) {
                return None;
            }
            return Some(if chain.is_keyed() {
                "the chain was made without the key; hint: if the log never had one, verify without"
                    .to_owned()
            } else {
                "the chain has a key, without which only numbers can be checked; hint: give the key"
                    .to_owned()
            });
        }
        if !fits {
            return Some(format!(
                "record {seq} was altered, or follows another record than this one (edit or splice)"
            ));
        }
        self.own_record(link, bytes)
    }

    /// Notes what a first record says about what was before it.
    fn begin(&mut self, seq: u64, mac: Mac, place: &Place<'_>) {
        let before = Position { seq: seq - 1, mac };
        if before != Position::default() {
            self.opening = Some(Opening {
                place: place.to_string(),
                before,
            });
        }
    }

    /// Reads the records that the log wrote about itself.
    fn own_record(&mut self, link: &Link<'_>, bytes: &[u8]) -> Option<String> {
        if link.event_type != RECOVERY && link.event_type != RETENTION_DELETE {
            return None;
        }
        let record: Value = serde_json::from_slice(bytes).ok()?;
        let detail = record.get(&*link.event_type)?;
        if link.event_type == RETENTION_DELETE {
            self.declared.push(Position {
                seq: detail.get("last_seq")?.as_u64()?,
                mac: parse_digits(detail.get("mac")?.as_str()?)?,
            });
            return None;
        }
        let reason = detail.get("reason")?.as_str()?;
        [HEAD_MISSING, HEAD_DAMAGED].contains(&reason).then(|| {
            "the head file was missing or did not fit when the log was opened here: records before this one may have \
             been cut off"
                .to_owned()
        })
    }

    fn finish(mut self, log_name: &str, head_name: &str) -> Verification {
        if let Some(opening) = self.opening.take()
            && !self.declared.contains(&opening.before)
        {
            let Opening { place, before } = opening;
            self.report(&format!("{place}: {}", missing(1, before.seq)));
        }
        let mut notes = Vec::new();
        let mut covered = None;
        if let Some(mut coverage) = self.coverage.take() {
            let (problems, remarks) = coverage.finish();
            for problem in problems {
                self.report(&format!("{log_name}: {problem}"));
            }
            covered = Some(coverage.covered);
            notes = remarks;
        }
        if self.chain.is_none() && self.keyed {
            notes.push(
                "the MACs and the head file were not checked: that takes the key of the log"
                    .to_owned(),
            );
        } else if let Some(problem) = self.judge_head() {
            self.report(&format!("{head_name}: {problem}"));
        }
        if self.fitting == 0
            && self.records > 0
            && !self.foreign_algorithm
            && self.keys.is_some()
            && self.keyed
        {
            self.problems.insert(
                0,
                "no record fits the key: it is not the one that the log was begun with, or every record was altered".to_owned(),
            );
        }
        if !self.keyed && covered.is_none() {
            notes.push(
                "the chain has no key: whoever may write the files can alter records and compute the chain anew, which \
                 nothing here would show"
                    .to_owned(),
            );
        }
        if !self.declared.is_empty() {
            notes.push(
                "earlier files were deleted after their retention, as records in the log say"
                    .to_owned(),
            );
        }
        notes.push(
            "replacing the log and its head file by an older copy of both is not shown without a checkpoint that was kept \
             elsewhere"
                .to_owned(),
        );
        Verification {
            records: self.records,
            files: self.files,
            keyed: self.keyed,
            covered,
            problems: self.problems,
            notes,
        }
    }

    fn judge_head(&self) -> Option<String> {
        let last = self.last.unwrap_or_default();
        match self.head {
            // The reason was given where the records' algorithm was found to be another.
            _ if self.foreign_algorithm => None,
            Head::Absent if last.seq == 0 => None,
            Head::Absent => Some(
                "the head file is missing: records may have been cut off at the end".to_owned(),
            ),
            Head::Damaged => {
                Some("the head file is damaged, or was made with another key".to_owned())
            }
            Head::At(head) if head.seq > last.seq => {
                Some(format!("{} (truncation)", gap(last.seq + 1, head.seq)))
            }
            Head::At(head) if head.seq > 0 && self.at_head.is_some_and(|mac| mac != head.mac) => {
                Some(format!(
                    "record {} is not the one that was written (rollback or splice)",
                    head.seq
                ))
            }
            Head::At(_) => None,
        }
    }
}

fn missing(first: u64, last: u64) -> String {
    format!("{} (deletion)", gap(first, last))
}

fn gap(first: u64, last: u64) -> String {
    if first == last {
        format!("record {first} is missing")
    } else {
        format!("records {first} to {last} are missing")
    }
}
