//! Scrubbing a text that comes in chunks, in memory that does not grow with its length.

use std::fmt;

use zeroize::Zeroizing;

use super::scrubber::Scrubber;
use super::vault::Vault;
use crate::scan::{Known, Located, Release, ScanStream, Taker};
use crate::{Error, Kind, Result};

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
pub struct ScrubStream {
    scan: ScanStream,
    scrubber: Scrubber,
    subject: Zeroizing<String>,
    /// Whether a vault took no more, so that text was lost.
    broken: bool,
}

impl Scrubber {
    /// Scrubs a text that comes in chunks, cut anywhere, inside code points too. What is found and how much is held back is
    /// what [`crate::scan::Scanner::stream`] says; what is held back is given out by a later call, scrubbed.
    ///
    /// [`ScrubStream::push`] scrubs for good; [`ScrubStream::pseudonymize`] by what a vault can put back. A text takes one of
    /// the two to its end.
    pub fn stream(&self) -> ScrubStream {
        self.stream_of("")
    }

    /// [`Scrubber::stream`] for a text about `subject`; see [`Scrubber::scrub_of`].
    pub fn stream_of(&self, subject: &str) -> ScrubStream {
        ScrubStream {
            scan: self.scanner().stream(),
            scrubber: self.clone(),
            subject: Zeroizing::new(subject.to_owned()),
            broken: false,
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
        self.run(Some(chunk.as_ref()), None)
    }

    /// The rest. What comes later is refused.
    ///
    /// # Errors
    ///
    /// As [`ScanStream::finish`]; what was held back is lost then.
    pub fn finish(&mut self) -> Result<ScrubbedPart> {
        self.run(None, None)
    }

    /// [`ScrubStream::push`] with what `vault` can put back, as [`Scrubber::pseudonymize`] does it.
    ///
    /// A placeholder that the text holds itself is not given out while it is in memory. One that was given out before is
    /// put back as the value that it stands for.
    ///
    /// # Errors
    ///
    /// As [`ScanStream::push`]; [`Kind::Closed`] if the vault has expired and [`Kind::TooLarge`] if it is full, behind which
    /// the stream takes nothing more.
    pub fn pseudonymize(
        &mut self,
        vault: &mut Vault,
        chunk: impl AsRef<[u8]>,
    ) -> Result<ScrubbedPart> {
        self.run(Some(chunk.as_ref()), Some(vault))
    }

    /// [`ScrubStream::finish`] with what `vault` can put back.
    ///
    /// # Errors
    ///
    /// As [`ScrubStream::pseudonymize`] and [`ScanStream::finish`].
    pub fn finish_pseudonymizing(&mut self, vault: &mut Vault) -> Result<ScrubbedPart> {
        self.run(None, Some(vault))
    }

    /// Bytes taken so far whose text was not given out yet.
    pub fn held(&self) -> usize {
        self.scan.held()
    }

    /// Takes a chunk, or the end of the text.
    fn run(&mut self, chunk: Option<&[u8]>, vault: Option<&mut Vault>) -> Result<ScrubbedPart> {
        if self.broken {
            return Err(Error::new(
                Kind::Closed,
                "the stream has lost text that its vault did not take; hint: begin another one with another vault",
            ));
        }
        let mut taker = Scrubbing {
            scrubber: &self.scrubber,
            subject: &self.subject,
            vault,
            part: ScrubbedPart::default(),
            outcome: Ok(()),
        };
        match chunk {
            Some(chunk) => self.scan.feed(chunk, &mut taker)?,
            None => self.scan.end(&mut taker)?,
        }
        self.broken = taker.outcome.is_err();
        taker.outcome.map(|()| taker.part)
    }
}

impl fmt::Debug for ScrubStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScrubStream")
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}

/// Scrubs what is certain.
struct Scrubbing<'s> {
    scrubber: &'s Scrubber,
    subject: &'s str,
    vault: Option<&'s mut Vault>,
    part: ScrubbedPart,
    outcome: Result<()>,
}

impl Scrubbing<'_> {
    fn scrub(&mut self, release: Release<'_>) -> Result<()> {
        let (scrubber, subject) = (self.scrubber, self.subject);
        let (text, findings) = (release.text(), release.findings());
        let done = if let Some(vault) = &mut self.vault {
            scrubber.reserve(release.text_and_more(), vault);
            scrubber.pseudonymize_found(subject, text, findings, vault)?
        } else {
            scrubber.expect_key()?;
            scrubber.scrub_found(subject, text, findings)
        };
        self.part.text.push_str(&done.text);
        self.part.findings.extend(release.located());
        Ok(())
    }
}

impl Taker for Scrubbing<'_> {
    fn known<'t>(&'t self, text: &str) -> Vec<Known<'t>> {
        let vault = self.vault.as_ref();
        vault.map_or_else(Vec::new, |vault| vault.known_in(text))
    }

    fn take(&mut self, release: Release<'_>) {
        if self.outcome.is_ok() {
            self.outcome = self.scrub(release);
        }
    }
}
