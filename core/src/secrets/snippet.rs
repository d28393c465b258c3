//! The line around a secret, fit to be shown: no secret of the text is in it.

use crate::scan::Finding;

/// What stands for a secret in a snippet.
const MASK: &str = "[REDACTED]";

/// Snippets around ascending findings. Each looks at no more text than a snippet has, on either side.
pub(super) struct Snippets<'t> {
    text: &'t str,
    findings: &'t [Finding],
    max_chars: usize,
    /// What a snippet has before its finding, from there on backwards, and behind it.
    before: Vec<&'t str>,
    behind: Vec<&'t str>,
}

impl<'t> Snippets<'t> {
    pub(super) fn new(text: &'t str, findings: &'t [Finding], max_chars: usize) -> Self {
        Self {
            text,
            findings,
            max_chars,
            before: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// The line around the finding at `place`: half of what the mask leaves before it, the rest behind it.
    pub(super) fn next_for(&mut self, place: usize) -> String {
        if self.max_chars == 0 {
            return String::new();
        }
        let room = self.max_chars.saturating_sub(MASK.len());
        let (left, cut_before) = self.read_before(place, room / 2);
        let cut_behind = self.read_behind(place, room - (room / 2 - left));
        let dots = |cut: bool| if cut { "..." } else { "" };
        let pieces = [dots(cut_before)].into_iter();
        let pieces = pieces.chain(self.before.iter().rev().copied());
        let pieces = pieces.chain([&MASK[..MASK.len().min(self.max_chars)]]);
        let pieces = pieces.chain(self.behind.iter().copied());
        let pieces = pieces.chain([dots(cut_behind)]);
        let mut snippet = String::with_capacity(pieces.clone().map(str::len).sum());
        snippet.extend(pieces);
        snippet
    }

    /// At most `room` characters of the same line before the finding: how many fewer, and whether there are more.
    fn read_before(&mut self, place: usize, room: usize) -> (usize, bool) {
        self.before.clear();
        let mut left = room;
        let mut end = self.findings[place].span().start;
        for other in (0..=place).rev() {
            // From the end of the previous finding, or of the line, to here.
            let floor = other
                .checked_sub(1)
                .map_or(0, |previous| self.findings[previous].span().end);
            let (piece, chars, line_start) = last_of_line(&self.text[floor..end], left);
            left -= chars;
            let whole = piece.len() == end - floor;
            self.before.push(piece);
            if line_start || other == 0 || !whole {
                return (left, !(line_start || whole && other == 0));
            }
            if left < MASK.len() {
                return (left, true);
            }
            self.before.push(MASK);
            left -= MASK.len();
            let span = self.findings[other - 1].span();
            if self.text[span.clone()].contains('\n') {
                break;
            }
            end = span.start;
        }
        (left, false)
    }

    /// At most `room` characters of the same line behind the finding, and whether there are more.
    fn read_behind(&mut self, place: usize, room: usize) -> bool {
        self.behind.clear();
        let mut left = room;
        let mut start = self.findings[place].span().end;
        for other in place + 1..=self.findings.len() {
            let ceiling = self
                .findings
                .get(other)
                .map_or(self.text.len(), |next| next.span().start);
            let gap = &self.text[start..ceiling];
            let (piece, chars, line_end) = first_of_line(gap, left);
            self.behind.push(piece);
            left -= chars;
            if line_end || other == self.findings.len() {
                return !line_end && piece.len() < gap.len();
            }
            if piece.len() < gap.len() || left < MASK.len() {
                return true;
            }
            self.behind.push(MASK);
            left -= MASK.len();
            start = self.findings[other].span().end;
            if self.text[self.findings[other].span()].contains('\n') {
                break;
            }
        }
        false
    }
}

/// The last `room` characters of `gap` that are on its last line, how many they are, and whether the line begins there.
fn last_of_line(gap: &str, room: usize) -> (&str, usize, bool) {
    let mut start = gap.len();
    let mut chars = 0;
    for (at, c) in gap.char_indices().rev() {
        if c == '\n' {
            return (&gap[start..], chars, true);
        }
        if chars == room {
            break;
        }
        start = at;
        chars += 1;
    }
    (&gap[start..], chars, false)
}

/// The first `room` characters of `gap` that are on its first line, how many they are, and whether the line ends there.
fn first_of_line(gap: &str, room: usize) -> (&str, usize, bool) {
    let mut chars = 0;
    for (at, c) in gap.char_indices() {
        if c == '\n' || c == '\r' && gap.as_bytes().get(at + 1) == Some(&b'\n') {
            return (&gap[..at], chars, true);
        }
        if chars == room {
            return (&gap[..at], chars, false);
        }
        chars += 1;
    }
    (gap, chars, false)
}
