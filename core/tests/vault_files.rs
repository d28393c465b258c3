//! A vault at rest: encrypted, whole, for its owner alone, and gone when its time is over.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use cloister_core::cipher::{Cipher, Key};
use cloister_core::pii::{Operator, Policy, Scrubber, Surrogate, Vault, VaultOptions};
use cloister_core::{Error, Kind};
use tempfile::TempDir;

const NOTE: &str = "Patient John Doe, SSN 123-45-6789, mail john.doe@clinic.org.";

fn cipher() -> Cipher {
    let key = "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4";
    Cipher::new(Key::from_text(key).expect("it is a key"))
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("vault")
}

fn kind(result: Result<Vault, Error>) -> Kind {
    result.map(|_| ()).expect_err("it is refused").kind()
}

#[test]
fn a_second_vault_goes_on_where_the_first_one_ended() {
    let folder = tempfile::tempdir().unwrap();
    let scrubber = Scrubber::new();
    let mut first = Vault::new();
    let hidden = scrubber.pseudonymize(NOTE, &mut first).unwrap();
    first.save(&file(&folder), &cipher(), b"").unwrap();

    let mut second = Vault::open(&file(&folder), &cipher(), b"").unwrap();
    assert_eq!(second.restore(&hidden.text), NOTE);
    let more = "SSN 123-45-6789, SSN 234-56-7890";
    let hidden = scrubber.pseudonymize(more, &mut second).unwrap();
    assert_eq!(hidden.text, "SSN [SSN_1], SSN [SSN_2]");
    second.save(&file(&folder), &cipher(), b"").unwrap();
    let third = Vault::open(&file(&folder), &cipher(), b"").unwrap();
    assert_eq!(third.restore(&hidden.text), more);
}

#[test]
fn surrogates_and_reserved_names_survive_too() {
    let key = Key::generate().unwrap();
    let policy = Policy::of(Operator::Surrogate(Surrogate::default()));
    let scrubber = Scrubber::with_policy(None, policy.key(&key).unwrap()).unwrap();
    let mut vault = Vault::new();
    vault.reserve("what is [MRN_1]?");
    let hidden = scrubber.pseudonymize(NOTE, &mut vault).unwrap();
    let envelope = vault.export(&cipher(), b"conversation 7").unwrap();
    let mut again = Vault::import(&cipher(), &envelope, b"conversation 7").unwrap();
    assert_eq!(again.restore(&hidden.text), NOTE);
    assert_eq!(
        scrubber.pseudonymize(NOTE, &mut again).unwrap().text,
        hidden.text
    );
    assert_eq!(again.placeholder("MRN", "123456").unwrap(), "[MRN_2]");
}

#[test]
fn the_file_is_the_owners_alone_and_holds_nothing_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = Vault::new();
    Scrubber::new().pseudonymize(NOTE, &mut vault).unwrap();
    vault.save(&file(&folder), &cipher(), b"").unwrap();
    let mode = fs::metadata(file(&folder)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = fs::read(file(&folder)).unwrap();
    for text in ["John", "6789", "clinic", "NAME", "CLOVAULT"] {
        let found = bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes());
        assert!(!found, "{text}");
    }
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn another_key_another_context_and_an_altered_byte_are_refused() {
    let mut vault = Vault::new();
    vault.placeholder("NAME", "John Doe").unwrap();
    let envelope = vault.export(&cipher(), b"a").unwrap();
    let other = Cipher::new(Key::generate().unwrap());
    assert_eq!(kind(Vault::import(&other, &envelope, b"a")), Kind::Decrypt);
    assert_eq!(
        kind(Vault::import(&cipher(), &envelope, b"b")),
        Kind::Decrypt
    );
    for at in 0..envelope.len() {
        let mut altered = envelope.clone();
        altered[at] ^= 1;
        let refused = kind(Vault::import(&cipher(), &altered, b"a"));
        assert!(matches!(refused, Kind::Decrypt | Kind::Unsupported), "{at}");
    }
    for end in [0, 1, 26, 41, envelope.len() - 1] {
        assert_eq!(
            kind(Vault::import(&cipher(), &envelope[..end], b"a")),
            Kind::Decrypt
        );
    }
    // An envelope of the same key that is no vault.
    let note = cipher().encrypt(b"a note", cloister_core::Classification::Sensitive, b"a");
    assert_eq!(
        kind(Vault::import(&cipher(), &note.unwrap(), b"a")),
        Kind::Decrypt
    );
}

#[test]
fn a_time_to_live_goes_on_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = Vault::with_options(VaultOptions {
        ttl: Some(Duration::from_millis(400)),
        ..VaultOptions::default()
    });
    vault.placeholder("NAME", "John Doe").unwrap();
    vault.save(&file(&folder), &cipher(), b"").unwrap();
    let again = Vault::open(&file(&folder), &cipher(), b"").unwrap();
    let drift = again
        .expires_at()
        .unwrap()
        .duration_since(vault.expires_at().unwrap());
    assert!(drift.unwrap() <= Duration::from_millis(1));
    std::thread::sleep(Duration::from_millis(450));
    assert_eq!(again.restore("[NAME_1]"), "[NAME_1]");
    assert_eq!(
        kind(Vault::open(&file(&folder), &cipher(), b"")),
        Kind::Closed
    );
    assert_eq!(
        vault.export(&cipher(), b"").unwrap_err().kind(),
        Kind::Closed
    );
}

#[test]
fn two_vaults_do_not_overwrite_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    Vault::new().save(&path, &cipher(), b"").unwrap();
    let mut one = Vault::open(&path, &cipher(), b"").unwrap();
    let mut other = Vault::open(&path, &cipher(), b"").unwrap();
    one.placeholder("NAME", "John Doe").unwrap();
    one.save(&path, &cipher(), b"").unwrap();
    other.placeholder("NAME", "Jane Roe").unwrap();
    let refused = other.save(&path, &cipher(), b"").unwrap_err();
    assert_eq!(refused.kind(), Kind::Busy);
    assert_eq!(
        Vault::new().save(&path, &cipher(), b"").unwrap_err().kind(),
        Kind::Busy
    );
    let kept = Vault::open(&path, &cipher(), b"").unwrap();
    assert_eq!(kept.restore("[NAME_1]"), "John Doe");
    one.placeholder("NAME", "Ann Lee").unwrap();
    one.save(&path, &cipher(), b"").unwrap();
}

#[test]
fn another_process_goes_on_with_the_same_placeholders() {
    const PATH: &str = "CLOISTER_VAULT_OF_THE_TEST";
    if let Ok(path) = std::env::var(PATH) {
        let path = PathBuf::from(path);
        let mut vault = Vault::open(&path, &cipher(), b"").unwrap();
        assert_eq!(vault.restore("[NAME_1]"), "John Doe");
        assert_eq!(vault.placeholder("NAME", "Jane Roe").unwrap(), "[NAME_2]");
        return vault.save(&path, &cipher(), b"").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut vault = Vault::new();
    vault.placeholder("NAME", "John Doe").unwrap();
    vault.save(&file(&folder), &cipher(), b"").unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "another_process_goes_on_with_the_same_placeholders",
        ])
        .env(PATH, file(&folder))
        .status();
    assert!(status.unwrap().success());
    let vault = Vault::open(&file(&folder), &cipher(), b"").unwrap();
    assert_eq!(
        vault.restore("[NAME_2] and [NAME_1]"),
        "Jane Roe and John Doe"
    );
}

#[test]
fn a_missing_file_is_not_found_and_a_folder_is_no_vault() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        kind(Vault::open(&file(&folder), &cipher(), b"")),
        Kind::NotFound
    );
    assert_eq!(kind(Vault::open(folder.path(), &cipher(), b"")), Kind::Io);
    let nowhere = folder.path().join("no").join("vault");
    assert_eq!(
        Vault::new()
            .save(&nowhere, &cipher(), b"")
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
}
