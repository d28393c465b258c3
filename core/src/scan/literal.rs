//! One literal of one rule, and where it may stand.

use once_cell::sync::OnceCell;

use super::boundary::starts_token;
use super::evidence::Told;
use super::rule::Rule;

/// The bytes that are compared at once.
pub(super) const WORD: usize = size_of::<u64>();

/// Where a literal may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Anywhere,
    /// Not inside a word.
    Token,
    /// Not inside a word, unless as a capitalised part of it: `dbPass` but not `compass`.
    Part,
}

impl Start {
    fn admits(self, bytes: &[u8], at: usize) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Token => starts_token(bytes, at),
            Self::Part => {
                let hump = bytes[at].is_ascii_uppercase()
                    && bytes[..at].last().is_some_and(u8::is_ascii_lowercase);
                hump || starts_token(bytes, at)
            }
        }
    }
}

/// A literal that announces a rule.
pub(super) struct Literal {
    /// Place of the rule in the scanner's list.
    pub(super) rule: usize,
    pub(super) length: usize,
    pub(super) start: Start,
    pub(super) head: Head,
    /// The bytes behind the head, as many as it has at most.
    neck: Head,
    /// All that is behind the head.
    tail: Box<[u8]>,
    exact: bool,
    behind: Option<Box<Behind>>,
    told: OnceCell<Told>,
}

/// The first bytes of a literal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Where case does not matter, in lower case.
    bytes: u64,
    /// The bits of a text that count, and those that are set before they are compared.
    mask: u64,
    fold: u64,
}

impl Head {
    /// Of at most [`WORD`] bytes. `exact`: as they are written; otherwise ASCII letters match in either case.
    pub(super) fn of(bytes: &[u8], exact: bool) -> Self {
        let folded = |byte: &u8| u8::from(!exact && byte.is_ascii_alphabetic()) * 0x20;
        let fold = word_at(&bytes.iter().map(folded).collect::<Vec<u8>>(), 0);
        Self {
            bytes: word_at(bytes, 0) | fold,
            mask: word_at(&vec![0xFF; bytes.len()], 0),
            fold,
        }
    }

    /// The first bytes of the literal, as [`word_at`] gives them; in lower case where case does not matter.
    pub(super) fn word(&self) -> u64 {
        self.bytes
    }

    /// Whether it stands where `word` is [`word_at`].
    #[inline]
    pub(super) fn stands(&self, word: u64) -> bool {
        (word | self.fold) & self.mask == self.bytes
    }
}

/// What must follow a literal.
pub(super) struct Behind {
    /// So many bytes.
    pub(super) count: usize,
    /// Which bytes they may be.
    pub(super) bytes: [bool; 256],
}

impl Literal {
    /// `exact`: as it is written; otherwise ASCII letters match in either case.
    pub(super) fn new(rule: usize, text: &str, start: Start, exact: bool) -> Self {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at(bytes.len().min(WORD));
        Self {
            rule,
            length: bytes.len(),
            start,
            head: Head::of(head, exact),
            neck: Head::of(&tail[..tail.len().min(WORD)], exact),
            tail: tail.into(),
            exact,
            behind: None,
            told: OnceCell::new(),
        }
    }

    /// The same, where something must follow.
    pub(super) fn before(self, behind: Option<Box<Behind>>) -> Self {
        Self { behind, ..self }
    }

    /// What it tells of the values behind it, as a literal of `rule`.
    pub(super) fn told(&self, rule: &Rule) -> Told {
        *self.told.get_or_init(|| {
            let head = self.head.bytes.to_le_bytes();
            let bytes = [&head[..self.length.min(WORD)], &self.tail].concat();
            Told::by(rule, &String::from_utf8_lossy(&bytes))
        })
    }

    /// Whether `byte` may stand `place` bytes behind the literal's start, behind its end.
    pub(super) fn may_precede(&self, place: usize, byte: u8) -> bool {
        self.behind.as_ref().is_none_or(|behind| {
            place >= self.length + behind.count || behind.bytes[usize::from(byte)]
        })
    }

    /// The first bytes that a text must have, in lower case.
    pub(super) fn first(&self, count: usize) -> impl Iterator<Item = u8> {
        let bytes = self.head.bytes.to_le_bytes();
        bytes
            .into_iter()
            .take(self.length.min(count))
            .map(|byte| byte.to_ascii_lowercase())
    }

    /// Whether it stands at `at`, where its head does, and may.
    pub(super) fn goes_on(&self, bytes: &[u8], at: usize) -> bool {
        let end = at + self.length;
        if end > bytes.len() {
            return false;
        }
        let same = match self.tail.get(..WORD) {
            None => self.tail.is_empty() || self.neck.stands(word_at(bytes, at + WORD)),
            Some(_) if !self.neck.stands(word_at(bytes, at + WORD)) => false,
            Some(_) => {
                let (own, other) = (&self.tail[WORD..], &bytes[at + 2 * WORD..end]);
                own == other || !self.exact && own.eq_ignore_ascii_case(other)
            }
        };
        same && self.start.admits(bytes, at) && self.is_before(bytes, end)
    }

    /// Whether what must follow stands behind `end`. It is read from its end on: most strings are words, which are shorter.
    fn is_before(&self, bytes: &[u8], end: usize) -> bool {
        self.behind.as_ref().is_none_or(|behind| {
            let following = bytes.get(end..end + behind.count);
            let fits = |byte: &u8| behind.bytes[usize::from(*byte)];
            following.is_some_and(|following| following.iter().rev().all(fits))
        })
    }
}

/// The bytes from `at` on as one number, zero behind the end.
pub(super) fn word_at(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => rest
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(literal: &str, start: Start, exact: bool, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let literal = Literal::new(0, literal, start, exact);
        literal.head.stands(word_at(bytes, at)) && literal.goes_on(bytes, at)
    }

    #[test]
    fn case_matters_only_where_it_is_said_to() {
        assert!(stands(
            "Access Key_1",
            Start::Anywhere,
            false,
            "ACCESS key_1",
            0
        ));
        assert!(!stands(
            "Access Key_1",
            Start::Anywhere,
            true,
            "ACCESS key_1",
            0
        ));
        assert!(stands("eyJ", Start::Anywhere, true, "eyJx", 0));
        assert!(!stands("eyJ", Start::Anywhere, true, "eyjx", 0));
        assert!(!stands("@", Start::Anywhere, false, "`", 0));
        assert!(!stands("[[[", Start::Anywhere, false, "{{{", 0));
    }

    #[test]
    fn it_stands_whole_or_not_at_all() {
        assert!(!stands("token", Start::Token, false, "a toke", 2));
        assert!(!stands("long-token", Start::Token, false, "long-toke", 0));
        assert!(!stands("a\0", Start::Token, false, "a", 0));
        assert!(stands("token", Start::Token, false, "a token", 2));
    }

    #[test]
    fn it_stands_where_it_may() {
        assert!(!stands("pass", Start::Token, false, "dbPass", 2));
        assert!(stands("pass", Start::Part, false, "dbPass", 2));
        assert!(!stands("pass", Start::Part, false, "compass", 3));
        assert!(stands("pass", Start::Anywhere, false, "compass", 3));
    }
}
