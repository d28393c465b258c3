//! The names that a stream has shown so far.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::scan::confirm::Value;
use crate::scan::evidence::{Origin, Why};
use crate::scan::finding::Finding;
use crate::scan::repeat::{is_name, names_in};
use crate::scan::rule::Rule;

/// The longest name that is looked for, in bytes.
pub(super) const MAX_NAME: usize = 256;
/// So many names are looked for; a new one takes the place of the oldest.
const MAX_NAMES: usize = 256;

/// Names, each of which is looked for behind the place where it was found first.
pub(super) struct Names {
    rule: Arc<Rule>,
    /// In the order in which they were found.
    known: VecDeque<Known>,
    /// How many came before those.
    forgotten: usize,
    /// By a keyed hash of their first word in small letters.
    by_word: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
    /// How many of them may still be found.
    live: usize,
}

struct Known {
    name: Zeroizing<String>,
    /// Where it is looked for, in bytes of the whole text.
    stretch: Range<usize>,
}

impl Names {
    /// `rule` is the one for repeated names.
    pub(super) fn new(rule: Arc<Rule>) -> Self {
        Self {
            rule,
            known: VecDeque::new(),
            forgotten: 0,
            by_word: HashMap::new(),
            hasher: RandomState::new(),
            live: 0,
        }
    }

    /// Remembers the name that `finding`, if it is one, has found in `text`, which begins at `origin`.
    pub(super) fn learn(&mut self, finding: &Finding, text: &str, origin: usize) {
        if finding.kind() != self.rule.kind() {
            return;
        }
        let value = text.get(finding.span.clone()).unwrap_or_default();
        let rule = Arc::clone(&self.rule);
        for name in names_in(value, &rule) {
            self.add(name, origin + finding.span.end);
        }
    }

    fn add(&mut self, name: &str, from: usize) {
        let word = self.hash(first_word(name));
        let places = self.by_word.entry(word).or_default();
        let live = |place: &usize| {
            let known = &self.known[*place - self.forgotten];
            known.stretch.end == usize::MAX && *known.name == name
        };
        if name.len() > MAX_NAME || places.iter().any(live) {
            return;
        }
        places.push(self.forgotten + self.known.len());
        self.known.push_back(Known {
            name: Zeroizing::new(name.to_owned()),
            stretch: from..usize::MAX,
        });
        self.live += 1;
        if self.live > MAX_NAMES {
            let oldest = self.known.len() - self.live;
            self.known[oldest].stretch.end = from;
            self.live -= 1;
        }
    }

    /// Where the names stand that begin in `stretch` of `text`, outside of `taken`.
    pub(super) fn hits(
        &mut self,
        text: &str,
        stretch: Range<usize>,
        origin: usize,
        taken: &[Finding],
    ) -> Vec<Finding> {
        self.forget(origin + stretch.start);
        let mut hits = Vec::new();
        if self.known.is_empty() {
            return hits;
        }
        let mut taken = taken.iter().peekable();
        let mut at = stretch.start;
        while at < stretch.end {
            let word = first_word(&text[at..]);
            let begins = word.starts_with(|c: char| !c.is_lowercase());
            if begins && let Some(hit) = self.longest_at(text, at, word, origin) {
                while taken
                    .next_if(|finding| finding.span.end <= hit.start)
                    .is_some()
                {}
                if taken
                    .peek()
                    .is_none_or(|finding| finding.span.start >= hit.end)
                {
                    at = hit.end;
                    let why = Why::because(Origin::Repeat);
                    let confidence = self.rule.spec.confidence;
                    hits.push(Finding::of(&self.rule, Value::bare(hit), confidence, why));
                    continue;
                }
            }
            at += word.len();
            at += gap(&text[at..]);
        }
        hits
    }

    /// The longest name that stands at `at`, where `word` begins.
    fn longest_at(&self, text: &str, at: usize, word: &str, origin: usize) -> Option<Range<usize>> {
        let places = self.by_word.get(&self.hash(word))?;
        let hits = places.iter().filter_map(|place| {
            let known = &self.known[*place - self.forgotten];
            let hit = at..at + known.name.len();
            let written = text.get(hit.clone())?;
            let here = known.stretch.contains(&(origin + at))
                && written.eq_ignore_ascii_case(&known.name)
                && is_name(text, &hit);
            here.then_some(hit)
        });
        hits.max_by_key(|hit| hit.end)
    }

    fn hash(&self, word: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        word.bytes()
            .for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        hasher.finish()
    }

    /// Lets go of names that are no longer looked for from `at` on.
    fn forget(&mut self, at: usize) {
        while self
            .known
            .front()
            .is_some_and(|known| known.stretch.end <= at)
        {
            let Some(known) = self.known.pop_front() else {
                return;
            };
            let word = self.hash(first_word(&known.name));
            if let Some(places) = self.by_word.get_mut(&word) {
                places.retain(|place| *place != self.forgotten);
                if places.is_empty() {
                    self.by_word.remove(&word);
                }
            }
            self.forgotten += 1;
        }
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
