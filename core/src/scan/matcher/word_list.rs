//! Fixed lists of words that are asked about every other word of a text.

/// The longest word of a list, in bytes.
const LONGEST: usize = 40;

/// Words in small letters and ascending order, and what tells of most others at a glance that they are none of them.
pub(in crate::scan) struct WordList {
    words: &'static [&'static str],
    /// Where the words that begin with each letter are, and behind the last of them.
    letters: [u16; 27],
    whole: Marks,
    inner: Marks,
    first: Marks,
    ends: Marks,
}

/// A set of marks of twelve bits. A mark holds the low bits of letters, which are the same in either case.
struct Marks([u64; 64]);

impl Marks {
    const fn add(&mut self, mark: usize) {
        self.0[mark / 64] |= 1 << (mark % 64);
    }

    const fn has(&self, mark: usize) -> bool {
        self.0[mark / 64] & 1 << (mark % 64) != 0
    }

    /// Of the first letter, the last one and the length.
    const fn whole(word: &[u8], length: usize) -> usize {
        (word[0] & 31) as usize | ((word[length - 1] & 31) as usize) << 5 | (length & 3) << 10
    }

    /// Of the second letter, the third and the last but one.
    const fn inner(word: &[u8]) -> usize {
        let [_, second, third, ..] = word else {
            return word.len();
        };
        (*second & 31) as usize
            | ((*third & 31) as usize) << 5
            | ((word[word.len() - 2] & 3) as usize) << 10
    }

    /// Of the last three letters.
    const fn end(word: &[u8]) -> usize {
        let [.., third, second, last] = word else {
            return 0;
        };
        (*last & 31) as usize | ((*second & 31) as usize) << 5 | ((*third & 3) as usize) << 10
    }
}

/// A word that several lists are asked about.
pub(in crate::scan) struct Asked<'w> {
    word: &'w str,
    /// The two marks of it; `None` where it is no ASCII or of no length that words have.
    marks: Option<[usize; 2]>,
}

impl<'w> Asked<'w> {
    pub(in crate::scan) fn of(word: &'w str) -> Self {
        let bytes = word.as_bytes();
        let plain = (1..=LONGEST).contains(&bytes.len()) && bytes.is_ascii();
        let marks = plain.then(|| [Marks::whole(bytes, bytes.len()), Marks::inner(bytes)]);
        Self { word, marks }
    }

    /// Whether it is in `list`, whatever its case.
    #[inline]
    pub(in crate::scan) fn is_in(&self, list: &WordList) -> bool {
        match self.marks {
            Some([whole, inner]) => {
                list.whole.has(whole)
                    && list.inner.has(inner)
                    && list.has_lower(self.word.as_bytes())
            }
            None => list.has(self.word),
        }
    }
}

impl WordList {
    pub(in crate::scan) const fn of(words: &'static [&'static str]) -> Self {
        let [mut whole, mut inner, mut first, mut ends] = [const { Marks([0; 64]) }; 4];
        let mut letters = [0; 27];
        assert!(words.len() < u16::MAX as usize);
        let mut place = 0;
        while place < words.len() {
            let word = words[place].as_bytes();
            assert!(place == 0 || is_less(words[place - 1].as_bytes(), word));
            let mut letter = word[0].saturating_sub(b'a' - 1) as usize;
            while letter < letters.len() {
                letters[letter] += 1;
                letter += 1;
            }
            let mut space = 0;
            while space < word.len() && word[space] != b' ' {
                assert!(!word[space].is_ascii_uppercase());
                space += 1;
            }
            whole.add(Marks::whole(word, word.len()));
            inner.add(Marks::inner(word));
            first.add(Marks::whole(word, space));
            ends.add(Marks::end(word));
            place += 1;
        }
        Self {
            words,
            letters,
            whole,
            inner,
            first,
            ends,
        }
    }

    /// Whether something in the list may begin with `word` and a space, or be that word.
    pub(in crate::scan) fn may_begin(&self, word: &str) -> bool {
        !word.is_ascii()
            || !word.is_empty() && self.first.has(Marks::whole(word.as_bytes(), word.len()))
    }

    /// Whether `word` may end like something in the list.
    pub(in crate::scan) fn may_end(&self, word: &str) -> bool {
        !word.is_ascii() || self.ends.has(Marks::end(word.as_bytes()))
    }

    /// Whether `word` is in the list, whatever its case.
    pub(in crate::scan) fn has(&self, word: &str) -> bool {
        if word.is_ascii() {
            return self.has_ascii(word.as_bytes());
        }
        let known = |lower: String| self.words.binary_search(&lower.as_str()).is_ok();
        word.len() <= LONGEST && known(word.to_lowercase())
    }

    /// The same of a word that may be cut inside a code point, which none of the list is.
    pub(in crate::scan) fn has_bytes(&self, word: &[u8]) -> bool {
        if word.is_ascii() {
            return self.has_ascii(word);
        }
        std::str::from_utf8(word).is_ok_and(|word| self.has(word))
    }

    fn has_ascii(&self, word: &[u8]) -> bool {
        let fits = (1..=LONGEST).contains(&word.len());
        fits && self.may_have(word) && self.has_lower(word)
    }

    /// Whether it has the ASCII `word`, which is not empty and no longer than [`LONGEST`], in small letters.
    fn has_lower(&self, word: &[u8]) -> bool {
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.has_written(lower)
    }

    /// Whether `word`, which is not empty, stands in the list as it is written.
    fn has_written(&self, word: &[u8]) -> bool {
        let alike = match word[0] {
            letter @ b'a'..=b'z' => {
                let letter = usize::from(letter - b'a');
                usize::from(self.letters[letter])..usize::from(self.letters[letter + 1])
            }
            _ => 0..self.words.len(),
        };
        let mut alike = self.words[alike].iter();
        alike.any(|known| known.as_bytes() == word)
    }

    fn may_have(&self, word: &[u8]) -> bool {
        self.whole.has(Marks::whole(word, word.len())) && self.inner.has(Marks::inner(word))
    }

    /// Whether `word` stands in the list as it is written.
    pub(in crate::scan) fn has_exactly(&self, word: &[u8]) -> bool {
        !word.is_empty() && self.may_have(word) && self.has_written(word)
    }

    pub(in crate::scan) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().copied()
    }
}

const fn is_less(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place < other.len() && (place == one.len() || one[place] < other[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_had_in_any_case_however_the_list_is_asked() {
        static WORDS: WordList =
            WordList::of(&["8th", "ave", "avenue", "rue de", "zone", "\u{e9}tage"]);
        for word in WORDS.iter() {
            for written in [word.to_owned(), word.to_uppercase()] {
                assert!(WORDS.has(&written) && WORDS.has_bytes(written.as_bytes()));
                assert!(Asked::of(&written).is_in(&WORDS), "{written}");
            }
            assert!(WORDS.has_exactly(word.as_bytes()));
        }
        let long = "a".repeat(LONGEST + 1);
        for word in [
            "",
            "av",
            "aven",
            "avenues",
            "8",
            "zones",
            "\u{e9}",
            "\u{c9}cole",
            &long,
        ] {
            assert!(!WORDS.has(word) && !WORDS.has_bytes(word.as_bytes()));
            assert!(!Asked::of(word).is_in(&WORDS), "{word}");
        }
        assert!(!WORDS.has_exactly(b"AVE") && !WORDS.has_exactly(b""));
    }
}
