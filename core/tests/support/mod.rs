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
    hyper_parameters(&mut writer, "llama");
    let vocabulary = vocabulary(&mut writer, &[], &[]);
    weights(&mut writer, vocabulary);
    change(&mut writer);
    writer.finish()
}

/// The tiny model with a vocabulary of `count` tokens more, as large as those of real models are.
pub(crate) fn tiny_model_of_words(count: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    hyper_parameters(&mut writer, "llama");
    writer.set("llama.context_length", Value::U32(4 * CONTEXT));
    let words: Vec<String> = (0..count).map(|word| format!("\u{2581}w{word}")).collect();
    let vocabulary = vocabulary(&mut writer, &[], &words);
    weights(&mut writer, vocabulary);
    writer.finish()
}

/// The tiny model with another template, and with control tokens of more texts.
pub(crate) fn tiny_model_of(template: &str, control: &[String]) -> Vec<u8> {
    let mut writer = Writer::default();
    hyper_parameters(&mut writer, "llama");
    let vocabulary = vocabulary(&mut writer, control, &[]);
    writer.set("tokenizer.chat_template", Value::text(template));
    weights(&mut writer, vocabulary);
    writer.finish()
}

/// A tiny model with a tokenizer of `count` tokens that `entries` describe, and a template that writes no control token.
pub(crate) fn tiny_model_around(entries: Vec<(String, Value)>, count: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    hyper_parameters(&mut writer, "llama");
    writer.entries.extend(entries);
    let template =
        "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}";
    writer.set("tokenizer.chat_template", Value::text(template));
    weights(&mut writer, count);
    writer.finish()
}

/// A tiny model whose every other layer sees the last 48 tokens only: architecture `gemma2`.
pub(crate) fn tiny_sliding_model() -> Vec<u8> {
    let mut writer = Writer::default();
    hyper_parameters(&mut writer, "gemma2");
    writer.set("gemma2.attention.sliding_window", Value::U32(48));
    let vocabulary = vocabulary(&mut writer, &[], &[]);
    weights(&mut writer, vocabulary);
    for block in 0..BLOCKS {
        for name in ["post_attention_norm", "post_ffw_norm"] {
            let name = format!("blk.{block}.{name}.weight");
            writer.tensor(&name, &[EMBEDDING], vec![1.0; EMBEDDING]);
        }
    }
    // This architecture has no output matrix of its own.
    writer.tensors.retain(|it| it.name != "output.weight");
    writer.finish()
}

/// A tiny model with a state instead of attention: architecture `mamba`.
pub(crate) fn tiny_recurrent_model() -> Vec<u8> {
    const KERNEL: usize = 4;
    const INNER: usize = 2 * EMBEDDING;
    const STATE: usize = 16;
    const RANK: usize = 2;
    let mut writer = Writer::default();
    hyper_parameters(&mut writer, "mamba");
    for (key, value) in [
        ("conv_kernel", KERNEL),
        ("inner_size", INNER),
        ("state_size", STATE),
        ("time_step_rank", RANK),
    ] {
        writer.set(&format!("mamba.ssm.{key}"), size(value));
    }
    let vocabulary = vocabulary(&mut writer, &[], &[]);
    let mut noise = Noise(0x2545_F491_4F6C_DD1D);
    outer_weights(&mut writer, vocabulary, &mut noise);
    for block in 0..BLOCKS {
        let mut tensor = |name: &str, dimensions: &[usize], values: Vec<f32>| {
            writer.tensor(&format!("blk.{block}.{name}"), dimensions, values);
        };
        let mut random = |dimensions: &[usize]| noise.many(dimensions.iter().product::<usize>());
        tensor("attn_norm.weight", &[EMBEDDING], vec![1.0; EMBEDDING]);
        for (name, dimensions) in [
            ("ssm_in.weight", &[EMBEDDING, 2 * INNER][..]),
            ("ssm_conv1d.weight", &[KERNEL, INNER]),
            ("ssm_conv1d.bias", &[INNER]),
            ("ssm_x.weight", &[INNER, RANK + 2 * STATE]),
            ("ssm_dt.weight", &[RANK, INNER]),
            ("ssm_dt.bias", &[INNER]),
            ("ssm_d", &[INNER]),
            ("ssm_out.weight", &[INNER, EMBEDDING]),
        ] {
            let values = random(dimensions);
            tensor(name, dimensions, values);
        }
        // Negative, so that the state fades.
        tensor("ssm_a", &[STATE, INNER], vec![-0.5; STATE * INNER]);
    }
    writer.finish()
}

/// The real model that the environment names.
pub(crate) fn real_model() -> PathBuf {
    let path = std::env::var_os("CLOISTER_TEST_MODEL").map(PathBuf::from);
    let path = path.expect("set CLOISTER_TEST_MODEL to a GGUF file of an instruction-tuned model");
    assert!(path.is_file(), "CLOISTER_TEST_MODEL does not name a file");
    path
}

fn size(value: usize) -> Value {
    Value::U32(u32::try_from(value).expect("a small number"))
}

fn hyper_parameters(writer: &mut Writer, architecture: &str) {
    writer.set("general.architecture", Value::text(architecture));
    writer.set("general.name", Value::text("tiny"));
    for (key, value) in [
        ("block_count", size(BLOCKS)),
        ("context_length", Value::U32(CONTEXT)),
        ("embedding_length", size(EMBEDDING)),
        ("feed_forward_length", size(FEED_FORWARD)),
        ("attention.head_count", Value::U32(HEADS)),
        ("attention.head_count_kv", Value::U32(HEADS / 2)),
        ("attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("rope.dimension_count", size(EMBEDDING / HEADS as usize)),
    ] {
        writer.set(&format!("{architecture}.{key}"), value);
    }
}

/// Writes the vocabulary, with further control tokens and words behind the others, and returns its length.
fn vocabulary(writer: &mut Writer, control: &[String], words: &[String]) -> usize {
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
    tokens.extend(control.iter().map(|text| (text.clone(), 0.0, MARK)));
    tokens.extend(words.iter().map(|text| (text.clone(), -1000.0, NORMAL)));
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

/// What stands before the first layer and behind the last one.
fn outer_weights(writer: &mut Writer, vocabulary: usize, noise: &mut Noise) {
    writer.tensor(
        "token_embd.weight",
        &[EMBEDDING, vocabulary],
        noise.many(EMBEDDING * vocabulary),
    );
    writer.tensor("output_norm.weight", &[EMBEDDING], vec![1.0; EMBEDDING]);
    let mut output = noise.many(EMBEDDING * vocabulary);
    output[..EMBEDDING * CONTROL.len()].fill(0.0);
    writer.tensor("output.weight", &[EMBEDDING, vocabulary], output);
}

fn weights(writer: &mut Writer, vocabulary: usize) {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let narrow = EMBEDDING / 2;
    outer_weights(writer, vocabulary, &mut noise);
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

    /// Numbers between -0.5 and 0.5.
    pub(crate) fn many(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            let bits = u16::try_from(self.bits() >> 48).expect("16 bits");
            f32::from(bits) / 32768.0 - 1.0
        };
        (0..count).map(|_| next() * 0.5).collect()
    }
}
