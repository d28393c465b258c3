//! What follows a lone name: a sentence about who or what bears it, or what is called after it.

use super::person::is_numeral;
use super::words::Run;
use crate::scan::gazetteer::{Entry, Role};
use crate::scan::matcher::word_list::WordList;

/// Small words with which a sentence goes on behind its subject or an object.
#[rustfmt::skip]
static GOES_ON: WordList = WordList::of(&[
    "about", "after", "again", "against", "aged", "all", "alone", "also", "although", "always", "an", "and", "are",
    "area", "around", "as", "ate", "away", "back", "became", "because", "been", "before", "being", "both", "broke",
    "brought", "but", "by", "came", "can", "cannot", "could", "cut", "did", "do", "does", "down", "drank", "drove",
    "during", "each", "even", "ever", "every", "first", "for", "found", "from", "gave", "get", "go", "got", "had",
    "has", "have", "he", "her", "here", "herself", "him", "himself", "his", "home", "how", "if", "in", "into", "is",
    "it", "just", "kept", "last", "later", "left", "let", "like", "lost", "made", "may", "me", "met", "might", "more",
    "must", "my", "near", "never", "next", "no", "not", "now", "of", "off", "often", "on", "once", "one", "only",
    "onto", "or", "our", "out", "outside", "over", "paid", "put", "ran", "read", "really", "sat", "saw", "sent", "set",
    "shall", "she", "should", "since", "slept", "so", "sold", "some", "soon", "spoke", "still", "stood", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "though", "thought", "three", "through", "till",
    "to", "today", "told", "tomorrow", "tonight", "too", "took", "toward", "towards", "two", "under", "until", "up",
    "upon", "us", "very", "via", "was", "we", "well", "went", "were", "what", "when", "where", "which", "while", "who",
    "whom", "whose", "why", "will", "with", "within", "without", "woke", "won", "would", "wrote", "yesterday", "yet",
    "you", "your",
]);

/// Whether the lone word or words before the run's word at `end` may be the name of a person or a place, by what follows:
/// neither a short number or a code (`Epworth 16/24`, `Vancouver B1`) nor a noun (`Cohen kappa`, `Los Angeles motor scale`).
pub(super) fn lets_be_a_name(run: &Run<'_>, end: usize) -> bool {
    /// The fewest digits of a telephone number.
    const PHONE: usize = 7;
    let last = &run.tokens[end - 1];
    if last.possessive {
        return true;
    }
    let rest = &run.text[last.end..];
    let Some(rest) = rest.strip_prefix([' ', '\u{a0}']) else {
        return true;
    };
    let bytes = rest.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9') => {
            let digits = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            // `Maria 555-1234`, but not `Gail 5-year`
            let number = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'-');
            let joined = number.filter(|byte| **byte != b'-').count();
            digits > 4 || joined >= PHONE
        }
        Some(b'A'..=b'Z') => {
            let length = bytes.iter().take(8);
            let length = length
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            let word = &rest[..length];
            // `Maastricht V`, but `Maria V. was`
            let stage = is_numeral(word) && !rest[length..].starts_with('.');
            !stage && !word.bytes().any(|byte| byte.is_ascii_digit())
        }
        Some(b'a'..=b'z') => {
            let length = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
            let next = rest[length..].strip_prefix(' ').unwrap_or_default();
            goes_on(&rest[..length], next)
        }
        _ => true,
    }
}

/// Whether a word in small letters may follow the one that a sentence is about: a verb, a small word, or one that is not
/// English. `rest` is what stands behind it.
fn goes_on(word: &str, rest: &str) -> bool {
    if GOES_ON.has_exactly(word.as_bytes()) {
        return true;
    }
    let entry = Entry::of_word(word);
    match role_of(word) {
        Role::Thing => false,
        Role::None if entry.ordinary() > 0 => {
            let inflected = ["ed", "ly", "s"]
                .iter()
                .any(|ending| word.ends_with(ending));
            // `Congo red`, `Timothy grass`
            inflected && word.len() > 3 && !word.ends_with("ss")
        }
        // `San Francisco syncope rule`, `Toronto alexithymia 58`
        Role::None => {
            let end = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let counted = rest.starts_with(|c: char| c.is_ascii_digit());
            !counted && role_of(&rest[..end]) != Role::Thing
        }
        _ => true,
    }
}

/// What a word does beside a name, one thing or several: `classes` as `class`.
pub(super) fn role_of(word: &str) -> Role {
    let role = Entry::of_word(word).role();
    if role != Role::None {
        return role;
    }
    let mut singulars = ["s", "es"]
        .iter()
        .filter_map(|ending| word.strip_suffix(ending));
    let thing = singulars.any(|one| one.len() > 2 && Entry::of_word(one).role() == Role::Thing);
    if thing { Role::Thing } else { Role::None }
}
