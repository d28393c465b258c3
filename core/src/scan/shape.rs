//! The written forms of identifiers whose first figures stand at a known place: `AA999999A`, `999_999_9999`.

use std::ops::Range;

use memchr::memchr2_iter;

use super::boundary::{is_word, run_end, run_start, starts_token};

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
        form.is_ascii()
            && letters.iter().all(|byte| matches!(byte, b'A' | b'a'))
            && letters.len() <= MAX_LEAD
            && !(letters.is_empty() && lead > 0)
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
            self.cells[place(lead - usize::from(gap), gap, run)].push(Shape {
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
        let mut look = |start: usize, lead: usize, gap: bool| {
            if lead > MAX_LEAD {
                return;
            }
            let cells = &self.cells[place(lead, gap, digits.len())];
            for shape in cells.before(bytes.get(digits.end)) {
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
                let start = letters(at);
                look(start, at - start, false);
            }
            [.., letter, b' ' | b'-'] if letter.is_ascii_uppercase() => {
                look(at, 0, false);
                let start = letters(at - 1);
                look(start, at - 1 - start, true);
            }
            _ => look(at, 0, false),
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
const BEHIND: usize = 24;

/// Which of `words` stands near `span`, as a word of its own. Capitals must be met as such, small letters in either case.
pub(super) fn near(text: &str, span: &Range<usize>, words: &[String]) -> Option<usize> {
    let bytes = text.as_bytes();
    let before = span.start.saturating_sub(BEFORE)..span.start;
    let behind = span.end..bytes.len().min(span.end + BEHIND);
    [before, behind].into_iter().find_map(|stretch| {
        words
            .iter()
            .position(|word| has_word(bytes, &stretch, word.as_bytes()))
    })
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
        assert_eq!(found("99_99", "at 12-34"), Some("12-34".into()));
        assert_eq!(found("99_99", "at 1234"), Some("1234".into()));
        assert_eq!(found("99_99", "at 12-34-5"), None);
        assert_eq!(found("99_99", "\\n12 34"), Some("12 34".into()));
    }

    #[test]
    fn a_word_is_near_before_and_closely_behind() {
        let words = ["nhs".to_owned(), "SIN".to_owned()];
        assert_eq!(near("NHS no 1", &(7..8), &words), Some(0));
        assert_eq!(near("1 (nhs)", &(0..1), &words), Some(0));
        assert_eq!(near("SIN 1", &(4..5), &words), Some(1));
        assert_eq!(near("sin 1", &(4..5), &words), None);
        assert_eq!(near("snhs 1, nhss", &(5..6), &words), None);
    }
}
