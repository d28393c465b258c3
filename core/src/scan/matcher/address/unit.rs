//! The part of a building behind a street: `Apt. 4B`, `#12`, `3rd Floor`, `2. tv`, `3º B`, `Rear`.

use super::tables::{BARE_UNITS, SURE_UNITS, UNITS};
use super::words::word;
use crate::scan::boundary::{ends_word, run_end, starts_token};

/// The longest number of a unit, in bytes.
const LONGEST: usize = 7;

/// What was read of units.
pub(super) struct Units {
    pub(super) end: usize,
    /// Whether one of them tells an address by itself.
    pub(super) sure: bool,
}

/// Reads up to three units behind `end`.
pub(super) fn read(text: &str, end: usize) -> Units {
    let mut units = Units { end, sure: false };
    for _ in 0..3 {
        let at = run_end(text.as_bytes(), units.end, 8, |byte| {
            matches!(byte, b' ' | b',' | b'\n' | b'\r' | b'\t')
        });
        if at == units.end {
            break;
        }
        let lines = text[units.end..at].contains('\n');
        match numbered(text, at)
            .or_else(|| level(text, at))
            .or_else(|| alone(text, at, lines))
        {
            Some((end, sure)) => {
                units.end = end;
                units.sure |= sure;
            }
            None => break,
        }
    }
    units
}

/// `Apt. 4B`, `Unit 2/14`, `#12`, `apto 45`.
fn numbered(text: &str, at: usize) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let sign = bytes.get(at) == Some(&b'#');
    let name = if sign { "#" } else { word(text, at) };
    if !sign && !UNITS.has(name) {
        return None;
    }
    let from = run_end(bytes, at + name.len(), 4, |byte| {
        matches!(byte, b' ' | b'.' | b'#' | b':')
    });
    if from == at + name.len() && !sign {
        return None;
    }
    let end = number(bytes, from)?;
    Some((end, sign || SURE_UNITS.has(name)))
}

/// The end of the number of a unit, which has a digit or is one letter.
fn number(bytes: &[u8], from: usize) -> Option<usize> {
    let end = run_end(bytes, from, LONGEST + 1, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/')
    });
    let value = &bytes[from..end];
    let fits = value.len() <= LONGEST
        && (value.iter().any(u8::is_ascii_digit)
            || value.len() == 1 && value[0].is_ascii_uppercase());
    (fits && ends_word(bytes, end)).then_some(end)
}

/// `3rd Floor`, `20th Fl`, `2. tv`, `3º B`, `4º izda.`
fn level(text: &str, at: usize) -> Option<(usize, bool)> {
    const SIDES: &[&str] = &[
        "floor", "fl", "flr", "piso", "étage", "tv", "th", "mf", "sal", "izda", "izq", "dcha",
        "og", "stock", "kerros", "krs",
    ];
    let bytes = text.as_bytes();
    let digits = run_end(bytes, at, 3, |byte| byte.is_ascii_digit());
    if digits == at || digits - at > 2 {
        return None;
    }
    let mark = ["st", "nd", "rd", "th", "º", "ª", "°", "."]
        .into_iter()
        .find(|mark| text[digits..].starts_with(mark))?;
    let from = run_end(bytes, digits + mark.len(), 2, |byte| {
        matches!(byte, b' ' | b',')
    });
    let side = word(text, from);
    let lower = side.to_lowercase();
    let sided = SIDES.contains(&lower.as_str());
    let lettered = side.len() == 1 && side.starts_with(|c: char| c.is_ascii_uppercase());
    if sided || lettered && !mark.is_ascii() {
        let end = from + side.len();
        // `izda.` before a comma is an abbreviation.
        let dot = usize::from(text[end..].starts_with(".,"));
        return Some((end + dot, !mark.is_ascii()));
    }
    (!mark.is_ascii()).then_some((digits + mark.len(), false))
}

/// `Rear`, `PH`, `Lobby`, where nothing but the end of a clause follows.
fn alone(text: &str, at: usize, lines: bool) -> Option<(usize, bool)> {
    let name = word(text, at);
    let end = at + name.len();
    let closed = matches!(
        text.as_bytes().get(end),
        None | Some(b',' | b'.' | b'\n' | b')')
    );
    let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
    (!lines && closed && capital && BARE_UNITS.has(name)).then_some((end, false))
}

/// Where `Flat 3, ` or `Unit ` begins that ends at `start`; `start` where there is none.
pub(super) fn before(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(name_end) = start.checked_sub(1).filter(|&at| bytes[at] == b' ') else {
        return start;
    };
    let name = super::words::word_before(text, name_end);
    let at = name_end - usize::from(bytes[..name_end].ends_with(b".")) - name.len();
    if UNITS.has(name)
        && starts_token(bytes, at)
        && name.starts_with(|c: char| c.is_ascii_uppercase())
    {
        at
    } else {
        start
    }
}
