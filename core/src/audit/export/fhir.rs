//! HL7 FHIR R4 `AuditEvent`. What was stored and read without failure follows IHE Basic Audit Log Patterns (BALP), in whose words
//! every access is one by REST, and says so in `meta.profile`; the patterns have no form for anything else.

use serde_json::{Map, Value, json};

use super::{Ending, Entry, PRODUCT};

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const HL7: &str = "http://terminology.hl7.org/CodeSystem";
const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit";
/// Names this product's own codes.
const OWN: &str = "urn:cloister:audit";

/// A pattern of BALP.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Create,
    Read,
}

pub(super) fn line(entry: &Entry<'_>, host: &str) -> Value {
    let pattern = pattern_of(entry);
    let patient = patient_of(entry);
    let mut event = json!({
        "resourceType": "AuditEvent",
        // An id in FHIR has no underscore.
        "id": entry.event_id.replace('_', "-"),
        "type": kind_of(entry, pattern),
        "subtype": [{"system": format!("{OWN}:event-type"), "code": entry.event_type}],
        "action": action_of(entry),
        "recorded": entry.timestamp,
        "outcome": match entry.ending() {
            Ending::Success => "0",
            Ending::Refused => "4",
            Ending::Failure => "8",
        },
        "agent": agents(entry, pattern, host),
        "source": {
            "observer": {"display": PRODUCT},
            "type": [
                {"system": format!("{HL7}/security-source-type"), "code": "4", "display": "Application Server"},
            ],
        },
        "entity": [{
            "what": {"identifier": object_of(entry)},
            "type": {"system": format!("{HL7}/audit-entity-type"), "code": "2", "display": "System Object"},
            "role": {"system": format!("{HL7}/object-role"), "code": "4", "display": "Domain Resource"},
            "securityLabel": [{"system": format!("{HL7}/v3-Confidentiality"), "code": confidentiality_of(entry)}],
            "detail": details(entry),
        }],
    });
    if let Some(patient) = patient {
        push(
            &mut event["entity"],
            json!({
                "what": {"type": "Patient", "identifier": {"system": format!("{OWN}:patient"), "value": patient}},
                "type": {"system": format!("{HL7}/audit-entity-type"), "code": "1", "display": "Person"},
                "role": {"system": format!("{HL7}/object-role"), "code": "1", "display": "Patient"},
            }),
        );
    }
    if let Some(pattern) = pattern {
        let (name, code) = match pattern {
            Pattern::Create => ("Create", "create"),
            Pattern::Read => ("Read", "read"),
        };
        let about = if patient.is_some() { "Patient" } else { "" };
        event["meta"] = json!({"profile": [format!("{PROFILES}.{about}{name}")]});
        push(
            &mut event["subtype"],
            json!({"system": INTERACTION, "code": code, "display": code}),
        );
    }
    if !entry.error.is_empty() {
        event["outcomeDesc"] = entry.error.into();
    }
    event
}

fn push(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(item);
    }
}

/// What stores or reads a thing that is kept, and did.
fn pattern_of(entry: &Entry<'_>) -> Option<Pattern> {
    match (entry.ending(), action_of(entry)) {
        (Ending::Success, "C") => Some(Pattern::Create),
        (Ending::Success, "R") => Some(Pattern::Read),
        _ => None,
    }
}

fn kind_of(entry: &Entry<'_>, pattern: Option<Pattern>) -> Value {
    if pattern.is_some() {
        return json!({"system": format!("{HL7}/audit-event-type"), "code": "rest", "display": "Restful Operation"});
    }
    let (code, display) = if entry.is_violation() {
        ("110113", "Security Alert")
    } else {
        ("110100", "Application Activity")
    };
    json!({"system": DICOM, "code": code, "display": display})
}

/// The user and the application; where something went from one place to the other, both of these in this machine.
fn agents(entry: &Entry<'_>, pattern: Option<Pattern>, host: &str) -> Vec<Value> {
    let coding = |system: &str, code: &str, display: &str| json!({"coding": [{"system": system, "code": code, "display": display}]});
    let participation = format!("{HL7}/v3-ParticipationType");
    let mut agents = vec![json!({
        "type": match pattern {
            Some(Pattern::Create) => coding(&participation, "AUT", "author (originator)"),
            _ => coding(&participation, "IRCP", "information recipient"),
        },
        "who": {"identifier": {"system": format!("{OWN}:user"), "value": or_unknown(entry.user)}},
        "requestor": true,
    })];
    let machine = |code, display, who: &str| {
        json!({
            "type": coding(DICOM, code, display),
            "who": {"display": who},
            "requestor": false,
            // By its name.
            "network": {"address": or_unknown(host), "type": "1"},
        })
    };
    let (source, destination) = (
        ("110153", "Source Role ID"),
        ("110152", "Destination Role ID"),
    );
    let (client, server) = match pattern {
        Some(Pattern::Create) => (source, destination),
        Some(Pattern::Read) => (destination, source),
        None => {
            agents.push(json!({
                "type": coding(DICOM, "110150", "Application"),
                "who": {"display": PRODUCT},
                "requestor": false,
            }));
            return agents;
        }
    };
    agents.push(machine(client.0, client.1, "application"));
    agents.push(machine(server.0, server.1, PRODUCT));
    agents
}

/// What was stored or read, or the session where the record does not say.
fn object_of(entry: &Entry<'_>) -> Value {
    let pattern = entry.record.pointer("/pattern/pattern_id");
    match pattern.and_then(Value::as_str).filter(|id| !id.is_empty()) {
        Some(id) => json!({"system": format!("{OWN}:pattern"), "value": id}),
        None => json!({"system": format!("{OWN}:session"), "value": or_unknown(entry.session)}),
    }
}

/// Whom the record is about.
fn patient_of<'e>(entry: &Entry<'e>) -> Option<&'e str> {
    ["patient_id", "subject_id"]
        .iter()
        .find_map(|name| entry.record.get(*name)?.as_str())
        .filter(|id| !id.is_empty())
}

/// Kinds and counts of what was found, and the place in the log.
fn details(entry: &Entry<'_>) -> Vec<Value> {
    let detail = |kind: &str, value: String| json!({"type": kind, "valueString": value});
    let mut details = vec![
        detail("action", entry.action.to_owned()),
        detail("session", or_unknown(entry.session).to_owned()),
        detail("sequence", entry.seq.to_string()),
    ];
    let none = Map::new();
    let security = entry.record.get("security").and_then(Value::as_object);
    for (name, value) in security.unwrap_or(&none) {
        if value.is_number() || value.is_boolean() {
            details.push(detail(name, value.to_string()));
        }
    }
    details
}

/// Create, Read, Update, Delete or Execute.
fn action_of(entry: &Entry<'_>) -> &'static str {
    match entry.event_type {
        "store_pattern" => "C",
        "retrieve_pattern" | "view" | "record_access" => "R",
        "delete_pattern" | "erasure" | "retention_delete" => "D",
        _ => "E",
    }
}

/// Unrestricted, normal or restricted.
fn confidentiality_of(entry: &Entry<'_>) -> &'static str {
    match entry.classification {
        "PUBLIC" => "U",
        "INTERNAL" => "N",
        _ => "R",
    }
}

/// A value in FHIR is never empty.
fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}
