//! Identifiers: finding them, replacing them, and putting them back.

use crate::Result;
use crate::scan::{Finding, Scanner};

/// What stands in the text instead of an identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `[SSN]`
    #[default]
    Redact,
    /// `***-**-6789`: letters and digits become `*`, but for the last four of a value of eight or more.
    Mask,
}

/// Scrubbed text and what was found in the original (spans are in the original's bytes).
pub struct Scrubbed {
    pub text: String,
    pub findings: Vec<Finding>,
}

/// Finds and replaces identifiers. Any number of threads may use one scrubber.
#[derive(Clone)]
pub struct Scrubber {}

impl Scrubber {
    pub fn new() -> Self { todo!() }
    pub fn with_scanner(_scanner: Scanner, _style: Style) -> Self { todo!() }
    pub fn scrub(&self, _text: &str) -> Scrubbed { todo!() }
    pub fn find(&self, _text: &str) -> Vec<Finding> { todo!() }
    /// Replaces by placeholders that `vault` remembers: `[SSN_1]`.
    pub fn pseudonymize(&self, _text: &str, _vault: &mut Vault) -> Scrubbed { todo!() }
}

/// Replaces the given findings of `text`, ascending and non-overlapping, by what `replacement` writes.
pub fn replace(_text: &str, _findings: &[Finding], _replacement: impl FnMut(&Finding, &str, &mut String)) -> String { todo!() }

/// Remembers which placeholder stands for which value. Wiped on drop; Debug shows only the count.
pub struct Vault {}

impl Vault {
    pub fn new() -> Self { todo!() }
    /// Keeps placeholder-shaped text that the caller wrote from being restored later: call with raw text before scrubbing it.
    pub fn reserve(&mut self, _text: &str) { todo!() }
    /// The placeholder of `value`: the same one every time.
    pub fn placeholder(&mut self, _token: &str, _value: &str) -> String { todo!() }
    pub fn len(&self) -> usize { todo!() }
    pub fn is_empty(&self) -> bool { todo!() }
    /// Puts every value back.
    pub fn restore(&self, _text: &str) -> String { todo!() }
    /// Restores a text that arrives in chunks, holding back at most one placeholder's length.
    pub fn restorer(&self) -> Restorer<'_> { todo!() }
    pub fn clear(&mut self) { todo!() }
}

/// See [`Vault::restorer`].
pub struct Restorer<'a> { _vault: &'a Vault }

impl Restorer<'_> {
    /// The part of the text so far that is certain.
    pub fn push(&mut self, _chunk: &str) -> String { todo!() }
    /// The rest.
    pub fn finish(self) -> String { todo!() }
}

#[allow(dead_code)]
fn unused() -> Result<()> { Ok(()) }
