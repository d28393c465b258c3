//! One library for several CPUs: each build of llama.cpp's CPU backend that this CPU suits gives the same answer. The model is
//! the file that `CLOISTER_TEST_MODEL` names.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "how the second process answers")]

mod support;

use std::ops::ControlFlow;
use std::process::{Command, Output};

use cloister_core::engine::{Cancel, ChatOptions, Engine, EngineOptions, Message};
use cloister_core::isolation;
use serde_json::{Value, json};

/// A process computes with one build for as long as it lives, so that each needs one of its own.
const SECOND: &str = "CLOISTER_TEST_SECOND_PROCESS";

/// The second process of the tests below. Does nothing when run as a test among others.
#[test]
fn a_process_that_answers() {
    if std::env::var_os(SECOND).is_none() {
        return;
    }
    let path = support::real_model();
    let engine = match Engine::load(path, &EngineOptions::default(), None) {
        Ok(engine) => engine,
        Err(error) => {
            let reported = isolation::report().not_enforced;
            return println!(
                "\n{}",
                json!({ "error": error.to_string(), "reported": reported })
            );
        }
    };
    let messages = [Message::new("user", "Name the five senses.")];
    let options = ChatOptions {
        max_tokens: 8,
        temperature: 0.0,
        top_logprobs: Some(0),
        ..ChatOptions::default()
    };
    let done = engine
        .chat(&messages, &options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
    let report = isolation::report();
    let logprobs: Vec<f32> = done.logprobs.iter().map(|token| token.logprob).collect();
    println!(
        "\n{}",
        json!({
            "text": &*done.text, "logprobs": logprobs, "variant": report.cpu_variant, "features": report.cpu_features,
            "unused": report.cpu_features_unused,
        })
    );
}

/// What that process says with `CLOISTER_CPU` set so.
fn said_with(cpu: &str) -> Value {
    let Output { stdout, status, .. } = Command::new(std::env::current_exe().unwrap())
        .args(["a_process_that_answers", "--exact", "--nocapture"])
        .env(SECOND, "1")
        .env("CLOISTER_CPU", cpu)
        .output()
        .unwrap();
    assert!(status.success(), "{cpu}: {status}");
    let said = String::from_utf8(stdout).unwrap();
    let line = said.lines().find(|line| line.starts_with('{')).unwrap();
    serde_json::from_str(line).unwrap()
}

/// Those that this CPU suits, the best first.
fn variants() -> Vec<&'static str> {
    cloister_cpu::variants()
        .iter()
        .filter(|variant| variant.suits())
        .map(cloister_cpu::Variant::name)
        .chain(["baseline"])
        .collect()
}

#[test]
fn every_build_that_this_cpu_suits_gives_the_same_answer() {
    let numbers = |said: &Value| -> Vec<f64> {
        let logprobs = said["logprobs"].as_array().unwrap();
        logprobs.iter().map(|one| one.as_f64().unwrap()).collect()
    };
    let baseline = said_with("baseline");
    for name in variants() {
        let said = said_with(name);
        assert_eq!(said["variant"], name);
        assert_eq!(said["text"], baseline["text"], "{name}");
        let (ours, theirs) = (numbers(&said), numbers(&baseline));
        assert_eq!(ours.len(), theirs.len());
        for (one, other) in ours.iter().zip(theirs) {
            assert!((one - other).abs() < 0.1, "{name}: {one}, not {other}");
        }
    }
}

#[test]
fn the_best_build_is_taken_and_reported() {
    let said = said_with("");
    assert_eq!(said["variant"], variants()[0]);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        let wide =
            |said: &Value, list: &str| said[list].as_array().unwrap().contains(&json!("AVX512"));
        assert!(wide(&said, "features") && !wide(&said, "unused"));
        let baseline = said_with("baseline");
        assert!(!wide(&baseline, "features") && wide(&baseline, "unused"));
    }
}

#[test]
fn a_build_that_does_not_exist_is_refused_with_the_names_of_those_that_do() {
    let said = said_with("avx3 with a secret");
    let error = said["error"].as_str().unwrap();
    assert!(error.contains("`CLOISTER_CPU` names no build"), "{error}");
    assert!(
        error.contains("baseline") && !error.contains("secret"),
        "{error}"
    );
}
