//! Choosing rules, adding rules, and saying what is let through.

use std::collections::HashSet;
use std::sync::Arc;

use super::format::Format;
use super::gitleaks::{self, Refusal};
use super::list::{Denied, Entry};
use super::pack;
use super::profile::Profile;
use super::rule::{Category, Rule};
use super::scanner::{Scanner, Settings};
use super::tagger::Tagger;
use crate::{Error, Kind, Result};

/// Chooses rules, adds rules, sets what is let through.
#[derive(Clone, Default)]
#[must_use]
pub struct ScannerBuilder {
    rules: Vec<Arc<Rule>>,
    settings: Settings,
    denied: Denied,
}

impl ScannerBuilder {
    /// Adds the built-in rules for identifiers: those of the profile `default`.
    pub fn identifiers(self) -> Self {
        self.built_in(pack::IDENTIFIERS, Profile::Default)
    }

    /// Adds the built-in rules for identifiers that belong to a profile.
    ///
    /// * `default`: what identifies a person or an account by itself, of every country.
    /// * `us`: of these the ones of the United States and of no one country, and ZIP codes.
    /// * `hipaa`: the eighteen identifiers of 45 CFR 164.514(b)(2)(i): also dates, ages over 89 and URLs.
    /// * `gdpr`: personal data of every country: `default`, and dates and URLs.
    /// * `pci`: payment cards.
    /// * `all`: every rule.
    ///
    /// `InvalidArgument` for any other name.
    pub fn profile(self, name: &str) -> Result<Self> {
        let profile = Profile::named(name)?;
        Ok(self.built_in(pack::IDENTIFIERS, profile))
    }

    /// Adds the built-in rules for secrets.
    pub fn secrets(self) -> Self {
        self.built_in(pack::SECRETS, Profile::All)
    }

    fn built_in(mut self, packs: &[&str], profile: Profile) -> Self {
        let mut known: HashSet<String> =
            self.rules.iter().map(|rule| rule.id().to_owned()).collect();
        for text in packs {
            let rules = pack::read_built_in(text)
                .expect("the packs of this crate are well-formed, as the rule tests show");
            for rule in rules.into_iter().filter(|rule| profile.has(rule)) {
                if known.insert(rule.id().to_owned()) {
                    self.rules.push(rule);
                }
            }
        }
        self
    }

    /// Adds rules written in TOML: see [`ScannerBuilder::rules_in`].
    pub fn rules_toml(self, toml: &str) -> Result<Self> {
        self.rules_in(Format::Toml, toml)
    }

    /// Adds rules of the same form as the built-in ones, described in `core/rules/README.md`.
    ///
    /// `InvalidArgument` names the format and the line, or the rule and the reason: a pattern that does not compile or is
    /// too large, an unknown field, check or matcher, an id that is taken.
    pub fn rules_in(mut self, format: Format, text: &str) -> Result<Self> {
        for rule in pack::read(format, text)? {
            let refused = |reason: &str| {
                Error::new(
                    Kind::InvalidArgument,
                    format!("rule `{}`: {reason}", rule.id()),
                )
            };
            if self.rules.iter().any(|known| known.id() == rule.id()) {
                return Err(refused(
                    "there is a rule of that id already; hint: leave the other one out first",
                ));
            }
            rule.try_compile().map_err(|reason| refused(&reason))?;
            self.rules.push(rule);
        }
        Ok(self)
    }

    /// Adds the rules of a gitleaks configuration, and says which of them were refused and why.
    ///
    /// What is taken: rules with keywords and a pattern, their entropy, group and allowlists, and the allowlists of the
    /// whole file. A pattern is looked for from 256 bytes before a keyword to 4096 bytes behind it. Refused are rules for
    /// paths, rules without keywords, and patterns that compile to more than 256 KiB; lists of paths and commits have no
    /// effect. An id that is taken gets `gitleaks-` in front.
    ///
    /// `InvalidArgument` where the text is no such configuration.
    pub fn gitleaks_toml(mut self, toml: &str) -> Result<(Self, Vec<Refusal>)> {
        let mut known: HashSet<String> =
            self.rules.iter().map(|rule| rule.id().to_owned()).collect();
        let (rules, mut refusals) = gitleaks::read(toml)?;
        for mut rule in rules {
            if known.contains(rule.id()) {
                rule.spec.id = format!("gitleaks-{}", rule.id());
            }
            if known.insert(rule.id().to_owned()) {
                self.rules.push(Arc::new(rule));
            } else {
                refusals.push(Refusal {
                    rule: rule.id().to_owned(),
                    reason: "there is a rule of that id already".to_owned(),
                });
            }
        }
        Ok((self, refusals))
    }

    /// Leaves out a rule id or a whole kind. `InvalidArgument` if there is none of that name.
    pub fn without(mut self, id_or_kind: &str) -> Result<Self> {
        let before = self.rules.len();
        self.rules
            .retain(|rule| rule.id() != id_or_kind && rule.kind() != id_or_kind);
        if self.rules.len() == before {
            return Err(no_such_rule());
        }
        Ok(self)
    }

    /// Leaves out all rules but these ids and kinds. `InvalidArgument` if there is none of one of these names.
    pub fn only(mut self, ids_or_kinds: &[&str]) -> Result<Self> {
        let named = |rule: &Rule, name: &str| rule.id() == name || rule.kind() == name;
        if ids_or_kinds
            .iter()
            .any(|name| !self.rules.iter().any(|rule| named(rule, name)))
        {
            return Err(no_such_rule());
        }
        self.rules
            .retain(|rule| ids_or_kinds.iter().any(|name| named(rule, name)));
        Ok(self)
    }

    /// Drops findings below this confidence, 0 to 1.
    pub fn min_confidence(mut self, confidence: f32) -> Result<Self> {
        self.settings.min_confidence = checked_confidence(confidence)?;
        Ok(self)
    }

    /// Drops findings of one kind below this confidence, 0 to 1, whatever holds for the others.
    ///
    /// `InvalidArgument` if no rule so far finds that kind.
    pub fn min_confidence_of(mut self, kind: &str, confidence: f32) -> Result<Self> {
        if !self.rules.iter().any(|rule| rule.kind() == kind) {
            return Err(no_such_rule());
        }
        let confidence = checked_confidence(confidence)?;
        self.settings
            .min_confidence_of
            .insert(kind.into(), confidence);
        Ok(self)
    }

    /// A value that is never reported, though it be denied. It must be the whole value, in the same case.
    pub fn allow(mut self, value: &str) -> Self {
        self.settings.allowed.add_exact(value);
        self
    }

    /// Values that are never reported. `InvalidArgument` for a pattern that does not compile.
    pub fn allow_entry(mut self, entry: Entry<'_>) -> Result<Self> {
        self.settings.allowed.add(entry)?;
        Ok(self)
    }

    /// Reports a value wherever it stands as a word of its own, as a finding of `kind`: a known one, or one of the caller's.
    ///
    /// `InvalidArgument` for a kind that is not 1 to 57 lower-case letters, digits, `_` or `-`, an empty or very long value,
    /// or a pattern that does not compile.
    pub fn deny(mut self, kind: &str, entry: Entry<'_>) -> Result<Self> {
        let rule = self.denial(kind)?;
        self.denied.add(&rule, entry)?;
        Ok(self)
    }

    /// The rule of what is denied under `kind`.
    fn denial(&mut self, kind: &str) -> Result<Arc<Rule>> {
        let of_kind = || self.rules.iter().filter(|rule| rule.kind() == kind);
        if let Some(known) = of_kind().find(|rule| rule.is_denial()) {
            return Ok(Arc::clone(known));
        }
        // What is denied under a known kind is treated as that kind is.
        let rule = match of_kind().next() {
            Some(like) => pack::denial(kind, like.token(), like.category()),
            None => pack::denial(
                kind,
                &kind.to_ascii_uppercase().replace('-', "_"),
                Category::default(),
            ),
        };
        let rule = Arc::new(rule?);
        self.rules.push(Arc::clone(&rule));
        Ok(rule)
    }

    /// Lets a model of names look at the text as well; needs the rule `name-tagged`, one of the identifiers.
    pub fn tagger(mut self, tagger: Arc<dyn Tagger>) -> Self {
        self.settings.tagger = Some(tagger);
        self
    }

    /// The scanner. `InvalidArgument` without any rule, `TooLarge` with more denied values than can be looked for at once.
    pub fn build(self) -> Result<Scanner> {
        if self.rules.is_empty() {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a scanner without rules finds nothing; hint: add `identifiers`, `secrets` or rules of your own",
            ));
        }
        debug_assert_eq!(
            self.rules
                .iter()
                .map(|rule| rule.id())
                .collect::<HashSet<_>>()
                .len(),
            self.rules.len()
        );
        let denied = self.denied.compile(&self.rules)?;
        Ok(Scanner::compile(self.rules, self.settings, denied))
    }
}

fn checked_confidence(confidence: f32) -> Result<f32> {
    if (0.0..=1.0).contains(&confidence) {
        Ok(confidence)
    } else {
        Err(Error::new(Kind::InvalidArgument, "a confidence is 0 to 1"))
    }
}

fn no_such_rule() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "there is no rule and no kind of that name; hint: list them with `rules`",
    )
}
