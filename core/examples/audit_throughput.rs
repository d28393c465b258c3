//! How many records a second the audit log takes and checks, how fast the cipher is, and what an access decision costs.
//!
//! `cargo run --release --no-default-features --example audit_throughput [directory]`

#![expect(clippy::print_stdout, reason = "an example reports on standard output")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use cloister_core::access::{AccessControl, permission};
use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event};
use cloister_core::cipher::{Cipher, Key};
use cloister_core::{Classification, Result};
use serde_json::json;

const RECORDS: u32 = 200_000;
const DURABLE_RECORDS: u32 = 500;
const ROUNDS: u32 = 3;

fn main() -> Result<()> {
    let directory = match std::env::args_os().nth(1) {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    }
    .map_err(|error| cloister_core::Error::io("cannot create a directory", &error))?;

    for round in 0..ROUNDS {
        let path = directory.path().join(format!("audit-{round}.jsonl"));
        let log = write(&path, Durability::Os, 1, RECORDS)?;
        let start = Instant::now();
        let found = log.verify()?;
        assert!(found.is_intact() && found.records == u64::from(RECORDS));
        report("verified, keyed", RECORDS, start);
        drop(std::fs::remove_file(&path));

        write(
            &directory.path().join(format!("shared-{round}.jsonl")),
            Durability::Os,
            4,
            RECORDS / 4,
        )?;
        write(
            &directory.path().join(format!("durable-{round}.jsonl")),
            Durability::Each,
            1,
            DURABLE_RECORDS,
        )?;
        encrypt(1 << 10, 200_000)?;
        encrypt(1 << 20, 400)?;
        decide(2_000_000)?;
        println!();
    }
    Ok(())
}

fn write(path: &Path, durability: Durability, threads: u32, each: u32) -> Result<AuditLog> {
    let options = AuditOptions {
        key: Some(Key::generate()?.as_bytes()?.to_vec().into()),
        durability,
        ..AuditOptions::default()
    };
    let log = AuditLog::open(path, options)?;
    let event = event();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| (0..each).try_for_each(|_| log.record(&event).map(drop))))
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| writer.join().expect("a writer panicked"))
    })?;
    report(
        &format!("written, {durability:?}, {threads} threads"),
        threads * each,
        start,
    );
    Ok(log)
}

fn event() -> Event {
    let data = json!({
        "security": {"pii_scrubbed": 4, "pii_types": ["ssn", "mrn", "phone", "name"], "secrets_detected": 0},
        "performance": {"duration_ms": 1234, "tokens_used": 500},
    });
    Event {
        event_type: "llm_request".to_owned(),
        user_id: "doctor@hospital.com".to_owned(),
        session_id: "ses_0123456789abcdef".to_owned(),
        action: "llm_interaction".to_owned(),
        status: "success".to_owned(),
        data: data.as_object().cloned().unwrap_or_default(),
        ..Event::default()
    }
}

fn encrypt(size: u32, times: u32) -> Result<()> {
    let cipher = Cipher::new(Key::generate()?);
    let plaintext = vec![0xA5; size as usize];
    let start = Instant::now();
    for _ in 0..times {
        black_box(cipher.encrypt(&plaintext, Classification::Sensitive, b"record 7")?);
    }
    let rate = f64::from(size) * f64::from(times) / start.elapsed().as_secs_f64() / 1e6;
    println!("encrypted, {size} bytes each: {rate:.0} MB/s");
    Ok(())
}

fn decide(times: u32) -> Result<()> {
    let access = AccessControl::new();
    for role in ["nurse", "physician", "auditor", "billing"] {
        access.add_role(role, &[permission::READ_PHI, permission::WRITE_PHI])?;
    }
    let start = Instant::now();
    for _ in 0..times {
        access.require(black_box("physician"), black_box(permission::READ_PHI))?;
    }
    let each = start.elapsed().as_secs_f64() * 1e9 / f64::from(times);
    println!("access decision: {each:.0} ns");
    Ok(())
}

fn report(what: &str, count: u32, start: Instant) {
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    println!("{what}: {rate:.0} records/s");
}
