//! Calls of the operating system that fail, one after the other, and a million records at once: no acknowledged record is
//! lost, and none is accepted that was not written.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use audit_support::{KEY, event, keyed, signed};
use cloister_core::audit::{self, AuditLog, AuditOptions, Durability, Query};

/// What the child does between the lines that it prints.
const EVENTS: u64 = 40;

fn given_path() -> PathBuf {
    std::env::var_os("AUDIT_TEST_PATH")
        .expect("run by the other tests only")
        .into()
}

fn options() -> AuditOptions {
    AuditOptions {
        max_file_bytes: 8_000,
        durability: Durability::Group,
        ..signed()
    }
}

#[test]
#[ignore = "a child of `whatever_call_fails_no_acknowledged_record_is_lost`"]
fn child_that_goes_on() {
    let path = given_path();
    let mut log = None;
    for n in 0..EVENTS {
        if log.is_none() {
            log = AuditLog::open(&path, options()).ok();
        }
        if let Some(log) = &log
            && let Ok(id) = log.record(&event(n))
        {
            writeln!(std::io::stdout(), "acknowledged {id}").unwrap();
        }
    }
    writeln!(std::io::stdout(), "done").unwrap();
}

fn child(path: &Path, call: &str, error: &str, when: u32) -> Option<Output> {
    let output = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-P"])
        .arg(path)
        .arg("-P")
        .arg(path.with_extension("jsonl.head"))
        .arg("-P")
        .arg(path.parent().unwrap())
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:error={error}:when={when}")])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_that_goes_on",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("AUDIT_TEST_PATH", path)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success() || said.contains("panicked") || said.contains("FAILED"))
        .then_some(output)
}

#[test]
fn whatever_call_fails_no_acknowledged_record_is_lost() {
    let mut attempts = 0;
    let mut acknowledged_in_all = 0;
    let mut refused_in_all = 0;
    for (call, error, occasions) in [
        ("write", "EIO", 12),
        ("write", "ENOSPC", 6),
        ("pwrite64", "EIO", 12),
        ("fdatasync", "EIO", 10),
        ("fsync", "EIO", 6),
        ("rename", "EACCES", 5),
        ("openat", "EMFILE", 16),
        ("openat", "EACCES", 8),
        ("ftruncate", "EIO", 2),
        ("flock", "EIO", 6),
    ] {
        for when in 1..=occasions {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("audit.jsonl");
            let Some(output) = child(&path, call, error, when) else {
                writeln!(
                    std::io::stderr(),
                    "not tested: strace is missing or may not trace here"
                )
                .unwrap();
                return;
            };
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{call} {error} {when}: {said}");
            let acknowledged: HashSet<&str> = said
                .lines()
                .filter_map(|line| line.split("acknowledged ").nth(1))
                .collect();
            // One call that fails costs one record, and those that were to be written with it.
            assert!(
                acknowledged.len() as u64 >= EVENTS - 3,
                "{call} {error} {when}: {said}"
            );
            let found = AuditLog::open(&path, options()).unwrap().verify().unwrap();
            assert!(found.is_intact(), "{call} {error} {when}: {found:?}");
            let wanted = Query {
                event_type: Some("llm_request".to_owned()),
                ..Query::default()
            };
            let records = audit::query(&path, &wanted).unwrap();
            let written: HashSet<&str> = records
                .iter()
                .map(|record| record["event_id"].as_str().unwrap())
                .collect();
            assert_eq!(written, acknowledged, "{call} {error} {when}");
            attempts += 1;
            acknowledged_in_all += acknowledged.len();
            refused_in_all += EVENTS - acknowledged.len() as u64;
        }
    }
    assert_eq!(attempts, 83);
    assert!(acknowledged_in_all > 3000, "{acknowledged_in_all}");
    assert!(
        refused_in_all > 50,
        "the faults were felt: {refused_in_all}"
    );
}

/// Records of each thread of each process.
const EACH: u64 = 62_500;

#[test]
#[ignore = "a child of `two_processes_with_eight_threads_each_write_a_million_records`"]
fn child_with_eight_threads() {
    let log = AuditLog::open(given_path(), keyed()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..EACH).for_each(|n| drop(log.record(&event(n)).unwrap())));
        }
    });
}

#[test]
fn two_processes_with_eight_threads_each_write_a_million_records() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let children: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child_with_eight_threads", "--ignored"])
                .env("AUDIT_TEST_PATH", &path)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let found = audit::verify(&path, Some(&KEY)).unwrap();
    assert!(found.is_intact(), "{found:?}");
    assert_eq!(found.records, 16 * EACH);
}
