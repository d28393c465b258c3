//! Answers from a GGUF model, in this process.
//!
//! The vocabulary of a chat ([`Message`], [`ChatOptions`], [`Backend`]) is here for every build; [`Engine`], the only
//! place that knows llama.cpp, is there with the `llama` feature.

mod chat;
#[cfg(feature = "llama")]
mod completions;
#[cfg(feature = "llama")]
mod gguf;
#[cfg(feature = "llama")]
mod llama;
mod options;
mod tools;

pub use chat::{
    Backend, Cancel, Completion, Evidence, FinishReason, Message, Timings, TokenLogprob, Usage,
};
#[cfg(feature = "llama")]
pub(crate) use llama::cpu_features;
#[cfg(feature = "llama")]
pub use llama::{
    CompletionStream, EmbedOptions, Engine, EngineOptions, ModelInfo, Pooling, TextStream,
};
pub use options::{ChatOptions, Dry, Format, Mirostat, Xtc};
pub use tools::{Tool, ToolCall, ToolChoice};
