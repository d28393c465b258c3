//! The credentials that a stream has shown so far.

use std::hash::BuildHasher;
use std::ops::Range;

use super::remembered::Remembered;
use crate::scan::finding::Finding;
use crate::scan::reuse::{credential, stands, start_of};
use crate::scan::taken::Taken;
use crate::scan::word_starts::word_starts;

/// Credentials, by how they begin, with the finding that was the first of each.
#[derive(Default)]
pub(super) struct Credentials {
    known: Remembered<Finding>,
}

impl Credentials {
    /// Remembers the credential that `finding`, if it is one, has found in `text`, which begins at `origin`.
    pub(super) fn learn(&mut self, finding: &Finding, text: &str, origin: usize) {
        if let Some(value) = credential(text, finding) {
            let from = origin + finding.span().end;
            let key = self.key(value);
            self.known.add(key, value, from, || finding.clone());
        }
    }

    /// Where they stand that begin in `stretch` of `text`, outside of `taken`, in ascending order.
    pub(super) fn hits(
        &mut self,
        text: &str,
        stretch: &Range<usize>,
        origin: usize,
        taken: &[Finding],
    ) -> Vec<Finding> {
        self.known.forget(origin + stretch.start);
        let mut hits: Vec<Finding> = Vec::new();
        if self.known.is_empty() {
            return hits;
        }
        let mut taken = Taken::by(taken);
        word_starts(text.as_bytes(), stretch, 1, |start| {
            if hits.last().is_some_and(|hit| start < hit.span().end) {
                return;
            }
            let Some((hit, first)) = self.longest_at(text, start, origin) else {
                return;
            };
            if taken.leaves(&hit) {
                hits.push(first.again(hit));
            }
        });
        hits
    }

    fn longest_at(&self, text: &str, at: usize, origin: usize) -> Option<(Range<usize>, &Finding)> {
        let known = self.known.at(self.key(&text[at..]), origin + at);
        let here = known.filter(|known| stands(text, at, &known.value));
        let longest = here.max_by_key(|known| known.value.len())?;
        Some((at..at + longest.value.len(), &longest.with))
    }

    fn key(&self, text: &str) -> u64 {
        self.known.hasher().hash_one(start_of(text))
    }
}
