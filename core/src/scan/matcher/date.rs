//! Dates with the month in words, around its name: `January 15, 1980`, `15th of Jan. 1980`, `15-JAN-80`, `March 2024`.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end, run_start, starts_token};

/// `month` is its name; a day or a year must stand beside it.
pub(super) fn in_words(bytes: &[u8], month: &Range<usize>) -> Option<Range<usize>> {
    let name_end = run_end(bytes, month.end, 1, |byte| byte == b'.');
    if bytes.get(month.end).copied().is_some_and(is_word) || !starts_token(bytes, month.start) {
        return None;
    }
    let start = day_before(bytes, month.start);
    let mut end = month.end;
    let mut at = joint(bytes, name_end);
    // `15 January 1980` has its day before, `January 15, 1980` behind.
    if start == month.start
        && let Some(day) = number(bytes, at, 1..=2, 31)
    {
        end = run_end(bytes, day, 2, |byte| b"stndrhSTNDRH".contains(&byte));
        at = joint(bytes, run_end(bytes, end, 1, |byte| byte == b','));
    }
    let behind = end > month.end;
    let at = run_end(bytes, at, 1, |byte| byte == b'\'');
    let year = number(bytes, at, 4..=4, 2150).filter(|_| bytes[at] != b'0');
    let short = || number(bytes, at, 2..=2, 99).filter(|_| start < month.start && at > name_end);
    end = year.or_else(short).unwrap_or(end);
    let capital = bytes[month.start].is_ascii_uppercase();
    let dated = start < month.start || (capital && (behind || end > month.end));
    (dated && !bytes.get(end).copied().is_some_and(is_word)).then_some(start..end)
}

/// Where `15 `, `15-`, `15th of ` begins that ends at `month`, or `month` itself.
fn day_before(bytes: &[u8], month: usize) -> usize {
    let mut at = run_start(bytes, month, 1, |byte| matches!(byte, b' ' | b'-' | b'/'));
    if bytes[..at].ends_with(b" of") {
        at -= 3;
    }
    let suffixed = [&b"st"[..], b"nd", b"rd", b"th"]
        .iter()
        .any(|suffix| bytes[..at].ends_with(suffix));
    if suffixed {
        at -= 2;
    }
    let start = run_start(bytes, at, 3, |byte| byte.is_ascii_digit());
    let alone = starts_token(bytes, start) && !bytes[..start].ends_with(b".");
    match number(bytes, start, 1..=2, 31) {
        Some(end) if end == at && alone && at < month => start,
        _ => month,
    }
}

/// The end of what joins the parts of a date.
fn joint(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, 2, |byte| matches!(byte, b' ' | b'-' | b','))
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
