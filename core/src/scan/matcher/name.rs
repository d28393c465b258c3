//! Person names by what stands around them: a title, a label, a credential.

use std::ops::Range;

use crate::scan::boundary::{ALPHABETIC, run_end};
use crate::scan::confirm::{Attempt, Value};
use crate::scan::gazetteer::{Entry, Role};
use crate::scan::rule::Rule;

use super::word_list::WordList;

/// The most words of a name: `Maria del Carmen de la Cruz` has six.
const MAX_WORDS: usize = 6;
/// The longest word of a name, in bytes.
const MAX_WORD: usize = 40;
/// How far before a credential a name may begin, in bytes.
const MAX_NAME: usize = 80;
/// Lower-case words that belong to a name when a capitalised one follows.
static PARTICLES: WordList = WordList::of(&[
    "al", "ap", "bin", "bint", "da", "dal", "das", "de", "del", "della", "den", "der", "di", "do",
    "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "ter", "van", "von", "y", "zu",
]);
/// What may follow a name and belongs to it.
const SUFFIXES: &[&str] = &["Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"];

/// `Dr. Doe`: one word is enough.
pub(super) fn behind_title(rule: &Rule, text: &str, title: Range<usize>) -> Attempt {
    let at = skip(text, title.end, &['.', ' ', '\t', '\u{a0}']);
    // `ms. ` may be milliseconds, and `MS Contin` is a drug.
    let written = &text[title.clone()];
    let capital = written.starts_with(char::is_uppercase)
        && (written.contains('.') || written.contains(char::is_lowercase));
    let small = !written.contains(char::is_uppercase)
        && !matches!(
            written.trim_end(),
            "mr" | "mrs"
                | "ms"
                | "dr"
                | "miss"
                | "doctor"
                | "professor"
                | "nurse"
                | "sister"
                | "judge"
                | "hr."
                | "sig."
        );
    let counted = text[..title.start]
        .trim_end()
        .ends_with(|c: char| c.is_ascii_digit());
    let glued = at == title.end && !written.ends_with([' ', '.']);
    if !(capital || small && !counted) || glued {
        return Attempt::nothing(title.start, 8);
    }
    let name = read(rule, text, at, MAX_WORDS);
    if small && Entry::of_word(word_at(text, at)).ordinary() > 1 {
        return Attempt::nothing(title.start, name.end - title.start);
    }
    // `Sister Mary Joseph nodule`, `Dr. Scholl's shoes`
    if name.words > 0 && is_thing(word_at(text, behind_possessive(text, name.end))) {
        return Attempt::nothing(title.start, name.end - title.start);
    }
    finish(text, title.start, at, &name, 1)
}

/// Where the next word begins behind a name and its `'s`.
fn behind_possessive(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let rest = rest.strip_prefix("'s").unwrap_or(rest);
    text.len() - rest.strip_prefix(' ').unwrap_or("").len()
}

/// Whether a word says that something is called after the name before it.
fn is_thing(word: &str) -> bool {
    !word.is_empty() && Entry::of_word(word).role() == Role::Thing
}

/// `Patient: Doe`, `Patient John Doe`, `Name: DOE, JOHN`: without a colon it takes two words.
pub(super) fn behind_label(rule: &Rule, text: &str, label: Range<usize>) -> Attempt {
    let marks = ['"', '\'', '*', '_', '`', ')', '|'];
    let mut at = skip(text, label.end, &marks);
    at = skip(text, at, &[' ', '\t']);
    let written = &text[label.clone()];
    let signed = text[at..].starts_with([':', '=', '#', '|']) || is_sentence(written);
    if signed {
        at = skip(
            text,
            at,
            &[':', '=', '#', ' ', '\t', '"', '\'', '*', '`', '|', '\u{a0}'],
        );
    } else {
        let dash = text[at..].starts_with("- ");
        at = skip(text, at, if dash { &['-', ' '] } else { &[','] });
        // `Sincerely,` has the name on the next line.
        let signature = text[..at].ends_with(',');
        at = skip(
            text,
            at,
            if signature {
                &[' ', '\r', '\n']
            } else {
                &[' ']
            },
        );
    }
    let glued = at == label.end && !written.ends_with([' ', ':']);
    if glued {
        return Attempt::nothing(label.start, 8);
    }
    // No name goes on in small letters: `the patient was seen`.
    if !signed
        && text[at..].starts_with(|c: char| c.is_ascii_lowercase())
        && Word::of(word_at(text, at)) == Word::Other
    {
        return Attempt::nothing(label.start, at - label.start);
    }
    // A title that its own rule knows is passed over: `Patient: Mr. Doe`.
    if text[at..].starts_with(['M', 'D']) {
        for title in [
            "Mr. ", "Mrs. ", "Ms. ", "Miss ", "Dr. ", "Mr ", "Mrs ", "Ms ", "Dr ",
        ] {
            if text[at..].starts_with(title) {
                at += title.len();
            }
        }
    }
    let mut name = read(rule, text, at, MAX_WORDS);
    // `DOE, JOHN`: behind a label the family name may come first.
    if name.words > 0 && text[name.end..].starts_with(", ") {
        let given = read(rule, text, name.end + 2, 2);
        if given.telling && given.clean {
            name = Name {
                end: given.end,
                words: name.words + given.words,
                capitals: name.capitals && given.capitals,
                ..name
            };
        }
    }
    if name.words == 0
        && signed
        && let Some(end) = in_small_letters(rule, text, at)
    {
        let value = Value {
            context: label.start..end,
            ..Value::bare(at..end)
        };
        return Attempt::found(value, end - label.start);
    }
    if name.words > 0 && is_thing(word_at(text, behind_possessive(text, name.end))) {
        return Attempt::nothing(label.start, name.end - label.start);
    }
    let shouting =
        name.capitals && !signed && !written.bytes().any(|byte| byte.is_ascii_lowercase());
    if shouting {
        return Attempt::nothing(label.start, name.end - label.start);
    }
    finish(text, label.start, at, &name, if signed { 1 } else { 2 })
}

/// The end of the `john smith` of `patient: john smith`: a given name and one or two others, and nothing else in its field.
fn in_small_letters(rule: &Rule, text: &str, at: usize) -> Option<usize> {
    let (mut end, mut words) = (at, 0);
    loop {
        let word = word_at(text, end);
        let plain = !word.is_empty() && word.chars().all(|c| c.is_lowercase() || is_joint(c));
        if !plain || word.ends_with('.') || Rule::lists_have(&rule.lists.except, word) {
            return None;
        }
        let last = Entry::of_word(word);
        if words == 0 && (last.given() < 2 || last.ordinary() > 1 && last.given() < 3) {
            return None;
        }
        end += word.len();
        words += 1;
        let rest = &text[end..];
        let closed =
            rest.is_empty() || rest.starts_with([',', ';', '\n', '\r', '"', '<', '|', '(']);
        if closed || words == 3 {
            let fits = closed && words > 1 && (last.ordinary() < 2 || last.family() >= 2);
            return (fits && (last.family() > 0 || last.is_unknown())).then_some(end);
        }
        end += usize::from(rest.starts_with(' '));
    }
}

/// `John Doe, MD`: the capitalised words directly before the anchor, two or more.
pub(super) fn before(rule: &Rule, text: &str, anchor: Range<usize>) -> Attempt {
    let nothing = Attempt::nothing(anchor.start, MAX_NAME);
    if text[anchor.end..].starts_with(|c: char| c.is_alphanumeric()) {
        return nothing;
    }
    let floor = text.ceil_char_boundary(anchor.start.saturating_sub(MAX_NAME));
    let mut start = anchor.start;
    let mut words = 0;
    while words < MAX_WORDS {
        let head = &text[floor..start];
        let Some(head) = (if words == 0 {
            Some(head)
        } else {
            head.strip_suffix(' ')
        }) else {
            break;
        };
        let length: usize = head
            .chars()
            .rev()
            .take_while(|&c| c.is_alphanumeric() || is_mark(c) || is_joint(c))
            .map(char::len_utf8)
            .sum();
        let word = &head[head.len() - length..];
        let accepted = match Word::of(word) {
            Word::Full => !Rule::lists_have(&rule.lists.except, word),
            Word::Initial | Word::Particle => true,
            Word::Other => false,
        };
        // A word that reaches the edge of the stretch may be cut.
        if !accepted || (length == head.len() && floor > 0) {
            break;
        }
        start = floor + head.len() - length;
        words += 1;
    }
    let name = read(rule, &text[..anchor.start], start, MAX_WORDS);
    if words < 2 || name.end != anchor.start || name.words < 2 {
        return nothing;
    }
    Attempt::found(
        Value {
            context: start..anchor.end,
            ..Value::bare(start..anchor.start)
        },
        MAX_NAME,
    )
}

/// Whether a label says what it names: `my name is`, `name:`.
fn is_sentence(label: &str) -> bool {
    let last = label.as_bytes().last_chunk::<3>();
    label.ends_with(':') || last.is_some_and(|last| last.eq_ignore_ascii_case(b" is"))
}

fn finish(text: &str, from: usize, at: usize, name: &Name, least: usize) -> Attempt {
    let read = name.end - from;
    if name.words < least || !name.clean || !name.telling {
        return Attempt::nothing(from, read);
    }
    debug_assert!(text.is_char_boundary(name.end));
    Attempt::found(
        Value {
            context: from..name.end,
            ..Value::bare(at..name.end)
        },
        read,
    )
}

fn skip(text: &str, at: usize, marks: &[char]) -> usize {
    // Eight marks are more than any writing has between a label and a name.
    at + text[at..]
        .chars()
        .take(8)
        .take_while(|c| marks.contains(c))
        .map(char::len_utf8)
        .sum::<usize>()
}

/// Words that may be a name.
struct Name {
    end: usize,
    /// Words without particles and suffixes.
    words: usize,
    /// Whether any word is more than an initial.
    telling: bool,
    /// Whether all letters are capitals.
    capitals: bool,
    /// Whether the name ends where its last word ends.
    clean: bool,
}

/// Reads the longest name that begins at `at`.
fn read(rule: &Rule, text: &str, at: usize, most: usize) -> Name {
    let mut name = Name {
        end: at,
        words: 0,
        telling: false,
        capitals: true,
        clean: true,
    };
    let mut from = at;
    let mut pending = 0;
    while name.words < most && pending < 3 {
        let word = word_at(text, from);
        let after = from + word.len();
        match Word::of(word) {
            Word::Full if SUFFIXES.contains(&word) && name.words == 0 => break,
            // `Dr. XYZ`, `Dr. B. MRI showed`: stands for a name, or begins a sentence.
            Word::Full
                if (!name.telling || !name.capitals) && is_abbreviation(word)
                    || is_alphabet(word)
                    || is_compound(word) =>
            {
                break;
            }
            // `Dr. X. Patient was stable.`
            Word::Full if name.words == 1 && !name.telling && begins_sentence(text, from) => break,
            Word::Full if !Rule::lists_have(&rule.lists.except, word.trim_end_matches('.')) => {
                let dotted = word.ends_with('.');
                name.end = after - usize::from(dotted && !SUFFIXES.contains(&word));
                // A name without spaces is a whole one.
                let caseless = !word.starts_with(char::is_uppercase);
                name.words += if SUFFIXES.contains(&word) {
                    0
                } else {
                    1 + usize::from(caseless)
                };
                name.telling = true;
                name.capitals &= !word.chars().any(char::is_lowercase);
                pending = 0;
                if dotted {
                    break;
                }
            }
            Word::Initial if !text[after..].starts_with(|c: char| c.is_alphanumeric()) => {
                // An initial belongs to a name that goes on, or ends it without its full stop.
                name.words += 1;
                name.end =
                    after - usize::from(word.ends_with('.') && !text[after..].starts_with(' '));
                pending = 0;
            }
            Word::Particle => pending += 1,
            _ => break,
        }
        let gap = text[after..]
            .chars()
            .next()
            .filter(|c| matches!(c, ' ' | '\u{a0}'));
        match gap {
            Some(space) => from = after + space.len_utf8(),
            None if text[after..].starts_with(", ")
                && SUFFIXES
                    .iter()
                    .any(|suffix| text[after + 2..].starts_with(suffix)) =>
            {
                from = after + 2;
            }
            None => break,
        }
    }
    let possessive = ["'s", "\u{2019}s", "'S", "\u{2019}S"]
        .iter()
        .find(|end| text[at..name.end].ends_with(**end));
    name.end -= possessive.map_or(0, |end| end.len());
    let next = text[name.end..].chars().next();
    name.clean = !next.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '@');
    name
}

/// Whether a word is of few capitals and no known name, or of one letter over and over: `XYZ`, `ABC-XYZ`, `XXXXX`
fn is_abbreviation(word: &str) -> bool {
    let bearer = word.trim_end_matches('.');
    let bearer = bearer.strip_suffix("'s").unwrap_or(bearer);
    bearer.split('-').all(|part| {
        let bytes = part.as_bytes();
        let capitals = bytes.iter().all(u8::is_ascii_uppercase);
        let repeated = bytes.len() > 2 && bytes.iter().all(|byte| *byte == bytes[0]);
        let unknown = || {
            let entry = Entry::of_word(part);
            bytes.len() <= 4 && entry.family() == 0 && entry.given() == 0
        };
        capitals && (repeated || unknown())
    })
}

/// Whether a word is the first or the last letters of the alphabet, or one of them over and over: `Xyz`, `Abcd`, `Xxx`
fn is_alphabet(word: &str) -> bool {
    const SHORTEST: usize = 3;
    // Most words are none at first sight.
    if let [first, second, ..] = word.as_bytes()
        && second
            .to_ascii_lowercase()
            .wrapping_sub(first.to_ascii_lowercase())
            > 1
    {
        return false;
    }
    let bearer = word.trim_end_matches('.');
    let bearer = bearer.strip_suffix("'s").unwrap_or(bearer);
    let letters = bearer.to_ascii_lowercase();
    let steps = |by: u8| {
        let step = |pair: &[u8]| pair[0].checked_add(by) == Some(pair[1]);
        letters.as_bytes().windows(2).all(step)
    };
    let outer = letters.starts_with('a') || letters.ends_with('z');
    letters.len() >= SHORTEST && (steps(0) || outer && steps(1))
}

/// Whether the word at `at`, behind a full stop, is one of English rather than a family name.
fn begins_sentence(text: &str, at: usize) -> bool {
    let entry = Entry::of_word(word_at(text, at).trim_end_matches('.'));
    let named = entry.family() >= 2 || entry.given() >= 2;
    text[..at].ends_with(". ") && entry.ordinary() > 0 && !named
}

/// Whether a word of English in small letters is joined to a name: `Frizzle-style`
fn is_compound(word: &str) -> bool {
    if !word.as_bytes().contains(&b'-') {
        return false;
    }
    let last = word.rsplit_once('-').map_or("", |(_, last)| last);
    last.starts_with(|c: char| c.is_ascii_lowercase()) && Entry::of_word(last).ordinary() > 1
}

/// The word at `at`: letters, and inside it hyphens, apostrophes and full stops.
fn word_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    // Most words are of ASCII letters alone.
    let mut end = run_end(rest.as_bytes(), 0, MAX_WORD, |byte| {
        ALPHABETIC[usize::from(byte)]
    });
    let behind = end;
    for (place, c) in rest[behind..].char_indices() {
        let place = behind + place;
        let letter = c.is_alphabetic() || is_mark(c);
        let inside = is_joint(c)
            && c != '.'
            && place == end
            && end > 0
            && rest[place + c.len_utf8()..].starts_with(char::is_alphabetic);
        if !letter && !inside || place >= MAX_WORD {
            if c == '.' {
                end = place + 1;
            }
            break;
        }
        end = place + c.len_utf8();
    }
    &rest[..end]
}

/// What joins the parts of a word of a name, or ends an initial.
fn is_joint(c: char) -> bool {
    matches!(c, '.' | '-' | '\'' | '\u{2019}' | '\u{2010}')
}

/// Combining marks: the second half of a decomposed letter.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// What one word can be in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// `Doe`, `O'Brien`, `DOE`, `McDonald`.
    Full,
    /// `J` or `J.`
    Initial,
    /// `van`
    Particle,
    Other,
}

impl Word {
    fn of(word: &str) -> Self {
        let letters = word.trim_end_matches('.');
        // `Dr. H's office`
        let bearer = letters
            .strip_suffix("'s")
            .or_else(|| letters.strip_suffix("\u{2019}s"));
        let mut chars = bearer.unwrap_or(letters).chars();
        match chars.next() {
            // Scripts without case write names without capitals.
            Some(first)
                if first.is_uppercase() || (first.is_alphabetic() && !first.is_lowercase()) =>
            {
                if chars.next().is_none() {
                    Self::Initial
                } else {
                    Self::Full
                }
            }
            Some('d' | 'l') if letters[1..].starts_with(['\'', '\u{2019}']) => Self::Full,
            Some(_) if word == letters && PARTICLES.has_exactly(letters.as_bytes()) => {
                Self::Particle
            }
            _ => Self::Other,
        }
    }
}
