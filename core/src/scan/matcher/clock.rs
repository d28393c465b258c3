//! Times of day where they are part of a date: `2024-01-15T10:30:00Z`, `6/28/1998 2:48 PM`; and days and months alone.

use std::ops::Range;

use super::number::Number;
use crate::scan::boundary::{is_word, run_end, starts_token};
use crate::scan::check::is_date;

/// Words before `3/14` that make it a day.
const BEFORE: &[&str] = &[
    "admitted",
    "beginning",
    "date",
    "dated",
    "discharged",
    "due",
    "effective",
    "on",
    "since",
    "starting",
    "till",
    "until",
];
/// Words behind `3/14` that make it a share or a dose.
const BEHIND: &[&str] = &[
    "bottle", "cup", "dose", "doses", "of", "pill", "tab", "tablet", "tablets", "strength",
    "murmur", "scale", "acuity",
];

/// What joins a date and a time.
const GAPS: &[&[u8]] = &[b" at ", b", at ", b" um ", b", ", b" - ", b" ", b"T", b"t"];
/// The halves of a day.
const HALVES: &[&[u8]] = &[b" am", b" pm", b"am", b"pm", b" a.m.", b" p.m."];

/// The end of the time of day behind a date that ends at `end`, or `end`.
pub(super) fn end(bytes: &[u8], end: usize) -> usize {
    GAPS.iter()
        .find(|gap| bytes[end..].starts_with(gap))
        .and_then(|gap| time(bytes, end + gap.len()))
        .unwrap_or(end)
}

/// The end of `14:48`, `14:48:14.123+02:00`, `2:48 p.m.` at `at`.
fn time(bytes: &[u8], at: usize) -> Option<usize> {
    let two = |at: usize| {
        let end = run_end(bytes, at, 3, |byte| byte.is_ascii_digit());
        (end - at == 2).then_some(end)
    };
    let hour = run_end(bytes, at, 3, |byte| byte.is_ascii_digit());
    if !(1..=2).contains(&(hour - at)) || bytes.get(hour) != Some(&b':') {
        return None;
    }
    let mut end = two(hour + 1)?;
    if bytes.get(end) == Some(&b':')
        && let Some(second) = two(end + 1)
    {
        end = second;
        if matches!(bytes.get(end), Some(b'.' | b',')) {
            let part = run_end(bytes, end + 1, 9, |byte| byte.is_ascii_digit());
            if part > end + 1 {
                end = part;
            }
        }
    }
    let half = HALVES.iter().find(|half| {
        bytes
            .get(end..end + half.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(half))
    });
    end += half.map_or(0, |half| half.len());
    Some(zone(bytes, end)).filter(|&end| !bytes.get(end).copied().is_some_and(is_word))
}

/// The end of `Z`, `+02:00`, ` UTC` at `at`, or `at`.
fn zone(bytes: &[u8], at: usize) -> usize {
    for name in [&b"Z"[..], b" UTC", b" GMT"] {
        if bytes[at..].starts_with(name) {
            return at + name.len();
        }
    }
    let offset = match bytes.get(at) {
        Some(b'+' | b'-') => run_end(bytes, at + 1, 5, |byte| {
            byte.is_ascii_digit() || byte == b':'
        }),
        _ => at,
    };
    if matches!(offset - at, 3 | 5 | 6) {
        offset
    } else {
        at
    }
}

/// A date in figures with its time of day.
pub(super) fn stamp(number: &Number<'_>) -> Option<Range<usize>> {
    let bytes = number.bytes;
    let joint = number.joints[0];
    if number.count < 3 || joint != number.joints[1] || !matches!(joint, b'-' | b'/' | b'.') {
        return None;
    }
    let lengths = [number.length(0), number.length(1), number.length(2)];
    let formed = matches!(lengths, [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4]);
    let date = number.groups[2].1;
    if !formed || !number.starts_clean() || !is_date(number.text(3)) {
        return None;
    }
    let end = end(bytes, date);
    (end > date).then(|| number.start()..end)
}

/// A day of a month in figures, which only the word before it tells from a fraction: `on 3/14`.
pub(super) fn day(number: &Number<'_>) -> Option<Range<usize>> {
    let bytes = number.bytes;
    let alone = number.count == 1 || !matches!(number.joints[1], b'/' | b'-' | b'.');
    if number.joints[0] != b'/' || !alone || number.length(0) > 2 || number.length(1) > 2 {
        return None;
    }
    let value = |group: usize| {
        let (start, end) = number.groups[group];
        bytes[start..end]
            .iter()
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let (one, other) = (value(0), value(1));
    let fits = (1..=12).contains(&one) && (1..=31).contains(&other)
        || (1..=31).contains(&one) && (1..=12).contains(&other);
    let (start, end) = (number.start(), number.groups[1].1);
    let known = |words: &[&str], word: &[u8]| {
        words
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
    };
    let announced = || {
        let before = bytes[..start].strip_suffix(b" ")?;
        let before = before.strip_suffix(b":").unwrap_or(before);
        let from = before
            .iter()
            .rposition(|byte| !byte.is_ascii_alphabetic())
            .map_or(0, |at| at + 1);
        (known(BEFORE, &before[from..]) && starts_token(bytes, from)).then_some(())
    };
    let next = run_end(bytes, end, 1, |byte| byte == b' ');
    let word = run_end(bytes, next, 12, |byte| byte.is_ascii_alphabetic());
    let whole = !bytes.get(end).copied().is_some_and(is_word);
    (fits
        && whole
        && number.starts_clean()
        && announced().is_some()
        && !known(BEHIND, &bytes[next..word]))
    .then_some(start..end)
}
