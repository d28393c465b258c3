//! Reading lines with bounded memory, forwards from the start and backwards from the end.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Take};

use memchr::{memchr, memrchr};

use crate::files::FileExt as _;

/// Most bytes of a line, line feed included.
pub(super) const MAX_LINE: usize = 1 << 20;
/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;
/// Bytes that are read at once from the end, where mostly one or two lines are wanted.
const TAIL_BLOCK: usize = 1 << 12;

/// A line as it stands in a file.
pub(super) enum Line<'a> {
    /// Without its line feed.
    Whole(&'a [u8]),
    /// The last one, which has no line feed.
    Torn,
    /// Longer than [`MAX_LINE`]; its bytes without the line feed.
    TooLong(usize),
}

/// The lines of the first `length` bytes of a file.
pub(super) struct Lines {
    reader: BufReader<Take<File>>,
    buffer: Vec<u8>,
}

impl Lines {
    pub(super) fn new(file: File, length: u64) -> Self {
        Self {
            reader: BufReader::with_capacity(BLOCK, file.take(length)),
            buffer: Vec::new(),
        }
    }

    /// The lines from the offset `start`, where a line begins, up to before `end`.
    pub(super) fn between(mut file: File, start: u64, end: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self::new(file, end.saturating_sub(start)))
    }

    /// The next line, or nothing at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut length = 0;
        loop {
            let available = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                return Ok((length > 0).then_some(Line::Torn));
            }
            let end = memchr(b'\n', available);
            let part = &available[..end.unwrap_or(available.len())];
            length += part.len();
            if length < MAX_LINE {
                self.buffer.extend_from_slice(part);
            }
            let consumed = part.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                return Ok(Some(if length < MAX_LINE {
                    Line::Whole(&self.buffer)
                } else {
                    Line::TooLong(length)
                }));
            }
        }
    }
}

/// The offset behind the last line feed among the first `length` bytes of a file; 0 if there is none.
pub(super) fn end_of_last_line(file: &File, length: u64) -> io::Result<u64> {
    let mut block = [0; TAIL_BLOCK];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(TAIL_BLOCK as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or(TAIL_BLOCK)];
        file.read_exact_at(part, start)?;
        if let Some(found) = memrchr(b'\n', part) {
            return Ok(start + found as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The line that ends just before the offset `end`, which is one behind a line feed; nothing if it is too long.
pub(super) fn line_before(file: &File, end: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(feed) = end.checked_sub(1) else {
        return Ok(None);
    };
    let start = end_of_last_line(file, feed)?;
    let Some(length) = usize::try_from(feed - start)
        .ok()
        .filter(|length| *length < MAX_LINE)
    else {
        return Ok(None);
    };
    let mut line = vec![0; length];
    file.read_exact_at(&mut line, start)?;
    Ok(Some(line))
}

/// The line that begins at the offset `start`; nothing if it does not end before `end` or is too long.
pub(super) fn line_after(file: &File, start: u64, end: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = TAIL_BLOCK as u64;
    loop {
        let mut line = read(file, start, end.min(start + length))?;
        if let Some(found) = memchr(b'\n', &line) {
            line.truncate(found);
            return Ok(Some(line));
        }
        if start + length >= end || length >= MAX_LINE as u64 {
            return Ok(None);
        }
        length *= 4;
    }
}

/// Lines at known places of the first `end` bytes of a file. Those that follow each other closely are read together.
pub(super) struct LinesAt<'f> {
    file: &'f File,
    end: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'f> LinesAt<'f> {
    pub(super) fn new(file: &'f File, end: u64) -> Self {
        Self {
            file,
            end,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// As [`line_after`].
    pub(super) fn line(&mut self, at: u64) -> io::Result<Option<&[u8]>> {
        let known = self.start..self.start + self.bytes.len() as u64;
        let mut skipped = usize::try_from(at.wrapping_sub(known.start)).unwrap_or(usize::MAX);
        let mut length = self
            .bytes
            .get(skipped..)
            .and_then(|rest| memchr(b'\n', rest));
        if length.is_none() {
            let is_near = at >= known.start && at < known.end + BLOCK as u64;
            let size = if is_near { BLOCK } else { TAIL_BLOCK } as u64;
            self.bytes = read(self.file, at, self.end.min(at + size))?;
            (self.start, skipped) = (at, 0);
            length = memchr(b'\n', &self.bytes);
        }
        if length.is_none() {
            let Some(line) = line_after(self.file, at, self.end)? else {
                return Ok(None);
            };
            length = Some(line.len());
            self.bytes = line;
        }
        Ok(length.and_then(|length| self.bytes.get(skipped..skipped + length)))
    }
}

/// The bytes from `start` up to before `end`.
pub(super) fn read(file: &File, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}
