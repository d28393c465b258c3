//! How much of a large log is read to answer a query, by handles and by whoever has only its path.
//!
//! One test alone, because what a process reads is counted for all of its threads.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::fs;
use std::path::Path;

use audit_support::{KEY, event, indexes, keyed, log_in, plain, rotated, signed};
use cloister_core::Kind;
use cloister_core::audit::{self, AuditLog, AuditOptions, Query};
use serde_json::{Value, json};

/// Records that take some 60 MB, of which every 7,000th is of somebody else.
const RECORDS: u64 = 130_000;
/// The end of a file that is not indexed when it is asked for once, and a little more.
const END: u64 = (16 << 20) + 600_000;
/// What a few pages of an index, and a few records, are far below.
const LITTLE: u64 = 1_500_000;

/// Bytes that `work` reads, and what it gives.
fn counting<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let read = || -> u64 {
        let text = fs::read_to_string("/proc/self/io").unwrap();
        let line = text.lines().find_map(|it| it.strip_prefix("rchar: "));
        line.unwrap().parse().unwrap()
    };
    let before = read();
    let result = work();
    (read() - before, result)
}

fn rare() -> Query {
    Query {
        user_id: Some("rare".to_owned()),
        ..Query::default()
    }
}

fn filled(path: &Path, options: AuditOptions) -> u64 {
    let log = AuditLog::open(path, options).unwrap();
    for n in 0..RECORDS {
        let mut event = event(n);
        if n % 7000 == 17 {
            "rare".clone_into(&mut event.user_id);
        }
        event.data.insert("text".to_owned(), "x".repeat(80).into());
        log.record(&event).unwrap();
    }
    drop(log);
    let files = rotated(path).into_iter().chain([path.to_owned()]);
    files.map(|file| fs::metadata(file).unwrap().len()).sum()
}

/// Those of the test, without what a log records itself.
fn numbers(found: &[Value]) -> Vec<u64> {
    let number = |record: &Value| record["security"]["pii_scrubbed"].as_u64();
    found.iter().filter_map(number).collect()
}

#[test]
fn a_large_log_is_answered_without_being_read() {
    let expected: Vec<u64> = (0..RECORDS).filter(|n| n % 7000 == 17).collect();
    for (options, key, max_file_bytes) in [
        (plain as fn() -> AuditOptions, None, 0),
        (keyed, Some(&KEY), 0),
        (plain, None, 20_000_000),
        (signed, Some(&KEY), 20_000_000),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let options = || AuditOptions {
            max_file_bytes,
            ..options()
        };
        let size = filled(&path, options());
        assert!(size > 3 * END, "{size}");
        let ask = |query: &Query| match key {
            Some(key) => audit::query_with_key(&path, query, key).unwrap(),
            None => audit::query(&path, query).unwrap(),
        };
        // The first one makes the index, of what is complete.
        assert_eq!(numbers(&ask(&rare())), expected);
        assert!(indexes(&path).len() >= 3);
        let (read, found) = counting(|| ask(&rare()));
        assert_eq!(numbers(&found), expected);
        assert!(read < END + LITTLE, "{read} of {size}");
        let inner = Query {
            filters: vec![("security__pii_scrubbed".to_owned(), json!(7017))],
            ..Query::default()
        };
        let (read, found) = counting(|| ask(&inner));
        assert_eq!(numbers(&found), [7017]);
        assert!(read < END + LITTLE, "{read} of {size}");
        // The newest, and those of a user, from the end on.
        for user in [None, Some("doctor@hospital.com".to_owned())] {
            let newest = Query {
                limit: 25,
                newest_first: true,
                user_id: user.clone(),
                ..Query::default()
            };
            let (read, found) = counting(|| ask(&newest));
            let last: Vec<u64> = (0..RECORDS).rev().take(25).collect();
            let found = numbers(&found);
            assert!(last.starts_with(&found) && found.len() >= 24, "{found:?}");
            assert!(read < LITTLE / 10 || user.is_some(), "{read}");
            assert!(read < END, "{read}");
        }
        // A handle finds the same on the disk, and knows the end of the file after the first time.
        let log = AuditLog::open(&path, options()).unwrap();
        let (read, found) = counting(|| log.query(&rare()).unwrap());
        assert_eq!(numbers(&found), expected);
        assert!(read < END + LITTLE, "{read} of {size}");
        let (read, found) = counting(|| log.query(&rare()).unwrap());
        assert_eq!(numbers(&found), expected);
        assert!(read < LITTLE, "{read} of {size}");
        drop(log);
        if key.is_some() {
            // Without the key nobody can tell whether the index is the one that was made.
            let (read, found) = counting(|| audit::query(&path, &rare()).unwrap());
            assert_eq!(numbers(&found), expected);
            assert!(read >= size, "{read} of {size}");
            let refused = audit::query_with_key(&path, &rare(), &[7; 32]).unwrap_err();
            assert_eq!(refused.kind(), Kind::InvalidKey);
        }
    }
    retention_takes_the_index_away();
}

fn retention_takes_the_index_away() {
    let directory = tempfile::tempdir().unwrap();
    let small = |retention_days| AuditOptions {
        max_file_bytes: 20_000,
        retention_days,
        ..plain()
    };
    let (path, log) = log_in(&directory, small(0));
    (0..200).for_each(|n| drop(log.record(&event(n)).unwrap()));
    log.query(&rare()).unwrap();
    drop(log);
    let before = indexes(&path).len();
    assert_eq!(before, rotated(&path).len());
    let oldest = rotated(&path).remove(0);
    let name = oldest.file_name().unwrap().to_str().unwrap();
    let number = name.rsplit_once('-').unwrap().1;
    fs::rename(
        &oldest,
        directory
            .path()
            .join(format!("audit.jsonl.20010101T000000Z-{number}")),
    )
    .unwrap();
    drop(AuditLog::open(&path, small(2192)).unwrap());
    assert_eq!(rotated(&path).len(), before - 1);
    assert_eq!(indexes(&path).len(), before - 1);
}
