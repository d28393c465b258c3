//! What a caller's key makes of a value: digests, tags and reproducible choices, separated by purpose and kind.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Result;
use crate::cipher::Key;
use crate::isolation::Locked;

/// Separates what is derived here from every other use of the same key.
const DOMAIN: &[u8] = b"cloister pseudonyms v1";
/// Letters and figures of a tag: no vowels, so that none spells a word, and none that is taken for another.
const TAG_ALPHABET: &[u8; 28] = b"bcdfghjkmnpqrstvwxyz23456789";
/// The first of these are letters.
const TAG_LETTERS: u64 = 20;
/// Characters of a tag: a letter and seven of 28, 2.7 * 10^11 different ones.
const TAG_LEN: u32 = 8;

/// A key under which values become pseudonyms.
///
/// HMAC-SHA-256 (RFC 2104, FIPS 198-1). The same key, purpose, kind and value give the same result, on every machine and
/// in every release; without the key nobody can tell which of a few million possible values a pseudonym stands for.
pub(super) struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    /// In pages that a forked child finds empty.
    pub(super) fn new(key: &Key) -> Result<Arc<Locked<Self>>> {
        let bytes = key.as_bytes()?;
        Ok(Arc::new(Locked::new(|| Self(keyed(bytes)))))
    }

    /// The whole digest of a value. Parts are preceded by their lengths, so that no two lists of parts are alike.
    pub(super) fn digest(&self, purpose: &str, kind: &str, value: &[u8]) -> [u8; 32] {
        digest(&self.0, purpose, kind, value)
    }

    /// The tag of a keyed placeholder, for example `k7q2m9bc`; `attempt` gives another one for the same value.
    pub(super) fn tag(&self, token: &str, value: &str, attempt: u8) -> String {
        let digest = self.digest("tag", token, value.as_bytes());
        let place = usize::from(attempt % 4) * 8;
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[place..place + 8]);
        let mut rest = u64::from_be_bytes(bytes);
        let mut tag = String::with_capacity(TAG_LEN as usize);
        for place in 0..TAG_LEN {
            let size = if place == 0 { TAG_LETTERS } else { 28 };
            let index = usize::try_from(rest % size).unwrap_or_default();
            tag.push(char::from(TAG_ALPHABET[index]));
            rest /= size;
        }
        tag
    }

    /// Choices that depend on the value alone: on its letters and figures, not on its case and punctuation.
    pub(super) fn draws(&self, purpose: &str, kind: &str, value: &str, attempt: u8) -> Draws {
        let mut folded = fold(value);
        folded.push('\0');
        folded.push(char::from(attempt));
        let seed = Zeroizing::new(self.digest(purpose, kind, folded.as_bytes()));
        Draws {
            mac: keyed(&*seed),
            block: Zeroizing::new([0; 32]),
            used: 32,
            counter: 0,
        }
    }
}

/// A reproducible sequence of choices.
pub(super) struct Draws {
    mac: Hmac<Sha256>,
    block: Zeroizing<[u8; 32]>,
    used: usize,
    counter: u64,
}

impl Draws {
    /// A number below `bound`, each as likely as the others; 0 for a bound of 0 or 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let Ok(bound @ 2..) = u32::try_from(bound) else {
            return 0;
        };
        let fair = u32::MAX - u32::MAX % bound;
        loop {
            let number = self.next();
            if number < fair {
                return (number % bound) as usize;
            }
        }
    }

    /// One of `choices`, which are not empty.
    pub(super) fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// One byte of `alphabet`, which is not empty.
    pub(super) fn letter(&mut self, alphabet: &[u8]) -> char {
        char::from(alphabet[self.below(alphabet.len())])
    }

    fn next(&mut self) -> u32 {
        if self.used + 4 > self.block.len() {
            let block = digest(&self.mac, "draws", "", &self.counter.to_be_bytes());
            self.block.copy_from_slice(&block);
            self.counter += 1;
            self.used = 0;
        }
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.block[self.used..self.used + 4]);
        self.used += 4;
        u32::from_be_bytes(bytes)
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn digest(mac: &Hmac<Sha256>, purpose: &str, kind: &str, value: &[u8]) -> [u8; 32] {
    let mut mac = mac.clone();
    for part in [DOMAIN, purpose.as_bytes(), kind.as_bytes(), value] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The letters and figures of a value in small letters: `123-45-6789` and `123 45 6789` are one. A value without any is
/// left as it is.
pub(super) fn fold(value: &str) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(value.len() * 2 + 2));
    for c in value.chars().filter(|c| c.is_alphanumeric()) {
        folded.extend(c.to_lowercase());
    }
    if folded.is_empty() {
        folded.push_str(value);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Arc<Locked<Pseudonyms>> {
        let key =
            Key::from_text("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4");
        Pseudonyms::new(&key.unwrap()).unwrap()
    }

    #[test]
    fn a_tag_depends_on_token_and_value_and_never_changes() {
        let held = pseudonyms();
        let keyed = held.get().unwrap();
        let tag = keyed.tag("SSN", "123-45-6789", 0);
        assert_eq!(tag, keyed.tag("SSN", "123-45-6789", 0));
        assert_ne!(tag, keyed.tag("MRN", "123-45-6789", 0));
        assert_ne!(tag, keyed.tag("SSN", "123-45-6788", 0));
        assert_ne!(tag, keyed.tag("SSN", "123-45-6789", 1));
        assert!(tag.starts_with(|c: char| c.is_ascii_lowercase()) && tag.len() == 8);
    }

    #[test]
    fn choices_do_not_depend_on_how_a_value_is_written() {
        let held = pseudonyms();
        let keyed = held.get().unwrap();
        let mut one = keyed.draws("shape", "ssn", "123-45-6789", 0);
        let mut same = keyed.draws("shape", "ssn", "123 45 6789", 0);
        let mut other = keyed.draws("shape", "ssn", "123 45 6788", 0);
        let drawn = |draws: &mut Draws| (0..40).map(|_| draws.below(10)).collect::<Vec<_>>();
        let first = drawn(&mut one);
        assert_eq!(first, drawn(&mut same));
        assert_ne!(first, drawn(&mut other));
        assert!((0..10).all(|figure| first.contains(&figure)));
    }
}
