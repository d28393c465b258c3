//! Which operator each kind of finding gets.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::keyed::Pseudonyms;
use super::mask::Mask;
use super::operator::{Entry, Generalise, Operator, Surrogate};
use crate::cipher::Key;
use crate::isolation::Locked;
use crate::scan::{Category, Finding, Format, Scanner};
use crate::{Error, Kind, Result};

/// The largest policy file, in bytes.
const MAX_POLICY: usize = 256 << 10;
/// The names of [`Policy::named`].
const READY: &str = "redact, mask, pseudonymise, surrogates, hipaa-safe-harbor or limited-data-set";

/// Which operator each kind of finding gets, and under which key. As data:
///
/// ```toml
/// base = "redact"                 # a ready-made policy that this one changes; see `Policy::named`
/// default = "placeholder"         # of kinds that are not named
/// profile = "hipaa"               # the rules that look for identifiers, where the caller chooses none
/// secrets = "redact"              # "redact", "placeholder" (keyed: the same secret, the same placeholder) or "drop"
/// restore_secrets = false         # whether a vault may remember the secrets behind placeholders
///
/// [kinds]
/// ssn = "mask"                    # the name of an operator
/// mrn = "hash:24"                 # with one number
/// date = { operator = "date_shift", days = 30, day_first = true }
/// ```
///
/// The options of operators: `mask` has `show`, `keep_domain` and `card_ends`; `hash` has `digits`; `date_shift` has
/// `days` and `day_first`; `surrogate` has these two and `issued`; `generalise` has `decades`.
#[derive(Clone)]
pub struct Policy {
    default: Operator,
    kinds: HashMap<String, Operator>,
    secrets: Operator,
    restore_secrets: bool,
    profile: Option<String>,
    keyed: Option<Arc<Locked<Pseudonyms>>>,
}

/// A policy file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    base: Option<String>,
    default: Option<Entry>,
    profile: Option<String>,
    secrets: Option<String>,
    restore_secrets: Option<bool>,
    #[serde(default)]
    kinds: HashMap<String, Entry>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(Operator::Redact)
    }
}

impl Policy {
    /// One operator for every identifier; secrets are redacted.
    pub fn of(default: Operator) -> Self {
        Self {
            default,
            kinds: HashMap::new(),
            secrets: Operator::Redact,
            restore_secrets: false,
            profile: None,
            keyed: None,
        }
    }

    /// A ready-made policy.
    ///
    /// | name | what it does |
    /// |---|---|
    /// | `redact` | `[SSN]`, for good |
    /// | `mask` | `***-**-6789` |
    /// | `pseudonymise` | placeholders, which a vault puts back |
    /// | `surrogates` | other values of the same form, which a vault puts back; needs a key |
    /// | `hipaa-safe-harbor` | 45 CFR 164.514(b)(2): of dates the year, of ages over 89 `90+`, of ZIP codes three digits; the rest redacted. Looks with the profile `hipaa`. |
    /// | `limited-data-set` | 45 CFR 164.514(e)(2): dates, ages and ZIP codes stay, the rest is redacted. Looks with the profile `hipaa`. |
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for another name.
    pub fn named(name: &str) -> Result<Self> {
        let with = |kinds: &[&str], operator: Operator| Self {
            profile: Some("hipaa".to_owned()),
            kinds: kinds
                .iter()
                .map(|kind| ((*kind).to_owned(), operator))
                .collect(),
            ..Self::default()
        };
        let dated = ["date", "dob", "age", "zip"];
        Ok(match name {
            "redact" => Self::default(),
            "mask" => Self::of(Operator::Mask(Mask::default())),
            "pseudonymise" | "pseudonymize" => Self::of(Operator::Placeholder),
            "surrogates" => Self::of(Operator::Surrogate(Surrogate::default())),
            "hipaa-safe-harbor" => with(&dated, Operator::Generalise(Generalise::default())),
            "limited-data-set" => with(&dated, Operator::Keep),
            _ => {
                return Err(Error::new(
                    Kind::InvalidArgument,
                    format!("there is no policy of that name; hint: {READY}"),
                ));
            }
        })
    }

    /// A policy as TOML, as JSON (which begins with `{`), or the name of a ready-made one.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for an unknown field, operator, kind or profile, or a number out of range;
    /// [`Kind::TooLarge`] above 256 KiB.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_POLICY {
            return Err(Error::new(Kind::TooLarge, "a policy has at most 256 KiB"));
        }
        let text = text.trim();
        let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
        if text.chars().all(is_name) {
            return Self::named(text);
        }
        let written: Written = Format::of(text).read(text).map_err(malformed)?;
        Self::of_written(written)
    }

    fn of_written(written: Written) -> Result<Self> {
        let mut policy = Self::named(written.base.as_deref().unwrap_or("redact"))?;
        if let Some(default) = written.default {
            policy.default = default.operator()?;
        }
        for (kind, entry) in written.kinds {
            policy = policy.with(&kind, entry.operator()?);
        }
        if let Some(profile) = written.profile {
            // Asked now, so that a wrong name is refused where it is written.
            let _ = Scanner::builder().profile(&profile)?;
            policy.profile = Some(profile);
        }
        let restore = written.restore_secrets.unwrap_or_default();
        policy.secrets(written.secrets.as_deref().unwrap_or("redact"), restore)
    }

    /// What happens to secrets: `redact`, `placeholder` (which needs a key) or `drop`; and whether a vault may remember
    /// those behind placeholders, which is refused for the other two.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for anything else.
    pub fn secrets(mut self, operator: &str, restore: bool) -> Result<Self> {
        self.secrets = match operator {
            "redact" => Operator::Redact,
            "placeholder" => Operator::Placeholder,
            "drop" => Operator::Drop,
            _ => {
                return Err(Error::new(
                    Kind::InvalidArgument,
                    "a secret is replaced by `redact`, `placeholder` or `drop`",
                ));
            }
        };
        if restore && self.secrets != Operator::Placeholder {
            return Err(Error::new(
                Kind::InvalidArgument,
                "only a placeholder can be restored; hint: set `secrets` to `placeholder` as well",
            ));
        }
        self.restore_secrets = restore;
        Ok(self)
    }

    /// Another operator for a kind, `ssn` for example; `*` for all kinds that are not named.
    #[must_use]
    pub fn with(mut self, kind: &str, operator: Operator) -> Self {
        if kind == "*" {
            self.default = operator;
        } else {
            self.kinds.insert(kind.to_owned(), operator);
        }
        self
    }

    /// The key under which hashes, tags, surrogates and shifts are made. It stays with this process: see
    /// [`super::Scrubber::expect_key`].
    ///
    /// # Errors
    ///
    /// [`Kind::Unsupported`] in a forked child of the process that made the key.
    pub fn key(mut self, key: &Key) -> Result<Self> {
        self.keyed = Some(Pseudonyms::new(key)?);
        Ok(self)
    }

    /// The scanner that the policy asks for where the caller has none: the built-in identifiers of its profile, and
    /// secrets.
    pub(crate) fn scanner(&self) -> Result<Scanner> {
        match self.profile.as_deref() {
            None => Ok(Scanner::all()),
            Some(profile) => Scanner::builder().profile(profile)?.secrets().build(),
        }
    }

    /// Whether everything that the policy needs is there.
    pub(super) fn check(&self, scanner: &Scanner) -> Result<()> {
        let operators = self.kinds.values().chain([&self.default]);
        let keyed = operators.clone().any(|operator| operator.needs_key());
        if (keyed || self.secrets == Operator::Placeholder) && self.keyed.is_none() {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the policy needs a key; hint: give 32 bytes from `cloister keygen`",
            ));
        }
        if !self.names_only_kinds_of(scanner)
            && !self.names_only_kinds_of(&Scanner::builder().profile("all")?.build()?)
        {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the policy names a kind that no rule finds; hint: list them with `rules`",
            ));
        }
        Ok(())
    }

    fn names_only_kinds_of(&self, scanner: &Scanner) -> bool {
        let known: HashSet<&str> = scanner
            .rules()
            .iter()
            .filter(|rule| rule.category() == Category::Identifier)
            .map(|rule| rule.kind())
            .collect();
        self.kinds.keys().all(|kind| known.contains(kind.as_str()))
    }

    /// What happens to a finding.
    pub(super) fn operator(&self, finding: &Finding) -> Operator {
        if finding.category() == Category::Secret {
            return self.secrets;
        }
        if self.kinds.is_empty() {
            return self.default;
        }
        self.kinds
            .get(finding.kind())
            .copied()
            .unwrap_or(self.default)
    }

    /// Whether a vault may remember the finding.
    pub(super) fn remembers(&self, finding: &Finding) -> bool {
        finding.category() == Category::Identifier || self.restore_secrets
    }

    /// Whether some values become other values of the same form.
    pub(super) fn has_surrogates(&self) -> bool {
        let operators = self.kinds.values().chain([&self.default]);
        operators
            .into_iter()
            .any(|operator| matches!(operator, Operator::Surrogate(_)))
    }

    /// Nothing where there is no key, and in a forked child.
    pub(super) fn keyed(&self) -> Option<&Pseudonyms> {
        self.keyed.as_ref()?.get().ok()
    }

    /// [`Kind::Unsupported`] in a forked child of the process that has the key.
    pub(super) fn expect_key(&self) -> Result<()> {
        self.keyed
            .as_ref()
            .map_or(Ok(()), |held| held.get().map(drop))
    }
}

/// Where, but not what: the text is the caller's.
fn malformed(line: u64) -> Error {
    Error::new(
        Kind::InvalidArgument,
        format!("the policy is malformed at line {line}; hint: see `Policy` for its fields"),
    )
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("default", &self.default)
            .field("kinds", &self.kinds.len())
            .field("keyed", &self.keyed.is_some())
            .finish_non_exhaustive()
    }
}
