//! Everything that is true about Cloister without C or Python.
//!
//! Text that must go to a language model is scanned, scrubbed, recorded, answered in this process, scanned again,
//! restored and recorded. [`guard::Guard::chat`] is that road; each other module is one wall of it and can be used alone.
//!
//! | module | what it is for |
//! |---|---|
//! | [`scan`] | one pass over raw text that finds identifiers and secrets together |
//! | [`pii`] | replacing identifiers, and putting them back |
//! | [`secrets`] | reporting credentials without repeating them |
//! | [`audit`] | the record of who did what, which shows when it was altered |
//! | [`cipher`] | AES-256-GCM with the classification bound to the ciphertext |
//! | [`access`] | who may do what |
//! | [`subjects`] | one key for each person, which can be destroyed |
//! | [`engine`] | a GGUF model that answers inside this process |
//! | [`guard`] | all of the above in the right order |
//! | [`isolation`] | what this machine enforces, and what it does not |
//! | [`attest`] | proof of that, tried on the running threads, for somebody else to read |
//!
//! Every public type is `Send + Sync` unless its own text says otherwise. No error, `Debug` output or log line of this
//! crate contains text of the caller, a key, or the contents of a file.

pub mod access;
pub mod attest;
pub mod audit;
mod binary;
pub mod cipher;
mod classification;
pub mod engine;
mod error;
mod files;
pub mod guard;
pub mod isolation;
mod lifetime;
pub mod pii;
pub mod scan;
pub mod secrets;
mod sensitive;
pub mod subjects;

pub use classification::Classification;
pub use error::{Error, Kind, Result};
pub use sensitive::Sensitive;

/// The version of this crate, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
