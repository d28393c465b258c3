//! Dates with the month in words, around its name: `January 15, 1980`, `15th of Jan. 1980`, `15-JAN-80`, `15 de mayo de 2020`.

use std::ops::Range;

use super::clock;
use crate::scan::boundary::{is_word, run_end, run_start, starts_token};

/// English months that are nothing else in small letters.
const PLAIN: &[&str] = &[
    "january",
    "february",
    "april",
    "june",
    "july",
    "september",
    "october",
    "november",
    "december",
];

/// `month` is its name; a day or a year must stand beside it.
pub(super) fn in_words(bytes: &[u8], month: &Range<usize>) -> Option<Range<usize>> {
    let follows = bytes.get(month.end).copied();
    if follows.is_some_and(|byte| is_word(byte) || byte >= 0x80) || !begins(bytes, month.start) {
        return None;
    }
    let name_end = run_end(bytes, month.end, 1, |byte| byte == b'.');
    let before = day_before(bytes, month.start).unwrap_or_else(|| year_before(bytes, month.start));
    let led = before < month.start;
    let years_first = number(bytes, before, 4..=4, 2150).is_some();
    let mut end = month.end;
    let mut at = joint(bytes, name_end);
    // `15 January 1980` has its day before, `January 15, 1980` and `1980 January 15` behind.
    if (!led || years_first)
        && let Some(day) = number(bytes, at, 1..=2, 31)
    {
        end = suffix_end(bytes, day);
        end = range_end(bytes, end);
        at = joint(bytes, run_end(bytes, end, 1, |byte| byte == b','));
    }
    let behind = end > month.end;
    let year_at = run_end(bytes, at, 1, |byte| byte == b'\'');
    let apostrophe = year_at > at;
    let year = number(bytes, year_at, 4..=4, 2150).filter(|_| bytes[year_at] != b'0');
    let short = || {
        number(bytes, year_at, 2..=2, 99)
            .filter(|_| (led && !years_first || apostrophe) && at > name_end)
    };
    let year = if years_first {
        None
    } else {
        year.or_else(short)
    };
    end = year.unwrap_or(end);
    let name = &bytes[month.clone()];
    let capital = name[0].is_ascii_uppercase();
    // Nobody writes `mayo 9`, and many `Mayo 9`.
    let score = !led && year.is_none() && name.eq_ignore_ascii_case(b"mayo");
    let plain = PLAIN.iter().any(|plain| plain.as_bytes() == name);
    let dated = if led {
        !years_first || behind
    } else {
        capital && (behind || year.is_some()) || behind && (plain || year.is_some())
    };
    let whole = !bytes.get(end).copied().is_some_and(is_word);
    (dated && whole && !score).then(|| before..clock::end(bytes, end))
}

/// Whether a word may begin at `at`, behind a letter beyond ASCII neither.
fn begins(bytes: &[u8], at: usize) -> bool {
    starts_token(bytes, at) && bytes[..at].last().is_none_or(|byte| *byte < 0x80)
}

/// Where `15 `, `15-`, `15. `, `15th of `, `1er `, `15 de ` begins that ends at `month`.
fn day_before(bytes: &[u8], month: usize) -> Option<usize> {
    let mut at = run_start(bytes, month, 1, |byte| {
        matches!(byte, b' ' | b'-' | b'/' | b'.')
    });
    for word in [&b" of"[..], b" de", b" d"] {
        if bytes[..at].ends_with(word) {
            at -= word.len();
            break;
        }
    }
    let joined = at < month;
    for suffix in [
        &b"st"[..],
        b"nd",
        b"rd",
        b"th",
        b"er",
        b"re",
        "º".as_bytes(),
        "°".as_bytes(),
        b".",
    ] {
        if bytes[..at].ends_with(suffix) {
            at -= suffix.len();
            break;
        }
    }
    let mut start = run_start(bytes, at, 3, |byte| byte.is_ascii_digit());
    let end = number(bytes, start, 1..=2, 31)?;
    // `3-5 May`
    if let [.., first, b'-'] = bytes[..start]
        && first.is_ascii_digit()
    {
        let from = run_start(bytes, start - 1, 3, |byte| byte.is_ascii_digit());
        if number(bytes, from, 1..=2, 31).is_some_and(|end| end == start - 1) {
            start = from;
        }
    }
    let alone = starts_token(bytes, start)
        && match bytes[..start] {
            [.., digit, b'.' | b',' | b'/' | b'-'] => !digit.is_ascii_digit(),
            [.., b'.'] => false,
            _ => true,
        };
    (end == at && alone && joined).then_some(start)
}

/// Where the year of `2020 May 14` or `2020-May-14` begins that ends at `month`, or `month` itself.
fn year_before(bytes: &[u8], month: usize) -> usize {
    let at = run_start(bytes, month, 1, |byte| matches!(byte, b' ' | b'-'));
    let start = run_start(bytes, at, 5, |byte| byte.is_ascii_digit());
    let year = number(bytes, start, 4..=4, 2150).is_some_and(|end| end == at);
    let recent = matches!(
        bytes.get(start..start + 2),
        Some(b"18" | b"19" | b"20" | b"21")
    );
    if year && recent && at < month && starts_token(bytes, start) {
        start
    } else {
        month
    }
}

/// The end of what joins the parts of a date.
fn joint(bytes: &[u8], at: usize) -> usize {
    let end = run_end(bytes, at, 2, |byte| {
        matches!(byte, b' ' | b'-' | b',' | b'/')
    });
    if end == at {
        return at;
    }
    [&b"de "[..], b"del ", b"of ", b"do "]
        .iter()
        .find(|word| bytes[end..].starts_with(word))
        .map_or(end, |word| end + word.len())
}

fn suffix_end(bytes: &[u8], at: usize) -> usize {
    let end = run_end(bytes, at, 2, |byte| byte.is_ascii_alphabetic());
    match bytes[at..end].to_ascii_lowercase().as_slice() {
        b"st" | b"nd" | b"rd" | b"th" => end,
        _ => at,
    }
}

/// The end of the `-5` of `May 3-5`, or `at`.
fn range_end(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'-') {
        return at;
    }
    number(bytes, at + 1, 1..=2, 31).map_or(at, |end| suffix_end(bytes, end))
}

/// The end of a number at `at` of so many digits, not zero and at most `most`.
fn number(
    bytes: &[u8],
    at: usize,
    lengths: std::ops::RangeInclusive<usize>,
    most: u32,
) -> Option<usize> {
    let end = run_end(bytes, at, 5, |byte| byte.is_ascii_digit());
    let value: u32 = std::str::from_utf8(&bytes[at..end]).ok()?.parse().ok()?;
    (lengths.contains(&(end - at)) && (1..=most).contains(&value)).then_some(end)
}
