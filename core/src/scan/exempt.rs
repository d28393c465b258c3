//! Values of a rule that are let through: by patterns and by words in them.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::{RegexSet, RegexSetBuilder};

/// What the patterns of an exemption look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Value,
    /// All that the pattern of the rule has matched.
    Match,
    /// The line with the value, at most [`MAX_LINE`] bytes of it on either side.
    Line,
}

/// The farthest that a line is looked at, in bytes.
const MAX_LINE: usize = 1024;
/// The largest compiled size of the patterns, in bytes.
const PATTERNS_SIZE: usize = 1 << 20;

/// Patterns and words by which a value is let through.
pub(super) struct Exemption {
    target: Target,
    patterns: RegexSet,
    words: Option<AhoCorasick>,
    /// Patterns and words have to be met, where there are both; one of them is enough otherwise.
    every: bool,
}

impl Exemption {
    /// Why it cannot be, where a pattern does not compile.
    pub(super) fn new(
        target: Target,
        patterns: &[String],
        words: &[String],
        every: bool,
    ) -> Result<Self, String> {
        let patterns = RegexSetBuilder::new(patterns)
            .size_limit(PATTERNS_SIZE)
            .dfa_size_limit(PATTERNS_SIZE)
            .build()
            .map_err(|_| "a pattern of its allowlist is not valid or too large")?;
        let words = match words {
            [] => None,
            words => Some(
                AhoCorasick::builder()
                    .ascii_case_insensitive(true)
                    .build(words)
                    .map_err(|_| "its allowlist has too many stopwords")?,
            ),
        };
        Ok(Self {
            target,
            patterns,
            words,
            every,
        })
    }

    /// Whether the value at `span`, found as part of `matched`, is let through.
    pub(super) fn covers(&self, text: &str, span: &Range<usize>, matched: &Range<usize>) -> bool {
        let value = text.get(span.clone()).unwrap_or_default();
        let looked_at = match self.target {
            Target::Value => value,
            Target::Match => text.get(matched.clone()).unwrap_or_default(),
            Target::Line => line(text, span),
        };
        let by_word = self.words.as_ref().map(|words| words.is_match(value));
        let by_pattern = (!self.patterns.is_empty()).then(|| self.patterns.is_match(looked_at));
        let mut said = by_word.into_iter().chain(by_pattern);
        if self.every {
            said.all(|met| met)
        } else {
            said.any(|met| met)
        }
    }
}

/// The line around `span`, or the lines where it has several.
fn line<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    let floor = text.floor_char_boundary(span.start.saturating_sub(MAX_LINE));
    let ceiling = text.floor_char_boundary(text.len().min(span.end + MAX_LINE));
    let start = text[floor..span.start]
        .rfind('\n')
        .map_or(floor, |place| floor + place + 1);
    let end = text[span.end..ceiling]
        .find('\n')
        .map_or(ceiling, |place| span.end + place);
    &text[start..end]
}
