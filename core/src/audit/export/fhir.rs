//! HL7 FHIR R4 `AuditEvent`, with the agents that IHE Basic Audit Log Patterns ask for: the user and the application.

use serde_json::{Map, Value, json};

use super::{Ending, Entry, PRODUCT};

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const HL7: &str = "http://terminology.hl7.org/CodeSystem";
/// Names this product's own codes.
const OWN: &str = "urn:cloister:audit";

pub(super) fn line(entry: &Entry<'_>) -> Value {
    let (code, display) = if entry.is_violation() {
        ("110113", "Security Alert")
    } else {
        ("110100", "Application Activity")
    };
    let mut event = json!({
        "resourceType": "AuditEvent",
        // An id in FHIR has no underscore.
        "id": entry.event_id.replace('_', "-"),
        "type": {"system": DICOM, "code": code, "display": display},
        "subtype": [{"system": format!("{OWN}:event-type"), "code": entry.event_type}],
        "action": action_of(entry),
        "recorded": entry.timestamp,
        "outcome": match entry.ending() {
            Ending::Success => "0",
            Ending::Refused => "4",
            Ending::Failure => "8",
        },
        "agent": [
            {
                "type": {"coding": [
                    {"system": format!("{HL7}/v3-ParticipationType"), "code": "IRCP", "display": "information recipient"},
                ]},
                "who": {"identifier": {"system": format!("{OWN}:user"), "value": or_unknown(entry.user)}},
                "requestor": true,
            },
            {
                "type": {"coding": [{"system": DICOM, "code": "110150", "display": "Application"}]},
                "who": {"display": PRODUCT},
                "requestor": false,
            },
        ],
        "source": {
            "observer": {"display": PRODUCT},
            "type": [
                {"system": format!("{HL7}/security-source-type"), "code": "4", "display": "Application Server"},
            ],
        },
        "entity": [{
            "what": {"identifier": {"system": format!("{OWN}:session"), "value": or_unknown(entry.session)}},
            "type": {"system": format!("{HL7}/audit-entity-type"), "code": "2", "display": "System Object"},
            "securityLabel": [{"system": format!("{HL7}/v3-Confidentiality"), "code": confidentiality_of(entry)}],
            "detail": details(entry),
        }],
    });
    if !entry.error.is_empty()
        && let Some(event) = event.as_object_mut()
    {
        event.insert("outcomeDesc".to_owned(), entry.error.into());
    }
    event
}

/// Kinds and counts of what was found, and the place in the log.
fn details(entry: &Entry<'_>) -> Vec<Value> {
    let detail = |kind: &str, value: String| json!({"type": kind, "valueString": value});
    let mut details = vec![
        detail("action", entry.action.to_owned()),
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
