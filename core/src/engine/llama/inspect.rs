//! Looking at a model file without loading it: who vouches for it, and whether it fits.

use std::path::Path;

use super::files::Files;
use super::{Engine, EngineOptions};
use crate::Result;
use crate::engine::machine;
use crate::engine::{MemoryEstimate, Provenance};

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
        let files = Files::open(path.as_ref(), options)?;
        let header = files.model.header();
        let architecture = header.text("general.architecture").unwrap_or_default();
        let name = header.text("general.name").filter(|name| !name.is_empty());
        Ok(Inspection {
            name: name.unwrap_or(architecture).to_owned(),
            architecture: architecture.to_owned(),
            training_context_tokens: header.training_context(),
            context_tokens: files.context_tokens,
            provenance: files.verify(options, &mut || true)?,
            memory: files.memory,
            available_bytes: machine::available(),
        })
    }
}
