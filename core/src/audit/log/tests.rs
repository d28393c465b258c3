//! What a fork, a clock that is set, and a panic leave of a log.

use super::super::{Query, query};
use super::*;

fn log_in(directory: &tempfile::TempDir) -> AuditLog {
    let options = AuditOptions {
        durability: Durability::Os,
        ..AuditOptions::default()
    };
    AuditLog::open(directory.path().join("audit.jsonl"), options).unwrap()
}

/// What a fork leaves in the child: another process id, and perhaps a mutex that nobody there will ever unlock.
#[test]
fn a_forked_child_does_not_wait_for_a_mutex_that_it_inherited() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(&directory);
    let config = &log.shared.config;
    log.record(&Event::default()).unwrap();
    let held = lock(&log.shared.end().unwrap().writer);
    for child in [u32::MAX - 1, u32::MAX] {
        let end = log.shared.ends.of_process(child, config);
        let id = end.ids.lock().unwrap().next().unwrap();
        let line = Event::default().line(Timestamp::now(), id).unwrap();
        end.queue
            .commit(&line, &end.writer, &config.options)
            .unwrap();
        assert!(std::ptr::eq(end, log.shared.ends.of_process(child, config)));
    }
    drop(held);
    log.record(&Event::default()).unwrap();
    let found = log.verify().unwrap();
    assert!(found.is_intact() && found.records == 4, "{found:?}");
}

/// Clocks are set, and machines sleep: what orders records is their number.
#[test]
fn a_clock_that_steps_back_neither_breaks_the_chain_nor_hides_a_record() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(&directory);
    let end = log.shared.end().unwrap();
    let now = Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    for step in [0, 2, -5, 1, -30_000, 0] {
        let id = end.ids.lock().unwrap().next().unwrap();
        let line = Event::default().line(now + hour * step, id).unwrap();
        end.queue
            .commit(&line, &end.writer, &log.shared.config.options)
            .unwrap();
    }
    assert!(log.verify().unwrap().is_intact());
    let since = |moment: Timestamp| {
        let wanted = Query {
            since: Some(moment.to_string()),
            ..Query::default()
        };
        log.query(&wanted).unwrap().len()
    };
    assert_eq!((since(now - hour), since(now - hour * 40_000)), (4, 6));
    let numbers: Vec<u64> = log
        .query(&Query::default())
        .unwrap()
        .iter()
        .map(|record| record["chain"]["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}

/// Whatever the clock did, and whether the beginning, the end, neither or both are given.
#[test]
fn a_period_found_by_the_index_is_the_one_that_reading_everything_finds() {
    let directory = tempfile::tempdir().unwrap();
    let options = AuditOptions {
        durability: Durability::Os,
        max_file_bytes: 20_000,
        ..AuditOptions::default()
    };
    let log = AuditLog::open(directory.path().join("audit.jsonl"), options).unwrap();
    let end = log.shared.end().unwrap();
    let config = &log.shared.config;
    let began: Timestamp = "2024-02-29T23:58:30Z".parse().unwrap();
    let moments: Vec<Timestamp> = (0..600_i64)
        .map(|n| {
            // Forwards by 20 s each, but back by an hour at every 97th and to before 1970 once.
            let seconds = if n == 333 {
                -2_000_000_000
            } else {
                20 * n - n / 97 * 3600
            };
            began + jiff::SignedDuration::from_secs(seconds)
        })
        .collect();
    for moment in &moments {
        let id = end.ids.lock().unwrap().next().unwrap();
        let line = Event::default().line(*moment, id).unwrap();
        end.queue
            .commit(&line, &end.writer, &config.options)
            .unwrap();
    }
    assert!(config.names.rotated().unwrap().len() > 5);
    let mut found_some = 0;
    for n in (0..600).step_by(7) {
        for length in [0, 1, 59, 60, 3600, 90_000] {
            let (from, to) = (
                moments[n],
                moments[n] + jiff::SignedDuration::from_secs(length),
            );
            for (since, until) in [(Some(from), Some(to)), (Some(from), None), (None, Some(to))] {
                let wanted = Query {
                    since: since.map(|it| it.to_string()),
                    until: until.map(|it| it.to_string()),
                    limit: n % 3 * 5,
                    newest_first: n % 2 == 0,
                    ..Query::default()
                };
                let found = log.query(&wanted).unwrap();
                assert_eq!(
                    found,
                    query::run(&config.names, &wanted).unwrap(),
                    "{wanted:?}"
                );
                let is_in = |it: &&Timestamp| {
                    since.is_none_or(|since| **it >= since)
                        && until.is_none_or(|until| **it <= until)
                };
                let there = moments.iter().filter(is_in).count();
                let limit = if wanted.limit == 0 {
                    usize::MAX
                } else {
                    wanted.limit
                };
                assert_eq!(found.len(), there.min(limit), "{wanted:?}");
                found_some += usize::from(there > 0 && there < 600);
            }
        }
    }
    assert!(found_some > 1000, "{found_some}");
}

#[test]
fn the_log_works_on_after_a_panic_in_a_writing_thread() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(&directory);
    std::thread::scope(|scope| {
        let panicking = scope.spawn(|| {
            let _held = lock(&log.shared.end().unwrap().writer);
            panic!("while writing");
        });
        assert!(panicking.join().is_err());
    });
    log.record(&Event::default()).unwrap();
    assert!(log.verify().unwrap().is_intact());
}
