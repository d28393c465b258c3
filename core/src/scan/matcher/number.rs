//! The shapes of numbers: digits in groups, read once for every rule that asks.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end};
use crate::scan::check::{is_card, is_npi, is_ssn};

/// What stands before a number that is no part of something longer, as far as one byte tells.
static FREE: [bool; 256] = {
    let mut free = [false; 256];
    let marks = b" \n\t(\"':>[";
    let mut place = 0;
    while place < marks.len() {
        free[marks[place] as usize] = true;
        place += 1;
    }
    free
};
/// The most groups that any shape has: a French telephone number with its country code and `(0)`.
const MAX_GROUPS: usize = 8;

/// How a number opens, and what is seen of the rest at once: what tells most shapes of numbers apart.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one thing that some shapes have and others have not"
)]
pub(in crate::scan) struct Opening {
    /// Digits before the first joint; [`Opening::MANY`] stands for more as well.
    pub(super) digits: usize,
    /// What joins them to the next group, or 0.
    pub(super) joint: u8,
    /// Whether a `+` stands before them.
    pub(super) signed: bool,
    /// Whether nothing stands before them, or a space or mark that may stand before a word.
    pub(super) free: bool,
    /// Whether the first digit is a zero.
    pub(super) zero: bool,
    /// Whether there are three groups or more.
    pub(super) grouped: bool,
    /// Whether it has [`Opening::LONG`] bytes or more.
    pub(super) long: bool,
}

impl Opening {
    const MANY: usize = 20;
    /// The shortest telephone number without a joint.
    const LONG: usize = 7;
    const JOINTS: [u8; 6] = [0, b'-', b'.', b'/', b' ', b')'];
    /// How many there are.
    pub(in crate::scan) const COUNT: usize = ((Self::MANY + 1) * Self::JOINTS.len()) << 5;

    pub(in crate::scan) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|place| {
            let has = |flag: usize| place >> flag & 1 != 0;
            let rest = place >> 5;
            Self {
                digits: rest / Self::JOINTS.len(),
                joint: Self::JOINTS[rest % Self::JOINTS.len()],
                signed: has(0),
                free: has(1),
                zero: has(2),
                grouped: has(3),
                long: has(4),
            }
        })
    }

    /// A number of its own for each, less than [`Opening::COUNT`]: its place in [`Opening::all`].
    #[inline]
    pub(in crate::scan) fn place(&self) -> usize {
        let joint = match self.joint {
            0 => 0,
            b'-' => 1,
            b'.' => 2,
            b'/' => 3,
            b' ' => 4,
            _ => 5,
        };
        let flags = usize::from(self.signed)
            | usize::from(self.free) << 1
            | usize::from(self.zero) << 2
            | usize::from(self.grouped) << 3
            | usize::from(self.long) << 4;
        (self.digits * Self::JOINTS.len() + joint) << 5 | flags
    }
}

/// Groups of digits, each joined to the next by one separator.
pub(in crate::scan) struct Number<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) groups: [(usize, usize); MAX_GROUPS],
    /// What stands behind each group: `-`, `.`, `/`, a space, a parenthesis, or 0 for the end of the number.
    pub(super) joints: [u8; MAX_GROUPS],
    pub(super) count: usize,
}

impl<'t> Number<'t> {
    /// The most groups that are read.
    pub(in crate::scan) const MAX_GROUPS: usize = MAX_GROUPS;

    /// Reads the groups from the digit at `start` on.
    pub(in crate::scan) fn read(bytes: &'t [u8], start: usize) -> Self {
        let mut number = Self {
            bytes,
            groups: [(0, 0); MAX_GROUPS],
            joints: [0; MAX_GROUPS],
            count: 0,
        };
        let mut at = start;
        while number.count < MAX_GROUPS {
            // Only the first group may be long: it is the one that the sweep does not read again.
            let limit = if number.count == 0 { usize::MAX } else { 20 };
            let end = run_end(bytes, at, limit, |byte| byte.is_ascii_digit());
            number.groups[number.count] = (at, end);
            number.count += 1;
            let (joint, length) = joint(&bytes[end..]);
            number.joints[number.count - 1] = joint;
            at = end + length;
            if joint == 0 {
                break;
            }
        }
        number
    }

    pub(in crate::scan) fn start(&self) -> usize {
        self.groups[0].0
    }

    /// The text that it stands in.
    pub(in crate::scan) fn bytes(&self) -> &'t [u8] {
        self.bytes
    }

    /// The groups behind the first one: what stands before each, and how many digits it has.
    pub(in crate::scan) fn joined(&self) -> impl Iterator<Item = (u8, usize)> {
        (1..self.count).map(|group| (self.joints[group - 1], self.length(group)))
    }

    /// The end of the first run of digits.
    pub(in crate::scan) fn first_end(&self) -> usize {
        self.groups[0].1
    }

    /// The end of the last group.
    pub(in crate::scan) fn end(&self) -> usize {
        self.groups[self.count - 1].1
    }

    pub(in crate::scan) fn opening(&self) -> Opening {
        let start = self.start();
        let before = self.bytes[..start].last();
        Opening {
            digits: self.length(0).min(Opening::MANY),
            joint: self.joints[0],
            signed: before == Some(&b'+'),
            free: before.is_none_or(|byte| FREE[usize::from(*byte)]),
            zero: self.bytes.get(start) == Some(&b'0'),
            grouped: self.count > 2,
            long: self.end() - start >= Opening::LONG,
        }
    }

    pub(super) fn length(&self, group: usize) -> usize {
        if group < self.count {
            self.groups[group].1 - self.groups[group].0
        } else {
            0
        }
    }

    pub(super) fn has_lengths(&self, lengths: &[usize]) -> bool {
        lengths
            .iter()
            .enumerate()
            .all(|(group, &length)| self.length(group) == length)
    }

    /// The text of the first `count` groups with what joins them.
    pub(super) fn text(&self, count: usize) -> &'t str {
        let bytes = &self.bytes[self.start()..self.groups[count - 1].1];
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Nothing before the number makes it a part of something longer.
    pub(super) fn starts_clean(&self) -> bool {
        match &self.bytes[..self.start()] {
            [] => true,
            [.., before, b'-' | b'.' | b'/' | b':'] if is_word(*before) => false,
            [.., last] => !is_word(*last),
        }
    }

    /// Nothing behind the first `count` groups continues them.
    pub(super) fn ends_clean(&self, count: usize) -> bool {
        let rest = &self.bytes[self.groups[count - 1].1..];
        let extended = matches!(rest, [b'x' | b'X', digit, ..] if digit.is_ascii_digit());
        if rest.first().copied().is_some_and(is_word) && !extended {
            return false;
        }
        self.count <= count || !matches!(self.joints[count - 1], b'-' | b'.' | b'/')
    }

    pub(super) fn whole(&self, count: usize) -> Option<Range<usize>> {
        (self.starts_clean() && self.ends_clean(count))
            .then(|| self.start()..self.groups[count - 1].1)
    }

    pub(super) fn ssn(&self, joints: &[u8]) -> Option<Range<usize>> {
        let joined = self.joints[0] == self.joints[1] && joints.contains(&self.joints[0]);
        if !self.has_lengths(&[3, 2, 4]) || !joined || !is_ssn(self.text(3)) {
            return None;
        }
        self.whole(3)
    }

    pub(super) fn npi(&self) -> Option<Range<usize>> {
        (self.length(0) == 10 && is_npi(self.text(1)))
            .then(|| self.whole(1))
            .flatten()
    }

    pub(super) fn date(&self) -> Option<Range<usize>> {
        let slashed = self.joints[0] == b'/' && self.joints[1] == b'/';
        if !slashed || self.length(0) > 2 || self.length(1) > 2 || self.length(2) != 4 {
            return None;
        }
        // Behind a date anything but a digit, a letter or another slash may stand: `01/02/2024-01/05/2024`.
        let end = self.groups[2].1;
        let clean = self.starts_clean() || self.bytes[..self.start()].ends_with(b"-");
        let continued = self
            .bytes
            .get(end)
            .is_some_and(|&byte| is_word(byte) && byte != b'T' || byte == b'/');
        (clean && !continued).then(|| self.start()..end)
    }

    pub(super) fn ipv4(&self) -> Option<Range<usize>> {
        let dotted = self.joints[..3].iter().all(|&joint| joint == b'.');
        if !dotted || (0..4).any(|group| !(1..=3).contains(&self.length(group))) {
            return None;
        }
        let text = self.text(4);
        if text
            .split('.')
            .any(|octet| octet.parse::<u16>().is_ok_and(|value| value > 255))
        {
            return None;
        }
        let end = self.groups[3].1;
        let longer = self.joints[3] == b'.' || self.bytes.get(end).copied().is_some_and(is_word);
        let before = &self.bytes[..self.start()];
        let clean = match before {
            [] => true,
            [.., last, b'.'] if is_word(*last) => false,
            [.., last] => !is_word(*last),
        };
        // `version 1.2.3.4` and the enzyme `EC 3.4.21.5` are none.
        let from = before.len().saturating_sub(9);
        let versioned = before[from..]
            .to_ascii_lowercase()
            .windows(7)
            .any(|word| word == b"version");
        let enzyme = before.ends_with(b"EC ");
        (clean && !longer && !versioned && !enzyme).then(|| self.start()..end)
    }

    pub(super) fn card(&self) -> Option<Range<usize>> {
        if !self.starts_clean() {
            return None;
        }
        let joint = self.joints[0];
        let same = (1..self.count)
            .take_while(|&group| self.joints[group] == joint && matches!(joint, b'-' | b' '))
            .count();
        // As many groups as one separator joins, and fewer, down to one.
        (1..=self.count.min(same + 2).min(5))
            .rev()
            .find_map(|count| {
                let grouped = count == 1
                    || (matches!(joint, b'-' | b' ')
                        && (0..count).all(|group| (3..=6).contains(&self.length(group))));
                let digits: usize = (0..count).map(|group| self.length(group)).sum();
                let fits = grouped && (13..=19).contains(&digits) && is_card(self.text(count));
                (fits && self.ends_clean(count)).then(|| self.start()..self.groups[count - 1].1)
            })
    }
}

/// The separator at the start of `rest` and its length in bytes, if a digit follows it; else `(0, 0)`.
fn joint(rest: &[u8]) -> (u8, usize) {
    let (joint, length) = match rest {
        [b')', b' ' | b'-' | b'.', ..] => (b')', 2),
        [b')', ..] => (b')', 1),
        // An opening parenthesis, or U+00A0, the no-break space.
        [b' ' | b'-', b'(', ..] | [0xC2, 0xA0, ..] => (b' ', 2),
        [b'(', ..] => (b' ', 1),
        [mark @ (b'-' | b'.' | b'/' | b' '), ..] => (*mark, 1),
        // U+2010 to U+2015, hyphens and dashes.
        [0xE2, 0x80, 0x90..=0x95, ..] => (b'-', 3),
        _ => return (0, 0),
    };
    if rest.get(length).is_some_and(u8::is_ascii_digit) {
        (joint, length)
    } else {
        (0, 0)
    }
}
