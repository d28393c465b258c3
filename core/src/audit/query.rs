//! Finding records.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::blocks;
use super::chain::Chain;
use super::filter::Filter;
use super::index::{Field, Index, Places, Wanted};
use super::index_file::IndexKey;
use super::lines::{Line, LinesAt};
use super::names::Names;
use super::nested;
use super::outline::Outline;
use super::snapshot::{Part, Snapshot};
use super::time;
use crate::{Classification, Error, Result};

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
pub fn query(path: impl AsRef<Path>, query: &Query) -> Result<Vec<Value>> {
    run(&Names::new(path.as_ref())?, query)
}

pub(super) fn run(names: &Names, query: &Query) -> Result<Vec<Value>> {
    let conditions = Conditions::new(query)?;
    // Nothing here depends on the MACs.
    let snapshot = Snapshot::take(names, &mut Chain::Unkeyed.keys()?)?;
    let limit = match query.limit {
        0 => usize::MAX,
        limit => limit,
    };
    let mut found = Vec::new();
    if query.newest_first {
        for part in snapshot.parts.into_iter().rev() {
            let wanted = limit - found.len();
            let mut newest = VecDeque::new();
            read(part, &conditions, |record| {
                if newest.len() == wanted {
                    newest.pop_front();
                }
                newest.push_back(record);
                true
            })?;
            found.extend(newest.into_iter().rev());
            if found.len() == limit {
                break;
            }
        }
    } else {
        for part in snapshot.parts {
            read(part, &conditions, |record| {
                found.push(record);
                found.len() < limit
            })?;
            if found.len() == limit {
                break;
            }
        }
    }
    Ok(found)
}

/// As [`run`], reading only what the index names. Conditions that it does not know leave the whole log to be read.
pub(super) fn run_with(
    names: &Names,
    index: &mut Index,
    query: &Query,
    key: IndexKey<'_>,
) -> Result<Vec<Value>> {
    let conditions = Conditions::new(query)?;
    let wanted = conditions.wanted();
    if wanted.is_nothing() {
        return run(names, query);
    }
    let mut snapshot = Snapshot::take(names, &mut Chain::Unkeyed.keys()?)?;
    if query.newest_first {
        snapshot.parts.reverse();
    }
    let there: HashSet<PathBuf> = snapshot
        .parts
        .iter()
        .filter_map(|part| part.rotated().map(Path::to_owned))
        .collect();
    index.keep(|path| there.contains(path));
    let mut found = Vec::new();
    for part in snapshot.parts {
        let rotated = part.rotated().map(Path::to_owned);
        let Some((file, length)) = part.open()? else {
            continue;
        };
        let places = match rotated {
            Some(path) => index.places_of_rotated(&path, &file, length, &wanted, key)?,
            None => index.places(&file, length, &wanted)?,
        };
        read_at(&file, length, places, &conditions, &mut found)?;
        if query.limit > 0 && found.len() == query.limit {
            break;
        }
    }
    Ok(found)
}

/// Adds the matching records at these places of one file, up to the limit.
fn read_at(
    file: &File,
    length: u64,
    places: Places,
    conditions: &Conditions,
    found: &mut Vec<Value>,
) -> Result<()> {
    let failed = |error| Error::io("cannot read the audit log", &error);
    let query = conditions.query;
    let is_enough = |found: &Vec<Value>| query.limit > 0 && found.len() == query.limit;
    match places {
        Places::Lines(mut offsets) => {
            if query.newest_first {
                offsets.reverse();
            }
            let mut lines = LinesAt::new(file, length);
            for offset in offsets {
                let line = lines.line(offset).map_err(failed)?;
                found.extend(line.and_then(|line| conditions.matching(line)));
                if is_enough(found) {
                    break;
                }
            }
        }
        Places::Blocks(mut blocks) if query.newest_first => {
            blocks.reverse();
            for block in blocks {
                let mut of_block = Vec::new();
                blocks::each_line(file, block, length, |line| {
                    of_block.extend(conditions.matching(line));
                    true
                })
                .map_err(failed)?;
                let left = match query.limit {
                    0 => usize::MAX,
                    limit => limit - found.len(),
                };
                found.extend(of_block.into_iter().rev().take(left));
                if is_enough(found) {
                    break;
                }
            }
        }
        Places::Blocks(blocks) => {
            for block in blocks {
                blocks::each_line(file, block, length, |line| {
                    found.extend(conditions.matching(line));
                    !is_enough(found)
                })
                .map_err(failed)?;
                if is_enough(found) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Gives the matching records of one file to `take` until it returns false.
fn read(part: Part, conditions: &Conditions, mut take: impl FnMut(Value) -> bool) -> Result<()> {
    let Some(mut lines) = part.lines()? else {
        return Ok(());
    };
    while let Some(line) = lines
        .next()
        .map_err(|error| Error::io("cannot read the audit log", &error))?
    {
        if let Line::Whole(line) = line
            && let Some(record) = conditions.matching(line)
            && !take(record)
        {
            break;
        }
    }
    Ok(())
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
