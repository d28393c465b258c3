//! The index of a rotated file, beside it: such a file does not change any more, so its index need not be made twice.
//!
//! `audit.jsonl.20251125T103000Z-412.index`, all numbers little endian: `CLOIDX04`, a digest (32 bytes), the length of the log
//! file, the number of terms, the number of members (64 bits each), then for each term, in the order of their keys, which are
//! minutes since 1970 or hashes, key, beginning and number of records (64 bits each), for each member and block, in this order,
//! the key of [`super::nested`] (64 bits) and the number of the block of 8 KiB (32 bits), and behind them the distances of
//! [`super::index`]. The digest is SHA-256 of the name of the format, of everything behind the digest and of the last line of
//! the log file, and an HMAC of that with the key of the log or, where it has none, with its signing key: an index that was
//! altered, belongs to another file or is of an earlier format, as `CLOIDX03` without members, is made anew. That of a sealed log without a signing key, which has no
//! key to check it with, stays in memory. Of a log with neither key, whoever may write to its files can hide records from the
//! index as from the log itself, and leave no trace in either. `verify` reads none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::blocks;
use super::chain::Chain;
use super::index::{FileIndex, Places, Posting, Wanted};
use super::lines;
use super::nested::ANY;
use super::note::SigningKey;
use crate::files::{self, FileExt as _};

const MAGIC: &[u8; 8] = b"CLOIDX04";
/// Magic and digest.
const SEALED_FROM: usize = 40;
/// Up to the first term.
const HEADER: usize = SEALED_FROM + 24;
/// Bytes of a term.
const TERM: usize = 24;
/// Bytes of a member.
const MEMBER: usize = 12;

/// What an index is sealed with.
#[derive(Clone, Copy)]
pub(super) struct IndexKey<'k> {
    pub(super) chain: &'k Chain,
    pub(super) signing_key: Option<&'k SigningKey>,
}

impl IndexKey<'_> {
    /// Whether an index can be checked when it is read again.
    fn is_known(self) -> bool {
        !matches!((self.chain, self.signing_key), (Chain::Sealed(_), None))
    }

    /// What stands in the file for this digest; nothing where nobody could check it.
    fn seal(self, digest: [u8; 32]) -> Option<[u8; 32]> {
        match (self.chain, self.signing_key) {
            (Chain::Keyed(start), _) => {
                let start = start.get().ok()?;
                Some(start.statement(&[b"index ".as_slice(), &digest].concat()))
            }
            (_, Some(key)) => key.authenticate(b"cloister audit v1 index\0", &digest).ok(),
            (Chain::Unkeyed, None) => Some(digest),
            (Chain::Sealed(_), None) => None,
        }
    }
}

/// An index that was found to belong to its file.
pub(super) struct IndexFile {
    bytes: Bytes,
    length: u64,
    terms: u64,
    members: u64,
}

/// Rows of the same size, in the order of the keys that they begin with.
#[derive(Clone, Copy)]
struct Table {
    start: u64,
    rows: u64,
    row: usize,
}

/// Those of one term.
struct Distances {
    place: Range<u64>,
    count: usize,
}

/// Where it could not be written it stays in memory.
enum Bytes {
    Stored(File),
    Held(Vec<u8>),
}

impl IndexFile {
    /// The index of the rotated file `log`, made if there is none that fits.
    pub(super) fn of(path: &Path, log: &File, length: u64, key: IndexKey<'_>) -> io::Result<Self> {
        let beside = beside(path);
        let end = lines::end_of_last_line(log, length)?;
        let last = lines::line_before(log, end)?.unwrap_or_default();
        if let Ok(file) = File::open(&beside)
            && let Some(found) = Self::checked(file, length, &last, key)?
        {
            return Ok(found);
        }
        let made = FileIndex::whole(log, length)?;
        let postings = made.postings();
        let bytes = encode(&postings, made.blocks().entries(), length, &last, key);
        let (terms, members) = (postings.len() as u64, made.blocks().entries().len() as u64);
        let stored = key.is_known().then(|| {
            files::replace(&beside, &bytes, "cannot write the index of an audit log").ok()?;
            File::open(&beside).ok()
        });
        let bytes = match stored.flatten() {
            Some(file) => Bytes::Stored(file),
            None => Bytes::Held(bytes),
        };
        Ok(Self {
            bytes,
            length,
            terms,
            members,
        })
    }

    /// Whether it is of a file of this length.
    pub(super) fn fits(&self, length: u64) -> bool {
        self.length == length
    }

    /// Where the records may be that are `wanted`, in the order of the file.
    pub(super) fn places(&self, wanted: &Wanted) -> io::Result<Places> {
        wanted.places(
            self.length,
            |keys| self.find(keys),
            |Distances { place, count }| {
                let room = place.end.saturating_sub(place.start);
                let mut distances = vec![0; usize::try_from(room).unwrap_or(usize::MAX)];
                self.read(&mut distances, place.start)?;
                Ok(Posting::offsets_of(&distances, count))
            },
            |keys, most| self.blocks(keys, most),
        )
    }

    /// As [`blocks::Blocks::find`].
    fn blocks(&self, keys: &RangeInclusive<u64>, most: usize) -> io::Result<Option<Vec<u32>>> {
        let table = self.table_of_members();
        let mut blocks = Vec::new();
        for keys in [keys.clone(), ANY..=ANY] {
            let rows = self.rows(table, &keys)?;
            let left = blocks::most_entries(most).saturating_sub(blocks.len());
            if rows.end - rows.start > left as u64 {
                return Ok(None);
            }
            let found = self.read_rows(table, rows)?;
            let (found, _) = found.as_chunks::<MEMBER>();
            blocks.extend(found.iter().map(|row| {
                let [.., a, b, c, d] = *row;
                u32::from_le_bytes([a, b, c, d])
            }));
        }
        Ok(blocks::at_most(blocks, most))
    }

    /// The number of records of each term among `keys`, and where their distances stand.
    fn find(&self, keys: &RangeInclusive<u64>) -> io::Result<Vec<(usize, Distances)>> {
        let members = self.table_of_members();
        let first_distance = members.start + members.rows * members.row as u64;
        let table = self.table_of_terms();
        let Range {
            start: first,
            end: behind,
        } = self.rows(table, keys)?;
        // The next term says where the last one ends.
        let terms = self.read_rows(table, first..(behind + 1).min(self.terms))?;
        let (terms, _) = terms.as_chunks::<TERM>();
        let mut found = Vec::new();
        for (number, (at, term)) in (first..behind).zip(terms.iter().enumerate()) {
            let [_, start, count] = numbers(term);
            let end = match terms.get(at + 1) {
                Some(next) => {
                    let [_, start, _] = numbers(next);
                    first_distance + start
                }
                None if number + 1 == self.terms => self.size()?,
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            };
            let count = usize::try_from(count).unwrap_or_default();
            let place = first_distance + start..end;
            found.push((count, Distances { place, count }));
        }
        Ok(found)
    }

    fn table_of_terms(&self) -> Table {
        Table {
            start: HEADER as u64,
            rows: self.terms,
            row: TERM,
        }
    }

    fn table_of_members(&self) -> Table {
        Table {
            start: HEADER as u64 + self.terms * TERM as u64,
            rows: self.members,
            row: MEMBER,
        }
    }

    /// The rows with these keys.
    fn rows(&self, table: Table, keys: &RangeInclusive<u64>) -> io::Result<Range<u64>> {
        let first = self.first_from(table, *keys.start())?;
        let behind = match keys.end().checked_add(1) {
            Some(next) => self.first_from(table, next)?,
            None => table.rows,
        };
        Ok(first..behind.max(first))
    }

    fn read_rows(&self, table: Table, rows: Range<u64>) -> io::Result<Vec<u8>> {
        let size = rows.end.saturating_sub(rows.start) * table.row as u64;
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        self.read(&mut bytes, table.start + rows.start * table.row as u64)?;
        Ok(bytes)
    }

    /// The first row whose key is not below `key`.
    fn first_from(&self, table: Table, key: u64) -> io::Result<u64> {
        let (mut low, mut high) = (0, table.rows);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut found = [0; 8];
            self.read(&mut found, table.start + middle * table.row as u64)?;
            if u64::from_le_bytes(found) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn checked(
        file: File,
        length: u64,
        last: &[u8],
        key: IndexKey<'_>,
    ) -> io::Result<Option<Self>> {
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        // An index is smaller than what it is of, and a header is always there.
        if size < HEADER || size as u64 > length.saturating_add(1 << 20) {
            return Ok(None);
        }
        let mut bytes = vec![0; size];
        file.read_exact_at(&mut bytes, 0)?;
        let [of, terms, members] = numbers(&bytes[SEALED_FROM..HEADER]);
        let room = (size - HEADER) as u64;
        let fits = bytes.starts_with(MAGIC)
            && of == length
            && terms <= room / TERM as u64
            && members <= (room - terms * TERM as u64) / MEMBER as u64
            && key
                .seal(digest(&bytes[SEALED_FROM..], last))
                .is_some_and(|seal| bytes[8..SEALED_FROM] == seal);
        Ok(fits.then_some(Self {
            bytes: Bytes::Stored(file),
            length,
            terms,
            members,
        }))
    }

    fn size(&self) -> io::Result<u64> {
        match &self.bytes {
            Bytes::Stored(file) => Ok(file.metadata()?.len()),
            Bytes::Held(bytes) => Ok(bytes.len() as u64),
        }
    }

    fn read(&self, place: &mut [u8], at: u64) -> io::Result<()> {
        match &self.bytes {
            Bytes::Stored(file) => file.read_exact_at(place, at),
            Bytes::Held(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let part = bytes.get(at..).and_then(|rest| rest.get(..place.len()));
                place.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// The name of the index of a rotated file.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".index");
    name.into()
}

fn encode(
    postings: &[(u64, &Posting)],
    members: &BTreeSet<(u64, u32)>,
    length: u64,
    last: &[u8],
    key: IndexKey<'_>,
) -> Vec<u8> {
    let distances: usize = postings.iter().map(|(_, it)| it.distances().len()).sum();
    let tables = postings.len() * TERM + members.len() * MEMBER;
    let mut bytes = Vec::with_capacity(HEADER + tables + distances);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[0; 32]);
    for number in [length, postings.len() as u64, members.len() as u64] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let mut start = 0_u64;
    for (name, posting) in postings {
        for number in [*name, start, posting.count() as u64] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        start += posting.distances().len() as u64;
    }
    for (key, block) in members {
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&block.to_le_bytes());
    }
    for (_, posting) in postings {
        bytes.extend_from_slice(posting.distances());
    }
    if let Some(seal) = key.seal(digest(&bytes[SEALED_FROM..], last)) {
        bytes[8..SEALED_FROM].copy_from_slice(&seal);
    }
    bytes
}

fn digest(content: &[u8], last: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(MAGIC)
        .chain_update(content)
        .chain_update(last)
        .finalize()
        .into()
}

fn numbers<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let mut numbers = [0; N];
    for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
        *number = u64::from_le_bytes(*bytes);
    }
    numbers
}
