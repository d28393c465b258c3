//! Whatever is done to the files of a log, verification shows it.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use audit_support::{KEY, event, keyed, lines, log_in, plain, rotated};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloister_core::Kind;
use cloister_core::audit::{self, AuditLog, AuditOptions, Verification};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// A closed log of `count` records, and its path.
fn log_of(count: u64, options: AuditOptions) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, options);
    (0..count).for_each(|n| drop(log.record(&event(n)).unwrap()));
    (directory, path)
}

fn verify(path: &Path) -> Verification {
    audit::verify(path, Some(&KEY)).unwrap()
}

/// The only problem there is.
fn problem(path: &Path) -> String {
    let problems = verify(path).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

#[test]
fn an_untouched_log_is_intact() {
    let (_directory, path) = log_of(6, keyed());
    let found = verify(&path);
    assert!(found.is_intact() && found.keyed, "{found:?}");
    assert_eq!((found.records, found.files), (6, 1));
}

#[test]
fn every_single_bit_flip_is_detected() {
    for (options, key) in [(keyed(), Some(&KEY[..])), (plain(), None)] {
        let (_directory, path) = log_of(6, options);
        let bytes = fs::read(&path).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for (offset, byte) in (0..).zip(&bytes) {
            for bit in 0..8 {
                file.write_all_at(&[byte ^ (1 << bit)], offset).unwrap();
                let found = audit::verify(&path, key).unwrap();
                assert!(!found.is_intact(), "bit {bit} of byte {offset}");
            }
            file.write_all_at(&[*byte], offset).unwrap();
        }
        assert!(audit::verify(&path, key).unwrap().is_intact());
    }
}

#[test]
fn every_bit_flip_in_the_head_is_detected() {
    let (_directory, path) = log_of(2, keyed());
    let head = path.with_extension("jsonl.head");
    let bytes = fs::read(&head).unwrap();
    let file = OpenOptions::new().write(true).open(&head).unwrap();
    for (offset, byte) in (0..).zip(&bytes) {
        for bit in 0..8 {
            file.write_all_at(&[byte ^ (1 << bit)], offset).unwrap();
            match audit::verify(&path, Some(&KEY)) {
                Ok(found) => assert!(!found.is_intact(), "bit {bit} of byte {offset}"),
                Err(error) => assert_eq!(error.kind(), Kind::Unsupported),
            }
        }
        file.write_all_at(&[*byte], offset).unwrap();
    }
    assert!(verify(&path).is_intact());
}

#[test]
fn every_truncation_is_detected() {
    let (_directory, path) = log_of(6, keyed());
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    for length in (0..fs::metadata(&path).unwrap().len()).rev() {
        file.set_len(length).unwrap();
        assert!(!verify(&path).is_intact(), "length {length}");
    }
}

/// Opening is what an application does after an incident: it must not wipe out the traces.
#[test]
fn every_truncation_stays_visible_after_the_log_was_opened_again() {
    let (_directory, path) = log_of(3, keyed());
    let head = path.with_extension("jsonl.head");
    let (bytes, head_bytes) = (fs::read(&path).unwrap(), fs::read(&head).unwrap());
    for length in (0..bytes.len()).step_by(7) {
        fs::write(&path, &bytes[..length]).unwrap();
        fs::write(&head, &head_bytes).unwrap();
        let log = AuditLog::open(&path, keyed()).unwrap();
        log.record(&event(9)).unwrap();
        let found = log.verify().unwrap();
        assert!(!found.is_intact(), "length {length}");
        assert!(found.problems[0].contains("missing"), "{found:?}");
    }
}

#[test]
fn cutting_off_whole_records_is_shown_by_the_head() {
    let (_directory, path) = log_of(6, keyed());
    let kept = lines(&path)[..4].concat();
    fs::write(&path, kept).unwrap();
    assert_eq!(
        problem(&path),
        "audit.jsonl.head: records 5 to 6 are missing (truncation)"
    );

    fs::remove_file(path.with_extension("jsonl.head")).unwrap();
    let without = problem(&path);
    assert!(
        without.starts_with("audit.jsonl.head: the head file is missing"),
        "{without}"
    );
    AuditLog::open(&path, keyed()).unwrap();
    let reopened = problem(&path);
    assert!(
        reopened.starts_with("audit.jsonl:5: the head file was missing"),
        "{reopened}"
    );
}

#[test]
fn the_head_cannot_be_set_back_without_the_key() {
    let (_directory, path) = log_of(6, keyed());
    let short = TempDir::new().unwrap();
    let forged = short.path().join("audit.jsonl");
    let other_key = AuditOptions {
        key: Some(b"Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e".to_vec().into()),
        ..plain()
    };
    let log = AuditLog::open(&forged, other_key).unwrap();
    (0..4).for_each(|n| drop(log.record(&event(n)).unwrap()));
    fs::copy(
        forged.with_extension("jsonl.head"),
        path.with_extension("jsonl.head"),
    )
    .unwrap();
    fs::write(&path, lines(&path)[..4].concat()).unwrap();
    assert!(problem(&path).contains("the head file is damaged"));
}

#[test]
fn a_deleted_record_is_named_by_its_number() {
    for deleted in 1..5 {
        let (_directory, path) = log_of(6, keyed());
        let mut lines = lines(&path);
        lines.remove(deleted);
        fs::write(&path, lines.concat()).unwrap();
        let expected = format!(
            "audit.jsonl:{}: record {} is missing (deletion)",
            deleted + 1,
            deleted + 1
        );
        assert_eq!(problem(&path), expected);
    }
}

#[test]
fn deleting_the_first_record_is_detected() {
    let (_directory, path) = log_of(6, keyed());
    fs::write(&path, lines(&path)[1..].concat()).unwrap();
    assert!(
        problem(&path).starts_with("audit.jsonl:1: the first record of the file does not name")
    );
}

#[test]
fn an_edited_record_is_named_by_its_line() {
    let (_directory, path) = log_of(6, keyed());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace(r#""pii_scrubbed":3"#, r#""pii_scrubbed":0"#),
    )
    .unwrap();
    let problem = problem(&path);
    assert!(
        problem.starts_with("audit.jsonl:4: record 4 was altered"),
        "{problem}"
    );
}

#[test]
fn every_swap_duplicate_and_insertion_is_detected() {
    let (_directory, path) = log_of(6, keyed());
    let original = lines(&path);
    let check = |lines: Vec<Vec<u8>>, what: &str| {
        fs::write(&path, lines.concat()).unwrap();
        assert!(!verify(&path).is_intact(), "{what}");
    };
    for first in 0..6 {
        for second in 0..6 {
            if first < second {
                let mut swapped = original.clone();
                swapped.swap(first, second);
                check(swapped, &format!("{first} and {second} swapped"));
            }
            let mut repeated = original.clone();
            repeated.insert(first, original[second].clone());
            check(repeated, &format!("{second} again before {first}"));
        }
        for inserted in [&b"\n"[..], b"{}\n", b"not a record\n", b"\xff\n"] {
            let mut longer = original.clone();
            longer.insert(first, inserted.to_vec());
            check(longer, &format!("a line before {first}"));
        }
    }
}

#[test]
fn a_record_of_another_log_does_not_fit() {
    let (_directory, path) = log_of(6, keyed());
    let (_other, other) = log_of(6, keyed());
    let mut spliced = lines(&path);
    spliced[2] = lines(&other)[2].clone();
    fs::write(&path, spliced.concat()).unwrap();
    let problems = verify(&path).problems;
    assert!(
        problems[0].starts_with("audit.jsonl:3: record 3 was altered"),
        "{problems:?}"
    );
}

#[test]
fn a_problem_never_repeats_what_a_record_says() {
    let (_directory, path) = log_of(6, keyed());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("doctor", "Patient John Doe")).unwrap();
    let found = format!("{:?}", verify(&path));
    assert!(
        !found.contains("John") && !found.contains("hospital"),
        "{found}"
    );
}

#[test]
fn another_key_is_recognised() {
    let (_directory, path) = log_of(3, keyed());
    let found = audit::verify(&path, Some(&[1; 32])).unwrap();
    assert!(
        found.problems[0].starts_with("no record fits the key"),
        "{found:?}"
    );
    let without = audit::verify(&path, None).unwrap();
    assert!(
        without.problems[0].contains("hint: give the key"),
        "{without:?}"
    );
    assert_eq!(
        audit::verify(&path, Some(b"short")).unwrap_err().kind(),
        Kind::InvalidKey
    );
}

/// The attack that a plain hash cannot resist: recompute the whole chain. With a key it does not work.
#[test]
fn a_log_recomputed_without_its_key_is_detected() {
    let (_forged_in, forged) = log_of(3, plain());
    let (_directory, path) = log_of(3, keyed());
    fs::copy(&forged, &path).unwrap();
    fs::copy(
        forged.with_extension("jsonl.head"),
        path.with_extension("jsonl.head"),
    )
    .unwrap();
    assert!(problem(&path).contains("the chain was made without the key"));

    let unkeyed = audit::verify(&forged, None).unwrap();
    assert!(unkeyed.is_intact() && !unkeyed.keyed);
    assert!(
        unkeyed.notes[0].contains("the chain has no key"),
        "{unkeyed:?}"
    );
}

#[test]
fn at_most_a_hundred_problems_are_listed() {
    let (_directory, path) = log_of(300, keyed());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("doctor", "someone")).unwrap();
    let found = verify(&path);
    assert_eq!(found.records, 300);
    assert_eq!(
        found.problems.len(),
        102,
        "one that it is every record, one that more are not listed"
    );
    assert_eq!(found.problems[101], "further problems are not listed");
}

#[test]
fn rotated_files_belong_to_the_chain() {
    let options = AuditOptions {
        max_file_bytes: 1500,
        ..keyed()
    };
    let (_directory, path) = log_of(12, options);
    let rotated = rotated(&path);
    assert!(rotated.len() >= 3);
    for file in rotated.iter().chain([&path]) {
        assert!(fs::metadata(file).unwrap().len() <= 1500);
    }
    let found = verify(&path);
    assert!(found.is_intact(), "{found:?}");
    assert_eq!((found.records, found.files), (12, rotated.len() as u64 + 1));

    for file in &rotated {
        let bytes = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        let problem = problem(&path);
        assert!(problem.contains("missing"), "{problem}");
        fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
        assert!(!verify(&path).is_intact());
        fs::write(file, &bytes).unwrap();
    }
    fs::rename(&rotated[0], rotated[0].with_extension("moved")).unwrap();
    assert!(problem(&path).contains("are missing"));
}

#[test]
fn the_newest_file_deleted_after_a_rotation_is_missed() {
    let options = AuditOptions {
        max_file_bytes: 1500,
        ..keyed()
    };
    let (_directory, path) = log_of(12, options.clone());
    fs::remove_file(&path).unwrap();
    assert!(problem(&path).starts_with("audit.jsonl.head: record"));
    let log = AuditLog::open(&path, options).unwrap();
    log.record(&event(0)).unwrap();
    assert!(problem(&path).contains("missing"));
}

/// Gives the oldest rotated file the name it would have if it had been rotated in 2001.
fn make_old(path: &Path) -> PathBuf {
    let oldest = rotated(path).remove(0);
    let name = oldest.file_name().unwrap().to_str().unwrap();
    let seq = name.rsplit('-').next().unwrap();
    let old = oldest.with_file_name(format!("audit.jsonl.20010101T000000Z-{seq}"));
    fs::rename(oldest, &old).unwrap();
    old
}

/// The Merkle tree hash of lines without their line feeds, as RFC 6962 §2.1 defines it.
fn root_of(lines: &[Vec<u8>]) -> Vec<u8> {
    let hash = |parts: &[&[u8]]| Sha256::digest(parts.concat()).to_vec();
    match lines {
        [] => hash(&[]),
        [line] => hash(&[&[0], line.strip_suffix(b"\n").unwrap()]),
        _ => {
            let left = lines.len().next_power_of_two() / 2;
            let (left, right) = lines.split_at(left);
            hash(&[&[1], &root_of(left), &root_of(right)])
        }
    }
}

#[test]
fn retention_deletes_old_files_and_says_so() {
    let options = AuditOptions {
        max_file_bytes: 1500,
        ..keyed()
    };
    let (_directory, path) = log_of(12, options.clone());
    let before = rotated(&path).len();
    let old = make_old(&path);
    let last_mac = String::from_utf8(lines(&old).pop().unwrap()).unwrap();
    let last_mac = last_mac[last_mac.len() - 68..last_mac.len() - 4].to_owned();
    let root = STANDARD.encode(root_of(&lines(&old)));

    let log = AuditLog::open(&path, options).unwrap();
    assert!(!old.exists());
    assert!(rotated(&path).len() >= before - 1);
    let query = audit::Query {
        event_type: Some("retention_delete".to_owned()),
        ..audit::Query::default()
    };
    let records = log.query(&query).unwrap();
    assert_eq!(records.len(), 1);
    let detail = &records[0]["retention_delete"];
    assert_eq!(detail["file"], old.file_name().unwrap().to_str().unwrap());
    assert_eq!(detail["mac"], last_mac);
    assert_eq!(detail["root"], root);
    assert_eq!(detail["first_seq"], 1);
    assert_eq!(detail["records"], detail["last_seq"]);

    let found = log.verify().unwrap();
    assert!(found.is_intact(), "{found:?}");
    assert!(found.notes.iter().any(|note| note.contains("retention")));

    fs::remove_file(&rotated(&path)[0]).unwrap();
    assert!(
        problem(&path).contains("missing"),
        "a deletion that no record declares"
    );
}

#[test]
fn retention_runs_when_a_file_is_rotated_and_zero_keeps_for_ever() {
    for (retention_days, kept) in [(30, false), (0, true)] {
        let options = AuditOptions {
            max_file_bytes: 1500,
            retention_days,
            ..keyed()
        };
        let directory = tempfile::tempdir().unwrap();
        let (path, log) = log_in(&directory, options);
        (0..6).for_each(|n| drop(log.record(&event(n)).unwrap()));
        let old = make_old(&path);
        (0..6).for_each(|n| drop(log.record(&event(n)).unwrap()));
        assert_eq!(old.exists(), kept);
        assert!(log.verify().unwrap().is_intact());
    }
}

#[test]
fn a_rotated_file_is_never_overwritten_and_none_is_lost_in_a_burst() {
    let options = AuditOptions {
        max_file_bytes: 1,
        ..keyed()
    };
    let (_directory, path) = log_of(50, options);
    assert_eq!(
        rotated(&path).len(),
        49,
        "fifty files within a second or two"
    );
    let found = verify(&path);
    assert!(found.is_intact() && found.records == 50, "{found:?}");
}
