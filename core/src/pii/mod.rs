//! Identifiers: finding them, replacing them, and putting them back.

mod vault;

use crate::Result;
use crate::scan::{Finding, Scanner};
pub use vault::{Restorer, Vault};

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
    pub fn new() -> Self {
        todo!()
    }
    pub fn with_scanner(_scanner: Scanner, _style: Style) -> Self {
        todo!()
    }
    pub fn scrub(&self, _text: &str) -> Scrubbed {
        todo!()
    }
    pub fn find(&self, _text: &str) -> Vec<Finding> {
        todo!()
    }
    /// Replaces by placeholders that `vault` remembers: `[SSN_1]`.
    pub fn pseudonymize(&self, _text: &str, _vault: &mut Vault) -> Scrubbed {
        todo!()
    }
}

/// Replaces the given findings of `text`, ascending and non-overlapping, by what `replacement` writes.
pub fn replace(
    _text: &str,
    _findings: &[Finding],
    _replacement: impl FnMut(&Finding, &str, &mut String),
) -> String {
    todo!()
}

#[allow(dead_code)]
fn unused() -> Result<()> {
    Ok(())
}
