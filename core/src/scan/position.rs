//! Byte offsets in the units that callers count in.

use memchr::{memchr_iter, memrchr};

use super::disguise::blocks::{BITS, bits_of, block_at};

/// A place in a text in every unit that callers count in. Lines are 1-based, the rest 0-based.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Bytes of UTF-8.
    pub byte: usize,
    /// Code points.
    pub char: usize,
    /// UTF-16 code units.
    pub utf16: usize,
    /// Line feeds before this place, plus one.
    pub line: usize,
    /// Code points since the last line feed.
    pub column: usize,
}

impl Position {
    /// A place of a text that itself begins at `origin`.
    pub(super) fn behind(self, origin: &Self) -> Self {
        Self {
            byte: origin.byte + self.byte,
            char: origin.char + self.char,
            utf16: origin.utf16 + self.utf16,
            line: origin.line + self.line - 1,
            column: self.column + if self.line == 1 { origin.column } else { 0 },
        }
    }
}

/// The positions of ascending byte offsets, in one pass over the text.
///
/// An offset beyond the end counts as the end, one inside a code point as the start of that code point, and one that is
/// smaller than its predecessor as its predecessor.
pub fn positions(text: &str, ascending: &[usize]) -> Vec<Position> {
    let mut positions = Positions::of(text);
    ascending
        .iter()
        .map(|&offset| positions.next_at(offset))
        .collect()
}

/// [`positions`] one by one, for those who need not keep the offsets.
pub struct Positions<'t> {
    text: &'t str,
    at: Position,
}

impl<'t> Positions<'t> {
    /// From the start of `text` on.
    pub fn of(text: &'t str) -> Self {
        let at = Position {
            line: 1,
            ..Position::default()
        };
        Self { text, at }
    }

    /// Where the byte at `offset` is, which is no less than the one asked for last.
    pub fn next_at(&mut self, offset: usize) -> Position {
        let from = self.at.byte;
        let stop = self.text.floor_char_boundary(offset).max(from);
        let length = stop - from;
        match block_at(self.text.as_bytes(), from) {
            Some((block, _)) if (1..=BITS).contains(&length) => pass(&mut self.at, &block, length),
            _ => advance(&mut self.at, &self.text[from..stop]),
        }
        self.at
    }
}

/// Moves `at` behind the first `length` bytes of a block, one at least.
fn pass(at: &mut Position, block: &[u8; BITS], length: usize) {
    let passed = u64::MAX >> (BITS - length);
    let feeds = bits_of(block, |byte| byte == b'\n') & passed;
    let beyond = bits_of(block, |byte| !byte.is_ascii()) & passed;
    // The bytes with which code points begin, and those with which they take two UTF-16 units.
    let (starts, long) = if beyond == 0 {
        (passed, 0)
    } else {
        let inside = bits_of(block, |byte| byte & 0xC0 == 0x80);
        (
            passed & !inside,
            passed & bits_of(block, |byte| byte >= 0xF0),
        )
    };
    let count = |bits: u64| bits.count_ones() as usize;
    at.byte += length;
    at.char += count(starts);
    at.utf16 += count(starts) + count(long);
    if feeds == 0 {
        at.column += count(starts);
    } else {
        at.line += count(feeds);
        let behind = u64::BITS - feeds.leading_zeros();
        at.column = count(starts.checked_shr(behind).unwrap_or(0));
    }
}

/// Moves `at` behind `passed`. Each unit is counted by itself, many bytes at a time.
fn advance(at: &mut Position, passed: &str) {
    let bytes = passed.as_bytes();
    let ascii = bytes.is_ascii();
    let chars = |text: &str| {
        if ascii {
            text.len()
        } else {
            text.chars().count()
        }
    };
    let count = chars(passed);
    at.byte += bytes.len();
    at.char += count;
    at.utf16 += count;
    if !ascii {
        // From four bytes on a code point takes two UTF-16 units.
        at.utf16 += bytes.iter().filter(|byte| **byte >= 0xF0).count();
    }
    match memrchr(b'\n', bytes) {
        Some(last) => {
            at.line += memchr_iter(b'\n', bytes).count();
            at.column = chars(&passed[last + 1..]);
        }
        None => at.column += count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_counts_its_own_way() {
        let text = "a\u{e9}\n\u{1f600}b";
        let found = positions(text, &[0, 1, 3, 4, 8, 9]);
        let units: Vec<_> = found
            .iter()
            .map(|p| (p.byte, p.char, p.utf16, p.line, p.column))
            .collect();
        assert_eq!(
            units,
            [
                (0, 0, 0, 1, 0),
                (1, 1, 1, 1, 1),
                (3, 2, 2, 1, 2),
                (4, 3, 3, 2, 0),
                (8, 4, 5, 2, 1),
                (9, 5, 6, 2, 2),
            ]
        );
    }

    #[test]
    fn a_line_ends_anywhere_between_two_offsets() {
        let text = "ab\ncd\n\u{e9}\u{1f600}f";
        let found = positions(text, &[1, text.len()]);
        let last = Position {
            byte: 13,
            char: 9,
            utf16: 10,
            line: 3,
            column: 3,
        };
        assert_eq!((found[0].line, found[0].column), (1, 1));
        assert_eq!(found[1], last);
    }

    #[test]
    fn places_are_the_same_in_steps_of_any_length() {
        let text = format!(
            "{}\n{}\n\n{}\u{e9}",
            "abc ".repeat(40),
            "\u{e9}\u{1f600}\n-".repeat(30),
            "x".repeat(130)
        );
        for step in [1, 7, 63, 64, 65, 128, 500] {
            let mut places = Positions::of(&text);
            for offset in (0..=text.len()).step_by(step) {
                let before = &text[..text.floor_char_boundary(offset)];
                let line = before.rsplit('\n').next().unwrap_or_default();
                let expected = Position {
                    byte: before.len(),
                    char: before.chars().count(),
                    utf16: before.encode_utf16().count(),
                    line: before.matches('\n').count() + 1,
                    column: line.chars().count(),
                };
                assert_eq!(places.next_at(offset), expected, "in steps of {step}");
            }
        }
    }

    #[test]
    fn offsets_beyond_the_end_or_inside_a_character_are_moved_back() {
        let found = positions("\u{e9}", &[1, 99]);
        assert_eq!(found.iter().map(|p| p.byte).collect::<Vec<_>>(), [0, 2]);
    }
}
