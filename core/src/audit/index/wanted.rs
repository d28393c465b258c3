//! What a query looks for, and at which places of a stretch of a file it may be.

use std::io;
use std::ops::{Range, RangeInclusive};

use super::{blocks, nested};

/// The members that are indexed by records.
#[derive(Clone, Copy, Debug)]
pub(in crate::audit) enum Field {
    User,
    Session,
    EventType,
    Subject,
    Patient,
    Action,
    Status,
    Classification,
}

/// The members of a record, beside its user, that name a person.
pub(in crate::audit) const PERSONS: [(&str, Field); 2] = [
    ("subject_id", Field::Subject),
    ("patient_id", Field::Patient),
];
/// The others.
const OTHERS: [(&str, Field); 6] = [
    ("user_id", Field::User),
    ("session_id", Field::Session),
    ("event_type", Field::EventType),
    ("action", Field::Action),
    ("status", Field::Status),
    ("classification", Field::Classification),
];

impl Field {
    /// That of a member of the caller's which names a person.
    pub(in crate::audit) fn of_person(name: &str) -> Option<Self> {
        let found = PERSONS.iter().find(|(person, _)| *person == name)?;
        Some(found.1)
    }

    /// That of a member whose text is indexed.
    pub(in crate::audit) fn of_member(name: &str) -> Option<Self> {
        let found = OTHERS.iter().find(|(other, _)| *other == name);
        found.map_or_else(|| Self::of_person(name), |found| Some(found.1))
    }
}

/// What a query looks for in one member.
pub(in crate::audit) type Term<'q> = (Field, &'q str);

/// What a query looks for, as far as the index knows it: keys of postings, and of members.
#[derive(Default)]
pub(in crate::audit) struct Wanted {
    postings: Vec<RangeInclusive<u64>>,
    members: Vec<RangeInclusive<u64>>,
}

/// Where records may be, in the order of the file.
#[derive(Debug, PartialEq)]
pub(in crate::audit) enum Places {
    /// Where lines begin.
    Lines(Vec<u64>),
    /// Only what begins in the stretch counts.
    Blocks(Vec<u32>),
}

impl Wanted {
    pub(in crate::audit) fn term(&mut self, term: &Term<'_>) {
        let key = key_of(term);
        self.postings.push(key..=key);
    }

    /// Records of these minutes, as `time::minute_of` counts them.
    pub(in crate::audit) fn minutes(&mut self, minutes: RangeInclusive<u64>) {
        self.postings.push(minutes);
    }

    /// Records with a member that has one of these keys of [`nested`].
    pub(in crate::audit) fn member(&mut self, keys: RangeInclusive<u64>) {
        self.members.push(keys);
    }

    pub(in crate::audit) fn is_nothing(&self) -> bool {
        self.postings.is_empty() && self.members.is_empty()
    }

    /// The places of the rarest condition in a stretch of a file. `find` gives the postings of keys, with the number of
    /// records of each, `read` their offsets, `blocks` the blocks of a member unless they are more than a number.
    pub(super) fn places<P>(
        &self,
        stretch: &Range<u64>,
        find: impl Fn(&RangeInclusive<u64>) -> io::Result<Vec<(usize, P)>>,
        read: impl Fn(P) -> io::Result<Vec<u64>>,
        blocks: impl Fn(&RangeInclusive<u64>, usize) -> io::Result<Option<Vec<u32>>>,
    ) -> io::Result<Places> {
        let mut rarest: Option<(usize, Vec<(usize, P)>)> = None;
        for keys in &self.postings {
            let found = find(keys)?;
            let records = found.iter().map(|(records, _)| records).sum();
            if rarest.as_ref().is_none_or(|(fewest, _)| records < *fewest) {
                rarest = Some((records, found));
            }
        }
        let records = rarest.as_ref().map(|(records, _)| *records);
        let mut most = blocks::worth_reading(records, stretch);
        let mut fewest = None;
        for keys in &self.members {
            if let Some(found) = blocks(keys, most)? {
                most = found.len();
                fewest = Some(found);
            }
        }
        Ok(match (fewest, rarest) {
            (Some(blocks), _) => Places::Blocks(blocks),
            (None, None) => Places::Blocks(blocks::all(stretch)),
            (None, Some((_, found))) => {
                let offsets = found.into_iter().map(|(_, posting)| read(posting));
                Places::Lines(in_order(offsets.collect::<io::Result<_>>()?))
            }
        })
    }
}

/// Offsets of several postings, in the order of the file: where the clock was set back, minutes are not.
fn in_order(postings: Vec<Vec<u64>>) -> Vec<u64> {
    let mut offsets: Vec<u64> = postings.into_iter().flatten().collect();
    if !offsets.is_sorted() {
        offsets.sort_unstable();
    }
    offsets
}

/// FNV-1a, because what lies on the disk must be found by another process, with the highest bit set, which no minute has. A
/// collision costs a look at a record.
pub(super) fn key_of((field, value): &Term<'_>) -> u64 {
    let bytes = std::iter::once(*field as u8).chain(value.bytes());
    nested::hash(0xCBF2_9CE4_8422_2325, bytes) | 1 << 63
}
