//! Model files that are damaged, hostile or no models at all: each gives an error or loads, and none ends the process.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use cloister_core::engine::{Cancel, ChatOptions, Engine, EngineOptions, Message};
use cloister_core::{Kind, Result};
use support::gguf::{Value, Writer};
use support::{Noise, tiny_model, tiny_model_with};
use tempfile::TempDir;

/// Names the folder for the second process.
const FOLDER: &str = "CLOISTER_TEST_MODEL_FOLDER";

fn options() -> EngineOptions {
    EngineOptions {
        context_tokens: 64,
        threads: 1,
        ..EngineOptions::default()
    }
}

fn load(bytes: &[u8]) -> Result<Engine> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, bytes).unwrap();
    Engine::load(path, &options(), None)
}

/// The error of a tiny model whose header was changed.
fn refusal(change: impl FnOnce(&mut Writer)) -> (Kind, String) {
    let error = load(&tiny_model_with(change)).expect_err("the file should be refused");
    (error.kind(), error.message().to_owned())
}

/// Uses a model in every way.
fn exercise(path: &Path) -> Result<()> {
    let engine = Engine::load(path, &options(), None)?;
    let greedy = ChatOptions {
        max_tokens: 4,
        temperature: 0.0,
        ..ChatOptions::default()
    };
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    engine.chat(
        &[Message::new("user", "the patient")],
        &greedy,
        &Cancel::new(),
        go_on,
    )?;
    engine.generate(
        "is an é",
        &ChatOptions {
            max_tokens: 4,
            ..ChatOptions::default()
        },
        &Cancel::new(),
        go_on,
    )?;
    engine.embed("the patient is")?;
    Ok(())
}

/// The second process: tries every file of a folder. Does nothing when run as a test among others.
#[test]
fn every_file_of_a_folder_is_tried() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        // What stays behind after a crash names the file that caused it.
        let trying = file.with_extension("trying");
        fs::rename(&file, &trying).unwrap();
        let _ = exercise(&trying);
        fs::remove_file(trying).unwrap();
    }
}

/// Tries files in a second process, which must survive all of them and print nothing of llama.cpp's.
fn survive(files: impl IntoIterator<Item = Vec<u8>>) {
    let folder = TempDir::new().unwrap();
    for (index, bytes) in files.into_iter().enumerate() {
        fs::write(folder.path().join(format!("{index:06}.gguf")), bytes).unwrap();
    }
    // One that never ends is as bad as one that ends the process.
    let output = Command::new("timeout")
        .arg("300")
        .arg(std::env::current_exe().unwrap())
        .args(["every_file_of_a_folder_is_tried", "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with("trying"))
        .collect();
    if !left.is_empty()
        && let Some(keep) = std::env::var_os("CLOISTER_TEST_KEEP")
    {
        let _ = fs::copy(folder.path().join(&left[0]), keep);
    }
    assert!(
        output.status.success(),
        "{left:?} ended the process: {printed}"
    );
    assert_eq!(printed, "", "something was printed");
}

/// Where the weights begin.
fn header_length(model: &[u8]) -> usize {
    let last = b"blk.1.ffn_norm.weight";
    let name = model
        .windows(last.len())
        .position(|window| window == last)
        .unwrap();
    (name + last.len() + 4 + 8 + 4 + 8).next_multiple_of(32)
}

#[test]
fn the_tiny_model_loads() {
    let engine = load(&tiny_model()).unwrap();
    assert_eq!(engine.info().name, "tiny");
    assert_eq!(engine.info().architecture, "llama");
    assert_eq!(engine.info().context_tokens, 64);
    assert_eq!(engine.info().training_context_tokens, support::CONTEXT);
    assert!(engine.info().has_chat_template);
}

#[test]
fn a_missing_file_is_not_found() {
    let error = Engine::load("/nonexistent/model.gguf", &options(), None).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(!error.message().contains("nonexistent"));
}

#[test]
fn a_folder_is_no_model() {
    let folder = TempDir::new().unwrap();
    let error = Engine::load(folder.path(), &options(), None).unwrap_err();
    assert_eq!(error.kind(), Kind::Model);
}

#[test]
fn a_file_of_another_kind_is_no_model() {
    for bytes in [
        &b""[..],
        b"G",
        b"GGUF",
        b"PK\x03\x04 a zip file, which is no model either",
    ] {
        let error = load(bytes).unwrap_err();
        assert_eq!(error.kind(), Kind::Model);
        assert!(error.message().contains("not a GGUF file"), "{error}");
    }
}

#[test]
fn random_bytes_are_no_model() {
    let mut noise = Noise(7);
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend((0..4096).map(|_| noise.bits().to_le_bytes()[3]));
    assert_eq!(load(&bytes).unwrap_err().kind(), Kind::Model);
    survive((0..200).map(|seed| {
        let mut noise = Noise(seed + 1);
        let mut bytes = b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
        bytes.extend((0..512).map(|_| noise.bits().to_le_bytes()[5] & 0x1F));
        bytes
    }));
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let model = tiny_model();
    let header = header_length(&model);
    let ends = (0..header)
        .step_by(61)
        .chain((header..model.len()).step_by(4099));
    for end in ends {
        let error = load(&model[..end]).expect_err("a truncated file loaded");
        assert_eq!(error.kind(), Kind::Model, "{end}: {error}");
    }
}

#[test]
fn flipped_bits_in_the_header_never_end_the_process() {
    let model = tiny_model();
    let header = header_length(&model);
    // For longer searches: how many files, and which.
    let number =
        |name: &str, default| std::env::var(name).map_or(default, |it| it.parse().unwrap());
    let files = number("CLOISTER_TEST_FLIPS", 1200);
    let mut noise = Noise(number("CLOISTER_TEST_SEED", 42));
    survive((0..files).map(|_| {
        let mut bytes = model.clone();
        for _ in 0..=noise.below(2) {
            bytes[noise.below(header)] ^= 1 << noise.below(8);
        }
        bytes
    }));
}

/// Names of hyper-parameters that llama.cpp reads for some architecture.
const HYPER_PARAMETERS: [&str; 34] = [
    "attention.causal",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.key_length_mla",
    "attention.kv_lora_rank",
    "attention.layer_norm_epsilon",
    "attention.q_lora_rank",
    "attention.scale",
    "attention.shared_kv_layers",
    "attention.sliding_window",
    "attention.sliding_window_pattern",
    "attention.value_length",
    "block_count",
    "embedding_length",
    "embedding_length_out",
    "expert_count",
    "expert_feed_forward_length",
    "expert_group_count",
    "expert_used_count",
    "feed_forward_length",
    "full_attention_interval",
    "interleave_moe_layer_step",
    "leading_dense_block_count",
    "logit_scale",
    "nextn_predict_layers",
    "pooling_type",
    "rope.dimension_count",
    "rope.dimension_sections",
    "rope.freq_base",
    "rope.scaling.factor",
    "rope.scaling.type",
    "ssm.group_count",
    "vocab_size",
];

/// Architectures that the tiny model's tensors fit, or nearly.
const ARCHITECTURES: [&str; 24] = [
    "arcee",
    "baichuan",
    "bitnet",
    "chameleon",
    "cohere2",
    "command-r",
    "deci",
    "deepseek2",
    "exaone",
    "gemma",
    "gemma3",
    "granite",
    "internlm2",
    "llama",
    "llama-embed",
    "llama4",
    "mamba2",
    "mistral3",
    "olmo",
    "orion",
    "qwen2",
    "qwen3",
    "smollm3",
    "xverse",
];

#[test]
fn hyper_parameters_of_any_kind_never_end_the_process() {
    let number =
        |name: &str, default| std::env::var(name).map_or(default, |it| it.parse().unwrap());
    let files = number("CLOISTER_TEST_FLIPS", 300);
    let mut noise = Noise(number("CLOISTER_TEST_SEED", 44));
    let value = |noise: &mut Noise| {
        let some = [
            0,
            1,
            2,
            3,
            4,
            5,
            7,
            8,
            16,
            31,
            32,
            33,
            64,
            255,
            512,
            1 << 20,
            1 << 31,
            u32::MAX,
        ];
        let some = some[noise.below(some.len())];
        match noise.below(8) {
            0 => Value::F32(f32::from_bits(some)),
            1 => Value::F32([0.0, -1.0, 1e-30, 1e30][noise.below(4)]),
            2 => Value::I32s(vec![some.cast_signed(); 1 + noise.below(4)]),
            3 => Value::Bool(some % 2 == 1),
            4 => Value::text(["none", "yarn", "longrope", "linear"][noise.below(4)]),
            _ => Value::U32(some),
        }
    };
    survive((0..files).map(|_| {
        tiny_model_with(|writer| {
            let name = ARCHITECTURES[noise.below(ARCHITECTURES.len())];
            for entry in &mut writer.entries {
                entry.0 = entry.0.replace("llama.", &format!("{name}."));
            }
            writer.set("general.architecture", Value::text(name));
            for _ in 0..noise.below(4) {
                let key = HYPER_PARAMETERS[noise.below(HYPER_PARAMETERS.len())];
                writer.set(&format!("{name}.{key}"), value(&mut noise));
            }
        })
    }));
}

#[test]
fn flipped_bits_in_the_weights_never_end_the_process() {
    let model = tiny_model();
    let header = header_length(&model);
    let mut noise = Noise(43);
    survive((0..60).map(|_| {
        let mut bytes = model.clone();
        for _ in 0..1000 {
            let place = header + noise.below(model.len() - header);
            bytes[place] ^= 1 << noise.below(8);
        }
        bytes
    }));
}

#[test]
fn weights_that_are_not_numbers_are_an_error() {
    let mut model = tiny_model();
    let header = header_length(&model);
    for number in model[header..].chunks_exact_mut(4) {
        number.copy_from_slice(&f32::NAN.to_le_bytes());
    }
    let engine = load(&model).unwrap();
    let options = ChatOptions::default();
    let error = engine
        .generate("the", &options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Model);
    assert_eq!(engine.embed("the").unwrap_err().kind(), Kind::Model);
}

#[test]
fn hyper_parameters_that_no_model_has_are_refused() {
    for (key, value) in [
        ("llama.block_count", Value::U32(513)),
        ("llama.block_count", Value::U32(0)),
        ("llama.block_count", Value::text("2")),
        ("llama.embedding_length", Value::U32(u32::MAX)),
        ("llama.attention.head_count", Value::U32(u32::MAX)),
        ("llama.attention.head_count_kv", Value::U32(3)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            Value::F32(f32::NAN),
        ),
        ("llama.context_length", Value::U32(0)),
        ("general.alignment", Value::U32(0)),
        ("general.alignment", Value::U32(48)),
        ("general.alignment", Value::text("32")),
        ("general.architecture", Value::text("../../etc")),
        ("split.count", Value::U32(2)),
    ] {
        let (kind, message) = refusal(|writer| writer.set(key, value));
        assert_eq!(kind, Kind::Model, "{key}: {message}");
        assert!(
            message.starts_with("the model file is unusable: "),
            "{key}: {message}"
        );
    }
}

#[test]
fn a_vocabulary_that_does_not_hold_together_is_refused() {
    for (key, value) in [
        ("tokenizer.ggml.tokens", Value::I32s(vec![1; 277])),
        ("tokenizer.ggml.tokens", Value::Texts(Vec::new())),
        ("tokenizer.ggml.tokens", Value::Texts(vec!["a".into(); 277])),
        ("tokenizer.ggml.scores", Value::I32s(vec![1; 277])),
        ("tokenizer.ggml.scores", Value::F32s(vec![1.0; 3])),
        ("tokenizer.ggml.token_type", Value::I32s(vec![1; 3])),
        ("tokenizer.ggml.merges", Value::I32s(vec![1; 3])),
        ("tokenizer.ggml.bos_token_id", Value::U32(277)),
        ("tokenizer.ggml.eos_token_id", Value::text("2")),
    ] {
        let (kind, message) = refusal(|writer| writer.set(key, value));
        assert_eq!(kind, Kind::Model, "{key}: {message}");
        assert!(
            message.starts_with("the model file is unusable: "),
            "{key}: {message}"
        );
    }
}

#[test]
fn tensors_that_lie_about_themselves_are_refused() {
    type Change = fn(&mut Writer);
    let changes: [Change; 9] = [
        |writer| writer.tensors[0].dimensions = vec![u64::MAX, 2],
        |writer| writer.tensors[0].dimensions = vec![1 << 32, 1 << 32],
        |writer| writer.tensors[0].dimensions = vec![0, 277],
        |writer| writer.tensors[0].dimensions = vec![1; 5],
        |writer| writer.tensors[0].kind = 4,
        |writer| writer.tensors[0].kind = u32::MAX,
        |writer| writer.tensors[0].shift = 1 << 40,
        |writer| writer.tensors[1].name = writer.tensors[0].name.clone(),
        |writer| writer.tensors.clear(),
    ];
    for change in changes {
        let (kind, message) = refusal(change);
        assert_eq!(kind, Kind::Model, "{message}");
        assert!(
            message.starts_with("the model file is unusable: "),
            "{message}"
        );
    }
}

#[test]
fn a_key_that_appears_twice_is_refused() {
    let twice = |writer: &mut Writer| {
        writer
            .entries
            .push(("general.name".into(), Value::text("x")));
    };
    assert_eq!(refusal(twice).0, Kind::Model);
}

#[test]
fn an_architecture_that_llama_cpp_does_not_know_is_refused() {
    let (kind, message) = refusal(|writer| {
        for entry in &mut writer.entries {
            entry.0 = entry.0.replace("llama.", "unheard-of.");
        }
        writer.set("general.architecture", Value::text("unheard-of"));
    });
    assert_eq!(kind, Kind::Model);
    assert!(message.contains("architecture"), "{message}");
}

#[test]
fn more_context_than_the_model_was_trained_on_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, tiny_model()).unwrap();
    let options = EngineOptions {
        context_tokens: support::CONTEXT + 1,
        ..EngineOptions::default()
    };
    let error = Engine::load(&path, &options, None).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgument);
}

#[test]
fn loading_reports_progress_and_can_be_aborted() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, tiny_model()).unwrap();
    let mut seen = Vec::new();
    let mut watch = |share| {
        seen.push(share);
        true
    };
    Engine::load(&path, &options(), Some(&mut watch)).unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&1.0), "{seen:?}");
    let error = Engine::load(&path, &options(), Some(&mut |_| false)).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}
