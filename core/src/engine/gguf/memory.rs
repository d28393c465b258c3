//! What a model will take of the memory, from its header alone.

use super::Header;
use super::hyper::Hyper;

/// Bytes of a number in the cache of keys and values, and in the states of recurrent layers.
const CACHED: u64 = 2;
const STATE: u64 = 4;
/// Places of the cache come in groups of this many.
const CACHE_STEP: u64 = 256;
/// Graphs, stacks and whatever else does not grow with the model.
const FIXED: u64 = 16 << 20;
/// What the tables of the tokenizer have per token.
const TOKEN: u64 = 320;

/// How a model is to be used.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Demand {
    /// Context window in tokens, shared by all sequences.
    pub(in super::super) context_tokens: u32,
    /// Tokens per evaluation.
    pub(in super::super) batch: u32,
    /// Requests that are answered at the same time.
    pub(in super::super) sequences: u32,
}

/// What loading a model would take of the memory, in bytes. Calculated from the header of its file; the sum is meant as an
/// upper bound that is seldom far above what is then used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryEstimate {
    /// The weights. They are mapped from the file, and shared with other processes that map it.
    pub weights_bytes: u64,
    /// Keys and values of the whole context window, and the states of recurrent layers.
    pub cache_bytes: u64,
    /// Buffers for one evaluation.
    pub compute_bytes: u64,
}

impl MemoryEstimate {
    /// All of it.
    pub fn total_bytes(&self) -> u64 {
        self.weights_bytes
            .saturating_add(self.cache_bytes)
            .saturating_add(self.compute_bytes)
    }
}

impl Header {
    /// The context window that the model was trained with, in tokens.
    pub(in super::super) fn training_context(&self) -> u32 {
        self.hyper()
            .and_then(|hyper| u32::try_from(hyper.integer("context_length")?).ok())
            .unwrap_or(0)
    }

    /// What using the model that way takes.
    pub(in super::super) fn memory(&self, demand: &Demand) -> MemoryEstimate {
        let (cache_bytes, compute_bytes) = self.hyper().map_or((0, 0), |hyper| {
            (cache(&hyper, demand), self.compute(&hyper, demand))
        });
        MemoryEstimate {
            weights_bytes: self.weights,
            cache_bytes,
            compute_bytes,
        }
    }

    fn hyper(&self) -> Option<Hyper<'_>> {
        Hyper::of(&self.entries).ok()
    }

    /// One evaluation: activations of a layer and the mask of the attention for each token, logits for each sequence, and the
    /// tables of the tokenizer.
    fn compute(&self, hyper: &Hyper<'_>, demand: &Demand) -> u64 {
        let batch = u64::from(demand.batch.min(demand.context_tokens));
        let width = hyper.integer("embedding_length").unwrap_or(0);
        let inner = (0..hyper.blocks())
            .filter_map(|layer| hyper.of_layer("feed_forward_length", layer))
            .max()
            .unwrap_or(0);
        let heads = hyper.of_layer("attention.head_count", 0).unwrap_or(0);
        let (keys, values) = hyper.head_lengths("");
        let row = 6 * width
            + 3 * inner
            + 2 * heads * (keys + values)
            + 2 * u64::from(demand.context_tokens);
        let logits = 2 * u64::from(demand.sequences) * self.tokens;
        batch
            .saturating_mul(row)
            .saturating_add(logits)
            .saturating_mul(4)
            .saturating_add(self.tokens * TOKEN)
            .saturating_add(FIXED)
    }
}

/// Keys and values of every layer that attends, and the states of every layer that recurs.
fn cache(hyper: &Hyper<'_>, demand: &Demand) -> u64 {
    let places = u64::from(demand.context_tokens).next_multiple_of(CACHE_STEP);
    let sequences = u64::from(demand.sequences);
    // A window is kept once per sequence, and what is being evaluated beside it.
    let window = hyper
        .integer("attention.sliding_window")
        .filter(|window| *window > 0)
        .map(|window| (window * sequences + u64::from(demand.batch)).next_multiple_of(CACHE_STEP));
    let interval = hyper.integer("full_attention_interval");
    let states = states(hyper) * STATE * sequences;
    let mut bytes = 0_u64;
    for layer in 0..hyper.blocks() {
        let attends = interval.is_none_or(|it| (layer as u64 + 1).is_multiple_of(it));
        let heads = hyper
            .of_layer("attention.head_count_kv", layer)
            .or_else(|| hyper.of_layer("attention.head_count", layer))
            .unwrap_or(0);
        let windowed = hyper.of_layer("attention.sliding_window_pattern", layer) == Some(1)
            && hyper.integer("attention.sliding_window_pattern").is_none();
        let (keys, values) = hyper.head_lengths(if windowed { "_swa" } else { "" });
        let places = match window {
            Some(window) if windowed => window.min(places),
            _ => places,
        };
        if attends {
            bytes = bytes.saturating_add(heads * (keys + values) * places * CACHED);
        }
        if !attends || heads == 0 || interval.is_none() {
            bytes = bytes.saturating_add(states);
        }
    }
    bytes
}

/// Numbers in the state of a recurrent layer.
fn states(hyper: &Hyper<'_>) -> u64 {
    let size = |name: &str| hyper.integer(name).unwrap_or(0);
    let width = size("embedding_length");
    if let Some(head) = hyper.integer("wkv.head_size") {
        return width * (head + size("token_shift_count"));
    }
    let (inner, state) = (size("ssm.inner_size"), size("ssm.state_size"));
    let history = size("ssm.conv_kernel").saturating_sub(1);
    let convolved = history * (inner + 2 * size("ssm.group_count") * state);
    let short = size("shortconv.l_cache").saturating_sub(1) * width;
    inner * state + convolved + short
}
