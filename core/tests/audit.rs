//! Records: their form, finding them, and what the log refuses.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use audit_support::{KEY, event, keyed, lines, log_in, plain};
use cloister_core::audit::{self, AuditLog, AuditOptions, Event, Query, report};
use cloister_core::{Classification, Kind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

#[test]
fn a_record_has_the_documented_members_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    let id = log.record(&event(0)).unwrap();

    let line = fs::read_to_string(&path).unwrap();
    let record: Value = serde_json::from_str(&line).unwrap();
    let members: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        [
            "timestamp",
            "event_id",
            "version",
            "event_type",
            "user_id",
            "session_id",
            "action",
            "classification",
            "status",
            "error",
            "security",
            "performance",
            "chain"
        ]
    );
    assert_eq!(record["event_id"], id);
    assert!(id.len() == 16 && id.starts_with("evt_"));
    assert_eq!(record["version"], "1.0");
    assert_eq!(record["classification"], "SENSITIVE");
    assert_eq!(record["security"]["pii_scrubbed"], 0);
    assert_eq!(record["chain"]["seq"], 1);
    assert_eq!(record["chain"]["alg"], "hmac-sha256-ratchet");
    assert_eq!(record["chain"]["prev"], "0".repeat(64));
    let timestamp = record["timestamp"].as_str().unwrap();
    assert!(
        timestamp.len() == 27 && timestamp.ends_with('Z'),
        "{timestamp}"
    );
}

/// Computed here anew, from the definition in the module's documentation alone.
#[test]
fn the_mac_is_as_documented() {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::{Digest as _, Sha256};

    for options in [keyed(), plain()] {
        let key = options.key.clone();
        let directory = tempfile::tempdir().unwrap();
        let (path, log) = log_in(&directory, options);
        (0..3).for_each(|n| drop(log.record(&event(n)).unwrap()));
        let mut previous = vec![0_u8; 32];
        let hmac = |key: &[u8], text: &[u8]| -> Vec<u8> {
            let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.chain_update(text).finalize().into_bytes().to_vec()
        };
        let epoch = key
            .as_ref()
            .map(|key| hmac(key, b"cloister audit v1 first epoch"));
        let mut key = epoch.map(|key| hmac(&key, b"cloister audit v1 first record"));
        for line in fs::read_to_string(&path).unwrap().lines() {
            let (covered, rest) = line.split_at(line.len() - 67);
            let mac: Vec<u8> = match &key {
                Some(key) => Hmac::<Sha256>::new_from_slice(key)
                    .unwrap()
                    .chain_update(&previous)
                    .chain_update(covered)
                    .finalize()
                    .into_bytes()
                    .to_vec(),
                None => Sha256::new()
                    .chain_update(&previous)
                    .chain_update(covered)
                    .finalize()
                    .to_vec(),
            };
            assert!(covered.ends_with(r#","mac":""#));
            assert_eq!(
                rest,
                format!("{}\"}}}}", base16ct::lower::encode_string(&mac))
            );
            previous = mac;
            key = key.map(|key| hmac(&key, b"cloister audit v1 next record"));
        }
    }
}

#[test]
fn any_text_stays_on_one_line_and_comes_back_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    let user = "Zoë\n\0\u{7f}\u{2028}\"\\ 医生 \u{1F3E5}";
    let mut odd = event(0);
    odd.user_id = user.to_owned();
    odd.error = "line one\r\nline two".to_owned();
    odd.data
        .insert(user.to_owned(), json!({"\n": "\u{1b}[31m"}));
    log.record(&odd).unwrap();
    assert_eq!(lines(&path).len(), 1);
    let query = Query {
        user_id: Some(user.to_owned()),
        ..Query::default()
    };
    let found = log.query(&query).unwrap();
    assert_eq!(found[0][user]["\n"], "\u{1b}[31m");
    assert_eq!(found[0]["error"], "line one\r\nline two");
    assert!(log.verify().unwrap().is_intact());
}

#[test]
fn names_of_core_members_are_refused_in_event_data() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    for name in ["timestamp", "user_id", "chain", "status", "version"] {
        let mut forged = event(0);
        forged.data.insert(name.to_owned(), json!("forged"));
        assert_eq!(
            log.record(&forged).unwrap_err().kind(),
            Kind::InvalidArgument
        );
    }
    assert!(lines(&path).is_empty());
}

/// Otherwise whoever may cause records could declare a file deleted, and then delete it.
#[test]
fn a_caller_cannot_speak_for_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    for event_type in [
        "audit_outage",
        "audit_policy",
        "checkpoint",
        "legal_hold",
        "recovery",
        "retention_delete",
    ] {
        let mut forged = event(0);
        forged.event_type = event_type.to_owned();
        let error = log.record(&forged).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
    assert!(lines(&path).is_empty());
}

#[test]
fn a_record_of_more_than_a_mebibyte_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    for length in [(1 << 20) - 400, 1 << 20, 5 << 20] {
        let mut large = event(0);
        large
            .data
            .insert("note".to_owned(), "x".repeat(length).into());
        assert_eq!(
            log.record(&large).unwrap_err().kind(),
            Kind::TooLarge,
            "{length}"
        );
    }
    assert!(lines(&path).is_empty());
    let mut large = event(0);
    large
        .data
        .insert("note".to_owned(), "x".repeat((1 << 20) - 1000).into());
    log.record(&large).unwrap();
    assert_eq!(log.query(&Query::default()).unwrap().len(), 1);
    assert!(log.verify().unwrap().is_intact());
}

#[test]
fn data_that_no_reader_could_parse_again_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, keyed());
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let mut deep = event(0);
    deep.data.insert("deep".to_owned(), nested(63));
    log.record(&deep).unwrap();
    assert_eq!(log.query(&Query::default()).unwrap().len(), 1);
    deep.data.insert("deep".to_owned(), nested(100));
    assert_eq!(log.record(&deep).unwrap_err().kind(), Kind::InvalidArgument);
}

#[test]
fn files_are_for_the_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    log.record(&event(0)).unwrap();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_cannot_be_a_log_is_refused_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let open = |path: &str| {
        AuditLog::open(directory.path().join(path), AuditOptions::default()).unwrap_err()
    };
    let missing = open("no/such/audit.jsonl");
    assert_eq!(missing.kind(), Kind::NotFound);
    assert!(missing.message().contains("; hint: create it"), "{missing}");

    fs::create_dir(directory.path().join("folder")).unwrap();
    assert_eq!(open("folder").kind(), Kind::InvalidArgument);

    fs::write(directory.path().join("elsewhere"), "").unwrap();
    symlink("elsewhere", directory.path().join("link")).unwrap();
    assert_eq!(open("link").kind(), Kind::InvalidArgument);
    symlink("nowhere", directory.path().join("dangling")).unwrap();
    assert_eq!(open("dangling").kind(), Kind::InvalidArgument);
    assert!(!directory.path().join("nowhere").exists());

    let device = AuditLog::open("/dev/full", AuditOptions::default()).unwrap_err();
    assert_eq!(device.kind(), Kind::InvalidArgument);
    let root = AuditLog::open("/", AuditOptions::default()).unwrap_err();
    assert_eq!(root.kind(), Kind::InvalidArgument);
}

#[test]
fn a_head_that_is_a_symbolic_link_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, directory.path().join("audit.jsonl.head")).unwrap();
    let error = AuditLog::open(directory.path().join("audit.jsonl"), keyed()).unwrap_err();
    assert_eq!(error.kind(), Kind::Io);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn a_key_has_32_bytes_and_stays_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let options = |key: &[u8]| AuditOptions {
        key: Some(key.to_vec().into()),
        ..AuditOptions::default()
    };
    let path = directory.path().join("audit.jsonl");
    let counted: Vec<u8> = (0..32).collect();
    for refused in [
        b"short".as_slice(),
        &[9; 32],
        &counted,
        b"this.is.the.key.of.our.audit.log",
    ] {
        let error = AuditLog::open(&path, options(refused)).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidKey);
        assert!(
            error
                .message()
                .contains("hint: make one with `cloister keygen`")
        );
    }
    assert!(!path.exists());

    let log = AuditLog::open(&path, keyed()).unwrap();
    (0..2).for_each(|n| drop(log.record(&event(n)).unwrap()));
    drop(log);
    for other in [options(b"Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e"), plain()] {
        let error = AuditLog::open(&path, other).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidKey);
    }
    assert_eq!(lines(&path).len(), 2);
    AuditLog::open(&path, keyed()).unwrap();
    assert!(audit::verify(&path, Some(&KEY)).unwrap().is_intact());

    let unkeyed = directory.path().join("unkeyed.jsonl");
    AuditLog::open(&unkeyed, plain())
        .unwrap()
        .record(&event(0))
        .unwrap();
    assert_eq!(
        AuditLog::open(&unkeyed, keyed()).unwrap_err().kind(),
        Kind::InvalidKey
    );
}

fn six_records() -> (tempfile::TempDir, AuditLog) {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, keyed());
    for n in 0..6 {
        let event = Event {
            user_id: ["doctor@hospital.com", "nurse@hospital.com"][(n % 2) as usize].to_owned(),
            action: "view_patient_record".to_owned(),
            status: if n == 5 { "denied" } else { "success" }.to_owned(),
            classification: if n < 3 {
                Classification::Internal
            } else {
                Classification::Sensitive
            },
            ..event(n)
        };
        log.record(&event).unwrap();
    }
    (directory, log)
}

#[test]
fn every_condition_narrows_a_query() {
    let (_directory, log) = six_records();
    let count = |query: Query| log.query(&query).unwrap().len();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(count(Query::default()), 6);
    let user = Query {
        user_id: some("doctor@hospital.com"),
        ..Query::default()
    };
    assert_eq!(count(user), 3);
    assert_eq!(
        count(Query {
            status: some("denied"),
            ..Query::default()
        }),
        1
    );
    assert_eq!(
        count(Query {
            action: some("view_patient_record"),
            ..Query::default()
        }),
        6
    );
    assert_eq!(
        count(Query {
            action: some("view"),
            ..Query::default()
        }),
        0
    );
    assert_eq!(
        count(Query {
            event_type: some("llm_request"),
            ..Query::default()
        }),
        6
    );
    assert_eq!(
        count(Query {
            session_id: some("ses_1"),
            ..Query::default()
        }),
        6
    );
    let internal = Query {
        classification: Some(Classification::Internal),
        ..Query::default()
    };
    assert_eq!(count(internal), 3);
    let both = Query {
        user_id: some("nurse@hospital.com"),
        status: some("denied"),
        ..Query::default()
    };
    assert_eq!(count(both), 1);
}

#[test]
fn nested_members_are_compared() {
    let (_directory, log) = six_records();
    let count = |name: &str, value: Value| {
        let query = Query {
            filters: vec![(name.to_owned(), value)],
            ..Query::default()
        };
        log.query(&query).map(|found| found.len())
    };
    assert_eq!(count("security__pii_scrubbed", json!(3)), Ok(1));
    assert_eq!(count("security__pii_scrubbed", json!(3.0)), Ok(1));
    assert_eq!(count("security__pii_scrubbed__gt", json!(3)), Ok(2));
    assert_eq!(count("security__pii_scrubbed__gte", json!(3)), Ok(3));
    assert_eq!(count("security__pii_scrubbed__lt", json!(2.5)), Ok(3));
    assert_eq!(count("security__pii_scrubbed__lte", json!(3)), Ok(4));
    assert_eq!(count("security__pii_scrubbed__ne", json!(3)), Ok(5));
    assert_eq!(count("security__no_such__ne", json!(3)), Ok(0));
    assert_eq!(count("status", json!("denied")), Ok(1));
    assert_eq!(count("security__pii_types", json!(["ssn"])), Ok(6));
    for (name, value) in [
        ("", json!(1)),
        ("a____b", json!(1)),
        ("__gt", json!(1)),
        ("a__gt", json!("x")),
    ] {
        assert_eq!(
            count(name, value).unwrap_err().kind(),
            Kind::InvalidArgument
        );
    }
}

#[test]
fn a_period_takes_every_form_of_date() {
    let (_directory, log) = six_records();
    let count = |since: &str, until: &str| {
        let query = Query {
            since: Some(since.to_owned()),
            until: Some(until.to_owned()),
            ..Query::default()
        };
        log.query(&query).map(|found| found.len())
    };
    let first = log.query(&Query::default()).unwrap()[0]["timestamp"]
        .as_str()
        .unwrap()
        .to_owned();
    let today = &first[..10];
    assert_eq!(
        count(&first, &first),
        Ok(1),
        "both ends belong to the period"
    );
    assert_eq!(count(&first, "2999-12-31"), Ok(6));
    assert_eq!(
        count(&format!("{today}T00:00:00"), "2999-12-31T00:00:00+02:00"),
        Ok(6)
    );
    assert_eq!(count("2025-11-01", "2025-11-30"), Ok(0));
    assert_eq!(
        count("tomorrow", today).unwrap_err().kind(),
        Kind::InvalidArgument
    );
}

#[test]
fn the_limit_counts_from_the_oldest_or_from_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    let options = AuditOptions {
        max_file_bytes: 1500,
        ..keyed()
    };
    let (path, log) = log_in(&directory, options);
    (0..10).for_each(|n| drop(log.record(&event(n)).unwrap()));
    assert!(audit_support::rotated(&path).len() > 2);
    let found = |limit, newest_first| -> Vec<u64> {
        let query = Query {
            limit,
            newest_first,
            ..Query::default()
        };
        let found = log.query(&query).unwrap();
        found
            .iter()
            .map(|record| record["security"]["pii_scrubbed"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(found(0, false), (0..10).collect::<Vec<_>>());
    assert_eq!(found(0, true), (0..10).rev().collect::<Vec<_>>());
    assert_eq!(found(4, false), [0, 1, 2, 3]);
    assert_eq!(found(4, true), [9, 8, 7, 6]);
}

#[test]
fn a_query_passes_over_what_is_not_a_record() {
    let directory = tempfile::tempdir().unwrap();
    let (path, log) = log_in(&directory, keyed());
    log.record(&event(0)).unwrap();
    let record = fs::read(&path).unwrap();
    let endless = vec![b'{'; 3 << 20];
    let hostile = [
        b"not json\n\n{}\n\xff\xfe\n",
        &endless[..],
        b"\n",
        &record[..],
        b"{\"torn",
    ]
    .concat();
    fs::write(&path, hostile).unwrap();
    assert_eq!(audit::query(&path, &Query::default()).unwrap().len(), 1);
}

#[test]
fn a_missing_log_is_not_an_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    assert_eq!(
        audit::query(&path, &Query::default()).unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(
        audit::verify(&path, None).unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn reports_have_the_shapes_that_callers_know() {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, keyed());
    let record = |event_type: &str, data: &Value| {
        let event = Event {
            event_type: event_type.to_owned(),
            user_id: "doctor@hospital.com".to_owned(),
            data: data.as_object().unwrap().clone(),
            ..Event::default()
        };
        log.record(&event).unwrap();
    };
    let compliant =
        json!({"gdpr_compliant": true, "hipaa_compliant": true, "soc2_compliant": true});
    record(
        "llm_request",
        &json!({"security": {"pii_detected": 2, "secrets_detected": 0, "sanitization_applied": true}, "compliance": compliant}),
    );
    record(
        "llm_request",
        &json!({"security": {"pii_scrubbed": 0, "secrets_detected": 1, "sanitization_applied": false}, "compliance": {"gdpr_compliant": true}}),
    );
    record(
        "store_pattern",
        &json!({"pattern": {"classification": "SENSITIVE", "encrypted": true}, "security": {"pii_scrubbed": 1}}),
    );
    record(
        "retrieve_pattern",
        &json!({"pattern": {"classification": "INTERNAL"}, "access": {"granted": false}}),
    );
    record(
        "security_violation",
        &json!({"violation": {"type": "unauthorized_access", "severity": "MEDIUM"}}),
    );

    let records = log.query(&Query::default()).unwrap();
    assert_eq!(
        report::violation_summary(&records),
        json!({
            "total_violations": 1,
            "by_type": {"unauthorized_access": 1},
            "by_severity": {"MEDIUM": 1},
            "by_user": {"doctor@hospital.com": 1},
        })
    );
    assert_eq!(
        report::compliance_report(&records, Some("2025-11-01"), None),
        json!({
            "period": {"start": "2025-11-01", "end": null},
            "llm_requests": {"total": 2, "with_pii_detected": 1, "with_secrets_detected": 1, "sanitization_applied": 1},
            "pattern_storage": {
                "total": 1,
                "by_classification": {"PUBLIC": 0, "INTERNAL": 0, "SENSITIVE": 1},
                "with_pii_scrubbed": 1,
                "encrypted": 1,
            },
            "pattern_retrieval": {
                "total": 1,
                "by_classification": {"PUBLIC": 0, "INTERNAL": 1, "SENSITIVE": 0},
                "access_denied": 1,
            },
            "security_violations": {"total": 1, "by_severity": {"MEDIUM": 1}, "by_type": {"unauthorized_access": 1}},
            "compliance_metrics": {
                "gdpr_compliant_rate": 1.0,
                "hipaa_compliant_rate": 0.5,
                "soc2_compliant_rate": 0.5,
            },
        })
    );
}

/// Two hundred records whose members take turns, some about a person and some only nearly.
fn record_people_and_actions(log: &AuditLog, round: u64) {
    for n in 0..200_u64 {
        let mut event = event(n);
        event.user_id = format!("user{}", n % 17);
        event.session_id = format!("ses{}", n % 5 + round);
        if n % 50 == 0 { "rare" } else { "common" }.clone_into(&mut event.event_type);
        event.action = format!("action{}", n % 3);
        if n % 9 == 0 { "denied" } else { "success" }.clone_into(&mut event.status);
        event.classification = match n % 40 {
            0 => Classification::Public,
            _ => Classification::Internal,
        };
        let (name, person) = match n % 4 {
            0 => ("subject_id", json!(format!("patient:{}", n % 23))),
            1 => ("patient_id", json!(format!("patient:{}", n % 23))),
            // Not what names a person, and no reason to lose the record.
            2 => ("subject_id", json!(n)),
            _ => ("patient_id", json!({"number": [n, 0.5, true, null]})),
        };
        event.data.insert(name.to_owned(), person);
        log.record(&event).unwrap();
    }
}

/// The index finds what reading everything finds, also in what is written, rotated and deleted meanwhile.
#[test]
fn an_indexed_query_finds_what_a_reading_of_the_whole_log_finds() {
    let directory = tempfile::tempdir().unwrap();
    let options = AuditOptions {
        max_file_bytes: 30_000,
        ..keyed()
    };
    let (path, log) = log_in(&directory, options);
    for round in 0..5 {
        record_people_and_actions(&log, round);
        for (action, status, classification, found) in [
            (Some("action2"), None, None, true),
            (None, Some("denied"), None, true),
            (None, None, Some(Classification::Public), true),
            (
                Some("action0"),
                Some("denied"),
                Some(Classification::Internal),
                true,
            ),
            (Some("action1"), Some("denied"), None, false),
            (None, None, Some(Classification::Sensitive), false),
        ] {
            let query = Query {
                action: action.map(str::to_owned),
                status: status.map(str::to_owned),
                classification,
                ..Query::default()
            };
            let indexed = log.query(&query).unwrap();
            assert_eq!(indexed, audit::query(&path, &query).unwrap(), "{query:?}");
            assert_eq!(!indexed.is_empty(), found, "{query:?}");
        }
        for (name, person) in [
            ("subject_id", json!("patient:3")),
            ("patient_id", json!("patient:3")),
            ("subject_id", json!("patient:23")),
            ("subject_id", json!(6)),
            ("subject_id__ne", json!("patient:3")),
        ] {
            for user in [None, Some("user3")] {
                let query = Query {
                    user_id: user.map(str::to_owned),
                    filters: vec![(name.to_owned(), person.clone())],
                    ..Query::default()
                };
                let found = log.query(&query).unwrap();
                assert_eq!(found, audit::query(&path, &query).unwrap(), "{query:?}");
                assert!(
                    user.is_some() || found.is_empty() == (person == "patient:23"),
                    "{query:?}"
                );
            }
        }
        for (user, session, kind) in [
            (Some("user3"), None, None),
            (Some("user3"), Some("ses4"), None),
            (None, Some("ses6"), Some("rare")),
            (None, None, Some("rare")),
            (Some("nobody"), None, None),
        ] {
            for (limit, newest_first) in [(0, false), (0, true), (3, false), (3, true)] {
                let query = Query {
                    user_id: user.map(str::to_owned),
                    session_id: session.map(str::to_owned),
                    event_type: kind.map(str::to_owned),
                    limit,
                    newest_first,
                    ..Query::default()
                };
                assert_eq!(
                    log.query(&query).unwrap(),
                    audit::query(&path, &query).unwrap(),
                    "{query:?}"
                );
            }
        }
    }
    fs::remove_file(&audit_support::rotated(&path)[0]).unwrap();
    let query = Query {
        user_id: Some("user3".to_owned()),
        ..Query::default()
    };
    assert_eq!(
        log.query(&query).unwrap(),
        audit::query(&path, &query).unwrap()
    );
}

#[test]
fn the_index_of_a_rotated_file_is_checked_and_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let options = || AuditOptions {
        max_file_bytes: 30_000,
        ..keyed()
    };
    let (path, log) = log_in(&directory, options());
    for n in 0..300 {
        let mut event = event(n);
        event.user_id = format!("user{}", n % 17);
        log.record(&event).unwrap();
    }
    let of = |user: &str| Query {
        user_id: Some(user.to_owned()),
        ..Query::default()
    };
    let whole = audit::query(&path, &of("user3")).unwrap();
    assert_eq!(log.query(&of("user3")).unwrap(), whole);
    drop(log);
    let indexes = audit_support::indexes(&path);
    assert!(indexes.len() > 3);
    assert_eq!(indexes.len(), audit_support::rotated(&path).len());
    let found = || {
        let log = AuditLog::open(&path, options()).unwrap();
        log.query(&of("user3")).unwrap()
    };
    let kept = fs::read(&indexes[1]).unwrap();
    // Altered anywhere, cut, swapped with another or missing: found again is always the same. What was altered is made anew
    // when it is read.
    let mut repaired = 0;
    for at in (0..kept.len()).step_by(5) {
        let mut altered = kept.clone();
        altered[at] ^= 1 << (at % 8);
        fs::write(&indexes[1], &altered).unwrap();
        assert_eq!(found(), whole, "byte {at}");
        let now = fs::read(&indexes[1]).unwrap();
        assert!(now == kept || (at > 200 && now == altered), "byte {at}");
        repaired += usize::from(now == kept);
    }
    assert!(repaired > 40);
    // Of an earlier release.
    fs::write(&indexes[1], [b"CLOIDX04", &kept[8..]].concat()).unwrap();
    assert_eq!(found(), whole);
    assert_eq!(fs::read(&indexes[1]).unwrap(), kept);
    for length in [0, 39, 56, 79, 80, 120, kept.len() - 1] {
        fs::write(&indexes[1], &kept[..length]).unwrap();
        assert_eq!(found(), whole, "{length} bytes");
    }
    fs::copy(&indexes[2], &indexes[1]).unwrap();
    assert_eq!(found(), whole);
    fs::remove_file(&indexes[0]).unwrap();
    assert_eq!(found(), whole);
    assert!(indexes[0].is_file());
    assert!(
        audit::verify(&path, Some(&audit_support::KEY))
            .unwrap()
            .is_intact()
    );
}

/// An index that names nothing, with the seal that anybody can compute.
fn forged_index(rotated: &Path) -> Vec<u8> {
    let log = fs::read(rotated).unwrap();
    let last = log.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    let content = [0, log.len() as u64, 0, 0, 0]
        .map(u64::to_le_bytes)
        .concat();
    let seal = Sha256::new()
        .chain_update(b"CLOIDX05")
        .chain_update(&content)
        .chain_update(last.unwrap())
        .finalize();
    [b"CLOIDX05".as_slice(), &seal, &content].concat()
}

#[test]
fn an_index_that_somebody_made_without_a_key_hides_nothing_from_a_log_with_one() {
    let small = |options: AuditOptions| AuditOptions {
        max_file_bytes: 20_000,
        ..options
    };
    let signed_alone = || AuditOptions {
        key: None,
        ..audit_support::signed()
    };
    let of_doctor = Query {
        user_id: Some("doctor@hospital.com".to_owned()),
        ..Query::default()
    };
    for (options, sealed, hides) in [
        (keyed as fn() -> AuditOptions, false, false),
        (signed_alone, false, false),
        // Sealed: nothing lies on the disk that could be forged.
        (plain, true, false),
        // The documentation says so: such a log can be written anew as a whole.
        (plain, false, true),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        if sealed {
            audit::seal(&path).unwrap();
        }
        let log = AuditLog::open(&path, small(options())).unwrap();
        for n in 0..200 {
            log.record(&event(n)).unwrap();
        }
        assert_eq!(log.query(&of_doctor).unwrap().len(), 200);
        let rotated = audit_support::rotated(&path);
        assert!(rotated.len() > 3);
        drop(log);
        let places = audit_support::indexes(&path);
        assert_eq!(places.len(), if sealed { 0 } else { rotated.len() });
        for (file, index) in rotated.iter().zip(&places) {
            fs::write(index, forged_index(file)).unwrap();
        }
        // Who has no key believes none of them.
        let without_key = audit::query(&path, &of_doctor).unwrap().len();
        assert_eq!(without_key < 200, hides, "{without_key}");
        let log = AuditLog::open(&path, small(options())).unwrap();
        let found = log.query(&of_doctor).unwrap().len();
        assert_eq!(found < 200, hides, "{found}");
    }
}
