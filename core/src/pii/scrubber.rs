//! Taking identifiers out of a text, and with a scanner that knows them, secrets too.

use std::fmt;

use super::replace::replace;
use super::vault::Vault;
use crate::scan::{Category, Finding, Scanner};

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
#[derive(Clone)]
pub struct Scrubbed {
    /// The text with every finding replaced.
    pub text: String,
    /// What was replaced, ascending.
    pub findings: Vec<Finding>,
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubbed")
            .field("findings", &self.findings.len())
            .finish_non_exhaustive()
    }
}

/// Finds and replaces whatever its scanner knows: identifiers unless told otherwise. Any number of threads may use one
/// scrubber.
///
/// A secret is always replaced by its kind, whatever the style, and no vault remembers it.
#[derive(Clone, Debug)]
pub struct Scrubber {
    scanner: Scanner,
    style: Style,
}

impl Default for Scrubber {
    fn default() -> Self {
        Self::new()
    }
}

impl Scrubber {
    /// All built-in identifiers, replaced by `[SSN]` and the like.
    pub fn new() -> Self {
        Self::with_scanner(Scanner::identifiers(), Style::Redact)
    }

    /// A scanner and a style of one's own.
    pub fn with_scanner(scanner: Scanner, style: Style) -> Self {
        Self { scanner, style }
    }

    /// Replaces every finding in the scrubber's style.
    pub fn scrub(&self, text: &str) -> Scrubbed {
        self.scrub_found(text, self.find(text))
    }

    /// Replaces what was found in `text`.
    pub(super) fn scrub_found(&self, text: &str, findings: Vec<Finding>) -> Scrubbed {
        replaced(text, findings, |finding, value, out| match self.style {
            Style::Redact => out.push_str(&finding.redaction()),
            Style::Mask => mask(value, out),
        })
    }

    /// What would be replaced in `text`, ascending and non-overlapping.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        self.scanner.scan(text)
    }

    /// Replaces by placeholders that `vault` remembers: `[SSN_1]`.
    pub fn pseudonymize(&self, text: &str, vault: &mut Vault) -> Scrubbed {
        vault.reserve(text);
        replaced(text, self.find(text), |finding, value, out| {
            out.push_str(&vault.placeholder(finding.rule().token(), value));
        })
    }

    pub(super) fn scanner(&self) -> &Scanner {
        &self.scanner
    }
}

fn replaced(
    text: &str,
    findings: Vec<Finding>,
    mut identifier: impl FnMut(&Finding, &str, &mut String),
) -> Scrubbed {
    let text = replace(text, &findings, |finding, value, out| {
        match finding.category() {
            Category::Identifier => identifier(finding, value, out),
            Category::Secret => out.push_str(&finding.redaction()),
        }
    });
    Scrubbed { text, findings }
}

/// Letters and digits become `*`. The last four of a value of eight or more stay, so that a person can tell which it was.
fn mask(value: &str, out: &mut String) {
    let total = value.chars().filter(|c| c.is_alphanumeric()).count();
    let hidden = if total >= 8 { total - 4 } else { total };
    let mut seen = 0;
    for c in value.chars() {
        let counts = c.is_alphanumeric();
        seen += usize::from(counts);
        out.push(if counts && seen <= hidden { '*' } else { c });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(value: &str) -> String {
        let mut out = String::new();
        mask(value, &mut out);
        out
    }

    #[test]
    fn a_mask_keeps_the_last_four_of_a_long_value_only() {
        assert_eq!(masked("123-45-6789"), "***-**-6789");
        assert_eq!(masked("J. Doe"), "*. ***");
    }

    #[test]
    fn what_is_pseudonymised_comes_back_as_it_was() {
        let text = "Patient John Doe, MRN: 987654. John Doe asks for [MRN_1].";
        let mut vault = Vault::new();
        let scrubbed = Scrubber::new().pseudonymize(text, &mut vault);
        assert_eq!(
            scrubbed.text,
            "Patient [NAME_1], MRN: [MRN_2]. [NAME_1] asks for [MRN_1]."
        );
        assert_eq!(vault.restore(&scrubbed.text), text);
    }

    #[test]
    fn a_secret_is_replaced_for_good_whatever_the_style() {
        let text = "MRN: 987654321, key sk_live_51HxJ1234567890abcdefghijklm";
        let masking = Scrubber::with_scanner(Scanner::all(), Style::Mask);
        assert_eq!(masking.scrub(text).text, "MRN: *****4321, key [STRIPE_KEY]");
        let mut vault = Vault::new();
        let scrubbed = masking.pseudonymize(text, &mut vault);
        assert_eq!(scrubbed.text, "MRN: [MRN_1], key [STRIPE_KEY]");
        assert_eq!(vault.len(), 1);
    }
}
