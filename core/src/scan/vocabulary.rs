//! Lists of words that rules refuse, and what tells at a glance that a word is none of them.

use std::collections::HashSet;

use super::literal::word_at;

/// Up to so many bytes a word is looked up without an allocation.
const MAX_SHORT_WORD: usize = 64;
/// A bit for each pair of first and last letters, of which the low bits count: they are the same in either case.
const MARKS: usize = 32 * 32;
/// As many bits, one of which each word has by its first four letters and its length.
const OUTLINE_BITS: u32 = 12;

/// Words in lower case.
pub(super) struct Vocabulary {
    words: HashSet<Box<[u8]>>,
    marks: [u64; MARKS / 64],
    /// A bit for each length, longer ones in the last.
    lengths: u64,
    outlines: [u64; 1 << (OUTLINE_BITS - u64::BITS.ilog2())],
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
            outlines: [0; 1 << (OUTLINE_BITS - u64::BITS.ilog2())],
        };
        for word in &vocabulary.words {
            let mark = mark(word);
            vocabulary.marks[mark / 64] |= 1 << (mark % 64);
            vocabulary.lengths |= length(word);
            let outline = outline(word);
            vocabulary.outlines[outline / 64] |= 1 << (outline % 64);
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
        // A look into the table takes long.
        let outline = outline(word.as_bytes());
        if self.outlines[outline / 64] >> (outline % 64) & 1 == 0 {
            return false;
        }
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

/// The same for a word in any case.
fn outline(word: &[u8]) -> usize {
    /// The odd number next to 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
    const SPREAD: u32 = 0x9E37_79B9;
    let [first, second, third, fourth, ..] = word_at(word, 0).to_le_bytes();
    let first = u32::from_le_bytes([first, second, third, fourth].map(|byte| byte | 0x20));
    let length = u32::try_from(word.len()).unwrap_or(u32::MAX);
    let spread = (first ^ length).wrapping_mul(SPREAD);
    (spread >> (u32::BITS - OUTLINE_BITS)) as usize
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
