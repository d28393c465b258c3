//! Where values that a vault remembers stand in a text.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;

use super::surrogates::core_of;
use crate::scan::{MAX_KNOWN, names_of};

/// The fewest letters and figures of a value that is looked for, unless it is a name: fewer stand in a text by chance.
const MIN_LETTERS: usize = 4;
/// How many lengths of values with the same first word are looked for, and how many values that differ by case alone.
const MAX_ALIKE: usize = 32;
/// The token of names, which are looked for by their family name alone too.
pub(super) const NAME: &str = "NAME";

/// A part of a value.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) entry: usize,
    pub(super) part: Range<usize>,
}

/// What is looked for, by keyed hashes, so that no second copy of a value is kept.
#[derive(Default)]
pub(super) struct Known {
    /// By the first run of letters and figures: how long all are that begin with it, longer ones first.
    lengths: HashMap<u64, Vec<usize>>,
    /// By all of it. One for each token and text.
    parts: HashMap<u64, Vec<Part>>,
    hasher: RandomState,
}

impl Known {
    /// Has `value`, that of `entry`, found from now on. `same` says whether a part of an earlier value of the same token is
    /// the same text.
    pub(super) fn insert(
        &mut self,
        entry: usize,
        token: &str,
        value: &str,
        same: impl Fn(&Part, &str) -> bool,
    ) {
        let parts: Vec<&str> = if token == NAME {
            names_of(value).collect()
        } else {
            let core = core_of(value);
            let letters = core.chars().filter(|c| c.is_alphanumeric());
            let enough = letters.take(MIN_LETTERS).count() == MIN_LETTERS;
            enough.then_some(core).into_iter().collect()
        };
        for text in parts {
            let Some(first) = words(text).next() else {
                continue;
            };
            if first.start > 0 || text.len() > MAX_KNOWN {
                continue;
            }
            let start = text.as_ptr().addr() - value.as_ptr().addr();
            let part = start..start + text.len();
            let (head, whole) = (self.hash(&text[first]), self.hash(text));
            let parts = self.parts.entry(whole).or_default();
            if parts.len() == MAX_ALIKE || parts.iter().any(|known| same(known, text)) {
                continue;
            }
            parts.push(Part { entry, part });
            let lengths = self.lengths.entry(head).or_default();
            if lengths.len() < MAX_ALIKE
                && let Err(place) = lengths.binary_search_by(|known| text.len().cmp(known))
            {
                lengths.insert(place, text.len());
            }
        }
    }

    /// Where a part may stand in `text`, for which `is` says yes: the longest at each place, without overlaps. Takes time
    /// linear in the length of `text`, however many values there are.
    pub(super) fn find(
        &self,
        text: &str,
        mut is: impl FnMut(&Part, &Range<usize>) -> bool,
    ) -> Vec<(usize, Range<usize>)> {
        let mut hits = Vec::new();
        if self.parts.is_empty() {
            return hits;
        }
        let mut end = 0;
        for word in words(text).filter(|word| word.len() <= MAX_KNOWN) {
            if word.start < end {
                continue;
            }
            let Some(lengths) = self.lengths.get(&self.hash(&text[word.clone()])) else {
                continue;
            };
            let hit = lengths.iter().find_map(|length| {
                let span = word.start..word.start + length;
                let here = text.get(span.clone())?;
                let goes_on = here.ends_with(char::is_alphanumeric)
                    && text[span.end..].starts_with(char::is_alphanumeric);
                let parts = self.parts.get(&self.hash(here)).filter(|_| !goes_on)?;
                let part = parts.iter().find(|part| is(part, &span))?;
                Some((part.entry, span))
            });
            if let Some((entry, span)) = hit {
                end = span.end;
                hits.push((entry, span));
            }
        }
        hits
    }

    /// The same for all ASCII cases.
    fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        let mut folded = [0; 64];
        for piece in text.as_bytes().chunks(folded.len()) {
            let folded = &mut folded[..piece.len()];
            folded.copy_from_slice(piece);
            folded.make_ascii_lowercase();
            hasher.write(folded);
        }
        hasher.finish()
    }
}

/// The runs of letters and figures.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .filter_map(move |piece| {
            let start = at;
            at += piece.len();
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            (!word.is_empty()).then_some(start..start + word.len())
        })
}
