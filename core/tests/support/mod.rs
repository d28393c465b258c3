//! A tiny language model, written by the tests themselves: llama architecture, random weights, a `SentencePiece`
//! vocabulary with a token per byte, and a `ChatML` template. The same file on every machine.
//!
//! Its greedy answers are noise that never ends by itself: the output rows of its end tokens are zero.

#![allow(
    dead_code,
    reason = "each test program that includes this module uses its own part of it"
)]

pub(crate) mod gguf;

use std::path::PathBuf;

use gguf::{Value, Writer};

/// The jinja template that most small models have.
pub(crate) const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content \
    + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// Tokens of context that the tiny model was "trained" on.
pub(crate) const CONTEXT: u32 = 2048;

const EMBEDDING: usize = 32;
const FEED_FORWARD: usize = 64;
const BLOCKS: usize = 2;
const HEADS: u32 = 4;
const CONTROL: [&str; 5] = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"];
const WORDS: [&str; 16] = [
    "▁",
    "e",
    "t",
    "a",
    "o",
    "n",
    "▁the",
    "▁patient",
    "▁is",
    "▁and",
    "▁a",
    "▁of",
    "is",
    "he",
    "an",
    "é",
];

/// The bytes of the tiny model.
pub(crate) fn tiny_model() -> Vec<u8> {
    tiny_model_with(|_| {})
}

/// The bytes of the tiny model after `change` has had its way with the header.
pub(crate) fn tiny_model_with(change: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    hyper_parameters(&mut writer);
    let vocabulary = vocabulary(&mut writer);
    weights(&mut writer, vocabulary);
    change(&mut writer);
    writer.finish()
}

/// The real model that the environment names.
pub(crate) fn real_model() -> PathBuf {
    let path = std::env::var_os("CLOISTER_TEST_MODEL").map(PathBuf::from);
    let path = path.expect("set CLOISTER_TEST_MODEL to a GGUF file of an instruction-tuned model");
    assert!(path.is_file(), "CLOISTER_TEST_MODEL does not name a file");
    path
}

fn hyper_parameters(writer: &mut Writer) {
    let size = |value: usize| Value::U32(u32::try_from(value).expect("a small number"));
    writer.set("general.architecture", Value::text("llama"));
    writer.set("general.name", Value::text("tiny"));
    writer.set("llama.block_count", size(BLOCKS));
    writer.set("llama.context_length", Value::U32(CONTEXT));
    writer.set("llama.embedding_length", size(EMBEDDING));
    writer.set("llama.feed_forward_length", size(FEED_FORWARD));
    writer.set("llama.attention.head_count", Value::U32(HEADS));
    writer.set("llama.attention.head_count_kv", Value::U32(HEADS / 2));
    writer.set("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5));
    writer.set(
        "llama.rope.dimension_count",
        size(EMBEDDING / HEADS as usize),
    );
}

/// Writes the vocabulary and returns its length.
fn vocabulary(writer: &mut Writer) -> usize {
    const NORMAL: i32 = 1;
    const UNKNOWN: i32 = 2;
    const MARK: i32 = 3;
    const BYTE: i32 = 6;
    let mut tokens: Vec<(String, f32, i32)> = Vec::new();
    for (index, text) in CONTROL.into_iter().enumerate() {
        let kind = if index == 0 { UNKNOWN } else { MARK };
        tokens.push((text.into(), 0.0, kind));
    }
    for byte in 0..=u8::MAX {
        tokens.push((format!("<0x{byte:02X}>"), 0.0, BYTE));
    }
    for (index, text) in WORDS.into_iter().enumerate() {
        let rank = u16::try_from(index).expect("a small number");
        tokens.push((text.into(), f32::from(rank) - 100.0, NORMAL));
    }
    let count = tokens.len();
    let texts = tokens.iter().map(|token| token.0.clone()).collect();
    let scores = tokens.iter().map(|token| token.1).collect();
    let kinds = tokens.iter().map(|token| token.2).collect();
    writer.set("tokenizer.ggml.model", Value::text("llama"));
    writer.set("tokenizer.ggml.tokens", Value::Texts(texts));
    writer.set("tokenizer.ggml.scores", Value::F32s(scores));
    writer.set("tokenizer.ggml.token_type", Value::I32s(kinds));
    writer.set("tokenizer.ggml.unknown_token_id", Value::U32(0));
    writer.set("tokenizer.ggml.bos_token_id", Value::U32(1));
    writer.set("tokenizer.ggml.eos_token_id", Value::U32(4));
    writer.set("tokenizer.ggml.add_bos_token", Value::Bool(true));
    writer.set("tokenizer.chat_template", Value::text(CHAT_TEMPLATE));
    count
}

fn weights(writer: &mut Writer, vocabulary: usize) {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let narrow = EMBEDDING / 2;
    writer.tensor(
        "token_embd.weight",
        &[EMBEDDING, vocabulary],
        noise.many(EMBEDDING * vocabulary),
    );
    writer.tensor("output_norm.weight", &[EMBEDDING], vec![1.0; EMBEDDING]);
    let mut output = noise.many(EMBEDDING * vocabulary);
    output[..EMBEDDING * CONTROL.len()].fill(0.0);
    writer.tensor("output.weight", &[EMBEDDING, vocabulary], output);
    for block in 0..BLOCKS {
        let mut matrix = |name: &str, columns: usize, rows: usize| {
            let values = noise.many(columns * rows);
            writer.tensor(
                &format!("blk.{block}.{name}.weight"),
                &[columns, rows],
                values,
            );
        };
        matrix("attn_q", EMBEDDING, EMBEDDING);
        matrix("attn_k", EMBEDDING, narrow);
        matrix("attn_v", EMBEDDING, narrow);
        matrix("attn_output", EMBEDDING, EMBEDDING);
        matrix("ffn_gate", EMBEDDING, FEED_FORWARD);
        matrix("ffn_up", EMBEDDING, FEED_FORWARD);
        matrix("ffn_down", FEED_FORWARD, EMBEDDING);
        for name in ["attn_norm", "ffn_norm"] {
            writer.tensor(
                &format!("blk.{block}.{name}.weight"),
                &[EMBEDDING],
                vec![1.0; EMBEDDING],
            );
        }
    }
}

/// Pseudo-random numbers that are the same everywhere (Marsaglia, Xorshift RNGs, 2003).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit as u64).expect("less than a usize")
    }

    fn many(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            let bits = u16::try_from(self.bits() >> 48).expect("16 bits");
            f32::from(bits) / 32768.0 - 1.0
        };
        (0..count).map(|_| next() * 0.5).collect()
    }
}
