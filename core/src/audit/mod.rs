//! The audit log: JSON Lines that show when they were altered.
//!
//! # Format, version 1.0
//!
//! A record is one line: a JSON object (RFC 8259) without line breaks, in UTF-8, and a line feed; at most 1 MiB. Its
//! members stand in this order: `timestamp` (RFC 3339, UTC, microseconds), `event_id` (`evt_` and 12 hexadecimal
//! digits), `version`, `event_type`, `user_id`, `session_id`, `action`, `classification`, `status`, `error`, the members
//! of [`Event::data`] in the caller's order, and last
//!
//! ```json
//! "chain":{"seq":7,"alg":"hmac-sha256","mac":"64 lower-case hexadecimal digits"}
//! ```
//!
//! `seq` counts from 1 through all files of the log. The first record of a file has a further member `prev` between
//! `alg` and `mac`: the MAC of the last record of the file before it, or 64 zeros.
//!
//! `mac` is computed over the 32 bytes of the previous record's MAC (32 zero bytes before the first record) and the exact
//! bytes of the line from its `{` up to and including `"mac":"`, so that everything is covered but the MAC itself and the
//! three characters after it, which are always the same. With a key it is HMAC-SHA256 (RFC 2104), without one SHA-256
//! (FIPS 180-4). The bytes are the truth: there is no canonical form.
//!
//! # Files
//!
//! | name | content |
//! |---|---|
//! | `audit.jsonl` | the newest records |
//! | `audit.jsonl.20251125T103000Z-412` | a rotated file: when it was rotated and the number of its last record |
//! | `audit.jsonl.head` | number and MAC of the last record, with a MAC of their own; also the lock of all writers |
//! | `audit.jsonl.torn-413` | a line that a crash left unfinished where record 413 then went |
//!
//! All are created with mode 0600. A write goes first into the log and then into the head, so after a crash the head may
//! name an earlier record that is there, never a later one.
//!
//! # What [`verify`] shows, and what nothing here can show
//!
//! An edited, inserted, deleted, repeated or moved record, a missing file, a torn last line, and records cut off at the
//! end: the chain alone cannot show the last, the head does. Two things escape:
//!
//! * Without a key, whoever may write the files can compute everything anew. Give a key that they cannot read.
//! * Replacing log and head by an older copy of both. Keep what the head says somewhere else, and compare.
//!
//! A log without a key detects accidents, not an insider. Whoever holds the key can rewrite the log as well.
//!
//! # Regulation
//!
//! 45 CFR 164.312(b) requires audit controls; 164.316(b)(2)(i) asks for six years for documentation, which is the
//! default of [`AuditOptions::retention_days`]; 45 CFR 170.315(d)(2) asks for detecting whether the log was altered.

mod chain;
mod event;
mod filter;
mod head;
mod lines;
mod log;
mod names;
mod open;
mod options;
mod query;
pub mod report;
mod rotation;
mod segment;
mod snapshot;
mod sync;
mod time;
mod verify;
mod writer;

pub use event::Event;
pub use log::AuditLog;
pub use options::{AuditOptions, Durability};
pub use query::{Query, query};
pub use verify::{Verification, verify};
