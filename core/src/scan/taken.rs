//! What stands outside of what was found before.

use std::iter::Peekable;
use std::ops::Range;
use std::slice;

use super::finding::Finding;

/// Findings that do not overlap, in ascending order: what is asked for among them is asked for in that order too.
pub(super) struct Taken<'f> {
    rest: Peekable<slice::Iter<'f, Finding>>,
}

impl<'f> Taken<'f> {
    pub(super) fn by(found: &'f [Finding]) -> Self {
        Self {
            rest: found.iter().peekable(),
        }
    }

    /// Whether none of them overlaps `span`, which does not begin before the one asked for last.
    pub(super) fn leaves(&mut self, span: &Range<usize>) -> bool {
        let before = |finding: &&Finding| finding.span.end <= span.start;
        while self.rest.next_if(before).is_some() {}
        let next = self.rest.peek();
        next.is_none_or(|finding| finding.span.start >= span.end)
    }
}
