//! Street addresses behind a house number: `221B Baker Street, Apt 4, Springfield, IL 62704-1234`.

use std::ops::Range;

use crate::scan::boundary::{ends_word, run_end, run_start, starts_token};
use crate::scan::check::STATES;
use crate::scan::confirm::{Attempt, Value};
use crate::scan::matcher::Number;
use crate::scan::rule::Rule;

/// The most words between a house number and the word that says what kind of street it is.
const MAX_WORDS: usize = 5;
/// What stands before the number of a part of a building.
const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "suite",
    "ste",
    "unit",
    "room",
    "rm",
    "floor",
    "fl",
    "bldg",
    "building",
    "lot",
    "#",
];

/// `rule.except_names` lists the words for kinds of streets.
pub(super) fn attempt(rule: &Rule, text: &str, number: &Number<'_>) -> Attempt {
    let bytes = text.as_bytes();
    let (start, digits) = (number.start(), number.first_end());
    let mut at = digits;
    // `221B`, `12-14`, `12 1/2` are house numbers too.
    if bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        at += 1;
    }
    let spaced = bytes.get(at) == Some(&b' ');
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    if digits - start > 6
        || !spaced
        || !(next.is_ascii_alphanumeric() || next >= 0x80)
        || !starts_token(bytes, start)
    {
        return Attempt::nothing(digits, 2);
    }
    match street_end(rule, text, at + 1) {
        Some(street) => {
            let end = place_end(text, unit_end(text, street));
            Attempt::found(Value::bare(start..end), end - start)
        }
        None => Attempt::nothing(digits, 64),
    }
}

/// The number behind the name of a street that says in its last letters that it is one: `Ziegelgasse 26`, `Nassaustraat 123b`.
///
/// `rule.except_names` lists such endings.
pub(super) fn behind_street(rule: &Rule, text: &str, number: &Number<'_>) -> Option<Range<usize>> {
    /// The longest name, in bytes, and the shortest.
    const NAME: std::ops::RangeInclusive<usize> = 6..=40;
    let bytes = text.as_bytes();
    let (start, digits) = (number.start(), number.first_end());
    if digits - start > 4 || !bytes[..start].ends_with(b" ") {
        return None;
    }
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'-' || byte >= 0x80;
    let from = run_start(bytes, start - 1, *NAME.end(), letter);
    let name = text.get(from..start - 1)?;
    if !NAME.contains(&name.len()) || !name.starts_with(char::is_uppercase) {
        return None;
    }
    let lower = name.to_lowercase();
    let ends = |ending: &String| lower.len() > ending.len() && lower.ends_with(ending.as_str());
    let street = rule
        .lists
        .except_names
        .iter()
        .any(|list| list.iter().any(ends));
    let lettered = run_end(bytes, digits, 1, |byte| byte.is_ascii_lowercase());
    let whole = ends_word(bytes, lettered) && starts_token(bytes, from);
    (street && whole).then_some(from..lettered)
}

/// The word at `at`, letters and digits with inner marks, without what ends a clause.
fn word(text: &str, at: usize) -> &str {
    let rest = &text[at..text.floor_char_boundary(at + 32)];
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '-')))
        .unwrap_or(rest.len());
    &rest[..end]
}

/// The words that a street's name may have in small letters.
const SMALL_WORDS: &[&str] = &[
    "and", "da", "de", "del", "des", "di", "do", "du", "la", "las", "le", "los", "of", "the",
    "van", "von",
];

/// The end of the street: one to five words, capitalised or ordinals but for small ones, and a word for a street. A word
/// in small letters ends the attempt, so that `40 mg IV now. Call Dr.` is a dose.
fn street_end(rule: &Rule, text: &str, mut at: usize) -> Option<usize> {
    let mut named = false;
    let mut best = None;
    for place in 0..=MAX_WORDS {
        let word = word(text, at);
        let Some(first) = word.chars().next() else {
            break;
        };
        let end = at + word.len();
        let capital = first.is_uppercase();
        // Abbreviations such as `St` and `Dr` are capitalised where they are meant.
        if place > 0
            && named
            && (capital || word.len() > 4)
            && Rule::lists_have(&rule.lists.except_names, word)
        {
            best = Some(end + usize::from(text[end..].starts_with('.') && word.len() <= 4));
        }
        let proper = capital || first.is_ascii_digit() && word.ends_with(['t', 'd', 'h']);
        if !proper && !SMALL_WORDS.contains(&word) {
            break;
        }
        named |= proper;
        let dot = usize::from(text[end..].starts_with(". ") && word.len() <= 2);
        if !text[end + dot..].starts_with(' ') {
            break;
        }
        at = end + dot + 1;
    }
    best
}

/// The end of ` NW`, `, Apt 4B`, ` #12`.
fn unit_end(text: &str, mut end: usize) -> usize {
    for _ in 0..2 {
        let gap = if text[end..].starts_with(", ") {
            2
        } else {
            usize::from(text[end..].starts_with([' ', ',']))
        };
        let at = end + gap;
        if gap == 0 {
            break;
        }
        let compass = word(text, at);
        if matches!(compass, "N" | "S" | "E" | "W" | "NE" | "NW" | "SE" | "SW") {
            end = at + compass.len();
            continue;
        }
        let name = if text[at..].starts_with('#') {
            "#"
        } else {
            compass
        };
        if !UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(name)) {
            break;
        }
        let from = run_end(text.as_bytes(), at + name.len(), 3, |byte| {
            matches!(byte, b' ' | b'.' | b'#')
        });
        let value = word(text, from);
        if value.is_empty() || value.len() > 6 {
            break;
        }
        end = from + value.len();
    }
    end
}

/// The end of `, Springfield, IL 62704`: a city only with its state, a ZIP code only with either.
fn place_end(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let gap = run_end(bytes, end, 4, |byte| {
        matches!(byte, b',' | b' ' | b'\n' | b'\r')
    });
    if gap == end {
        return end;
    }
    let mut at = gap;
    for place in 0..4 {
        let word = word(text, at);
        if place > 0 || !text[end..gap].is_empty() {
            let known = word.len() == 2 && STATES.split(' ').any(|state| state == word);
            if known {
                return zip_end(bytes, at + word.len());
            }
        }
        if !word.starts_with(char::is_uppercase) {
            break;
        }
        let after = at + word.len();
        let joint = run_end(bytes, after, 2, |byte| matches!(byte, b',' | b' ' | b'.'));
        if joint == after {
            break;
        }
        at = joint;
    }
    end
}

/// The end of a ZIP code behind a state, or the end of the state.
fn zip_end(bytes: &[u8], state: usize) -> usize {
    let from = run_end(bytes, state, 3, |byte| matches!(byte, b' ' | b','));
    let five = run_end(bytes, from, 6, |byte| byte.is_ascii_digit());
    if from == state || five - from != 5 {
        return state;
    }
    let four = if bytes.get(five) == Some(&b'-') {
        run_end(bytes, five + 1, 5, |byte| byte.is_ascii_digit())
    } else {
        five
    };
    if four - five == 5 { four } else { five }
}
