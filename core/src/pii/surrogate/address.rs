//! Another address of the same form: other figures and other words, the same kinds of street, unit and box.

use super::lists::PLACES;
use crate::pii::keyed::{Draws, Pseudonyms};

/// Words of addresses that name nothing by themselves, in small letters and without stops.
const KEPT: &[&str] = &[
    "alley",
    "aly",
    "and",
    "apartment",
    "apo",
    "apt",
    "apto",
    "at",
    "ave",
    "avenida",
    "avenue",
    "bd",
    "bis",
    "bldg",
    "bloco",
    "blvd",
    "boulevard",
    "box",
    "building",
    "calle",
    "chaussée",
    "cir",
    "circle",
    "close",
    "corner",
    "corso",
    "court",
    "cr",
    "crescent",
    "crossing",
    "ct",
    "das",
    "de",
    "degli",
    "dei",
    "del",
    "della",
    "der",
    "des",
    "di",
    "dos",
    "dpo",
    "dr",
    "drive",
    "du",
    "e",
    "east",
    "expressway",
    "expy",
    "fl",
    "flat",
    "floor",
    "fm",
    "fpo",
    "freeway",
    "gasse",
    "highway",
    "hwy",
    "interno",
    "intersection",
    "la",
    "lane",
    "las",
    "le",
    "les",
    "ln",
    "los",
    "lot",
    "n",
    "ne",
    "no",
    "north",
    "northeast",
    "northwest",
    "nw",
    "o",
    "of",
    "office",
    "p",
    "parkway",
    "piazza",
    "pike",
    "piso",
    "pkwy",
    "pl",
    "place",
    "plaza",
    "plz",
    "po",
    "post",
    "praça",
    "psc",
    "quater",
    "rd",
    "rm",
    "road",
    "room",
    "route",
    "row",
    "rte",
    "rua",
    "rue",
    "rural",
    "s",
    "se",
    "sn",
    "south",
    "southeast",
    "southwest",
    "sq",
    "square",
    "st",
    "ste",
    "stop",
    "straat",
    "strasse",
    "straße",
    "street",
    "suite",
    "sw",
    "ter",
    "terrace",
    "the",
    "trail",
    "trl",
    "turnpike",
    "und",
    "unit",
    "van",
    "via",
    "von",
    "w",
    "way",
    "weg",
    "west",
    "zum",
    "zur",
];
/// Endings by which a street is known whose name is one word.
const ENDINGS: &[&str] = &[
    "strasse", "straße", "str", "weg", "gasse", "platz", "allee", "straat", "laan", "gatan",
    "vägen", "gata",
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
    if state || small_word || KEPT.contains(&small.as_str()) || part.chars().count() == 1 {
        out.push_str(part);
        return;
    }
    let place = draws.one_of(&PLACES);
    let ending = ENDINGS
        .iter()
        .find(|ending| small.ends_with(*ending) && small.len() > ending.len() + 2);
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
