//! The C ABI of Cloister: translation only, one file per handle.
//!
//! The header `include/cloister.h` is generated from these files, so their doc comments are written for C programmers.
//! What every function trusts its caller with is stated once, in `boundary.rs`.

#![allow(
    non_camel_case_types,
    reason = "the types carry their C names, so that the header and this code read alike"
)]
#![allow(
    clippy::doc_markdown,
    reason = "the doc comments are the text of a C header, in which names stand bare"
)]
#![allow(
    clippy::similar_names,
    reason = "a scrubber gives scrubbed text, and both are parameters in the header"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the calling contract is the same for every function: see the head of the header and `boundary.rs`"
)]

mod boundary;
mod exclusive;
mod panics;

mod access;
mod attest;
mod audit;
mod backend;
mod cancel;
mod chat;
mod cipher;
mod classification;
mod detector;
mod doctor;
mod emergency;
#[cfg(feature = "llama")]
mod engine;
#[cfg(feature = "llama")]
mod engine_embedding;
mod error;
mod findings;
mod guard;
mod keyring;
#[cfg(feature = "llama")]
mod model;
mod policy;
mod proofs;
mod reply;
mod restorer;
mod scanner;
mod scrub_stream;
mod scrubber;
mod session;
mod session_log;
mod session_options;
mod store;
mod strings;
mod subjects;
mod text;
mod vault;
mod verification;
mod version;

/// Overwrites what this library frees. On Linux the linker puts other functions in the place of `free`.
#[cfg(not(target_os = "linux"))]
#[global_allocator]
static ALLOCATOR: cloister_core::isolation::WipingAllocator =
    cloister_core::isolation::WipingAllocator;

pub use access::*;
pub use attest::*;
pub use audit::*;
pub use backend::*;
pub use cancel::*;
pub use chat::*;
pub use cipher::*;
pub use classification::*;
pub use detector::*;
pub use doctor::*;
pub use emergency::*;
#[cfg(feature = "llama")]
pub use engine::*;
#[cfg(feature = "llama")]
pub use engine_embedding::*;
pub use error::*;
pub use findings::*;
pub use guard::*;
pub use keyring::*;
#[cfg(feature = "llama")]
pub use model::*;
pub use proofs::*;
pub use reply::*;
pub use restorer::*;
pub use scanner::*;
pub use scrub_stream::*;
pub use scrubber::*;
pub use session::*;
pub use session_log::*;
pub use session_options::*;
pub use store::*;
pub use strings::*;
pub use subjects::*;
pub use text::*;
pub use vault::*;
pub use verification::*;
pub use version::*;
