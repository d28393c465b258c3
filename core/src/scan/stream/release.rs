//! A stretch of a stream that is decided.

use super::Located;
use crate::scan::finding::Finding;
use crate::scan::position::{Position, positions};

/// Text that follows what was released before, with all that was found in it.
pub(crate) struct Release<'w> {
    /// Everything in memory.
    pub(super) window: &'w str,
    /// Where that begins in the whole text.
    pub(super) origin: Position,
    /// Where the released text stands in `window`.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Ascending, in the released text; places in `window`.
    pub(super) found: Vec<Finding>,
}

impl Release<'_> {
    /// The released text.
    pub(crate) fn text(&self) -> &str {
        &self.window[self.start..self.end]
    }

    /// The released text, and what is in memory of the text behind it.
    pub(crate) fn text_and_more(&self) -> &str {
        &self.window[self.start..]
    }

    /// The findings as [`Release::text`] counts. A label before it is left out of the context.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let moved = |place: usize| place.saturating_sub(self.start);
        self.found
            .iter()
            .cloned()
            .map(|mut finding| {
                finding.span = moved(finding.span.start)..moved(finding.span.end);
                finding.context = moved(finding.context.start)..moved(finding.context.end);
                finding
            })
            .collect()
    }

    /// The findings as the whole text counts.
    pub(crate) fn located(self) -> Vec<Located> {
        let mut offsets: Vec<usize> = self
            .found
            .iter()
            .flat_map(|finding| [&finding.span, &finding.context])
            .flat_map(|range| [range.start, range.end])
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let places = positions(self.window, &offsets);
        let at = |offset: usize| {
            let place = offsets.partition_point(|&known| known < offset);
            places
                .get(place)
                .copied()
                .unwrap_or_default()
                .behind(&self.origin)
        };
        self.found
            .into_iter()
            .map(|mut finding| {
                let (start, end) = (at(finding.span.start), at(finding.span.end));
                let (from, to) = (at(finding.context.start), at(finding.context.end));
                finding.span = start.byte..end.byte;
                finding.context = from.byte..to.byte;
                Located {
                    finding,
                    start,
                    end,
                    context_start: from,
                    context_end: to,
                }
            })
            .collect()
    }
}
