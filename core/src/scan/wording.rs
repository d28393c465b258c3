//! How unlike words a string is: the cost of its letters in a model of written words.
//!
//! The table holds the cost in bits of each letter behind the two before it, over the words of the sources of this
//! crate's dependencies. `cargo run --example wording` writes it anew.

use std::ops::Range;

/// Word boundary and 26 letters.
const SYMBOLS: usize = 27;
/// What one step of the table stands for, in bits.
const STEP: f32 = 0.75;
/// Two costs a byte: that of `27 * (27 * before_last + last) + next`, the lower half first.
static TABLE: &[u8; (SYMBOLS * SYMBOLS * SYMBOLS).div_ceil(2)] = include_bytes!("wording.bin");

/// What a letter costs in an ordinary word, in bits; the model's own average is below 3.5.
const ORDINARY: f32 = 4.0;
/// What a change between letters and digits says beyond the first one, in bits.
const CHANGE: f32 = 2.0;
/// What a digit that does not count on from the one before says, in bits.
const DIGIT: f32 = 0.5;

/// Bits that speak for a random string and against words, names and counting: below 0 for words, above 10 for keys.
///
/// Grows with the length of a random value. Takes time linear in it.
pub(super) fn randomness(value: &str) -> f32 {
    let bytes = value.as_bytes();
    let mut bits = 0.0;
    let mut changes = 0_u32;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_alphabetic() {
            let word = word(bytes, at);
            #[allow(
                clippy::cast_precision_loss,
                reason = "a word of 2^23 letters costs about as much"
            )]
            let length = (word.len() + 1) as f32;
            bits += cost(&bytes[word.clone()]) - ORDINARY * length;
            let digits_around = at > 0 && bytes[at - 1].is_ascii_digit();
            changes += u32::from(digits_around);
            at = word.end;
        } else {
            if byte.is_ascii_digit() {
                let before = at.checked_sub(1).map(|before| bytes[before]);
                changes += u32::from(before.is_some_and(|before| before.is_ascii_alphabetic()));
                let counts = before
                    .is_some_and(|before| before.is_ascii_digit() && before.abs_diff(byte) <= 1);
                bits += if counts { 0.0 } else { DIGIT };
            }
            at += 1;
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    let changes = changes.saturating_sub(1) as f32;
    bits + CHANGE * changes
}

/// The word that begins at `at`: `Capitalised`, `lower` or `UPPER`, as in the parts of `camelCase` and `HTTPServer`.
fn word(bytes: &[u8], at: usize) -> Range<usize> {
    let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let mut end = at + 1;
    if upper(at) && !lower(end) {
        while upper(end) && !lower(end + 1) {
            end += 1;
        }
    } else {
        while lower(end) {
            end += 1;
        }
    }
    at..end
}

/// What the letters of a word and its end cost, in bits.
fn cost(word: &[u8]) -> f32 {
    let (mut before, mut last) = (0, 0);
    let mut steps = 0;
    let mut read = |symbol: usize| {
        let place = SYMBOLS * (SYMBOLS * before + last) + symbol;
        steps += u32::from(TABLE[place / 2] >> (4 * (place % 2)) & 0xF);
        (before, last) = (last, symbol);
    };
    for letter in word {
        // The low bits of a letter are its place in the alphabet, in either case.
        read(usize::from(letter & 31));
    }
    read(0);
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    let steps = steps as f32;
    steps * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordinary_and_keys_are_not() {
        for word in [
            "password",
            "something",
            "myAuthPassword",
            "test-user-name",
            "RESOURCE_NOT_FOUND",
            "hunter2",
            "12345678",
        ] {
            assert!(randomness(word) < 4.0, "{word}: {}", randomness(word));
        }
        for key in [
            "ydpyrxrkucgqyzzogdpz",
            "7f9781eae9bd37e21a38",
            "GuqBB1lbvN4x",
            "aB3dE5gH7jK9mN1p",
        ] {
            assert!(randomness(key) > 10.0, "{key}: {}", randomness(key));
        }
    }
}
