//! Scrubbing a text that comes in chunks, in memory that does not grow with its length.

use std::fmt;

use zeroize::Zeroizing;

use super::scrubber::Scrubber;
use super::vault::Vault;
use crate::scan::{Located, Release, ScanStream};
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
    /// put back as the value that it stands for. What the vault remembers is found where all of it is certain at once.
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
    fn run(&mut self, chunk: Option<&[u8]>, mut vault: Option<&mut Vault>) -> Result<ScrubbedPart> {
        if self.broken {
            return Err(Error::new(
                Kind::Closed,
                "the stream has lost text that its vault did not take; hint: begin another one with another vault",
            ));
        }
        let Self {
            scan,
            scrubber,
            subject,
            broken,
        } = self;
        let mut part = ScrubbedPart::default();
        let mut failure = Ok(());
        let mut tell = |release: Release<'_>| {
            if failure.is_ok() {
                failure = add(&mut part, scrubber, subject, release, vault.as_deref_mut());
            }
        };
        match chunk {
            Some(chunk) => scan.feed(chunk, &mut tell)?,
            None => scan.end(&mut tell)?,
        }
        *broken = failure.is_err();
        failure.map(|()| part)
    }
}

impl fmt::Debug for ScrubStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScrubStream")
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}

fn add(
    part: &mut ScrubbedPart,
    scrubber: &Scrubber,
    subject: &str,
    mut release: Release<'_>,
    vault: Option<&mut Vault>,
) -> Result<()> {
    if let Some(vault) = &vault {
        let known = vault.known_in(release.text());
        release.add_known(scrubber.scanner(), known);
    }
    let (text, findings) = (release.text(), release.findings());
    let done = if let Some(vault) = vault {
        scrubber.reserve(release.text_and_more(), vault);
        scrubber.pseudonymize_found(subject, text, findings, vault)?
    } else {
        scrubber.expect_key()?;
        scrubber.scrub_found(subject, text, findings)
    };
    part.text.push_str(&done.text);
    part.findings.extend(release.located());
    Ok(())
}
