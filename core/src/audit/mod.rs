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
//! "chain":{"seq":7,"alg":"hmac-sha256-ratchet","mac":"64 lower-case hexadecimal digits"}
//! ```
//!
//! `seq` counts from 1 through all files of the log. The first record of a file has a further member `prev` between
//! `alg` and `mac`: the MAC of the last record of the file before it, or 64 zeros.
//!
//! `mac` is computed over the 32 bytes of the previous record's MAC (32 zero bytes before the first record) and the exact
//! bytes of the line from its `{` up to and including `"mac":"`, so that everything is covered but the MAC itself and the
//! three characters after it, which are always the same. Without a key it is SHA-256 (FIPS 180-4) and `alg` is `sha256`.
//! With a key it is HMAC-SHA256 (RFC 2104) under a key of the record's own. The bytes are the truth: there is no canonical
//! form.
//!
//! # Keys that evolve
//!
//! The 1024 records from 1 on are epoch 0, the next 1024 epoch 1, and so on. Every arrow is HMAC-SHA256 with the text
//! `cloister audit v1 …` as message:
//!
//! ```text
//! key of the log  -first epoch->  key of epoch 0  -next epoch->  key of epoch 1  -next epoch->  …
//! key of an epoch  -first record->  key of its first record  -next record->  key of the next one  -next record->  …
//! ```
//!
//! No arrow can be gone backwards. A log that was begun with [`seal()`] keeps only the key of its current epoch on the
//! machine; whoever takes that cannot alter an earlier epoch unnoticed (forward security, as in Schneier and Kelsey,
//! USENIX Security 1998, and the sealing of journald). With [`AuditOptions::key`] the caller keeps the key of the log.
//!
//! # Checkpoints
//!
//! A log with a [`SigningKey`] is also a Merkle tree (RFC 6962 §2.1) whose leaves are its lines without their line feeds.
//! Each file begins with a record `checkpoint`, and one follows at least every 1024 records and on closing. Its member
//! `note` is a C2SP `tlog-checkpoint`, a signed note with Ed25519, over all lines before it; `frontier` holds the roots of
//! the complete subtrees, from which the tree goes on. So whoever has the [`PublicKey`] verifies the log without any
//! secret ([`verify_against`]), [`prove`] shows one record without the others (C2SP `tlog-proof`), and
//! [`prove_consistency`] shows that the log only grew.
//!
//! # Files
//!
//! | name | content |
//! |---|---|
//! | `audit.jsonl` | the newest records |
//! | `audit.jsonl.20251125T103000Z-412` | a rotated file: when it was rotated and the number of its last record |
//! | `audit.jsonl.index/413-16777391` | where the users, persons, sessions, event types, actions, states, classes, minutes and other members of the file that begins with record 413 stand, up to that byte; made anew when it does not fit |
//! | `audit.jsonl.head` | number and MAC of the last record, with a MAC of their own; also the lock of all writers |
//! | `audit.jsonl.epoch` | the key of the current epoch, if the log is sealed |
//! | `audit.jsonl.hold` | is there while a legal hold lasts |
//! | `audit.jsonl.torn-413` | a line that a crash left unfinished where record 413 then went |
//!
//! All files are created with mode 0600. A write goes first into the log and then into the head, so after a crash the head may
//! name an earlier record that is there, never a later one. After a failed `fdatasync` the file is not used again: the
//! records that were to be synced are taken back and refused, and a new file begins with a `recovery` record.
//!
//! # What [`verify`] shows, and what nothing here can show
//!
//! An edited, inserted, deleted, repeated or moved record, a missing file, records of another log, a torn last line, and
//! records cut off at the end: the chain alone cannot show the last, the head does. What escapes:
//!
//! * Without a key, whoever may write the files can compute the chain anew. Give a key that they cannot read, or sign.
//! * Replacing log and head by an older copy of both. Keep a checkpoint somewhere else, and compare: then only what was
//!   recorded after it can be cut off.
//! * With the public key alone, records that were cut off after the last checkpoint.
//! * Whoever holds the key of the log, or its signing key, can make another log with it.
//! * Whatever was never recorded.
//!
//! # Regulation
//!
//! 45 CFR 164.312(b) requires audit controls; 164.316(b)(2)(i) asks for six years for documentation, which is the
//! default of [`AuditOptions::retention_days`]; 45 CFR 170.315(d)(2) asks for detecting whether the log was altered.

mod asking;
mod batch;
mod chain;
mod checkpoint;
mod commit;
mod covered;
mod end;
mod epoch;
mod event;
mod export;
mod filter;
mod flusher;
mod group;
mod head;
mod hold;
mod id;
mod index;
mod json;
mod leading;
mod lines;
mod log;
mod members;
mod merkle;
mod names;
mod note;
mod open;
mod options;
mod outline;
mod own;
mod prove;
mod pseudonyms;
mod query;
mod ratchet;
pub mod report;
mod rotation;
mod segment;
mod snapshot;
mod sync;
mod time;
mod verify;
mod violation;
mod writer;

pub use epoch::seal;
pub use event::Event;
pub(crate) use event::{BREAK_GLASS, BREAK_GLASS_END, BREAK_GLASS_REVIEW, ERASURE, ERASURE_BEGIN};
pub use export::{Format, export, export_all};
pub use log::AuditLog;
pub use members::Members;
pub use note::{PublicKey, SigningKey};
pub use options::{AuditOptions, Durability, OnFailure};
pub use prove::{
    Consistency, Proof, check_consistency, check_proof, prove, prove_consistency, prove_each,
    query_with_proofs,
};
pub use query::{Query, query, query_with_key};
pub use verify::{Expected, Verification, verify, verify_against};
