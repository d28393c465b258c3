//! The index of the end of a file, in memory: it follows what is added.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::ops::{Range, RangeInclusive};

use super::super::lines::{Line, Lines};
use super::super::outline::Outline;
use super::super::time;
use super::blocks::Blocks;
use super::wanted::{Field, Places, Wanted, key_of};

/// The records of whole lines of a file, from one offset to another.
pub(super) struct Gathered {
    stretch: Range<u64>,
    /// By [`key_of`].
    postings: HashMap<u64, Posting>,
    /// By [`time::minute_of`].
    minutes: BTreeMap<u64, Posting>,
    blocks: Blocks,
}

/// Offsets of lines, each as the distance to the one before, seven bits to a byte, the lowest first. The first distance is
/// that to the beginning of the stretch.
#[derive(Default)]
pub(super) struct Posting {
    distances: Vec<u8>,
    last: u64,
    count: usize,
}

impl Gathered {
    /// Nothing yet, from this offset on.
    pub(super) fn from(start: u64) -> Self {
        Self {
            stretch: start..start,
            postings: HashMap::new(),
            minutes: BTreeMap::new(),
            blocks: Blocks::from(start),
        }
    }

    /// What it is of.
    pub(super) fn stretch(&self) -> &Range<u64> {
        &self.stretch
    }

    /// Bytes of lines.
    pub(super) fn size(&self) -> u64 {
        self.stretch.end - self.stretch.start
    }

    /// Reads on in the first `length` bytes of the file, until there are `enough` bytes. Whether that is so.
    pub(super) fn extend(&mut self, file: &File, length: u64, enough: u64) -> io::Result<bool> {
        if self.stretch.end < length && self.size() < enough {
            let mut lines = Lines::between(file.try_clone()?, self.stretch.end, length)?;
            while self.size() < enough
                && let Some(line) = lines.next()?
            {
                let size = match line {
                    Line::Whole(bytes) => {
                        self.line(bytes);
                        bytes.len()
                    }
                    Line::TooLong(size) => size,
                    Line::Torn => break,
                };
                self.stretch.end += size as u64 + 1;
            }
        }
        Ok(self.size() >= enough)
    }

    /// Nothing will be added.
    pub(super) fn finish(&mut self) {
        self.blocks.finish();
    }

    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    pub(super) fn places(&self, wanted: &Wanted) -> io::Result<Places> {
        wanted.places(
            &self.stretch,
            |keys| Ok(self.find(keys)),
            |posting| {
                Ok(offsets_of(
                    self.stretch.start,
                    &posting.distances,
                    posting.count,
                ))
            },
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

    /// The line at the end of the stretch.
    fn line(&mut self, bytes: &[u8]) {
        let Ok(record) = serde_json::from_slice::<Outline>(bytes) else {
            return;
        };
        self.blocks.note(bytes, self.stretch.end);
        let at = self.stretch.end - self.stretch.start;
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
            self.postings.entry(key_of(&term)).or_default().push(at);
        }
        // A record whose time nobody can read is of no period.
        if let Ok(instant) = record.timestamp.parse() {
            let minute = time::minute_of(instant);
            self.minutes.entry(minute).or_default().push(at);
        }
    }
}

impl Posting {
    fn push(&mut self, at: u64) {
        let mut distance = at - self.last;
        loop {
            let [low, ..] = distance.to_le_bytes();
            distance >>= 7;
            if distance == 0 {
                self.distances.push(low & 0x7F);
                break;
            }
            self.distances.push(low | 0x80);
        }
        self.last = at;
        self.count += 1;
    }

    pub(super) fn distances(&self) -> &[u8] {
        &self.distances
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }
}

/// The offsets that follow from `count` distances, the first of them from `start` on.
pub(super) fn offsets_of(start: u64, distances: &[u8], count: usize) -> Vec<u64> {
    // Of each there is a byte at least.
    let mut offsets = Vec::with_capacity(count.min(distances.len()));
    let (mut offset, mut distance, mut shift) = (start, 0_u64, 0);
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
