//! Picking the next token from the model's logits.

use std::cmp::Ordering;
use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;
use llama_cpp_2::token::logit_bias::LlamaLogitBias;

use super::constraint::Constraint;
use crate::engine::{ChatOptions, TokenLogprob};
use crate::{Error, Kind, Result};

/// What the authors of mirostat used for `m`, the tokens that its estimate looks at.
const MIROSTAT_M: i32 = 100;

/// The samplers of one request, in the order of llama.cpp's own tools.
pub(super) struct Sampler {
    chain: LlamaSampler,
    /// So many of the likeliest tokens are all that the samplers have to see.
    top: Option<NonZeroU32>,
    constraint: Option<Constraint>,
    top_logprobs: Option<usize>,
    candidates: Vec<LlamaTokenData>,
}

/// A token that was picked.
pub(super) struct Picked {
    pub(super) token: LlamaToken,
    /// Whether the answer fits its format now, and nothing may follow.
    pub(super) complete: bool,
    pub(super) logprob: Option<TokenLogprob>,
}

impl Sampler {
    /// Samplers for `options`, which were validated. `prompt` counts for the penalties.
    pub(super) fn new(
        model: &LlamaModel,
        options: &ChatOptions,
        constraint: Option<Constraint>,
        prompt: &[i32],
        context: u32,
        seed: u32,
    ) -> Result<Self> {
        let history = options.repeat_last_n.min(context);
        let penalties = (
            options.repeat_penalty,
            options.frequency_penalty,
            options.presence_penalty,
        );
        let penalised = history > 0 && penalties != (1.0, 0.0, 0.0);
        let dry = match options.dry.last_n {
            0 => context,
            last => last.min(context),
        };
        let repeats = options.dry.multiplier > 0.0;
        let mut chain = Vec::new();
        let changed = penalised || repeats || !options.logit_bias.is_empty();
        if !options.logit_bias.is_empty() {
            chain.push(biased(model, options)?);
        }
        if penalised {
            chain.push(LlamaSampler::penalties(
                model.n_vocab(),
                clamp(history),
                options.repeat_penalty,
                options.frequency_penalty,
                options.presence_penalty,
            ));
        }
        if repeats {
            chain.push(LlamaSampler::dry(
                model,
                options.dry.multiplier,
                options.dry.base,
                clamp(options.dry.allowed_length),
                clamp(dry),
                &options.dry.sequence_breakers,
            ));
        }
        pick(&mut chain, model, options, seed);
        let mut sampler = LlamaSampler::chain(chain, true);
        let wanted = [penalised.then_some(history), repeats.then_some(dry)];
        if let Some(wanted) = wanted.into_iter().flatten().max() {
            let recent = prompt.len().saturating_sub(wanted as usize);
            sampler.accept_many(prompt[recent..].iter().copied().map(LlamaToken::new));
        }
        Ok(Self {
            chain: sampler,
            top: top_of(options).filter(|_| !changed),
            constraint,
            top_logprobs: options.top_logprobs.map(|top| top as usize),
            candidates: Vec::new(),
        })
    }

    /// The token after output `index` of the last batch. The sampler remembers it.
    pub(super) fn sample(
        &mut self,
        model: &LlamaModel,
        context: &LlamaContext<'_>,
        index: i32,
    ) -> Result<Picked> {
        let logits = context.get_logits_ith(index);
        if !usable(logits) {
            return Err(Error::new(
                Kind::Model,
                "the model computed something that is not a number; hint: its file is damaged",
            ));
        }
        let token = match &mut self.constraint {
            None => match self.top {
                None => self.chain.sample(context, index),
                Some(count) => {
                    top(logits, count.get() as usize, &mut self.candidates);
                    one_of(&mut self.chain, &mut self.candidates, true)?
                }
            },
            Some(constraint) => {
                self.candidates.clear();
                constraint.allowed(logits, &mut self.candidates)?;
                let picked = one_of(&mut self.chain, &mut self.candidates, false)?;
                constraint.consume(picked)?;
                picked
            }
        };
        let vocabulary = model.vocab();
        let piece = |token| vocabulary.token_to_piece(token, true, None);
        Ok(Picked {
            token,
            complete: self
                .constraint
                .as_ref()
                .is_some_and(Constraint::is_complete),
            logprob: self
                .top_logprobs
                .map(|top| logprob(logits, token, top, piece)),
        })
    }
}

/// How many of the likeliest tokens [`pick`] looks at; `None` where it may be any, or so many that llama.cpp sorts them faster.
fn top_of(options: &ChatOptions) -> Option<NonZeroU32> {
    const MOST: u32 = 128;
    if options.temperature <= 0.0 {
        return NonZeroU32::new(1);
    }
    NonZeroU32::new(options.top_k).filter(|top| top.get() <= MOST && options.mirostat.is_none())
}

/// The samplers that end with a token.
fn pick(chain: &mut Vec<LlamaSampler>, model: &LlamaModel, options: &ChatOptions, seed: u32) {
    if options.temperature <= 0.0 {
        chain.push(LlamaSampler::greedy());
        return;
    }
    if let Some(mirostat) = options.mirostat {
        chain.push(LlamaSampler::temp(options.temperature));
        chain.push(if mirostat.second {
            LlamaSampler::mirostat_v2(seed, mirostat.tau, mirostat.eta)
        } else {
            LlamaSampler::mirostat(
                model.n_vocab(),
                seed,
                mirostat.tau,
                mirostat.eta,
                MIROSTAT_M,
            )
        });
        return;
    }
    if options.top_k > 0 {
        chain.push(LlamaSampler::top_k(clamp(options.top_k)));
    }
    if options.typical_p < 1.0 {
        chain.push(LlamaSampler::typical(options.typical_p, 1));
    }
    if options.top_p < 1.0 {
        chain.push(LlamaSampler::top_p(options.top_p, 1));
    }
    if options.min_p > 0.0 {
        chain.push(LlamaSampler::min_p(options.min_p, 1));
    }
    if options.xtc.probability > 0.0 {
        chain.push(LlamaSampler::xtc(
            options.xtc.probability,
            options.xtc.threshold,
            1,
            seed,
        ));
    }
    chain.push(LlamaSampler::temp_ext(
        options.temperature,
        options.dynatemp_range,
        options.dynatemp_exponent,
    ));
    chain.push(LlamaSampler::dist(seed));
}

/// The sampler for `logit_bias`.
fn biased(model: &LlamaModel, options: &ChatOptions) -> Result<LlamaSampler> {
    let biases: Option<Vec<_>> = options
        .logit_bias
        .iter()
        .map(|(token, bias)| {
            let token = i32::try_from(*token).ok();
            let token = token.filter(|token| *token < model.n_vocab())?;
            Some(LlamaLogitBias::new(LlamaToken::new(token), *bias))
        })
        .collect();
    let biases = biases.ok_or_else(|| {
        Error::new(
            Kind::InvalidArgument,
            "`logit_bias` has a token that the model does not have; hint: `vocabulary` in the model's facts is their number",
        )
    })?;
    Ok(LlamaSampler::logit_bias(model.n_vocab(), &biases))
}

/// Logits that are looked at together, so that the compiler makes vector instructions of it: it runs for every token.
const LANES: usize = 16;

/// Whether a token can be picked at all: llama.cpp ends the process where it cannot.
fn usable(logits: &[f32]) -> bool {
    let (mut most, mut fine) = ([f32::NEG_INFINITY; LANES], [1_u32; LANES]);
    let mut look = |some: &[f32]| {
        for ((logit, most), fine) in some.iter().zip(&mut most).zip(&mut fine) {
            *most = if *logit > *most { *logit } else { *most };
            // What is not a number is not smaller either.
            *fine &= u32::from(*logit < f32::INFINITY);
        }
    };
    let (whole, rest) = logits.as_chunks::<LANES>();
    for some in whole {
        look(some);
    }
    look(rest);
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    most.is_finite() && fine == [1; LANES]
}

/// The `count` likeliest tokens, as far as there are such, in descending order.
///
/// llama.cpp's own sampler for them is given a copy of all logits, and sorts.
fn top(logits: &[f32], count: usize, into: &mut Vec<LlamaTokenData>) {
    let mut least = f32::NEG_INFINITY;
    into.clear();
    for (place, some) in (0..).step_by(LANES).zip(logits.chunks(LANES)) {
        let above = |any, logit: &f32| any | u32::from(*logit > least);
        if some.iter().fold(0, above) == 0 {
            continue;
        }
        for (token, &logit) in (place..).zip(some) {
            if logit > least {
                let behind = into.partition_point(|other| other.logit() >= logit);
                into.truncate(count - 1);
                into.insert(
                    behind,
                    LlamaTokenData::new(LlamaToken::new(token), logit, 0.0),
                );
                if into.len() == count {
                    least = into[count - 1].logit();
                }
            }
        }
    }
}

/// The one of the candidates that the samplers pick. They remember it.
fn one_of(
    chain: &mut LlamaSampler,
    candidates: &mut Vec<LlamaTokenData>,
    sorted: bool,
) -> Result<LlamaToken> {
    let mut array = LlamaTokenDataArray::new(std::mem::take(candidates), sorted);
    array.apply_sampler(chain);
    let picked = array.selected_token();
    *candidates = array.data;
    let picked = picked.ok_or_else(|| {
        Error::new(
            Kind::InvalidArgument,
            "no token is left to pick from; hint: `logit_bias` may forbid what the format needs",
        )
    })?;
    chain.accept(picked);
    Ok(picked)
}

/// The logarithms of the probabilities of `token` and of the `top` likeliest. One row of logits is all that is looked at.
fn logprob(
    logits: &[f32],
    token: LlamaToken,
    top: usize,
    piece: impl Fn(LlamaToken) -> Vec<u8>,
) -> TokenLogprob {
    let likeliest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - likeliest).exp())
        .sum();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logits have no more digits"
    )]
    let norm = likeliest + sum.ln() as f32;
    let descending =
        |a: &usize, b: &usize| -> Ordering { logits[*b].total_cmp(&logits[*a]).then(a.cmp(b)) };
    let mut order: Vec<usize> = Vec::new();
    if top > 0 {
        order = (0..logits.len()).collect();
        let top = top.min(order.len());
        if top < order.len() {
            order.select_nth_unstable_by(top - 1, descending);
            order.truncate(top);
        }
        order.sort_unstable_by(descending);
    }
    let of = |index: usize| logits[index] - norm;
    TokenLogprob {
        bytes: piece(token),
        logprob: usize::try_from(token.0).map_or(f32::NEG_INFINITY, of),
        top: order
            .into_iter()
            .map(|index| {
                let token = LlamaToken::new(i32::try_from(index).unwrap_or(0));
                (piece(token), of(index))
            })
            .collect(),
    }
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
    use super::*;
    use crate::engine::Mirostat;

    #[test]
    fn logits_that_no_sampler_survives_are_noticed() {
        assert!(usable(&[0.5, f32::NEG_INFINITY]));
        assert!(!usable(&[f32::NEG_INFINITY]));
        assert!(!usable(&[]));
        let mut many = vec![-1.0; 100];
        for place in 0..many.len() {
            for wrong in [f32::NAN, -f32::NAN, f32::INFINITY] {
                many[place] = wrong;
                assert!(!usable(&many));
            }
            many[place] = -0.5;
            assert!(usable(&many));
        }
    }

    #[test]
    fn only_few_of_the_likeliest_tokens_are_gathered_here() {
        let top = |temperature, top_k, mirostat| {
            top_of(&ChatOptions {
                temperature,
                top_k,
                mirostat,
                ..ChatOptions::default()
            })
            .map(NonZeroU32::get)
        };
        assert_eq!(top(0.0, 100_000, None), Some(1));
        assert_eq!(top(0.7, 40, None), Some(40));
        for top_k in [0, 129, 100_000] {
            assert_eq!(top(0.7, top_k, None), None);
        }
        let mirostat = Mirostat {
            second: true,
            tau: 5.0,
            eta: 0.1,
        };
        assert_eq!(top(0.7, 40, Some(mirostat)), None);
    }

    #[test]
    fn the_likeliest_tokens_alone_lead_to_the_same_picks() {
        let chain = |seed| {
            let samplers = [
                LlamaSampler::top_k(40),
                LlamaSampler::top_p(0.95, 1),
                LlamaSampler::temp(0.9),
                LlamaSampler::dist(seed),
            ];
            LlamaSampler::chain(samplers, true)
        };
        let mut different = std::collections::HashSet::new();
        for seed in 0..200 {
            // No two are equal: how those are ordered is up to the sampler.
            let logit = |token: u16| f32::from((token * 31 + seed * 17) % 1009) / 100.0;
            let logits: Vec<f32> = (0..1009).map(logit).collect();
            let mut all: Vec<LlamaTokenData> = (0..)
                .zip(&logits)
                .map(|(token, logit)| LlamaTokenData::new(LlamaToken::new(token), *logit, 0.0))
                .collect();
            let mut few = Vec::new();
            top(&logits, 40, &mut few);
            let mut sorted = logits.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let kept: Vec<f32> = few.iter().map(LlamaTokenData::logit).collect();
            assert_eq!(kept, sorted[..40]);
            let picked = one_of(&mut chain(seed.into()), &mut few, true).unwrap();
            assert_eq!(
                picked,
                one_of(&mut chain(seed.into()), &mut all, false).unwrap()
            );
            different.insert(picked);
        }
        assert!(different.len() > 100, "the picks are all alike");
        let mut few = Vec::new();
        top(&[1.0, f32::NEG_INFINITY, 2.0], 5, &mut few);
        let kept: Vec<i32> = few.iter().map(|it| it.id().0).collect();
        assert_eq!(kept, [2, 0]);
        for place in 0..50 {
            let mut logits = vec![-2.0; 50];
            logits[place..].fill(-1.0);
            top(&logits, 1, &mut few);
            assert_eq!(
                usize::try_from(few[0].id().0),
                Ok(place),
                "the first of equals"
            );
        }
    }

    #[test]
    fn logprobs_are_the_logarithm_of_the_softmax() {
        let logits = [1.0, 3.0, 2.0, f32::NEG_INFINITY];
        let name = |token: LlamaToken| token.0.to_string().into_bytes();
        let told = logprob(&logits, LlamaToken::new(2), 2, name);
        let sum: f32 = logits.iter().map(|logit: &f32| logit.exp()).sum();
        assert!((told.logprob - (2.0_f32.exp() / sum).ln()).abs() < 1e-6);
        assert_eq!(told.bytes, b"2");
        let top: Vec<_> = told.top.iter().map(|(bytes, _)| bytes.as_slice()).collect();
        assert_eq!(top, [b"1", b"2"]);
        assert!((told.top[1].1 - told.logprob).abs() < 1e-6);
        assert!(logprob(&logits, LlamaToken::new(0), 0, name).top.is_empty());
    }
}
