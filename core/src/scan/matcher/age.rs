//! Ages in figures and in words, around the word that says what they are: `92-year-old`, `ninety-two years of age`, `92 y/o`.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end, run_start, starts_token};

/// What follows `year` or `years`.
const OLD: &[&str] = &[" old", "-old", " of age"];
/// Ages of which each has a word of its own, and the words that follow `ninety` or `hundred`.
const TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const ONES: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// The age before `unit`, which is `year`, `years`, `yr`, `y/o` or the like, if it is at least `least`.
pub(super) fn before(text: &str, unit: &Range<usize>, least: u32) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let alone = |end: usize| !bytes.get(end).copied().is_some_and(is_word);
    let word = &bytes[unit.clone()];
    let spelt = word[0].eq_ignore_ascii_case(&b'y')
        && !word.contains(&b'/')
        && !word.contains(&b'.')
        && word.len() > 2
        || word.eq_ignore_ascii_case(b"yr");
    if spelt {
        let dot = usize::from(bytes.get(unit.end) == Some(&b'.'));
        let behind = &text[unit.end + dot..];
        let old = OLD.iter().find(|old| {
            behind
                .get(..old.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(old))
        })?;
        if !alone(unit.end + dot + old.len()) {
            return None;
        }
    } else if !alone(unit.end) {
        return None;
    }
    let end = run_start(bytes, unit.start, 1, |byte| matches!(byte, b' ' | b'-'));
    in_figures(bytes, end, least).or_else(|| in_words(text, end, least))
}

fn in_figures(bytes: &[u8], end: usize, least: u32) -> Option<Range<usize>> {
    let start = run_start(bytes, end, 4, |byte| byte.is_ascii_digit());
    let value = std::str::from_utf8(&bytes[start..end])
        .ok()?
        .parse::<u32>()
        .ok()?;
    let clean = match &bytes[..start] {
        [.., digit, b'.' | b',' | b'/' | b'-'] => !digit.is_ascii_digit(),
        [.., before] => !is_word(*before) && !matches!(before, b'<' | b'>' | b'~'),
        [] => true,
    };
    (clean && (least..=125).contains(&value) && end - start <= 3).then_some(start..end)
}

/// `ninety-two`, `one hundred and three`.
fn in_words(text: &str, end: usize, least: u32) -> Option<Range<usize>> {
    let mut start = end;
    let mut best = None;
    for _ in 0..4 {
        let from = run_start(text.as_bytes(), start, 10, |byte| {
            byte.is_ascii_alphabetic()
        });
        let word = text[from..start].to_ascii_lowercase();
        let place = |list: &[&str]| list.iter().position(|known| *known == word);
        let tens = place(TENS)
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at * 10 + 20);
        if let Some(tens) = tens {
            if tens + 9 >= least && (best.is_some() || tens >= least || start < end) {
                best = Some(from..end);
            }
        } else if word == "hundred" {
            best = Some(from..end);
        } else if word == "a" || place(ONES).is_some() && best.is_some() {
            if let Some(range) = &best
                && text[range.start..]
                    .to_ascii_lowercase()
                    .starts_with("hundred")
            {
                best = Some(from..end);
            }
            break;
        } else if let Some(ones) = place(ONES) {
            if u32::try_from(ones).is_ok_and(|ones| ones + 1 >= least) {
                best = Some(from..end);
            }
        } else if word != "and" {
            break;
        }
        if from == 0 || !matches!(text.as_bytes()[from - 1], b' ' | b'-') {
            break;
        }
        start = from - 1;
    }
    best.filter(|range| {
        starts_token(text.as_bytes(), range.start)
            && run_end(text.as_bytes(), range.end, 1, is_word) == range.end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(text: &'t str, unit: &str, least: u32) -> Option<&'t str> {
        let at = text.find(unit)?;
        before(text, &(at..at + unit.len()), least).map(|span| &text[span])
    }

    #[test]
    fn ages_are_read_in_figures_and_in_words() {
        assert_eq!(found("a 92-year-old", "year", 90), Some("92"));
        assert_eq!(found("is 101 years old", "years", 90), Some("101"));
        assert_eq!(found("a 95 y/o", "y/o", 90), Some("95"));
        assert_eq!(
            found("a ninety-two year old", "year", 90),
            Some("ninety-two")
        );
        assert_eq!(
            found("one hundred and three years old", "years", 90),
            Some("one hundred and three")
        );
        assert_eq!(found("a 45-year-old", "year", 1), Some("45"));
        assert_eq!(found("fifty years old", "years", 1), Some("fifty"));
    }

    #[test]
    fn times_and_lower_ages_are_no_ages_over_89() {
        assert_eq!(found("95 years ago", "years", 90), None);
        assert_eq!(found("a 89-year-old", "year", 90), None);
        assert_eq!(found("eighty-nine years old", "years", 90), None);
        assert_eq!(found("1.92 years old", "years", 90), None);
    }
}
