//! Which keys are refused because somebody made them up: the one rule for every key that comes in.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::scan::{is_walk, randomness};
use crate::{Error, Kind, Result};

/// Below so many bits a text is made of words; random texts of 32 characters, of digits alone too, have more than this.
const WORDS: f32 = 4.0;

/// Refuses, with [`Kind::InvalidKey`], a key that repeats, counts, keeps to a few bytes or is made of words.
///
/// A key that was derived from something guessable, such as the SHA-256 of a password, looks random and is not noticed.
pub(crate) fn expect_unguessable(key: &[u8]) -> Result<()> {
    if is_guessable(key) {
        return Err(Error::new(
            Kind::InvalidKey,
            "the key can be guessed: it repeats, counts or is made of words; hint: make one with `cloister keygen`",
        ));
    }
    Ok(())
}

/// Of 2^62 random keys of 32 bytes less than one is refused, by these bounds, of which the last alone counts:
///
/// * bytes or steps between them that are few or regular: 2^-71 (see [`is_regular`]);
/// * a text of letters, digits and separators alone, whatever it says: (66/256)^32 < 2^-62.5; a text with other characters is
///   2^-45.8, and of 2^20 random ones none has words enough, which a test counts.
fn is_guessable(key: &[u8]) -> bool {
    match text_of(key) {
        // A key in digits has no more than ten different bytes.
        Some(text) => is_regular(key, 4, 4) || is_worded(text) || is_written_key(text),
        None => is_regular(key, key.len() * 3 / 8, key.len() / 4),
    }
}

/// The key, if somebody could have typed it.
fn text_of(key: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(key).ok()?;
    let printable = |byte| matches!(byte, b' '..=b'~');
    text.bytes().all(printable).then_some(text)
}

/// Whether the bytes begin anew after half of them, never fall or never rise, or are so few different ones; or whether so few
/// steps lead from each to the next, to the one after it and so on up to a quarter of them further, or from step to step.
///
/// Of 32 random bytes twelve are different or fewer in C(256, 12) (12/256)^32 = 2^-74 of all cases, eight steps to the eighth byte
/// behind each in 2^-71, and everything else is rarer.
fn is_regular(key: &[u8], few_bytes: usize, few_steps: usize) -> bool {
    let repeats = |period: usize| key.iter().zip(&key[period..]).all(|(a, b)| a == b);
    let steps = |lag: usize| {
        let pairs = key.iter().zip(&key[lag..]);
        Zeroizing::new(pairs.map(|(a, b)| b.wrapping_sub(*a)).collect::<Vec<_>>())
    };
    let changes = || {
        let steps = steps(1);
        let pairs = steps.iter().zip(&steps[1..]);
        Zeroizing::new(pairs.map(|(a, b)| b.wrapping_sub(*a)).collect::<Vec<_>>())
    };
    (1..=key.len() / 2).any(repeats)
        || key.is_sorted()
        || key.iter().rev().is_sorted()
        || different(key) <= few_bytes
        || (1..=key.len() / 4).any(|lag| different(&steps(lag)) <= few_steps)
        || different(&changes()) <= few_steps
}

/// Whether the letters are those of words, or a walk over the keyboard.
fn is_worded(text: &str) -> bool {
    is_walk(text) || randomness(text) < WORDS
}

/// Whether the text is that of a shorter key, in hexadecimal digits or base64, which is regular or worded itself.
fn is_written_key(text: &str) -> bool {
    let written = base16ct::mixed::decode_vec(text)
        .ok()
        .or_else(|| STANDARD_NO_PAD.decode(text).ok())
        .or_else(|| URL_SAFE_NO_PAD.decode(text).ok());
    written.map(Zeroizing::new).is_some_and(|key| {
        is_regular(&key, key.len() / 4, key.len() / 8) || text_of(&key).is_some_and(is_worded)
    })
}

fn different(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in bytes {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, and are the same in every run (`SplitMix64`).
    fn numbers() -> impl Iterator<Item = u64> {
        (1_u64..).map(|n| {
            let mut mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ mixed >> 31
        })
    }

    #[test]
    fn what_somebody_made_up_is_guessable() {
        let of = |make: fn(u8) -> u8| (0..32).map(make).collect::<Vec<u8>>();
        let made_up: [Vec<u8>; 14] = [
            vec![0; 32],
            of(|n| n),
            of(|n| n + 1),
            of(|n| 31 - n),
            of(|n| n * 7),
            of(|n| n.wrapping_mul(n)),
            of(|n| n / 4),
            of(|n| if n % 2 == 0 { 0 } else { n / 2 }),
            of(|n| if n % 2 == 0 { n } else { 255 - n }),
            of(|n| n ^ 1),
            of(|n| 1 << (n % 8)),
            [0xDE, 0xAD, 0xBE, 0xEF].repeat(8),
            [vec![0; 24], b"\x8f\x01\xc3\x77\x20\x9b\xee\x12".to_vec()].concat(),
            b"a1b2c3d4e5f6a7b8".repeat(2),
        ];
        for key in &made_up {
            assert!(is_guessable(key), "{key:?}");
        }
        for text in [
            "passwordpasswordpasswordpassword",
            "0123456789abcdefghijklmnopqrstuv",
            "0123456789abcdef0123456789ABCDEF",
            "qwertyuiopasdfghjklzxcvbnm123456",
            "correct.horse.battery.staple.123",
            "my-secret-encryption-key-32bytes",
            "ThisIsASecretKeyForOurHospital!!",
            "changeme-changeme-please-change!",
            "000102030405060708090a0b0c0d0e0f",
            "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0",
            "dGhlIGtleSBvZiBvdXIgaG9zcGl0YWwh",
            "6d792d7365637265742d6b65792d3136",
        ] {
            assert_eq!(text.len(), 32, "{text}");
            assert!(is_guessable(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_was_drawn_is_not() {
        let mut numbers = numbers();
        let alphabets: [Vec<u8>; 7] = [
            (0..=255).collect(),
            (b' '..=b'~').collect(),
            b"0123456789abcdef".to_vec(),
            b"0123456789".to_vec(),
            (b'a'..=b'z').collect(),
            (b'a'..=b'z')
                .chain(b'A'..=b'Z')
                .chain(b'0'..=b'9')
                .collect(),
            (b'a'..=b'z')
                .chain(b'A'..=b'Z')
                .chain(b'0'..=b'9')
                .chain([b'-', b'_'])
                .collect(),
        ];
        for alphabet in &alphabets {
            let size = alphabet.len() as u64;
            let tried = if size == 95 { 1 << 20 } else { 1 << 17 };
            let refused = (0..tried)
                .filter(|_| {
                    let key: [u8; 32] = std::array::from_fn(|_| {
                        let place = numbers.next().map_or(0, |n| (n >> 32) % size);
                        alphabet[usize::try_from(place).unwrap_or_default()]
                    });
                    is_guessable(&key)
                })
                .count();
            assert_eq!(refused, 0, "of {tried} with an alphabet of {size}");
        }
    }
}
