//! Street addresses around a house number, from the street to the country: `221B Baker Street, Apt 4, Springfield, IL
//! 62704`, `Musterstraße 12, 10115 Berlin`, `12 bis, rue de la Paix, 75002 Paris`.

mod behind;
mod place;
mod post_box;
pub(in crate::scan) mod postal;
mod street;
mod tables;
mod unit;
mod words;

use crate::scan::boundary::run_end;
use crate::scan::confirm::{Attempt, Value};
use crate::scan::matcher::Number;
use crate::scan::matcher::word_list::Asked;

pub(super) use post_box::attempt as post_box;
use street::Sureness;
use tables::{
    BEHIND, COUNTRIES, CUES, DOUBTFUL_ENDINGS, ENDINGS, LEADS, NOT_STREETS, SMALL, STREETS, UNITS,
};
use words::{is_proper, short_number, word, word_before};

/// The most digits of a house number.
const MAX_DIGITS: usize = 5;
/// Words before the name of a street that are written in small letters behind a house number, as French ones are.
const LOWER_LEADS: &[&str] = &[
    "allée",
    "allee",
    "av",
    "bd ",
    "boulevard",
    "chemin",
    "cours ",
    "faubourg",
    "impasse",
    "passage",
    "place ",
    "quai",
    "route",
    "rue ",
    "ruelle",
    "sentier",
    "square",
    "calle ",
    "rua ",
];
/// How far before an address a word may stand that announces it, in bytes.
const CUE: usize = 56;

/// Whether a word of an address says what a street, a unit or a place is rather than what it is called.
pub(crate) fn is_kind(word: &str) -> bool {
    [STREETS, LEADS, BEHIND, UNITS, SMALL]
        .iter()
        .any(|kinds| kinds.has(word))
}

/// The ending that says that one word is a street: the `gracht` of `Keizersgracht`.
pub(crate) fn kind_at_end(word: &str) -> Option<&'static str> {
    let small = word.to_lowercase();
    let ends = |ending: &&str| small.len() > ending.len() + 2 && small.ends_with(ending);
    ENDINGS
        .iter()
        .chain(DOUBTFUL_ENDINGS.iter())
        .filter(ends)
        .max_by_key(|ending| ending.len())
}

/// The address around the number, which is that of a house or behind the name of a street.
pub(super) fn attempt(text: &str, number: &Number<'_>) -> Attempt {
    let bytes = text.as_bytes();
    let (start, digits) = (number.start(), number.first_end());
    let nothing = Attempt::nothing(digits, 2);
    // What stands before it has been looked at: see `Opening`.
    if digits - start > MAX_DIGITS {
        return nothing;
    }
    let behind_name = behind::may_be(bytes, start);
    if !behind_name && !may_go_on(bytes, start, digits) {
        return nothing;
    }
    let Some(house) = house_end(bytes, start) else {
        return nothing;
    };
    // `Mariahilfer Straße 87/2/14` has a staircase and a door; most such numbers are dates.
    let dated = number.joints[..2] == *b"//";
    let before = if behind_name {
        behind::read(text, start).filter(|before| !dated || before.sureness == Sureness::Sure)
    } else {
        None
    };
    let names = !dated && may_name(bytes, start, house);
    if before.is_none() && !names {
        return nothing;
    }
    let least = |least: Sureness| {
        before
            .as_ref()
            .filter(|before| (before.sureness > Sureness::Name) == (least > Sureness::Name))
    };
    let found = least(Sureness::Likely)
        .and_then(|before| behind_street(text, before, house))
        .or_else(|| names.then(|| before_street(text, start, house)).flatten())
        .or_else(|| least(Sureness::Name).and_then(|before| behind_street(text, before, house)));
    match found {
        Some(span) => {
            let read = span.len();
            Attempt::found(Value::bare(span), read)
        }
        None => Attempt::nothing(digits, 24),
    }
}

/// Whether what follows the digits at `start..digits` can be the rest of a house number or the name of a street, at first sight.
fn may_go_on(bytes: &[u8], start: usize, digits: usize) -> bool {
    match &bytes[digits..] {
        // Only ` bis`, ` ter` and ` quater` belong to the number.
        [b' ', b'a' | b'c'..=b'p' | b'r' | b's' | b'u'..=b'z', ..] | [b',', ..] => {
            may_name(bytes, start, digits)
        }
        [next, ..] => next.is_ascii_alphabetic() || matches!(next, b' ' | b'-' | b'/'),
        [] => false,
    }
}

/// Whether the first byte behind a house number lets a street follow. Most numbers of a clinical note end here.
fn may_name(bytes: &[u8], start: usize, house: usize) -> bool {
    let comma = usize::from(bytes.get(house) == Some(&b','));
    if bytes.get(house + comma) != Some(&b' ') {
        return false;
    }
    match bytes.get(house + comma + 1) {
        Some(b'a'..=b'z') => {
            let name = &bytes[house + comma + 1..];
            let lead = matches!(name[0], b'a'..=b'c' | b'f' | b'i' | b'p'..=b's');
            lead && LOWER_LEADS
                .iter()
                .any(|lead| name.starts_with(lead.as_bytes()))
                || may_be_loose(bytes, start)
        }
        Some(byte) => byte.is_ascii_alphanumeric() || *byte >= 0x80,
        None => false,
    }
}

/// Five digits right behind the name of a country: `Denmark 15838`.
pub(super) fn code_behind_country(text: &str, number: &Number<'_>) -> Option<Span> {
    let (start, end) = (number.start(), number.first_end());
    let bytes = text.as_bytes();
    if end - start != 5 || !bytes[..start].ends_with(b" ") {
        return None;
    }
    let code = postal::read(bytes, start)?;
    let mut from = start - 1;
    for _ in 0..4 {
        // No name of a country ends in a full stop.
        if bytes[..from].ends_with(b".") {
            break;
        }
        from -= word_before(text, from).len();
        if COUNTRIES.has(&text[from..start - 1]) {
            return Some(start..code.end);
        }
        if !bytes[..from].ends_with(b" ") {
            break;
        }
        from -= 1;
    }
    None
}

/// The end of a house number: `221B`, `12-14`, `2/45`, `1-7-1`, `12 bis`, `12 1/2`.
fn house_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = short_number(bytes, start, MAX_DIGITS).or_else(|| joined(bytes, start))?;
    for _ in 0..2 {
        match bytes.get(end) {
            Some(b'-' | b'/') => {}
            _ => break,
        }
        let next = end + 1;
        let lone = bytes.get(next).is_some_and(u8::is_ascii_uppercase)
            && !bytes.get(next + 1).is_some_and(u8::is_ascii_alphanumeric);
        end = if lone {
            next + 1
        } else {
            short_number(bytes, next, 4).or_else(|| joined(bytes, next))?
        };
    }
    if !matches!(
        bytes.get(end..),
        Some([b'b' | b't', ..] | [b' ', b'b' | b't' | b'q' | b'1' | b'A'..=b'Z' | 0xC2, ..])
    ) {
        return Some(end);
    }
    let behind = |suffix: &[u8]| {
        let stop = end + suffix.len();
        (bytes.get(end..stop) == Some(suffix)
            && !bytes.get(stop).is_some_and(u8::is_ascii_alphanumeric))
        .then_some(stop)
    };
    let suffixed = [
        &b" bis"[..],
        b" ter",
        b" quater",
        b" 1/2",
        " ½".as_bytes(),
        b"bis",
        b"ter",
    ]
    .iter()
    .find_map(|suffix| behind(suffix));
    Some(suffixed.unwrap_or_else(|| staircase(bytes, end)))
}

/// The end of the ` A 4` of `Mannerheimintie 80 A 4`, or `end`.
fn staircase(bytes: &[u8], end: usize) -> usize {
    match bytes.get(end..end + 4) {
        Some([b' ', letter, b' ', digit])
            if letter.is_ascii_uppercase() && digit.is_ascii_digit() =>
        {
            short_number(bytes, end + 3, 3).unwrap_or(end)
        }
        _ => end,
    }
}

/// The end of digits that a hyphen or a slash joins to others.
fn joined(bytes: &[u8], start: usize) -> Option<usize> {
    let end = run_end(bytes, start, MAX_DIGITS, |byte| byte.is_ascii_digit());
    (end > start && matches!(bytes.get(end), Some(b'-' | b'/'))).then_some(end)
}

type Span = std::ops::Range<usize>;

/// The house number that ends at `house` stands behind its street.
fn behind_street(text: &str, before: &behind::Before, house: usize) -> Option<Span> {
    let parted = text[house..].starts_with([',', '\n']);
    // `Unter den Linden 77, 10117 Berlin`; anything else with a capital and a number needs a word for it.
    let named = before.sureness == Sureness::Name;
    let told = named && announced(text, before.start);
    if named && !told && !parted {
        return None;
    }
    let units = units_behind(text, house);
    let tail = place::read(text, units.end);
    let tells = match before.sureness {
        Sureness::Sure => true,
        Sureness::Likely => units.sure || tail.tells() || announced(text, before.start),
        Sureness::Name => {
            let coded = text[house..tail.end]
                .strip_prefix([',', '\n'])
                .is_some_and(|code| is_code(code.trim_start().as_bytes()));
            tail.postal && (coded || told)
        }
    };
    tells.then_some(before.start..tail.end)
}

/// Four digits or more that are no year of these times.
fn is_code(code: &[u8]) -> bool {
    let digits = run_end(code, 0, 8, |byte| byte.is_ascii_digit());
    digits > 4
        || digits == 4 && !code.starts_with(b"19") && !code.starts_with(b"20")
        || code.get(4) == Some(&b'-')
}

/// Whether a number, or the first of two, may be a year of these times.
fn is_year(number: &[u8]) -> bool {
    let digits = run_end(number, 0, 5, |byte| byte.is_ascii_digit());
    digits == 4 && matches!(number, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..])
}

/// The number at `start..house` stands before its street.
fn before_street(text: &str, start: usize, house: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let comma = usize::from(bytes.get(house) == Some(&b','));
    if bytes.get(house + comma) != Some(&b' ') {
        return None;
    }
    let mut at = house + comma + 1;
    let mut numbers = 1;
    if bytes.get(at).is_some_and(u8::is_ascii_digit)
        && let Some(second) = house_end(bytes, at)
        && !is_proper(word(text, at))
    {
        if bytes.get(second) != Some(&b' ') {
            return None;
        }
        at = second + 1;
        numbers = 2;
    }
    let first = word(text, at);
    let asked = Asked::of(first);
    // Numbers stand behind the Italian `via`: before it stands the English one.
    if first.is_empty() || asked.is_in(NOT_STREETS) || first == "via" {
        return None;
    }
    let proper = is_proper(first);
    let loose = !proper && !asked.is_in(LEADS);
    let short = || first.len() < 3 || asked.is_in(SMALL);
    if loose && (comma == 1 || short() || !may_be_loose(bytes, start)) {
        return None;
    }
    let street = street::read(text, at, loose)?;
    let units = units_behind(text, street.end);
    let tail = place::read(text, units.end);
    let tells = match street.sureness {
        Sureness::Sure => true,
        Sureness::Likely => {
            let sure = units.sure || tail.tells();
            // `lived there from 1802 until 1804`
            let plain = !bytes[start..house].contains(&b'/') && !is_year(&bytes[start..house]);
            sure || comma == 0 && plain && announced(text, start)
        }
        Sureness::Name => {
            // `NSABP B-39, CALGB 100104` are no streets.
            let own = text[street.end..].starts_with([',', '\n'])
                && text[at..street.end].contains(char::is_lowercase);
            let sure = units.sure && (numbers == 2 || tail.tells());
            !loose && (sure || tail.postal && (tail.region || own) || tail.tells() && numbers == 2)
                || loose && sure
        }
    };
    tells.then(|| unit::before(text, start)..tail.end)
}

/// The units behind a street, whose house number may have a full stop: `útja 45. apt. 6`.
fn units_behind(text: &str, end: usize) -> unit::Units {
    if text[end..].starts_with('.') {
        let units = unit::read(text, end + 1);
        if units.sure {
            return units;
        }
    }
    unit::read(text, end)
}

/// Whether words in small letters behind the number at `start` can be the name of a street: on a line of its own, or behind a
/// word such as `at`.
fn may_be_loose(bytes: &[u8], start: usize) -> bool {
    let before = bytes[..start].trim_ascii_end();
    let line = bytes[before.len()..start].contains(&b'\n');
    line || before.is_empty()
        || before.ends_with(b":")
        || matches!(before, [.., b'e' | b'h' | b'm' | b'n' | b'o' | b's' | b't'])
            && [
                &b"address"[..],
                b" are",
                b" at",
                b" from",
                b" in",
                b" is",
                b" on",
                b" to",
                b" with",
            ]
            .iter()
            .any(|word| before.ends_with(word))
}

/// Whether a word such as `address` or `lives` stands shortly before `start`, on the last line before it that is not blank.
fn announced(text: &str, start: usize) -> bool {
    let from = text.ceil_char_boundary(start.saturating_sub(CUE));
    let before = text[from..start].trim_end();
    let line = before.rsplit('\n').next().unwrap_or(before);
    if line.is_ascii() {
        let mut words = line.as_bytes().split(|byte| !byte.is_ascii_alphabetic());
        words.any(|word| word.len() > 3 && CUES.has_bytes(word))
    } else {
        let mut words = line.split(|c: char| !c.is_alphabetic());
        words.any(|word| word.len() > 3 && CUES.has(word))
    }
}
