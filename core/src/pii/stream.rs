//! Scrubbing a text that comes in chunks, in memory that does not grow with its length.

use std::fmt;

use super::scrubber::Scrubber;
use crate::Result;
use crate::scan::{Located, Release, ScanStream};

/// A part of a scrubbed text, and what was found in the original of that part.
#[derive(Clone, Default)]
pub struct ScrubbedPart {
    /// Follows the part before; every finding is replaced.
    pub text: String,
    /// What was replaced, ascending, with its places in the whole original.
    pub findings: Vec<Located>,
}

impl fmt::Debug for ScrubbedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScrubbedPart")
            .field("findings", &self.findings.len())
            .finish_non_exhaustive()
    }
}

/// A text that is scrubbed as it comes; see [`Scrubber::stream`]. One thread at a time.
#[derive(Debug)]
pub struct ScrubStream {
    scan: ScanStream,
    scrubber: Scrubber,
}

impl Scrubber {
    /// Scrubs a text that comes in chunks, cut anywhere, inside code points too. What is found and how much is held back is
    /// what [`crate::scan::Scanner::stream`] says; what is held back is given out by a later call, scrubbed.
    pub fn stream(&self) -> ScrubStream {
        ScrubStream {
            scan: self.scanner().stream(),
            scrubber: self.clone(),
        }
    }
}

impl ScrubStream {
    /// Takes a chunk of UTF-8 and gives the scrubbed text that is certain by now.
    ///
    /// # Errors
    ///
    /// As [`ScanStream::push`].
    pub fn push(&mut self, chunk: impl AsRef<[u8]>) -> Result<ScrubbedPart> {
        let mut part = ScrubbedPart::default();
        self.scan.feed(chunk.as_ref(), &mut |release| {
            add(&mut part, &self.scrubber, release);
        })?;
        Ok(part)
    }

    /// The rest. What comes later is refused.
    ///
    /// # Errors
    ///
    /// As [`ScanStream::finish`]; what was held back is lost then.
    pub fn finish(&mut self) -> Result<ScrubbedPart> {
        let mut part = ScrubbedPart::default();
        self.scan
            .end(&mut |release| add(&mut part, &self.scrubber, release))?;
        Ok(part)
    }

    /// Bytes taken so far whose text was not given out yet.
    pub fn held(&self) -> usize {
        self.scan.held()
    }
}

fn add(part: &mut ScrubbedPart, scrubber: &Scrubber, release: Release<'_>) {
    let done = scrubber.scrub_found("", release.text(), release.findings());
    part.text.push_str(&done.text);
    part.findings.extend(release.located());
}
