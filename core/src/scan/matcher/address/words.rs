//! Reading an address word by word, forwards and backwards.

use crate::scan::boundary::{ALPHANUMERIC, run_end, run_start};

/// The longest word, in bytes: longer ones are cut.
const LONGEST: usize = 40;

/// The ASCII characters that may stand within a word.
static PARTS: [bool; 256] = {
    let mut parts = ALPHANUMERIC;
    parts[b'\'' as usize] = true;
    parts[b'-' as usize] = true;
    parts
};

fn is_part(byte: u8) -> bool {
    PARTS[usize::from(byte)]
}

/// Whether it is one of the marks of [`PARTS`], which no word begins or ends with.
fn is_mark(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\'' | b'-'))
}

/// The word at `at`: letters and digits with inner apostrophes and hyphens. Empty where none begins.
pub(super) fn word(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let end = run_end(bytes, at, LONGEST, is_part);
    if end == at + LONGEST || bytes.get(end).is_none_or(u8::is_ascii) {
        let word = &text[at..end];
        return if is_mark(word.as_bytes().last()) {
            word.trim_end_matches(['\'', '-'])
        } else {
            word
        };
    }
    let rest = &text[at..text.floor_char_boundary(at + LONGEST)];
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '-')))
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['\'', '\u{2019}', '-'])
}

/// The word that ends at `end`, a full stop at its end left out. Empty where none ends, and inside a code point.
pub(super) fn word_before(text: &str, end: usize) -> &str {
    if !text.is_char_boundary(end) {
        return "";
    }
    let bytes = text.as_bytes();
    let stop = end - usize::from(bytes[..end].ends_with(b"."));
    let from = end.saturating_sub(LONGEST);
    let start = run_start(bytes, stop, stop - from, is_part);
    if start == from || bytes[start - 1].is_ascii() {
        let word = &text[start..stop];
        return if is_mark(word.as_bytes().first()) {
            word.trim_start_matches(['\'', '-'])
        } else {
            word
        };
    }
    let from = text.ceil_char_boundary(from);
    let rest = &text[from..end];
    let rest = rest.strip_suffix('.').unwrap_or(rest);
    let start = rest
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '-')))
        .map_or(0, |at| {
            at + rest[at..].chars().next().map_or(0, char::len_utf8)
        });
    rest[start..].trim_start_matches(['\'', '\u{2019}', '-'])
}

/// Whether a word is written like a name: with a capital, in a script without capitals, or as an ordinal (`5th`).
pub(super) fn is_proper(word: &str) -> bool {
    let mut chars = word.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    if first.is_ascii_digit() {
        return is_ordinal(word);
    }
    if !first.is_lowercase() {
        return true;
    }
    // `d'Azeglio`, `l'Église`; U+2019 begins with 0xE2.
    if !word.bytes().any(|byte| matches!(byte, b'\'' | 0xE2)) {
        return false;
    }
    let behind = word.split_once(['\'', '\u{2019}']).map(|(_, rest)| rest);
    behind.is_some_and(|rest| rest.starts_with(char::is_uppercase))
}

/// Whether a word is an abbreviation in capitals (`CPT`, `D`), which is no name of a street by itself.
pub(super) fn is_abbreviation(word: &str) -> bool {
    word.len() < 5 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_ordinal(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let ending = |known: &&str| known.eq_ignore_ascii_case(&word[digits..]);
    (1..=3).contains(&digits) && ["st", "nd", "rd", "th"].iter().any(ending)
}

/// The end of a number of `most` digits at most at `at`, with one letter behind it; `None` where a longer word or number is.
pub(super) fn short_number(bytes: &[u8], at: usize, most: usize) -> Option<usize> {
    let digits = run_end(bytes, at, most + 1, |byte| byte.is_ascii_digit()) - at;
    if !(1..=most).contains(&digits) {
        return None;
    }
    let end = at + digits;
    // `13m` and `10x` are no house numbers.
    let lettered = |byte: &u8| byte.is_ascii_uppercase() || (b'a'..=b'g').contains(byte);
    let end = end + usize::from(bytes.get(end).is_some_and(lettered));
    let continued = match bytes.get(end..) {
        Some([b'.' | b',' | b'/' | b'-' | b':', next, ..]) => next.is_ascii_digit(),
        Some([next, ..]) => next.is_ascii_alphanumeric() || matches!(next, b'%' | b'_'),
        _ => false,
    };
    (!continued).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_its_letters_digits_and_inner_marks() {
        assert_eq!(word("O'Farrell Street", 0), "O'Farrell");
        assert_eq!(word("Öster-gata, 5", 0), "Öster-gata");
        assert_eq!(word(", x", 0), "");
        assert_eq!(word_before("die Hauptstr. 5", 13), "Hauptstr");
        assert_eq!(word_before("an der Söderväg 5", 17), "Söderväg");
        assert_eq!(word_before(", ", 2), "");
        assert_eq!(word_before("〯2", 2), "");
    }

    #[test]
    fn names_have_a_capital_or_are_ordinals() {
        assert!(
            ["Main", "5th", "Éc", "d'Azeglio", "中山"]
                .iter()
                .all(|word| is_proper(word))
        );
        assert!(
            !["main", "5", "5mg", "l'eau", ""]
                .iter()
                .any(|word| is_proper(word))
        );
    }
}
