//! Numbers that need more than their shape: social security numbers, telephone numbers, ages, IBANs.

use crate::pii::keyed::{Draws, Pseudonyms};

/// A social security number of a range that is never given out: area 900 to 999, which the Social Security
/// Administration does not use (20 CFR 422.103; POMS RM 10201.035), with a group below 50, which the Internal Revenue
/// Service does not use for its ITINs. An `issued` one is of a range that is. `None` for a value that has not nine figures.
pub(super) fn ssn(keyed: &Pseudonyms, value: &str, issued: bool, attempt: u8) -> Option<String> {
    let mut draws = keyed.draws("ssn", "ssn", value, attempt);
    if count(value) != 9 {
        return None;
    }
    // Area 666 was never used either.
    let (area, group) = if issued {
        let area = 1 + draws.below(898);
        (area + usize::from(area >= 666), 1 + draws.below(99))
    } else {
        (900 + draws.below(100), 1 + draws.below(49))
    };
    let serial = 1 + draws.below(9999);
    Some(filled(value, &format!("{area:03}{group:02}{serial:04}")))
}

/// A telephone number. Of the North American plan one of those kept for fiction, 555-0100 to 555-0199, in any area; of
/// other countries the country code and the first figures stay and the rest is drawn.
pub(super) fn phone(keyed: &Pseudonyms, value: &str, attempt: u8) -> Option<String> {
    let mut draws = keyed.draws("phone", "phone", value, attempt);
    let figures: String = value.chars().filter(char::is_ascii_digit).collect();
    let foreign = value.trim_start().starts_with('+') && !figures.starts_with('1');
    let (prefix, total) = match figures.len() {
        _ if foreign => (4, figures.len()),
        7 => (0, 7),
        10.. if figures.starts_with('1') && figures.len() > 10 => (1, 11),
        10.. if !figures.starts_with('0') => (0, 10),
        0..=4 => return None,
        _ => (3, figures.len()),
    };
    let mut picked = figures[..prefix.min(figures.len())].to_owned();
    let american = !foreign && matches!((prefix, total), (0, 7 | 10) | (1, 11));
    if american {
        if total > 7 {
            // The second figure of an area code is not 9, and `N11` are services.
            picked.push(draws.letter(b"23456789"));
            picked.push(draws.letter(b"02345678"));
            picked.push(draws.letter(b"0123456789"));
        }
        picked.push_str("55501");
    }
    while picked.len() < figures.len() {
        picked.push(draws.letter(b"0123456789"));
    }
    let written = filled(value, &picked);
    (written != value).then_some(written)
}

/// An age of the same ten years, at most 89.
pub(super) fn age(keyed: &Pseudonyms, value: &str, attempt: u8) -> Option<String> {
    let start = value.find(|c: char| c.is_ascii_digit())?;
    let rest = &value[start..];
    let len = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let years: usize = rest[..len].parse().ok()?;
    let decade = (years / 10 * 10).min(80);
    let mut draws = keyed.draws("age", "age", value, attempt);
    let mut picked = decade + draws.below(10);
    if picked == years {
        picked = decade + (years - decade + 1) % 10;
    }
    Some(format!("{}{picked}{}", &value[..start], &rest[len..]))
}

/// An account number of the same country and shape with right check digits (ISO 13616, ISO/IEC 7064 MOD 97-10). Check
/// digits that a country has inside its own number are not made.
pub(super) fn iban(keyed: &Pseudonyms, value: &str, attempt: u8) -> Option<String> {
    let mut draws = keyed.draws("iban", "iban", value, attempt);
    let plain: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.len() < 8 {
        return None;
    }
    let mut number: Vec<char> = plain.iter().map(char::to_ascii_uppercase).collect();
    for place in &mut number[4..] {
        *place = drawn_like(&mut draws, *place);
    }
    let digits = number[4..].iter().chain(&number[..2]).chain(&['0', '0']);
    let rest = digits.fold(0, |rest, c| match c.to_digit(36) {
        Some(digit @ 10..) => (rest * 100 + digit) % 97,
        digit => (rest * 10 + digit.unwrap_or_default()) % 97,
    });
    let check = format!("{:02}", 98 - rest);
    number.splice(2..4, check.chars());
    let mut picked = number.into_iter();
    let written: String = value
        .chars()
        .map(|c| match c {
            c if !c.is_ascii_alphanumeric() => c,
            c if c.is_ascii_lowercase() => picked.next().unwrap_or(c).to_ascii_lowercase(),
            c => picked.next().unwrap_or(c),
        })
        .collect();
    (written != value).then_some(written)
}

fn drawn_like(draws: &mut Draws, c: char) -> char {
    if c.is_ascii_digit() {
        draws.letter(b"0123456789")
    } else {
        draws.letter(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    }
}

fn count(value: &str) -> usize {
    value.chars().filter(char::is_ascii_digit).count()
}

/// `value` with other figures.
fn filled(value: &str, figures: &str) -> String {
    let mut figures = figures.chars();
    value
        .chars()
        .map(|c| match c {
            c if c.is_ascii_digit() => figures.next().unwrap_or(c),
            c => c,
        })
        .collect()
}
