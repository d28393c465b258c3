//! What it takes to find one user, one patient, one hour and one nested member among ten million records: making the index, its
//! memory, its size, and each query after that.
//!
//! `cargo bench -p cloister-core --bench audit_query --no-default-features -- [records] [one-file]`. Needs 5 GB of disk. With
//! `one-file` the log is never rotated. The records bear the time at which they are written; under `faketime -f '+0 x100000'` ten
//! million of them spread over weeks.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::time::Instant;

use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event, Query};
use serde_json::json;

/// An hour may have all records, which would be more than the memory holds.
const OF_AN_HOUR: usize = 10_000;
/// So that one user has a hundred records of ten million.
const USERS: u64 = 100_000;

fn event(n: u64) -> Event {
    let data = json!({
        "security": {"pii_scrubbed": 2, "pii_types": ["ssn", "name"], "secrets_detected": 0},
        "performance": {"duration_ms": n * 7883 % USERS, "tokens_used": 512},
        "subject_id": format!("patient:{}", n * 7907 % USERS),
    });
    Event {
        event_type: "llm_request".to_owned(),
        // Spread, so that the records of a user lie far from each other.
        user_id: format!("user-{}@hospital.example", n * 7919 % USERS),
        session_id: format!("ses_{:016x}", n / 20),
        action: "llm_interaction".to_owned(),
        status: "success".to_owned(),
        data: data.as_object().unwrap().clone(),
        ..Event::default()
    }
}

/// Resident memory of this process in MB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1024.0
}

/// Processor time of this process so far, user and system, in clock ticks of 10 ms.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let times = stat.rsplit(')').next().unwrap();
    let ticks = times.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / 100.0
}

/// One figure as a JSON line.
fn row(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}

/// Two hundred queries, each of which finds as many.
fn measure(of: &str, records: u64, ask: impl Fn(u64) -> u64) {
    let before = processor();
    let mut times: Vec<f64> = (1..=200)
        .map(|n| {
            let began = Instant::now();
            assert_eq!(ask(n * 499 % USERS), records / USERS);
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let name = format!("query: {of} among {records} records, processor time");
    row(&name, (processor() - before) * 1e3 / 200.0, "ms");
    times.sort_by(f64::total_cmp);
    for (what, at) in [("median", 100), ("worst", 199)] {
        let name = format!("query: {of} among {records} records, {what}");
        row(&name, times[at], "ms");
    }
}

fn main() {
    let given = std::env::args().find_map(|argument| argument.parse().ok());
    let records: u64 = given.unwrap_or(10_000_000);
    let directory = tempfile::tempdir_in(".").unwrap();
    let one_file = std::env::args().any(|it| it == "one-file");
    let options = || AuditOptions {
        durability: Durability::Os,
        max_file_bytes: if one_file { 0 } else { 100 << 20 },
        ..AuditOptions::default()
    };
    let path = directory.path().join("audit.jsonl");
    let log = AuditLog::open(&path, options()).unwrap();
    for n in 0..records {
        log.record(&event(n)).unwrap();
    }
    drop(log);

    let log = AuditLog::open(&path, options()).unwrap();
    let before = resident();
    let began = Instant::now();
    let ask = |user: u64| {
        let query = Query {
            user_id: Some(format!("user-{user}@hospital.example")),
            ..Query::default()
        };
        log.query(&query).unwrap().len() as u64
    };
    assert_eq!(ask(0), records / USERS);
    row(
        "query: the first one, which makes the index",
        began.elapsed().as_secs_f64(),
        "s",
    );
    row(
        "query: resident memory of the index",
        resident() - before,
        "MB",
    );
    let about = |patient: u64| {
        let query = Query {
            filters: vec![("subject_id".to_owned(), format!("patient:{patient}").into())],
            ..Query::default()
        };
        log.query(&query).unwrap().len() as u64
    };
    measure("one user", records, ask);
    measure("one patient", records, about);
    measure("one value of a nested member", records, |n| {
        count(&log, "performance__duration_ms", n)
    });
    measure("the largest value of a nested member", records, |_| {
        count(&log, "performance__duration_ms__gt", USERS - 2)
    });
    row_of_sizes(&path, records);
    measure_hours(&log, records);
    let began = Instant::now();
    assert_eq!(count(&log, "performance__tokens_used", 513), 0);
    row(
        "query: a nested member that no record has",
        began.elapsed().as_secs_f64() * 1e3,
        "ms",
    );
    let began = Instant::now();
    assert_eq!(count(&log, "chain__seq__gt", records), 0);
    row(
        "query: a filter that is not indexed, which reads everything",
        began.elapsed().as_secs_f64() * 1e3,
        "ms",
    );
}

/// Records with a member.
fn count(log: &AuditLog, name: &str, value: u64) -> u64 {
    let query = Query {
        filters: vec![(name.to_owned(), value.into())],
        ..Query::default()
    };
    log.query(&query).unwrap().len() as u64
}

/// What the index takes on the disk for each record that it is of.
fn row_of_sizes(path: &std::path::Path, records: u64) {
    let size = |path: &std::path::Path| path.metadata().map_or(0, |found| found.len());
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let log_bytes: u64 = beside
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| size(&path))
        .sum();
    let mut directory = path.as_os_str().to_owned();
    directory.push(".index");
    let (mut index_bytes, mut covered) = (0, std::collections::HashMap::new());
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (first, end) = name.split_once('-').unwrap();
        let ends: &mut Vec<u64> = covered.entry(first.to_owned()).or_default();
        ends.push(end.parse().unwrap());
        index_bytes += size(&path);
    }
    let covered: u64 = covered.values().filter_map(|ends| ends.iter().max()).sum();
    if covered > 0 {
        let records = records as f64 * covered as f64 / log_bytes as f64;
        let each = index_bytes as f64 / records;
        row("query: index on the disk", each, "bytes/record");
    }
}

/// The first records of the hours that begin with the first record of twenty users.
fn measure_hours(log: &AuditLog, records: u64) {
    let hour = |since: &str| {
        let begin: jiff::Timestamp = since.parse().unwrap();
        let query = Query {
            since: Some(since.to_owned()),
            until: Some((begin + jiff::SignedDuration::from_hours(1)).to_string()),
            limit: OF_AN_HOUR,
            ..Query::default()
        };
        log.query(&query).unwrap()
    };
    let mut times = Vec::new();
    let mut found = 0;
    for user in 0..20 {
        let query = Query {
            user_id: Some(format!("user-{}@hospital.example", user * 4999 % USERS)),
            limit: 1,
            ..Query::default()
        };
        let of_user = log.query(&query).unwrap();
        let since = of_user[0]["timestamp"].as_str().unwrap();
        let began = Instant::now();
        found += hour(since).len();
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    row(
        "query: first records of an hour, mean",
        found as f64 / 20.0,
        "records",
    );
    for (what, at) in [("median", 10), ("worst", 19)] {
        row(
            &format!("query: the first of one hour among {records} records, {what}"),
            times[at],
            "ms",
        );
    }
}
