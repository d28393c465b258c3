//! Stretches: whatever their size, and whatever happens to what is on the disk, the index finds what a reading finds.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::query::{run, run_with};
use super::super::{AuditLog, AuditOptions, Durability, Event, Query};
use super::*;

fn record(log: &AuditLog, numbers: Range<u64>) {
    for n in numbers {
        let data = json!({
            "detail": {"number": n, "kind": if n % 97 == 5 { "rare" } else { "usual" }},
            "subject_id": format!("patient:{}", n % 31),
            "text": "x".repeat(usize::try_from(n * n % 700).unwrap()),
        });
        let event = Event {
            event_type: format!("type{}", n % 3),
            user_id: format!("user{}", n * 7 % 41),
            session_id: format!("ses{}", n / 9),
            data: data.as_object().unwrap().clone(),
            ..Event::default()
        };
        log.record(&event).unwrap();
    }
}

fn queries() -> Vec<Query> {
    let user = |n: u64| Query {
        user_id: Some(format!("user{n}")),
        ..Query::default()
    };
    let filter = |name: &str, value: Value| Query {
        filters: vec![(name.to_owned(), value)],
        ..Query::default()
    };
    let mut queries = vec![
        user(3),
        user(40),
        user(99),
        filter("subject_id", json!("patient:7")),
        filter("detail__kind", json!("rare")),
        filter("detail__kind", json!("usual")),
        filter("detail__number__gt", json!(1100)),
        filter("detail__number__lt", json!(9)),
        filter("detail__number", json!(555)),
        filter("detail__other__ne", json!(1)),
        Query {
            since: Some("2020-01-01".to_owned()),
            ..filter("detail__kind", json!("rare"))
        },
        Query {
            until: Some("2020-01-01".to_owned()),
            ..Query::default()
        },
        Query {
            event_type: Some("type1".to_owned()),
            ..filter("detail__number__gte", json!(600))
        },
    ];
    for (limit, newest_first) in [(0, true), (3, false), (3, true)] {
        let likewise: Vec<Query> = queries[..13]
            .iter()
            .map(|query| Query {
                limit,
                newest_first,
                ..query.clone()
            })
            .collect();
        queries.extend(likewise);
    }
    queries
}

struct Fixture {
    _directory: tempfile::TempDir,
    names: Names,
    log: AuditLog,
}

fn fixture(max_file_bytes: u64) -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = AuditOptions {
        durability: Durability::Os,
        max_file_bytes,
        ..AuditOptions::default()
    };
    Fixture {
        names: Names::new(&path).unwrap(),
        log: AuditLog::open(&path, options).unwrap(),
        _directory: directory,
    }
}

impl Fixture {
    fn asks(&self, index: &mut Index, sealing: Sealing<'_>) {
        for query in queries() {
            let read = run(&self.names, &query).unwrap();
            assert_eq!(
                run_with(&self.names, index, &query, sealing).unwrap(),
                read,
                "{query:?}"
            );
        }
    }

    fn index(&self, stretch: u64, is_lasting: bool) -> Index {
        Index {
            is_lasting,
            stretch,
            ..Index::lasting(&self.names)
        }
    }

    fn on_disk(&self) -> Vec<PathBuf> {
        let found = fs::read_dir(self.names.index()).into_iter().flatten();
        found.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn stretches_of_every_size_find_what_is_there_and_what_is_added() {
    for (stretch, max_file_bytes) in [
        (1, 60_000),
        (3_000, 0),
        (20_000, 60_000),
        (8_192, 0),
        (1 << 30, 0),
    ] {
        let fixture = fixture(max_file_bytes);
        let mut lasting = fixture.index(stretch, true);
        for round in 0..3 {
            record(&fixture.log, round * 400..(round + 1) * 400);
            fixture.asks(&mut lasting, Sealing::Open);
            fixture.asks(&mut fixture.index(stretch, false), Sealing::Open);
            // Another process, which finds what lies on the disk.
            fixture.asks(&mut fixture.index(stretch, true), Sealing::Open);
            assert!(
                lasting
                    .files
                    .iter()
                    .all(|file| file.end.size() < stretch.max(1))
            );
        }
        let files = fixture.names.rotated().unwrap().len();
        assert!(lasting.files.len() <= files + 1);
        let stored = fixture.on_disk().len();
        match stretch {
            1 => assert!(stored >= 1200, "{stored}"),
            3_000 | 8_192 => assert!(stored > 40, "{stored}"),
            20_000 => assert!(stored > 2 * files && files > 5, "{stored} of {files}"),
            _ => assert_eq!(stored, 0),
        }
    }
}

#[test]
fn what_was_altered_cut_or_taken_away_meanwhile_is_made_anew() {
    let fixture = fixture(0);
    record(&fixture.log, 0..1200);
    let mut lasting = fixture.index(20_000, true);
    fixture.asks(&mut lasting, Sealing::Open);
    let paths = fixture.on_disk();
    assert!(paths.len() > 20);
    for turn in 0..3_usize {
        for (at, path) in paths.iter().enumerate() {
            let mut bytes = fs::read(path).unwrap();
            match (at + turn) % 3 {
                0 => fs::remove_file(path).unwrap(),
                1 => fs::write(path, &bytes[..bytes.len() * (turn + 1) / 4]).unwrap(),
                _ => {
                    // Not in the header, which is looked at only once: in the terms.
                    bytes[400..600].fill(0);
                    fs::write(path, bytes).unwrap();
                }
            }
        }
        fixture.asks(&mut lasting, Sealing::Open);
        fixture.asks(&mut fixture.index(20_000, true), Sealing::Open);
        fixture.asks(&mut fixture.index(20_000, false), Sealing::Open);
    }
}

#[test]
fn what_cannot_be_stored_is_held_up_to_a_bound_and_then_read() {
    let fixture = fixture(60_000);
    record(&fixture.log, 0..1200);
    for held in [0, 20_000, HELD] {
        let mut index = Index {
            held,
            ..fixture.index(10_000, true)
        };
        fixture.asks(&mut index, Sealing::Unknown);
        let bytes: usize = index.files.iter().map(Known::held).sum();
        assert!(
            bytes <= held && (bytes > 0) == (held > 0),
            "{bytes} of {held}"
        );
        assert!(fixture.on_disk().is_empty());
    }
    // Nobody but the owner of the log puts anything there, and a file at its place is no reason to fail.
    fs::write(fixture.names.index(), "").unwrap();
    fixture.asks(&mut fixture.index(10_000, true), Sealing::Open);
    fixture.asks(&mut fixture.index(10_000, false), Sealing::Open);
}

#[test]
fn a_file_that_was_cut_or_replaced_is_known_anew() {
    let fixture = fixture(0);
    record(&fixture.log, 0..600);
    let mut index = fixture.index(10_000, true);
    fixture.asks(&mut index, Sealing::Open);
    let path = fixture.names.log();
    let bytes = fs::read(&path).unwrap();
    let half = bytes[..bytes.len() / 2]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    fs::write(&path, &bytes[..half]).unwrap();
    fixture.asks(&mut index, Sealing::Open);
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes).unwrap();
    fixture.asks(&mut index, Sealing::Open);
    // Lines that are longer than any record, and one without an end.
    let long = ["x".repeat(1 << 20), "y".repeat(3 << 20)].join("\n");
    fs::write(
        &path,
        [
            &bytes[..half],
            long.as_bytes(),
            b"\n",
            &bytes[half..],
            b"{\"torn",
        ]
        .concat(),
    )
    .unwrap();
    fixture.asks(&mut index, Sealing::Open);
    fixture.asks(&mut fixture.index(10_000, false), Sealing::Open);
    // A first line that is no record: everything is read.
    fs::write(&path, [b"?\n", &bytes[..]].concat()).unwrap();
    fixture.asks(&mut index, Sealing::Open);
}
