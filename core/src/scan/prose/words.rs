//! Runs of capitalised words, as names are written.

use std::cell::OnceCell;
use std::ops::Range;

use crate::scan::boundary::ALPHABETIC;
use crate::scan::capitals::Capitals;
use crate::scan::gazetteer::{Entry, Role};
use crate::scan::literal::word_at;
use crate::scan::matcher::word_list::WordList;

/// The most words of a run; a longer one is cut.
const MAX_RUN: usize = 24;
/// The longest word, in bytes. Longer ones are no names.
const MAX_WORD: usize = 40;
/// Small words that belong to a name when a capitalised one follows.
static PARTICLES: WordList = WordList::of(&[
    "af", "al", "av", "bin", "bint", "da", "dal", "das", "de", "del", "della", "den", "der", "di",
    "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "nad", "of", "ter", "van",
    "vom", "von", "y", "zu", "zum", "zur",
]);

/// What one word of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `Doe`, `O'Brien`, `DOE`, `Anna-Maria`
    Word,
    /// `J` or `J.`, `J.R.`
    Initial,
    /// `van`, between capitalised words
    Particle,
    /// `&`
    And,
}

/// One word of a run.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says whether one mark stands beside the word"
)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) form: Form,
    pub(super) entry: Entry,
    /// Whether all its letters are capitals.
    pub(super) capitals: bool,
    /// Whether a comma stands before it.
    pub(super) comma: bool,
    /// Whether a full stop that belongs to it follows: `St.`
    pub(super) dotted: bool,
    /// Whether `'s` follows.
    pub(super) possessive: bool,
}

/// Capitalised words in a row, joined by single spaces, commas, particles or `&`.
pub(super) struct Run<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    /// Whether it begins a line or a sentence.
    pub(super) first: bool,
    /// What is asked about several of its words: the small word before the run, and the one behind it with what is known of it.
    ahead: OnceCell<&'t str>,
    behind: OnceCell<(&'t str, Entry)>,
}

impl<'t> Run<'t> {
    /// Whether the words before and at `place` may be parts of one name.
    pub(super) fn goes_on(&self, place: usize) -> bool {
        let token = self.tokens.get(place);
        token.is_some_and(|token| !token.comma && place > 0 && !self.tokens[place - 1].possessive)
    }

    /// The bytes of the words from `start` to before `end`, with the full stop of an abbreviation at the end.
    pub(super) fn span(&self, start: usize, end: usize) -> Range<usize> {
        let last = &self.tokens[end - 1];
        let dot =
            last.dotted && (last.form == Form::Word || self.text[last.end..].starts_with(". "));
        self.tokens[start].start..last.end + usize::from(dot)
    }

    pub(super) fn word(&self, place: usize) -> &'t str {
        self.tokens
            .get(place)
            .map_or("", |token| &self.text[token.start..token.end])
    }

    /// The small word directly before the run's word at `place`; empty for all but the first.
    pub(super) fn before(&self, place: usize) -> &'t str {
        match self.tokens.get(place) {
            Some(token) if place == 0 => self
                .ahead
                .get_or_init(|| word_before(self.text, token.start)),
            Some(token) if self.tokens[place - 1].end + 1 < token.start => {
                word_before(self.text, token.start)
            }
            _ => "",
        }
    }

    /// The small word directly behind the run's word at `place`; empty for all but the last.
    pub(super) fn after(&self, place: usize) -> &'t str {
        if place + 1 == self.tokens.len() {
            self.word_behind().0
        } else {
            ""
        }
    }

    /// What the small word directly behind the run's word at `place` does beside a name.
    pub(super) fn role_after(&self, place: usize) -> Role {
        if place + 1 == self.tokens.len() {
            self.word_behind().1.role()
        } else {
            Role::None
        }
    }

    fn word_behind(&self) -> (&'t str, Entry) {
        *self.behind.get_or_init(|| {
            let word = self.tokens.last().map_or("", |last| self.word_at(last.end));
            (word, Entry::of_word(word))
        })
    }

    /// The small word directly behind the run's word that ends at `end`.
    fn word_at(&self, end: usize) -> &'t str {
        let rest = &self.text[end..];
        let rest = rest.strip_prefix("'s").unwrap_or(rest);
        // `FABER (Patrick) test`
        let rest = rest.strip_prefix([')', '"']).unwrap_or(rest);
        let Some(rest) = rest.strip_prefix([' ', '\u{a0}']) else {
            return "";
        };
        let length = rest
            .bytes()
            .take(MAX_WORD)
            .take_while(|byte| is_letter(*byte));
        let length = length.count();
        let whole = length < MAX_WORD;
        rest.get(..length).filter(|_| whole).unwrap_or("")
    }
}

/// The word that ends at `end`, or one space before it; on the same line.
pub(super) fn word_before(text: &str, end: usize) -> &str {
    let head = &text.as_bytes()[..end];
    let head = head.strip_suffix(b" ").unwrap_or(head);
    let floor = head.len().saturating_sub(MAX_WORD);
    let start = head[floor..]
        .iter()
        .rposition(|&byte| !is_letter(byte))
        .map_or(floor, |last| floor + last + 1);
    text.get(start..head.len()).unwrap_or("")
}

fn is_letter(byte: u8) -> bool {
    ALPHABETIC[usize::from(byte)] || byte >= 0x80
}

/// Reads a text run by run.
pub(super) struct Reader<'t> {
    text: &'t str,
    capitals: Capitals<'t>,
    at: usize,
    pub(super) run: Run<'t>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let run = Run {
            text,
            tokens: Vec::with_capacity(MAX_RUN),
            first: false,
            ahead: OnceCell::new(),
            behind: OnceCell::new(),
        };
        Self {
            text,
            capitals: Capitals::of(text),
            at: 0,
            run,
        }
    }

    /// Reads the next run. `false` at the end of the text.
    pub(super) fn advance(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        self.run.tokens.clear();
        self.run.ahead.take();
        self.run.behind.take();
        while let Some(start) = self.capitals.next(self.at) {
            self.at = start + 1;
            let capital = bytes[start].is_ascii_uppercase() || is_capital_at(bytes, start);
            if !(capital && may_begin(bytes, start)) {
                continue;
            }
            self.at = start;
            self.read();
            if !self.run.tokens.is_empty() {
                self.run.first = begins(self.text, start);
                return true;
            }
        }
        false
    }

    /// Reads the run that begins here, and moves behind it.
    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut comma = false;
        let mut behind = self.at;
        // Particles count once a capitalised word follows.
        let mut kept = 0;
        while self.run.tokens.len() < MAX_RUN {
            let word = scan_word(self.text, self.at);
            self.at = word.end.max(self.at + 1);
            if !self.text.is_char_boundary(self.at) {
                self.at = self.text.ceil_char_boundary(self.at);
            }
            if !word.whole {
                break;
            }
            let (start, end) = (word.start, word.end);
            let form = if word.and {
                Form::And
            } else if !word.capital {
                Form::Particle
            } else if word.initial {
                Form::Initial
            } else {
                Form::Word
            };
            let entry = match form {
                Form::Word if word.hyphen => entry_of_joined(&self.text[start..end]),
                Form::Word => Entry::of_word(&self.text[start..end]),
                _ => Entry::default(),
            };
            self.run.tokens.push(Token {
                start,
                end,
                form,
                entry,
                capitals: word.capitals,
                comma,
                dotted: false,
                possessive: word.possessive > 0,
            });
            if matches!(form, Form::Word | Form::Initial) {
                kept = self.run.tokens.len();
                behind = self.at;
            } else if self.run.tokens.len() - kept > 3 {
                break;
            }
            // What joins it to the next word.
            let mut next = end + word.possessive;
            comma = false;
            if bytes.get(next) == Some(&b'.') {
                let abbreviates = form == Form::Initial || is_abbreviation(&self.text[start..end]);
                if !abbreviates {
                    break;
                }
                if let Some(token) = self.run.tokens.last_mut() {
                    token.dotted = true;
                }
                next += 1;
                self.at = next;
                behind = next;
            }
            if bytes.get(next) == Some(&b',') && form != Form::Particle {
                comma = true;
                next += 1;
            }
            next += match bytes.get(next) {
                Some(b' ') => 1,
                Some(0xc2) if bytes.get(next + 1) == Some(&0xa0) => 2,
                _ => break,
            };
            let goes_on = bytes.get(next).is_some_and(|&byte| {
                byte.is_ascii_uppercase()
                    || is_capital_at(bytes, next)
                    || byte == b'&'
                    || (!comma && is_particle(self.text, next))
            });
            if !goes_on {
                break;
            }
            self.at = next;
        }
        self.run.tokens.truncate(kept);
        self.at = self.at.max(behind);
    }
}

/// One word as it was read.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says whether a word is of one kind"
)]
struct Scanned {
    start: usize,
    end: usize,
    capital: bool,
    capitals: bool,
    initial: bool,
    and: bool,
    /// Whether a hyphen is inside it.
    hyphen: bool,
    /// Bytes of the `'s` that follows.
    possessive: usize,
    /// Whether it is letters alone and ends where a word may end.
    whole: bool,
}

/// Reads the word at `at`: letters, with single hyphens and apostrophes inside.
fn scan_word(text: &str, at: usize) -> Scanned {
    let bytes = text.as_bytes();
    let mut word = Scanned {
        start: at,
        end: at,
        capital: bytes[at].is_ascii_uppercase() || is_capital_at(bytes, at),
        capitals: true,
        initial: false,
        and: false,
        hyphen: false,
        possessive: 0,
        whole: false,
    };
    if bytes[at] == b'&' {
        word.end = at + 1;
        word.and = true;
        word.whole = bytes.get(word.end) == Some(&b' ');
        return word;
    }
    let (mut end, mut letters) = (at, 0);
    loop {
        match bytes.get(end) {
            Some(byte) if ALPHABETIC[usize::from(*byte)] => {
                word.capitals &= byte & 0x20 == 0;
                letters += 1;
                end += 1;
            }
            // Latin letters beyond ASCII and combining accents.
            Some(0xc3..=0xcd) => {
                word.capitals &= is_capital_at(bytes, end);
                letters += 1;
                end += 2;
            }
            Some(0xe1) if matches!(bytes.get(end + 1), Some(0xba | 0xbb)) => {
                letters += 1;
                end += 3;
            }
            Some(b'-' | b'\'') if joins(bytes, end + 1) => {
                if bytes[end] == b'\'' && is_possessive(bytes, end + 1) {
                    word.possessive = 2;
                    break;
                }
                word.hyphen |= bytes[end] == b'-';
                end += 1;
            }
            Some(0xe2)
                if bytes[end..].starts_with("\u{2019}".as_bytes()) && joins(bytes, end + 3) =>
            {
                if is_possessive(bytes, end + 3) {
                    word.possessive = 4;
                    break;
                }
                end += 3;
            }
            _ => break,
        }
    }
    end = end.min(text.len());
    word.initial = letters == 1;
    // `J.R.` is one.
    while word.initial
        && bytes.get(end) == Some(&b'.')
        && bytes.get(end + 1).is_some_and(u8::is_ascii_uppercase)
        && bytes.get(end + 2) == Some(&b'.')
    {
        end += 2;
    }
    word.end = end;
    let follows = |place: usize| bytes.get(place).copied().unwrap_or(b' ');
    let inside = match follows(end) {
        b'_' | b'@' | b'(' | b'=' | b'/' | b'\\' | b'0'..=b'9' => true,
        b':' => follows(end + 1) == b':',
        b'.' => follows(end + 1).is_ascii_alphanumeric(),
        byte => byte >= 0xc3 && byte != 0xe2,
    };
    // An initial may be glued to its name: `J.Smith`.
    word.whole = end - at <= MAX_WORD && letters > 0 && !inside;
    word
}

/// Whether a letter stands at `at`, so that a mark before it is inside a word.
fn joins(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at)
        .is_some_and(|&byte| byte.is_ascii_alphabetic() || (0xc3..=0xcd).contains(&byte))
}

/// Whether `s` alone stands at `at`.
fn is_possessive(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b's' | b'S') && !joins(bytes, at + 1)
}

/// Whether a capital Latin letter beyond ASCII stands at `at`.
fn is_capital_at(bytes: &[u8], at: usize) -> bool {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(0xc3), Some(low)) => (0x80..0x9f).contains(low),
        // In this block capitals and small letters take turns, from here on the other way round.
        (Some(0xc4), Some(low)) => low % 2 == u8::from(*low >= 0xb9),
        (Some(0xc5), Some(low)) => match low {
            0x80..=0x88 | 0xb9..=0xbe => low % 2 == 1,
            _ => low % 2 == 0,
        },
        (Some(0xc8), Some(low)) => (0x80..0xb3).contains(low) && low % 2 == 0,
        _ => false,
    }
}

/// Whether a particle stands at `at`.
fn is_particle(text: &str, at: usize) -> bool {
    /// The longest, in bytes.
    const LONGEST: usize = 5;
    let bytes = text.as_bytes();
    let word = word_at(bytes, at);
    // The highest bit of the first byte that is a space, and of some behind it.
    let differs = word ^ u64::from_le_bytes([b' '; 8]);
    let spaces = differs.wrapping_sub(u64::from_le_bytes([1; 8])) & !differs;
    let spaces = spaces & u64::from_le_bytes([0x80; 8]);
    let length = spaces.trailing_zeros() as usize / 8;
    length <= LONGEST && PARTICLES.has_exactly(&bytes[at..at + length])
}

/// Whether a full stop belongs to `word`.
fn is_abbreviation(word: &str) -> bool {
    matches!(
        word,
        "St" | "Ste"
            | "Mt"
            | "Ft"
            | "Dr"
            | "Mr"
            | "Mrs"
            | "Ms"
            | "Prof"
            | "Jr"
            | "Sr"
            | "Wm"
            | "Geo"
            | "Chas"
            | "Jos"
            | "Thos"
    )
}

/// What is known of words joined by hyphens.
fn entry_of_joined(word: &str) -> Entry {
    match word.split_once('-') {
        None => Entry::of_word(word),
        Some((first, rest)) => {
            let rest = rest.rsplit('-').next().unwrap_or(rest);
            if matches!(first, "Al" | "El" | "Ben" | "Abu" | "Ibn" | "AL" | "EL") {
                return Entry::of_word(rest).as_family();
            }
            Entry::of_word(first).joined(Entry::of_word(rest))
        }
    }
}

/// Whether a word may begin at `at`: not inside another, a path or a name of a program.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    match &bytes[..at] {
        [.., b':', b':'] => false,
        [.., last] => {
            !(last.is_ascii_alphanumeric()
                || *last >= 0xc3
                || matches!(
                    last,
                    b'_' | b'@' | b'#' | b'/' | b'\\' | b'$' | b'%' | b'-' | b'.' | b'&' | b'\''
                ) && !(*last == b'\'' && at > 1 && !bytes[at - 2].is_ascii_alphanumeric()))
        }
        [] => true,
    }
}

/// Whether a sentence or a line begins at `at`.
fn begins(text: &str, at: usize) -> bool {
    /// How far back the end of the last sentence is looked for, in bytes.
    const GAP: usize = 32;
    let head = &text.as_bytes()[at.saturating_sub(GAP)..at];
    let gap = |byte: &&u8| !matches!(byte, b' ' | b'\t' | b'"' | b'(' | b'*');
    let last = head.iter().rev().find(gap);
    last.is_none_or(|byte| {
        matches!(
            byte,
            b'.' | b'!' | b'?' | b'\n' | b':' | b';' | b'\r' | b'-' | b'>' | b'|'
        )
    })
}
