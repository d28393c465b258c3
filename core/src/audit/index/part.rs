//! The index of a stretch of a log file that does not change any more, so that it need not be made twice.
//!
//! `audit.jsonl.index/413-16777391` is about the file whose first record is number 413, up to that offset. All numbers are
//! little endian: `CLOIDX05`, a seal (32 bytes), beginning and end of the stretch and the number of terms, of members and of
//! bytes of distances (64 bits each); for each page of 4080 bytes of what follows the key that it begins with (64 bits; 0 for
//! distances) and its SHA-256; and then, each beginning with a page of its own,
//!
//! * for each term, in the order of their keys, which are minutes since 1970 or hashes: key (64 bits), beginning of its
//!   distances, their length and the number of records (32 bits each);
//! * for each member and block, in this order, the key of [`super::nested`] (64 bits) and the number of the block of 8 KiB,
//!   counted from that in which the stretch begins (16 bits);
//! * the distances of [`super::gathered`].
//!
//! The seal is over the name of the format, what stands between the seal and the first page, and the last line of the stretch:
//! an index that was altered, belongs to another file or is of another format is made anew. A page is compared with its digest
//! whenever it is read. Of a log without any key, whoever may write to its files can hide records from the index as from the
//! log itself, and leave no trace in either. `verify` reads none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::lines;
use super::blocks;
use super::gathered::{Gathered, Posting, offsets_of};
use super::nested::ANY;
use super::pages::{Content, ENTRY, Region, Source};
use super::seal::Sealing;
use super::wanted::{Places, Wanted};
use crate::files::{self, FileExt as _};

const MAGIC: &[u8; 8] = b"CLOIDX05";
/// Magic and seal.
const SEALED_FROM: usize = 40;
/// Up to the first entry about a page.
const HEADER: usize = SEALED_FROM + 40;
/// Bytes of a term, of a member.
const ROWS: [usize; 2] = [20, 10];
/// Bytes of the largest stretch that numbers of blocks reach.
const LARGEST: u64 = 256 << 20;

/// The index of a stretch, that belongs to its file.
pub(super) struct Part {
    stretch: Range<u64>,
    content: Content,
    terms: Region,
    members: Region,
    distances: Region,
}

impl Part {
    /// That which lies at `path`, about a file that begins with this stretch; nothing if it does not fit.
    pub(super) fn open(
        path: &Path,
        log: &File,
        stretch: &Range<u64>,
        sealing: Sealing<'_>,
    ) -> io::Result<Option<Self>> {
        let file = files::options().read(true).open(path)?;
        let size = file.metadata()?.len();
        let mut head = vec![0; HEADER];
        file.read_exact_at(&mut head, 0)?;
        let [from, to, terms, members, distances] = numbers(&head[SEALED_FROM..]);
        let lengths = [
            terms.saturating_mul(ROWS[0] as u64),
            members.saturating_mul(ROWS[1] as u64),
            distances,
        ];
        // What a forged header says must not be believed before its seal was compared.
        let fits = head.starts_with(MAGIC) && (from..to) == *stretch;
        if !fits || lengths.iter().any(|length| *length > size) {
            return Ok(None);
        }
        let pages: u64 = lengths.iter().map(|it| Region::pages_of(*it)).sum();
        let first_page = HEADER as u64 + pages * ENTRY as u64;
        if size != first_page + lengths.iter().sum::<u64>() {
            return Ok(None);
        }
        let entries = lines::read(&file, HEADER as u64, first_page)?;
        head.extend_from_slice(&entries);
        let last = lines::line_before(log, to)?.unwrap_or_default();
        let seal = sealing.seal(digest(&head[SEALED_FROM..], &last));
        let is_sealed = seal.is_some_and(|seal| head[8..SEALED_FROM] == seal);
        let content = Content::Stored(path.to_owned(), first_page);
        Ok(is_sealed.then(|| Self::new(stretch.clone(), content, &entries, lengths)))
    }

    /// That of what was gathered, kept in a file at `path`, or if there can be none, in memory. Nothing of a stretch that is too
    /// long, as a damaged file may have.
    pub(super) fn make(
        gathered: &Gathered,
        log: &File,
        path: Option<&Path>,
        sealing: Sealing<'_>,
    ) -> io::Result<Option<Self>> {
        let stretch = gathered.stretch().clone();
        if gathered.size() > LARGEST {
            return Ok(None);
        }
        let postings = gathered.postings();
        let regions = [
            terms_of(&postings),
            members_of(gathered.blocks().entries(), blocks::block_of(stretch.start)),
            postings
                .iter()
                .flat_map(|(_, it)| it.distances())
                .copied()
                .collect(),
        ];
        let [terms, members, distances] = regions.each_ref().map(|it| it.len() as u64);
        let mut entries = Region::entries(&regions[0], ROWS[0]);
        entries.extend(Region::entries(&regions[1], ROWS[1]));
        entries.extend(Region::entries(&regions[2], 0));
        let counts = [
            stretch.start,
            stretch.end,
            terms / ROWS[0] as u64,
            members / ROWS[1] as u64,
            distances,
        ];
        let sealed = [counts.map(u64::to_le_bytes).as_flattened(), &entries].concat();
        let last = lines::line_before(log, stretch.end)?.unwrap_or_default();
        let stored = path.and_then(|path| {
            let seal = sealing.seal(digest(&sealed, &last))?;
            let pieces = [
                MAGIC,
                seal.as_slice(),
                &sealed,
                &regions[0],
                &regions[1],
                &regions[2],
            ];
            store(path, &pieces).ok()?;
            Some(Content::Stored(
                path.to_owned(),
                (SEALED_FROM + sealed.len()) as u64,
            ))
        });
        let content = stored.unwrap_or_else(|| Content::Held(regions.concat()));
        Ok(Some(Self::new(
            stretch,
            content,
            &entries,
            [terms, members, distances],
        )))
    }

    fn new(stretch: Range<u64>, content: Content, entries: &[u8], lengths: [u64; 3]) -> Self {
        let mut rest = entries;
        let mut start = 0;
        let mut region = |length: u64, row| {
            let size = usize::try_from(Region::pages_of(length)).unwrap_or(usize::MAX) * ENTRY;
            let (of_region, others) = rest.split_at(size.min(rest.len()));
            let region = Region::new(start, length, row, of_region);
            rest = others;
            start += length;
            region
        };
        Self {
            stretch,
            content,
            terms: region(lengths[0], ROWS[0]),
            members: region(lengths[1], ROWS[1]),
            distances: region(lengths[2], 0),
        }
    }

    /// What it is of.
    pub(super) fn stretch(&self) -> &Range<u64> {
        &self.stretch
    }

    /// Bytes that are in memory because they could not be written.
    pub(super) fn held(&self) -> usize {
        match &self.content {
            Content::Stored(..) => 0,
            Content::Held(bytes) => bytes.len(),
        }
    }

    /// Where the records may be that are `wanted`, in the order of the file. An error if what is read is not what was written.
    pub(super) fn places(&self, wanted: &Wanted) -> io::Result<Places> {
        let source = &self.content.open()?;
        wanted.places(
            &self.stretch,
            |keys| self.find(source, keys),
            |(place, count)| {
                let distances = self.distances.bytes(source, place)?;
                Ok(offsets_of(self.stretch.start, &distances, count))
            },
            |keys, most| self.blocks(source, keys, most),
        )
    }

    /// The number of records of each term among `keys`, and where their distances stand.
    #[expect(clippy::type_complexity, reason = "two words for each")]
    fn find(
        &self,
        source: &Source<'_>,
        keys: &RangeInclusive<u64>,
    ) -> io::Result<Vec<(usize, (Range<u64>, usize))>> {
        let rows = self
            .terms
            .rows(source, keys, usize::MAX)?
            .unwrap_or_default();
        let (rows, _) = rows.as_chunks::<20>();
        let found = rows.iter().map(|row| {
            let [_, _, start, length, count] = numbers_of_32(row);
            let count = count as usize;
            let place = u64::from(start)..u64::from(start) + u64::from(length);
            (count, (place, count))
        });
        Ok(found.collect())
    }

    /// As [`blocks::Blocks::find`].
    fn blocks(
        &self,
        source: &Source<'_>,
        keys: &RangeInclusive<u64>,
        most: usize,
    ) -> io::Result<Option<Vec<u32>>> {
        let first = blocks::block_of(self.stretch.start);
        let mut blocks = Vec::new();
        for keys in [keys.clone(), ANY..=ANY] {
            let left = blocks::most_entries(most).saturating_sub(blocks.len());
            let Some(rows) = self.members.rows(source, &keys, left)? else {
                return Ok(None);
            };
            let (rows, _) = rows.as_chunks::<10>();
            blocks.extend(rows.iter().map(|row| {
                let [.., low, high] = *row;
                first.saturating_add(u32::from(u16::from_le_bytes([low, high])))
            }));
        }
        Ok(blocks::at_most(blocks, most))
    }
}

fn terms_of(postings: &[(u64, &Posting)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(postings.len() * ROWS[0]);
    let mut start = 0;
    for (key, posting) in postings {
        bytes.extend_from_slice(&key.to_le_bytes());
        for number in [start, posting.distances().len(), posting.count()] {
            // A stretch is shorter than 4 GiB, and its distances are than it.
            bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        start += posting.distances().len();
    }
    bytes
}

fn members_of(members: &BTreeSet<(u64, u32)>, first: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(members.len() * ROWS[1]);
    for (key, block) in members {
        let block = u16::try_from(block.saturating_sub(first)).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&block.to_le_bytes());
    }
    bytes
}

/// Writes a file in one step. What a crash leaves of it does not fit its seal.
fn store(path: &Path, pieces: &[&[u8]]) -> io::Result<()> {
    let temporary = files::temporary(path).map_err(|_| io::ErrorKind::Other)?;
    let written = files::create_new(&temporary)
        .and_then(|mut file| pieces.iter().try_for_each(|piece| file.write_all(piece)))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn digest(content: &[u8], last: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(MAGIC)
        .chain_update(content)
        .chain_update(last)
        .finalize()
        .into()
}

fn numbers(bytes: &[u8]) -> [u64; 5] {
    let mut numbers = [0; 5];
    for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
        *number = u64::from_le_bytes(*bytes);
    }
    numbers
}

fn numbers_of_32(bytes: &[u8]) -> [u32; 5] {
    let mut numbers = [0; 5];
    for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
        *number = u32::from_le_bytes(*bytes);
    }
    numbers
}
