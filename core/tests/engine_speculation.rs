//! Tokens that are tried because they followed the same words before: the answer stays the model's own.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use cloister_core::engine::{
    Cancel, ChatOptions, Completion, Engine, EngineOptions, Format, Message, Timings,
};
use tempfile::TempDir;

/// Lines of which a model goes on to write more: all words of the next can be drafted from the last, but for its numbers.
const LIST: &str = "1. The patient in bed 1 sleeps well and has no pain.\n\
                    2. The patient in bed 2 sleeps well and has no pain.\n\
                    3. The patient in bed 3 sleeps well and has no pain.\n4.";

fn load(path: &Path, no_speculation: bool) -> Engine {
    let options = EngineOptions {
        threads: 1,
        no_speculation,
        ..EngineOptions::default()
    };
    Engine::load(path, &options, None).unwrap()
}

/// Two engines of one model, the first with drafts.
fn pair(model: &[u8]) -> [Engine; 2] {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, model).unwrap();
    [false, true].map(|off| load(&path, off))
}

fn real_pair() -> [Engine; 2] {
    let path = support::real_model();
    [false, true].map(|off| load(&path, off))
}

fn options() -> ChatOptions {
    ChatOptions {
        max_tokens: 100,
        temperature: 0.0,
        top_logprobs: Some(3),
        // The real model's tokens for an end: whether it goes on shall not hang on last digits.
        logit_bias: vec![(0, -100.0), (2, -100.0)],
        ..ChatOptions::default()
    }
}

fn generate(engine: &Engine, prompt: &str, options: &ChatOptions) -> Completion {
    engine
        .generate(prompt, options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap()
}

/// How many tokens two answers have in common from the first on, and how far the log-probabilities of these lie apart, on
/// average. Where two tokens are equally likely, the last digits decide, and these differ with what shares a batch.
fn agreement(one: &Completion, other: &Completion) -> (usize, f32) {
    let pairs = one.logprobs.iter().zip(&other.logprobs);
    let apart: Vec<f32> = pairs
        .take_while(|(a, b)| a.bytes == b.bytes)
        .map(|(a, b)| (a.logprob - b.logprob).abs())
        .collect();
    let sum: f32 = apart.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "they are hundreds at most")]
    let mean = sum / apart.len().max(1) as f32;
    (apart.len(), mean)
}

/// Asserts that the real model computed two answers alike, for at least so many tokens.
fn assert_alike(one: &Completion, other: &Completion, least: usize) {
    let (same, apart) = agreement(one, other);
    assert!(same >= least && apart < 0.2, "{same} tokens, {apart} apart");
}

#[test]
fn an_answer_with_drafts_is_the_answer_without() {
    let [with, without] = real_pair();
    let drafted = generate(&with, LIST, &options());
    let plain = generate(&without, LIST, &options());
    let tried = drafted.timings;
    assert!(tried.accepted >= 40, "{tried:?}");
    assert!(
        tried.drafted > tried.accepted,
        "none was taken back: {tried:?}"
    );
    assert_eq!((plain.timings.drafted, plain.timings.accepted), (0, 0));
    assert_alike(&drafted, &plain, 15);
}

#[test]
fn every_kind_of_cache_gives_back_what_was_not_picked() {
    let prompt = "ab ab ab cd ab cd ab ab cd ef ab cd ".repeat(4);
    let (mut kept, mut taken_back, mut compared) = (0, 0, 0);
    for model in [support::tiny_model(), support::tiny_sliding_model()] {
        let [with, without] = pair(&model);
        for seed in 0..12 {
            let chosen = ChatOptions {
                temperature: [0.0, 0.5, 0.8][seed as usize % 3],
                seed: Some(seed),
                top_k: 0,
                top_p: 1.0,
                min_p: 0.0,
                ..options()
            };
            let drafted = generate(&with, &prompt, &chosen);
            let Timings {
                drafted: tried,
                accepted,
                ..
            } = drafted.timings;
            taken_back += tried - accepted;
            kept += accepted;
            let (same, apart) = agreement(&drafted, &generate(&without, &prompt, &chosen));
            assert!(same > 0 && apart < 0.01, "{same} tokens, {apart} apart");
            compared += same;
        }
    }
    assert!(
        kept > 100 && taken_back > 5 && compared > 1000,
        "{kept} kept, {taken_back} taken back, {compared} compared: a test that sees nothing"
    );
    let [with, _] = pair(&support::tiny_recurrent_model());
    let plain = generate(&with, &prompt, &options());
    assert_eq!(plain.timings.drafted, 0, "its state cannot go back");
}

#[test]
fn a_conversation_goes_on_behind_drafts_that_were_taken_back() {
    let [with, without] = real_pair();
    let mut messages = vec![Message::new(
        "user",
        format!("Go on with this list:\n{LIST}"),
    )];
    let chat = |engine: &Engine, messages: &[Message], cache: Option<&str>| {
        let options = ChatOptions {
            cache: cache.map(str::to_owned),
            max_tokens: 60,
            ..options()
        };
        engine
            .chat(messages, &options, &Cancel::new(), &mut |_| {
                ControlFlow::Continue(())
            })
            .unwrap()
    };
    let first = chat(&with, &messages, Some("ward"));
    assert!(
        first.timings.drafted > first.timings.accepted,
        "{:?}",
        first.timings
    );
    messages.push(Message::new("assistant", &first.text));
    messages.push(Message::new("user", "Who is in bed 3?"));
    let second = chat(&with, &messages, Some("ward"));
    let evaluated = first.usage.prompt_tokens + first.usage.completion_tokens;
    assert!(
        second.usage.cached_tokens >= evaluated - 2,
        "{:?}",
        second.usage
    );
    assert_alike(&second, &chat(&without, &messages, None), 3);
}

#[test]
fn limits_stops_and_formats_hold_within_a_draft() {
    let [with, _] = real_pair();
    for max_tokens in [1, 2, 3, 11, 12, 13] {
        let limited = ChatOptions {
            max_tokens,
            ..options()
        };
        let usage = generate(&with, LIST, &limited).usage;
        assert_eq!(usage.completion_tokens, max_tokens);
    }
    let stopped = ChatOptions {
        stop: vec!["sleeps".into()],
        ..options()
    };
    let text = generate(&with, LIST, &stopped).text;
    assert!(text.ends_with("The patient in bed 4 "), "{text:?}");
    let formatted = ChatOptions {
        format: Format::Regex("( The patient in bed [0-9] sleeps[a-z ]*\\.\n?[0-9]\\.){3}".into()),
        ..options()
    };
    let formatted = generate(&with, LIST, &formatted);
    assert!(formatted.timings.accepted > 0, "{:?}", formatted.timings);
    assert_eq!(
        formatted.text.matches("The patient in bed").count(),
        3,
        "{:?}",
        formatted.text
    );
}

#[test]
fn a_seed_gives_the_same_answer_with_drafts() {
    let [with, _] = real_pair();
    let seeded = ChatOptions {
        temperature: 0.7,
        seed: Some(7),
        ..options()
    };
    let first = generate(&with, LIST, &seeded);
    assert!(first.timings.accepted > 0, "{:?}", first.timings);
    assert_eq!(generate(&with, LIST, &seeded).text, first.text);
}

#[test]
fn many_at_once_draft_each_for_itself() {
    let [with, without] = real_pair();
    let plain = generate(&without, LIST, &options());
    thread::scope(|scope| {
        let asked: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| generate(&with, LIST, &options())))
            .collect();
        for asked in asked {
            assert_alike(&asked.join().unwrap(), &plain, 10);
        }
    });
}
