//! The audit log: JSON Lines that show when they were altered.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{Classification, Result, Sensitive};

/// When a record counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Handed to the operating system: survives a crash of the process.
    #[default]
    Os,
    /// On the disk: survives a crash of the machine. Every record waits for `fdatasync`.
    Each,
}

#[derive(Clone, Debug)]
pub struct AuditOptions {
    /// Rotate before a record would make the file larger than this. Default 100 MiB; 0 = never.
    pub max_file_bytes: u64,
    /// Days that rotated files are kept. Default 2192 (six years); 0 = for ever.
    pub retention_days: u32,
    pub durability: Durability,
    /// 32 bytes: the chain becomes an HMAC that nobody without the key can recompute.
    pub key: Option<Sensitive<Vec<u8>>>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        todo!()
    }
}

/// One thing that happened. Kinds and counts, never values.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// `llm_request`, `llm_response`, `security_violation`, …
    pub event_type: String,
    pub user_id: String,
    pub session_id: String,
    /// `llm_interaction`, `view_patient_record`, …
    pub action: String,
    pub classification: Classification,
    /// `success`, `blocked`, `failed`, `denied`, `cancelled`
    pub status: String,
    /// One line, or empty.
    pub error: String,
    /// Further top-level members: `security`, `performance`, `compliance`, … A name of the core members is refused.
    pub data: Map<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub struct Query {
    pub event_type: Option<String>,
    pub user_id: Option<String>,
    pub session_id: Option<String>,
    pub action: Option<String>,
    pub status: Option<String>,
    pub classification: Option<Classification>,
    /// RFC 3339, date alone (`2025-11-01`), or date-time without zone (UTC). Inclusive.
    pub since: Option<String>,
    /// Likewise; a date alone means to the end of that day.
    pub until: Option<String>,
    /// Nested members: `("security__pii_scrubbed__gt", 3)`; suffixes `__gt __gte __lt __lte __ne`.
    pub filters: Vec<(String, Value)>,
    /// 0 = no limit.
    pub limit: usize,
    pub newest_first: bool,
}

/// What [`verify`] found. `problems` is empty exactly when the log is intact.
#[derive(Clone, Debug)]
pub struct Verification {
    pub records: u64,
    pub files: u64,
    /// Whether the chain is keyed: an unkeyed one shows accidents, not an insider who recomputes it.
    pub keyed: bool,
    /// One line each, with the file name and line number; no content of records.
    pub problems: Vec<String>,
}

impl Verification {
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }
}

/// An open log. Any number of threads, and several processes, may write to it at once.
pub struct AuditLog {}

impl AuditLog {
    /// Opens or creates the log file. Its directory must exist. Created 0600.
    pub fn open(_path: impl AsRef<Path>, _options: AuditOptions) -> Result<Self> {
        todo!()
    }
    /// Writes one record and returns its event id (`evt_` + 12 hex digits). Kind::Audit on failure: nothing was written.
    pub fn record(&self, _event: &Event) -> Result<String> {
        todo!()
    }
    /// Matching records, rotated files included.
    pub fn query(&self, _query: &Query) -> Result<Vec<Value>> {
        todo!()
    }
    pub fn verify(&self) -> Result<Verification> {
        todo!()
    }
    pub fn path(&self) -> &Path {
        todo!()
    }
    /// Days that rotated files are kept; 0 = for ever.
    pub fn retention_days(&self) -> u32 {
        todo!()
    }
}

/// Reads a log without opening it for writing.
pub fn query(_path: impl AsRef<Path>, _query: &Query) -> Result<Vec<Value>> {
    todo!()
}

/// Checks a log and its rotated files: edits, deletions, insertions, reordering, torn last line.
pub fn verify(_path: impl AsRef<Path>, _key: Option<&[u8]>) -> Result<Verification> {
    todo!()
}

#[allow(dead_code)]
fn _p() -> PathBuf {
    todo!()
}
