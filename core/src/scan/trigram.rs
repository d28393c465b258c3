//! Finds the places where a literal may begin: three characters at a time, through a bitmap that stays in the first cache.

#![allow(
    clippy::cast_possible_truncation,
    reason = "classes, windows and slots are counted in the constants above them"
)]

use super::boundary::starts_token;
use super::literal::{Head, Literal, Start};

/// The kinds of characters that are told apart: each letter in either case, a digit, and five of others.
const CLASSES: usize = 32;
const CLASS_BITS: u32 = CLASSES.trailing_zeros();
/// Three classes make a window.
const WINDOWS: usize = CLASSES * CLASSES * CLASSES;
const WINDOW_MASK: u32 = WINDOWS as u32 - 1;

/// What no literal has among its first three characters.
const OTHER: u32 = 0;
const DIGIT: u32 = 27;
const SPACE: u32 = 28;
const UNDERSCORE: u32 = 29;
/// Marks that are literals by themselves: they are always looked at.
const LONE: u32 = 30;
const MARK: u32 = 31;

/// What stands before a window, in three bits: whether a token may begin there, whether a digit is before it, and whether it
/// begins with a capital behind a small letter.
const TOKEN: u32 = 1;
const AFTER_DIGIT: u32 = 2;
const HUMP: u32 = 4;
const CONTEXTS: usize = 8;

pub(super) struct Trigrams {
    classes: [u8; 256],
    /// A bit for each window.
    windows: Box<[u64; WINDOWS / 64]>,
    /// A bit for each context and window.
    contexts: Box<[u64]>,
    /// For each window the place of its slot.
    slots_of: Vec<u16>,
    slots: Vec<Slot>,
    /// The literals of all slots.
    places: Vec<Place>,
}

/// A literal that begins with some window.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) head: Head,
    /// Its place in the list of literals.
    pub(super) literal: u32,
}

/// What begins with a window.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// A bit for each class that the fourth character may have.
    fourth: u32,
    first: u32,
    end: u32,
}

/// How far a text has been read.
pub(super) struct Cursor {
    /// The next byte.
    at: usize,
    /// The classes of the last bytes, of which the last three count.
    window: u32,
}

impl Cursor {
    /// What begins at `at` or behind it is found.
    pub(super) fn at(at: usize) -> Self {
        Self { at, window: 0 }
    }
}

impl Trigrams {
    /// `digits`: whether the start of each run of digits is to be told as well.
    pub(super) fn build(literals: &[Literal], digits: bool) -> Self {
        let mut trigrams = Self {
            classes: classes(literals),
            windows: Box::new([0; WINDOWS / 64]),
            contexts: vec![0; WINDOWS * CONTEXTS / 64].into(),
            slots_of: vec![0; WINDOWS],
            slots: vec![Slot::default()],
            places: Vec::new(),
        };
        let mut windows: Vec<(u32, u32)> = Vec::with_capacity(4 * literals.len());
        for (place, literal) in literals.iter().enumerate() {
            let contexts: &[u32] = match literal.start {
                Start::Token => &[TOKEN, TOKEN | AFTER_DIGIT],
                Start::Part => &[HUMP, TOKEN, TOKEN | AFTER_DIGIT],
                Start::Anywhere => &[0, HUMP, TOKEN, AFTER_DIGIT, TOKEN | AFTER_DIGIT],
            };
            for window in trigrams.windows(literal) {
                windows.push((window, u32::try_from(place).unwrap_or(u32::MAX)));
                for context in contexts {
                    trigrams.mark(*context, window);
                }
            }
        }
        windows.sort_unstable();
        for run in windows.chunk_by(|a, b| a.0 == b.0) {
            trigrams.add(run, literals);
        }
        if digits {
            let least = DIGIT << (2 * CLASS_BITS);
            for window in least..least + (1 << (2 * CLASS_BITS)) {
                trigrams.mark(0, window);
                trigrams.mark(TOKEN, window);
            }
        }
        trigrams
    }

    /// Gives a window its slot: that of the window before where the same literals begin with both.
    fn add(&mut self, run: &[(u32, u32)], literals: &[Literal]) {
        let window = run[0].0 as usize;
        let places = run.iter().map(|(_, literal)| Place {
            head: literals[*literal as usize].head,
            literal: *literal,
        });
        let last = &self.slots[self.slots.len() - 1];
        if !self.places[last.first as usize..last.end as usize]
            .iter()
            .copied()
            .eq(places.clone())
        {
            let fourth = places.clone().fold(0, |classes, place| {
                classes
                    | literals[place.literal as usize]
                        .first(4)
                        .nth(3)
                        .map_or(u32::MAX, |byte| 1 << self.class(byte))
            });
            let first = self.places.len() as u32;
            self.places.extend(places);
            self.slots.push(Slot {
                fourth,
                first,
                end: self.places.len() as u32,
            });
        }
        self.slots_of[window] = (self.slots.len() - 1) as u16;
    }

    fn class(&self, byte: u8) -> u32 {
        self.classes[usize::from(byte)].into()
    }

    /// The windows that a text may have where the literal begins: shorter ones end in what may follow them.
    fn windows(&self, literal: &Literal) -> Vec<u32> {
        let (window, count) = literal.first(3).fold((0, 0), |(window, count), byte| {
            (window << CLASS_BITS | self.class(byte), count + 1)
        });
        (count..3).fold(vec![window], |windows, place| {
            let classes = (0..=u8::MAX)
                .filter(|&byte| literal.may_precede(place, byte))
                .fold(0_u32, |classes, byte| classes | 1 << self.class(byte));
            let classes = (0..CLASSES as u32).filter(|class| classes >> class & 1 != 0);
            windows
                .into_iter()
                .flat_map(|window| {
                    classes
                        .clone()
                        .map(move |class| window << CLASS_BITS | class)
                })
                .collect()
        })
    }

    fn mark(&mut self, context: u32, window: u32) {
        set(&mut *self.windows, window);
        set(&mut self.contexts, context << (3 * CLASS_BITS) | window);
    }

    /// The next place where a literal or a run of digits may begin.
    #[inline]
    pub(super) fn next(&self, bytes: &[u8], cursor: &mut Cursor) -> Option<usize> {
        loop {
            let mut window = cursor.window;
            let mut look = |class: u32| {
                window = window << CLASS_BITS | class;
                has(&*self.windows, window & WINDOW_MASK)
            };
            let rest = bytes.get(cursor.at..).unwrap_or_default();
            let (eights, tail) = rest.as_chunks::<8>();
            let mut length = 0;
            let mut hit = eights.iter().find_map(|eight| {
                let hit = eight.iter().position(|&byte| look(self.class(byte)));
                length += hit.unwrap_or(eight.len());
                hit.map(|_| length)
            });
            if hit.is_none() {
                let at = tail.iter().position(|&byte| look(self.class(byte)));
                hit = at.map(|at| length + at);
            }
            let last = match hit {
                Some(length) => cursor.at + length,
                // Two characters behind the end, so that the last ones of the text are seen.
                None => (cursor.at.max(bytes.len())..bytes.len() + 2).find(|_| look(OTHER))?,
            };
            *cursor = Cursor {
                at: last + 1,
                window,
            };
            // No literal begins with what a cursor has before its start.
            let Some(at) = last.checked_sub(2) else {
                continue;
            };
            let context = context(bytes, at) << (3 * CLASS_BITS);
            if has(&self.contexts, context | window & WINDOW_MASK) {
                return Some(at);
            }
        }
    }

    /// The literals that may stand at `at`, where the cursor has found something.
    #[inline]
    pub(super) fn places(&self, bytes: &[u8], at: usize, cursor: &Cursor) -> &[Place] {
        let window = cursor.window & WINDOW_MASK;
        let slot = self.slots[usize::from(self.slots_of[window as usize])];
        let fourth = bytes.get(at + 3).map_or(OTHER, |&byte| self.class(byte));
        if slot.fourth >> fourth & 1 == 0 {
            return &[];
        }
        &self.places[slot.first as usize..slot.end as usize]
    }
}

fn set(bits: &mut [u64], bit: u32) {
    bits[bit as usize / 64] |= 1 << (bit % 64);
}

#[inline]
fn has(bits: &[u64], bit: u32) -> bool {
    bits[bit as usize / 64] >> (bit % 64) & 1 != 0
}

/// What stands before `at`.
#[inline]
fn context(bytes: &[u8], at: usize) -> u32 {
    let Some(last) = bytes[..at].last() else {
        return TOKEN;
    };
    let digit = if last.is_ascii_digit() {
        AFTER_DIGIT
    } else {
        0
    };
    if starts_token(bytes, at) {
        digit | TOKEN
    } else if last.is_ascii_lowercase() && bytes[at].is_ascii_uppercase() {
        HUMP
    } else {
        digit
    }
}

fn classes(literals: &[Literal]) -> [u8; 256] {
    let mut used = [false; 256];
    let mut alone = [false; 256];
    for literal in literals {
        for byte in literal.first(3) {
            used[usize::from(byte)] = true;
            alone[usize::from(byte)] |= literal.length == 1;
        }
    }
    let mut classes = [0; 256];
    for (byte, class) in (0..=u8::MAX).zip(&mut classes) {
        let of = match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => u32::from(letter - b'a') + 1,
            b'0'..=b'9' => DIGIT,
            mark if alone[usize::from(mark)] => LONE,
            b' ' => SPACE,
            b'_' => UNDERSCORE,
            mark if used[usize::from(mark)] => MARK,
            _ => OTHER,
        };
        *class = of as u8;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::literal::word_at;

    const LITERALS: [(&str, Start); 12] = [
        ("@", Start::Anywhere),
        ("-----BEGIN", Start::Anywhere),
        ("key", Start::Part),
        ("api key", Start::Token),
        ("api_key", Start::Token),
        ("apikey", Start::Token),
        ("0x", Start::Token),
        ("datadog", Start::Anywhere),
        ("dat", Start::Token),
        ("\u{e9}tage", Start::Anywhere),
        ("a", Start::Token),
        ("%%", Start::Anywhere),
    ];

    fn found(text: &str) -> Vec<(usize, usize)> {
        let literals = literals();
        let trigrams = Trigrams::build(&literals, false);
        let mut cursor = Cursor::at(0);
        let mut found = Vec::new();
        while let Some(at) = trigrams.next(text.as_bytes(), &mut cursor) {
            for &place in trigrams.places(text.as_bytes(), at, &cursor) {
                let literal = place.literal as usize;
                if stands(&literals[literal], text, at) {
                    found.push((at, literal));
                }
            }
        }
        found
    }

    fn literals() -> Vec<Literal> {
        let literal = |(text, start)| Literal::new(0, text, start, false);
        LITERALS.map(literal).into_iter().collect()
    }

    fn stands(literal: &Literal, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        literal.head.stands(word_at(bytes, at)) && literal.goes_on(bytes, at)
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        let pieces = [
            "a",
            "@",
            "key",
            "Key",
            "API KEY",
            "api_",
            "datadog",
            "DAT",
            "0x",
            "\\n",
            "%3D",
            "%%",
            "7",
            "\u{e9}tage",
            " ",
            "_",
            "-----begin",
            "x",
            "",
        ];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = [first, second, third].concat();
                    let all: Vec<(usize, usize)> = (0..text.len())
                        .flat_map(|at| (0..LITERALS.len()).map(move |place| (at, place)))
                        .filter(|&(at, place)| stands(&literals()[place], &text, at))
                        .collect();
                    assert_eq!(found(&text), all, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn the_start_of_a_run_of_digits_is_told() {
        let trigrams = Trigrams::build(&[], true);
        let text = b"12 a3 45";
        let mut cursor = Cursor::at(0);
        let starts: Vec<usize> = std::iter::from_fn(|| trigrams.next(text, &mut cursor)).collect();
        assert_eq!(starts, [0, 4, 6]);
    }
}
