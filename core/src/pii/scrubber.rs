//! Taking identifiers out of a text, and with a scanner that knows them, secrets too.

use std::fmt;

use super::mask::Mask;
use super::operator::{Operator, Surrogate};
use super::policy::Policy;
use super::replace::replace;
use super::vault::{Nature, Vault, tagged};
use super::{shift, surrogate};
use crate::Result;
use crate::scan::{Field, Finding, Scanner};

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
/// What happens to a secret the policy says apart from the rest: it is replaced by its kind, and no vault remembers it,
/// unless the policy says otherwise.
#[derive(Clone, Debug)]
pub struct Scrubber {
    scanner: Scanner,
    policy: Policy,
    /// What happens where there is a vault.
    reversible: Policy,
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

    /// A scanner and a style of one's own. With a vault every identifier becomes a placeholder, whatever the style.
    pub fn with_scanner(scanner: Scanner, style: Style) -> Self {
        let policy = match style {
            Style::Redact => Policy::default(),
            Style::Mask => Policy::of(Operator::Mask(Mask::default())),
        };
        Self {
            scanner,
            policy,
            reversible: Policy::of(Operator::Placeholder),
        }
    }

    /// A policy, with the scanner that it asks for unless there is another: the identifiers of its profile, and secrets. It
    /// holds with a vault as without one.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::InvalidArgument`] if the policy needs a key and has none, or names a kind that no rule finds.
    pub fn with_policy(scanner: Option<Scanner>, policy: Policy) -> Result<Self> {
        let scanner = match scanner {
            Some(scanner) => scanner,
            None => policy.scanner()?,
        };
        policy.check(&scanner)?;
        Ok(Self {
            scanner,
            reversible: policy.clone(),
            policy,
        })
    }

    /// Whether this process has the key of the policy, if that has one. A forked child of the process that made the scrubber does
    /// not: there [`Scrubber::scrub`] writes the kind of a value in place of what the key would make of it.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Unsupported`] there.
    pub fn expect_key(&self) -> Result<()> {
        self.policy.expect_key()
    }

    /// Replaces every finding as style or policy say.
    pub fn scrub(&self, text: &str) -> Scrubbed {
        self.scrub_of("", text)
    }

    /// Replaces every finding in a text about `subject`, the id of a patient for example: all dates of a subject are
    /// moved by the same number of days. Empty for none.
    pub fn scrub_of(&self, subject: &str, text: &str) -> Scrubbed {
        self.scrub_found(subject, text, self.find(text))
    }

    /// Replaces what was found in `text`.
    pub(super) fn scrub_found(
        &self,
        subject: &str,
        text: &str,
        findings: Vec<Finding>,
    ) -> Scrubbed {
        let text = replace(text, &findings, |finding, value, out| {
            let place = Place {
                policy: &self.policy,
                subject,
                finding,
                value,
            };
            place.write(out);
        });
        Scrubbed { text, findings }
    }

    /// What would be replaced in `text`, ascending and non-overlapping.
    pub fn find(&self, text: &str) -> Vec<Finding> {
        self.scanner.scan(text)
    }

    /// What would be replaced in the fields of one record: see [`Scanner::scan_record`].
    pub fn find_in_record(&self, fields: &[Field<'_>]) -> Vec<Vec<Finding>> {
        self.scanner.scan_record(fields)
    }

    pub(super) fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// Replaces by what `vault` can put back, placeholders such as `[SSN_1]` unless the policy says otherwise. What the vault
    /// remembers is found here too, where nothing but that tells what it is: `Doe` behind a text about John Doe.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Closed`] if the vault has expired, [`crate::Kind::TooLarge`] if it is full, [`crate::Kind::Unsupported`]
    /// where [`Scrubber::expect_key`] says so.
    pub fn pseudonymize(&self, text: &str, vault: &mut Vault) -> Result<Scrubbed> {
        self.pseudonymize_of("", text, vault)
    }

    /// [`Scrubber::pseudonymize`] for a text about `subject`; see [`Scrubber::scrub_of`].
    ///
    /// # Errors
    ///
    /// As [`Scrubber::pseudonymize`].
    pub fn pseudonymize_of(
        &self,
        subject: &str,
        text: &str,
        vault: &mut Vault,
    ) -> Result<Scrubbed> {
        self.reserve(text, vault);
        let found = self.with_known(text, self.find(text), vault);
        self.pseudonymize_found(subject, text, found, vault)
    }

    /// What was `found` in `text`, and what `vault` remembers from other texts.
    pub(crate) fn with_known(
        &self,
        text: &str,
        found: Vec<Finding>,
        vault: &Vault,
    ) -> Vec<Finding> {
        self.scanner.with_known(text, found, vault.known_in(text))
    }

    /// Keeps what stands in `text` from being given out for something else.
    pub(crate) fn reserve(&self, text: &str, vault: &mut Vault) {
        vault.reserve(text);
        if self.reversible.has_surrogates() {
            vault.reserve_words(text);
        }
    }

    /// Replaces what was found in `text`, which was reserved, by what `vault` can put back.
    pub(crate) fn pseudonymize_found(
        &self,
        subject: &str,
        text: &str,
        findings: Vec<Finding>,
        vault: &mut Vault,
    ) -> Result<Scrubbed> {
        let mut failure = self.reversible.expect_key();
        let text = replace(text, &findings, |finding, value, out| {
            let place = Place {
                policy: &self.reversible,
                subject,
                finding,
                value,
            };
            if failure.is_ok() {
                failure = place.remember(vault, out);
            }
        });
        failure.map(|()| Scrubbed { text, findings })
    }
}

/// A finding that is being replaced.
struct Place<'a> {
    policy: &'a Policy,
    subject: &'a str,
    finding: &'a Finding,
    value: &'a str,
}

impl Place<'_> {
    /// Writes what a vault can put back, or what [`Place::write`] writes.
    fn remember(&self, vault: &mut Vault, out: &mut String) -> Result<()> {
        let token = self.finding.rule().token();
        let written = match (self.operator(), self.policy.keyed()) {
            _ if !self.policy.remembers(self.finding) => {
                self.write(out);
                return Ok(());
            }
            (Operator::Placeholder, None) => vault.placeholder(token, self.value)?,
            (Operator::Placeholder, Some(keyed)) => vault.tagged(token, self.value, keyed)?,
            (Operator::Surrogate(options), Some(_)) => {
                let make = |attempt| self.surrogate(options, attempt);
                vault.surrogate(token, self.value, self.nature(), make)?
            }
            (Operator::DateShift(options), Some(keyed)) => {
                match shift::shifted(keyed, options, self.value, self.subject, 0) {
                    Some(moved) if vault.moved(token, self.value, &moved)? => moved,
                    Some(_) => vault.placeholder(token, self.value)?,
                    None => {
                        self.write(out);
                        return Ok(());
                    }
                }
            }
            _ => {
                self.write(out);
                return Ok(());
            }
        };
        out.push_str(&written);
        Ok(())
    }

    /// Writes what stands there for good.
    fn write(&self, out: &mut String) {
        let kind = self.finding.kind();
        let written = match self.operator() {
            Operator::Redact => None,
            Operator::Mask(mask) => return mask.write(kind, self.value, out),
            Operator::Keep => return out.push_str(self.value),
            Operator::Drop => return,
            Operator::Hash { digits } => self.policy.keyed().map(|keyed| {
                let value = super::keyed::fold(self.value);
                let digest = keyed.digest("hash", kind, value.as_bytes());
                let mut digest = base16ct::lower::encode_string(&digest);
                digest.truncate(usize::from(digits));
                digest
            }),
            Operator::Placeholder => self.policy.keyed().map(|keyed| {
                let token = self.finding.rule().token();
                tagged(token, &keyed.tag(token, self.value, 0))
            }),
            Operator::Surrogate(options) => self.surrogate(options, 0),
            Operator::DateShift(options) => self
                .policy
                .keyed()
                .and_then(|keyed| shift::shifted(keyed, options, self.value, self.subject, 0)),
            Operator::Generalise(less) => less.of(kind, self.value),
        };
        match written {
            Some(written) => out.push_str(&written),
            None => self.finding.write_redaction(out),
        }
    }

    fn surrogate(&self, options: Surrogate, attempt: u8) -> Option<String> {
        let rule = self.finding.rule();
        surrogate::of(
            self.policy.keyed()?,
            options,
            rule,
            self.value,
            self.subject,
            attempt,
        )
    }

    /// What happens to the finding. What is written in disguise, in base64 or with escapes, is neither moved nor imitated:
    /// its figures are not those of the value.
    fn operator(&self) -> Operator {
        match self.policy.operator(self.finding) {
            Operator::Surrogate(_) | Operator::DateShift(_) | Operator::Generalise(_)
                if !self.finding.layers().is_empty() =>
            {
                Operator::Placeholder
            }
            operator => operator,
        }
    }

    fn nature(&self) -> Nature {
        match self.finding.kind() {
            "name" => Nature::Name,
            "date" | "dob" => Nature::Date,
            _ => Nature::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pseudonymised_comes_back_as_it_was() {
        let text = "Patient John Doe, MRN: 987654. John Doe asks for [MRN_1].";
        let mut vault = Vault::new();
        let scrubbed = Scrubber::new().pseudonymize(text, &mut vault).unwrap();
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
        let scrubbed = masking.pseudonymize(text, &mut vault).unwrap();
        assert_eq!(scrubbed.text, "MRN: [MRN_1], key [STRIPE_KEY]");
        assert_eq!(vault.len(), 1);
    }
}
