//! What the tests of the audit log have in common: a key, an event, and the files of a log.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use cloister_core::Classification;
use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event, SigningKey};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const KEY: [u8; 32] = *b"k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";

/// Without waiting for the disk, so that tests are quick; those about the disk ask for it.
pub(crate) fn plain() -> AuditOptions {
    AuditOptions {
        durability: Durability::Os,
        ..AuditOptions::default()
    }
}

pub(crate) fn keyed() -> AuditOptions {
    AuditOptions {
        key: Some(KEY.to_vec().into()),
        ..plain()
    }
}

pub(crate) fn signed() -> AuditOptions {
    AuditOptions {
        signing_key: Some(signing_key()),
        ..keyed()
    }
}

/// Always the same key.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_text(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    )
    .unwrap()
}

pub(crate) fn log_in(directory: &TempDir, options: AuditOptions) -> (PathBuf, AuditLog) {
    let path = directory.path().join("audit.jsonl");
    let log = AuditLog::open(&path, options).unwrap();
    (path, log)
}

/// Number `n` of a run of events: the number stands in `security.pii_scrubbed`.
pub(crate) fn event(n: u64) -> Event {
    let data = json!({
        "security": {"pii_scrubbed": n, "pii_types": ["ssn"], "secrets_detected": 0},
        "performance": {"duration_ms": 12},
    });
    Event {
        event_type: "llm_request".to_owned(),
        user_id: "doctor@hospital.com".to_owned(),
        session_id: "ses_1".to_owned(),
        action: "llm_interaction".to_owned(),
        classification: Classification::Sensitive,
        status: "success".to_owned(),
        error: String::new(),
        data: data.as_object().unwrap().clone(),
    }
}

/// The lines of a file, each with its line feed.
pub(crate) fn lines(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).unwrap();
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

/// The rotated files of a log, oldest first.
pub(crate) fn rotated(path: &Path) -> Vec<PathBuf> {
    let sequence = |path: &PathBuf| -> Option<u64> {
        let (stamp, seq) = path.extension()?.to_str()?.split_once('-')?;
        stamp.ends_with('Z').then(|| seq.parse().ok())?
    };
    let mut found: Vec<PathBuf> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| sequence(path).is_some())
        .collect();
    found.sort_by_key(sequence);
    found
}

/// The index files of a log, in its order.
pub(crate) fn indexes(path: &Path) -> Vec<PathBuf> {
    let place = |path: &PathBuf| -> Option<(u64, u64)> {
        let (first, end) = path.file_name()?.to_str()?.split_once('-')?;
        Some((first.parse().ok()?, end.parse().ok()?))
    };
    let directory = PathBuf::from(format!("{}.index", path.display()));
    let mut found: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(found.iter().all(|path| place(path).is_some()), "{found:?}");
    found.sort_by_key(place);
    found
}
