//! The one scanner: identifiers and secrets, found together in one pass over the raw text.
//!
//! Rules are data (`core/rules`): literals that announce a value, and how to confirm it. One pass over the text looks for the literals
//! of all rules; where a literal is found, its rule looks at a bounded stretch of text behind it, and
//! a check (Luhn, a decoded JWT header, …) has the last word. No input makes the cost per byte grow with its length.
//!
//! Text that does not read as it is written is read as a person would read it, or the program that it is meant for: see
//! [`Layer`]. Findings lie in the text as it is written, and cover all of it that the value can be read from: of base64,
//! the groups of four characters.
//!
//! Where findings overlap, the better one stays: secrets before identifiers, then what the caller denies before what rules
//! find, validated before unvalidated, specific before generic, confident before doubtful, longer before shorter. What a confident loser covered beyond the winner is
//! still reported, as a finding of its own, so that no part of it stays in the text.

mod around;
mod bech32;
mod boundary;
mod builder;
mod capitals;
mod characters;
mod check;
mod confirm;
mod disguise;
mod evidence;
mod examples;
mod exempt;
mod finding;
mod format;
mod gazetteer;
mod gitleaks;
mod go_regex;
mod horizon;
mod index;
mod known;
mod list;
mod literal;
mod matcher;
mod near;
mod pack;
mod position;
mod profile;
mod program;
mod prose;
mod record;
mod repeat;
mod resolve;
mod reuse;
mod rule;
mod scanner;
mod shape;
mod stream;
mod sweep;
mod tagger;
mod taken;
mod trigram;
mod vendor;
mod view;
mod vocabulary;
mod wallet;
mod word_starts;
mod wording;

pub use builder::ScannerBuilder;
pub use check::Verdict;
pub use evidence::{Evidence, Layer, Layers, Origin};
pub use finding::Finding;
pub use format::Format;
pub use gitleaks::Refusal;
pub(crate) use known::Known;
pub use list::Entry;
pub(crate) use matcher::{is_kind, is_walk, kind_at_end};
pub use position::{Position, Positions, positions};
pub use record::Field;
pub(crate) use repeat::names_of;
pub use rule::{Category, Rule, Severity};
pub use scanner::{Effort, Scanner};
pub use stream::{Located, ScanStream};
pub(crate) use stream::{MAX_KNOWN, Release, Taker};
pub use tagger::{Tagged, Tagger};
pub(crate) use wording::randomness;
