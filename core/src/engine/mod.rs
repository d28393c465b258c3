//! Answers from a GGUF model, in this process.
//!
//! The vocabulary of a chat ([`Message`], [`ChatOptions`], [`Backend`]) is here for every build; [`Engine`], the only
//! place that knows llama.cpp, is there with the `llama` feature.

mod chat;
#[cfg(feature = "llama")]
mod gguf;
#[cfg(feature = "llama")]
mod llama;

pub use chat::{
    Backend, Cancel, ChatOptions, Completion, Evidence, FinishReason, Message, Timings, Usage,
};
#[cfg(feature = "llama")]
pub(crate) use llama::cpu_features;
#[cfg(feature = "llama")]
pub use llama::{Engine, EngineOptions, ModelInfo, TextStream};
