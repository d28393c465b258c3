//! Another address of the same form: other figures and other words, the same kinds of street, unit and box.

use super::lists::PLACES;
use crate::pii::keyed::{Draws, Pseudonyms};
use crate::scan::{is_kind, kind_at_end};

/// Words of addresses that name nothing by themselves, besides the kinds of streets and units, in small letters.
const KEPT: &[&str] = &[
    "apo",
    "at",
    "bis",
    "chaussée",
    "corner",
    "cr",
    "dpo",
    "east",
    "fm",
    "fpo",
    "intersection",
    "n",
    "ne",
    "no",
    "north",
    "northeast",
    "northwest",
    "nw",
    "o",
    "p",
    "po",
    "post",
    "psc",
    "quater",
    "rural",
    "se",
    "sn",
    "south",
    "southeast",
    "southwest",
    "sw",
    "w",
    "west",
];

/// A surrogate for an address; `None` where nothing of it changes.
pub(super) fn of(keyed: &Pseudonyms, value: &str, attempt: u8) -> Option<String> {
    let mut draws = keyed.draws("address", "address", value, attempt);
    let mut out = String::with_capacity(value.len() + 16);
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let len = if c.is_ascii_digit() {
            run(rest, |c| c.is_ascii_digit())
        } else if c.is_alphanumeric() {
            run(rest, |c| c.is_alphabetic() || c == '\'')
        } else {
            0
        };
        if len == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let (part, behind) = rest.split_at(len);
        rest = behind;
        if c.is_ascii_digit() {
            rest = number(&mut draws, part, rest, &mut out);
        } else {
            word(&mut draws, part, &mut out);
        }
    }
    (out != value).then_some(out)
}

/// Figures of the same count; behind them the ordinal that they need. Gives what is left of `behind`.
fn number<'a>(draws: &mut Draws, part: &str, behind: &'a str, out: &mut String) -> &'a str {
    let mut picked = String::with_capacity(part.len());
    for place in 0..part.len() {
        picked.push(draws.letter(if place == 0 {
            b"123456789"
        } else {
            b"0123456789"
        }));
    }
    out.push_str(&picked);
    let ordinal = behind.get(..2).filter(|suffix| {
        ["st", "nd", "rd", "th"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(suffix))
            && !behind[2..].starts_with(char::is_alphanumeric)
    });
    let Some(written) = ordinal else {
        return behind;
    };
    let teen = picked.len() > 1 && picked.as_bytes()[picked.len() - 2] == b'1';
    let suffix = match picked.as_bytes().last() {
        Some(b'1') if !teen => "st",
        Some(b'2') if !teen => "nd",
        Some(b'3') if !teen => "rd",
        _ => "th",
    };
    if written.starts_with(|c: char| c.is_ascii_uppercase()) {
        out.push_str(&suffix.to_ascii_uppercase());
    } else {
        out.push_str(suffix);
    }
    &behind[2..]
}

fn word(draws: &mut Draws, part: &str, out: &mut String) {
    let small = part.to_lowercase();
    // Two capitals are a state: 45 CFR 164.514(b)(2)(i)(B) lets it stay.
    let state = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    // `ul.`, `bis`: names are written with a capital.
    let small_word = part.len() < 4 && part == small;
    if state
        || small_word
        || KEPT.contains(&small.as_str())
        || is_kind(part)
        || part.chars().count() == 1
    {
        out.push_str(part);
        return;
    }
    let place = draws.one_of(&PLACES);
    let ending = kind_at_end(part);
    let joined = match ending {
        Some(ending) => format!("{place}{ending}"),
        None => place.to_owned(),
    };
    let capitals = part.chars().count() > 1 && part.chars().all(|c| !c.is_lowercase());
    if capitals {
        out.push_str(&joined.to_uppercase());
    } else if part.starts_with(char::is_lowercase) {
        out.push_str(&joined.to_lowercase());
    } else {
        out.push_str(&joined);
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
