//! Scanning a text that comes in chunks, in memory that does not grow with its length.

mod credentials;
mod names;
mod partial;
mod release;
mod remembered;
mod window;

use std::fmt;

pub(crate) use names::MAX_NAME as MAX_KNOWN;
use partial::Partial;
pub(crate) use release::Release;
use window::Window;

use super::finding::Finding;
use super::known::Known;
use super::position::Position;
use super::scanner::{Effort, Scanner};
use crate::{Error, Kind, Result};

/// A long chunk is taken in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// A finding of a stream, with its places as the whole text counts them.
#[derive(Clone)]
pub struct Located {
    /// What was found. Its spans count the bytes of the whole text.
    pub finding: Finding,
    /// Where the value begins.
    pub start: Position,
    /// Where the value ends.
    pub end: Position,
    /// Where label and value begin.
    pub context_start: Position,
    /// Where label and value end.
    pub context_end: Position,
}

impl fmt::Debug for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Located").field(&self.finding).finish()
    }
}

/// Whoever gets the text of a stream, stretch by stretch.
pub(crate) trait Taker {
    /// What is known in a text without any rule: values of at most [`MAX_KNOWN`] bytes that do not overlap, ascending.
    fn known<'t>(&'t self, _text: &str) -> Vec<Known<'t>> {
        Vec::new()
    }

    /// Takes what follows the stretch before.
    fn take(&mut self, release: Release<'_>);
}

impl<F: FnMut(Release<'_>)> Taker for F {
    fn take(&mut self, release: Release<'_>) {
        self(release);
    }
}

/// A scan of a text that comes in chunks; see [`Scanner::stream`]. One thread at a time.
pub struct ScanStream {
    window: Window,
    partial: Partial,
    closed: bool,
}

impl Scanner {
    /// Scans a text that comes in chunks, cut anywhere, inside code points too.
    ///
    /// The findings are those of [`Scanner::scan`] on the whole text, but for four things. A name (`name-repeat`) or a
    /// credential that what stands beside it gave away is found again ([`super::Origin::Repeat`]) only behind the place where
    /// it was found first, and of all names and of all credentials the 256 found last are looked for.
    /// A value of more than 128 KiB is reported in pieces that follow each other, the last of which ends at white space.
    /// A [`super::Tagger`] sees the text in stretches. Of a text full of encodings a whole scan stops reading the decoded
    /// parts at some point, a stream does not.
    ///
    /// At most 16 KiB are held back while nothing is open: the longest window of a rule and what stands around it. The
    /// beginning of a value, or of several that overlap, holds back what follows it until its end is known, for at most
    /// 256 KiB.
    pub fn stream(&self) -> ScanStream {
        ScanStream {
            window: Window::new(self.clone()),
            partial: Partial::default(),
            closed: false,
        }
    }
}

impl ScanStream {
    /// Takes a chunk of UTF-8 and gives what is certain by now, ascending.
    ///
    /// # Errors
    ///
    /// `InvalidUtf8`, in which case nothing of the chunk was taken; `Closed` after [`ScanStream::finish`].
    pub fn push(&mut self, chunk: impl AsRef<[u8]>) -> Result<Vec<Located>> {
        let mut found = Vec::new();
        self.feed(chunk.as_ref(), &mut |release: Release<'_>| {
            found.extend(release.located());
        })?;
        Ok(found)
    }

    /// The rest. What comes later is refused.
    ///
    /// # Errors
    ///
    /// `InvalidUtf8` if the text ends inside a code point; `Closed` when called again.
    pub fn finish(&mut self) -> Result<Vec<Located>> {
        let mut found = Vec::new();
        self.end(&mut |release: Release<'_>| found.extend(release.located()))?;
        Ok(found)
    }

    /// Bytes taken so far of which it is not certain yet whether they are part of a finding.
    pub fn held(&self) -> usize {
        self.window.held() + self.partial.len()
    }

    /// What the scan has cost so far, apart from reading the text once.
    pub fn effort(&self) -> Effort {
        self.window.effort()
    }

    /// [`ScanStream::push`] with the text that the findings lie in.
    pub(crate) fn feed(&mut self, chunk: &[u8], taker: &mut dyn Taker) -> Result<()> {
        if self.closed {
            return Err(closed());
        }
        let (head, text) = self.partial.complete(chunk, self.window.taken())?;
        for text in [head.as_str(), text] {
            let mut rest = text;
            while !rest.is_empty() {
                let piece = rest.floor_char_boundary(PIECE);
                self.window.take(&rest[..piece], taker);
                rest = &rest[piece..];
            }
        }
        Ok(())
    }

    /// [`ScanStream::finish`] with the text that the findings lie in.
    pub(crate) fn end(&mut self, taker: &mut dyn Taker) -> Result<()> {
        if self.closed {
            return Err(closed());
        }
        self.partial.end(self.window.taken())?;
        self.closed = true;
        self.window.end(taker);
        Ok(())
    }
}

fn closed() -> Error {
    Error::new(
        Kind::Closed,
        "the stream is finished; hint: begin another one for the next text",
    )
}

impl fmt::Debug for ScanStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanStream")
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}
