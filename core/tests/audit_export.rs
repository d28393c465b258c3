//! Records in the forms of other systems: each line follows the grammar of its form.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod audit_support;

use std::collections::HashMap;

use audit_support::{event, keyed, log_in};
use cloister_core::Kind;
use cloister_core::audit::{Format, Query, export};
use regex::Regex;
use serde::Deserialize;
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

/// The requirements of the classes in schema version 1.6.0; the Python tests validate against the schema itself.
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

/// A field of the published schema.
#[derive(Deserialize)]
struct Field {
    #[serde(rename = "type")]
    kind: String,
    array: bool,
    allowed: Option<Vec<Value>>,
}

/// The fields of the sets that these lines use, from the npm package `@elastic/ecs`: those that are the same in its versions
/// 8.11.5 and 9.0.0, which stand around 8.17.
fn ecs_fields() -> HashMap<String, Field> {
    serde_json::from_str(include_str!("../../tests/vectors/ecs_fields.json")).unwrap()
}

/// Every value with its dotted name; what lies below `labels` is the caller's.
fn flattened(prefix: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if prefix != "labels" => {
            for (name, value) in members {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flattened(&name, value, out);
            }
        }
        value => out.push((prefix.to_owned(), value.clone())),
    }
}

#[test]
fn ecs_events_are_valid_by_the_published_schema() {
    let fields = ecs_fields();
    let mut checked = 0;
    for line in lines(Format::Ecs) {
        let event: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["ecs"]["version"], "8.17.0");
        let mut values = Vec::new();
        flattened("", &event, &mut values);
        for (name, value) in values {
            let field = fields
                .get(&name)
                .unwrap_or_else(|| panic!("`{name}` is no field of the schema"));
            assert_eq!(field.array, value.is_array(), "{name}");
            let single = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            assert!(!single.is_empty(), "{name}");
            for value in &single {
                assert!(is_of_type(value, &field.kind), "{name}: {value}");
                let named = |entry: &Value| entry == value || entry["name"] == *value;
                let allowed = field.allowed.as_ref();
                assert!(
                    allowed.is_none_or(|it| it.iter().any(named)),
                    "{name}: {value}"
                );
            }
            checked += 1;
        }
        let allowed = fields["event.category"].allowed.as_ref().unwrap();
        for category in event["event"]["category"].as_array().unwrap() {
            let types = &allowed.iter().find(|it| it["name"] == *category).unwrap()["types"];
            for given in event["event"]["type"].as_array().unwrap() {
                assert!(
                    types.as_array().unwrap().contains(given),
                    "{category}: {given}"
                );
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "date" => value
            .as_str()
            .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "long" => value.is_i64() || value.is_u64(),
        "object" => value.as_object().is_some_and(|it| {
            it.values()
                .all(|value| !value.is_object() && !value.is_array())
        }),
        _ => value.is_string(),
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
