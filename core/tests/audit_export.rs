//! Records in the forms of other systems: each line follows the grammar of its form.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use audit_support::{event, keyed, log_in};
use cloister_core::Kind;
use cloister_core::audit::{Format, Query, export};
use regex::Regex;
use serde_json::{Value, json};

/// An ordinary record, a refused one with every character that a form must escape, and a violation.
fn records() -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, keyed());
    log.record(&event(3)).unwrap();
    let mut odd = event(0);
    odd.user_id = String::from("o\"d|d=u\\s]er\nname \u{1F3E5}");
    odd.status = String::from("denied");
    odd.error = String::from("not = allowed | here\r\n]");
    log.record(&odd).unwrap();
    let mut violation = event(0);
    violation.event_type = String::from("security_violation");
    violation.status = String::from("blocked");
    violation.data.insert(
        "violation".to_owned(),
        json!({"type": "secrets_detected", "severity": "HIGH"}),
    );
    log.record(&violation).unwrap();
    log.query(&Query::default()).unwrap()
}

fn lines(format: Format) -> Vec<String> {
    records()
        .iter()
        .map(|record| export(record, format, "ward-7.example").unwrap())
        .collect()
}

/// RFC 5424 §6, as far as these lines use it.
#[test]
fn syslog_lines_follow_the_grammar_of_rfc_5424() {
    let grammar = Regex::new(concat!(
        r#"^<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z [!-~]{1,255} [!-~]{1,48} - [!-~]{1,32} "#,
        r#"\[[!#-<>-\\^-~]{1,32}@\d+( [!#-<>-\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")*\]$"#
    ))
    .unwrap();
    let priorities: Vec<String> = lines(Format::Syslog)
        .iter()
        .map(|line| grammar.captures(line).unwrap_or_else(|| panic!("{line}"))[1].to_owned())
        .collect();
    assert_eq!(priorities, ["110", "108", "107"]);
}

#[test]
fn cef_lines_have_seven_header_fields_and_escaped_values() {
    let grammar = Regex::new(
        r"^CEF:0(\|([^|\\]|\\[|\\])+){5}\|\d{1,2}\|[a-zA-Z0-9]+=([^=\\]|\\[=\\rn])*( [a-zA-Z0-9]+=([^=\\]|\\[=\\rn])*)*$",
    )
    .unwrap();
    for line in lines(Format::Cef) {
        assert!(grammar.is_match(&line) && !line.contains('\n'), "{line}");
    }
    assert!(lines(Format::Cef)[1].contains(r"suser=o"));
}

/// The requirements of the classes in schema version 1.6.0.
#[test]
fn ocsf_events_have_what_their_class_requires() {
    for (line, class) in lines(Format::Ocsf).iter().zip([6003, 6003, 2004]) {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["class_uid"], class);
        assert_eq!(event["category_uid"], class / 1000);
        assert_eq!(
            event["type_uid"].as_u64().unwrap(),
            class * 100 + event["activity_id"].as_u64().unwrap()
        );
        assert!(event["time"].as_u64().unwrap() > 1_700_000_000_000);
        assert!((0..=6).contains(&event["severity_id"].as_u64().unwrap()));
        assert_eq!(event["metadata"]["version"], "1.6.0");
        assert!(event["metadata"]["product"]["vendor_name"].is_string());
        let required: &[&str] = if class == 6003 {
            &[
                "/actor/user/uid",
                "/api/operation",
                "/src_endpoint/hostname",
            ]
        } else {
            &["/finding_info/uid", "/finding_info/title"]
        };
        for pointer in required {
            assert!(event.pointer(pointer).unwrap().is_string(), "{pointer}");
        }
    }
}

/// The values that version 8.17 allows.
#[test]
fn ecs_events_use_the_allowed_values() {
    for line in lines(Format::Ecs) {
        let event: Value = serde_json::from_str(&line).unwrap();
        let one_of = |pointer: &str, allowed: &[&str]| {
            let value = event.pointer(pointer).unwrap();
            let values = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            assert!(
                values
                    .iter()
                    .all(|value| allowed.contains(&value.as_str().unwrap())),
                "{pointer}"
            );
        };
        one_of("/event/kind", &["alert", "event"]);
        one_of("/event/category", &["api", "intrusion_detection"]);
        one_of("/event/type", &["access", "allowed", "denied", "error"]);
        one_of("/event/outcome", &["success", "failure"]);
        assert!(event["@timestamp"].is_string() && event["ecs"]["version"] == "8.17.0");
    }
}

/// Cardinalities and value sets of the resource in FHIR R4 (4.0.1); the Python tests validate against a model of it.
#[test]
fn fhir_events_have_the_required_elements() {
    let form_of_id = Regex::new(r"^[A-Za-z0-9\-.]{1,64}$").unwrap();
    for line in lines(Format::Fhir) {
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["resourceType"], "AuditEvent");
        let id = event["id"].as_str().unwrap();
        assert!(form_of_id.is_match(id));
        assert!(event["type"]["code"].is_string() && event["recorded"].is_string());
        assert!(["C", "R", "U", "D", "E"].contains(&event["action"].as_str().unwrap()));
        assert!(["0", "4", "8", "12"].contains(&event["outcome"].as_str().unwrap()));
        let agents = event["agent"].as_array().unwrap();
        let requestors = agents
            .iter()
            .filter(|agent| agent["requestor"] == true)
            .count();
        assert_eq!((agents.len(), requestors), (2, 1));
        assert!(event["source"]["observer"].is_object());
    }
}

#[test]
fn what_is_no_record_is_refused() {
    let error = export(&json!({"timestamp": "soon"}), Format::Cef, "host").unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert_eq!(
        "xml".parse::<Format>().unwrap_err().kind(),
        Kind::InvalidArgument
    );
}
