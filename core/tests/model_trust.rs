//! Who vouches for a model file: pins, minisign signatures and `OpenSSF` Model Signing bundles made by independent tools (see
//! `signed_model/make.py`), and everything that must not pass for one.
#![cfg(feature = "models")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use cloister_core::engine::{ModelFile, Provenance, Require, Trust};
use cloister_core::{Kind, Result};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

fn signed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/signed_model")
        .join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(signed(name)).unwrap()
}

fn verify(path: &Path, trust: &Trust) -> Result<Provenance> {
    ModelFile::open(path)?.verify(trust, &mut || true)
}

fn by_key(signature: &str, key: &str) -> Trust {
    Trust {
        require: Require::Signature,
        signature: Some(text(signature)),
        public_key: Some(text(key)),
        ..Trust::default()
    }
}

fn by_roots(signature: &str, roots: &str) -> Trust {
    Trust {
        require: Require::Signature,
        signature: Some(text(signature)),
        root_certificates: Some(text(roots)),
        ..Trust::default()
    }
}

fn sha256() -> String {
    base16ct::lower::encode_string(&Sha256::digest(fs::read(signed("model.gguf")).unwrap()))
}

/// The model with its last byte changed: still a model, but another one.
fn altered() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    let mut bytes = fs::read(signed("model.gguf")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn assert_denied(outcome: Result<Provenance>) {
    let error = outcome.expect_err("the model should not be trusted");
    assert_eq!(error.kind(), Kind::Denied, "{error}");
}

fn assert_invalid(outcome: Result<Provenance>) {
    let error = outcome.expect_err("the arguments should be refused");
    assert_eq!(error.kind(), Kind::InvalidArgument, "{error}");
}

#[test]
fn without_anything_asked_the_digest_is_told_all_the_same() {
    let found = verify(&signed("model.gguf"), &Trust::default()).unwrap();
    assert_eq!(found.sha256, sha256());
    assert_eq!(found.verified, Require::None);
    assert_eq!(found.signer, None);
}

#[test]
fn a_pinned_digest_holds_for_one_file_only() {
    let pin = |sha256: String| Trust {
        require: Require::Hash,
        sha256: Some(sha256),
        ..Trust::default()
    };
    let (_folder, other) = altered();
    for right in [
        sha256(),
        sha256().to_uppercase(),
        format!(" {}\n", sha256()),
    ] {
        let found = verify(&signed("model.gguf"), &pin(right.clone())).unwrap();
        assert_eq!(found.verified, Require::Hash);
        assert_denied(verify(&other, &pin(right)));
    }
    assert_denied(verify(&signed("model.gguf"), &pin("0".repeat(64))));
    for malformed in [
        String::new(),
        sha256()[1..].into(),
        "g".repeat(64),
        "0".repeat(66),
    ] {
        assert_invalid(verify(&signed("model.gguf"), &pin(malformed)));
    }
}

#[test]
fn what_is_required_must_be_given() {
    let model = signed("model.gguf");
    for require in [Require::Hash, Require::Signature] {
        let trust = Trust {
            require,
            ..Trust::default()
        };
        assert_denied(verify(&model, &trust));
    }
    let pinned = Trust {
        require: Require::Signature,
        sha256: Some(sha256()),
        ..Trust::default()
    };
    assert_denied(verify(&model, &pinned));
    let signature_for_a_hash = Trust {
        require: Require::Hash,
        ..by_key("minisign.minisig", "minisign.pub")
    };
    let found = verify(&model, &signature_for_a_hash).unwrap();
    assert_eq!(found.verified, Require::Signature);
}

#[test]
fn a_pin_and_a_signature_must_both_hold() {
    let both = |sha256: String| Trust {
        sha256: Some(sha256),
        ..by_key("p256.json", "p256.pub")
    };
    verify(&signed("model.gguf"), &both(sha256())).unwrap();
    assert_denied(verify(&signed("model.gguf"), &both("0".repeat(64))));
}

#[test]
fn minisign_signatures_are_verified() {
    let trust = by_key("minisign.minisig", "minisign.pub");
    let found = verify(&signed("model.gguf"), &trust).unwrap();
    assert_eq!(found.verified, Require::Signature);
    // The tool that made the key writes its id with the bytes the other way round than minisign itself does.
    let key = text("minisign.pub");
    let printed = key.lines().next().unwrap().rsplit(' ').next().unwrap();
    let id: String = (0..8)
        .rev()
        .map(|at| &printed[2 * at..2 * at + 2])
        .collect();
    assert_eq!(found.signer, Some(format!("minisign:{id}")));
    // A key is also its second line alone.
    let bare = Trust {
        public_key: text("minisign.pub").lines().nth(1).map(str::to_owned),
        ..trust
    };
    verify(&signed("model.gguf"), &bare).unwrap();
}

#[test]
fn minisign_signatures_of_others_for_others_and_of_the_older_form_are_denied() {
    let (_folder, other) = altered();
    let model = signed("model.gguf");
    assert_denied(verify(&other, &by_key("minisign.minisig", "minisign.pub")));
    assert_denied(verify(
        &model,
        &by_key("minisign.minisig", "other_minisign.pub"),
    ));
    assert_denied(verify(
        &model,
        &by_key("other_minisign.minisig", "minisign.pub"),
    ));
    assert_denied(verify(
        &model,
        &by_key("older_form.minisig", "minisign.pub"),
    ));
}

#[test]
fn a_flipped_bit_anywhere_in_a_minisign_signature_is_noticed() {
    let signature = text("minisign.minisig");
    let mut untrusted = true;
    for (place, byte) in signature.bytes().enumerate() {
        untrusted &= byte != b'\n' || place == 0;
        // The first comment is nobody's word, and the line ends are no part of what is signed.
        if untrusted || byte == b'\n' {
            continue;
        }
        let mut flipped = signature.clone().into_bytes();
        flipped[place] = if byte == b'A' { b'B' } else { b'A' };
        let trust = Trust {
            signature: Some(String::from_utf8(flipped).unwrap()),
            ..by_key("minisign.minisig", "minisign.pub")
        };
        verify(&signed("model.gguf"), &trust).expect_err("a forged signature passed");
    }
}

#[test]
fn bundles_signed_with_a_key_are_verified() {
    for (bundle, key) in [
        ("p256.json", "p256.pub"),
        ("p384.json", "p384.pub"),
        ("p521.json", "p521.pub"),
        ("ed25519.json", "ed25519.pub"),
        ("blake2.json", "p256.pub"),
        ("folder.json", "p256.pub"),
    ] {
        let found = verify(&signed("model.gguf"), &by_key(bundle, key)).expect(bundle);
        assert_eq!(found.verified, Require::Signature);
        let signer = found.signer.unwrap();
        assert!(signer.starts_with("key:") && signer.len() == 68, "{signer}");
    }
}

#[test]
fn bundles_of_others_for_others_and_over_parts_are_denied() {
    let (_folder, other) = altered();
    let model = signed("model.gguf");
    for (bundle, key) in [
        ("p256.json", "p256.pub"),
        ("p384.json", "p384.pub"),
        ("p521.json", "p521.pub"),
        ("ed25519.json", "ed25519.pub"),
        ("blake2.json", "p256.pub"),
        ("folder.json", "p256.pub"),
    ] {
        assert_denied(verify(&other, &by_key(bundle, key)));
        for stranger in ["p256.pub", "p384.pub", "p521.pub", "ed25519.pub"] {
            if stranger != key {
                assert_denied(verify(&model, &by_key(bundle, stranger)));
            }
        }
    }
    assert_denied(verify(&model, &by_key("shards.json", "p256.pub")));
}

#[test]
fn a_changed_character_of_what_is_signed_is_noticed() {
    let bundle = text("p256.json");
    let payload = bundle.find("\"payload\":\"").unwrap() + 11;
    let end = payload + bundle[payload..].find('"').unwrap();
    let signature = bundle.find("\"sig\":\"").unwrap() + 7;
    for place in (payload..end).chain(signature..signature + 80).step_by(3) {
        let mut forged = bundle.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let trust = Trust {
            signature: Some(String::from_utf8(forged).unwrap()),
            ..by_key("p256.json", "p256.pub")
        };
        verify(&signed("model.gguf"), &trust).expect_err("a forged bundle passed");
    }
}

#[test]
fn a_certificate_under_a_given_root_is_verified() {
    let trust = by_roots("certificate.json", "root.pem");
    let found = verify(&signed("model.gguf"), &trust).unwrap();
    assert!(found.signer.unwrap().starts_with("certificate:"));
    let (_folder, other) = altered();
    assert_denied(verify(&other, &trust));
}

#[test]
fn certificates_of_others_expired_or_for_something_else_are_denied() {
    let model = signed("model.gguf");
    assert_denied(verify(
        &model,
        &by_roots("certificate.json", "stranger.pem"),
    ));
    let expired = verify(&model, &by_roots("expired.json", "root.pem")).unwrap_err();
    assert!(expired.message().contains("today"), "{expired}");
    for bundle in ["expired.json", "server.json", "agreement.json"] {
        assert_denied(verify(&model, &by_roots(bundle, "root.pem")));
    }
}

#[test]
fn keys_certificates_and_signatures_that_do_not_belong_together_are_refused() {
    let model = signed("model.gguf");
    assert_invalid(verify(&model, &by_key("certificate.json", "p256.pub")));
    assert_invalid(verify(&model, &by_roots("p256.json", "root.pem")));
    assert_invalid(verify(&model, &by_roots("minisign.minisig", "root.pem")));
    assert_invalid(verify(&model, &by_key("minisign.minisig", "p256.pub")));
    assert_invalid(verify(&model, &by_key("p256.json", "minisign.pub")));
    assert_invalid(verify(&model, &by_key("p256.json", "root.pem")));
    assert_invalid(verify(&model, &by_roots("certificate.json", "p256.pub")));
    let alone = Trust {
        public_key: Some(text("p256.pub")),
        ..Trust::default()
    };
    assert_invalid(verify(&model, &alone));
    let without_key = Trust {
        signature: Some(text("p256.json")),
        ..Trust::default()
    };
    assert_invalid(verify(&model, &without_key));
    let with_both = Trust {
        root_certificates: Some(text("root.pem")),
        ..by_key("p256.json", "p256.pub")
    };
    assert_invalid(verify(&model, &with_both));
}

#[test]
fn what_is_no_signature_is_refused_and_never_quoted() {
    for text in [
        "",
        "{",
        "{}",
        "patient John Doe",
        "{\"mediaType\": \"patient\"}",
        "[]",
    ] {
        let trust = Trust {
            signature: Some(text.into()),
            ..by_key("p256.json", "p256.pub")
        };
        let error = verify(&signed("model.gguf"), &trust).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
        assert!(!error.message().contains("patient"), "{error}");
    }
    let long = Trust {
        signature: Some("{".repeat(5 << 20)),
        ..by_key("p256.json", "p256.pub")
    };
    let error = verify(&signed("model.gguf"), &long).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[test]
fn a_file_that_takes_the_name_of_a_verified_one_is_not_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::copy(signed("model.gguf"), &path).unwrap();
    let file = ModelFile::open(&path).unwrap();
    let (_other, altered) = altered();
    fs::rename(altered, &path).unwrap();
    assert_eq!(file.sha256().unwrap(), sha256());
}

#[test]
fn a_file_that_is_written_to_while_it_is_verified_is_denied() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::copy(signed("model.gguf"), &path).unwrap();
    let file = ModelFile::open(&path).unwrap();
    let mut once = Some(path);
    let mut write = || {
        if let Some(path) = once.take() {
            let bytes = fs::read(&path).unwrap();
            // Longer by a byte, so that the change shows whatever the resolution of the clock is.
            fs::write(&path, [&bytes[..], &[0]].concat()).unwrap();
        }
        true
    };
    assert_denied(file.verify(&Trust::default(), &mut write));
}

#[cfg(unix)]
#[test]
fn a_file_that_every_user_may_change_is_not_vouched_for() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::copy(signed("model.gguf"), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_denied(verify(&path, &by_key("p256.json", "p256.pub")));
    verify(&path, &Trust::default()).unwrap();
}

#[test]
fn verifying_can_be_cancelled() {
    let file = ModelFile::open(signed("model.gguf")).unwrap();
    let error = file.verify(&Trust::default(), &mut || false).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}
