//! The words around a value that a rule wants there.

use std::ops::Range;

use memchr::memchr2_iter;

use super::boundary::{run_end, starts_token};
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

/// How the words around a value begin, kept for the next rule that asks about the same value.
#[derive(Default)]
pub(super) struct Surroundings {
    span: Range<usize>,
    begun: Beginnings,
}

impl Surroundings {
    /// Which of the words that `rule` wants stands near `span` in the text, which must be the same every time: as a word of its
    /// own. Capitals must be met as such, small letters in either case.
    pub(super) fn near(&mut self, text: &str, span: &Range<usize>, rule: &Rule) -> Option<usize> {
        self.read(text, span);
        let (bytes, near) = (text.as_bytes(), &rule.spec.near);
        let (before, behind) = around(text, span);
        let stands = |(place, mark): (usize, &Option<Mark>)| {
            let word = near[place].as_bytes();
            match *mark {
                Some(mark) if !self.begun.has(mark) => false,
                Some(mark) if self.begun.told && mark != Mark::WIDE => {
                    let mut alike = self.begun.words.iter().filter(|(other, _)| *other == mark);
                    alike.any(|(_, at)| {
                        let stretch = if *at < span.start { &before } else { &behind };
                        stands(bytes, *at, stretch.end, word)
                    })
                }
                _ => has_word(bytes, &before, word) || has_word(bytes, &behind, word),
            }
        };
        marks_of(rule).iter().enumerate().position(stands)
    }

    /// Whether one of them may stand there, as far as their first letters tell.
    pub(super) fn may_be_near(&mut self, text: &str, span: &Range<usize>, rule: &Rule) -> bool {
        self.read(text, span);
        let begins = |mark: &Option<Mark>| mark.is_none_or(|mark| self.begun.has(mark));
        marks_of(rule).iter().any(begins)
    }

    fn read(&mut self, text: &str, span: &Range<usize>) {
        // No value is empty, so that nothing has been read for the span of the default.
        if self.span != *span {
            let (before, behind) = around(text, span);
            self.begun.clear();
            self.begun.add(text.as_bytes(), before);
            self.begun.add(text.as_bytes(), behind);
            self.span = span.clone();
        }
    }
}

/// The marks of the words that `rule` wants.
fn marks_of(rule: &Rule) -> &[Option<Mark>] {
    rule.near_marks.get_or_init(|| {
        rule.spec
            .near
            .iter()
            .map(|word| Mark::of_word(word))
            .collect()
    })
}

/// What tells most words apart, whatever their case: their first three letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u16);

impl Mark {
    /// Of all words that begin beyond ASCII. No other word has it: the low bits of letters and figures are not zero.
    const WIDE: Self = Self(0);

    /// Of a word that a rule wants; `None` where it begins with an ASCII mark.
    fn of_word(word: &str) -> Option<Self> {
        let first = *word.as_bytes().first()?;
        if first.is_ascii() {
            first
                .is_ascii_alphanumeric()
                .then(|| Self::of(word.as_bytes()))
        } else {
            Some(Self::WIDE)
        }
    }

    /// Of the word with which `bytes` begin. What follows a shorter word, which is no letter, counts as nothing.
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let [first, second, third] = match *bytes {
            [first, second, third, ..] => [first, second, third],
            [first, second] => [first, second, 0],
            [first] => [first, 0, 0],
            [] => [0; 3],
        };
        let letter = |byte: u8| u16::from(LETTERS[usize::from(byte)]);
        // The third letter is folded into two bits, so that all marks of a text stay together.
        Self(u16::from(first & 31) | letter(second) << 5 | (letter(third) & 3) << 10)
    }
}

/// The low bits of a letter, which are the same in either case, and nothing for anything else.
static LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        if byte.is_ascii_alphabetic() {
            letters[byte as usize] = byte & 31;
        }
        byte += 1;
    }
    letters
};

/// The words of a text and their marks, some of which it may not have: most words can be told not to be there without looking
/// for them.
struct Beginnings {
    marks: [u64; 64],
    /// Where the words begin.
    words: Vec<(Mark, usize)>,
    /// Whether these are all places where a word may begin.
    told: bool,
}

impl Default for Beginnings {
    fn default() -> Self {
        Self {
            marks: [0; 64],
            words: Vec::new(),
            told: true,
        }
    }
}

impl Beginnings {
    fn clear(&mut self) {
        self.marks = [0; 64];
        self.words.clear();
        self.told = true;
    }

    fn add(&mut self, bytes: &[u8], stretch: Range<usize>) {
        if !bytes[stretch.clone()].is_ascii() {
            self.set(Mark::WIDE);
        }
        // Behind an escape a word may begin inside another.
        let from = stretch.start.saturating_sub(3);
        let escapes = memchr2_iter(b'\\', b'%', &bytes[from..stretch.end]).any(|place| {
            let next = bytes.get(from + place + 1);
            bytes[from + place] == b'\\' || next.is_some_and(u8::is_ascii_hexdigit)
        });
        if escapes {
            self.told = false;
            stretch.for_each(|at| self.set(Mark::of(&bytes[at..])));
        } else {
            self.words.reserve(stretch.len() / 2 + 1);
            word_starts(bytes, &stretch, 1, |at| {
                let mark = Mark::of(&bytes[at..]);
                self.set(mark);
                self.words.push((mark, at));
            });
        }
    }

    #[inline]
    fn set(&mut self, Mark(mark): Mark) {
        self.marks[usize::from(mark) / 64] |= 1 << (mark % 64);
    }

    fn has(&self, Mark(mark): Mark) -> bool {
        self.marks[usize::from(mark) / 64] >> (mark % 64) & 1 != 0
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
            let rule = Rule::new(spec, Category::Identifier, None, Lists::default());
            Surroundings::default().near(text, span, &rule)
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
