//! What each wall but the scanner costs, as JSON lines `{"name", "value", "unit"}` for `make bench`. Times are medians of repeated runs on
//! one thread; nothing here passes or fails.

#![allow(
    clippy::print_stdout,
    reason = "printing the figures is what this program is for"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloister_core::access::Identity;
use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event};
use cloister_core::cipher::{Cipher, Key};
use cloister_core::engine::{Backend, Cancel, ChatOptions, Completion, Message};
use cloister_core::guard::{Guard, Session};
use cloister_core::{Classification, Result, Sensitive};

const NOTE: &str = include_str!("note.txt");

fn main() -> Result<()> {
    guard_overhead()?;
    audit()?;
    encryption()?;
    #[cfg(feature = "llama")]
    engine()?;
    Ok(())
}

fn report(name: &str, value: f64, unit: &str) {
    println!(
        "{}",
        serde_json::json!({ "name": name, "value": value, "unit": unit })
    );
}

/// The median time of `work` over about a second, at least five runs.
fn median(mut work: impl FnMut()) -> Duration {
    work();
    let begin = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || begin.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        work();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

fn throughput(name: &str, bytes: usize, work: impl FnMut()) {
    let seconds = median(work).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure of three digits")]
    report(name, bytes as f64 / seconds / 1e6, "MB/s");
}

/// A model that answers at once: what remains is the guard.
struct Instantaneous;

impl Backend for Instantaneous {
    fn name(&self) -> String {
        "instantaneous".to_owned()
    }

    fn chat(
        &self,
        _messages: &[Message],
        _options: &ChatOptions,
        _cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let text = "[NAME_1] should be seen today.";
        let _ = on_text(text);
        Ok(Completion {
            text: text.to_owned(),
            ..Completion::default()
        })
    }
}

fn guard_overhead() -> Result<()> {
    let folder = tempfile::tempdir()
        .map_err(|error| cloister_core::Error::io("no temporary folder", &error))?;
    let log = Arc::new(AuditLog::open(
        folder.path().join("audit.jsonl"),
        AuditOptions {
            durability: Durability::Os,
            ..AuditOptions::default()
        },
    )?);
    let guard = Guard::builder(Arc::new(Instantaneous)).audit(log).build()?;
    let identity = Identity {
        user: "bench".into(),
        role: "physician".into(),
    };
    let prompt: String = NOTE.chars().cycle().take(2048).collect();
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let mut session = Session::new(identity.clone())?;
        let start = Instant::now();
        black_box(guard.chat(
            &mut session,
            &prompt,
            &ChatOptions::default(),
            &Cancel::new(),
            &mut |_| ControlFlow::Continue(()),
        )?);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    report(
        "guard, 2 KB prompt with two audit records, p50",
        micros(times[times.len() / 2]),
        "µs",
    );
    report(
        "guard, 2 KB prompt with two audit records, p99",
        micros(times[times.len() * 99 / 100]),
        "µs",
    );
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn audit() -> Result<()> {
    const BATCH: u32 = 10_000;
    let folder = tempfile::tempdir()
        .map_err(|error| cloister_core::Error::io("no temporary folder", &error))?;
    let options = AuditOptions {
        key: Some(Sensitive::new(b"k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA".to_vec())),
        max_file_bytes: 0,
        durability: Durability::Os,
        ..AuditOptions::default()
    };
    let log = AuditLog::open(folder.path().join("audit.jsonl"), options)?;
    let mut event = Event {
        event_type: "llm_request".into(),
        user_id: "doctor@hospital.example".into(),
        action: "llm_interaction".into(),
        status: "success".into(),
        ..Event::default()
    };
    event.data.insert(
        "security".into(),
        serde_json::json!({ "pii_scrubbed": 4, "pii_types": ["ssn", "mrn", "phone", "name"] }),
    );
    let mut failed = false;
    let time = median(|| {
        for _ in 0..BATCH {
            failed |= log.record(&event).is_err();
        }
    });
    assert!(!failed, "the audit log refused a record");
    report(
        "audit records, keyed chain, handed to the system",
        f64::from(BATCH) / time.as_secs_f64(),
        "1/s",
    );
    let records = log.verify()?.records;
    let start = Instant::now();
    black_box(log.verify()?);
    #[expect(clippy::cast_precision_loss, reason = "a figure of three digits")]
    report(
        "audit verify",
        records as f64 / start.elapsed().as_secs_f64(),
        "1/s",
    );
    Ok(())
}

fn encryption() -> Result<()> {
    let cipher = Cipher::new(Key::generate()?);
    for (name, size) in [("encrypt 1 KiB", 1 << 10), ("encrypt 1 MiB", 1 << 20)] {
        let plaintext = vec![7; size];
        throughput(name, size, || {
            let _ = black_box(cipher.encrypt(&plaintext, Classification::Sensitive, b""));
        });
    }
    Ok(())
}

#[cfg(feature = "llama")]
fn engine() -> Result<()> {
    use cloister_core::engine::{Engine, EngineOptions};

    let Ok(path) = std::env::var("CLOISTER_TEST_MODEL") else {
        return Ok(());
    };
    let engine = Engine::load(path, &EngineOptions::default(), None)?;
    let prompt = [
        Message::new("user", NOTE.repeat(3)),
        Message::new("user", "Summarise the notes in a long text."),
    ];
    let options = ChatOptions {
        max_tokens: 128,
        seed: Some(1),
        ..ChatOptions::default()
    };
    let mut rates = Vec::new();
    for _ in 0..3 {
        let answer = engine.chat(&prompt, &options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })?;
        let rate = |tokens: u32, time: Duration| f64::from(tokens) / time.as_secs_f64();
        rates.push((
            rate(answer.usage.prompt_tokens, answer.timings.prompt),
            rate(answer.usage.completion_tokens, answer.timings.generation),
        ));
    }
    rates.sort_by(|a, b| a.1.total_cmp(&b.1));
    report("prompt evaluation, SmolLM2-135M", rates[1].0, "tokens/s");
    report("generation, SmolLM2-135M", rates[1].1, "tokens/s");
    Ok(())
}
