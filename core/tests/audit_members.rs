//! Queries for members of the caller's: the index finds what is there, reads little, and is only believed where it may be.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::fs;

use audit_support::{event, indexes, keyed, log_in, rotated};
use cloister_core::audit::{self, AuditLog, AuditOptions, Event, Query};
use serde_json::{Map, Value, json};

/// Rare and usual values of every kind; some records have very many members, some are longer than a block.
fn with_members(n: u64) -> Event {
    let mut event = event(n % 7);
    event.user_id = format!("user{}", n % 90);
    if n.is_multiple_of(11) {
        event.error = format!("error {}", n % 77);
    }
    let detail = json!({
        "number": n,
        "half": f64::from(u32::try_from(n).unwrap()) / 2.0,
        "kind": if n % 251 == 17 { "rare" } else { "usual" },
        "flag": n % 199 == 3,
        "nothing": null,
        "inner": {"level": i64::try_from(n % 13).unwrap() - 6, "name": format!("n{}", n % 301)},
        "list": [n % 5],
    });
    event.data.insert("detail".to_owned(), detail);
    match n % 120 {
        50 => {
            let many: Map<String, Value> =
                (0..700).map(|m| (format!("m{m}"), json!(n + m))).collect();
            event.data.insert("many".to_owned(), many.into());
        }
        100 => drop(
            event
                .data
                .insert("long".to_owned(), "x".repeat(20_000).into()),
        ),
        _ => {}
    }
    if n % 300 == 299 {
        event.data.insert("subject_id".to_owned(), json!(n));
    }
    event
}

type Fulfils = fn(&Value) -> bool;

/// Filters, and what they mean.
fn cases() -> Vec<(&'static str, Value, Fulfils)> {
    fn detail(it: &Value, name: &str) -> Value {
        it["detail"][name].clone()
    }
    vec![
        ("detail__number", json!(17), |it| detail(it, "number") == 17),
        ("detail__number__gt", json!(880), |it| {
            detail(it, "number").as_u64() > Some(880)
        }),
        ("detail__number__lt", json!(3.5), |it| {
            detail(it, "number").as_u64().is_some_and(|n| n < 4)
        }),
        ("detail__half", json!(8.5), |it| detail(it, "half") == 8.5),
        ("detail__half__lte", json!(-0.5), |_| false),
        ("detail__kind", json!("rare"), |it| {
            detail(it, "kind") == "rare"
        }),
        ("detail__kind__ne", json!("usual"), |it| {
            detail(it, "kind") == "rare"
        }),
        ("detail__flag", json!(true), |it| detail(it, "flag") == true),
        ("detail__nothing", json!(null), |it| {
            it["detail"].is_object()
        }),
        ("detail__inner__level__gte", json!(6), |it| {
            it["detail"]["inner"]["level"] == 6
        }),
        ("detail__inner__name", json!("n300"), |it| {
            it["detail"]["inner"]["name"] == "n300"
        }),
        ("detail__inner", json!({"level": -6, "name": "n0"}), |it| {
            it["detail"]["inner"] == json!({"level": -6, "name": "n0"})
        }),
        ("detail__list", json!([4]), |it| {
            detail(it, "list") == json!([4])
        }),
        ("detail__missing__ne", json!(1), |_| false),
        ("many__m699", json!(869), |it| it["many"]["m699"] == 869),
        ("many__m1__ne", json!(0), |it| it["many"].is_object()),
        ("long__ne", json!(""), |it| it["long"].is_string()),
        ("subject_id", json!(599), |it| it["subject_id"] == 599),
        ("subject_id__ne", json!(599), |it| {
            it["subject_id"].is_number() && it["subject_id"] != 599
        }),
        ("error", json!("error 66"), |it| it["error"] == "error 66"),
        ("error__ne", json!(""), |it| it["error"] != ""),
        ("user_id", json!("user89"), |it| it["user_id"] == "user89"),
        ("user_id__ne", json!("user89"), |it| {
            it["user_id"] != "user89"
        }),
        ("chain__seq", json!(33), |it| it["chain"]["seq"] == 33),
        ("chain__seq__gt", json!(897), |it| {
            it["chain"]["seq"].as_u64() > Some(897)
        }),
        ("timestamp__ne", json!(""), |_| true),
    ]
}

fn wanted(name: &str, value: &Value) -> Query {
    Query {
        filters: vec![(name.to_owned(), value.clone())],
        ..Query::default()
    }
}

fn small() -> AuditOptions {
    AuditOptions {
        max_file_bytes: 150_000,
        ..keyed()
    }
}

/// The records of a query without a condition, of which the test picks.
fn picked(all: &[Value], query: &Query, fulfils: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut found: Vec<Value> = all.iter().filter(|it| fulfils(it)).cloned().collect();
    if query.newest_first {
        found.reverse();
    }
    if query.limit > 0 {
        found.truncate(query.limit);
    }
    found
}

#[test]
fn members_are_found_in_every_file_and_in_what_is_added() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, small());
    let mut found_some = 0;
    for round in 0..3 {
        (300 * round..300 * (round + 1)).for_each(|n| drop(log.record(&with_members(n)).unwrap()));
        let all = log.query(&Query::default()).unwrap();
        for (name, value, fulfils) in cases() {
            for (limit, newest_first) in [(0, false), (0, true), (3, false), (3, true)] {
                let mut query = Query {
                    limit,
                    newest_first,
                    ..wanted(name, &value)
                };
                let found = picked(&all, &query, fulfils);
                assert_eq!(log.query(&query).unwrap(), found, "{query:?}");
                assert_eq!(
                    audit::query(&path, &query).unwrap(),
                    found,
                    "without index: {query:?}"
                );
                found_some += usize::from(!found.is_empty());
                // With another condition, of which either may be the rarer one.
                query.user_id = Some("user17".to_owned());
                let both = picked(&all, &query, |it| fulfils(it) && it["user_id"] == "user17");
                assert_eq!(log.query(&query).unwrap(), both, "{query:?}");
                query.user_id = None;
                query
                    .filters
                    .push(("detail__kind__ne".to_owned(), json!("usual")));
                let both = picked(&all, &query, |it| {
                    fulfils(it) && it["detail"]["kind"] == "rare"
                });
                assert_eq!(log.query(&query).unwrap(), both, "{query:?}");
            }
        }
        // From what lies on the disk.
        let opened = AuditLog::open(&path, small()).unwrap();
        for (name, value, fulfils) in cases() {
            let query = wanted(name, &value);
            assert_eq!(
                opened.query(&query).unwrap(),
                picked(&all, &query, fulfils),
                "{query:?}"
            );
        }
    }
    assert!(rotated(&path).len() > 3);
    assert!(found_some > 240, "{found_some}");
}

#[test]
fn an_index_of_an_earlier_release_or_damaged_hides_no_member() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, small());
    (0..600).for_each(|n| drop(log.record(&with_members(n)).unwrap()));
    let query = wanted("detail__number", &json!(17));
    assert_eq!(log.query(&query).unwrap().len(), 1);
    drop(log);
    let log_file = &rotated(&path)[0];
    let index = indexes(&path).remove(0);
    let kept = fs::read(&index).unwrap();
    assert!(kept.starts_with(b"CLOIDX05"));
    // Hashes: no text of a member stands in it.
    for text in ["rare", "usual", "n300", "user17"] {
        let at = kept
            .windows(text.len())
            .position(|it| it == text.as_bytes());
        assert_eq!(at, None, "{text}");
    }
    let log_bytes = fs::metadata(log_file).unwrap().len();
    assert!(
        (kept.len() as u64) < log_bytes / 2,
        "{} of {log_bytes}",
        kept.len()
    );
    let found = || {
        AuditLog::open(&path, small())
            .unwrap()
            .query(&query)
            .unwrap()
            .len()
    };
    for at in (0..kept.len()).step_by(kept.len() / 200) {
        let mut altered = kept.clone();
        altered[at] ^= 1 << (at % 8);
        fs::write(&index, &altered).unwrap();
        assert_eq!(found(), 1, "byte {at}");
        // What was altered is made anew when it is read.
        let now = fs::read(&index).unwrap();
        assert!(now == kept || (at > 200 && now == altered), "byte {at}");
    }
    fs::write(&index, [b"CLOIDX04", &kept[8..]].concat()).unwrap();
    assert_eq!(found(), 1);
    assert_eq!(fs::read(&index).unwrap(), kept);
    for length in [0, 56, 79, 80, kept.len() - 1] {
        fs::write(&index, &kept[..length]).unwrap();
        assert_eq!(found(), 1, "{length} bytes");
    }
    fs::remove_file(&index).unwrap();
    assert_eq!(found(), 1);
    assert_eq!(fs::read(&index).unwrap(), kept);
}
