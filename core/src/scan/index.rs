//! The automaton over the literals of all rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::dfa::DFA;
use aho_corasick::{MatchKind, StartKind};

use super::boundary::starts_token;
use super::rule::Rule;
use super::shape::Shapes;
use crate::{Error, Kind, Result};

/// From a literal to a rule that begins there.
pub(super) struct Edge {
    /// Place of the rule in the scanner's list.
    pub(super) rule: usize,
    /// The literal as written, where its case matters.
    exact: Option<Box<str>>,
    start: Start,
}

impl Edge {
    /// Whether the literal found at `start..end` announces this rule.
    pub(super) fn admits(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        let begins = match self.start {
            Start::Anywhere => true,
            Start::Token => starts_token(bytes, start),
            Start::Part => {
                let hump = bytes[start].is_ascii_uppercase()
                    && bytes[..start].last().is_some_and(u8::is_ascii_lowercase);
                hump || starts_token(bytes, start)
            }
        };
        begins
            && self
                .exact
                .as_ref()
                .is_none_or(|exact| exact.as_bytes() == &bytes[start..end])
    }
}

/// Where a literal may stand.
#[derive(Clone, Copy)]
enum Start {
    Anywhere,
    /// Not inside a word.
    Token,
    /// Not inside a word, unless as a capitalised part of it: `dbPass` but not `compass`.
    Part,
}

/// One literal and the rules that it announces.
pub(super) struct Literal {
    pub(super) length: usize,
    pub(super) edges: Vec<Edge>,
    /// Whether it is a lone digit: these are handled once for each run of digits.
    pub(super) digit: bool,
}

/// All literals of all rules in one automaton; ASCII letters match in either case.
pub(super) struct Index {
    pub(super) automaton: DFA,
    pub(super) literals: Vec<Literal>,
    /// Rules that look at every run of digits.
    pub(super) digit_rules: Vec<usize>,
    /// Of these the ones whose values have letters next to their first digits.
    pub(super) word_rules: Vec<usize>,
    /// The forms of rules that have such.
    pub(super) shapes: Shapes,
}

impl Index {
    pub(super) fn build(rules: &[Arc<Rule>]) -> Result<Self> {
        let mut edges: BTreeMap<String, Vec<Edge>> = BTreeMap::new();
        let (mut digit_rules, mut word_rules) = (Vec::new(), Vec::new());
        let mut shapes = Shapes::default();
        for (rule, data) in rules.iter().enumerate() {
            if data.spec.anchors.iter().any(|anchor| anchor == "#") {
                match data.spec.matcher {
                    Some(matcher) if matcher.joins_letters() => word_rules.push(rule),
                    _ => digit_rules.push(rule),
                }
            }
            for form in &data.spec.shapes {
                shapes.add(rule, form);
            }
            for literal in literals_of(data) {
                let start = match literal.len() {
                    _ if data.spec.offset > 0 => Start::Anywhere,
                    _ if !literal.as_bytes()[0].is_ascii_alphanumeric() => Start::Anywhere,
                    _ if !data.spec.assigned && !data.spec.vendor => Start::Token,
                    ..=4 => Start::Part,
                    _ => Start::Anywhere,
                };
                let edge = Edge {
                    rule,
                    exact: data.spec.exact_case.then(|| literal.as_str().into()),
                    start,
                };
                edges
                    .entry(literal.to_ascii_lowercase())
                    .or_default()
                    .push(edge);
            }
        }
        if !(digit_rules.is_empty() && word_rules.is_empty() && shapes.is_empty()) {
            for digit in '0'..='9' {
                edges.entry(digit.to_string()).or_default();
            }
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Unanchored)
            .prefilter(false)
            .build(edges.keys())
            .map_err(|_| {
                Error::new(
                    Kind::TooLarge,
                    "the rules have too many literals for one scanner",
                )
            })?;
        let literals = edges
            .into_iter()
            .map(|(literal, edges)| Literal {
                length: literal.len(),
                digit: literal.len() == 1 && literal.as_bytes()[0].is_ascii_digit(),
                edges,
            })
            .collect();
        Ok(Self {
            automaton,
            literals,
            digit_rules,
            word_rules,
            shapes,
        })
    }
}

/// The literals of a rule, spelt out: a `#` at the end for each digit, the spaces of a label in the ways names are joined.
fn literals_of(rule: &Rule) -> Vec<String> {
    let mut literals: Vec<String> = Vec::new();
    for anchor in &rule.spec.anchors {
        match anchor.strip_suffix('#') {
            Some("") => {}
            Some(stem) => literals.extend(('0'..='9').map(|digit| format!("{stem}{digit}"))),
            None => literals.push(anchor.clone()),
        }
    }
    for label in &rule.spec.labels {
        literals.push(label.clone());
        if label.contains(' ') {
            literals.extend(["_", "-", "", "  "].map(|joint| label.replace(' ', joint)));
        }
    }
    literals.sort();
    literals.dedup();
    literals
}
