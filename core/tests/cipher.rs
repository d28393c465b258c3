//! Envelopes: what opens, and that nothing else does.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use cloister_core::cipher::{Cipher, Key};
use cloister_core::{Classification, Kind};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const NOTE: &[u8] = b"patient is stable";

fn cipher() -> Cipher {
    Cipher::new(Key::from_text(KEY).unwrap())
}

#[test]
fn what_goes_in_comes_out_with_its_classification() {
    let cipher = cipher();
    for class in [
        Classification::Public,
        Classification::Internal,
        Classification::Sensitive,
    ] {
        for length in [0, 1, 15, 16, 17, 1023, 100_000] {
            let plaintext = vec![0xA5; length];
            let envelope = cipher.encrypt(&plaintext, class, b"record 7").unwrap();
            assert_eq!(envelope.len(), length + 42);
            let opened = cipher.decrypt(&envelope, b"record 7").unwrap();
            assert_eq!(
                (&*opened.plaintext, opened.classification),
                (&plaintext, class)
            );
        }
    }
}

#[test]
fn the_text_form_carries_any_bytes() {
    let cipher = cipher();
    let plaintext: Vec<u8> = (0..=255).collect();
    let text = cipher
        .encrypt_to_text(&plaintext, Classification::Internal, b"")
        .unwrap();
    assert!(
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    let opened = cipher.decrypt_text(&format!(" {text}\n"), b"").unwrap();
    assert_eq!(*opened.plaintext, plaintext);
    let error = cipher.decrypt_text("not base64!", b"").unwrap_err();
    assert_eq!(error.kind(), Kind::Decrypt);
}

#[test]
fn the_header_is_as_documented() {
    let envelope = cipher()
        .encrypt(NOTE, Classification::Internal, b"")
        .unwrap();
    assert_eq!(&envelope[..6], b"CLO\x01\x01\x02");
    let again = cipher()
        .encrypt(NOTE, Classification::Internal, b"")
        .unwrap();
    assert_eq!(envelope[6..14], again[6..14], "one key has one id");
    assert_ne!(envelope[14..26], again[14..26], "nonces differ");
}

/// Made by an independent implementation (`cryptography`, OpenSSL) from the format's description, with [`KEY`],
/// `SENSITIVE` and the context `record 7`: must open for ever.
#[test]
fn a_stored_envelope_opens_for_ever() {
    let stored = include_str!("cipher_vectors/envelope_v1.txt");
    let opened = cipher().decrypt_text(stored, b"record 7").unwrap();
    assert_eq!(
        (opened.plaintext.as_slice(), opened.classification),
        (NOTE, Classification::Sensitive)
    );
}

#[test]
fn every_single_bit_flip_is_refused() {
    let cipher = cipher();
    let envelope = cipher
        .encrypt(NOTE, Classification::Sensitive, b"record 7")
        .unwrap();
    for bit in 0..envelope.len() * 8 {
        let mut altered = envelope.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let error = cipher.decrypt(&altered, b"record 7").unwrap_err();
        let expected = match bit / 8 {
            3 | 4 => Kind::Unsupported,
            _ => Kind::Decrypt,
        };
        assert_eq!(error.kind(), expected, "bit {bit}");
    }
}

#[test]
fn every_truncation_and_extension_is_refused() {
    let cipher = cipher();
    let envelope = cipher
        .encrypt(NOTE, Classification::Sensitive, b"")
        .unwrap();
    for length in 0..envelope.len() {
        let error = cipher.decrypt(&envelope[..length], b"").unwrap_err();
        assert_eq!(error.kind(), Kind::Decrypt, "length {length}");
    }
    let longer = [&envelope[..], b"\0"].concat();
    assert_eq!(
        cipher.decrypt(&longer, b"").unwrap_err().kind(),
        Kind::Decrypt
    );
}

#[test]
fn every_change_of_a_text_envelope_is_refused() {
    let cipher = cipher();
    let text = cipher
        .encrypt_to_text(NOTE, Classification::Sensitive, b"")
        .unwrap();
    for position in 0..text.len() {
        for replacement in ["A", "B", "-", "=", "é"] {
            if text[position..=position] != *replacement {
                let mut altered = text.clone();
                altered.replace_range(position..=position, replacement);
                assert!(
                    cipher.decrypt_text(&altered, b"").is_err(),
                    "{position} {replacement}"
                );
            }
        }
    }
}

#[test]
fn another_context_classification_or_key_does_not_open_it() {
    let cipher = cipher();
    let envelope = cipher
        .encrypt(NOTE, Classification::Internal, b"record 7")
        .unwrap();
    for context in [&b""[..], b"record 8", b"record 7\0", b"record "] {
        let error = cipher.decrypt(&envelope, context).unwrap_err();
        assert_eq!(
            error.message(),
            "the envelope was altered or belongs to another context"
        );
    }
    for class in [0, 1, 3, 255] {
        let mut declassified = envelope.clone();
        declassified[5] = class;
        let error = cipher.decrypt(&declassified, b"record 7").unwrap_err();
        assert_eq!(error.kind(), Kind::Decrypt);
    }
    let other = Cipher::new(Key::generate().unwrap());
    let error = other.decrypt(&envelope, b"record 7").unwrap_err();
    assert_eq!(
        error.message(),
        "the envelope was encrypted with another key"
    );
}

#[test]
fn a_forged_key_id_does_not_make_another_key_fit() {
    let ours = cipher().encrypt(NOTE, Classification::Public, b"").unwrap();
    let other = Cipher::new(Key::generate().unwrap());
    let mut forged = other.encrypt(NOTE, Classification::Public, b"").unwrap();
    forged[6..14].copy_from_slice(&ours[6..14]);
    assert_eq!(
        cipher().decrypt(&forged, b"").unwrap_err().kind(),
        Kind::Decrypt
    );
}

#[test]
fn what_is_no_envelope_says_so() {
    let error = cipher().decrypt(&[b'x'; 60], b"").unwrap_err();
    assert_eq!(error.message(), "this is not an encrypted envelope");
    let mut later = cipher().encrypt(NOTE, Classification::Public, b"").unwrap();
    later[3] = 2;
    assert_eq!(
        cipher().decrypt(&later, b"").unwrap_err().kind(),
        Kind::Unsupported
    );
}

/// Made by an independent implementation (`cryptography`, OpenSSL) with [`KEY`], the nonce 20..2b and no AAD.
#[test]
fn the_legacy_form_opens_and_its_alterations_do_not() {
    let text = include_str!("cipher_vectors/legacy_ciphertext.txt").trim_end();
    assert_eq!(cipher().decrypt_legacy(text).unwrap().as_slice(), NOTE);
    for position in 0..text.len() {
        let mut altered = text.as_bytes().to_vec();
        altered[position] = if altered[position] == b'A' {
            b'Q'
        } else {
            b'A'
        };
        let altered = String::from_utf8(altered).unwrap();
        let error = cipher().decrypt_legacy(&altered).unwrap_err();
        assert_eq!(error.kind(), Kind::Decrypt);
    }
    for short in ["", "AAAA", "!"] {
        assert_eq!(
            cipher().decrypt_legacy(short).unwrap_err().kind(),
            Kind::Decrypt
        );
    }
}

#[test]
fn a_key_comes_as_hexadecimal_or_base64() {
    let key = Key::from_text(KEY).unwrap();
    let base64 = key.to_base64();
    let url_safe = base64.replace('+', "-").replace('/', "_");
    for text in [
        KEY.to_uppercase().as_str(),
        base64.as_str(),
        url_safe.as_str(),
        base64.trim_end_matches('='),
        &format!("  {KEY}\n"),
    ] {
        assert_eq!(Key::from_text(text).unwrap().as_bytes(), key.as_bytes());
        assert_eq!(Key::from_secret(text).unwrap().as_bytes(), key.as_bytes());
    }
}

#[test]
fn a_secret_of_32_characters_is_taken_as_it_stands() {
    let secret = "correct.horse.battery.staple.123";
    assert_eq!(
        Key::from_secret(secret).unwrap().as_bytes(),
        secret.as_bytes()
    );
    assert_eq!(Key::from_text(secret).unwrap_err().kind(), Kind::InvalidKey);
}

#[test]
fn short_long_and_uniform_keys_are_refused() {
    for length in [0, 1, 16, 31, 33, 64] {
        let bytes: Vec<u8> = (0..length).collect();
        assert_eq!(
            Key::from_bytes(&bytes).unwrap_err().kind(),
            Kind::InvalidKey
        );
    }
    for byte in [0, b'A', 255] {
        assert_eq!(
            Key::from_bytes(&[byte; 32]).unwrap_err().kind(),
            Kind::InvalidKey
        );
    }
    for text in [
        "",
        "password",
        &"0".repeat(64),
        &"f".repeat(63),
        &"g".repeat(64),
        &"A".repeat(43),
    ] {
        assert_eq!(Key::from_text(text).unwrap_err().kind(), Kind::InvalidKey);
        assert_eq!(Key::from_secret(text).unwrap_err().kind(), Kind::InvalidKey);
    }
}

#[test]
fn nothing_prints_a_key_or_a_plaintext() {
    let key = Key::from_text(KEY).unwrap();
    let envelope = cipher().encrypt(NOTE, Classification::Public, b"").unwrap();
    let opened = cipher().decrypt(&envelope, b"").unwrap();
    let shown = format!("{key:?} {} {opened:?}", key.to_base64());
    assert_eq!(
        shown,
        "[REDACTED] [REDACTED] Opened { plaintext: [REDACTED], classification: Public }"
    );
}

#[test]
fn generated_keys_differ() {
    let (one, other) = (Key::generate().unwrap(), Key::generate().unwrap());
    assert_ne!(one.as_bytes(), other.as_bytes());
}

#[test]
fn one_cipher_serves_many_threads() {
    let cipher = cipher();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let envelope = cipher.encrypt(NOTE, Classification::Public, b"").unwrap();
                    let opened = cipher.decrypt(&envelope, b"").unwrap();
                    assert_eq!(opened.plaintext.as_slice(), NOTE);
                }
            });
        }
    });
}
