//! The files of a model before llama.cpp sees them.

use std::path::Path;

use super::EngineOptions;
use super::scheduler::{BATCH, SEQUENCES};
use crate::engine::adapter::AdapterFile;
use crate::engine::machine;
use crate::engine::{MemoryEstimate, ModelFile, Provenance};
use crate::{Error, Kind, Result};

/// A model, and what changes it: opened, their headers checked.
pub(super) struct Files {
    pub(super) model: ModelFile,
    pub(super) adapter: Option<AdapterFile>,
    /// The context window that the options ask for, in tokens.
    pub(super) context_tokens: u32,
    /// What this engine takes for them.
    pub(super) memory: MemoryEstimate,
}

impl Files {
    pub(super) fn open(path: &Path, options: &EngineOptions) -> Result<Self> {
        let model = ModelFile::open(path)?;
        let context_tokens = model.context_tokens(options.context_tokens)?;
        let adapter = options.adapter.as_ref();
        let adapter = adapter
            .map(|adapter| AdapterFile::open(adapter, &model))
            .transpose()?;
        let mut memory = model.memory(context_tokens, BATCH.into(), SEQUENCES.into());
        memory.weights_bytes += adapter.as_ref().map_or(0, AdapterFile::bytes);
        Ok(Self {
            model,
            adapter,
            context_tokens,
            memory,
        })
    }

    /// Verifies what the options ask for. `go_on` is asked after each mebibyte.
    pub(super) fn verify(
        &self,
        options: &EngineOptions,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Provenance> {
        let model = self.model.verify(&options.trust, go_on)?;
        match (&self.adapter, &options.adapter) {
            (Some(file), Some(adapter)) => {
                let adapter = file.verify(adapter, &options.trust, go_on)?;
                Ok(model.with_adapter(adapter))
            }
            _ => Ok(model),
        }
    }

    /// Refuses what does not fit into the memory that is free. What goes to a GPU is not counted.
    pub(super) fn must_fit(&self, options: &EngineOptions) -> Result<()> {
        let on_a_gpu = cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan"))
            && options.gpu_layers > 0;
        let needed = self.memory.total_bytes();
        match machine::available() {
            Some(free) if needed > free && !options.unchecked_memory && !on_a_gpu => {
                Err(Error::new(
                    Kind::TooLarge,
                    format!(
                        "the model needs about {} MiB of memory and {} MiB are free; hint: free memory, load it with \
                         fewer `context_tokens`, or with `unchecked_memory`",
                        needed >> 20,
                        free >> 20
                    ),
                ))
            }
            _ => Ok(()),
        }
    }
}
