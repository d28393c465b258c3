//! Looking at a model file without loading it: who vouches for it, and whether it fits.

use std::path::Path;

use super::scheduler::{BATCH, SEQUENCES};
use super::{Engine, EngineOptions};
use crate::engine::machine;
use crate::engine::{MemoryEstimate, ModelFile, Provenance};
use crate::{Error, Kind, Result};

/// What is known of a model file before it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The name in the file, or else the architecture.
    pub name: String,
    /// The architecture, for example `llama`.
    pub architecture: String,
    /// The context window that the model was trained with, in tokens.
    pub training_context_tokens: u32,
    /// The context window that the options ask for, in tokens.
    pub context_tokens: u32,
    /// What was found out about the file.
    pub provenance: Provenance,
    /// What loading it would take of the memory.
    pub memory: MemoryEstimate,
    /// Bytes of memory that are free for it now, within the limits of the control group. `None` where the system does not
    /// tell.
    pub available_bytes: Option<u64>,
}

impl Engine {
    /// Does what [`Engine::load`] does first: opens a file, checks its header, verifies what the options ask for, and adds up
    /// the memory. That too little is free is no error here.
    ///
    /// # Errors
    /// As [`Engine::load`] for the file and the options.
    pub fn inspect(path: impl AsRef<Path>, options: &EngineOptions) -> Result<Inspection> {
        let file = ModelFile::open(path)?;
        let context_tokens = file.context_tokens(options.context_tokens)?;
        let header = file.header();
        let architecture = header.text("general.architecture").unwrap_or_default();
        let name = header.text("general.name").filter(|name| !name.is_empty());
        Ok(Inspection {
            name: name.unwrap_or(architecture).to_owned(),
            architecture: architecture.to_owned(),
            training_context_tokens: header.training_context(),
            context_tokens,
            provenance: file.verify(&options.trust, &mut || true)?,
            memory: memory(&file, context_tokens),
            available_bytes: machine::available(),
        })
    }
}

/// What this engine takes for a model.
pub(super) fn memory(file: &ModelFile, context_tokens: u32) -> MemoryEstimate {
    file.memory(context_tokens, BATCH.into(), SEQUENCES.into())
}

/// Refuses what does not fit into the memory that is free. What goes to a GPU is not counted.
pub(super) fn must_fit(needed: &MemoryEstimate, options: &EngineOptions) -> Result<()> {
    let on_a_gpu = cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan"))
        && options.gpu_layers > 0;
    match machine::available() {
        Some(free) if needed.total_bytes() > free && !options.unchecked_memory && !on_a_gpu => {
            Err(Error::new(
                Kind::TooLarge,
                format!(
                    "the model needs about {} MiB of memory and {} MiB are free; hint: free memory, load it with fewer \
                     `context_tokens`, or with `unchecked_memory`",
                    needed.total_bytes() >> 20,
                    free >> 20
                ),
            ))
        }
        _ => Ok(()),
    }
}
