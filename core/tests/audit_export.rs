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

/// A line of Common Event Format, read by the rules of its implementation standard (version 0, revision 25, "Character
/// encoding" and "Extension dictionary"): seven fields in front, in which a backslash stands before itself and `|` and nothing
/// else, and no line ends; pairs of key and value behind, in which it stands before itself, `=`, and the letters of line ends.
fn read_cef(line: &str) -> (Vec<String>, HashMap<String, String>) {
    assert!(!line.contains(['\n', '\r']), "{line}");
    let mut header = vec![String::new()];
    let mut rest = line.strip_prefix("CEF:0|").unwrap().chars();
    while header.len() < 7 {
        let field = header.last_mut().unwrap();
        match rest.next().unwrap() {
            '\\' => match rest.next().unwrap() {
                escaped @ ('\\' | '|') => field.push(escaped),
                other => panic!("`\\{other}` in the header of {line}"),
            },
            '|' => header.push(String::new()),
            c => field.push(c),
        }
    }
    header.pop();
    // A key begins the line or follows a space, and ends with the first `=` that has no backslash before it.
    let key = Regex::new(r"(?:^| )([A-Za-z0-9_]+)=").unwrap();
    let extension = rest.as_str();
    let keys: Vec<_> = key.captures_iter(extension).collect();
    assert_eq!(keys[0].get(0).unwrap().start(), 0, "{line}");
    let mut pairs = HashMap::new();
    for (place, found) in keys.iter().enumerate() {
        let end = keys
            .get(place + 1)
            .map_or(extension.len(), |next| next.get(0).unwrap().start());
        let mut value = String::new();
        let mut characters = extension[found.get(0).unwrap().end()..end].chars();
        while let Some(c) = characters.next() {
            match c {
                '\\' => value.push(match characters.next().unwrap() {
                    'n' => '\n',
                    'r' => '\r',
                    escaped @ ('\\' | '=') => escaped,
                    other => panic!("`\\{other}` in the extension of {line}"),
                }),
                '=' => panic!("a bare `=` in a value of {line}"),
                c => value.push(c),
            }
        }
        assert!(
            pairs.insert(found[1].to_owned(), value).is_none(),
            "{} twice",
            &found[1]
        );
    }
    (header, pairs)
}

#[test]
fn cef_lines_follow_the_rules_of_their_standard_and_say_what_the_record_says() {
    /// Keys of the dictionary that these lines use, and the most characters of their values; 0 is a number.
    const DICTIONARY: [(&str, usize); 13] = [
        ("rt", 0),
        ("dvchost", 100),
        ("externalId", 40),
        ("suser", 1023),
        ("act", 63),
        ("outcome", 63),
        ("cs1Label", 1023),
        ("cs1", 4000),
        ("cs2Label", 1023),
        ("cs2", 4000),
        ("cn1Label", 1023),
        ("cn1", 0),
        ("reason", 1023),
    ];
    let mut records = records();
    let mut odd = records[1].clone();
    odd["event_type"] = json!("back\\slash|pipe=equals\nline\r");
    odd["action"] = json!("a|b\\c=d\ne".repeat(100));
    odd["session_id"] = json!("ends with \\");
    records.push(odd);
    for record in &records {
        let line = export(record, Format::Cef, "ward-7.example").unwrap();
        let (header, pairs) = read_cef(&line);
        let one_line = |name: &str| record[name].as_str().unwrap().replace(['\n', '\r'], " ");
        let [vendor, product, version, class, name, severity] =
            <[String; 6]>::try_from(header).unwrap();
        assert_eq!((vendor.as_str(), product.as_str()), ("cloister", "audit"));
        assert!(version.starts_with(|c: char| c.is_ascii_digit()) && version.len() <= 31);
        assert_eq!(class, one_line("event_type"));
        assert!(
            name.chars().count() <= 512
                && one_line("action").starts_with(&name)
                && !name.is_empty()
        );
        assert!((0..=10).contains(&severity.parse::<u32>().unwrap()));
        for (key, value) in &pairs {
            let (_, most) = DICTIONARY
                .iter()
                .find(|(known, _)| known == key)
                .unwrap_or_else(|| panic!("{key}"));
            let fits = match most {
                0 => value.parse::<u64>().is_ok(),
                most => value.chars().count() <= *most,
            };
            assert!(fits && !value.is_empty(), "{key}: {value}");
        }
        for (key, member) in [
            ("suser", "user_id"),
            ("cs1", "session_id"),
            ("outcome", "status"),
            ("reason", "error"),
        ] {
            let said = record[member].as_str().unwrap();
            assert_eq!(pairs.get(key).map_or("", String::as_str), said, "{key}");
        }
        assert!(
            record["action"]
                .as_str()
                .unwrap()
                .starts_with(&pairs["act"])
        );
        assert_eq!(pairs["cn1"], record["chain"]["seq"].to_string());
    }
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
        assert!(event.get("meta").is_none(), "no pattern has a form for it");
    }
}

/// What the profiles `IHE.BasicAudit.Create`, `Read` and `Delete` of IHE BALP 1.1.4 and their children for patients ask for beyond FHIR itself:
/// the patterns, the cardinalities of their slices, and what those must not have.
fn expect_profile(event: &Value) {
    const HL7: &str = "http://terminology.hl7.org/CodeSystem";
    const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
    const BASE: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
    let coding = |system: &str, code: &str, display: &str| json!({"system": system, "code": code, "display": display});
    let profiles = event["meta"]["profile"].as_array().unwrap();
    let name = profiles[0].as_str().unwrap().strip_prefix(BASE).unwrap();
    let (about_patient, name) = match name.strip_prefix("Patient") {
        Some(name) => (true, name),
        None => (false, name),
    };
    let source = coding(DICOM, "110153", "Source Role ID");
    let destination = coding(DICOM, "110152", "Destination Role ID");
    let application = coding(DICOM, "110150", "Application");
    let custodian = coding(
        &format!("{HL7}/provenance-participant-type"),
        "custodian",
        "Custodian",
    );
    // Action, interaction, role of the client, role of the server, types of a user.
    let (action, interaction, client, server, users): (_, _, _, _, &[&str]) = match name {
        "Create" => ("C", "create", source, destination, &["AUT", "INF", "CST"]),
        "Read" => ("R", "read", destination, source, &["IRCP"]),
        "Delete" => (
            "D",
            "delete",
            application,
            custodian,
            &["AUT", "INF", "CST"],
        ),
        _ => panic!("{name}"),
    };

    assert_eq!(
        event["type"],
        coding(
            &format!("{HL7}/audit-event-type"),
            "rest",
            "Restful Operation"
        )
    );
    let wanted = coding(
        "http://hl7.org/fhir/restful-interaction",
        interaction,
        interaction,
    );
    let subtypes = event["subtype"].as_array().unwrap();
    assert_eq!(subtypes.iter().filter(|it| **it == wanted).count(), 1);
    assert_eq!(
        (&event["action"], &event["outcome"]),
        (&json!(action), &json!("0"))
    );
    assert!(event["recorded"].is_string());

    let agents = event["agent"].as_array().unwrap();
    let slice = |coding: &Value| -> Vec<&Value> {
        let has = |agent: &&Value| agent["type"]["coding"].as_array().unwrap().contains(coding);
        agents.iter().filter(has).collect()
    };
    for machine in [client, server] {
        let found = slice(&machine);
        assert_eq!(found.len(), 1);
        assert!(found[0]["who"].is_object() && found[0].get("media").is_none());
        assert!(!found[0]["network"]["address"].as_str().unwrap().is_empty());
    }
    let is_user = |agent: &&Value| {
        let coding = &agent["type"]["coding"][0];
        coding["system"] == format!("{HL7}/v3-ParticipationType")
            && users.iter().any(|code| coding["code"] == **code)
    };
    let found: Vec<_> = agents.iter().filter(is_user).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0]["who"].is_object() && found[0]["requestor"] == true);
    assert!(found[0].get("media").is_none() && found[0].get("network").is_none());

    let entities = event["entity"].as_array().unwrap();
    let slice = |code, display| -> Vec<&Value> {
        let kind = coding(&format!("{HL7}/audit-entity-type"), code, display);
        entities
            .iter()
            .filter(|entity| entity["type"] == kind)
            .collect()
    };
    let data = slice("2", "System Object");
    assert_eq!(data.len(), 1);
    assert!(data[0]["what"].is_object());
    assert_eq!(data[0]["role"]["system"], format!("{HL7}/object-role"));
    assert!(
        ["3", "4", "20"]
            .iter()
            .any(|code| data[0]["role"]["code"] == **code)
    );
    let patients = slice("1", "Person");
    assert_eq!(patients.len(), usize::from(about_patient));
    for patient in patients {
        assert_eq!(
            patient["role"],
            coding(&format!("{HL7}/object-role"), "1", "Patient")
        );
        assert_eq!(patient["what"]["type"], "Patient");
        assert!(patient["what"]["identifier"]["value"].is_string());
    }
}

#[test]
fn what_was_stored_read_and_deleted_follows_the_patterns_of_ihe() {
    let directory = tempfile::tempdir().unwrap();
    let (_, log) = log_in(&directory, keyed());
    for (kind, member) in [
        ("store_pattern", "x"),
        ("retrieve_pattern", "patient_id"),
        ("view", "subject_id"),
        ("store_pattern", "patient_id"),
        ("delete_pattern", "x"),
        ("delete_pattern", "subject_id"),
    ] {
        let mut record = event(1);
        record.event_type = kind.to_owned();
        record.data.insert(member.to_owned(), json!("MRN 7"));
        log.record(&record).unwrap();
    }
    let mut refused = event(1);
    refused.status = String::from("blocked");
    for kind in ["retrieve_pattern", "delete_pattern"] {
        refused.event_type = kind.to_owned();
        log.record(&refused).unwrap();
    }
    let events: Vec<Value> = log
        .query(&Query::default())
        .unwrap()
        .iter()
        .map(|record| {
            serde_json::from_str(&export(record, Format::Fhir, "ward-7.example").unwrap()).unwrap()
        })
        .collect();
    events[..6].iter().for_each(expect_profile);
    let named: Vec<_> = events
        .iter()
        .map(|event| {
            event["meta"]["profile"][0]
                .as_str()
                .map(|url| url.rsplit('.').next().unwrap())
        })
        .collect();
    assert_eq!(
        named,
        [
            Some("Create"),
            Some("PatientRead"),
            Some("PatientRead"),
            Some("PatientCreate"),
            Some("Delete"),
            Some("PatientDelete"),
            None,
            None
        ]
    );
    // The rules can be broken.
    let broken = |event: &Value, pointer: &str, value: Value| {
        let mut broken = event.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(
            std::panic::catch_unwind(|| expect_profile(&broken)).is_err(),
            "{pointer}"
        );
    };
    for event in [&events[1], &events[5]] {
        for (pointer, value) in [
            ("/type/code", json!("110100")),
            ("/subtype/1/display", json!("Read")),
            ("/action", json!("E")),
            ("/outcome", json!("8")),
            ("/agent/1/network/address", json!("")),
            ("/agent/1/type/coding/0/code", json!("110151")),
            ("/agent/2/type/coding/0/system", json!("urn:other")),
            ("/agent/0/requestor", json!(false)),
            ("/entity/0/role/code", json!("1")),
            ("/entity/1/what/type", json!("Person")),
        ] {
            broken(event, pointer, value);
        }
    }
    // Not the machines of another pattern.
    let agents = events[1]["agent"].clone();
    broken(&events[5], "/agent", agents);
}

/// An erasure is two records, and a file past its retention one before it goes: the pattern is for what has happened.
#[test]
fn what_is_only_announced_is_no_deletion_yet() {
    let record = |kind: &str, action: &str, data: Value| {
        let mut record = records().remove(0);
        record["event_type"] = kind.into();
        record["action"] = action.into();
        record[kind] = data;
        record["patient_id"] = json!("MRN 7");
        let line = export(&record, Format::Fhir, "ward-7.example").unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    let one = json!({"conversations": ["c1"], "subject": "p-1"});
    let all = json!({"conversations": ["c1", "c2"], "subject": "p-1", "key_destroyed": true});
    for (kind, action, data) in [
        ("erasure", "erasure_begin", &one),
        ("retention_delete", "retention_delete", &json!({})),
    ] {
        let event = record(kind, action, data.clone());
        assert_eq!((&event["action"], event.get("meta")), (&json!("D"), None));
    }
    for (data, kind, id) in [(one, "conversation", "c1"), (all, "subject", "p-1")] {
        let event = record("erasure", "erasure_end", data);
        expect_profile(&event);
        let what = json!({"system": format!("urn:cloister:audit:{kind}"), "value": id});
        assert_eq!(event["entity"][0]["what"]["identifier"], what);
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
