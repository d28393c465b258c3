//! The credentials that a stream has shown so far.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use zeroize::Zeroizing;

use crate::scan::finding::Finding;
use crate::scan::reuse::{credential, stands, start_of, word_starts};

/// So many credentials are looked for; a new one takes the place of the oldest.
const MAX_CREDENTIALS: usize = 256;

/// Credentials, each of which is looked for behind the place where it was found first.
#[derive(Default)]
pub(super) struct Credentials {
    /// In the order in which they were found.
    known: VecDeque<Known>,
    /// How many came before those.
    forgotten: usize,
    /// By a keyed hash of how they begin.
    by_start: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
    /// How many of them may still be found.
    live: usize,
}

struct Known {
    value: Zeroizing<String>,
    first: Finding,
    /// Where it is looked for, in bytes of the whole text.
    stretch: Range<usize>,
}

impl Credentials {
    /// Remembers the credential that `finding`, if it is one, has found in `text`, which begins at `origin`.
    pub(super) fn learn(&mut self, finding: &Finding, text: &str, origin: usize) {
        let Some(value) = credential(text, finding) else {
            return;
        };
        let from = origin + finding.span().end;
        let places = self.by_start.entry(self.hasher.hash_one(start_of(value)));
        let places = places.or_default();
        let live = |place: &usize| {
            let known = &self.known[*place - self.forgotten];
            known.stretch.end == usize::MAX && *known.value == value
        };
        if places.iter().any(live) {
            return;
        }
        places.push(self.forgotten + self.known.len());
        self.known.push_back(Known {
            value: Zeroizing::new(value.to_owned()),
            first: finding.clone(),
            stretch: from..usize::MAX,
        });
        self.live += 1;
        if self.live > MAX_CREDENTIALS {
            let oldest = self.known.len() - self.live;
            self.known[oldest].stretch.end = from;
            self.live -= 1;
        }
    }

    /// Where they stand that begin in `stretch` of `text`, outside of `taken`, in ascending order.
    pub(super) fn hits(
        &mut self,
        text: &str,
        stretch: Range<usize>,
        origin: usize,
        taken: &[Finding],
    ) -> Vec<Finding> {
        self.forget(origin + stretch.start);
        let mut hits: Vec<Finding> = Vec::new();
        if self.known.is_empty() {
            return hits;
        }
        let mut taken = taken.iter().peekable();
        word_starts(text.as_bytes(), stretch.start, 1, |start| {
            if start >= stretch.end || hits.last().is_some_and(|hit| start < hit.span().end) {
                return;
            }
            let Some((hit, first)) = self.longest_at(text, start, origin) else {
                return;
            };
            while taken
                .next_if(|finding| finding.span().end <= hit.start)
                .is_some()
            {}
            if taken
                .peek()
                .is_none_or(|finding| finding.span().start >= hit.end)
            {
                hits.push(first.again(hit));
            }
        });
        hits
    }

    fn longest_at(&self, text: &str, at: usize, origin: usize) -> Option<(Range<usize>, &Finding)> {
        let places = self
            .by_start
            .get(&self.hasher.hash_one(start_of(&text[at..])))?;
        let known = places
            .iter()
            .map(|place| &self.known[*place - self.forgotten]);
        let here = known.filter(|known| {
            known.stretch.contains(&(origin + at)) && stands(text, at, &known.value)
        });
        let longest = here.max_by_key(|known| known.value.len())?;
        Some((at..at + longest.value.len(), &longest.first))
    }

    /// Lets go of those that are no longer looked for from `at` on.
    fn forget(&mut self, at: usize) {
        let over = |known: &Known| known.stretch.end <= at;
        while self.known.front().is_some_and(over) {
            let Some(known) = self.known.pop_front() else {
                return;
            };
            let start = self.hasher.hash_one(start_of(&known.value));
            if let Some(places) = self.by_start.get_mut(&start) {
                places.retain(|place| *place != self.forgotten);
                if places.is_empty() {
                    self.by_start.remove(&start);
                }
            }
            self.forgotten += 1;
        }
    }
}
