//! Lists of words that rules refuse, and what tells at a glance that a word is none of them.

use std::collections::HashSet;

/// Up to so many bytes a word is looked up without an allocation.
const MAX_SHORT_WORD: usize = 64;
/// A bit for each pair of first and last letters, of which the low bits count: they are the same in either case.
const MARKS: usize = 32 * 32;

/// Words in lower case.
pub(super) struct Vocabulary {
    words: HashSet<Box<[u8]>>,
    marks: [u64; MARKS / 64],
    /// A bit for each length, longer ones in the last.
    lengths: u64,
}

impl Vocabulary {
    /// `words` in any case.
    pub(super) fn of(words: &[String]) -> Self {
        let mut vocabulary = Self {
            words: words
                .iter()
                .map(|word| word.to_lowercase().into_bytes().into_boxed_slice())
                .collect(),
            marks: [0; MARKS / 64],
            lengths: 0,
        };
        for word in &vocabulary.words {
            let mark = mark(word);
            vocabulary.marks[mark / 64] |= 1 << (mark % 64);
            vocabulary.lengths |= length(word);
        }
        vocabulary
    }

    /// Whether one of `lists` has `word`, whatever its case.
    pub(super) fn any_has<'l>(lists: impl IntoIterator<Item = &'l Self>, word: &str) -> bool {
        let lists = lists.into_iter();
        if !word.is_ascii() {
            let word = word.to_lowercase();
            return lists
                .into_iter()
                .any(|list| list.words.contains(word.as_bytes()));
        }
        let (mark, length) = (mark(word.as_bytes()), length(word.as_bytes()));
        lists
            .filter(|list| list.may_have(mark, length))
            .any(|list| list.has(word))
    }

    #[inline]
    fn may_have(&self, mark: usize, length: u64) -> bool {
        self.lengths & length != 0 && self.marks[mark / 64] >> (mark % 64) & 1 != 0
    }

    /// Whether it has `word`, which is ASCII, in any case.
    fn has(&self, word: &str) -> bool {
        let mut short = [0; MAX_SHORT_WORD];
        if let Some(lower) = short.get_mut(..word.len()) {
            lower.copy_from_slice(word.as_bytes());
            lower.make_ascii_lowercase();
            self.words.contains(&*lower)
        } else {
            self.words.contains(&*word.as_bytes().to_ascii_lowercase())
        }
    }
}

fn mark(word: &[u8]) -> usize {
    let low = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(byte & 31));
    low(word.first()) * 32 + low(word.last())
}

fn length(word: &[u8]) -> u64 {
    1 << word.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_had_in_any_case_and_nothing_that_looks_like_it() {
        let long = "x".repeat(2 * MAX_SHORT_WORD);
        let list = Vocabulary::of(&["Hash".into(), "\u{dc}bung".into(), long.clone()]);
        for word in ["hash", "HASH", "\u{fc}BUNG", &long.to_uppercase()] {
            assert!(Vocabulary::any_has([&list], word), "{word}");
        }
        for word in ["", "h", "harsh", "hush", "hasH ", "ubung", &long[1..]] {
            assert!(!Vocabulary::any_has([&list], word), "{word}");
        }
        assert!(!Vocabulary::any_has([], "hash"));
    }
}
