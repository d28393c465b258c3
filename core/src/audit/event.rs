//! What is recorded, and the part of its line that does not depend on the chain.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::chain::MAX_CHAIN;
use super::checkpoint::CHECKPOINT;
use super::hold::LEGAL_HOLD;
use super::id::EventId;
use super::leading::OUTAGE;
use super::lines::MAX_LINE;
use super::members::{MAX_DEPTH, Members};
use super::options::POLICY;
use super::rotation::RETENTION_DELETE;
use super::sync::RECOVERY;
use super::{json, time};
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
/// Action of such a record before it happens.
pub(crate) const ERASURE_BEGIN: &str = "erasure_begin";
/// Types of the records that the library decides by, so that no caller may write them.
const RESERVED_TYPES: [&str; 4] = [BREAK_GLASS, BREAK_GLASS_END, BREAK_GLASS_REVIEW, ERASURE];
/// Bytes that most events fit into.
const USUAL_LEN: usize = 768;

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

impl Event {
    /// [`Kind::InvalidArgument`] for a caller who writes a record that only the library may write.
    pub(super) fn expect_unreserved(&self) -> Result<()> {
        if RESERVED_TYPES.contains(&self.event_type.as_str()) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the event type is one that only sessions and stores write; hint: choose another",
            ));
        }
        Ok(())
    }

    /// [`Event::line`] for a caller, who may not speak for the log: verification believes what it says about itself.
    pub(super) fn checked_line(
        &self,
        further: Option<&Members>,
        now: Timestamp,
        id: EventId,
    ) -> Result<Vec<u8>> {
        if OWN_TYPES.contains(&self.event_type.as_str()) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the event type is one of the log's own; hint: choose another",
            ));
        }
        let mut line = self.beginning(now, id)?;
        if let Some(further) = further {
            self.check(further)?;
            line.extend_from_slice(further.as_bytes());
        }
        fitting(line)
    }

    /// [`Kind::InvalidArgument`] for what cannot stand behind the members of this event.
    pub(super) fn check(&self, further: &Members) -> Result<()> {
        let Some(names) = further.names() else {
            return Err(Error::new(
                Kind::InvalidArgument,
                format!(
                    "event data is not one JSON object with distinct names, or is nested more than {MAX_DEPTH} deep"
                ),
            ));
        };
        // A name of the core has nothing to escape.
        let is_core = |name: &&[u8]| {
            let name = &name[1..name.len() - 1];
            CORE_MEMBERS.iter().any(|core| core.as_bytes() == name)
        };
        if names.iter().any(is_core) {
            return Err(core_member());
        }
        for name in self.data.keys() {
            let mut quoted = Vec::new();
            json::text(&mut quoted, name);
            if names.binary_search(&quoted.as_slice()).is_ok() {
                return Err(Error::new(
                    Kind::InvalidArgument,
                    "event data has a name twice; hint: give each member one value",
                ));
            }
        }
        Ok(())
    }

    /// `{"timestamp":…`: the line without its `chain` member and what closes it.
    pub(super) fn line(&self, now: Timestamp, id: EventId) -> Result<Vec<u8>> {
        fitting(self.beginning(now, id)?)
    }

    /// [`Event::line`], however long it is.
    fn beginning(&self, now: Timestamp, id: EventId) -> Result<Vec<u8>> {
        let mut line = Vec::with_capacity(USUAL_LEN);
        line.extend_from_slice(b"{\"timestamp\":\"");
        time::write(&mut line, now);
        line.extend_from_slice(b"\",\"event_id\":\"");
        line.extend_from_slice(&id.text());
        line.push(b'"');
        for (name, value) in [
            ("version", VERSION),
            ("event_type", self.event_type.as_str()),
            ("user_id", self.user_id.as_str()),
            ("session_id", self.session_id.as_str()),
            ("action", self.action.as_str()),
            ("classification", self.classification.as_str()),
            ("status", self.status.as_str()),
            ("error", self.error.as_str()),
        ] {
            json::member(&mut line, name, value);
        }
        for (name, value) in &self.data {
            if CORE_MEMBERS.contains(&name.as_str()) {
                return Err(core_member());
            }
            json::name(&mut line, name);
            if !json::value(&mut line, value, MAX_DEPTH) {
                return Err(Error::new(
                    Kind::InvalidArgument,
                    format!("event data is nested more than {MAX_DEPTH} deep"),
                ));
            }
        }
        Ok(line)
    }
}

/// [`Kind::TooLarge`] for a line that would be longer than any record.
fn fitting(line: Vec<u8>) -> Result<Vec<u8>> {
    if line.len() > MAX_LINE - MAX_CHAIN {
        return Err(Error::new(
            Kind::TooLarge,
            "an audit record may have 1 MiB; hint: record counts and kinds, not contents",
        ));
    }
    Ok(line)
}

fn core_member() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "event data has a member with the name of a core member; hint: put it into `security`, `performance` or another \
         object",
    )
}
