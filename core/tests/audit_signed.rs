//! A log with checkpoints: what a stranger can check with the public key alone.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use audit_support::{KEY, event, keyed, lines, log_in, rotated, signed, signing_key};
use cloister_core::Kind;
use cloister_core::audit::{
    self, AuditLog, AuditOptions, Expected, Query, SigningKey, Verification, check_consistency,
    check_proof, prove, prove_consistency, verify_against,
};
use tempfile::TempDir;

fn log_of(count: u64, options: AuditOptions) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, options);
    (0..count).for_each(|n| drop(log.record(&event(n)).unwrap()));
    log.close().unwrap();
    (directory, path)
}

fn public(path: &Path, checkpoints: &[String]) -> Verification {
    let key = signing_key().public_key();
    let expected = Expected {
        public_key: Some(&key),
        checkpoints,
        ..Expected::default()
    };
    verify_against(path, &expected).unwrap()
}

fn with_all_keys(path: &Path) -> Verification {
    let key = signing_key().public_key();
    let expected = Expected {
        key: Some(&KEY),
        public_key: Some(&key),
        checkpoints: &[],
    };
    verify_against(path, &expected).unwrap()
}

#[test]
fn a_log_begins_and_ends_with_a_checkpoint_and_has_one_every_1024_records() {
    let (_directory, path) = log_of(2500, signed());
    let found = with_all_keys(&path);
    assert!(found.is_intact(), "{found:?}");
    assert_eq!(found.records, 2500 + 4);
    assert_eq!(
        found.covered,
        Some(2503),
        "all but the last checkpoint itself"
    );
    let found = public(&path, &[]);
    assert!(found.is_intact(), "{found:?}");
    assert!(found.notes.iter().any(|note| note.contains("MACs")));
}

#[test]
fn a_log_without_a_record_is_intact() {
    let directory = tempfile::tempdir().unwrap();
    // What a writer leaves that is killed as soon as it has made the file.
    fs::write(directory.path().join("audit.jsonl"), "").unwrap();
    for opened in 1..3 {
        let (path, log) = log_in(&directory, signed());
        let found = log.verify().unwrap();
        assert!(found.is_intact(), "opened {opened} times: {found:?}");
        assert_eq!(found.records, 1, "a checkpoint over nothing");
        assert!(public(&path, &[]).is_intact());
        drop(log);
        fs::write(&path, "").unwrap();
        assert!(!public(&path, &[]).is_intact(), "it was cut off");
        fs::remove_dir_all(directory.path()).unwrap();
        fs::create_dir(directory.path()).unwrap();
    }
}

#[test]
fn every_bit_flip_before_a_checkpoint_is_seen_with_the_public_key_alone() {
    let (_directory, path) = log_of(3, signed());
    let bytes = fs::read(&path).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let covered: usize = lines(&path)[..4].iter().map(Vec::len).sum();
    for (offset, byte) in (0..).zip(&bytes[..covered]) {
        for bit in 0..8 {
            file.write_all_at(&[byte ^ (1 << bit)], offset).unwrap();
            assert!(
                !public(&path, &[]).is_intact(),
                "bit {bit} of byte {offset}"
            );
        }
        file.write_all_at(&[*byte], offset).unwrap();
    }
    assert!(public(&path, &[]).is_intact());
}

#[test]
fn every_deletion_insertion_swap_and_splice_is_seen_with_the_public_key_alone() {
    let (_directory, path) = log_of(5, signed());
    let (_other, other) = log_of(5, signed());
    let (original, foreign) = (lines(&path), lines(&other));
    let check = |lines: Vec<Vec<u8>>, what: &str| {
        fs::write(&path, lines.concat()).unwrap();
        assert!(!public(&path, &[]).is_intact(), "{what}");
        assert!(!with_all_keys(&path).is_intact(), "{what}");
    };
    for first in 0..6 {
        let mut shorter = original.clone();
        shorter.remove(first);
        check(shorter, "deleted");
        let mut spliced = original.clone();
        spliced[first] = foreign[first].clone();
        if first > 0 {
            check(spliced, "spliced");
        }
        for second in 0..6 {
            let mut longer = original.clone();
            longer.insert(first, original[second].clone());
            check(longer, "repeated");
            if first < second {
                let mut swapped = original.clone();
                swapped.swap(first, second);
                check(swapped, "swapped");
            }
        }
    }
}

#[test]
fn a_checkpoint_kept_elsewhere_shows_truncation_and_rollback() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, signed());
    (0..10).for_each(|n| drop(log.record(&event(n)).unwrap()));
    let early = log.checkpoint().unwrap();
    let (then, head_then) = (
        fs::read(&path).unwrap(),
        fs::read(path.with_extension("jsonl.head")).unwrap(),
    );
    (0..10).for_each(|n| drop(log.record(&event(n)).unwrap()));
    let late = log.checkpoint().unwrap();
    log.close().unwrap();
    assert!(public(&path, &[early.clone(), late.clone()]).is_intact());

    // Log and head together as they were: nothing on this machine can show it.
    fs::write(&path, then).unwrap();
    fs::write(path.with_extension("jsonl.head"), head_then).unwrap();
    assert!(with_all_keys(&path).is_intact());
    assert!(public(&path, std::slice::from_ref(&early)).is_intact());
    let found = public(&path, &[early, late]);
    assert_eq!(found.problems.len(), 1);
    assert!(
        found.problems[0].contains("(truncation or rollback)"),
        "{found:?}"
    );
}

#[test]
fn another_log_of_the_same_keys_is_not_taken_for_this_one() {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, signed());
    (0..5).for_each(|n| drop(log.record(&event(n)).unwrap()));
    let note = log.checkpoint().unwrap();
    let (_other, other) = log_of(9, signed());
    let found = public(&other, &[note]);
    assert!(found.problems[0].contains("kept elsewhere"), "{found:?}");
}

#[test]
fn every_record_is_proven_alone_and_nothing_else_is() {
    let key = signing_key().public_key();
    let (_directory, path) = log_of(11, signed());
    let original = lines(&path);
    for seq in 1..=12 {
        let proof = prove(&path, seq, &key).unwrap();
        let index = usize::try_from(seq - 1).unwrap();
        assert_eq!(format!("{}\n", proof.record).into_bytes(), original[index]);
        assert!(
            proof
                .proof
                .starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n"))
        );
        assert!(check_proof(&proof.record, &proof.proof, &key));
        assert!(
            !check_proof(&proof.record.replace("doctor", "nurse"), &proof.proof, &key)
                || index == 0
        );
        let other = String::from_utf8(original[(index + 1) % 12].clone()).unwrap();
        assert!(!check_proof(&other, &proof.proof, &key));
        assert!(!check_proof(
            &proof.record,
            &proof.proof.replace("index ", "index 1"),
            &key
        ));
        let stranger = SigningKey::generate("PeterNeumann").unwrap().public_key();
        assert!(!check_proof(&proof.record, &proof.proof, &stranger));
    }
    assert_eq!(
        prove(&path, 13, &key).unwrap_err().kind(),
        Kind::Audit,
        "the checkpoint itself"
    );
    assert_eq!(prove(&path, 14, &key).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn a_log_proves_that_it_only_grew() {
    let key = signing_key().public_key();
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, signed());
    let mut notes = Vec::new();
    for n in 0..9 {
        log.record(&event(n)).unwrap();
        notes.push(log.checkpoint().unwrap());
    }
    for note in &notes {
        let grown = prove_consistency(&path, note, &key).unwrap();
        assert!(check_consistency(note, &grown.proof, &key));
    }
    let last = prove_consistency(&path, &notes[3], &key).unwrap();
    assert!(!check_consistency(&notes[4], &last.proof, &key));
    let (_other, other) = log_of(30, signed());
    assert_eq!(
        prove_consistency(&other, &notes[3], &key)
            .unwrap_err()
            .kind(),
        Kind::Audit
    );
}

#[test]
fn a_signed_log_goes_on_after_it_was_closed_rotated_and_thinned_out() {
    let options = AuditOptions {
        max_file_bytes: 6000,
        retention_days: 30,
        ..signed()
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    for round in 0..6 {
        let log = AuditLog::open(&path, options.clone()).unwrap();
        (0..12).for_each(|n| drop(log.record(&event(round * 10 + n)).unwrap()));
        log.close().unwrap();
        let found = with_all_keys(&path);
        assert!(found.is_intact(), "{found:?}");
        assert!(public(&path, &[]).is_intact());
    }
    let files = rotated(&path);
    assert!(files.len() > 4);
    let name = files[0].file_name().unwrap().to_str().unwrap();
    let seq = name.rsplit('-').next().unwrap();
    let old = files[0].with_file_name(format!("audit.jsonl.20010101T000000Z-{seq}"));
    fs::rename(&files[0], &old).unwrap();
    let log = AuditLog::open(&path, options).unwrap();
    assert!(!old.exists());
    log.record(&event(1)).unwrap();
    log.close().unwrap();
    let found = with_all_keys(&path);
    assert!(found.is_intact(), "{found:?}");
    assert!(public(&path, &[]).is_intact());
    let key = signing_key().public_key();
    let proof = prove(&path, 60, &key).unwrap();
    assert!(check_proof(&proof.record, &proof.proof, &key));
    assert_eq!(prove(&path, 2, &key).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn a_log_is_signed_from_the_beginning_or_not_at_all() {
    let (_directory, path) = log_of(3, keyed());
    assert_eq!(
        AuditLog::open(&path, signed()).unwrap_err().kind(),
        Kind::InvalidKey
    );
    let (_directory, path) = log_of(3, signed());
    assert_eq!(
        AuditLog::open(&path, keyed()).unwrap_err().kind(),
        Kind::InvalidKey
    );
    let other = AuditOptions {
        signing_key: Some(SigningKey::generate("other").unwrap()),
        ..keyed()
    };
    assert_eq!(
        AuditLog::open(&path, other).unwrap_err().kind(),
        Kind::InvalidKey
    );
    let found = public(&log_of(3, keyed()).1, &[]);
    assert!(!found.is_intact());
}

#[test]
fn two_handles_sign_one_tree() {
    let directory = tempfile::tempdir().unwrap();
    let (path, one) = log_in(&directory, signed());
    let other = AuditLog::open(&path, signed()).unwrap();
    for n in 0..1500 {
        one.record(&event(n)).unwrap();
        other.record(&event(n)).unwrap();
    }
    drop(one);
    drop(other);
    let found = with_all_keys(&path);
    assert!(found.is_intact(), "{found:?}");
    assert!(public(&path, &[]).is_intact());
}

/// What was altered between two checkpoints must not get a signature.
#[test]
fn altered_records_are_never_signed() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, signed());
    (0..5).for_each(|n| drop(log.record(&event(n)).unwrap()));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace(r#""pii_scrubbed":2"#, r#""pii_scrubbed":0"#),
    )
    .unwrap();
    assert_eq!(
        AuditLog::open(&path, signed()).unwrap_err().kind(),
        Kind::Audit
    );
}

#[test]
fn a_sealed_log_needs_no_key_to_write_and_the_one_kept_elsewhere_to_verify() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let key = audit::seal(&path).unwrap();
    let options = AuditOptions {
        key: None,
        ..signed()
    };
    let epoch_file = path.with_extension("jsonl.epoch");
    let first = fs::read(&epoch_file).unwrap();
    for round in 0..3 {
        let log = AuditLog::open(&path, options.clone()).unwrap();
        (0..900).for_each(|n| drop(log.record(&event(round * 900 + n)).unwrap()));
        assert_eq!(log.verify().unwrap_err().kind(), Kind::InvalidKey);
        log.close().unwrap();
        let found = audit::verify(&path, Some(&key)).unwrap();
        assert!(found.is_intact() && found.keyed, "{found:?}");
    }
    let last = fs::read(&epoch_file).unwrap();
    assert_ne!(first, last, "the first key is no longer there");
    assert_eq!(
        AuditLog::open(&path, keyed()).unwrap_err().kind(),
        Kind::InvalidKey
    );
    assert_eq!(
        audit::seal(&path).unwrap_err().kind(),
        Kind::InvalidArgument
    );
    assert!(!audit::verify(&path, Some(&KEY)).unwrap().is_intact());

    // Whoever has the machine rewrites the past with the key that lies there: it does not fit.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace(r#""pii_scrubbed":7,"#, r#""pii_scrubbed":0,"#),
    )
    .unwrap();
    let problems = audit::verify(&path, Some(&key)).unwrap().problems;
    assert!(problems[0].contains("(edit or splice)"), "{problems:?}");
}

#[test]
fn a_query_carries_its_proofs() {
    let directory = tempfile::tempdir().unwrap();
    let options = AuditOptions {
        max_file_bytes: 40_000,
        ..signed()
    };
    let (path, log) = log_in(&directory, options);
    for n in 0..300 {
        log.record(&event(n)).unwrap();
    }
    let key = signing_key().public_key();
    let every_tenth = |limit| Query {
        event_type: Some("llm_request".to_owned()),
        filters: vec![("security__pii_scrubbed__gte".to_owned(), 250.into())],
        limit,
        ..Query::default()
    };
    let uncovered = audit::query_with_proofs(&path, &every_tenth(0), &key).unwrap_err();
    assert_eq!(uncovered.kind(), Kind::Audit);
    log.checkpoint().unwrap();
    let proofs = audit::query_with_proofs(&path, &every_tenth(0), &key).unwrap();
    assert_eq!(proofs.len(), 50);
    for proof in &proofs {
        assert!(audit::check_proof(&proof.record, &proof.proof, &key));
        let seq: u64 =
            serde_json::from_str::<serde_json::Value>(&proof.record).unwrap()["chain"]["seq"]
                .as_u64()
                .unwrap();
        let alone = audit::prove(&path, seq, &key).unwrap();
        assert_eq!(
            (alone.record, alone.proof),
            (proof.record.clone(), proof.proof.clone())
        );
    }
    let other = proofs[0]
        .record
        .replace("\"pii_scrubbed\":250", "\"pii_scrubbed\":251");
    assert!(!audit::check_proof(&other, &proofs[0].proof, &key));
    let none = Query {
        user_id: Some("nobody".to_owned()),
        ..Query::default()
    };
    assert!(
        audit::query_with_proofs(&path, &none, &key)
            .unwrap()
            .is_empty()
    );
    let all = audit::query_with_proofs(&path, &Query::default(), &key).unwrap_err();
    assert_eq!(all.kind(), Kind::TooLarge);
}
