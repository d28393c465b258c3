//! How a model is loaded, and what it then says about itself.

use crate::engine::{Adapter, MemoryEstimate, Provenance, Trust};
use crate::isolation::Lockdown;
use crate::{Error, Kind, Result};

/// How a model is loaded. A zero means the default.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineOptions {
    /// Context window in tokens, shared by the requests that are answered at the same time. 0 = the model's own, at
    /// most 8192. More than the model was trained on is refused.
    pub context_tokens: u32,
    /// Threads that evaluate the model. 0 = one per core that this process may use, by CPU affinity and cgroup
    /// quota.
    pub threads: u32,
    /// Layers on a GPU, where the build has one. 0 = none, `u32::MAX` = all.
    pub gpu_layers: u32,
    /// Requests that may wait for their turn before [`crate::Kind::Busy`]. 0 = 64.
    pub queue: u32,
    /// Whether the engine's threads are confined by the kernel.
    pub lockdown: Lockdown,
    /// A chat template in jinja, instead of the model's own.
    pub chat_template: Option<String>,
    /// What must be known about the model file before it is loaded.
    pub trust: Trust,
    /// What is added to the model's weights.
    pub adapter: Option<Adapter>,
    /// Loads the model even where less memory is free than it is estimated to need.
    pub unchecked_memory: bool,
    /// Evaluates one token at a time. Else, words that have followed the latest ones before are tried together, and those that
    /// the sampler does not pick are taken back, which is faster where an answer repeats parts of its conversation.
    pub no_speculation: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            context_tokens: 0,
            threads: 0,
            gpu_layers: 0,
            queue: 64,
            lockdown: Lockdown::default(),
            chat_template: None,
            trust: Trust::default(),
            adapter: None,
            unchecked_memory: false,
            no_speculation: false,
        }
    }
}

/// Facts about a loaded model, read from its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The name in the file, or else the architecture.
    pub name: String,
    /// The architecture, for example `llama`.
    pub architecture: String,
    /// Number of weights.
    pub parameters: u64,
    /// Bytes of all weights.
    pub size_bytes: u64,
    /// Number of different tokens.
    pub vocabulary: u32,
    /// The context window that the model was trained with, in tokens.
    pub training_context_tokens: u32,
    /// The context window of this engine, in tokens.
    pub context_tokens: u32,
    /// Length of the vectors that [`super::Engine::embed`] returns.
    pub embedding_length: u32,
    /// Whether [`super::Engine::chat`] can be used.
    pub has_chat_template: bool,
    /// What was found out about the file before it was loaded.
    pub provenance: Provenance,
    /// What it was estimated to need.
    pub memory: MemoryEstimate,
}

/// Which of the tokens' vectors make the vector of a text.
///
/// `mean`, `first` and `last` are their names in every front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    #[default]
    Mean,
    /// The first one, `[CLS]` in models of the BERT family.
    First,
    /// The last one.
    Last,
}

/// How a text becomes a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbedOptions {
    /// Which tokens count.
    pub pooling: Pooling,
    /// Whether the vector has unit length, so that a dot product is the cosine.
    pub normalize: bool,
}

impl Default for EmbedOptions {
    fn default() -> Self {
        Self {
            pooling: Pooling::Mean,
            normalize: true,
        }
    }
}

impl Pooling {
    /// The pooling of a name.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for another name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "mean" => Ok(Self::Mean),
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            _ => Err(Error::new(
                Kind::InvalidArgument,
                "the pooling is not known; hint: `mean`, `first` or `last`",
            )),
        }
    }
}
