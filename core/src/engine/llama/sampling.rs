//! Picking the next token from the model's logits.

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;

use crate::engine::ChatOptions;
use crate::{Error, Kind, Result};

/// The samplers of one request, in the order of llama.cpp's own tools.
pub(super) struct Sampler(LlamaSampler);

impl Sampler {
    /// Samplers for `options`, which were validated. `prompt` counts for the penalties.
    pub(super) fn new(
        model: &LlamaModel,
        options: &ChatOptions,
        prompt: &[i32],
        context: u32,
        seed: u32,
    ) -> Self {
        let mut chain = Vec::new();
        let history = options.repeat_last_n.min(context);
        let penalties = (
            options.repeat_penalty,
            options.frequency_penalty,
            options.presence_penalty,
        );
        let penalised = history > 0 && penalties != (1.0, 0.0, 0.0);
        if penalised {
            chain.push(LlamaSampler::penalties(
                model.n_vocab(),
                clamp(history),
                options.repeat_penalty,
                options.frequency_penalty,
                options.presence_penalty,
            ));
        }
        if options.temperature > 0.0 {
            if options.top_k > 0 {
                chain.push(LlamaSampler::top_k(clamp(options.top_k)));
            }
            if options.top_p < 1.0 {
                chain.push(LlamaSampler::top_p(options.top_p, 1));
            }
            if options.min_p > 0.0 {
                chain.push(LlamaSampler::min_p(options.min_p, 1));
            }
            chain.push(LlamaSampler::temp(options.temperature));
            chain.push(LlamaSampler::dist(seed));
        } else {
            chain.push(LlamaSampler::greedy());
        }
        let mut sampler = LlamaSampler::chain(chain, true);
        if penalised {
            let recent = prompt.len().saturating_sub(history as usize);
            sampler.accept_many(prompt[recent..].iter().copied().map(LlamaToken::new));
        }
        Self(sampler)
    }

    /// The token after output `index` of the last batch. The sampler remembers it.
    pub(super) fn sample(&mut self, context: &LlamaContext<'_>, index: i32) -> Result<LlamaToken> {
        if !usable(context.get_logits_ith(index)) {
            return Err(Error::new(
                Kind::Model,
                "the model computed something that is not a number; hint: its file is damaged",
            ));
        }
        Ok(self.0.sample(context, index))
    }
}

/// Whether a token can be picked at all: llama.cpp ends the process where it cannot.
fn usable(logits: &[f32]) -> bool {
    // Counting, not searching: the compiler makes vector instructions of it, and it runs for every token.
    let wrong = |logit: &&f32| logit.is_nan() || **logit == f32::INFINITY;
    logits.iter().filter(wrong).count() == 0 && logits.iter().any(|logit| logit.is_finite())
}

/// The seed that was asked for, or a drawn one. Not for a locked thread: where the system's call is not found by name, random
/// numbers are read from a file.
pub(super) fn seed(options: &ChatOptions) -> Result<u32> {
    if let Some(seed) = options.seed {
        // llama.cpp takes the largest number for a wish to draw one.
        return Ok(seed.min(u32::MAX - 1));
    }
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    Ok(u32::from_le_bytes(bytes) >> 1)
}

fn clamp(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::usable;

    #[test]
    fn logits_that_no_sampler_survives_are_noticed() {
        assert!(usable(&[0.5, f32::NEG_INFINITY]));
        assert!(!usable(&[0.5, f32::NAN]));
        assert!(!usable(&[0.5, f32::INFINITY]));
        assert!(!usable(&[f32::NEG_INFINITY]));
        assert!(!usable(&[]));
    }
}
