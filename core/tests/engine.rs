//! The engine with a tiny random model: lifecycle, threads, cancelling, limits.
#![cfg(feature = "llama")]

mod support;

use std::ops::ControlFlow;

use cloister_core::engine::{Cancel, ChatOptions, Engine, EngineOptions, Message};

#[test]
fn smoke() {
    let engine = Engine::load(
        support::real_model(),
        &EngineOptions::default(),
        Some(&mut |p| {
            eprintln!("{p}");
            true
        }),
    )
    .unwrap();
    eprintln!("{:?}", engine.info());
    let t = std::time::Instant::now();
    let c = engine
        .chat(
            &[Message::new("user", "What is the capital of France?")],
            &ChatOptions {
                temperature: 0.0,
                ..Default::default()
            },
            &Cancel::new(),
            &mut |t| {
                eprint!("{t}");
                ControlFlow::Continue(())
            },
        )
        .unwrap();
    eprintln!("{c:?} {:?} {:?} {:?}", c.text, c.timings, t.elapsed());
    let f = support::tiny_model();
    std::fs::write("/tmp/tiny-engine.gguf", &f).unwrap();
    eprintln!("tiny {}", f.len());
    let engine = Engine::load("/tmp/tiny-engine.gguf", &EngineOptions::default(), None).unwrap();
    let c = engine
        .chat(
            &[Message::new("user", "the patient is")],
            &ChatOptions {
                temperature: 0.0,
                max_tokens: 50,
                ..Default::default()
            },
            &Cancel::new(),
            &mut |_| ControlFlow::Continue(()),
        )
        .unwrap();
    eprintln!("{:?}", c.text);
    eprintln!("{:#?}", cloister_core::isolation::report());
}
