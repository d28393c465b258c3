//! Answers from a GGUF model, in this process.
//!
//! The vocabulary of a chat ([`Message`], [`ChatOptions`], [`Backend`]) is here for every build. [`ModelFile`] and [`Trust`],
//! which judge a file before anything else reads it, are there with the `models` feature; [`Engine`], the only place that
//! knows llama.cpp, with the `llama` feature.

#[cfg(feature = "llama")]
mod adapter;
#[cfg(feature = "llama")]
mod calls;
mod chat;
mod completions;
#[cfg(feature = "models")]
mod file;
#[cfg(feature = "models")]
pub mod gguf;
#[cfg(feature = "llama")]
mod llama;
#[cfg(any(feature = "llama", all(test, feature = "models")))]
mod machine;
#[cfg(feature = "models")]
mod opened;
mod options;
mod provenance;
mod tools;
#[cfg(feature = "models")]
mod trust;

#[cfg(feature = "llama")]
pub use adapter::Adapter;
pub use chat::{
    Backend, Cancel, Completion, Evidence, FinishReason, Message, Timings, TokenLogprob, Usage,
};
pub(crate) use completions::{CompletionRequest, Head};
#[cfg(feature = "models")]
pub use file::ModelFile;
#[cfg(feature = "models")]
pub use gguf::MemoryEstimate;
#[cfg(feature = "llama")]
pub use llama::{
    CompletionStream, EmbedOptions, Engine, EngineOptions, Inspection, ModelInfo, Pooling,
    TextStream,
};
#[cfg(feature = "llama")]
pub(crate) use llama::{cpu_features, cpu_variant, obstacle, unused_cpu_features};
pub use options::{ChatOptions, Dry, Format, Mirostat, Xtc};
pub use provenance::{Provenance, Require};
pub use tools::{Tool, ToolCall, ToolChoice};
#[cfg(feature = "models")]
pub use trust::Trust;
