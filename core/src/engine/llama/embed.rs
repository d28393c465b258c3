//! Texts as vectors: what the model's last layer says about the tokens, pooled.

use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::model::Model;
use super::options::{EmbedOptions, Pooling};
use super::queue::closed;
use super::scheduler::context;
use crate::{Error, Kind, Result};

/// Tokens per evaluation of a causal model. llama.cpp keeps the logits of each of them, although nobody reads those.
const BATCH: usize = 64;

/// A context of its own for embeddings, made at first use and again when a longer text comes.
pub(super) struct Embedder<'m> {
    model: &'m Model,
    threads: i32,
    context: Option<(usize, LlamaContext<'m>)>,
}

impl<'m> Embedder<'m> {
    pub(super) fn new(model: &'m Model, threads: i32) -> Self {
        Self {
            model,
            threads,
            context: None,
        }
    }

    /// Embeds tokens, at least one and at most as many as the context window has. `stop` is asked between batches.
    pub(super) fn embed(
        &mut self,
        tokens: &[i32],
        options: EmbedOptions,
        stop: impl Fn() -> bool,
    ) -> Result<Vec<f32>> {
        // A model that looks both ways needs the whole text in one batch.
        let width = if self.model.causal {
            BATCH
        } else {
            tokens.len()
        };
        let context = self.context(tokens.len())?;
        let pooled = pool(context, tokens, width, options.pooling, stop);
        context.clear_kv_cache();
        if options.normalize {
            unit(pooled?)
        } else {
            pooled
        }
    }

    /// Gives up the context with all that it has seen.
    pub(super) fn forget(&mut self) {
        self.context = None;
    }

    fn context(&mut self, tokens: usize) -> Result<&mut LlamaContext<'m>> {
        if self.context.as_ref().is_none_or(|(size, _)| *size < tokens) {
            let size = tokens.next_power_of_two().max(256);
            let batch = if self.model.causal { BATCH } else { size };
            let number = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
            let parameters = LlamaContextParams::default()
                .with_n_ctx(NonZeroU32::new(number(size)))
                .with_n_batch(number(batch))
                .with_n_ubatch(number(batch))
                .with_n_threads(self.threads)
                .with_n_threads_batch(self.threads)
                .with_embeddings(true)
                .with_pooling_type(LlamaPoolingType::None)
                .with_no_perf(true);
            self.context = None;
            self.context = Some((size, context(self.model, parameters)?));
        }
        match &mut self.context {
            Some((_, context)) => Ok(context),
            None => Err(Error::new(Kind::Internal, "a context vanished")),
        }
    }
}

fn pool(
    context: &mut LlamaContext<'_>,
    tokens: &[i32],
    width: usize,
    pooling: Pooling,
    stop: impl Fn() -> bool,
) -> Result<Vec<f32>> {
    let failed = || Error::new(Kind::Model, "llama.cpp failed while it evaluated the model");
    let mut batch = LlamaBatch::new(width, 1);
    let mut pooled: Vec<f32> = Vec::new();
    let mut position = 0;
    let wanted = |position: i32| match pooling {
        Pooling::Mean => true,
        Pooling::First => position == 0,
        Pooling::Last => usize::try_from(position).is_ok_and(|it| it + 1 == tokens.len()),
    };
    for part in tokens.chunks(width) {
        if stop() {
            return Err(closed());
        }
        batch.clear();
        for token in part {
            batch
                .add(LlamaToken::new(*token), position, &[0], true)
                .map_err(|_| failed())?;
            position += 1;
        }
        context.decode(&mut batch).map_err(|_| failed())?;
        for index in 0..batch.n_tokens() {
            if !wanted(position - batch.n_tokens() + index) {
                continue;
            }
            let vector = context.embeddings_ith(index).map_err(|_| failed())?;
            pooled.resize(vector.len(), 0.0);
            for (total, value) in pooled.iter_mut().zip(vector) {
                *total += value;
            }
        }
    }
    if pooling == Pooling::Mean {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a context window has fewer than 2^24 tokens"
        )]
        let count = tokens.len() as f32;
        for value in &mut pooled {
            *value /= count;
        }
    }
    if pooled.iter().all(|value| value.is_finite()) {
        return Ok(pooled);
    }
    Err(Error::new(
        Kind::Model,
        "the model computed an embedding that is not a number; hint: its file is damaged",
    ))
}

fn unit(mut vector: Vec<f32>) -> Result<Vec<f32>> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if !length.is_normal() {
        return Err(Error::new(
            Kind::Model,
            "the model computed an embedding without a direction",
        ));
    }
    for value in &mut vector {
        *value /= length;
    }
    Ok(vector)
}
