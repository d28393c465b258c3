//! The line around a secret, fit to be shown: no secret of the text is in it.

use crate::scan::Finding;

/// What stands for a secret in a snippet.
const MASK: &str = "[REDACTED]";

/// Snippets around ascending findings. Each looks at no more text than a snippet has, on either side.
pub(super) struct Snippets<'t> {
    text: &'t str,
    findings: &'t [Finding],
    max_chars: usize,
}

impl<'t> Snippets<'t> {
    pub(super) fn new(text: &'t str, findings: &'t [Finding], max_chars: usize) -> Self {
        Self {
            text,
            findings,
            max_chars,
        }
    }

    /// The line around the finding at `place`: half of what the mask leaves before it, the rest behind it.
    pub(super) fn next_for(&mut self, place: usize) -> String {
        if self.max_chars == 0 {
            return String::new();
        }
        let room = self.max_chars.saturating_sub(MASK.len());
        let (before, cut_before) = self.before(place, room / 2);
        let (after, cut_after) = self.after(place, room - before.chars().count());
        let mask: String = MASK.chars().take(self.max_chars).collect();
        let dots = |cut: bool| if cut { "..." } else { "" };
        format!(
            "{}{before}{mask}{after}{}",
            dots(cut_before),
            dots(cut_after)
        )
    }

    /// At most `room` characters of the same line before the finding, and whether there are more.
    fn before(&self, place: usize, room: usize) -> (String, bool) {
        let mut pieces: Vec<String> = Vec::new();
        let mut left = room;
        let mut end = self.findings[place].span().start;
        for other in (0..=place).rev() {
            // From the end of the previous finding, or of the line, to here.
            let floor = other
                .checked_sub(1)
                .map_or(0, |previous| self.findings[previous].span().end);
            let (piece, line_start) = last_of_line(&self.text[floor..end], left);
            left -= piece.chars().count();
            let whole = piece.len() == end - floor;
            pieces.push(piece.to_owned());
            if line_start || other == 0 || !whole {
                return (
                    joined_reversed(pieces),
                    !(line_start || whole && other == 0),
                );
            }
            if left < MASK.len() {
                return (joined_reversed(pieces), true);
            }
            pieces.push(MASK.to_owned());
            left -= MASK.len();
            let span = self.findings[other - 1].span();
            if self.text[span.clone()].contains('\n') {
                return (joined_reversed(pieces), false);
            }
            end = span.start;
        }
        (joined_reversed(pieces), false)
    }

    /// At most `room` characters of the same line behind the finding, and whether there are more.
    fn after(&self, place: usize, room: usize) -> (String, bool) {
        let mut out = String::new();
        let mut left = room;
        let mut start = self.findings[place].span().end;
        for other in place + 1..=self.findings.len() {
            let ceiling = self
                .findings
                .get(other)
                .map_or(self.text.len(), |next| next.span().start);
            let gap = &self.text[start..ceiling];
            let (piece, line_end) = first_of_line(gap, left);
            out.push_str(piece);
            left -= piece.chars().count();
            if line_end || other == self.findings.len() {
                return (out, !line_end && piece.len() < gap.len());
            }
            if piece.len() < gap.len() || left < MASK.len() {
                return (out, true);
            }
            out.push_str(MASK);
            left -= MASK.len();
            start = self.findings[other].span().end;
            if self.text[self.findings[other].span()].contains('\n') {
                break;
            }
        }
        (out, false)
    }
}

fn joined_reversed(mut pieces: Vec<String>) -> String {
    pieces.reverse();
    pieces.concat()
}

/// The last `room` characters of `gap` that are on its last line, and whether the line begins there.
fn last_of_line(gap: &str, room: usize) -> (&str, bool) {
    let mut start = gap.len();
    for (count, (at, c)) in gap.char_indices().rev().enumerate() {
        if c == '\n' {
            return (&gap[start..], true);
        }
        if count == room {
            break;
        }
        start = at;
    }
    (&gap[start..], false)
}

/// The first `room` characters of `gap` that are on its first line, and whether the line ends there.
fn first_of_line(gap: &str, room: usize) -> (&str, bool) {
    for (count, (at, c)) in gap.char_indices().enumerate() {
        if c == '\n' || gap[at..].starts_with("\r\n") {
            return (&gap[..at], true);
        }
        if count == room {
            return (&gap[..at], false);
        }
    }
    (gap, false)
}
