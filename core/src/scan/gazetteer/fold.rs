//! Words without case, accents and marks, as a hash.

use crate::scan::boundary::ALPHABETIC;

/// A folded word, or several joined by spaces, as the hash under which the table knows it.
#[derive(Clone, Copy)]
pub(in crate::scan) struct Key(u64);

impl Key {
    /// The key of `word`; `None` where no letter of it is Latin.
    pub(in crate::scan) fn of(word: &str) -> Option<Self> {
        let mut key = Self(0xcbf2_9ce4_8422_2325);
        key.push(word).then_some(key)
    }

    /// Goes on with `word`. Whether it has Latin letters and no others.
    pub(in crate::scan) fn push(&mut self, word: &str) -> bool {
        let before = *self;
        for &byte in word.as_bytes() {
            if ALPHABETIC[usize::from(byte)] {
                self.push_byte(byte | 0x20);
            } else if !byte.is_ascii() {
                *self = before;
                return self.push_other(word);
            }
        }
        self.0 != before.0
    }

    /// [`Key::push`] for a word that is not ASCII alone.
    fn push_other(&mut self, word: &str) -> bool {
        let mut letters = false;
        for c in word.chars() {
            match base(c) {
                Some(byte) => {
                    self.push_byte(byte);
                    letters = true;
                }
                None if c.is_alphabetic() => return false,
                None => {}
            }
        }
        letters
    }

    /// Between the words of a name of several.
    pub(in crate::scan) fn push_space(&mut self) {
        self.push_byte(b' ');
    }

    /// One step of FNV-1a.
    fn push_byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    /// The hash, through the finaliser of `MurmurHash3`.
    pub(in crate::scan) fn hash(self) -> u64 {
        let mut value = (self.0 ^ self.0 >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        value = (value ^ value >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        value ^ value >> 33
    }
}

/// The small letters without accents of U+00C0 to U+017F; a space where there is none.
const LATIN: &[u8; 192] = b"\
aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk llllll \x20llnnnnnn   oooooooorrrrrrsssssssstttt  uuuuuuuuuuuuwwyyyzzzzzz ";

/// The small ASCII letter of which `c` is a form.
fn base(c: char) -> Option<u8> {
    let letter = match c {
        'a'..='z' | 'A'..='Z' => c.to_ascii_lowercase() as u8,
        '\u{c0}'..='\u{17f}' => LATIN[c as usize - 0xc0],
        '\u{1a0}' | '\u{1a1}' | '\u{1ecc}'..='\u{1ee3}' => b'o',
        '\u{1af}' | '\u{1b0}' | '\u{1ee4}'..='\u{1ef1}' => b'u',
        '\u{218}' | '\u{219}' => b's',
        '\u{21a}' | '\u{21b}' => b't',
        '\u{1ea0}'..='\u{1eb7}' => b'a',
        '\u{1eb8}'..='\u{1ec7}' => b'e',
        '\u{1ec8}'..='\u{1ecb}' => b'i',
        '\u{1ef2}'..='\u{1ef9}' => b'y',
        _ => b' ',
    };
    (letter != b' ').then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(word: &str) -> String {
        word.chars().filter_map(base).map(char::from).collect()
    }

    #[test]
    fn letters_lose_their_accents_and_case() {
        assert_eq!(
            folded("Åsa Ärmel Øystein Łódź Đorđe"),
            "asaarmeloysteinlodzdorde"
        );
        assert_eq!(folded("Nguyễn Đức Thắng"), "nguyenducthang");
        assert_eq!(folded("Ștefan Țurcanu Ğ ő ž ÿ"), "stefanturcanugozy");
    }

    #[test]
    fn a_word_has_one_key_however_it_is_written() {
        let hash = |word: &str| Key::of(word).map(Key::hash);
        assert_eq!(hash("Jose"), hash("JOSÉ"));
        assert_eq!(hash("Jose"), hash("jose\u{301}"));
        assert_eq!(hash("OBrien"), hash("O'Brien"));
        assert_eq!(hash("Пётр"), None);
    }
}
