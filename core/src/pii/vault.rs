//! The way back: which placeholder stands for which value, and putting values back into what a model wrote.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use crate::Sensitive;

/// Longest run of characters that is looked at as one placeholder: no rule's token comes near it.
const MAX_PLACEHOLDER: usize = 64;

/// Remembers which placeholder stands for which value. Wiped when dropped; `Debug` shows only how many there are.
///
/// A placeholder is a token and a number in square brackets, `[NAME_1]`. The same token and value get the same placeholder
/// as long as the vault lives, and a number is never given out twice.
#[derive(Default)]
pub struct Vault {
    entries: Vec<Entry>,
    /// Entries by a keyed hash of token and value, so that no second copy of a value is kept.
    by_value: HashMap<u64, Vec<usize>>,
    by_placeholder: HashMap<String, usize>,
    counters: HashMap<String, u32>,
    reserved: HashSet<String>,
    hasher: RandomState,
}

struct Entry {
    token: String,
    value: Sensitive<String>,
    placeholder: String,
}

impl Vault {
    /// An empty vault.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps what looks like a placeholder in the caller's own text from being given out: otherwise a user who writes
    /// `[SSN_1]` would be shown somebody's number. Call it with raw text before scrubbing it.
    pub fn reserve(&mut self, text: &str) {
        let mut at = 0;
        while let Some(found) = text[at..].find(|c: char| c == '[' || c.is_ascii_uppercase()) {
            let start = at + found;
            match candidate(text, start, true) {
                Candidate::Whole { name, end } => {
                    if !self.by_placeholder.contains_key(&name) {
                        self.reserved.insert(name);
                    }
                    at = end;
                }
                Candidate::None { end } | Candidate::Incomplete { end } => at = end,
            }
        }
    }

    /// The placeholder of `value`, for example `[SSN_1]` for the token `SSN`.
    pub fn placeholder(&mut self, token: &str, value: &str) -> String {
        let hash = self.hasher.hash_one((token, value));
        let known = self.by_value.get(&hash).and_then(|candidates| {
            candidates
                .iter()
                .map(|&index| &self.entries[index])
                .find(|entry| entry.token == token && *entry.value == value)
        });
        if let Some(entry) = known {
            return entry.placeholder.clone();
        }

        let counter = self.counters.entry(token.to_owned()).or_default();
        let name = loop {
            *counter += 1;
            let name = format!("{token}_{counter}");
            if !self.reserved.contains(&name) {
                break name;
            }
        };
        let placeholder = format!("[{name}]");
        let index = self.entries.len();
        self.entries.push(Entry {
            token: token.to_owned(),
            value: Sensitive::new(value.to_owned()),
            placeholder: placeholder.clone(),
        });
        self.by_value.entry(hash).or_default().push(index);
        self.by_placeholder.insert(name, index);
        placeholder
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no value is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts every value back. Understands what models do to placeholders: another case inside the brackets, a space or
    /// hyphen for the underscore, a markdown escape, and, in capitals, missing brackets.
    pub fn restore(&self, text: &str) -> String {
        let mut restorer = self.restorer();
        let mut whole = restorer.push(text);
        whole.push_str(&restorer.finish());
        whole
    }

    /// Restores a text that arrives in chunks. Holds back at most one unfinished placeholder, 64 bytes.
    pub fn restorer(&self) -> Restorer<'_> {
        Restorer {
            vault: self,
            pending: String::new(),
            previous: None,
        }
    }

    /// Forgets and wipes everything, the numbering too.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Puts values back into a text that arrives in chunks; see [`Vault::restorer`].
pub struct Restorer<'a> {
    vault: &'a Vault,
    pending: String,
    previous: Option<char>,
}

impl Restorer<'_> {
    /// The part of the text so far that is certain.
    pub fn push(&mut self, chunk: &str) -> String {
        self.pending.push_str(chunk);
        self.advance(false)
    }

    /// The rest.
    pub fn finish(mut self) -> String {
        self.advance(true)
    }

    fn advance(&mut self, last: bool) -> String {
        let text = std::mem::take(&mut self.pending);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(found) =
            text[at..].find(|c: char| c == '[' || c.is_ascii_uppercase() || c.is_ascii_digit())
        {
            let start = at + found;
            self.emit(&text[at..start], &mut out);
            let inside_word = self
                .previous
                .is_some_and(|c| c.is_alphanumeric() || c == '_');
            if inside_word && !text[start..].starts_with('[') {
                at = start + word_len(&text[start..]);
                self.emit(&text[start..at], &mut out);
                continue;
            }
            match candidate(&text, start, last) {
                Candidate::Incomplete { .. } => {
                    text[start..].clone_into(&mut self.pending);
                    return out;
                }
                Candidate::Whole { name, end } => {
                    match self.vault.by_placeholder.get(&name) {
                        Some(&index) => {
                            out.push_str(&self.vault.entries[index].value);
                            self.previous = text[..end].chars().next_back();
                        }
                        None => self.emit(&text[start..end], &mut out),
                    }
                    at = end;
                }
                Candidate::None { end } => {
                    self.emit(&text[start..end], &mut out);
                    at = end;
                }
            }
        }
        self.emit(&text[at..], &mut out);
        out
    }

    fn emit(&mut self, text: &str, out: &mut String) {
        out.push_str(text);
        self.previous = text.chars().next_back().or(self.previous);
    }
}

enum Candidate {
    /// A placeholder's shape, up to `end`; `name` is its canonical text without brackets.
    Whole { name: String, end: usize },
    /// The text ends before it is decided.
    Incomplete { end: usize },
    /// Not a placeholder; nothing before `end` begins one.
    None { end: usize },
}

/// Length of the run of capitals, digits and underscores at the beginning of `text`.
fn word_len(text: &str) -> usize {
    let is_word = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    text.bytes().take_while(|b| is_word(b)).count()
}

fn candidate(text: &str, start: usize, last: bool) -> Candidate {
    let rest = &text.as_bytes()[start..];
    let bracketed = rest[0] == b'[';
    let body = usize::from(bracketed);
    let inside = |b: &u8| match b {
        b'_' => true,
        b' ' | b'-' | b'\\' => bracketed,
        b => b.is_ascii_uppercase() || b.is_ascii_digit() || (bracketed && b.is_ascii_lowercase()),
    };
    let len = rest[body..]
        .iter()
        .take(MAX_PLACEHOLDER)
        .take_while(|b| inside(b))
        .count();
    let stop = body + len;
    // A word that is too long is left behind whole, a bracket alone: what follows it may be a placeholder without one.
    let none = Candidate::None {
        end: start
            + if bracketed {
                1
            } else {
                word_len(&text[start..]).max(1)
            },
    };
    if len == MAX_PLACEHOLDER {
        return none;
    }
    if stop == rest.len() && !last {
        return Candidate::Incomplete { end: text.len() };
    }
    let end = if bracketed {
        if rest.get(stop) != Some(&b']') {
            return none;
        }
        stop + 1
    } else {
        let continues = text[start + stop..]
            .chars()
            .next()
            .is_some_and(char::is_alphanumeric);
        if continues {
            return none;
        }
        stop
    };
    match canonical(&rest[body..stop]) {
        Some(name) => Candidate::Whole {
            name,
            end: start + end,
        },
        None => none,
    }
}

/// `NAME_1` from `name 1`, `Name\_1` or `NAME-1`; `None` unless it is a token, a separator and a number.
fn canonical(inside: &[u8]) -> Option<String> {
    let mut name = String::with_capacity(inside.len());
    for &byte in inside {
        match byte {
            b'\\' => {}
            b' ' | b'-' => name.push('_'),
            byte => name.push(byte.to_ascii_uppercase() as char),
        }
    }
    let (token, number) = name.rsplit_once('_')?;
    let is_token = token.starts_with(|c: char| c.is_ascii_uppercase());
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_token && is_number).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vault() -> Vault {
        let mut vault = Vault::new();
        vault.placeholder("NAME", "John Doe");
        vault.placeholder("SSN", "123-45-6789");
        vault.placeholder("PATIENT_ID", "PT123456");
        vault
    }

    #[test]
    fn the_same_value_gets_the_same_placeholder() {
        let mut vault = Vault::new();
        assert_eq!(vault.placeholder("NAME", "John Doe"), "[NAME_1]");
        assert_eq!(vault.placeholder("NAME", "Jane Roe"), "[NAME_2]");
        assert_eq!(vault.placeholder("NAME", "John Doe"), "[NAME_1]");
        assert_eq!(vault.placeholder("SSN", "John Doe"), "[SSN_1]");
        assert_eq!(vault.len(), 3);
    }

    #[test]
    fn a_placeholder_that_the_caller_wrote_is_never_given_out() {
        let mut vault = Vault::new();
        vault.reserve("what is [SSN_1]? and NAME_1, [name 2]?");
        assert_eq!(vault.placeholder("SSN", "123-45-6789"), "[SSN_2]");
        assert_eq!(vault.placeholder("NAME", "John Doe"), "[NAME_3]");
        assert_eq!(vault.restore("[SSN_1] NAME_1"), "[SSN_1] NAME_1");
    }

    #[test]
    fn what_was_given_out_before_is_still_restored_when_the_caller_quotes_it() {
        let mut vault = vault();
        vault.reserve("you said [NAME_1]");
        assert_eq!(vault.restore("[NAME_1]"), "John Doe");
    }

    #[test]
    fn placeholders_are_restored_through_what_models_do_to_them() {
        let vault = vault();
        for text in [
            "[NAME_1]",
            "[Name_1]",
            "[name_1]",
            "[NAME 1]",
            "[NAME-1]",
            "[NAME\\_1]",
            "NAME_1",
        ] {
            assert_eq!(vault.restore(text), "John Doe", "{text}");
        }
        assert_eq!(vault.restore("**[NAME_1]**'s SSN"), "**John Doe**'s SSN");
        assert_eq!(vault.restore("[[NAME_1]]"), "[John Doe]");
        assert_eq!(vault.restore("[NAME_1 is"), "[John Doe is");
        assert_eq!(vault.restore("(PATIENT_ID_1)"), "(PT123456)");
    }

    #[test]
    fn what_only_resembles_a_placeholder_stays() {
        let vault = vault();
        for text in [
            "[NAME_2]",
            "NAME_11",
            "XNAME_1",
            "NAME_1X",
            "name_1",
            "[]",
            "[",
            "[_1]",
            "[NAME_]",
            "NAME",
            "[NAME_1é]",
            "éNAME_1",
            "1NAME_1",
            "_NAME_1",
            "[1]",
            "A",
            "é[",
        ] {
            assert_eq!(vault.restore(text), text);
        }
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", vault()), "Vault { len: 3, .. }");
    }

    #[test]
    fn megabytes_of_brackets_and_capitals_take_linear_time() {
        let vault = vault();
        for unit in ["[", "[NAME_", "A", "A_", "[A", "[NAME_1", "_A1"] {
            let text = unit.repeat(4_000_000 / unit.len());
            assert!(!vault.restore(&text).is_empty());
        }
    }

    proptest! {
        #[test]
        fn chunks_restore_to_the_same_text_as_the_whole(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "[NAME_1]", "[ssn 1]", "NAME_1", "PATIENT_ID_1", "[", "]", "_1", "NAME", " ", "é", "x", "[NAME\\_1]", "\n",
                ]),
                0..20,
            ),
            cuts in prop::collection::vec(0usize..200, 0..12),
        ) {
            let vault = vault();
            let text = parts.concat();
            let mut cuts: Vec<usize> =
                cuts.into_iter().map(|c| c.min(text.len())).filter(|&c| text.is_char_boundary(c)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut restorer = vault.restorer();
            let mut restored = String::new();
            for pair in cuts.windows(2) {
                restored.push_str(&restorer.push(&text[pair[0]..pair[1]]));
                prop_assert!(restorer.pending.len() <= MAX_PLACEHOLDER + 1);
            }
            restored.push_str(&restorer.finish());
            prop_assert_eq!(restored, vault.restore(&text));
        }
    }
}
