//! What the audit log costs: one thread without waiting for the disk, one and many writers that wait for it, verification.
//!
//! Prints a JSON line each; `cargo bench -p cloister-core --bench audit --no-default-features`. With `-- durable` it measures the
//! writers that wait for the disk alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]
#![allow(clippy::cast_precision_loss, reason = "rates need no more digits")]

use std::time::{Duration, Instant};

use cloister_core::audit::{
    AuditLog, AuditOptions, Durability, Event, Expected, SigningKey, verify_against,
};
use serde_json::json;

const KEY: [u8; 32] = *b"k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";

fn event() -> Event {
    let data = json!({
        "llm": {"provider": "local", "model": "smollm2", "empathy_level": 3, "temperature": 0.7},
        "security": {"pii_detected": 2, "pii_scrubbed": 2, "secrets_detected": 0, "sanitization_applied": true},
        "request": {"size_bytes": 1200, "duration_ms": 350},
    });
    Event {
        event_type: "llm_request".to_owned(),
        user_id: "doctor@hospital.com".to_owned(),
        session_id: "ses_0123456789abcdef".to_owned(),
        action: "llm_interaction".to_owned(),
        status: "success".to_owned(),
        data: data.as_object().unwrap().clone(),
        ..Event::default()
    }
}

/// Processor time of this process so far, user and system, in clock ticks of 10 ms.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .skip(11)
        .take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / 100.0
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// One figure as a JSON line.
fn row(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}

/// Records per second of `threads` writers that make `each` records: of processor time, and by the clock.
fn rates(
    durability: Durability,
    signing_key: Option<&SigningKey>,
    threads: u32,
    each: u32,
) -> (f64, f64) {
    let directory = tempfile::tempdir_in(".").unwrap();
    let options = AuditOptions {
        durability,
        signing_key: signing_key.cloned(),
        key: Some(KEY.to_vec().into()),
        max_file_bytes: 0,
        ..AuditOptions::default()
    };
    let path = directory.path().join("audit.jsonl");
    let log = AuditLog::open(&path, options).unwrap();
    let event = event();
    let (before, began) = (processor(), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..each).for_each(|_| drop(log.record(&event).unwrap())));
        }
    });
    let clock = began.elapsed().as_secs_f64();
    log.close().unwrap();
    let spent = processor() - before;
    if signing_key.is_some() {
        verify(&path, signing_key);
    }
    let records = f64::from(threads * each);
    (records / spent, records / clock)
}

fn verify(path: &std::path::Path, signing_key: Option<&SigningKey>) {
    let public = signing_key.map(SigningKey::public_key);
    let expected = Expected {
        key: Some(&KEY),
        public_key: public.as_ref(),
        checkpoints: &[],
    };
    let before = processor();
    let found = verify_against(path, &expected).unwrap();
    assert!(found.is_intact());
    let rate = found.records as f64 / (processor() - before);
    row("audit: verify, keyed and signed", rate, "events/s");
}

fn main() {
    if !std::env::args().any(|it| it == "durable") {
        one_thread();
    }
    durable();
}

fn one_thread() {
    let interval = Durability::Interval(Duration::from_millis(50));
    let key = SigningKey::generate("bench").unwrap();
    for (name, durability, key) in [
        ("audit: one thread, os, keyed", Durability::Os, None),
        (
            "audit: one thread, os, keyed, signed",
            Durability::Os,
            Some(&key),
        ),
        ("audit: one thread, interval, keyed", interval, None),
    ] {
        row(name, rates(durability, key, 1, 300_000).0, "events/s");
    }
}

fn durable() {
    // By turns: what the disk does changes from one second to the next, and the ratio with it.
    let turn = |_| {
        let (_, one) = rates(Durability::Group, None, 1, 500);
        let (spent, many) = rates(Durability::Group, None, 64, 1000);
        (one, many, many / one, 1e6 / spent)
    };
    let turns: Vec<_> = (0..7).map(turn).collect();
    row(
        "audit: durable, 1 writer, by the clock",
        median(turns.iter().map(|it| it.0)),
        "events/s",
    );
    row(
        "audit: durable, 64 writers, by the clock",
        median(turns.iter().map(|it| it.1)),
        "events/s",
    );
    row(
        "audit: durable, 64 writers over one",
        median(turns.iter().map(|it| it.2)),
        "x",
    );
    row(
        "audit: durable, 64 writers, processor time for each",
        median(turns.iter().map(|it| it.3)),
        "µs",
    );
    // Writers who wait cannot be faster than one write for all of them and then the processor time of each.
    let cores = std::thread::available_parallelism().unwrap().get() as f64;
    let most = |it: &(f64, f64, f64, f64)| {
        let sync = 1e6 / it.0;
        64.0 * sync / (sync + 64.0 * it.3 / cores)
    };
    row(
        "audit: durable, 64 writers over one, at most with this disk and these cores",
        median(turns.iter().map(most)),
        "x",
    );
}
