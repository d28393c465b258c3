//! Numbers that only their label tells: `MRN: 00-12-34`, `Account ending in 1234`, `| Claim no. | CLM-2024-00183 |`.
//!
//! `except_names` of a rule lists labels that are ordinary words: digits behind them need a sign between.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end};
use crate::scan::check::is_date;
use crate::scan::confirm::{Attempt, Value, behind_label};
use crate::scan::rule::Rule;

/// The longest value, in bytes: a UUID fits.
const MAX_VALUE: usize = 40;
/// The most groups of digits that spaces join.
const MAX_GROUPS: usize = 6;

/// `label` is the name that announces the value.
pub(super) fn attempt(rule: &Rule, text: &str, label: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let nothing = Attempt::nothing(label.start, MAX_VALUE);
    let Some(at) = behind_label(bytes, label.end, rule) else {
        return nothing;
    };
    let (start, ending) = behind_words(bytes, at);
    let sign = if ending {
        Sign::Number
    } else {
        Sign::of(&bytes[label.clone()], &bytes[label.end..start])
    };
    // What stands behind a backslash is an escape: the text is read again without it.
    let escape =
        bytes[..start].ends_with(b"\\") && bytes.get(start).is_some_and(u8::is_ascii_lowercase);
    let glued = start == label.end && label.len() < 3;
    // `order 12345` is more often a count than a number of an order.
    let signed = has_mark(&bytes[label.end..start]) || sign == Sign::Number;
    let ordinary = || {
        let name = text.get(label.clone()).unwrap_or_default();
        !signed && Rule::lists_have(&rule.lists.except_names, name)
    };
    let plain = |end: usize| {
        bytes[start..end]
            .iter()
            .all(|byte| !byte.is_ascii_alphabetic())
    };
    match value_end(text, start, sign) {
        Some(end) if escape || glued || ordinary() && plain(end) => nothing,
        Some(end) => Attempt::found(
            Value {
                context: label.start..end,
                ..Value::bare(start..end)
            },
            end - label.start,
        ),
        None => nothing,
    }
}

/// How clearly a label says that a number follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// By a space alone: `claim 20240183`.
    None,
    /// By a colon, an equals sign, a cell of a table or as an abbreviation.
    Mark,
    /// By a word or sign for numbers: `no.`, `#`, `id`.
    Number,
}

impl Sign {
    fn of(label: &[u8], tail: &[u8]) -> Self {
        const WORDS: &[&[u8]] = &[
            b"number", b"num", b"no", b"nr", b"nbr", b"id", b"code", b"#", b"numero", b"nummer",
        ];
        let words = |bytes: &[u8]| {
            bytes
                .split(|byte| !byte.is_ascii_alphabetic() && *byte != b'#')
                .any(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
        };
        let glued = WORDS[..8].iter().any(|word| {
            let rest = label.len().saturating_sub(word.len());
            rest > 2 && label[rest..].eq_ignore_ascii_case(word)
        });
        if words(label) || words(tail) || glued || !tail.is_ascii() {
            Self::Number
        } else if has_mark(tail) || label.len() == 3 && label.iter().all(u8::is_ascii_uppercase) {
            Self::Mark
        } else {
            Self::None
        }
    }
}

/// Whether a colon, an equals sign or the edge of a cell stands behind a label.
fn has_mark(tail: &[u8]) -> bool {
    tail.iter().any(|byte| b":=>|\t(*\"".contains(byte))
}

/// Behind `ending in`, `n°` and the like; and whether the value is only the end of a number.
fn behind_words(bytes: &[u8], at: usize) -> (usize, bool) {
    const PHRASES: &[&[u8]] = &[
        b"ending in ",
        b"ending with ",
        b"ending ",
        b"ends in ",
        b"ends with ",
        b"last four ",
        b"last 4 ",
        b"that ends in ",
        b"endend auf ",
        b"terminada en ",
        b"se terminant par ",
    ];
    const SIGNS: &[&str] = &["n°", "nº", "№", "n.º", "n.°", "no.", "nr."];
    let rest = &bytes[at..];
    let first = rest.first().map(u8::to_ascii_lowercase);
    let begins = |phrase: &[u8]| {
        phrase.first().copied() == first
            && rest
                .get(..phrase.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(phrase))
    };
    if let Some(phrase) = PHRASES.iter().find(|phrase| begins(phrase)) {
        let marks = run_end(bytes, at + phrase.len(), 24, |byte| {
            matches!(byte, b'*' | b'x' | b'X' | b'.' | b':' | b' ' | b'-')
        });
        return (marks, true);
    }
    let sign = SIGNS.iter().find(|sign| begins(sign.as_bytes()));
    let at = at + sign.map_or(0, |sign| sign.len());
    (
        run_end(bytes, at, 4, |byte| {
            matches!(byte, b' ' | b':' | b'\t' | b'\'')
        }),
        false,
    )
}

/// Whether the whole of `value` is a number that a label with a colon announces: no date, year or word.
pub(in crate::scan) fn is_value(value: &str) -> bool {
    value_end(value, 0, Sign::Mark) == Some(value.len())
}

/// The end of the number at `start`, or `None` where there is none that the label can mean.
fn value_end(text: &str, start: usize, sign: Sign) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = token_end(bytes, start);
    let end = if sign > Sign::None {
        groups_end(text, start, first)
    } else {
        first
    };
    let value = text.get(start..end)?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let enough = match sign {
        Sign::None => digits >= 5 || digits >= 3 && letters > 0 && digits + letters >= 6,
        Sign::Mark => digits >= 4 || digits >= 2 && letters > 0 && digits + letters >= 4,
        Sign::Number => digits >= 3 || digits >= 2 && letters > 0 && digits + letters >= 4,
    };
    let year = value.len() == 4 && matches!(value.as_bytes()[0..2], [b'1', b'9'] | [b'2', b'0']);
    let goes_on = match &bytes[end..] {
        [b'@' | b'%', ..] => true,
        [b':' | b'.' | b',', next, ..] => next.is_ascii_digit(),
        [next, ..] => {
            is_word(*next) || *next >= 0x80 && text[end..].starts_with(char::is_alphabetic)
        }
        [] => false,
    };
    let refused = goes_on
        || digits + letters > MAX_VALUE
        || year && letters == 0 && sign < Sign::Number
        || is_wordy(value)
        || is_measure(text, start, end)
        || is_calendar(value);
    (enough && !refused).then_some(end)
}

/// The end of letters and digits with single joints between them.
fn token_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end - start < MAX_VALUE + 1 {
        let word = run_end(bytes, end, MAX_VALUE, |byte| byte.is_ascii_alphanumeric());
        if word == end {
            break;
        }
        end = word;
        match &bytes[end..] {
            [b'-' | b'/' | b'_' | b'.', next, ..] if next.is_ascii_alphanumeric() => end += 1,
            _ => break,
        }
    }
    if end > start && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    end
}

/// The end of further groups of two to four digits behind spaces: `0012 3456 78`.
fn groups_end(text: &str, start: usize, first: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = first;
    let mut last = run_back(bytes, start, first);
    for _ in 1..MAX_GROUPS {
        if bytes.get(end) != Some(&b' ') {
            break;
        }
        let next = run_end(bytes, end + 1, 5, |byte| byte.is_ascii_digit());
        let length = next - end - 1;
        let joined = (2..=4).contains(&last) && (2..=4).contains(&length);
        // The age, dose or date behind a short number is none of its groups.
        let other = match &bytes[next..] {
            [b'-' | b'/' | b'.' | b':' | b'%', after, ..] => after.is_ascii_alphanumeric(),
            [after, ..] => is_word(*after),
            [] => false,
        };
        if !joined || other || is_unit(unit_behind(text, next)) {
            break;
        }
        (end, last) = (next, length);
    }
    end
}

/// How many digits stand at the end of `start..end`.
fn run_back(bytes: &[u8], start: usize, end: usize) -> usize {
    bytes[start..end]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Whether it has a word of more than four small letters in it, or is one with a figure behind.
fn is_wordy(value: &str) -> bool {
    let hex = value
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    !hex && value
        .split(|c: char| !c.is_ascii_lowercase())
        .any(|run| run.len() > 4)
}

/// Whether it is a quantity: `500 mg`, `3.5`, `12 days`.
fn is_measure(text: &str, start: usize, end: usize) -> bool {
    let value = &text[start..end];
    let figures = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let plain = !figures.is_empty()
        && figures
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let digits = figures.bytes().filter(u8::is_ascii_digit).count();
    let unit = if figures.len() < value.len() {
        &value[figures.len()..]
    } else {
        unit_behind(text, end)
    };
    let decimal = digits <= 4 && figures.contains('.');
    plain && (decimal || digits <= 6 && is_unit(unit))
}

/// The word behind a number, which a space or hyphen may join to it.
fn unit_behind(text: &str, end: usize) -> &str {
    let bytes = text.as_bytes();
    let from = end + usize::from(matches!(bytes.get(end), Some(b' ' | b'-')));
    let to = run_end(bytes, from, 10, |byte| byte.is_ascii_alphabetic());
    text.get(from..to).unwrap_or_default()
}

fn is_unit(word: &str) -> bool {
    const UNITS: &[&str] = &[
        "mg", "mcg", "g", "kg", "ml", "l", "dl", "cc", "cm", "mm", "m", "units", "unit", "iu",
        "meq", "mmol", "mmhg", "bpm", "days", "day", "weeks", "week", "months", "month", "years",
        "year", "yo", "yrs", "y", "hours", "hour", "hrs", "minutes", "min", "times", "x",
        "percent", "pm", "am", "h", "patients", "cases", "people", "persons", "usd", "eur",
        "dollars", "euros", "euro", "lb", "lbs", "st", "nd", "rd", "th", "bytes", "kb", "mb", "gb",
        "ms",
    ];
    !word.is_empty() && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word))
}

/// Whether it is a date with a year of four figures, with slashes, or with the name of a month.
fn is_calendar(value: &str) -> bool {
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let joined = |byte: u8| matches!(byte, b'-' | b'/' | b'.' | b' ');
    if !value.bytes().any(joined) {
        return false;
    }
    let parts: Vec<&str> = value.split(['-', '/', '.', ' ']).collect();
    let figures = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let long = parts.iter().any(|part| part.len() == 4) || value.contains('/');
    let named = parts.len() > 1
        && parts.iter().any(|part| {
            let start = part.get(..3).map(str::to_ascii_lowercase);
            start.is_some_and(|start| MONTHS.contains(&start.as_str()))
                && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        })
        && parts.iter().filter(|part| figures(part)).count() + 1 == parts.len();
    named || long && parts.len() == 3 && parts.iter().all(|part| figures(part)) && is_date(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(value: &str, sign: Sign) -> Option<&str> {
        value_end(value, 0, sign).map(|end| &value[..end])
    }

    #[test]
    fn a_value_ends_with_its_last_group() {
        assert_eq!(end("00-12-34, seen", Sign::Mark), Some("00-12-34"));
        assert_eq!(end("0012 3456 78 was", Sign::Mark), Some("0012 3456 78"));
        assert_eq!(end("CLM-2024-00183.", Sign::None), Some("CLM-2024-00183"));
        assert_eq!(end("1234 45-year-old", Sign::Mark), Some("1234"));
        assert_eq!(
            end("550e8400-e29b-41d4-a716-446655440000", Sign::Mark),
            Some("550e8400-e29b-41d4-a716-446655440000")
        );
    }

    #[test]
    fn words_doses_dates_and_times_are_no_values() {
        for text in [
            "pending",
            "3",
            "500 mg",
            "500mg",
            "01/15/2024",
            "2024-01-15",
            "15-Jan-2024",
            "14:35",
            "3.52",
            "2019",
            "report2024",
            "12345@example.org",
            "90%",
        ] {
            assert_eq!(end(text, Sign::Mark), None, "{text}");
        }
        for text in ["4521", "312 was"] {
            assert_eq!(end(text, Sign::None), None, "{text}");
        }
    }
}
