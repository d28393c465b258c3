//! Why something was reported: what found it, what confirmed it, which words stood beside it. Never the value.

use std::cmp::Reverse;
use std::fmt;

use super::boundary::run_end;
use super::check::Verdict;
use super::literal::{Head, WORD, word_at};
use super::rule::Rule;

/// What led to a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The pattern of the rule.
    #[default]
    Pattern,
    /// One of the written forms that the rule lists.
    Shape,
    /// The rule's matcher: see [`Rule::matcher`].
    Matcher,
    /// A name or a credential that was found elsewhere in the same text.
    Repeat,
    /// The tagger of the scanner.
    Tagger,
    /// The deny list of the scanner.
    DenyList,
    /// A vault that remembers the value from another text.
    Vault,
}

impl Origin {
    /// In one lower-case word, the same in every language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Shape => "shape",
            Self::Matcher => "matcher",
            Self::Repeat => "repeat",
            Self::Tagger => "tagger",
            Self::DenyList => "deny_list",
            Self::Vault => "vault",
        }
    }

    pub(super) fn of(rule: &Rule) -> Self {
        if rule.spec.matcher.is_some() {
            Self::Matcher
        } else if rule.spec.shapes.is_empty() {
            Self::Pattern
        } else {
            Self::Shape
        }
    }
}

/// One way in which a text can be written so that it does not read as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Layer {
    /// Characters that look like ASCII or cannot be seen.
    Unicode = 1,
    /// HTML character references (`&#45;`, `&commat;`).
    Html = 2,
    /// Percent-encoding (RFC 3986).
    Percent = 4,
    /// Quoted-printable (RFC 2045).
    QuotedPrintable = 8,
    /// Backslash escapes of JSON and program strings (`\u0040`, RFC 8259).
    Backslash = 16,
    /// Base64 in either alphabet (RFC 4648).
    Base64 = 32,
}

impl Layer {
    const ALL: [Self; 6] = [
        Self::Unicode,
        Self::Html,
        Self::Percent,
        Self::QuotedPrintable,
        Self::Backslash,
        Self::Base64,
    ];

    /// In one lower-case word, the same in every language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unicode => "unicode",
            Self::Html => "html",
            Self::Percent => "percent",
            Self::QuotedPrintable => "quoted_printable",
            Self::Backslash => "backslash",
            Self::Base64 => "base64",
        }
    }
}

/// The layers that were taken off to read a value; none for one that stands in the text as it reads.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Layers(u8);

impl Layers {
    /// Whether the value stands in the text as it reads.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `layer` is among them.
    pub fn has(self, layer: Layer) -> bool {
        self.0 & layer as u8 != 0
    }

    /// Each of them once, in the order of [`Layer`]'s variants.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| self.has(*layer))
    }

    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The sum of the numbers of [`Layer`]'s variants.
    pub fn bits(self) -> u8 {
        self.0
    }
}

impl From<Layer> for Layers {
    fn from(layer: Layer) -> Self {
        Self(layer as u8)
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What a finding keeps of its reasons; the words themselves are those of its rule.
#[derive(Clone, Copy, Default)]
pub(super) struct Why {
    pub(super) origin: Origin,
    pub(super) verdict: Verdict,
    /// Place among the rule's labels and anchors.
    label: Option<u16>,
    /// Place among the words that the rule wants near a value.
    near: Option<u16>,
    pub(super) layers: Layers,
}

impl Why {
    /// The reasons of a finding that needs no more words.
    pub(super) fn because(origin: Origin) -> Self {
        Self {
            origin,
            ..Self::default()
        }
    }

    /// The reasons of a rule. `label` is the place of the one before the value among its labels and anchors.
    pub(super) fn of(
        rule: &Rule,
        verdict: Verdict,
        label: Option<usize>,
        near: Option<usize>,
    ) -> Self {
        let place = |place: usize| u16::try_from(place).ok();
        Self {
            origin: Origin::of(rule),
            verdict,
            label: label.and_then(place),
            near: near.and_then(place),
            layers: Layers::default(),
        }
    }

    pub(super) fn evidence<'r>(&self, rule: &'r Rule) -> Evidence<'r> {
        let check = match (self.verdict, rule.check()) {
            (Verdict::Plausible, None) => None,
            // A matcher that decodes or reckons is a check of its own.
            (verdict, name) => name.or(rule.matcher()).map(|name| (name, verdict)),
        };
        Evidence {
            origin: self.origin,
            what: rule.what(),
            check: check.filter(|_| self.origin == Origin::of(rule)),
            label: self.label.and_then(|place| literal_at(rule, place.into())),
            near: self
                .near
                .and_then(|place| rule.spec.near.get(usize::from(place)))
                .map(String::as_str),
            layers: self.layers,
        }
    }
}

fn literals(rule: &Rule) -> impl Iterator<Item = &str> {
    let literals = rule.spec.labels.iter().chain(&rule.spec.anchors);
    literals.map(String::as_str)
}

fn literal_at(rule: &Rule, place: usize) -> Option<&str> {
    let (labels, anchors) = (&rule.spec.labels, &rule.spec.anchors);
    let literal = match place.checked_sub(labels.len()) {
        None => &labels[place],
        Some(place) => anchors.get(place)?,
    };
    Some(literal)
}

/// What stands before a value where a literal of the rule does.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// This label or anchor, whatever follows, or none.
    Label(Option<usize>),
    /// The text behind the literal has to be read.
    Unknown,
}

impl Told {
    /// By a literal of `rule`.
    pub(super) fn by(rule: &Rule, literal: &str) -> Self {
        let joint = |byte: &u8| matches!(byte, b' ' | b'_' | b'-');
        let letters = |text: &str| -> Vec<u8> {
            let bytes = text.bytes().filter(|byte| !joint(byte));
            bytes.map(|byte| byte.to_ascii_lowercase()).collect()
        };
        let own = letters(literal);
        let longer = |other: &str| {
            let other = letters(other);
            other.len() > own.len() && other.starts_with(&own)
        };
        if literals(rule).any(longer) {
            Self::Unknown
        } else {
            Self::Label(label_at(rule, literal))
        }
    }
}

/// The longest label of the rule with which `text` begins; a space of it stands for any joint of names.
pub(super) fn label_at(rule: &Rule, text: &str) -> Option<usize> {
    let begins = |label: &str| {
        let mut rest = text.as_bytes();
        label.bytes().all(|byte| {
            let after = rest.split_first();
            match (byte, after) {
                (b' ', _) => {
                    let joints = rest
                        .iter()
                        .take(2)
                        .take_while(|byte| matches!(byte, b' ' | b'_' | b'-'));
                    rest = &rest[joints.count()..];
                    true
                }
                (byte, Some((first, after))) => {
                    rest = after;
                    byte.eq_ignore_ascii_case(first)
                }
                (_, None) => false,
            }
        })
    };
    let by_start = rule.literals_by_start.get_or_init(|| by_start(rule));
    let word = word_at(text.as_bytes(), 0);
    let alike = |start: LabelStart| {
        let from = by_start.partition_point(|(other, ..)| *other < start);
        by_start[from..]
            .iter()
            .take_while(move |(other, ..)| *other == start)
            .filter(move |(_, own, _)| own.letters <= text.len() && own.head.stands(word))
            .map(|(.., place)| *place)
    };
    // Longer ones come first.
    let longest = |start: LabelStart| {
        let labels = alike(start).filter_map(|place| Some((place, literal_at(rule, place)?)));
        labels.into_iter().find(|(_, label)| begins(label))
    };
    let start = LabelStart::of(text.as_bytes())?;
    let (first, joint) = (start.first_alone(), LabelStart::JOINT);
    // Hardly any rule has a literal that begins with a space, or comes before those that do.
    let has_joints = by_start.first().is_some_and(|(least, ..)| *least <= joint);
    let fitting = [
        longest(start),
        (first != start).then(|| longest(first)).flatten(),
        (first != joint && has_joints)
            .then(|| longest(joint))
            .flatten(),
    ];
    fitting
        .into_iter()
        .flatten()
        .max_by_key(|(place, label)| (label.len(), *place))
        .map(|(place, _)| place)
}

/// How a label begins: its first two bytes in small letters, the second of them zero where there is none or a space stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LabelStart(u16);

impl LabelStart {
    /// Of what begins with a space.
    const JOINT: Self = Self((b' ' as u16) << 8);

    fn of(text: &[u8]) -> Option<Self> {
        let first = text.first()?.to_ascii_lowercase();
        let second = text.get(1).map_or(0, u8::to_ascii_lowercase);
        let joint = first == b' ' || second == b' ';
        let second = if joint { 0 } else { second };
        Some(Self(u16::from_be_bytes([first, second])))
    }

    /// Of the first byte alone.
    fn first_alone(self) -> Self {
        Self(self.0 & 0xFF00)
    }
}

/// What a text must have for a literal to stand in it, as far as that is seen at once.
pub(super) struct Outline {
    /// The bytes before the first space.
    head: Head,
    /// How many bytes there are but for the spaces.
    letters: usize,
}

/// How a rule's literals begin, in ascending order, with their outlines and places: of those that begin alike the longer ones
/// first, and of those of one length the later ones.
fn by_start(rule: &Rule) -> Vec<(LabelStart, Outline, usize)> {
    let start = |(place, literal): (usize, &str)| {
        let bytes = literal.as_bytes();
        // A space stands for none, one or two joints: what is behind it may come earlier or later.
        let sure = run_end(bytes, 0, WORD, |byte| byte != b' ');
        let outline = Outline {
            head: Head::of(&bytes[..sure], false),
            letters: bytes.iter().filter(|byte| **byte != b' ').count(),
        };
        Some((LabelStart::of(bytes)?, outline, place))
    };
    let mut starts: Vec<_> = literals(rule).enumerate().filter_map(start).collect();
    let length = |place: usize| literal_at(rule, place).map_or(0, str::len);
    starts.sort_unstable_by_key(|(start, _, place)| (*start, Reverse((length(*place), *place))));
    starts
}

/// Why something was reported. Its words come from rules, never from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence<'r> {
    /// What led to it.
    pub origin: Origin,
    /// What the rule looks for, in a few words.
    pub what: &'r str,
    /// The name of the check that was made, and what it said; `None` where there was none.
    pub check: Option<(&'r str, Verdict)>,
    /// The label before the value, as it is written in the rule.
    pub label: Option<&'r str>,
    /// The word near the value that the rule wants there, as it is written in the rule.
    pub near: Option<&'r str>,
    /// What was taken off to read the value.
    pub layers: Layers,
}

impl fmt::Display for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin.as_str())?;
        if let Some(label) = self.label {
            write!(f, ", label `{label}`")?;
        }
        if let Some((name, verdict)) = self.check {
            write!(f, ", check `{name}` {}", verdict.as_str())?;
        }
        if let Some(near) = self.near {
            write!(f, ", near `{near}`")?;
        }
        for layer in self.layers.iter() {
            write!(f, ", through {}", layer.as_str())?;
        }
        Ok(())
    }
}
