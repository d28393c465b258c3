//! Envelopes: what opens, and that nothing else does.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use cloister_core::cipher::{Cipher, Key, KeyState, Keyring, Label, PassphraseCost};
use cloister_core::{Classification, Error, Kind};

const KEY: &str = "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4";
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
            assert_eq!(
                envelope.len(),
                length + 23 + 56 + 16 * (length / 16_384 + 1)
            );
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
    assert_eq!(&envelope[..6], b"CLO\x02\x01\x02");
    let again = cipher()
        .encrypt(NOTE, Classification::Internal, b"")
        .unwrap();
    assert_eq!(envelope[6..14], again[6..14], "one key has one id");
    assert_ne!(envelope[23..47], again[23..47], "salts differ");
}

/// Made by an independent implementation (`cryptography`, OpenSSL) from the format's description, with [`KEY`],
/// `SENSITIVE`, `text/plain` and the context `record 7`: must open for ever.
#[test]
fn a_stored_envelope_opens_for_ever() {
    let stored = include_str!("cipher_vectors/envelope_v2.txt");
    let opened = cipher().decrypt_text(stored, b"record 7").unwrap();
    assert_eq!(
        (opened.plaintext.as_slice(), opened.classification),
        (NOTE, Classification::Sensitive)
    );
    assert_eq!(
        (opened.content_type.as_str(), opened.created),
        ("text/plain", 1_700_000_000)
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
    let error = cipher().decrypt(&[b'x'; 160], b"").unwrap_err();
    assert_eq!(error.message(), "this is not an encrypted envelope");
    let mut later = cipher().encrypt(NOTE, Classification::Public, b"").unwrap();
    later[3] = 3;
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
    let base64 = key.to_base64().unwrap();
    let url_safe = base64.replace('+', "-").replace('/', "_");
    for text in [
        KEY.to_uppercase().as_str(),
        base64.as_str(),
        url_safe.as_str(),
        base64.trim_end_matches('='),
        &format!("  {KEY}\n"),
    ] {
        assert_eq!(
            Key::from_text(text).unwrap().as_bytes().unwrap(),
            key.as_bytes().unwrap()
        );
        assert_eq!(
            Key::from_secret(text).unwrap().as_bytes().unwrap(),
            key.as_bytes().unwrap()
        );
    }
}

#[test]
fn a_secret_of_32_characters_is_taken_as_it_stands() {
    let secret = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    assert_eq!(
        Key::from_secret(secret).unwrap().as_bytes().unwrap(),
        secret.as_bytes()
    );
    assert_eq!(Key::from_text(secret).unwrap_err().kind(), Kind::InvalidKey);
}

#[test]
fn short_long_and_guessable_keys_are_refused() {
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
        &"0123456789abcdef".repeat(4),
        // 32 bytes, `1234567890…`, in base64.
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "/v38+/r5+Pf29fTz8vHw7+7t7Ovq6ejn5uXk4+Lh4N8",
        // `correct.horse.battery.staple.123`.
        "Y29ycmVjdC5ob3JzZS5iYXR0ZXJ5LnN0YXBsZS4xMjM=",
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
    let shown = format!("{key:?} {} {opened:?}", key.to_base64().unwrap());
    assert!(
        shown.starts_with(
            "[REDACTED] [REDACTED] Opened { plaintext: [REDACTED], classification: Public"
        ),
        "{shown}"
    );
}

#[test]
fn generated_keys_differ() {
    let (one, other) = (Key::generate().unwrap(), Key::generate().unwrap());
    assert_ne!(one.as_bytes().unwrap(), other.as_bytes().unwrap());
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

#[test]
fn a_label_comes_back_and_is_bound() {
    let label = Label {
        classification: Classification::Internal,
        content_type: "application/json".to_owned(),
    };
    let envelope = cipher().encrypt_as(NOTE, &label, b"").unwrap();
    assert_eq!(envelope.len(), Cipher::envelope_len(NOTE.len(), &label));
    let opened = cipher().decrypt(&envelope, b"").unwrap();
    assert_eq!(opened.content_type, "application/json");
    assert!(opened.created > 1_700_000_000);
    let long = Label {
        content_type: "x".repeat(128),
        ..label
    };
    let error = cipher().encrypt_as(NOTE, &long, b"").unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[test]
fn streams_and_buffers_are_the_same_envelopes() {
    let cipher = cipher();
    let label = Label::default();
    for length in [0, 1, 16_383, 16_384, 16_385, 100_000] {
        let plaintext: Vec<u8> = (0..=250).cycle().take(length).collect();
        let mut envelope = Vec::new();
        let count = cipher
            .encrypt_stream(plaintext.as_slice(), &mut envelope, &label, b"c")
            .unwrap();
        assert_eq!(count, length as u64);
        assert_eq!(
            *cipher.decrypt(&envelope, b"c").unwrap().plaintext,
            plaintext
        );
        let mut opened = Vec::new();
        cipher
            .decrypt_stream(envelope.as_slice(), &mut opened, b"c")
            .unwrap();
        assert_eq!(opened, plaintext);
        for cut in [1, 15, 16, 17, 16_400] {
            if let Some(kept) = envelope.len().checked_sub(cut).filter(|kept| *kept > 0) {
                let truncated = &envelope[..kept];
                let error = cipher
                    .decrypt_stream(truncated, std::io::sink(), b"c")
                    .unwrap_err();
                assert_eq!(error.kind(), Kind::Decrypt);
                assert!(
                    cipher
                        .decrypt_at(std::io::Cursor::new(truncated), b"c")
                        .is_err()
                );
            }
        }
        envelope.push(0);
        let error = cipher.decrypt_stream(envelope.as_slice(), std::io::sink(), b"c");
        assert_eq!(error.unwrap_err().kind(), Kind::Decrypt);
    }
}

#[test]
fn any_part_of_a_file_is_read_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let plaintext: Vec<u8> = (0..=250).cycle().take(70_000).collect();
    fs::write(path("plain"), &plaintext).unwrap();
    let label = Label::default();
    cipher()
        .encrypt_file(path("plain"), path("sealed"), &label, b"c")
        .unwrap();
    for (offset, length) in [
        (0, 10),
        (16_380, 10),
        (16_384, 1),
        (50_000, 40_000),
        (70_000, 5),
        (90_000, 5),
    ] {
        let part = cipher()
            .decrypt_part(path("sealed"), offset, length, b"c")
            .unwrap();
        let start = plaintext.len().min(usize::try_from(offset).unwrap());
        let end = plaintext.len().min(start + length);
        assert_eq!(*part, plaintext[start..end]);
    }
    assert_eq!(
        fs::metadata(path("sealed")).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = cipher().encrypt_file(path("plain"), path("sealed"), &label, b"c");
    assert_eq!(again.unwrap_err().kind(), Kind::InvalidArgument);
    cipher()
        .decrypt_file(path("sealed"), path("opened"), b"c")
        .unwrap();
    assert_eq!(fs::read(path("opened")).unwrap(), plaintext);

    let mut altered = fs::read(path("sealed")).unwrap();
    altered[60_000] ^= 1;
    fs::write(path("altered"), altered).unwrap();
    let refused = cipher().decrypt_file(path("altered"), path("nothing"), b"c");
    assert_eq!(refused.unwrap_err().kind(), Kind::Decrypt);
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        4,
        "and nothing is left behind"
    );
    assert!(
        cipher().decrypt_part(path("altered"), 0, 10, b"c").is_ok(),
        "another chunk"
    );
    assert!(
        cipher()
            .decrypt_part(path("altered"), 59_000, 2_000, b"c")
            .is_err()
    );
}

#[test]
fn a_ring_rotates_disables_destroys_and_rewraps() {
    let ring = Keyring::new(Key::from_text(KEY).unwrap());
    let label = Label::default();
    let old = ring.encrypt(NOTE, &label, b"c").unwrap();
    let first = ring.keys()[0].id.clone();
    ring.rotate(Key::generate().unwrap()).unwrap();
    let new = ring.encrypt(NOTE, &label, b"c").unwrap();
    assert_ne!(old[6..14], new[6..14]);
    for envelope in [&old, &new] {
        assert_eq!(
            ring.decrypt(envelope, b"c").unwrap().plaintext.as_slice(),
            NOTE
        );
    }
    let rewrapped = ring.rewrap(&old, b"c").unwrap().unwrap();
    assert_eq!(rewrapped[6..14], new[6..14]);
    assert!(ring.rewrap(&rewrapped, b"c").unwrap().is_none());

    ring.set_enabled(&first, false).unwrap();
    assert!(
        ring.decrypt(&old, b"c")
            .unwrap_err()
            .message()
            .contains("disabled")
    );
    let wrapping = cipher();
    let stored = ring.export(&wrapping).unwrap();
    let ring = Keyring::import(&wrapping, &stored).unwrap();
    ring.set_enabled(&first, true).unwrap();
    ring.decrypt(&old, b"c").unwrap();
    ring.destroy(&first).unwrap();
    assert!(
        ring.decrypt(&old, b"c")
            .unwrap_err()
            .message()
            .contains("destroyed")
    );
    assert_eq!(ring.keys()[0].state, KeyState::Destroyed);
    assert_eq!(
        ring.set_enabled(&first, true).unwrap_err().kind(),
        Kind::InvalidArgument
    );
    assert_eq!(
        ring.add(Key::from_text(KEY).unwrap()).unwrap_err().kind(),
        Kind::InvalidKey
    );
    let primary = ring.keys()[1].id.clone();
    assert_eq!(
        ring.destroy(&primary).unwrap_err().kind(),
        Kind::InvalidArgument
    );
    assert_eq!(ring.destroy("00").unwrap_err().kind(), Kind::NotFound);
    let other = Cipher::new(Key::generate().unwrap());
    assert_eq!(
        Keyring::import(&other, &stored).unwrap_err().kind(),
        Kind::Decrypt
    );
    assert!(!format!("{ring:?}").contains(KEY));
}

#[test]
fn a_key_file_must_be_closed_to_others() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    assert_eq!(Key::from_file(&path).unwrap_err().kind(), Kind::NotFound);
    fs::write(&path, format!("{KEY}\n")).unwrap();
    for (mode, open) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o604, false),
        (0o622, false),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        match Key::from_file(&path) {
            Ok(_) => assert!(open, "{mode:o}"),
            Err(error) => assert!(!open && error.kind() == Kind::Denied, "{mode:o} {error}"),
        }
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(Key::from_file(&link).unwrap_err().kind(), Kind::Denied);
    fs::write(&path, "short").unwrap();
    assert_eq!(Key::from_file(&path).unwrap_err().kind(), Kind::InvalidKey);
    fs::write(&path, [7; 31]).unwrap();
    assert_eq!(Key::from_file(&path).unwrap_err().kind(), Kind::InvalidKey);
    assert_eq!(
        Key::from_file(directory.path()).unwrap_err().kind(),
        Kind::Denied
    );
}

/// Made with `cryptography` (OpenSSL).
#[test]
fn a_passphrase_gives_the_key_that_another_implementation_gives() {
    let cost = PassphraseCost {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
    };
    let key =
        Key::from_passphrase("correct horse battery staple", b"0123456789abcdef", cost).unwrap();
    assert_eq!(
        base16ct::lower::encode_string(key.as_bytes().unwrap()),
        "832e52b959b967b570ee4781f6c7bda7ced019ca266ac781fd2d94d4e853b0cd"
    );
    for guessable in ["", "short", "aaaaaaaaaaaaaaaaaa", "12341234123412341234"] {
        let error = Key::from_passphrase(guessable, b"0123456789abcdef", cost).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidKey);
    }
    let cheap = PassphraseCost {
        memory_kib: 1024,
        ..cost
    };
    for (salt, cost) in [(&b"short"[..], cost), (b"0123456789abcdef", cheap)] {
        let error = Key::from_passphrase("correct horse battery staple", salt, cost).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
}

#[test]
fn a_missing_variable_is_not_replaced_by_a_key() {
    assert_eq!(
        Key::from_env("CLOISTER_NO_SUCH_KEY").unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(Key::from_env("PATH").unwrap_err().kind(), Kind::InvalidKey);
    let directory = tempfile::tempdir().unwrap();
    let counted = directory.path().join("key");
    fs::write(&counted, (1..33).collect::<Vec<u8>>()).unwrap();
    fs::set_permissions(&counted, fs::Permissions::from_mode(0o600)).unwrap();
    for refused in [
        Key::from_file(&counted),
        Key::from_source(|| Ok((0..32).rev().collect())),
        Key::from_secret("our.master.key.for.patient.files"),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidKey);
        assert!(error.message().contains("can be guessed"), "{error}");
    }
    let failing = Key::from_source(|| Err(Error::new(Kind::Io, "the service is away")));
    assert_eq!(failing.unwrap_err().kind(), Kind::Io);
    assert_eq!(
        Key::from_source(|| Ok(vec![1; 16])).unwrap_err().kind(),
        Kind::InvalidKey
    );
}

#[test]
fn the_mode_of_the_fips_module_is_said_as_it_is() {
    assert_eq!(Cipher::is_fips_mode(), cfg!(feature = "fips"));
}
