//! How a log is kept.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::note::SigningKey;
use crate::Sensitive;
use crate::access::AccessControl;
use crate::subjects::SubjectKeys;

/// The event type, and the data member, of the record about a log that does not deny at once.
pub(super) const POLICY: &str = "audit_policy";

/// When a record counts as written, which is when [`super::AuditLog::record`] returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// On the disk. Whoever writes at the same time shares one write and one `fdatasync`.
    #[default]
    Group,
    /// On the disk, every record with an `fdatasync` of its own.
    Each,
    /// In the memory of this process, and on the disk after this time at the latest: what was recorded in the last
    /// interval is lost if the process or the machine dies.
    Interval(Duration),
    /// Handed to the operating system: survives the death of the process, not of the machine.
    Os,
}

/// What happens while records cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// [`super::AuditLog::record`] fails, and so must the operation that was to be recorded.
    #[default]
    Deny,
    /// It waits and tries again, at most this long, and then fails.
    Block(Duration),
    /// It keeps up to this many records in memory, and fails when there are more. They are written when that is possible
    /// again, and lost if the process dies before.
    Buffer(usize),
}

impl OnFailure {
    /// What stands in records about it.
    pub(super) fn detail(self) -> Map<String, Value> {
        let members = match self {
            Self::Deny => json!({"on_failure": "deny"}),
            Self::Block(limit) => json!({"on_failure": "block", "seconds": limit.as_secs_f64()}),
            Self::Buffer(limit) => json!({"on_failure": "buffer", "records": limit}),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

/// How a log is kept. All writers of one log must use the same options.
#[derive(Clone, Debug)]
pub struct AuditOptions {
    /// Rotate before a record would make the file larger than this. Default 100 MiB; 0 = never.
    pub max_file_bytes: u64,
    /// Days that rotated files are kept, counted from their rotation. Default 2192 (six years); 0 = for ever.
    ///
    /// Older ones are deleted when the log is opened or rotated, after a `retention_delete` record was written.
    pub retention_days: u32,
    /// When a record counts as written.
    pub durability: Durability,
    /// What happens while records cannot be written. Anything but [`OnFailure::Deny`] is itself recorded.
    pub on_failure: OnFailure,
    /// 32 bytes: the chain becomes an HMAC that nobody without the key can recompute.
    pub key: Option<Sensitive<Vec<u8>>>,
    /// Signs a checkpoint at the beginning of each file, every 1024 records and on closing, so that whoever has the public
    /// key can verify the log without any secret. A log is signed from its first record on or not at all.
    pub signing_key: Option<SigningKey>,
    /// Who may use this handle. With a table, records are written, found, verified and signed only through a session
    /// ([`crate::guard::Session::query_log`] and its siblings), which asks it, and each of these uses is recorded. Whoever may
    /// read or write the files themselves needs no handle: that is for the operating system to refuse.
    pub access: Option<Arc<AccessControl>>,
    /// Records users, and persons in the members `subject_id` and `patient_id`, under their pseudonyms
    /// ([`SubjectKeys::pseudonym`]). A query of this handle takes their ids all the same; one of the file takes pseudonyms.
    pub subjects: Option<Arc<SubjectKeys>>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            retention_days: 2192,
            durability: Durability::default(),
            on_failure: OnFailure::default(),
            key: None,
            signing_key: None,
            access: None,
            subjects: None,
        }
    }
}
