//! One detection rule: what it looks for, how it confirms it, and what it says about it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::boundary::Alphabet;
use super::check::{Check, Verdict};
use super::evidence::{LabelStart, Outline};
use super::examples::{Examples, examples};
use super::exempt::Exemption;
use super::matcher::{Matcher, is_labelled_value};
use super::near::Wanted;
use super::program::{Match, Outcome, Program};
use super::vocabulary::Vocabulary;

/// Which side of the house a rule belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Something that tells who a person is.
    #[default]
    Identifier,
    /// Something that opens a door.
    Secret,
}

/// How bad it is when the finding leaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Perhaps nothing: worth a look.
    Low,
    /// Limited or short-lived access, or an identifier.
    #[default]
    Medium,
    /// Access to an account, a service or data.
    High,
    /// Access to much, for long, by anybody.
    Critical,
}

/// The largest compiled size of a pattern, in bytes. With the window it bounds what one candidate can cost.
const PATTERN_SIZE: usize = 256 << 10;
/// The longest window, in bytes.
pub(super) const MAX_WINDOW: usize = 4096;

/// A rule as it is written in TOML. The file `core/rules/README.md` explains each field.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a yes-or-no field of the TOML form"
)]
pub(super) struct Spec {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) token: String,
    pub(super) what: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) severity: Severity,
    #[serde(default)]
    pub(super) remediation: String,
    #[serde(default)]
    pub(super) anchors: Vec<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) shapes: Vec<String>,
    #[serde(default)]
    pub(super) near: Vec<String>,
    pub(super) country: Option<String>,
    #[serde(default)]
    pub(super) profiles: Vec<String>,
    pub(super) pattern: Option<String>,
    pub(super) matcher: Option<Matcher>,
    pub(super) check: Option<Check>,
    pub(super) confidence: f32,
    pub(super) unchecked_confidence: Option<f32>,
    pub(super) alone: Option<f32>,
    pub(super) min_entropy: Option<f64>,
    pub(super) min_randomness: Option<f32>,
    #[serde(default = "default_window")]
    pub(super) window: usize,
    pub(super) alphabet: Option<String>,
    #[serde(default)]
    pub(super) generic: bool,
    #[serde(default)]
    pub(super) exact_case: bool,
    #[serde(default)]
    pub(super) assigned: bool,
    #[serde(default)]
    pub(super) vendor: bool,
    #[serde(default)]
    pub(super) offset: usize,
    /// The pattern is looked for around the literal, not behind it.
    #[serde(skip)]
    pub(super) around: bool,
    /// The group of the pattern that is the value.
    #[serde(skip)]
    pub(super) group: Option<usize>,
    #[serde(default)]
    pub(super) except: Vec<String>,
    #[serde(default)]
    pub(super) except_names: Vec<String>,
    #[serde(default)]
    pub(super) except_before: Vec<String>,
    #[serde(default)]
    pub(super) except_members: Vec<String>,
    #[serde(default)]
    pub(super) doubtful_names: Vec<String>,
    #[serde(default)]
    pub(super) examples: Vec<String>,
    #[serde(default)]
    pub(super) counter_examples: Vec<String>,
}

fn default_window() -> usize {
    256
}

/// Words that a rule refuses; shared by the rules of a pack that name the same list.
pub(super) type Words = Arc<Vocabulary>;

/// The lists of words that a rule names, by what it names them for.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) except: Vec<Words>,
    pub(super) except_names: Vec<Words>,
    pub(super) except_before: Vec<Words>,
    pub(super) except_members: Vec<Words>,
    pub(super) doubtful_names: Vec<Words>,
}

/// One detection rule, as loaded from rule data.
pub struct Rule {
    pub(super) spec: Spec,
    category: Category,
    pub(super) alphabet: Option<Alphabet>,
    pub(super) lists: Lists,
    /// Whether it is one of the library's own, whose examples are kept apart.
    built_in: bool,
    program: OnceCell<Option<Program>>,
    pub(super) exemptions: Vec<Exemption>,
    regex: OnceCell<Regex>,
    names: OnceCell<Names>,
    /// What tells the words of `near` from most others.
    pub(super) wanted: OnceCell<Wanted>,
    /// The labels and anchors by how they begin.
    pub(super) literals_by_start: OnceCell<Vec<(LabelStart, Outline, usize)>>,
}

/// What rules call the check and the matcher of a rule.
struct Names {
    check: Option<Box<str>>,
    matcher: Option<Box<str>>,
}

fn name_of(variant: &impl Serialize) -> Option<Box<str>> {
    let name = serde_json::to_value(variant).ok()?;
    name.as_str().map(Into::into)
}

impl Rule {
    /// A rule whose fields were found to make sense.
    pub(super) fn new(
        spec: Spec,
        category: Category,
        alphabet: Option<Alphabet>,
        lists: Lists,
    ) -> Self {
        Self {
            spec,
            category,
            alphabet,
            lists,
            built_in: false,
            program: OnceCell::new(),
            exemptions: Vec::new(),
            regex: OnceCell::new(),
            names: OnceCell::new(),
            wanted: OnceCell::new(),
            literals_by_start: OnceCell::new(),
        }
    }

    /// The same as one of the library's own.
    pub(super) fn built_in(self) -> Self {
        Self {
            built_in: true,
            ..self
        }
    }

    /// A rule without lists that lets some values through.
    pub(super) fn with_exemptions(
        spec: Spec,
        category: Category,
        exemptions: Vec<Exemption>,
    ) -> Self {
        Self {
            exemptions,
            ..Self::new(spec, category, None, Lists::default())
        }
    }

    /// The name of the rule, for example `phone-labelled`. No two rules of a scanner share one.
    pub fn id(&self) -> &str {
        &self.spec.id
    }

    /// The kind of value it finds, for example `phone`. Several rules may find one kind.
    pub fn kind(&self) -> &str {
        &self.spec.kind
    }

    /// The word that stands for a value in redacted text, for example `PHONE`.
    pub fn token(&self) -> &str {
        &self.spec.token
    }

    /// What it finds, in a few words.
    pub fn what(&self) -> &str {
        &self.spec.what
    }

    /// The standard or documentation that says what such a value looks like; empty where there is none.
    pub fn source(&self) -> &str {
        &self.spec.source
    }

    /// The country whose numbers these are, in two small letters (ISO 3166-1); `None` where they are of no one country.
    pub fn country(&self) -> Option<&str> {
        self.spec.country.as_deref()
    }

    /// The profiles that have the rule; none where its country decides. See [`super::ScannerBuilder::profile`].
    pub fn profiles(&self) -> &[String] {
        &self.spec.profiles
    }

    /// Identifier or secret.
    pub fn category(&self) -> Category {
        self.category
    }

    /// How bad it is when such a value leaks.
    pub fn severity(&self) -> Severity {
        self.spec.severity
    }

    /// What to do about a finding; empty for identifiers.
    pub fn remediation(&self) -> &str {
        &self.spec.remediation
    }

    /// The check that a value has to pass, as rules name it; `None` where there is none.
    pub fn check(&self) -> Option<&str> {
        self.names().check.as_deref()
    }

    /// The matcher that reads its values, as rules name it; `None` for a rule with a pattern or shapes.
    pub fn matcher(&self) -> Option<&str> {
        self.names().matcher.as_deref()
    }

    /// Whether it stands for what the caller denies.
    pub(super) fn is_denial(&self) -> bool {
        self.spec.id.strip_prefix("denied-") == Some(self.kind())
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| Names {
            check: self.spec.check.and_then(|check| name_of(&check)),
            matcher: self.spec.matcher.and_then(|matcher| name_of(&matcher)),
        })
    }

    /// Texts that hold a value, which stands between `«` and `»`.
    pub fn examples(&self) -> &[String] {
        match self.stored_examples() {
            Some(stored) => &stored.with_value,
            None => &self.spec.examples,
        }
    }

    /// Texts that look alike and hold none.
    pub fn counter_examples(&self) -> &[String] {
        match self.stored_examples() {
            Some(stored) => &stored.without,
            None => &self.spec.counter_examples,
        }
    }

    fn stored_examples(&self) -> Option<&'static Examples> {
        self.built_in.then(|| examples(&self.spec.id)).flatten()
    }

    /// What the pattern finds at the start of `window`; nothing for a rule without one.
    pub(super) fn matches(&self, window: &str) -> Option<Match> {
        let pattern = self.spec.pattern.as_deref()?;
        let program = self.program.get_or_init(|| Program::compile(pattern));
        match program
            .as_ref()
            .map(|program| program.run(window.as_bytes()))
        {
            Some(Outcome::Found(found)) => Some(found),
            Some(Outcome::Nothing) => None,
            Some(Outcome::Unknown) | None => self.regex_matches(window),
        }
    }

    fn regex_matches(&self, window: &str) -> Option<Match> {
        let regex = self.regex()?;
        let end = regex.find(window)?.end();
        let group = if regex.captures_len() > 1 {
            regex
                .captures(window)?
                .name("value")
                .map(|group| group.range())
        } else {
            None
        };
        let value = group.unwrap_or(0..end);
        Some(Match { end, value })
    }

    /// The pattern as it is compiled: anchored at its start, unless it is looked for.
    fn placed<'p>(&self, pattern: &'p str) -> Cow<'p, str> {
        if self.spec.around {
            Cow::Borrowed(pattern)
        } else {
            Cow::Owned(format!(r"\A(?:{pattern})"))
        }
    }

    /// The compiled pattern; `None` for a rule without one.
    pub(super) fn regex(&self) -> Option<&Regex> {
        let pattern = self.spec.pattern.as_deref()?;
        let regex = self
            .regex
            .get_or_try_init(|| compile(&self.placed(pattern)));
        Some(regex.expect("the patterns of the packs compile, as the rule tests show, and others are compiled when added"))
    }

    /// Compiles the pattern now, to learn whether it can be.
    pub(super) fn try_compile(&self) -> Result<(), String> {
        let Some(pattern) = self.spec.pattern.as_deref() else {
            return Ok(());
        };
        self.regex
            .get_or_try_init(|| compile(&self.placed(pattern)))
            .map(|_| ())
    }

    /// Whether the pattern takes the whole of `value` where nothing stands around it, or a label before it announces it.
    /// Without a pattern any other value fits.
    pub(crate) fn fits(&self, value: &str) -> bool {
        if self.spec.matcher == Some(Matcher::Labelled) {
            return is_labelled_value(value);
        }
        self.regex().is_none_or(|regex| {
            regex
                .find(value)
                .is_some_and(|found| found.len() == value.len())
        })
    }

    /// Whether the check says that `value` is what it looks like.
    pub(crate) fn confirms(&self, value: &str) -> bool {
        self.verdict(value) == Some(Verdict::Valid)
    }

    /// Whether the check says that `value` cannot be what it looks like.
    pub(crate) fn refuses(&self, value: &str) -> bool {
        self.verdict(value) == Some(Verdict::Invalid)
    }

    /// Another address of the same ledger where the rule finds addresses of cryptocurrencies; `draw` gives random bytes.
    pub(crate) fn another_address(
        &self,
        value: &str,
        draw: &mut dyn FnMut() -> u8,
    ) -> Option<String> {
        match self.spec.check? {
            Check::Wallet(wallet) => wallet.another(value, draw),
            _ => None,
        }
    }

    fn verdict(&self, value: &str) -> Option<Verdict> {
        self.spec.check.map(|check| check.of(value))
    }

    /// Whether `word` is in one of `lists`, whatever its case.
    pub(super) fn lists_have(lists: &[Words], word: &str) -> bool {
        Vocabulary::any_has(lists.iter().map(Arc::as_ref), word)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.spec.id).finish()
    }
}

/// Compiles a pattern of the caller's; what it may cost is bounded. The reason is fit for an error.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE)
        .nest_limit(64)
        .build();
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => format!(
            "the pattern compiles to more than {} KiB; hint: use smaller repetitions, or `[0-9]` for `\\d`",
            PATTERN_SIZE >> 10
        ),
        error => format!("the pattern is not valid: {}", last_line(&error)),
    })
}

/// The reason at the end of a regex error, without the drawing of the pattern above it.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
