//! Finds the places where a literal may begin: by the classes of its first four characters, and then by its first six bytes.

#![allow(
    clippy::cast_possible_truncation,
    reason = "classes, windows and slots are counted in the constants above them"
)]

use super::boundary::ALPHANUMERIC;
use super::disguise::blocks::{BITS, bits_of, block_at};
use super::literal::{Head, Literal, Start, word_at};

/// The kinds of characters that are told apart: the letters in either case, four rare ones of them as one, a digit, and eight of
/// others.
const CLASSES: usize = 32;
const CLASS_BITS: u32 = CLASSES.trailing_zeros();
/// Three classes make a window.
const WINDOWS: usize = CLASSES * CLASSES * CLASSES;
/// As many as there are numbers of the type of a window, so that none is compared with it. Behind the windows nothing is ever read.
const PLACES: usize = 1 << u16::BITS;

/// What no literal has among its first three characters.
const OTHER: u32 = 0;
const SPACE: u32 = 1;
const DIGIT: u32 = 2;
const UNDERSCORE: u32 = 3;
/// Those that have a class of their own, by how common they are: windows that end in one of the first sixteen classes stand
/// together in the memory, and are most of those of a text.
const LETTERS: &[u8; 22] = b"etaoinsrldchumpfgwybvk";
const FIRST_LETTER: u32 = 4;
/// The four other letters.
const RARE: u32 = 26;
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

/// Two bits for each stem or window: whether literals have it that may begin anywhere, and others.
const ANYWHERE: u64 = 1;
const AT_START: u64 = 2;
/// Where the literals of a stem are is looked up by fewer bits of it.
const BUCKET_BITS: u32 = 12;

/// So many places are looked at in one go.
const BLOCK: usize = BITS;
/// With what the window of the last of them has behind it.
const READ: usize = BLOCK + 3;

pub(super) struct Trigrams {
    /// The class of each byte, as the first of a window.
    classes: [u16; 256],
    /// For each window, a bit for each class that the fourth character may have.
    fourths: Box<[u32; PLACES]>,
    /// Of literals that are shorter than [`STEM`]: two bits for each window, and the place of its run.
    shorts: Box<[u64; WINDOWS / 32]>,
    runs_of: Vec<u16>,
    runs: Vec<(u32, u32)>,
    /// Of the others: two bits for each stem, and where the run of each bucket begins.
    stems: Box<[u64; STEMS / 32]>,
    buckets: Vec<u32>,
    /// The literals of all runs.
    places: Vec<Place>,
    /// Whether the start of each run of digits is told as well.
    digits: bool,
}

/// A literal, and what is looked at before it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) head: Head,
    /// Its place in the list of literals.
    pub(super) literal: u32,
}

/// A place where something may begin.
pub(super) struct Hit<'t> {
    pub(super) at: usize,
    /// Whether a run of digits begins here.
    pub(super) digits: bool,
    /// The literals that may begin here: shorter ones, and longer ones.
    pub(super) places: [&'t [Place]; 2],
}

/// How far a text has been read.
pub(super) struct Cursor {
    /// What begins before here has been told, or is among the hits.
    at: usize,
    /// The places of the block before `at` at which some literal's window stands, the first in the lowest bit.
    hits: u64,
    /// Those at which a run of digits begins.
    digits: u64,
}

impl Cursor {
    /// What begins at `at` or behind it is found.
    pub(super) fn at(at: usize) -> Self {
        Self {
            at,
            hits: 0,
            digits: 0,
        }
    }
}

impl Trigrams {
    /// `digits`: whether the start of each run of digits is to be told as well.
    pub(super) fn build(literals: &[Literal], digits: bool) -> Self {
        let mut trigrams = Self {
            classes: classes(literals).map(|class| u16::from(class) << (2 * CLASS_BITS)),
            fourths: vec![0; PLACES]
                .try_into()
                .expect("there are as many as places"),
            shorts: Box::new([0; WINDOWS / 32]),
            runs_of: vec![0; WINDOWS],
            runs: Vec::new(),
            stems: Box::new([0; STEMS / 32]),
            buckets: Vec::with_capacity((1 << BUCKET_BITS) + 1),
            places: Vec::with_capacity(2 * literals.len()),
            digits,
        };
        let (mut shorts, mut longs) = (Vec::new(), Vec::with_capacity(literals.len()));
        for (literal, place) in literals.iter().zip(0_u32..) {
            let bit = match literal.start {
                Start::Anywhere => ANYWHERE,
                Start::Token | Start::Part => AT_START,
            };
            let fourths = trigrams.classes_at(literal, 3);
            for window in trigrams.windows(literal) {
                trigrams.fourths[window as usize] |= fourths;
                if literal.length < STEM {
                    set(&mut *trigrams.shorts, window as usize, bit);
                    shorts.push((window, place));
                }
            }
            if literal.length >= STEM {
                let stem = stem(literal.head.word());
                set(&mut *trigrams.stems, stem, bit);
                longs.push((bucket(stem), place));
            }
        }
        shorts.sort_unstable();
        longs.sort_unstable();
        trigrams.add_shorts(&shorts, literals);
        trigrams.add_longs(&longs, literals);
        trigrams
    }

    /// Adds the literals of each window, in the order of the windows.
    fn add_shorts(&mut self, shorts: &[(u32, u32)], literals: &[Literal]) {
        let mut last: &[(u32, u32)] = &[];
        for run in shorts.chunk_by(|a, b| a.0 == b.0) {
            // The same literals begin with many windows where they are shorter than one.
            let same = |(a, b): (&(u32, u32), &(u32, u32))| a.1 == b.1;
            if !(last.len() == run.len() && last.iter().zip(run).all(same)) {
                let first = self.places.len() as u32;
                self.places
                    .extend(run.iter().map(|(_, place)| place_of(literals, *place)));
                self.runs.push((first, self.places.len() as u32));
            }
            self.runs_of[run[0].0 as usize] = (self.runs.len() - 1) as u16;
            last = run;
        }
    }

    /// Adds the literals of each bucket, in the order of the buckets.
    fn add_longs(&mut self, longs: &[(usize, u32)], literals: &[Literal]) {
        let mut rest = longs;
        for bucket in 0..1 << BUCKET_BITS {
            self.buckets.push(self.places.len() as u32);
            let (own, others) = rest.split_at(rest.partition_point(|(of, _)| *of == bucket));
            self.places
                .extend(own.iter().map(|(_, place)| place_of(literals, *place)));
            rest = others;
        }
        self.buckets.push(self.places.len() as u32);
    }

    fn class(&self, byte: u8) -> u32 {
        u32::from(self.classes[usize::from(byte)]) >> (2 * CLASS_BITS)
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

    /// The next place where a literal or a run of digits may begin.
    #[inline]
    pub(super) fn next(&self, bytes: &[u8], cursor: &mut Cursor) -> Option<Hit<'_>> {
        loop {
            loop {
                let marked = cursor.hits | cursor.digits;
                if marked == 0 {
                    break;
                }
                let first = marked & marked.wrapping_neg();
                let at = cursor.at - BLOCK + marked.trailing_zeros() as usize;
                let places = if cursor.hits & first == 0 {
                    None
                } else {
                    self.places(bytes, at)
                };
                let digits = cursor.digits & first != 0;
                cursor.hits &= !first;
                cursor.digits &= !first;
                if digits || places.is_some() {
                    let places = places.unwrap_or_default();
                    return Some(Hit { at, digits, places });
                }
            }
            self.read(bytes, cursor)?;
        }
    }

    /// Reads the next block; `None` behind the last.
    #[inline]
    fn read(&self, bytes: &[u8], cursor: &mut Cursor) -> Option<()> {
        let rest = bytes.get(cursor.at..).filter(|rest| !rest.is_empty())?;
        cursor.hits = match rest.first_chunk() {
            Some(block) => self.hits(block),
            None => self.last_hits(rest),
        };
        if self.digits {
            let (block, _) = block_at(bytes, cursor.at)?;
            let digits = bits_of(&block, |byte| byte.is_ascii_digit());
            let last = bytes[..cursor.at].last();
            let before = u64::from(last.is_some_and(u8::is_ascii_digit));
            cursor.digits = digits & !(digits << 1 | before);
        }
        cursor.at += BLOCK;
        Some(())
    }

    /// The hits of what is left of a text: nothing stands behind the end, and nothing begins there.
    #[cold]
    fn last_hits(&self, rest: &[u8]) -> u64 {
        let mut block = [0; READ];
        block[..rest.len()].copy_from_slice(rest);
        self.hits(&block) & u64::MAX >> BLOCK.saturating_sub(rest.len())
    }

    /// A bit for each place of a block at which the window of a literal stands, the first in the lowest.
    #[inline]
    fn hits(&self, block: &[u8; READ]) -> u64 {
        let class = |byte: u8| self.classes[usize::from(byte)];
        let [bytes @ .., first, second, third] = block;
        let mut window: u16 = [third, second, first]
            .iter()
            .fold(0, |behind, byte| class(**byte) | behind >> CLASS_BITS);
        let mut hits = 0;
        for byte in bytes.iter().rev() {
            let fourth = u32::from(window);
            window = class(*byte) | window >> CLASS_BITS;
            let fourths = self.fourths[usize::from(window)];
            hits = hits << 1 | u64::from(fourths.wrapping_shr(fourth) & 1);
        }
        hits
    }

    /// The literals that may stand at `at`; `None` where none may.
    #[inline]
    fn places(&self, bytes: &[u8], at: usize) -> Option<[&[Place]; 2]> {
        let word = word_at(bytes, at);
        let wanted = ANYWHERE | u64::from(may_start(bytes, at)) << 1;
        let stem = stem(word);
        let class = |place: usize| self.class(word.to_le_bytes()[place]);
        let window = ((class(0) << CLASS_BITS | class(1)) << CLASS_BITS | class(2)) as usize;
        let long = of(&self.stems, stem) & wanted != 0;
        let short = of(&self.shorts, window) & wanted != 0;
        if !(long || short) {
            return None;
        }
        let mut places: [&[Place]; 2] = [&[], &[]];
        if short {
            let (first, end) = self.runs[usize::from(self.runs_of[window % WINDOWS])];
            places[0] = &self.places[first as usize..end as usize];
        }
        if long {
            let bucket = bucket(stem);
            let (first, end) = (self.buckets[bucket], self.buckets[bucket + 1]);
            places[1] = &self.places[first as usize..end as usize];
        }
        Some(places)
    }
}

fn place_of(literals: &[Literal], literal: u32) -> Place {
    let head = literals[literal as usize].head;
    Place { head, literal }
}

/// Where the bit is for the first bytes of `word`, whatever their case.
#[inline]
fn stem(word: u64) -> usize {
    /// The odd number next to 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let first = (word | u64::from_le_bytes([b' '; 8])) << (8 * (8 - STEM));
    (first.wrapping_mul(SPREAD) >> (u64::BITS - STEM_BITS)) as usize
}

fn bucket(stem: usize) -> usize {
    stem >> (STEM_BITS - BUCKET_BITS)
}

fn set(pairs: &mut [u64], place: usize, bits: u64) {
    pairs[place / 32] |= bits << (2 * (place % 32));
}

#[inline]
fn of<const COUNT: usize>(pairs: &[u64; COUNT], place: usize) -> u64 {
    pairs[place / 32 % COUNT] >> (2 * (place % 32))
}

/// Whether a token or a capitalised part of one begins at `at`, or what stands before it may be an escape.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "what stands before a place cannot be foreseen, so that a branch costs more than it spares"
)]
fn may_start(bytes: &[u8], at: usize) -> bool {
    let Some(&[third, second, first]) = bytes[..at].last_chunk() else {
        return true;
    };
    let hump = bytes[at].is_ascii_uppercase() & first.is_ascii_lowercase();
    !ALPHANUMERIC[usize::from(first)] | hump | (second == b'\\') | (third == b'%')
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
        let of = match byte {
            b'a'..=b'z' => {
                let place = LETTERS.iter().position(|letter| *letter == byte);
                place.map_or(RARE, |place| FIRST_LETTER + place as u32)
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
        while let Some(hit) = trigrams.next(text.as_bytes(), &mut cursor) {
            for place in hit.places.concat() {
                let literal = place.literal as usize;
                if stands(&literals[literal], text, hit.at) {
                    found.push((hit.at, literal));
                }
            }
        }
        assert!(found.is_sorted_by_key(|(at, _)| *at));
        found.sort_unstable();
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
        let next = || trigrams.next(text, &mut cursor).map(|hit| hit.at);
        let starts: Vec<usize> = std::iter::from_fn(next).collect();
        assert_eq!(starts, [0, 4, 6]);
    }
}
