//! The words around a value that a rule wants there.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr2_iter;

use super::boundary::{run_end, starts_token};
use super::disguise::blocks::BITS;
use super::literal::word_at;
use super::rule::Rule;
use super::word_starts::word_starts;

/// How far before and behind a value the words count that a rule wants near it, in bytes.
const BEFORE: usize = 96;
const BEHIND: usize = 48;

/// Where the words stand that count for the value at `span`.
fn around(text: &str, span: &Range<usize>) -> (Range<usize>, Range<usize>) {
    let before = span.start.saturating_sub(BEFORE)..span.start;
    let behind = span.end..text.len().min(span.end + BEHIND);
    (before, behind)
}

/// The words that the rules of a scanner want near values, by their marks.
pub(super) struct NearWords {
    /// A bit for each mark that one of the words has.
    wanted: Box<[u64; Mark::COUNT / 64]>,
}

impl NearWords {
    pub(super) fn of(rules: &[Arc<Rule>]) -> Self {
        let mut wanted = Box::new([0; Mark::COUNT / 64]);
        let marks = rules
            .iter()
            .flat_map(|rule| &Wanted::of(rule).marks)
            .flatten();
        for mark in marks.filter(|mark| **mark != Mark::WIDE) {
            wanted[mark.place() / 64] |= 1 << (mark.place() % 64);
        }
        Self { wanted }
    }

    #[inline]
    fn has(&self, mark: Mark) -> bool {
        self.wanted[mark.place() / 64] >> (mark.place() % 64) & 1 != 0
    }
}

/// What is wanted near the values of a rule.
#[derive(Default)]
pub(super) struct Wanted {
    /// The mark of each word; `None` where it has none.
    marks: Vec<Option<Mark>>,
    /// Of all marks.
    sketch: Sketch,
    /// Whether one of the words has no mark, and whether one begins beyond ASCII.
    unmarked: bool,
    wide: bool,
}

impl Wanted {
    fn of(rule: &Rule) -> &Self {
        rule.wanted.get_or_init(|| {
            let words = rule.spec.near.iter();
            let marks: Vec<_> = words.map(|word| Mark::of_word(word)).collect();
            Self {
                sketch: Sketch::of(marks.iter().flatten().copied()),
                unmarked: marks.contains(&None),
                wide: marks.contains(&Some(Mark::WIDE)),
                marks,
            }
        })
    }
}

/// Where the words that any rule wants may stand around the values asked about, which come closely one behind the other: a
/// stretch of the text is read once for all of them.
pub(super) struct Surroundings<'s> {
    text: &'s str,
    wanted: &'s NearWords,
    /// What has been read.
    stretch: Range<usize>,
    /// Before here nothing beyond ASCII is known to be in the stretch, behind it nothing is.
    wide_end: usize,
    /// Where words begin in the stretch whose marks are wanted, in ascending order; most words are told not to be wanted by them.
    words: Vec<(Mark, usize)>,
    /// What stands around the last value that was asked about.
    here: Here,
}

/// The words around a value that any rule wants.
#[derive(Default)]
struct Here {
    span: Range<usize>,
    /// Which of [`Surroundings::words`] they are.
    words: Range<usize>,
    /// Of their marks.
    sketch: Sketch,
    wide: bool,
}

impl<'s> Surroundings<'s> {
    /// So many words are kept; then those before the value asked about are dropped.
    const KEPT: usize = 64;

    pub(super) fn new(text: &'s str, wanted: &'s NearWords) -> Self {
        Self {
            text,
            wanted,
            stretch: 0..0,
            wide_end: 0,
            words: Vec::new(),
            here: Here::default(),
        }
    }

    /// Which of the words that `rule` wants stands near `span`: as a word of its own. Capitals must be met as such, small
    /// letters in either case.
    pub(super) fn near(&mut self, span: &Range<usize>, rule: &Rule) -> Option<usize> {
        self.look_at(span);
        let (before, behind) = around(self.text, span);
        let (bytes, near) = (self.text.as_bytes(), &rule.spec.near);
        let words = &self.words[self.here.words.clone()];
        let stands = |(place, mark): (usize, &Option<Mark>)| {
            let word = near[place].as_bytes();
            match *mark {
                Some(Mark::WIDE) if !self.here.wide => false,
                Some(mark) if mark != Mark::WIDE => {
                    let mut alike = words.iter().filter(|(other, _)| *other == mark);
                    alike.any(|(_, at)| {
                        let stretch = if *at < span.start { &before } else { &behind };
                        stretch.contains(at) && stands(bytes, *at, stretch.end, word)
                    })
                }
                _ => has_word(bytes, &before, word) || has_word(bytes, &behind, word),
            }
        };
        Wanted::of(rule).marks.iter().enumerate().position(stands)
    }

    /// Whether one of them may stand there, as far as their first letters tell.
    pub(super) fn may_be_near(&mut self, span: &Range<usize>, rule: &Rule) -> bool {
        self.look_at(span);
        let wanted = Wanted::of(rule);
        if wanted.unmarked || wanted.wide && self.here.wide {
            return true;
        }
        let words = &self.words[self.here.words.clone()];
        let wants = |(mark, _): &(Mark, usize)| wanted.marks.contains(&Some(*mark));
        wanted.sketch.meets(self.here.sketch) && words.iter().any(wants)
    }

    fn look_at(&mut self, span: &Range<usize>) {
        // No value is empty, so that nothing has been read for the span of the default.
        if self.here.span == *span {
            return;
        }
        let (before, behind) = around(self.text, span);
        let near = before.start..behind.end;
        self.read(near.clone());
        let from = self.words.partition_point(|(_, at)| *at < near.start);
        let rest = &self.words[from..];
        let count = rest.iter().take_while(|(_, at)| *at < near.end).count();
        let marks = rest[..count].iter();
        self.here = Here {
            span: span.clone(),
            words: from..from + count,
            sketch: Sketch::of(marks.map(|(mark, _)| *mark)),
            wide: self.wide_end > near.start,
        };
    }

    /// Reads on, so that all of `stretch` has been read.
    fn read(&mut self, stretch: Range<usize>) {
        if stretch.start < self.stretch.start || self.stretch.end < stretch.start {
            self.stretch = stretch.start..stretch.start;
            self.wide_end = 0;
            self.words.clear();
        }
        if stretch.end <= self.stretch.end {
            return;
        }
        if self.words.len() >= Self::KEPT {
            self.words.retain(|(_, at)| *at >= stretch.start);
            self.stretch.start = stretch.start;
        }
        let blocks = (stretch.end - self.stretch.end).div_ceil(BITS);
        let end = self.text.len().min(self.stretch.end + blocks * BITS);
        self.add(self.stretch.end..end);
        self.stretch.end = end;
    }

    fn add(&mut self, stretch: Range<usize>) {
        let (bytes, wanted) = (self.text.as_bytes(), self.wanted);
        if !bytes[stretch.clone()].is_ascii() {
            self.wide_end = stretch.end;
        }
        let known = self.words.len();
        let mut add = |at: usize| {
            let mark = Mark::at(bytes, at);
            if wanted.has(mark) {
                self.words.push((mark, at));
            }
        };
        word_starts(bytes, &stretch, 1, &mut add);
        // Behind an escape a word may begin inside another.
        let from = stretch.start.saturating_sub(3);
        let mut escaped = false;
        for place in memchr2_iter(b'\\', b'%', &bytes[from..stretch.end]) {
            let at = from + place + if bytes[from + place] == b'%' { 3 } else { 2 };
            let inside = stretch.contains(&at)
                && bytes[at].is_ascii_alphanumeric()
                && bytes[at - 1].is_ascii_alphanumeric();
            if inside && starts_token(bytes, at) {
                add(at);
                escaped = true;
            }
        }
        if escaped {
            self.words[known..].sort_unstable_by_key(|(_, at)| *at);
        }
    }
}

/// What tells most words apart, whatever their case: a number of few bits for their first four letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u16);

impl Mark {
    const BITS: u32 = 15;
    const COUNT: usize = 1 << Self::BITS;

    /// Of all words that begin beyond ASCII. No other word has it.
    const WIDE: Self = Self(u16::MAX);

    /// Of a word that a rule wants; `None` where it begins with an ASCII mark.
    fn of_word(word: &str) -> Option<Self> {
        let first = *word.as_bytes().first()?;
        if first.is_ascii() {
            first
                .is_ascii_alphanumeric()
                .then(|| Self::at(word.as_bytes(), 0))
        } else {
            Some(Self::WIDE)
        }
    }

    /// Of the word that begins at `at`, with a letter or a figure: of its first four bytes as far as they are letters.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "four bytes are read, and as many bits kept as marks have"
    )]
    fn at(bytes: &[u8], at: usize) -> Self {
        const fn each(byte: u8) -> u32 {
            u32::from_le_bytes([byte; 4])
        }
        /// The odd number next to 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
        const SPREAD: u32 = 0x9E37_79B9;
        let word = word_at(bytes, at) as u32 | each(0x20);
        // The highest bit of each byte from `a` on, and of each behind `z`: no byte carries over into the next.
        let low = word & each(0x7F);
        let from_a = low.wrapping_add(each(0x80 - b'a'));
        let behind_z = low.wrapping_add(each(0x80 - b'z' - 1));
        let others = (!from_a | behind_z | word) & each(0x80) & !0xFF;
        let letters = others.trailing_zeros() & !7;
        let word = word & ((1_u64 << letters) - 1) as u32;
        Self((word.wrapping_mul(SPREAD) >> (u32::BITS - Self::BITS)) as u16)
    }

    fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// A bit for each mark of some words, different ones of which share one now and then: most words are told by it not to be among
/// them.
#[derive(Clone, Copy, Default)]
struct Sketch([u64; 4]);

impl Sketch {
    fn of(marks: impl Iterator<Item = Mark>) -> Self {
        let mut sketch = Self::default();
        for mark in marks {
            sketch.0[mark.place() / 64 % 4] |= 1 << (mark.place() % 64);
        }
        sketch
    }

    fn meets(self, other: Self) -> bool {
        let both = self.0.iter().zip(other.0);
        both.fold(0, |bits, (own, other)| bits | own & other) != 0
    }
}

/// Whether nothing but the value is in the text: it is the whole of a field or a cell.
pub(super) fn is_whole(text: &str, span: &Range<usize>) -> bool {
    /// The most bytes of space and punctuation around it.
    const AROUND: usize = 16;
    text.len() - span.len() <= AROUND
        && !text[..span.start].contains(char::is_alphanumeric)
        && !text[span.end..].contains(char::is_alphanumeric)
}

/// Whether `word` stands somewhere in a stretch.
fn has_word(bytes: &[u8], stretch: &Range<usize>, word: &[u8]) -> bool {
    let (upper, lower) = (word[0].to_ascii_uppercase(), word[0].to_ascii_lowercase());
    memchr2_iter(upper, lower, &bytes[stretch.clone()]).any(|place| {
        let at = stretch.start + place;
        stands(bytes, at, stretch.end, word) && starts_token(bytes, at)
    })
}

/// Whether `word` stands at `at` and ends there, before `stop`.
fn stands(bytes: &[u8], at: usize, stop: usize, word: &[u8]) -> bool {
    let Some(found) = bytes[at..stop].get(..word.len()) else {
        return false;
    };
    let same = if word.iter().any(u8::is_ascii_uppercase) {
        found == word
    } else {
        found.eq_ignore_ascii_case(word)
    };
    same && {
        let end = run_end(bytes, at + word.len(), 1, |byte| byte.is_ascii_alphabetic());
        end == at + word.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::rule::{Category, Lists, Spec};

    #[test]
    fn a_word_is_near_before_and_closely_behind() {
        let words = ["nhs", "SIN", "паспорт", "#"].map(str::to_owned);
        let near = |text: &str, span: &Range<usize>, words: &[String]| {
            let spec = Spec {
                near: words.to_vec(),
                ..Spec::default()
            };
            let rule = Arc::new(Rule::new(
                spec,
                Category::Identifier,
                None,
                Lists::default(),
            ));
            let wanted = NearWords::of(std::slice::from_ref(&rule));
            Surroundings::new(text, &wanted).near(span, &rule)
        };
        assert_eq!(near("NHS no 1", &(7..8), &words), Some(0));
        assert_eq!(near("1 (nhs)", &(0..1), &words), Some(0));
        assert_eq!(near("SIN 1", &(4..5), &words), Some(1));
        assert_eq!(near("sin 1", &(4..5), &words), None);
        assert_eq!(near("snhs 1, nhss", &(5..6), &words), None);
        for escape in ["", "%20", "\\n"] {
            let text = format!("{escape}паспорт 1");
            let value = text.len() - 1..text.len();
            assert_eq!(near(&text, &value, &words), Some(2), "{text}");
        }
        assert_eq!(near("1 паспорта", &(0..1), &words[..3]), Some(2));
        assert_eq!(near("passport 1", &(9..10), &words), None);
        assert_eq!(near("# 1", &(2..3), &words), Some(3));
    }
}
