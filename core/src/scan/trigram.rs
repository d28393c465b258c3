//! Finds the places where a literal may begin: by the classes of its first four characters, and then by its first six bytes.

#![allow(
    clippy::cast_possible_truncation,
    reason = "classes, windows and slots are counted in the constants above them"
)]

use super::boundary::starts_token;
use super::literal::{Head, Literal, Start, word_at};

/// The kinds of characters that are told apart: the letters in either case, four rare ones of them as one, a digit, and eight of
/// others.
const CLASSES: usize = 32;
const CLASS_BITS: u32 = CLASSES.trailing_zeros();
/// Three classes make a window.
const WINDOWS: usize = CLASSES * CLASSES * CLASSES;

/// What no literal has among its first three characters.
const OTHER: u32 = 0;
const RARE: u32 = 23;
const DIGIT: u32 = 24;
const SPACE: u32 = 25;
const UNDERSCORE: u32 = 26;
const QUOTE: u32 = 27;
const DASH: u32 = 28;
const SLASH: u32 = 29;
/// Other marks that are literals by themselves: they are always looked at.
const LONE: u32 = 30;
const MARK: u32 = 31;

/// So many bytes are a stem: most places that look like a literal's first ones are told from it by the next few.
const STEM: usize = 6;
/// Different stems share a bit now and then.
const STEM_BITS: u32 = 15;
const STEMS: usize = 1 << STEM_BITS;

/// What stands before a window, in three bits: whether a token may begin there, whether a digit is before it, and whether it
/// begins with a capital behind a small letter.
const TOKEN: u32 = 1;
const AFTER_DIGIT: u32 = 2;
const HUMP: u32 = 4;
/// The contexts in which a run of digits begins, a bit for each.
const DIGITS: u8 = 1 | 1 << TOKEN;

/// So many places are looked at in one go.
const BLOCK: usize = u64::BITS as usize;
/// With what the window of the last of them has behind it.
const READ: usize = BLOCK + 3;

pub(super) struct Trigrams {
    classes: [u8; 256],
    /// For each window, a bit for each class that the fourth character may have.
    fourths: Box<[u32; WINDOWS]>,
    /// A bit for each window of digits, and of literals that are shorter than [`STEM`].
    shorts: Box<[u64; WINDOWS / 64]>,
    /// A bit for each stem of the others.
    stems: Box<[u64; STEMS / 64]>,
    /// For each window the place of its slot.
    slots_of: Vec<u16>,
    slots: Vec<Slot>,
    /// For each slot and each of its fourth classes, where their literals are.
    groups: Vec<(u32, u32)>,
    /// The literals of all groups.
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
    /// A bit for each class of its groups.
    fourths: u32,
    /// A bit for each context in which something may begin.
    contexts: u8,
    /// The place of the group of the first of its fourth classes.
    groups: u32,
}

/// How far a text has been read.
pub(super) struct Cursor {
    /// What begins before here has been told, or is among the hits.
    at: usize,
    /// The places of the block before `at` at which some literal's window stands, the first in the highest bit.
    hits: u64,
}

impl Cursor {
    /// What begins at `at` or behind it is found.
    pub(super) fn at(at: usize) -> Self {
        Self { at, hits: 0 }
    }
}

impl Trigrams {
    /// `digits`: whether the start of each run of digits is to be told as well.
    pub(super) fn build(literals: &[Literal], digits: bool) -> Self {
        let mut trigrams = Self {
            classes: classes(literals),
            fourths: vec![0; WINDOWS]
                .try_into()
                .expect("there are as many as windows"),
            shorts: Box::new([0; WINDOWS / 64]),
            stems: Box::new([0; STEMS / 64]),
            slots_of: vec![0; WINDOWS],
            slots: vec![Slot::default()],
            groups: Vec::new(),
            places: Vec::new(),
        };
        let numeric = |window: u32| digits && window >> (2 * CLASS_BITS) == DIGIT;
        let mut windows: Vec<(u32, u32)> = Vec::with_capacity(4 * literals.len());
        for (place, literal) in literals.iter().enumerate() {
            if literal.length >= STEM {
                set(&mut *trigrams.stems, stem(literal.head.word()));
            }
            for window in trigrams.windows(literal) {
                if literal.length < STEM {
                    set(&mut *trigrams.shorts, window as usize);
                }
                windows.push((window, u32::try_from(place).unwrap_or(u32::MAX)));
            }
        }
        windows.sort_unstable();
        if digits {
            trigrams.add(&[], literals, true);
            (0..WINDOWS as u32)
                .filter(|window| numeric(*window))
                .for_each(|window| {
                    set(&mut *trigrams.shorts, window as usize);
                    trigrams.take(window);
                });
        }
        let mut last: &[(u32, u32)] = &[];
        for run in windows.chunk_by(|a, b| a.0 == b.0) {
            let window = run[0].0;
            // The same literals begin with many windows where they are shorter than one.
            let alike = last
                .first()
                .is_some_and(|(last, _)| numeric(*last) == numeric(window));
            let same = |(a, b): (&(u32, u32), &(u32, u32))| a.1 == b.1;
            if !(alike && last.len() == run.len() && last.iter().zip(run).all(same)) {
                trigrams.add(run, literals, numeric(window));
            }
            trigrams.take(window);
            last = run;
        }
        trigrams
    }

    /// Adds a slot for the literals of `run`, and for digits where they begin with it too.
    fn add(&mut self, run: &[(u32, u32)], literals: &[Literal], digits: bool) {
        let own: Vec<_> = run
            .iter()
            .map(|&(_, literal)| (literal, &literals[literal as usize]))
            .map(|(place, literal)| (place, literal, self.classes_at(literal, 3)))
            .collect();
        let mut slot = Slot {
            fourths: if digits { u32::MAX } else { 0 },
            contexts: if digits { DIGITS } else { 0 },
            groups: self.groups.len() as u32,
        };
        for (_, literal, fourths) in &own {
            slot.contexts |= contexts_of(literal);
            slot.fourths |= fourths;
        }
        for class in (0..CLASSES as u32).filter(|class| slot.fourths >> class & 1 != 0) {
            let first = self.places.len();
            let group = own.iter().filter(|(.., fourths)| fourths >> class & 1 != 0);
            self.places.extend(group.map(|(place, literal, _)| Place {
                head: literal.head,
                literal: *place,
            }));
            let group = self.groups.last().copied().unwrap_or_default();
            if self.places[first..] == self.places[group.0 as usize..group.1 as usize] {
                self.places.truncate(first);
                self.groups.push(group);
            } else {
                self.groups.push((first as u32, self.places.len() as u32));
            }
        }
        self.slots.push(slot);
    }

    /// Gives `window` the last slot.
    fn take(&mut self, window: u32) {
        let last = self.slots.len() - 1;
        self.slots_of[window as usize] = last as u16;
        self.fourths[window as usize] = self.slots[last].fourths;
    }

    fn class(&self, byte: u8) -> u32 {
        self.classes[usize::from(byte)].into()
    }

    /// A bit for each class of what may stand `place` bytes behind the literal's start.
    fn classes_at(&self, literal: &Literal, place: usize) -> u32 {
        match literal.first(place + 1).nth(place) {
            Some(byte) => 1 << self.class(byte),
            None => (0..=u8::MAX)
                .filter(|&byte| literal.may_precede(place, byte))
                .fold(0, |classes, byte| classes | 1 << self.class(byte)),
        }
    }

    /// The windows that a text may have where the literal begins: shorter ones end in what may follow them.
    fn windows(&self, literal: &Literal) -> Vec<u32> {
        (0..3).fold(vec![0], |windows, place| {
            let classes = self.classes_at(literal, place);
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

    /// The next place where a literal or a run of digits may begin, and the literals that may begin there.
    #[inline]
    pub(super) fn next(&self, bytes: &[u8], cursor: &mut Cursor) -> Option<(usize, &[Place])> {
        loop {
            while cursor.hits != 0 {
                let place = cursor.hits.leading_zeros();
                cursor.hits &= !(1 << (u64::BITS - 1) >> place);
                let at = cursor.at - BLOCK + place as usize;
                if let Some(places) = self.places(bytes, at) {
                    return Some((at, places));
                }
            }
            let rest = bytes.get(cursor.at..).filter(|rest| !rest.is_empty())?;
            cursor.hits = if let Some(block) = rest.first_chunk() {
                self.hits(block)
            } else {
                // Nothing stands behind the end, and nothing begins there.
                let mut block = [0; READ];
                block[..rest.len()].copy_from_slice(rest);
                let behind = BLOCK.saturating_sub(rest.len());
                self.hits(&block) >> behind << behind
            };
            cursor.at += BLOCK;
        }
    }

    /// A bit for each place of a block at which the window of a literal stands, the first in the highest.
    #[inline]
    fn hits(&self, block: &[u8; READ]) -> u64 {
        let [first, second, third, rest @ ..] = block;
        let mut window = [first, second, third]
            .iter()
            .fold(0, |window, byte| window << CLASS_BITS | self.class(**byte));
        let mut hits = 0;
        for byte in rest {
            let fourth = self.class(*byte);
            let fourths = self.fourths[window as usize % WINDOWS];
            hits = hits << 1 | u64::from(fourths.wrapping_shr(fourth) & 1);
            window = window << CLASS_BITS | fourth;
        }
        hits
    }

    /// The literals that may stand at `at`; `None` where neither one of them nor digits may.
    #[inline]
    fn places(&self, bytes: &[u8], at: usize) -> Option<&[Place]> {
        let word = word_at(bytes, at);
        let first = word.to_le_bytes();
        let class = |place: usize| self.class(first[place]);
        let window = (class(0) << CLASS_BITS | class(1)) << CLASS_BITS | class(2);
        if !has(&self.stems, stem(word)) && !has(&self.shorts, window as usize) {
            return None;
        }
        let slot = &self.slots[usize::from(self.slots_of[window as usize % WINDOWS])];
        let fourth = 1_u32.wrapping_shl(class(3));
        if slot.contexts >> context(bytes, at) & 1 == 0 {
            return None;
        }
        let before = (slot.fourths & (fourth - 1)).count_ones();
        let (first, end) = self.groups[(slot.groups + before) as usize];
        Some(&self.places[first as usize..end as usize])
    }
}

/// Where the bit is for the first bytes of `word`, whatever their case.
#[inline]
fn stem(word: u64) -> usize {
    /// The odd number next to 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let first = (word | u64::from_le_bytes([b' '; 8])) << (8 * (8 - STEM));
    (first.wrapping_mul(SPREAD) >> (u64::BITS - STEM_BITS)) as usize
}

fn set(bits: &mut [u64], bit: usize) {
    bits[bit / 64] |= 1 << (bit % 64);
}

#[inline]
fn has<const COUNT: usize>(bits: &[u64; COUNT], bit: usize) -> bool {
    bits[bit / 64 % COUNT] >> (bit % 64) & 1 != 0
}

/// In which contexts a literal may begin.
fn contexts_of(literal: &Literal) -> u8 {
    let contexts: &[u32] = match literal.start {
        Start::Token => &[TOKEN, TOKEN | AFTER_DIGIT],
        Start::Part => &[HUMP, TOKEN, TOKEN | AFTER_DIGIT],
        Start::Anywhere => &[0, HUMP, TOKEN, AFTER_DIGIT, TOKEN | AFTER_DIGIT],
    };
    contexts.iter().fold(0, |bits, context| bits | 1 << context)
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
    let mut letters = 0;
    for (byte, class) in (0..=u8::MAX).zip(&mut classes) {
        let of = match byte {
            b'j' | b'q' | b'x' | b'z' => RARE,
            b'a'..=b'z' => {
                letters += 1;
                letters
            }
            b'0'..=b'9' => DIGIT,
            b' ' => SPACE,
            b'_' => UNDERSCORE,
            mark if !used[usize::from(mark)] => OTHER,
            b'"' | b'\'' => QUOTE,
            b'-' => DASH,
            b'/' => SLASH,
            mark if alone[usize::from(mark)] => LONE,
            _ => MARK,
        };
        *class = of as u8;
    }
    for letter in b'a'..=b'z' {
        classes[usize::from(letter.to_ascii_uppercase())] = classes[usize::from(letter)];
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

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
        while let Some((at, places)) = trigrams.next(text.as_bytes(), &mut cursor) {
            for place in places {
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
        let next = || trigrams.next(text, &mut cursor).map(|(at, _)| at);
        let starts: Vec<usize> = std::iter::from_fn(next).collect();
        assert_eq!(starts, [0, 4, 6]);
    }
}
