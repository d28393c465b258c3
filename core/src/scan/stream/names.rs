//! The names that a stream has shown so far.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::remembered::Remembered;
use crate::scan::confirm::Value;
use crate::scan::evidence::{Origin, Why};
use crate::scan::finding::Finding;
use crate::scan::repeat::{is_name, names_in};
use crate::scan::rule::Rule;
use crate::scan::taken::Taken;

/// The longest name that is looked for, in bytes.
pub(crate) const MAX_NAME: usize = 256;

/// Names, by their first word in small letters.
pub(super) struct Names {
    rule: Arc<Rule>,
    known: Remembered<()>,
}

impl Names {
    /// `rule` is the one for repeated names.
    pub(super) fn new(rule: Arc<Rule>) -> Self {
        Self {
            rule,
            known: Remembered::default(),
        }
    }

    /// Remembers the name that `finding`, if it is one, has found in `text`, which begins at `origin`.
    pub(super) fn learn(&mut self, finding: &Finding, text: &str, origin: usize) {
        if finding.kind() != self.rule.kind() {
            return;
        }
        let value = text.get(finding.span.clone()).unwrap_or_default();
        let from = origin + finding.span.end;
        let rule = Arc::clone(&self.rule);
        for name in names_in(value, &rule).filter(|name| name.len() <= MAX_NAME) {
            let key = self.key(first_word(name));
            self.known.add(key, name, from, || ());
        }
    }

    /// Where the names stand that begin in `stretch` of `text`, outside of `taken`.
    pub(super) fn hits(
        &mut self,
        text: &str,
        stretch: &Range<usize>,
        origin: usize,
        taken: &[Finding],
    ) -> Vec<Finding> {
        self.known.forget(origin + stretch.start);
        let mut hits = Vec::new();
        if self.known.is_empty() {
            return hits;
        }
        let mut taken = Taken::by(taken);
        let mut at = stretch.start;
        while at < stretch.end {
            let word = first_word(&text[at..]);
            let begins = word.starts_with(|c: char| !c.is_lowercase());
            if begins
                && let Some(hit) = self.longest_at(text, at, word, origin)
                && taken.leaves(&hit)
            {
                at = hit.end;
                let why = Why::because(Origin::Repeat);
                let confidence = self.rule.spec.confidence;
                hits.push(Finding::of(&self.rule, Value::bare(hit), confidence, why));
            } else {
                at += word.len();
                at += gap(&text[at..]);
            }
        }
        hits
    }

    /// The longest name that stands at `at`, where `word` begins.
    fn longest_at(&self, text: &str, at: usize, word: &str, origin: usize) -> Option<Range<usize>> {
        let known = self.known.at(self.key(word), origin + at);
        let hits = known.filter_map(|known| {
            let hit = at..at + known.value.len();
            let written = text.get(hit.clone())?;
            let here = written.eq_ignore_ascii_case(&known.value) && is_name(text, &hit);
            here.then_some(hit)
        });
        hits.max_by_key(|hit| hit.end)
    }

    fn key(&self, word: &str) -> u64 {
        let mut hasher = self.known.hasher().build_hasher();
        word.bytes()
            .for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        hasher.finish()
    }
}

/// The letters and digits at the start of `text`, or its first character where that is neither.
fn first_word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(text.len());
    let first = text.chars().next().map_or(0, char::len_utf8);
    &text[..end.max(first)]
}

/// The length of what stands before the next word.
fn gap(text: &str) -> usize {
    text.find(char::is_alphanumeric).unwrap_or(text.len())
}
