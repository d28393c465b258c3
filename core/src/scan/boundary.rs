//! Where a value may begin and end.

/// ASCII letters and digits.
pub(super) static ALPHANUMERIC: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        set[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    set
};

/// ASCII letters.
pub(super) static ALPHABETIC: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        set[byte as usize] = byte.is_ascii_alphabetic();
        byte += 1;
    }
    set
};

/// Bytes that continue an ASCII word.
pub(super) fn is_word(byte: u8) -> bool {
    ALPHANUMERIC[usize::from(byte)] || byte == b'_'
}

/// Whether a token may begin at `at`: not inside a word, though behind an escape (`\n`, `%3D`) or an underscore it may.
pub(super) fn starts_token(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    match before {
        [] | [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., last] => !ALPHANUMERIC[usize::from(*last)],
    }
}

/// Whether a value that ends before `end` is a whole one: what follows does not continue its last word.
pub(super) fn ends_word(bytes: &[u8], end: usize) -> bool {
    let inside = end.checked_sub(1).is_some_and(|last| is_word(bytes[last]));
    !(inside && bytes.get(end).copied().is_some_and(is_word))
}

/// The end of the run of bytes from `at` on for which `belongs` holds, at most `limit` bytes long; `at` behind the end of the text.
pub(super) fn run_end(
    bytes: &[u8],
    at: usize,
    limit: usize,
    belongs: impl Fn(u8) -> bool,
) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let run = &rest[..rest.len().min(limit)];
    let length = run.iter().position(|&byte| !belongs(byte));
    at + length.unwrap_or(run.len())
}

/// The start of the run of bytes up to `at` for which `belongs` holds, at most `limit` bytes long.
pub(super) fn run_start(
    bytes: &[u8],
    at: usize,
    limit: usize,
    belongs: impl Fn(u8) -> bool,
) -> usize {
    let floor = at.saturating_sub(limit);
    bytes[floor..at]
        .iter()
        .rposition(|&byte| !belongs(byte))
        .map_or(floor, |last| floor + last + 1)
}

/// A set of ASCII characters, written like the inside of a regex class: `A-Za-z0-9_-`.
#[derive(Clone)]
pub(super) struct Alphabet([bool; 256]);

impl Alphabet {
    /// `None` when the class has a character beyond ASCII or a range that runs backwards.
    pub(super) fn parse(class: &str) -> Option<Self> {
        let mut set = [false; 256];
        let bytes = class.as_bytes();
        let mut at = 0;
        while let Some(&first) = bytes.get(at) {
            let last = match bytes.get(at + 1..at + 3) {
                Some(&[b'-', last]) => {
                    at += 2;
                    last
                }
                _ => first,
            };
            if !first.is_ascii() || !last.is_ascii() || first > last {
                return None;
            }
            for byte in first..=last {
                set[usize::from(byte)] = true;
            }
            at += 1;
        }
        Some(Self(set))
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_ranges_and_a_literal_hyphen_at_its_end() {
        let set = Alphabet::parse("A-Ca-_-")
            .map(|set| [b'B', b'-', b'D', b'z'].map(|byte| set.has(byte)));
        assert!(set.is_none(), "a range that runs backwards is refused");
        let set =
            Alphabet::parse("A-C_-").map(|set| [b'B', b'_', b'-', b'D'].map(|byte| set.has(byte)));
        assert_eq!(set, Some([true, true, true, false]));
    }

    #[test]
    fn a_token_may_begin_behind_an_escape_but_not_inside_a_word() {
        assert!(starts_token(b"x\\nghp", 3));
        assert!(starts_token(b"a%3Dghp", 4));
        assert!(starts_token(b"a_ghp", 2));
        assert!(!starts_token(b"aghp", 1));
    }
}
