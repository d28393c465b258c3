//! Where the records of a user, about a person, of a session, an event type, an action, a status, a class or a minute stand, and
//! in which blocks those with any other member ([`super::blocks`]), so that a query need not read the whole log.
//!
//! That of the file which is being written lives in memory, is made when it is first needed, and then follows what is added;
//! those of rotated files lie beside them ([`super::index_file`]). An index decides nothing: whatever it names is read again
//! and compared, so an altered record is at worst not found under its old name.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::blocks::{self, Blocks};
use super::index_file::{IndexFile, IndexKey};
use super::lines::{Line, Lines};
use super::nested;
use super::outline::Outline;
use super::time;
use crate::files::Identity;
use crate::{Error, Result};

/// The members that are indexed by records.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
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
pub(super) const PERSONS: [(&str, Field); 2] = [
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
    pub(super) fn of_person(name: &str) -> Option<Self> {
        let found = PERSONS.iter().find(|(person, _)| *person == name)?;
        Some(found.1)
    }

    /// That of a member whose text is indexed.
    pub(super) fn of_member(name: &str) -> Option<Self> {
        let found = OTHERS.iter().find(|(other, _)| *other == name);
        found.map_or_else(|| Self::of_person(name), |found| Some(found.1))
    }
}

/// What a query looks for in one member.
pub(super) type Term<'q> = (Field, &'q str);

/// What a query looks for, as far as the index knows it: keys of postings, and of members.
#[derive(Default)]
pub(super) struct Wanted {
    postings: Vec<RangeInclusive<u64>>,
    members: Vec<RangeInclusive<u64>>,
}

/// Where records may be, in the order of the file.
#[derive(Debug, PartialEq)]
pub(super) enum Places {
    /// Where lines begin.
    Lines(Vec<u64>),
    Blocks(Vec<u32>),
}

impl Wanted {
    pub(super) fn term(&mut self, term: &Term<'_>) {
        let key = key_of(term);
        self.postings.push(key..=key);
    }

    /// Records of these minutes, as [`time::minute_of`] counts them.
    pub(super) fn minutes(&mut self, minutes: RangeInclusive<u64>) {
        self.postings.push(minutes);
    }

    /// Records with a member that has one of these keys of [`super::nested`].
    pub(super) fn member(&mut self, keys: RangeInclusive<u64>) {
        self.members.push(keys);
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.postings.is_empty() && self.members.is_empty()
    }

    /// The places of the rarest condition in a file of this length. `find` gives the postings of keys, with the number of
    /// records of each, `read` their offsets, `blocks` the blocks of a member unless they are more than a number.
    pub(super) fn places<P>(
        &self,
        length: u64,
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
        let mut most = blocks::worth_reading(records, length);
        let mut fewest = None;
        for keys in &self.members {
            if let Some(found) = blocks(keys, most)? {
                most = found.len();
                fewest = Some(found);
            }
        }
        Ok(match (fewest, rarest) {
            (Some(blocks), _) => Places::Blocks(blocks),
            (None, None) => Places::Blocks(blocks::all(length)),
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

/// The records of all files that were seen.
#[derive(Default)]
pub(super) struct Index {
    files: Vec<FileIndex>,
    rotated: HashMap<PathBuf, IndexFile>,
}

/// The records of one file, in memory, known by what stays when it is rotated.
pub(super) struct FileIndex {
    identity: Option<Identity>,
    /// Bytes that are indexed: whole lines.
    length: u64,
    /// By [`key_of`].
    postings: HashMap<u64, Posting>,
    /// By [`time::minute_of`].
    minutes: BTreeMap<u64, Posting>,
    blocks: Blocks,
}

/// Offsets of lines, each as the distance to the one before, seven bits to a byte, the lowest first.
#[derive(Default)]
pub(super) struct Posting {
    distances: Vec<u8>,
    last: u64,
    count: usize,
}

impl Index {
    /// Where the records may be that are `wanted`, in the order of the file, up to `length` bytes of it.
    pub(super) fn places(&mut self, file: &File, length: u64, wanted: &Wanted) -> Result<Places> {
        let failed = |error| Error::io("cannot read the audit log", &error);
        let identity = Some(Identity::of(file).map_err(failed)?);
        let known = self
            .files
            .iter()
            .position(|known| known.identity == identity);
        let at = known.unwrap_or_else(|| {
            self.files.push(FileIndex::new(identity));
            self.files.len() - 1
        });
        let file_index = &mut self.files[at];
        if file_index.length > length {
            // Cut or replaced: what was known does not hold.
            *file_index = FileIndex::new(identity);
        }
        file_index.extend(file, length).map_err(failed)?;

        file_index.places(length, wanted).map_err(failed)
    }

    /// [`Index::places`] for a rotated file.
    pub(super) fn places_of_rotated(
        &mut self,
        path: &Path,
        file: &File,
        length: u64,
        wanted: &Wanted,
        key: IndexKey<'_>,
    ) -> Result<Places> {
        let failed = |error| Error::io("cannot read the audit log", &error);
        let known = self.rotated.get(path).filter(|it| it.fits(length));
        if known.is_none() {
            let found = IndexFile::of(path, file, length, key).map_err(failed)?;
            self.rotated.insert(path.to_owned(), found);
            // What was known of it while it was written is not needed any more.
            if let Ok(identity) = Identity::of(file) {
                self.files.retain(|known| known.identity != Some(identity));
            }
        }
        let index = self.rotated.get(path);
        index.map_or(Ok(Places::Lines(Vec::new())), |index| {
            index.places(wanted).map_err(failed)
        })
    }

    /// Forgets rotated files that are not `there` any more.
    pub(super) fn keep(&mut self, there: impl Fn(&Path) -> bool) {
        self.rotated.retain(|path, _| there(path));
    }
}

impl FileIndex {
    fn new(identity: Option<Identity>) -> Self {
        Self {
            identity,
            length: 0,
            postings: HashMap::new(),
            minutes: BTreeMap::new(),
            blocks: Blocks::default(),
        }
    }

    /// That of a file which does not change any more.
    pub(super) fn whole(file: &File, length: u64) -> std::io::Result<Self> {
        let mut index = Self::new(None);
        index.extend(file, length)?;
        index.blocks.finish();
        Ok(index)
    }

    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    fn places(&self, length: u64, wanted: &Wanted) -> io::Result<Places> {
        wanted.places(
            length,
            |keys| Ok(self.find(keys)),
            |posting| Ok(posting.offsets()),
            |keys, most| Ok(self.blocks.find(keys, most)),
        )
    }

    /// All postings by their keys, which ascend.
    pub(super) fn postings(&self) -> Vec<(u64, &Posting)> {
        let mut all: Vec<_> = self.postings.iter().chain(&self.minutes).collect();
        all.sort_unstable_by_key(|(key, _)| **key);
        all.into_iter()
            .map(|(key, posting)| (*key, posting))
            .collect()
    }

    fn find(&self, keys: &RangeInclusive<u64>) -> Vec<(usize, &Posting)> {
        if keys.start() == keys.end()
            && let Some(posting) = self.postings.get(keys.start())
        {
            return vec![(posting.count, posting)];
        }
        let minutes = self.minutes.range(keys.clone());
        minutes
            .map(|(_, posting)| (posting.count, posting))
            .collect()
    }

    fn extend(&mut self, file: &File, length: u64) -> std::io::Result<()> {
        if self.length >= length {
            return Ok(());
        }
        let mut offset = self.length;
        let mut lines = Lines::between(file.try_clone()?, offset, length)?;
        while let Some(line) = lines.next()? {
            let bytes = match line {
                Line::Whole(bytes) => bytes,
                Line::TooLong(skipped) => {
                    offset += skipped as u64 + 1;
                    continue;
                }
                Line::Torn => break,
            };
            if let Ok(record) = serde_json::from_slice::<Outline>(bytes) {
                self.note(&record, offset);
                self.blocks.note(bytes, offset);
            }
            offset += bytes.len() as u64 + 1;
        }
        self.length = offset;
        Ok(())
    }

    fn note(&mut self, record: &Outline<'_>, offset: u64) {
        let persons = [
            (Field::Subject, record.subject_id.0.as_deref()),
            (Field::Patient, record.patient_id.0.as_deref()),
        ];
        let members = [
            (Field::User, &*record.user_id),
            (Field::Session, &*record.session_id),
            (Field::EventType, &*record.event_type),
            (Field::Action, &*record.action),
            (Field::Status, &*record.status),
            (Field::Classification, &*record.classification),
        ];
        let persons = persons
            .into_iter()
            .filter_map(|(field, id)| Some((field, id?)));
        for term in members.into_iter().chain(persons) {
            self.postings.entry(key_of(&term)).or_default().push(offset);
        }
        // A record whose time nobody can read is of no period.
        if let Ok(instant) = record.timestamp.parse() {
            let minute = time::minute_of(instant);
            self.minutes.entry(minute).or_default().push(offset);
        }
    }
}

impl Posting {
    fn push(&mut self, offset: u64) {
        let mut distance = offset - self.last;
        loop {
            let [low, ..] = distance.to_le_bytes();
            distance >>= 7;
            if distance == 0 {
                self.distances.push(low & 0x7F);
                break;
            }
            self.distances.push(low | 0x80);
        }
        self.last = offset;
        self.count += 1;
    }

    pub(super) fn distances(&self) -> &[u8] {
        &self.distances
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn offsets(&self) -> Vec<u64> {
        Self::offsets_of(&self.distances, self.count)
    }

    /// The offsets that follow from `count` distances.
    pub(super) fn offsets_of(distances: &[u8], count: usize) -> Vec<u64> {
        // Of each there is a byte at least.
        let mut offsets = Vec::with_capacity(count.min(distances.len()));
        let (mut offset, mut distance, mut shift) = (0_u64, 0_u64, 0);
        for byte in distances {
            distance |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                offset = offset.wrapping_add(distance);
                offsets.push(offset);
                (distance, shift) = (0, 0);
            } else {
                shift = (shift + 7) % 64;
            }
        }
        offsets
    }
}

/// FNV-1a, because what lies on the disk must be found by another process, with the highest bit set, which no minute has. A
/// collision costs a look at a record.
fn key_of((field, value): &Term<'_>) -> u64 {
    let bytes = std::iter::once(*field as u8).chain(value.bytes());
    nested::hash(0xCBF2_9CE4_8422_2325, bytes) | 1 << 63
}
