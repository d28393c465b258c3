//! What the caller knows better than any rule: values that are let through, and values that are always found.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use memchr::memchr;
use regex::Regex;

use super::boundary::is_word;
use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::rule::{Rule, compile};
use super::view::View;
use crate::{Error, Kind, Result};

/// The longest value of a list, in bytes.
const MAX_VALUE: usize = 1024;
/// The most values in the deny lists of a scanner.
const MAX_VALUES: usize = 100_000;
/// The most patterns in the lists of a scanner.
const MAX_PATTERNS: usize = 200;
/// How much of a line a pattern of a deny list sees, in bytes.
const REACH: usize = 1024;

/// One entry of an allow list or a deny list. Values are compared as they read: see [`super::Layer`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry<'a> {
    /// This value, in the same case.
    Exact(&'a str),
    /// This value, in any case.
    AnyCase(&'a str),
    /// What this regular expression of the `regex` crate matches: the whole of an allowed value, or a part of a line, at
    /// most 1 KiB long, that is denied.
    Pattern(&'a str),
}

/// The value that an entry stands for, as it reads.
fn plain(value: &str) -> String {
    View::of(value).map_or_else(|| value.to_owned(), |view| view.text)
}

fn refused(reason: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, reason)
}

/// Values that are never reported.
#[derive(Clone, Default)]
pub(super) struct Allowed {
    exact: HashSet<Box<str>>,
    any_case: HashSet<Box<str>>,
    patterns: Vec<Regex>,
}

impl Allowed {
    pub(super) fn add(&mut self, entry: Entry<'_>) -> Result<()> {
        match entry {
            Entry::Exact(value) => self.add_exact(value),
            Entry::AnyCase(value) => {
                self.any_case.insert(plain(value).to_lowercase().into());
            }
            Entry::Pattern(pattern) => {
                let number = self.patterns.len() + 1;
                let pattern = list_pattern("allow", number, &format!(r"\A(?:{pattern})\z"))?;
                self.patterns.push(pattern);
            }
        }
        Ok(())
    }

    pub(super) fn add_exact(&mut self, value: &str) {
        self.exact.insert(plain(value).into());
    }

    /// Whether a value is let through.
    pub(super) fn has(&self, value: &str) -> bool {
        self.exact.contains(value)
            || (!self.any_case.is_empty() && self.any_case.contains(&*value.to_lowercase()))
            || self.patterns.iter().any(|pattern| pattern.is_match(value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.any_case.is_empty() && self.patterns.is_empty()
    }
}

fn list_pattern(list: &str, number: usize, pattern: &str) -> Result<Regex> {
    if number > MAX_PATTERNS {
        return Err(refused("a list has at most 200 patterns"));
    }
    compile(pattern).map_err(|reason| {
        Error::new(
            Kind::InvalidArgument,
            format!("pattern number {number} of the {list} list: {reason}"),
        )
    })
}

/// A denied value: as it is looked for, and whether its case matters.
#[derive(Clone)]
struct Word {
    rule: Arc<Rule>,
    text: Box<str>,
    exact: bool,
}

/// What is always found, as the caller gave it.
#[derive(Clone, Default)]
pub(super) struct Denied {
    words: Vec<Word>,
    patterns: Vec<(Arc<Rule>, Regex)>,
}

impl Denied {
    pub(super) fn add(&mut self, rule: &Arc<Rule>, entry: Entry<'_>) -> Result<()> {
        let (value, exact) = match entry {
            Entry::Exact(value) => (value, true),
            Entry::AnyCase(value) => (value, false),
            Entry::Pattern(pattern) => {
                let number = self.patterns.len() + 1;
                let pattern = list_pattern("deny", number, &format!("(?m:{pattern})"))?;
                self.patterns.push((Arc::clone(rule), pattern));
                return Ok(());
            }
        };
        let text = plain(value);
        if text.is_empty() || text.len() > MAX_VALUE {
            return Err(refused("a denied value is 1 to 1024 bytes"));
        }
        if self.words.len() >= MAX_VALUES {
            return Err(refused("the deny lists have more than 100000 values"));
        }
        // The automaton folds the case of ASCII alone.
        let other_cases = [text.to_lowercase(), text.to_uppercase()]
            .into_iter()
            .filter(|_| !exact && !text.is_ascii());
        let texts: Vec<_> = other_cases.chain([text.clone()]).collect();
        self.words.extend(texts.into_iter().map(|text| Word {
            rule: Arc::clone(rule),
            text: text.into(),
            exact,
        }));
        Ok(())
    }

    /// Ready to be looked for, with what belongs to `rules`; `None` where nothing is denied.
    pub(super) fn compile(mut self, rules: &[Arc<Rule>]) -> Result<Option<DenyList>> {
        let kept = |rule: &Arc<Rule>| rules.iter().any(|known| Arc::ptr_eq(known, rule));
        self.words.retain(|word| kept(&word.rule));
        self.patterns.retain(|(rule, _)| kept(rule));
        if self.words.is_empty() && self.patterns.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(self.words.iter().map(|word| word.text.as_bytes()))
            .map_err(|_| Error::new(Kind::TooLarge, "the deny lists are too large"))?;
        Ok(Some(DenyList {
            automaton,
            denied: self,
        }))
    }
}

/// What is always found.
pub(super) struct DenyList {
    automaton: AhoCorasick,
    denied: Denied,
}

impl DenyList {
    /// Adds what `text` has of it to `found`.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Finding>) {
        let mut tell = |rule: &Arc<Rule>, span: Range<usize>| {
            let why = Why::because(Origin::DenyList);
            let confidence = rule.spec.confidence;
            found.push(Finding::of(rule, Value::bare(span), confidence, why));
        };
        if !self.denied.words.is_empty() {
            for hit in self.automaton.find_overlapping_iter(text) {
                let word = &self.denied.words[hit.pattern().as_usize()];
                let span = hit.range();
                let same = !word.exact || text.get(span.clone()) == Some(&*word.text);
                if same && is_whole(text.as_bytes(), &span) {
                    tell(&word.rule, span);
                }
            }
        }
        for (rule, pattern) in &self.denied.patterns {
            for window in windows(text) {
                let inside = &text[window.clone()];
                for hit in pattern.find_iter(inside).filter(|hit| !hit.is_empty()) {
                    tell(rule, window.start + hit.start()..window.start + hit.end());
                }
            }
        }
    }
}

/// Whether the word at `span` is no part of a longer one.
fn is_whole(bytes: &[u8], span: &Range<usize>) -> bool {
    let joins = |inner: Option<&u8>, outer: Option<&u8>| {
        inner.copied().is_some_and(is_word) && outer.copied().is_some_and(is_word)
    };
    !joins(
        bytes.get(span.start),
        span.start.checked_sub(1).and_then(|at| bytes.get(at)),
    ) && !joins(bytes.get(span.end - 1), bytes.get(span.end))
}

/// The lines of a text; of a long one, stretches of which each has one half in common with the next.
fn windows(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let mut line_end = None;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let rest = &text.as_bytes()[at..];
        let end = *line_end
            .get_or_insert_with(|| memchr(b'\n', rest).map_or(text.len(), |length| at + length));
        let stop = text.floor_char_boundary(end.min(at + REACH));
        let window = at..stop;
        if stop == end {
            at = end + 1;
            line_end = None;
        } else {
            at = text.floor_char_boundary(at + REACH / 2);
        }
        Some(window)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_of_a_text_are_its_lines_and_parts_of_long_lines() {
        let all = |text: &str| windows(text).collect::<Vec<_>>();
        assert!(all("").is_empty());
        assert_eq!(all("ab\n\ncd"), [0..2, 3..3, 4..6]);
        assert_eq!(all(&"é".repeat(600)), [0..1024, 512..1200]);
    }
}
