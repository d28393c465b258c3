//! The written forms of identifiers whose first figures stand at a known place: `AA999999A`, `999_999_9999`.

use std::ops::Range;

use memchr::memchr2_iter;

use super::boundary::{is_word, run_end, run_start, starts_token};
use super::rule::Rule;

/// The most letters before the first digit, and the most digits of the first run.
const MAX_LEAD: usize = 6;
const MAX_RUN: usize = 20;

/// One written form, from its first letters to its last character.
struct Shape {
    /// Place of the rule in the scanner's list.
    rule: usize,
    lead: Vec<Cell>,
    /// What follows the first run of digits.
    rest: Vec<Cell>,
}

/// What may stand at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// `9`
    Digit,
    /// `A`: a capital.
    Capital,
    /// `a`: a letter in either case.
    Letter,
    /// `X`: a capital or a digit.
    Either,
    /// Anything else stands for itself.
    Mark(u8),
}

impl Cell {
    fn of(byte: u8) -> Self {
        match byte {
            b'9' => Self::Digit,
            b'A' => Self::Capital,
            b'a' => Self::Letter,
            b'X' => Self::Either,
            mark => Self::Mark(mark),
        }
    }

    fn fits(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Capital => byte.is_ascii_uppercase(),
            Self::Letter => byte.is_ascii_alphabetic(),
            Self::Either => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Mark(mark) => byte == mark,
        }
    }
}

/// Whether `form` is one that a rule may have: letters, a first run of digits, and then anything.
pub(super) fn is_shape(form: &str) -> bool {
    spelt_out(form).iter().all(|form| {
        let bytes = form.as_bytes();
        let lead = run_end(bytes, 0, bytes.len(), |byte| byte != b'9');
        let run = run_end(bytes, lead, bytes.len(), |byte| byte == b'9') - lead;
        let letters = match &bytes[..lead] {
            [letters @ .., b' ' | b'-'] if letters.ends_with(b"A") => letters,
            letters => letters,
        };
        let mut groups = letters.split(|byte| matches!(byte, b' ' | b'-'));
        let lettered = groups.all(|group| {
            (1..=MAX_LEAD).contains(&group.len())
                && group.iter().all(|byte| matches!(byte, b'A' | b'a'))
        });
        form.is_ascii()
            && (lettered || lead == 0)
            && (1..=MAX_RUN).contains(&run)
            && bytes.get(lead + run) != Some(&b'X')
    })
}

/// `_` stands for nothing, a space or a hyphen, and for the same in the whole form.
fn spelt_out(form: &str) -> Vec<String> {
    if form.contains('_') {
        ["", " ", "-"]
            .map(|joint| form.replace('_', joint))
            .to_vec()
    } else {
        vec![form.to_owned()]
    }
}

/// The forms of all rules, by what tells most of them apart: see [`place`].
#[derive(Default)]
pub(super) struct Shapes {
    cells: Vec<Cells>,
}

/// Forms that begin alike up to the end of the first run of digits.
struct Cells {
    shapes: Vec<Shape>,
    /// Whether one of them may go on, or end, at such a byte.
    next: [bool; 256],
}

impl Cells {
    const EMPTY: Self = Self {
        shapes: Vec::new(),
        next: [false; 256],
    };

    fn push(&mut self, shape: Shape) {
        for (byte, next) in (0..=u8::MAX).zip(&mut self.next) {
            *next |= shape
                .rest
                .first()
                .map_or(!is_word(byte), |cell| cell.fits(byte));
        }
        self.shapes.push(shape);
    }

    /// The forms that the byte behind the digits leaves.
    fn before(&self, next: Option<&u8>) -> &[Shape] {
        if next.is_none_or(|byte| self.next[usize::from(*byte)]) {
            &self.shapes
        } else {
            &[]
        }
    }
}

impl Shapes {
    /// `form` must be a shape.
    pub(super) fn add(&mut self, rule: usize, form: &str) {
        if self.cells.is_empty() {
            self.cells
                .resize_with(2 * (MAX_LEAD + 1) * (MAX_RUN + 1), || Cells::EMPTY);
        }
        for form in spelt_out(form) {
            let cells: Vec<Cell> = form.bytes().map(Cell::of).collect();
            let lead = cells
                .iter()
                .take_while(|&&cell| cell != Cell::Digit)
                .count();
            let run = cells[lead..]
                .iter()
                .take_while(|&&cell| cell == Cell::Digit)
                .count();
            let gap = lead > 0 && matches!(cells[lead - 1], Cell::Mark(_));
            let letters = cells[..lead - usize::from(gap)]
                .iter()
                .rev()
                .take_while(|cell| !matches!(cell, Cell::Mark(_)))
                .count();
            self.cells[place(letters, gap, run)].push(Shape {
                rule,
                lead: cells[..lead].to_vec(),
                rest: cells[lead + run..].to_vec(),
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Tells of each rule one of whose forms stands around the run of digits `digits`, and where.
    pub(super) fn around(
        &self,
        bytes: &[u8],
        digits: &Range<usize>,
        mut tell: impl FnMut(usize, Range<usize>),
    ) {
        if digits.len() > MAX_RUN || self.cells.is_empty() {
            return;
        }
        // `letters` stand before the digits, perhaps with a gap; a form may have more before them.
        let mut look = |letters: usize, gap: bool| {
            if letters > MAX_LEAD {
                return;
            }
            let cells = &self.cells[place(letters, gap, digits.len())];
            for shape in cells.before(bytes.get(digits.end)) {
                let Some(start) = digits.start.checked_sub(shape.lead.len()) else {
                    continue;
                };
                let rest = bytes.get(digits.end..digits.end + shape.rest.len());
                let whole = rest.is_some_and(|rest| fits(&shape.rest, rest))
                    && fits(&shape.lead, &bytes[start..]);
                let span = start..digits.end + shape.rest.len();
                if whole && stands_alone(bytes, &span) {
                    tell(shape.rule, span);
                }
            }
        };
        let letters =
            |end: usize| run_start(bytes, end, MAX_LEAD + 1, |byte| byte.is_ascii_alphabetic());
        let at = digits.start;
        match &bytes[..at] {
            // `\n` and `%3D` before the digits are no letters of the value.
            [.., byte] if byte.is_ascii_alphabetic() && !starts_token(bytes, at) => {
                look(at - letters(at), false);
            }
            [.., letter, b' ' | b'-'] if letter.is_ascii_uppercase() => {
                look(0, false);
                look(at - 1 - letters(at - 1), true);
            }
            _ => look(0, false),
        }
    }
}

fn fits(cells: &[Cell], bytes: &[u8]) -> bool {
    cells.iter().zip(bytes).all(|(cell, &byte)| cell.fits(byte))
}

/// Where the forms are that have so many letters before the first digit, a space or hyphen between, and so many digits.
fn place(letters: usize, gap: bool, run: usize) -> usize {
    (usize::from(gap) * (MAX_LEAD + 1) + letters) * (MAX_RUN + 1) + run
}

/// Whether nothing at either end makes the value a part of a longer number or name.
fn stands_alone(bytes: &[u8], span: &Range<usize>) -> bool {
    let begins = starts_token(bytes, span.start)
        && match &bytes[..span.start] {
            [.., b'_'] => false,
            [.., before, b'-' | b'.' | b'/'] => !is_word(*before),
            [.., before, b':' | b','] => !before.is_ascii_digit(),
            _ => true,
        };
    let ends = match &bytes[span.end..] {
        [b'.' | b',' | b':', after, ..] => !after.is_ascii_digit(),
        [b'-' | b'/', after, ..] | [after, ..] => !is_word(*after),
        [] => true,
    };
    begins && ends
}

/// How far before and behind a value the words count that a rule wants near it, in bytes.
const BEFORE: usize = 96;
const BEHIND: usize = 48;

/// Which of `words` stands near `span`, as a word of its own. Capitals must be met as such, small letters in either case.
fn find_near(
    text: &str,
    span: &Range<usize>,
    words: &[String],
    begun: &Beginnings,
) -> Option<usize> {
    let (before, behind) = around(text, span);
    words.iter().position(|word| {
        let (bytes, word) = (text.as_bytes(), word.as_bytes());
        begun.has(word) && (has_word(bytes, &before, word) || has_word(bytes, &behind, word))
    })
}

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
    /// Which of the words that `rule` wants stands near `span` in the text, which must be the same every time.
    pub(super) fn near(&mut self, text: &str, span: &Range<usize>, rule: &Rule) -> Option<usize> {
        // No value is empty, so that nothing has been read for the span of the default.
        if self.span != *span {
            let (before, behind) = around(text, span);
            self.begun = Beginnings::default();
            self.begun.add(text.as_bytes(), before);
            self.begun.add(text.as_bytes(), behind);
            self.span = span.clone();
        }
        let wanted = rule
            .near_begins
            .get_or_init(|| Beginnings::of(&rule.spec.near));
        self.begun
            .meets(wanted)
            .then(|| find_near(text, span, &rule.spec.near, &self.begun))
            .flatten()
    }
}

/// The first two letters of the words of a text, some of which it may not have: most words can be told not to be there
/// without looking for them.
#[derive(Default)]
pub(super) struct Beginnings([u64; 16]);

impl Beginnings {
    fn of(words: &[String]) -> Self {
        let mut all = Self::default();
        for word in words {
            let (place, bit) = Self::place(word.as_bytes());
            all.0[place] |= bit;
            if word.len() < 2 {
                // A word of one letter can stand before anything.
                all = Self([u64::MAX; 16]);
            }
        }
        all
    }

    fn add(&mut self, bytes: &[u8], stretch: Range<usize>) {
        let mut inside = false;
        for at in stretch {
            let letter = bytes[at].is_ascii_alphanumeric();
            // Behind an escape a word may begin inside another.
            let escaped = || at > 1 && bytes[at - 2] == b'\\' || at > 2 && bytes[at - 3] == b'%';
            if !inside || escaped() {
                let (word, bit) = Self::place(&bytes[at..]);
                self.0[word] |= bit;
            }
            inside = letter;
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).any(|(one, two)| one & two != 0)
    }

    fn has(&self, word: &[u8]) -> bool {
        let (place, bit) = Self::place(word);
        word.len() < 2 || self.0[place] & bit != 0
    }

    /// Letters differ from one another, whatever their case, in their low five bits.
    fn place(word: &[u8]) -> (usize, u64) {
        let letter = |place: usize| word.get(place).map_or(0, |byte| usize::from(byte & 31));
        let mark = letter(0) | letter(1) << 5;
        (mark / 64, 1 << (mark % 64))
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

fn has_word(bytes: &[u8], stretch: &Range<usize>, word: &[u8]) -> bool {
    let exact = word.iter().any(u8::is_ascii_uppercase);
    let (upper, lower) = (word[0].to_ascii_uppercase(), word[0].to_ascii_lowercase());
    memchr2_iter(upper, lower, &bytes[stretch.clone()]).any(|place| {
        let at = stretch.start + place;
        let Some(found) = bytes[at..stretch.end].get(..word.len()) else {
            return false;
        };
        let same = if exact {
            found == word
        } else {
            found.eq_ignore_ascii_case(word)
        };
        same && {
            let end = run_end(bytes, at + word.len(), 1, |byte| byte.is_ascii_alphabetic());
            starts_token(bytes, at) && end == at + word.len()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(form: &str, text: &str) -> Option<String> {
        let mut shapes = Shapes::default();
        shapes.add(0, form);
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end = run_end(text.as_bytes(), start, 99, |byte| byte.is_ascii_digit());
        let mut found = None;
        shapes.around(text.as_bytes(), &(start..end), |_, span| {
            found = Some(text[span].to_owned());
        });
        found
    }

    #[test]
    fn a_form_is_found_whole_and_alone() {
        assert_eq!(found("AA999A", "is AB123C."), Some("AB123C".into()));
        assert_eq!(found("AA999A", "is XAB123C."), None);
        assert_eq!(found("AA999A", "is AB123CD"), None);
        assert_eq!(found("AA999A", "is ab123c"), None);
        assert_eq!(found("A-AA 999", "is B-MW 123."), Some("B-MW 123".into()));
        assert_eq!(found("A-AA 999", "is AB-MW 123."), None);
        assert_eq!(found("99_99", "at 12-34"), Some("12-34".into()));
        assert_eq!(found("99_99", "at 1234"), Some("1234".into()));
        assert_eq!(found("99_99", "at 12-34-5"), None);
        assert_eq!(found("99_99", "\\n12 34"), Some("12 34".into()));
    }

    #[test]
    fn a_word_is_near_before_and_closely_behind() {
        let words = ["nhs".to_owned(), "SIN".to_owned()];
        let near = |text: &str, span: &Range<usize>, words: &[String]| {
            let (before, behind) = around(text, span);
            let mut begun = Beginnings::default();
            begun.add(text.as_bytes(), before);
            begun.add(text.as_bytes(), behind);
            find_near(text, span, words, &begun)
        };
        assert_eq!(near("NHS no 1", &(7..8), &words), Some(0));
        assert_eq!(near("1 (nhs)", &(0..1), &words), Some(0));
        assert_eq!(near("SIN 1", &(4..5), &words), Some(1));
        assert_eq!(near("sin 1", &(4..5), &words), None);
        assert_eq!(near("snhs 1, nhss", &(5..6), &words), None);
    }
}
