//! The written forms of identifiers whose first figures stand at a known place: `AA999999A`, `999_999_9999`.

use std::ops::Range;

use super::boundary::{is_word, run_end, run_start, starts_token};
use super::matcher::Number;

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
    /// Those that end there.
    ended: Vec<Shape>,
    /// Those that go on with further digits alone, by their [`Groups`] and in the order of these.
    grouped: Vec<(u64, Shape)>,
    /// A bit for each [`Groups::second`] of them.
    seconds: u64,
    /// Those that go on with something else.
    mixed: Vec<Shape>,
    /// For each byte a bit for each of the mixed ones that may go on with it, and for each that may have it second. Beyond
    /// sixty-four they share their bits. Nothing where there are none.
    behind: Vec<[u64; 2]>,
}

impl Cells {
    const EMPTY: Self = Self {
        ended: Vec::new(),
        grouped: Vec::new(),
        seconds: 0,
        mixed: Vec::new(),
        behind: Vec::new(),
    };

    fn push(&mut self, run: usize, shape: Shape) {
        if shape.rest.is_empty() {
            self.ended.push(shape);
            return;
        }
        if let Some(groups) = Groups::of(run, &shape.rest) {
            let at = self.grouped.partition_point(|(other, _)| *other <= groups);
            self.grouped.insert(at, (groups, shape));
            self.seconds |= Groups::second(groups);
            return;
        }
        let fits = |place: usize, byte| shape.rest.get(place).is_none_or(|cell| cell.fits(byte));
        self.behind.resize(256, [0; 2]);
        let bit = self.mixed.len() % 64;
        for (byte, [first, second]) in (0..=u8::MAX).zip(&mut self.behind) {
            *first |= u64::from(fits(0, byte)) << bit;
            *second |= u64::from(fits(1, byte)) << bit;
        }
        self.mixed.push(shape);
    }

    /// Tells of the forms that may stand where `number` does and go on behind its first digits, the longer first.
    fn longer<'s>(&'s self, number: &Number<'_>, tell: &mut impl FnMut(&'s Shape)) {
        let behind = &number.bytes()[number.first_end()..];
        let fitting = |place: usize| {
            let byte = behind.get(place);
            byte.map_or(u64::MAX, |byte| self.behind[usize::from(*byte)][place])
        };
        let fitting = if self.mixed.is_empty() {
            0
        } else {
            fitting(0) & fitting(1)
        };
        if fitting != 0 {
            for alike in self.mixed.chunks(64) {
                let mut left = fitting;
                while left != 0 {
                    alike.get(left.trailing_zeros() as usize).map(&mut *tell);
                    left &= left - 1;
                }
            }
        }
        // Most numbers have no further digits behind them.
        let further =
            matches!(behind, [b'-' | b'.' | b'/' | b' ', digit, ..] if digit.is_ascii_digit());
        if further && self.seconds & Groups::second(Groups::first_two(number)) != 0 {
            for groups in Groups::read(number) {
                let from = self.grouped.partition_point(|(other, _)| *other < groups);
                self.grouped[from..]
                    .iter()
                    .take_while(|(other, _)| *other == groups)
                    .for_each(|(_, shape)| tell(shape));
            }
        }
    }

    /// The forms that may end where the first digits of `number` do.
    fn ended(&self, number: &Number<'_>) -> &[Shape] {
        let next = number.bytes().get(number.first_end());
        if next.copied().is_some_and(is_word) {
            &[]
        } else {
            &self.ended
        }
    }
}

/// How long the groups of digits of a number are and what joins them, as one number: a byte for each, the first one lowest.
struct Groups;

impl Groups {
    /// Of the first run and what follows it, if that is groups of digits alone.
    fn of(run: usize, rest: &[Cell]) -> Option<u64> {
        let mut groups = 0;
        let mut count = 0;
        let (mut length, mut joint) = (run, 0);
        for cell in rest.iter().chain(&[Cell::Mark(0)]) {
            match cell {
                Cell::Digit => length += 1,
                Cell::Mark(mark) => {
                    if length == 0 || count == Number::MAX_GROUPS {
                        return None;
                    }
                    groups |= Self::group(length, joint) << (8 * count);
                    count += 1;
                    (length, joint) = (0, *mark);
                    if !matches!(mark, 0 | b'-' | b'.' | b'/' | b' ') {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        Some(groups)
    }

    /// Of all groups of a number, of all but the last, and so on to the first two.
    fn read(number: &Number<'_>) -> impl Iterator<Item = u64> {
        let first = Self::group(number.first_end() - number.start(), 0);
        let mut joined = [first; Number::MAX_GROUPS];
        let mut count = 1;
        for (joint, length) in number.joined() {
            joined[count] = joined[count - 1] | Self::group(length, joint) << (8 * count);
            count += 1;
        }
        (1..count).rev().map(move |place| joined[place])
    }

    /// Of the first two groups of a number that has as many.
    fn first_two(number: &Number<'_>) -> u64 {
        let first = Self::group(number.first_end() - number.start(), 0);
        let second = number.joined().next();
        second.map_or(first, |(joint, length)| {
            first | Self::group(length, joint) << 8
        })
    }

    /// One bit for the length of the second group and what joins it to the first; some share one.
    fn second(groups: u64) -> u64 {
        let group = groups >> 8;
        1 << ((group & 0xF) + (group >> 5 & 3) * 16)
    }

    /// Of a group of `length` digits with `joint` before it. Longer ones than any form has are alike.
    fn group(length: usize, joint: u8) -> u64 {
        let joint = match joint {
            0 => 0,
            b'-' => 1,
            b'.' => 2,
            b'/' => 3,
            b' ' => 4,
            _ => 5,
        };
        length.min(31) as u64 | joint << 5
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
            let shape = Shape {
                rule,
                lead: cells[..lead].to_vec(),
                rest: cells[lead + run..].to_vec(),
            };
            self.cells[place(letters, gap, run)].push(run, shape);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Tells of each rule one of whose forms stands around the first digits of `number`, and where.
    pub(super) fn around(&self, number: &Number<'_>, mut tell: impl FnMut(usize, Range<usize>)) {
        let bytes = number.bytes();
        let digits = number.start()..number.first_end();
        if digits.len() > MAX_RUN || self.cells.is_empty() {
            return;
        }
        // `letters` stand before the digits, perhaps with a gap; a form may have more before them.
        let mut look = |letters: usize, gap: bool| {
            if letters > MAX_LEAD {
                return;
            }
            let cells = &self.cells[place(letters, gap, digits.len())];
            // Many forms of one length stand next to each other.
            let mut alone = (0..0, false);
            let next = bytes.get(digits.end).copied();
            let mut look_at = |shape: &Shape| {
                let goes_on = |cell: &Cell| next.is_some_and(|next| cell.fits(next));
                if !shape.rest.first().is_none_or(goes_on) {
                    return;
                }
                let end = digits.end + shape.rest.len();
                let Some(start) = digits.start.checked_sub(shape.lead.len()) else {
                    return;
                };
                if bytes.get(end).copied().is_some_and(is_word) {
                    return;
                }
                let rest = bytes.get(digits.end..end);
                if !(rest.is_some_and(|rest| fits(&shape.rest, rest))
                    && fits(&shape.lead, &bytes[start..]))
                {
                    return;
                }
                let span = start..end;
                if alone.0 != span {
                    alone = (span.clone(), stands_alone(bytes, &span));
                }
                if alone.1 {
                    tell(shape.rule, span);
                }
            };
            cells.longer(number, &mut look_at);
            let ended = cells.ended(number);
            if letters > 0 || gap {
                ended.iter().for_each(look_at);
            } else if !ended.is_empty() && stands_alone(bytes, &digits) {
                // Nothing but the digits themselves is of these forms.
                let mut tell_of = |shape: &Shape| tell(shape.rule, digits.clone());
                ended.iter().for_each(&mut tell_of);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(form: &str, text: &str) -> Option<String> {
        let mut shapes = Shapes::default();
        shapes.add(0, form);
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let number = Number::read(text.as_bytes(), start);
        let mut found = None;
        shapes.around(&number, |_, span| {
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
        assert_eq!(found("9.9:9", "at 1.2:3"), Some("1.2:3".into()));
        assert_eq!(found("99/99-9A", "12/34-5X"), Some("12/34-5X".into()));
        assert_eq!(found("99_99", "\\n12 34"), Some("12 34".into()));
    }
}
