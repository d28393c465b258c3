//! Where the records of a user, a session or an event type stand, so that a query need not read the whole log.
//!
//! The index lives in memory, is made from the files when it is first needed, and then follows what is added. It decides
//! nothing: whatever it names is read again and compared, so an altered record is at worst not found under its old name.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::os::unix::fs::MetadataExt as _;

use super::lines::{Line, Lines};
use super::query::Outline;
use crate::{Error, Result};

/// The members that are indexed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    User,
    Session,
    EventType,
}

/// What a query looks for in one member.
pub(super) type Term<'q> = (Field, &'q str);

/// The records of all files that were seen.
#[derive(Default)]
pub(super) struct Index {
    hasher: RandomState,
    files: Vec<FileIndex>,
}

/// The records of one file, known by device and inode, which stay when it is rotated.
struct FileIndex {
    device: u64,
    inode: u64,
    /// Bytes that are indexed: whole lines.
    length: u64,
    /// By the hash of a member and its value.
    postings: HashMap<u64, Posting>,
}

/// Offsets of lines, each as the distance to the one before, seven bits to a byte, the lowest first.
#[derive(Default)]
struct Posting {
    distances: Vec<u8>,
    last: u64,
    count: usize,
}

impl Index {
    /// Where the records may be that have all of `terms`, in the order of the file, up to `length` bytes of it.
    pub(super) fn offsets(
        &mut self,
        file: &File,
        length: u64,
        terms: &[Term<'_>],
    ) -> Result<Vec<u64>> {
        let failed = |error| Error::io("cannot read the audit log", &error);
        let found = file.metadata().map_err(failed)?;
        let (device, inode) = (found.dev(), found.ino());
        let known = self
            .files
            .iter()
            .position(|known| known.device == device && known.inode == inode);
        let at = known.unwrap_or_else(|| {
            self.files.push(FileIndex::new(device, inode));
            self.files.len() - 1
        });
        let file_index = &mut self.files[at];
        if file_index.length > length {
            // Cut or replaced: what was known does not hold.
            *file_index = FileIndex::new(device, inode);
        }
        file_index
            .extend(file, length, &self.hasher)
            .map_err(failed)?;

        let mut rarest: Option<&Posting> = None;
        for term in terms {
            let Some(posting) = file_index.postings.get(&self.hasher.hash_one(key(term))) else {
                return Ok(Vec::new());
            };
            if rarest.is_none_or(|rarest| posting.count < rarest.count) {
                rarest = Some(posting);
            }
        }
        Ok(rarest.map(Posting::offsets).unwrap_or_default())
    }
}

impl FileIndex {
    fn new(device: u64, inode: u64) -> Self {
        Self {
            device,
            inode,
            length: 0,
            postings: HashMap::new(),
        }
    }

    fn extend(&mut self, file: &File, length: u64, hasher: &RandomState) -> std::io::Result<()> {
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
                self.note(&record, offset, hasher);
            }
            offset += bytes.len() as u64 + 1;
        }
        self.length = offset;
        Ok(())
    }

    fn note(&mut self, record: &Outline<'_>, offset: u64, hasher: &RandomState) {
        for term in [
            (Field::User, &*record.user_id),
            (Field::Session, &*record.session_id),
            (Field::EventType, &*record.event_type),
        ] {
            let hash = hasher.hash_one(key(&term));
            self.postings.entry(hash).or_default().push(offset);
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

    fn offsets(&self) -> Vec<u64> {
        let mut offsets = Vec::with_capacity(self.count);
        let (mut offset, mut distance, mut shift) = (0, 0_u64, 0);
        for byte in &self.distances {
            distance |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                offset += distance;
                offsets.push(offset);
                (distance, shift) = (0, 0);
            } else {
                shift += 7;
            }
        }
        offsets
    }
}

fn key<'q>(term: &Term<'q>) -> (u8, &'q str) {
    (term.0 as u8, term.1)
}
