//! Skeleton.
use std::ops::ControlFlow;
use std::path::Path;

use super::{Backend, Cancel, ChatOptions, Completion, Message};
use crate::Result;

/// How a model is loaded.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Context window in tokens. 0 = the model's own, at most 8192.
    pub context_tokens: u32,
    /// Threads. 0 = cores this process may use.
    pub threads: u32,
    /// Layers on a GPU where the build has one. Default 0... u32::MAX = all.
    pub gpu_layers: u32,
    /// Chats that may wait for their turn before `Busy`. Default 64.
    pub queue: u32,
}
impl Default for EngineOptions {
    fn default() -> Self {
        todo!()
    }
}

#[derive(Clone, Debug)]
pub struct ModelInfo {
    pub name: String,
    pub architecture: String,
    pub parameters: u64,
    pub size_bytes: u64,
    pub vocabulary: u32,
    pub training_context_tokens: u32,
    pub context_tokens: u32,
    pub embedding_length: u32,
    pub has_chat_template: bool,
}

/// A loaded model. Any number of threads may use one engine.
pub struct Engine {}

impl Engine {
    /// `progress` gets 0 to 1; false aborts with `Cancelled`.
    pub fn load(
        _path: impl AsRef<Path>,
        _options: &EngineOptions,
        _progress: Option<&mut (dyn FnMut(f32) -> bool + Send)>,
    ) -> Result<Self> {
        todo!()
    }
    pub fn info(&self) -> &ModelInfo {
        todo!()
    }
    pub fn chat(
        &self,
        _messages: &[Message],
        _options: &ChatOptions,
        _cancel: &Cancel,
        _on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        todo!()
    }
    /// Continues raw text, without a template.
    pub fn generate(
        &self,
        _prompt: &str,
        _options: &ChatOptions,
        _cancel: &Cancel,
        _on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        todo!()
    }
    /// The same as an iterator; dropping it cancels.
    pub fn chat_stream(&self, _messages: &[Message], _options: &ChatOptions) -> Result<TextStream> {
        todo!()
    }
    pub fn generate_stream(&self, _prompt: &str, _options: &ChatOptions) -> Result<TextStream> {
        todo!()
    }
    /// Mean-pooled, unit length.
    pub fn embed(&self, _text: &str) -> Result<Vec<f32>> {
        todo!()
    }
    pub fn count_tokens(&self, _text: &str) -> Result<usize> {
        todo!()
    }
    /// The prompt as the model's own template renders it.
    pub fn render(&self, _messages: &[Message]) -> Result<String> {
        todo!()
    }
    /// Frees the model now, cancelling what runs; later calls give `Closed`. Safe from any thread, twice too.
    pub fn unload(&self) {
        todo!()
    }
    pub fn is_loaded(&self) -> bool {
        todo!()
    }
}

impl Backend for Engine {
    fn name(&self) -> String {
        todo!()
    }
    fn chat(
        &self,
        _m: &[Message],
        _o: &ChatOptions,
        _c: &Cancel,
        _t: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        todo!()
    }
}

/// Pieces of an answer as they come. After the last `Ok` piece comes `None`; an error is the last item.
pub struct TextStream {}
impl TextStream {
    pub fn cancel(&self) -> Cancel {
        todo!()
    }
    /// Present once the iterator has ended without an error.
    pub fn completion(&self) -> Option<&Completion> {
        todo!()
    }
}
impl Iterator for TextStream {
    type Item = Result<String>;
    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}
