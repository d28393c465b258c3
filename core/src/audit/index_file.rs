//! The index of a rotated file, beside it: such a file does not change any more, so its index need not be made twice.
//!
//! `audit.jsonl.20251125T103000Z-412.index`, all numbers little endian: `CLOIDX03`, a digest (32 bytes), the length of the log
//! file, the number of terms (64 bits each), then for each term, in the order of their keys, which are minutes since 1970 or hashes,
//! key, beginning and number of records (64 bits each), and behind them the distances of [`super::index`]. The digest is SHA-256 of the name of the
//! format, of everything behind the digest and of the last line of the log file, and an HMAC of that with the key of the log or, where it has none, with its signing key: an
//! index that was altered, belongs to another file or is of an earlier format, `CLOIDX02` without minutes, is made anew. That of a sealed log without a signing key, which has no
//! key to check it with, stays in memory. Of a log with neither key, whoever may write to its files can hide records from the
//! index as from the log itself, and leave no trace in either. `verify` reads none.

use std::fs::File;
use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::chain::Chain;
use super::index::{FileIndex, Posting, Wanted, in_order};
use super::lines;
use super::note::SigningKey;
use crate::files::{self, FileExt as _};

const MAGIC: &[u8; 8] = b"CLOIDX03";
/// Magic and digest.
const SEALED_FROM: usize = 40;
/// Up to the first term.
const HEADER: usize = SEALED_FROM + 16;
/// Bytes of a term.
const TERM: usize = 24;

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
        let bytes = encode(&postings, length, &last, key);
        let terms = postings.len() as u64;
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
        })
    }

    /// Whether it is of a file of this length.
    pub(super) fn fits(&self, length: u64) -> bool {
        self.length == length
    }

    /// Where the records may be that are `wanted`, in the order of the file.
    pub(super) fn offsets(&self, wanted: &Wanted) -> io::Result<Vec<u64>> {
        let mut postings = Vec::new();
        for Distances { place, count } in wanted.rarest(|keys| self.find(keys))? {
            let room = place.end.saturating_sub(place.start);
            let mut distances = vec![0; usize::try_from(room).unwrap_or(usize::MAX)];
            self.read(&mut distances, place.start)?;
            postings.push(Posting::offsets_of(&distances, count));
        }
        Ok(in_order(postings.into_iter()))
    }

    /// The number of records of each term among `keys`, and where their distances stand.
    fn find(&self, keys: &RangeInclusive<u64>) -> io::Result<Vec<(usize, Distances)>> {
        let first_distance = HEADER as u64 + self.terms * TERM as u64;
        let first = self.first_from(*keys.start())?;
        let behind = match keys.end().checked_add(1) {
            Some(next) => self.first_from(next)?,
            None => self.terms,
        };
        // The next term says where the last one ends.
        let next = (behind + 1).min(self.terms);
        let wanted = next.saturating_sub(first) * TERM as u64;
        let mut terms = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
        self.read(&mut terms, HEADER as u64 + first * TERM as u64)?;
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

    /// The number of the first term whose key is not below `key`.
    fn first_from(&self, key: u64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.terms);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut found = [0; 8];
            self.read(&mut found, HEADER as u64 + middle * TERM as u64)?;
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
        let [of, terms] = numbers(&bytes[SEALED_FROM..HEADER]);
        let fits = bytes.starts_with(MAGIC)
            && of == length
            && terms <= (size - HEADER) as u64 / TERM as u64
            && key
                .seal(digest(&bytes[SEALED_FROM..], last))
                .is_some_and(|seal| bytes[8..SEALED_FROM] == seal);
        Ok(fits.then_some(Self {
            bytes: Bytes::Stored(file),
            length,
            terms,
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

fn encode(postings: &[(u64, &Posting)], length: u64, last: &[u8], key: IndexKey<'_>) -> Vec<u8> {
    let distances: usize = postings.iter().map(|(_, it)| it.distances().len()).sum();
    let mut bytes = Vec::with_capacity(HEADER + postings.len() * TERM + distances);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[0; 32]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&(postings.len() as u64).to_le_bytes());
    let mut start = 0_u64;
    for (name, posting) in postings {
        for number in [*name, start, posting.count() as u64] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        start += posting.distances().len() as u64;
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
