//! A model that is changed by an adapter.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use base16ct::lower;
use cloister_core::cipher::{Cipher, Key};
use cloister_core::engine::{
    Adapter, Cancel, ChatOptions, Completion, Engine, EngineOptions, Message, Require, Trust,
};
use cloister_core::{Error, Kind};
use sha2::{Digest, Sha256};
use support::Noise;
use support::gguf::{Value, Writer};
use tempfile::TempDir;

const EMBEDDING: usize = 32;
const RANK: usize = 4;
const ALPHA: f32 = 8.0;
const TARGET: &str = "blk.1.attn_q.weight";

/// Both matrices of the adapter of `TARGET`: each row of the first as long as the embedding, each of the second as the rank.
fn matrices() -> (Vec<f32>, Vec<f32>) {
    let mut noise = Noise(0x1234_5678_9ABC_DEF1);
    let many = |noise: &mut Noise| noise.many(RANK * EMBEDDING);
    (many(&mut noise), many(&mut noise))
}

fn adapter_with(change: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let (a, b) = matrices();
    let mut writer = Writer::default();
    writer.set("general.type", Value::text("adapter"));
    writer.set("general.architecture", Value::text("llama"));
    writer.set("adapter.type", Value::text("lora"));
    writer.set("adapter.lora.alpha", Value::F32(ALPHA));
    writer.tensor(&format!("{TARGET}.lora_a"), &[EMBEDDING, RANK], a);
    writer.tensor(&format!("{TARGET}.lora_b"), &[RANK, EMBEDDING], b);
    change(&mut writer);
    writer.finish()
}

/// The tiny model after what the adapter adds was added to its weights.
fn merged(scale: f32) -> Vec<u8> {
    let (a, b) = matrices();
    support::tiny_model_with(|writer| {
        let weight = writer.tensors.iter_mut().find(|it| it.name == TARGET);
        let values = &mut weight.unwrap().values;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let factor = scale * ALPHA / RANK as f32;
        for (row, values) in values.chunks_exact_mut(EMBEDDING).enumerate() {
            for (column, value) in values.iter_mut().enumerate() {
                let products = (0..RANK).map(|it| b[row * RANK + it] * a[it * EMBEDDING + column]);
                *value += factor * products.sum::<f32>();
            }
        }
    })
}

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder }
    }

    /// A file of its own for each: what is mapped must not be written to.
    fn write(&self, bytes: &[u8]) -> PathBuf {
        let count = fs::read_dir(self.folder.path()).unwrap().count();
        let path = self.folder.path().join(format!("{count}.gguf"));
        fs::write(&path, bytes).unwrap();
        path
    }

    fn load(&self, model: &[u8], adapter: Option<Adapter>, trust: Trust) -> Result<Engine, Error> {
        let options = EngineOptions {
            threads: 1,
            adapter,
            trust,
            ..EngineOptions::default()
        };
        Engine::load(self.write(model), &options, None)
    }

    fn adapted(&self, adapter: &[u8], scale: f32) -> Result<Engine, Error> {
        let mut adapter = Adapter::new(self.write(adapter));
        adapter.scale = scale;
        self.load(&support::tiny_model(), Some(adapter), Trust::default())
    }
}

fn ask(engine: &Engine, cache: Option<&str>) -> Completion {
    let options = ChatOptions {
        max_tokens: 4,
        temperature: 0.0,
        top_logprobs: Some(20),
        cache: cache.map(str::to_owned),
        ..ChatOptions::default()
    };
    let question = [Message::new("user", "Is the patient in pain?")];
    engine
        .chat(&question, &options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap()
}

/// The largest difference between the log-probabilities of a rank of the first token.
fn distance(one: &Engine, other: &Engine) -> f32 {
    let [one, other] = [one, other].map(|it| ask(it, None).logprobs[0].top.clone());
    let pairs = one.iter().zip(&other);
    pairs.map(|(a, b)| (a.1 - b.1).abs()).fold(0.0, f32::max)
}

#[test]
fn a_model_with_an_adapter_answers_like_one_into_which_it_was_merged() {
    let files = Files::new();
    let plain = files.adapted(&adapter_with(|_| {}), 0.0).unwrap();
    for scale in [1.0, -0.5] {
        let adapted = files.adapted(&adapter_with(|_| {}), scale).unwrap();
        let merged = files.load(&merged(scale), None, Trust::default()).unwrap();
        assert!(distance(&adapted, &merged) < 0.01);
        assert!(
            distance(&adapted, &plain) > 0.05,
            "the adapter does nothing"
        );
        // The context of the second answer is a new one.
        assert!(distance(&adapted, &merged) < 0.01);
    }
}

#[test]
fn an_adapter_is_verified_like_its_model() {
    let files = Files::new();
    let (model, bytes) = (support::tiny_model(), adapter_with(|_| {}));
    let digest = |bytes: &[u8]| lower::encode_string(&Sha256::digest(bytes));
    let path = files.write(&bytes);
    let trust = Trust {
        require: Require::Hash,
        sha256: Some(digest(&model)),
        ..Trust::default()
    };
    let load = |sha256: Option<String>| {
        let adapter = Adapter {
            sha256,
            ..Adapter::new(&path)
        };
        files.load(&model, Some(adapter), trust.clone())
    };
    for refused in [None, Some(digest(&model))] {
        let error = load(refused).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error}");
    }
    let engine = load(Some(digest(&bytes))).unwrap();
    let found = &engine.info().provenance;
    assert_eq!(found.verified, Require::Hash);
    assert_eq!(found.adapter_sha256, Some(digest(&bytes)));
    // What is required of the one is required of both.
    let unpinned = Trust {
        require: Require::None,
        ..trust.clone()
    };
    let engine = files.load(&model, Some(Adapter::new(&path)), unpinned);
    assert_eq!(engine.unwrap().info().provenance.verified, Require::None);
}

#[test]
fn an_adapter_that_does_not_fit_is_refused() {
    let files = Files::new();
    let wrong: [(&str, Vec<u8>); 11] = [
        ("model", support::tiny_model()),
        (
            "kind",
            adapter_with(|it| it.set("adapter.type", Value::text("control"))),
        ),
        (
            "architecture",
            adapter_with(|it| it.set("general.architecture", Value::text("gemma2"))),
        ),
        (
            "alpha",
            adapter_with(|it| it.set("adapter.lora.alpha", Value::text("8"))),
        ),
        (
            "wide alpha",
            adapter_with(|it| {
                it.set(
                    "adapter.lora.alpha",
                    Value::Raw(12, 8_f64.to_le_bytes().to_vec()),
                );
            }),
        ),
        (
            "tokens",
            adapter_with(|it| it.set("adapter.alora.invocation_tokens", Value::I32s(vec![1]))),
        ),
        ("half", adapter_with(|it| drop(it.tensors.pop()))),
        (
            "other",
            adapter_with(|it| it.tensor("output_norm.weight", &[EMBEDDING], vec![1.0; EMBEDDING])),
        ),
        (
            "rank",
            adapter_with(|it| it.tensors[1].dimensions = vec![EMBEDDING as u64, RANK as u64]),
        ),
        (
            "no such weight",
            adapter_with(|it| {
                for tensor in &mut it.tensors {
                    tensor.name = tensor.name.replace("blk.1", "blk.7");
                }
            }),
        ),
        ("cut off", {
            let mut bytes = adapter_with(|_| {});
            bytes.truncate(bytes.len() - 300);
            bytes
        }),
    ];
    for (what, bytes) in wrong {
        let error = files.adapted(&bytes, 1.0).unwrap_err();
        assert_eq!(error.kind(), Kind::Model, "{what}: {error}");
        assert!(error.message().contains("adapter"), "{what}: {error}");
    }
    for scale in [f32::NAN, f32::INFINITY, 1e9] {
        let error = files.adapted(&adapter_with(|_| {}), scale).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
}

#[test]
fn a_conversation_that_was_saved_without_an_adapter_does_not_go_on_with_one() {
    let files = Files::new();
    let cipher = Cipher::new(Key::generate().unwrap());
    let plain = files.load(&support::tiny_model(), None, Trust::default());
    let plain = plain.unwrap();
    ask(&plain, Some("ward"));
    let saved = plain.save("ward", &cipher).unwrap();
    let adapted = files.adapted(&adapter_with(|_| {}), 1.0).unwrap();
    let error = adapted.restore("ward", &cipher, &saved).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    let own = {
        ask(&adapted, Some("ward"));
        adapted.save("ward", &cipher).unwrap()
    };
    assert!(adapted.restore("ward 2", &cipher, &own).is_ok());
    let weaker = files.adapted(&adapter_with(|_| {}), 0.5).unwrap();
    let error = weaker.restore("ward", &cipher, &own).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
}
