//! Finding records.

use std::fs::File;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::chain::{Chain, KEYED, Link, UNKEYED};
use super::checkpoint::CHECKPOINT;
use super::filter::Filter;
use super::index::{Field, Index, LogFile, Places, Sealing, Wanted, blocks, nested};
use super::lines::{self, LinesAt};
use super::names::Names;
use super::outline::Outline;
use super::snapshot::{Part, Snapshot};
use super::time;
use crate::{Classification, Error, Kind, Result};

/// Which records are wanted: those that fulfil every condition that is given.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// `llm_request`, `security_violation`, …
    pub event_type: Option<String>,
    /// Exactly this user.
    pub user_id: Option<String>,
    /// Exactly this session.
    pub session_id: Option<String>,
    /// `view_patient_record`, …
    pub action: Option<String>,
    /// `success`, `blocked`, …
    pub status: Option<String>,
    /// Exactly this class.
    pub classification: Option<Classification>,
    /// RFC 3339, date alone (`2025-11-01`), or date-time without zone (UTC). Inclusive.
    pub since: Option<String>,
    /// Likewise; a date alone means to the end of that day.
    pub until: Option<String>,
    /// Nested members: `("security__pii_scrubbed__gt", 3)`; suffixes `__gt __gte __lt __lte __ne`. A record without the
    /// member never matches.
    pub filters: Vec<(String, Value)>,
    /// 0 = no limit.
    pub limit: usize,
    /// Oldest first otherwise, which is also where the limit counts from.
    pub newest_first: bool,
}

/// Reads a log without opening it for writing, rotated files included.
///
/// Records are read one by one, so memory is bounded by the result. Lines that are not records are passed over:
/// [`verify`](super::verify()) reports them. [`crate::Kind::InvalidArgument`] for a malformed date or filter;
/// [`crate::Kind::NotFound`] if there is no log.
///
/// Of a log that has no key and is not signed this uses the index as [`super::AuditLog::query`] does, and makes it where
/// it is missing if the log is the caller's own. Of any other log it can only read everything, for without its key nobody can
/// tell whether the index was altered: [`query_with_key`].
pub fn query(path: impl AsRef<Path>, query: &Query) -> Result<Vec<Value>> {
    find(&Names::new(path.as_ref())?, query, None)
}

/// [`query()`] with the 32 bytes that a log was begun with, so that the index can be used.
///
/// [`Kind::InvalidKey`] if that is not the key of the log.
pub fn query_with_key(path: impl AsRef<Path>, query: &Query, key: &[u8]) -> Result<Vec<Value>> {
    find(&Names::new(path.as_ref())?, query, Some(key))
}

fn find(names: &Names, query: &Query, key: Option<&[u8]>) -> Result<Vec<Value>> {
    let chain = Chain::new(key)?;
    let sealing = match first_line(names)? {
        Some(line) => sealing_of(&line, &chain)?,
        None => Sealing::Unknown,
    };
    run_with(names, &mut Index::once(names), query, sealing)
}

/// How the index of a log is sealed that begins with this line, and of which no more than the key is known.
fn sealing_of<'c>(line: &[u8], chain: &'c Chain) -> Result<Sealing<'c>> {
    let Some(first) = Link::parse(line) else {
        return Ok(Sealing::Unknown);
    };
    Ok(match chain {
        Chain::Keyed(_) => {
            let before = first.previous.unwrap_or_default();
            if first.algorithm != KEYED || !first.follows(&mut chain.keys()?, &before) {
                return Err(Error::new(
                    Kind::InvalidKey,
                    "the audit log does not begin with this key; hint: query it without a key, and verify it",
                ));
            }
            Sealing::Keyed(chain)
        }
        // Each file of a signed log begins with a checkpoint.
        _ if first.algorithm == UNKEYED && first.event_type != CHECKPOINT => Sealing::Open,
        _ => Sealing::Unknown,
    })
}

/// The first line of the oldest file.
fn first_line(names: &Names) -> Result<Option<Vec<u8>>> {
    for part in Snapshot::take(names, &mut Chain::Unkeyed.keys()?)?.parts {
        if let Some((file, length)) = part.open()? {
            return lines::line_after(&file, 0, length).map_err(|error| unreadable(&error));
        }
    }
    Ok(None)
}

/// Reads everything, from the end on where that is asked for.
pub(super) fn run(names: &Names, query: &Query) -> Result<Vec<Value>> {
    answer(names, None, &Conditions::new(query)?, Sealing::Unknown)
}

/// As [`run`], reading only what the index names. Conditions that it does not know leave the whole log to be read.
pub(super) fn run_with(
    names: &Names,
    index: &mut Index,
    query: &Query,
    sealing: Sealing<'_>,
) -> Result<Vec<Value>> {
    let conditions = Conditions::new(query)?;
    let index = (!conditions.wanted().is_nothing()).then_some(index);
    answer(names, index, &conditions, sealing)
}

fn answer(
    names: &Names,
    mut index: Option<&mut Index>,
    conditions: &Conditions<'_>,
    sealing: Sealing<'_>,
) -> Result<Vec<Value>> {
    // Nothing here depends on the MACs.
    let mut snapshot = Snapshot::take(names, &mut Chain::Unkeyed.keys()?)?;
    let newest_first = conditions.query.newest_first;
    if newest_first {
        snapshot.parts.reverse();
    }
    if let Some(index) = &mut index {
        let paths: Vec<_> = snapshot.parts.iter().map(Part::path).collect();
        index.keep(&paths);
    }
    let wanted = conditions.wanted();
    let mut found = Vec::new();
    for part in snapshot.parts {
        let is_rotated = part.is_rotated();
        let Some((file, length)) = part.open()? else {
            continue;
        };
        let log = LogFile {
            file,
            length,
            is_rotated,
        };
        let surveyed = match &mut index {
            Some(index) => index
                .survey(&log, sealing)
                .map_err(|error| unreadable(&error))?,
            None => None,
        };
        let Some((number, stretches)) = surveyed else {
            let all = 0..length;
            read_at(
                &log.file,
                &all,
                Places::Blocks(blocks::all(&all)),
                conditions,
                &mut found,
            )?;
            if conditions.is_enough(&found) {
                break;
            }
            continue;
        };
        for turn in 0..stretches {
            let stretch = if newest_first {
                stretches - 1 - turn
            } else {
                turn
            };
            if let Some(index) = &mut index {
                let (stretch, places) = index
                    .places((number, stretch), &log, &wanted, sealing)
                    .map_err(|error| unreadable(&error))?;
                read_at(&log.file, &stretch, places, conditions, &mut found)?;
            }
            if conditions.is_enough(&found) {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Adds the matching records at these places of one file, up to the limit.
fn read_at(
    file: &File,
    stretch: &Range<u64>,
    places: Places,
    conditions: &Conditions<'_>,
    found: &mut Vec<Value>,
) -> Result<()> {
    let failed = |error| unreadable(&error);
    let newest_first = conditions.query.newest_first;
    match places {
        Places::Lines(mut offsets) => {
            if newest_first {
                offsets.reverse();
            }
            let mut lines = LinesAt::new(file, stretch.end);
            for offset in offsets {
                let line = lines.line(offset).map_err(failed)?;
                found.extend(line.and_then(|line| conditions.matching(line)));
                if conditions.is_enough(found) {
                    break;
                }
            }
        }
        Places::Blocks(blocks) if newest_first => {
            for run in blocks::runs(&blocks).iter().rev() {
                let mut of_run = Vec::new();
                blocks::each_line(file, run, stretch, |line| {
                    of_run.extend(conditions.matching(line));
                    true
                })
                .map_err(failed)?;
                let left = conditions.limit() - found.len();
                found.extend(of_run.into_iter().rev().take(left));
                if conditions.is_enough(found) {
                    break;
                }
            }
        }
        Places::Blocks(blocks) => {
            for run in blocks::runs(&blocks) {
                blocks::each_line(file, &run, stretch, |line| {
                    found.extend(conditions.matching(line));
                    !conditions.is_enough(found)
                })
                .map_err(failed)?;
                if conditions.is_enough(found) {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::io("cannot read the audit log", error)
}

/// A query that was found well-formed.
struct Conditions<'q> {
    query: &'q Query,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    filters: Vec<Filter>,
    /// Of each of these ranges a matching record has a key.
    keys: Vec<RangeInclusive<u64>>,
}

impl<'q> Conditions<'q> {
    fn new(query: &'q Query) -> Result<Self> {
        let filters = query
            .filters
            .iter()
            .map(|(name, value)| Filter::new(name, value))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            query,
            since: query.since.as_deref().map(time::since).transpose()?,
            until: query.until.as_deref().map(time::until).transpose()?,
            keys: filters.iter().filter_map(Filter::keys).collect(),
            filters,
        })
    }

    fn limit(&self) -> usize {
        match self.query.limit {
            0 => usize::MAX,
            limit => limit,
        }
    }

    fn is_enough(&self, found: &[Value]) -> bool {
        found.len() == self.limit()
    }

    /// Those that the index knows.
    fn wanted(&self) -> Wanted {
        let query = self.query;
        let mut wanted = Wanted::default();
        let members = [
            (Field::User, query.user_id.as_deref()),
            (Field::Session, query.session_id.as_deref()),
            (Field::EventType, query.event_type.as_deref()),
            (Field::Action, query.action.as_deref()),
            (Field::Status, query.status.as_deref()),
            (
                Field::Classification,
                query.classification.map(Classification::as_str),
            ),
        ];
        for (field, value) in members {
            if let Some(value) = value {
                wanted.term(&(field, value));
            }
        }
        for (name, value) in &query.filters {
            if let (Some(field), Some(value)) = (Field::of_member(name), value.as_str()) {
                wanted.term(&(field, value));
            }
        }
        for keys in &self.keys {
            wanted.member(keys.clone());
        }
        if self.since.is_some() || self.until.is_some() {
            let first = self.since.map_or(0, time::minute_of);
            wanted.minutes(first..=self.until.map_or(time::LAST_MINUTE, time::minute_of));
        }
        wanted
    }

    fn matching(&self, line: &[u8]) -> Option<Value> {
        let outline: Outline = serde_json::from_slice(line).ok()?;
        if !self.allows(&outline) || !self.may_have_members(line) {
            return None;
        }
        let record = serde_json::from_slice(line).ok()?;
        self.filters
            .iter()
            .all(|filter| filter.matches(&record))
            .then_some(record)
    }

    /// Whether it is worth reading as a whole: far cheaper than doing so.
    fn may_have_members(&self, line: &[u8]) -> bool {
        let mut missing: Vec<_> = self.keys.iter().collect();
        if !missing.is_empty() {
            nested::each_key(line, |key| missing.retain(|keys| !keys.contains(&key)));
        }
        missing.is_empty()
    }

    fn allows(&self, outline: &Outline) -> bool {
        let is = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        let query = self.query;
        is(query.event_type.as_deref(), &outline.event_type)
            && is(query.user_id.as_deref(), &outline.user_id)
            && is(query.session_id.as_deref(), &outline.session_id)
            && is(query.action.as_deref(), &outline.action)
            && is(query.status.as_deref(), &outline.status)
            && is(
                query.classification.map(Classification::as_str),
                &outline.classification,
            )
            && self.in_period(&outline.timestamp)
    }

    fn in_period(&self, timestamp: &str) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        timestamp.parse().is_ok_and(|time: Timestamp| {
            self.since.is_none_or(|since| time >= since)
                && self.until.is_none_or(|until| time <= until)
        })
    }
}
