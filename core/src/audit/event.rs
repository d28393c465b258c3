//! What is recorded, and the part of its line that does not depend on the chain.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::chain::MAX_CHAIN;
use super::checkpoint::CHECKPOINT;
use super::commit::OUTAGE;
use super::hold::LEGAL_HOLD;
use super::id::EventId;
use super::lines::MAX_LINE;
use super::options::POLICY;
use super::rotation::RETENTION_DELETE;
use super::sync::RECOVERY;
use crate::{Classification, Error, Kind, Result};

/// Members that every record has: event data may not use their names.
const CORE_MEMBERS: [&str; 11] = [
    "timestamp",
    "event_id",
    "version",
    "event_type",
    "user_id",
    "session_id",
    "action",
    "classification",
    "status",
    "error",
    "chain",
];
/// Version of the record format.
const VERSION: &str = "1.0";
/// Types of the records that the log writes about itself.
const OWN_TYPES: [&str; 6] = [
    CHECKPOINT,
    LEGAL_HOLD,
    OUTAGE,
    POLICY,
    RECOVERY,
    RETENTION_DELETE,
];
/// Type of the record about an emergency access.
pub(crate) const BREAK_GLASS: &str = "break_glass";
/// Type of the record about its end.
pub(crate) const BREAK_GLASS_END: &str = "break_glass_end";
/// Type of the record about its review.
pub(crate) const BREAK_GLASS_REVIEW: &str = "break_glass_review";
/// Type of the record about data that were erased for ever.
pub(crate) const ERASURE: &str = "erasure";
/// Types of the records that the library decides by, so that no caller may write them.
const RESERVED_TYPES: [&str; 4] = [BREAK_GLASS, BREAK_GLASS_END, BREAK_GLASS_REVIEW, ERASURE];
/// Bytes that most events fit into.
const USUAL_LEN: usize = 768;
/// Arrays and objects inside each other. JSON readers give up at 128, and a record must be readable.
const MAX_DEPTH: usize = 64;

/// One thing that happened. Kinds and counts, never values.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// `llm_request`, `llm_response`, `security_violation`, … The log's own `audit_outage`, `audit_policy`,
    /// `checkpoint`, `legal_hold`, `recovery` and `retention_delete` are refused, and so are `break_glass`,
    /// `break_glass_end`, `break_glass_review` and `erasure`, which sessions and stores write.
    pub event_type: String,
    /// Who did it.
    pub user_id: String,
    /// In which session; may be empty.
    pub session_id: String,
    /// `llm_interaction`, `view_patient_record`, …
    pub action: String,
    /// Of the data that were touched.
    pub classification: Classification,
    /// `success`, `blocked`, `failed`, `denied`, `cancelled`
    pub status: String,
    /// One line, or empty.
    pub error: String,
    /// Further top-level members: `security`, `performance`, `compliance`, … A name of the core members is refused, and
    /// so are more than 64 arrays and objects inside each other.
    pub data: Map<String, Value>,
}

/// The members of a record in their order, but for the first two and the last, which are made under the lock.
#[derive(Serialize)]
struct Members<'a> {
    version: &'static str,
    event_type: &'a str,
    user_id: &'a str,
    session_id: &'a str,
    action: &'a str,
    classification: Classification,
    status: &'a str,
    error: &'a str,
    #[serde(flatten)]
    data: &'a Map<String, Value>,
}

impl Event {
    /// Whether only the library may write such a record.
    pub(super) fn is_reserved(&self) -> bool {
        RESERVED_TYPES.contains(&self.event_type.as_str())
    }

    /// [`Event::line`] for a caller, who may not speak for the log: verification believes what it says about itself.
    pub(super) fn checked_line(&self, now: Timestamp, id: EventId) -> Result<Vec<u8>> {
        if OWN_TYPES.contains(&self.event_type.as_str()) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the event type is one of the log's own; hint: choose another",
            ));
        }
        self.line(now, id)
    }

    /// `{"timestamp":…`: the line without its `chain` member and what closes it.
    pub(super) fn line(&self, now: Timestamp, id: EventId) -> Result<Vec<u8>> {
        use std::io::Write as _;

        if self
            .data
            .keys()
            .any(|name| CORE_MEMBERS.contains(&name.as_str()))
        {
            return Err(Error::new(
                Kind::InvalidArgument,
                "event data has a member with the name of a core member; hint: put it into `security`, `performance` or \
                 another object",
            ));
        }
        if !is_shallow(&self.data) {
            return Err(Error::new(
                Kind::InvalidArgument,
                format!("event data is nested more than {MAX_DEPTH} deep"),
            ));
        }
        let members = Members {
            version: VERSION,
            event_type: &self.event_type,
            user_id: &self.user_id,
            session_id: &self.session_id,
            action: &self.action,
            classification: self.classification,
            status: &self.status,
            error: &self.error,
            data: &self.data,
        };
        let mut line = Vec::with_capacity(USUAL_LEN);
        // Writing into a `Vec` cannot fail.
        let _ = write!(line, r#"{{"timestamp":"{now:.6}","event_id":"{id}""#);
        let members_start = line.len();
        serde_json::to_writer(&mut line, &members)
            .map_err(|_| Error::new(Kind::Internal, "the event cannot be written as JSON"))?;
        if line.len() > MAX_LINE - MAX_CHAIN {
            return Err(too_large());
        }
        // Of the object of the members the braces are not wanted.
        line[members_start] = b',';
        line.pop();
        Ok(line)
    }
}

fn too_large() -> Error {
    Error::new(
        Kind::TooLarge,
        "an audit record may have 1 MiB; hint: record counts and kinds, not contents",
    )
}

/// Walks level by level instead of recursing, so that hostile nesting cannot exhaust the stack.
fn is_shallow(data: &Map<String, Value>) -> bool {
    let mut level: Vec<&Value> = data.values().collect();
    for _ in 0..MAX_DEPTH {
        level = level
            .into_iter()
            .flat_map(|value| -> Box<dyn Iterator<Item = &Value>> {
                match value {
                    Value::Array(items) => Box::new(items.iter()),
                    Value::Object(members) => Box::new(members.values()),
                    _ => Box::new(std::iter::empty()),
                }
            })
            .collect();
        if level.is_empty() {
            return true;
        }
    }
    false
}
