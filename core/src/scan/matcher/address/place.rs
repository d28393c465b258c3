//! What follows the street: city, state, postal code and country, in any customary order.

use super::postal;
use super::tables::{COUNTRIES, NOT_PLACES, SMALL, STATES_IN_FULL, STATES_IN_SHORT};
use super::words::{is_proper, word};
use crate::scan::boundary::run_end;
use crate::scan::check::STATES;
use crate::scan::matcher::word_list::Asked;

/// The most parts behind a street.
const MAX_PARTS: usize = 7;
/// The longest name of a place that is not capitalised, in bytes.
const MAX_PLACE: usize = 40;

/// What was read behind a street.
#[derive(Default)]
pub(super) struct Tail {
    pub(super) end: usize,
    /// A postal code stands there.
    pub(super) postal: bool,
    /// A state or a country stands there.
    pub(super) region: bool,
}

impl Tail {
    /// Whether it tells an address.
    pub(super) fn tells(&self) -> bool {
        self.postal || self.region
    }
}

/// Reads on from the end of a street.
pub(super) fn read(text: &str, end: usize) -> Tail {
    let bytes = text.as_bytes();
    let mut tail = Tail {
        end,
        ..Tail::default()
    };
    let mut at = end;
    // Whether places have been read that nothing behind them has confirmed yet, and whether the first may stand alone.
    let (mut places, mut lone) = (0, None);
    let mut expects_place = false;
    for part in 0..MAX_PARTS {
        let Some(gap) = gap(text, at) else { break };
        let next = gap.end;
        let parted = gap.comma || gap.lines > 0;
        if let Some(code) = postal::read(bytes, next) {
            let follows = behind_code(text, code.end).is_some();
            let year = bytes[next..].starts_with(b"19") || bytes[next..].starts_with(b"20");
            // Where codes have three figures, they stand before the place.
            let short = code.end - next == 3;
            let sided = follows || places > 0 && !year && !short || tail.region;
            if code.weak && !sided {
                break;
            }
            (tail.end, at, tail.postal) = (code.end, code.end, true);
            expects_place = places == 0;
        } else if let Some(end) = region(text, next, parted || places > 0) {
            (tail.end, at, tail.region) = (end, end, true);
            expects_place = false;
        } else if let Some(end) = bracketed(text, next).filter(|_| places > 0 || tail.tells()) {
            at = end;
            if tail.tells() {
                tail.end = end;
            }
        } else if let Some(end) = place(text, next, gap.lines > 0 || gap.comma) {
            if tail.tells() && !expects_place {
                break;
            }
            at = end;
            if expects_place {
                tail.end = end;
                expects_place = false;
            }
            if part == 0 && gap.comma && closes(text, end) {
                lone = Some(end);
            }
            places += 1;
        } else {
            break;
        }
    }
    if let (Some(end), false) = (lone, tail.tells()) {
        tail.end = end;
    }
    tail
}

/// Space, commas and line feeds between two parts.
struct Gap {
    end: usize,
    comma: bool,
    lines: usize,
}

fn gap(text: &str, at: usize) -> Option<Gap> {
    let bytes = text.as_bytes();
    let blank = |byte: u8| matches!(byte, b',' | b' ' | b'\n' | b'\r' | b'\t');
    let mut end = run_end(bytes, at, 16, blank);
    // `São Paulo - SP`, `Beyoğlu/İstanbul`.
    if text[end..].starts_with("- ") || text[end..].starts_with('/') && end == at {
        end = run_end(bytes, end + 1, 2, |byte| byte == b' ');
    }
    let between = &bytes[at..end];
    let lines = text[at..end].matches('\n').count();
    let dotted = usize::from(bytes.get(at) == Some(&b'.') && bytes.get(at + 1) == Some(&b'\n'));
    if dotted == 1 {
        return None;
    }
    (end > at && lines <= 2).then(|| Gap {
        end,
        comma: between
            .iter()
            .any(|byte| matches!(byte, b',' | b'-' | b'/')),
        lines,
    })
}

/// A place right behind a postal code: ` Berlin`.
fn behind_code(text: &str, end: usize) -> Option<usize> {
    let at = end + 1;
    (text[end..].starts_with(' ') && is_proper(word(text, at)))
        .then(|| place(text, at, false))
        .flatten()
}

/// The end of a state or a country at `at`. The short name of a state needs something before it that `parts` it from a street.
fn region(text: &str, at: usize, parted: bool) -> Option<usize> {
    if !parted {
        return None;
    }
    let short = word(text, at);
    let end = at + short.len();
    if matches!(short.len(), 2 | 3)
        && short.bytes().all(|byte| byte.is_ascii_uppercase())
        && (STATES_IN_SHORT.has(short) || STATES.split(' ').any(|state| state == short))
    {
        return Some(end);
    }
    if !COUNTRIES.may_begin(short) && !STATES_IN_FULL.may_begin(short) {
        return None;
    }
    // Longer names first: `Guinea-Bissau` is one word, `New South Wales` three.
    let mut ends = [0; 5];
    let mut count = 0;
    let mut from = at;
    while count < ends.len() {
        let word = word(text, from);
        if word.is_empty() {
            break;
        }
        ends[count] = from + word.len();
        from = ends[count] + 1;
        count += 1;
        if !text[from - 1..].starts_with(' ') {
            break;
        }
    }
    ends[..count].iter().rev().copied().find(|&end| {
        let name = &text[at..end];
        COUNTRIES.has(name) || STATES_IN_FULL.has(name)
    })
}

/// `(TO)`, `(Québec)`.
fn bracketed(text: &str, at: usize) -> Option<usize> {
    let inside = text.get(at..)?.strip_prefix('(')?;
    let name = inside.split(')').next().filter(|name| name.len() <= 24)?;
    let letters = !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == ' ');
    (letters && inside.len() > name.len() && is_proper(name)).then_some(at + name.len() + 2)
}

/// The end of the name of a place: up to five capitalised words. In a part of its own it may be in small letters.
fn place(text: &str, at: usize, own: bool) -> Option<usize> {
    let first = word(text, at);
    let asked = Asked::of(first);
    if first.is_empty()
        || asked.is_in(NOT_PLACES)
        || first.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let capital = is_proper(first);
    if !capital && !asked.is_in(SMALL) {
        return own.then(|| uncapitalised(text, at)).flatten();
    }
    let bytes = text.as_bytes();
    let mut end = at + first.len();
    let mut proper = if capital { end } else { at };
    for _ in 0..5 {
        let dot = usize::from(text[end..].starts_with(". ") && end - at <= 4);
        if !text[end + dot..].starts_with(' ') {
            break;
        }
        let next = end + dot + 1;
        let word = word(text, next);
        let capital = is_proper(word) && !word.starts_with(|c: char| c.is_ascii_digit());
        if word.is_empty()
            || !(capital || SMALL.has(word))
            || region(text, next, true).is_some()
            || postal::read(bytes, next).is_some_and(|code| !code.weak)
        {
            break;
        }
        end = next + word.len();
        if capital {
            proper = end;
        }
    }
    // `Praha 1`, `Ústí nad Labem 2`.
    let numbered = text[proper..].starts_with(' ')
        && matches!(&bytes[proper + 1..], [digit, rest @ ..] if digit.is_ascii_digit()
            && !rest.first().is_some_and(u8::is_ascii_alphanumeric));
    (proper > at).then(|| if numbered { proper + 2 } else { proper })
}

/// A part in small letters up to its comma or line end, or a short one before a postal code.
fn uncapitalised(text: &str, at: usize) -> Option<usize> {
    let first = word(text, at);
    let next = at + first.len() + 1;
    if first.len() <= 3
        && text[next - 1..].starts_with(' ')
        && postal::read(text.as_bytes(), next).is_some_and(|code| !code.weak)
    {
        return Some(next - 1);
    }
    let rest = &text[at..text.floor_char_boundary(at + MAX_PLACE)];
    let length = rest.find(['\n', ',']).filter(|&length| length > 1)?;
    let name = rest[..length].trim_end();
    name.chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.'))
        .then_some(at + name.len())
}

/// Whether a clause or a line ends at `end`.
fn closes(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    rest.is_empty() || rest.starts_with(['.', ',', ';', '\n', '\r', ')', '"', '?', '!', ']', '<'])
}
