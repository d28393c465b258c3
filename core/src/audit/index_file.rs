//! The index of a rotated file, beside it: such a file does not change any more, so its index need not be made twice.
//!
//! `audit.jsonl.20251125T103000Z-412.index`, all numbers little endian: `CLOIDX02`, a digest (32 bytes), the length of the log
//! file, the number of terms (64 bits each), then for each term, in the order of their hashes, hash, beginning and number of
//! records (64 bits each), and behind them the distances of [`super::index`]. The digest is SHA-256 of the name of the
//! format, of everything behind the digest and of the last line of the log file, and an HMAC of that with the key of the log or, where it has none, with its signing key: an
//! index that was altered, belongs to another file or is of an earlier format, `CLOIDX01` without persons, is made anew. That of a sealed log without a signing key, which has no
//! key to check it with, stays in memory. Of a log with neither key, whoever may write to its files can hide records from the
//! index as from the log itself, and leave no trace in either. `verify` reads none.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::chain::Chain;
use super::index::{FileIndex, Posting, Term, hash_of};
use super::lines;
use super::note::SigningKey;
use crate::files::{self, FileExt as _};

const MAGIC: &[u8; 8] = b"CLOIDX02";
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
        let bytes = encode(made.postings(), length, &last, key);
        let terms = made.postings().len() as u64;
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

    /// Where the records may be that have all of `terms`, in the order of the file.
    pub(super) fn offsets(&self, terms: &[Term<'_>]) -> io::Result<Vec<u64>> {
        let mut rarest: Option<(u64, u64, u64)> = None;
        for term in terms {
            let Some(found) = self.find(hash_of(term))? else {
                return Ok(Vec::new());
            };
            if rarest.is_none_or(|rarest| found.2 < rarest.2) {
                rarest = Some(found);
            }
        }
        let Some((start, end, count)) = rarest else {
            return Ok(Vec::new());
        };
        let room = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut distances = vec![0; room];
        self.read(&mut distances, start)?;
        Ok(Posting::offsets_of(
            &distances,
            usize::try_from(count).unwrap_or_default(),
        ))
    }

    /// Beginning and end of the distances of a term, and how many there are.
    fn find(&self, hash: u64) -> io::Result<Option<(u64, u64, u64)>> {
        let first_distance = HEADER as u64 + self.terms * TERM as u64;
        let (mut low, mut high) = (0, self.terms);
        while low < high {
            let middle = low + (high - low) / 2;
            // The next term says where this one ends.
            let mut pair = [0; TERM + 16];
            let last = middle + 1 == self.terms;
            let wanted = if last { TERM } else { TERM + 16 };
            self.read(&mut pair[..wanted], HEADER as u64 + middle * TERM as u64)?;
            let [found, start, count, _, next] = numbers(&pair);
            match found.cmp(&hash) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let end = if last {
                        self.size()?
                    } else {
                        first_distance + next
                    };
                    return Ok(Some((first_distance + start, end, count)));
                }
            }
        }
        Ok(None)
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

fn encode<'p>(
    postings: impl ExactSizeIterator<Item = (u64, &'p Posting)>,
    length: u64,
    last: &[u8],
    key: IndexKey<'_>,
) -> Vec<u8> {
    let mut postings: Vec<_> = postings.collect();
    postings.sort_unstable_by_key(|(hash, _)| *hash);
    let distances: usize = postings.iter().map(|(_, it)| it.distances().len()).sum();
    let mut bytes = Vec::with_capacity(HEADER + postings.len() * TERM + distances);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[0; 32]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&(postings.len() as u64).to_le_bytes());
    let mut start = 0_u64;
    for (hash, posting) in &postings {
        for number in [*hash, start, posting.count() as u64] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        start += posting.distances().len() as u64;
    }
    for (_, posting) in &postings {
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
