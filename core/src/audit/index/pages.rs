//! The content of an index in pages, each of which is compared with its digest when it is read: so that to find something, a
//! few pages are read and not all.

use std::fs::File;
use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::files::FileExt as _;

/// Bytes of a page: a whole number of rows of each table.
const PAGE: usize = 4080;
/// Bytes of an entry about a page: the first key on it, where it has rows, and its digest.
pub(super) const ENTRY: usize = 40;

/// What is known of a page.
struct Page {
    first: u64,
    digest: [u8; 32],
}

/// Where the content lies.
pub(super) enum Content {
    /// From this offset of a file on.
    Stored(PathBuf, u64),
    Held(Vec<u8>),
}

/// A part of the content: rows of one size in the order of the keys that they begin with, or with rows of 0 bytes anything.
pub(super) struct Region {
    start: u64,
    length: u64,
    row: usize,
    pages: Vec<Page>,
}

impl Region {
    /// How many pages so many bytes have.
    pub(super) fn pages_of(length: u64) -> u64 {
        length.div_ceil(PAGE as u64)
    }

    /// From the entries about its pages, which are those of so many bytes.
    pub(super) fn new(start: u64, length: u64, row: usize, entries: &[u8]) -> Self {
        let pages = entries.as_chunks::<ENTRY>().0.iter().map(|entry| {
            let (mut first, mut digest) = ([0; 8], [0; 32]);
            first.copy_from_slice(&entry[..8]);
            digest.copy_from_slice(&entry[8..]);
            Page {
                first: u64::from_le_bytes(first),
                digest,
            }
        });
        Self {
            start,
            length,
            row,
            pages: pages.collect(),
        }
    }

    /// The entries about the pages of some content.
    pub(super) fn entries(content: &[u8], row: usize) -> Vec<u8> {
        let entry = |page: &[u8]| {
            let first = if row == 0 { 0 } else { key_of(page) };
            [first.to_le_bytes().as_slice(), &Sha256::digest(page)].concat()
        };
        content.chunks(PAGE).flat_map(entry).collect()
    }

    /// The rows with these keys; nothing if they are more than `most`.
    pub(super) fn rows(
        &self,
        source: &Source<'_>,
        keys: &RangeInclusive<u64>,
        most: usize,
    ) -> io::Result<Option<Vec<u8>>> {
        // Rows with the first key may stand on the page before.
        let from = self
            .pages
            .partition_point(|page| page.first < *keys.start());
        let behind = self.pages.partition_point(|page| page.first <= *keys.end());
        let pages = from.saturating_sub(1)..behind;
        // Of all but the outermost pages every row counts.
        if pages.len().saturating_sub(2) * (PAGE / self.row) > most {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for page in pages {
            let page = self.page(source, page)?;
            let found = page.chunks_exact(self.row);
            rows.extend(found.filter(|row| keys.contains(&key_of(row))).flatten());
        }
        Ok((rows.len() / self.row <= most).then_some(rows))
    }

    /// These bytes of it.
    pub(super) fn bytes(&self, source: &Source<'_>, place: Range<u64>) -> io::Result<Vec<u8>> {
        let page = PAGE as u64;
        let mut bytes = Vec::new();
        for number in place.start / page..place.end.div_ceil(page) {
            let index = usize::try_from(number).unwrap_or(usize::MAX);
            let found = self.page(source, index)?;
            let within =
                |at: u64| usize::try_from(at.saturating_sub(number * page)).unwrap_or(PAGE);
            let part = found.get(within(place.start)..within(place.end).min(found.len()));
            bytes.extend_from_slice(part.ok_or_else(altered)?);
        }
        Ok(bytes)
    }

    fn page(&self, source: &Source<'_>, number: usize) -> io::Result<Vec<u8>> {
        let page = self.pages.get(number).ok_or_else(altered)?;
        let at = (number * PAGE) as u64;
        let size = usize::try_from(self.length.saturating_sub(at)).unwrap_or(PAGE);
        let mut bytes = vec![0; size.min(PAGE)];
        source.read(&mut bytes, self.start + at)?;
        if Sha256::digest(&bytes).as_slice() != page.digest {
            return Err(altered());
        }
        Ok(bytes)
    }
}

/// Content that is open for reading.
pub(super) enum Source<'c> {
    Stored(File, u64),
    Held(&'c [u8]),
}

impl Content {
    pub(super) fn open(&self) -> io::Result<Source<'_>> {
        Ok(match self {
            Self::Stored(path, start) => {
                Source::Stored(crate::files::options().read(true).open(path)?, *start)
            }
            Self::Held(bytes) => Source::Held(bytes),
        })
    }
}

impl Source<'_> {
    fn read(&self, place: &mut [u8], at: u64) -> io::Result<()> {
        match self {
            Self::Stored(file, start) => file.read_exact_at(place, start + at),
            Self::Held(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let part = bytes.get(at..).and_then(|rest| rest.get(..place.len()));
                place.copy_from_slice(part.ok_or_else(altered)?);
                Ok(())
            }
        }
    }
}

/// The key that a row begins with.
fn key_of(row: &[u8]) -> u64 {
    row.first_chunk().map_or(0, |key| u64::from_le_bytes(*key))
}

/// What is read is not what was written.
fn altered() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
