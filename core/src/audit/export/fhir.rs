//! HL7 FHIR R4 `AuditEvent`. What was stored, read and deleted without failure follows IHE Basic Audit Log Patterns (BALP), in
//! whose words every access is one by REST, and says so in `meta.profile`. They have no form for what this log says besides, nor
//! for what it says before it happens: that an erasure begins, and that a file is past its retention.

use serde_json::{Map, Value, json};

use super::{Ending, Entry, PRODUCT};
use crate::audit::event::ERASURE_BEGIN;
use crate::audit::rotation::RETENTION_DELETE;

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
    Delete,
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
            Pattern::Delete => ("Delete", "delete"),
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

/// What stores, reads or deletes a thing that is kept, and did.
fn pattern_of(entry: &Entry<'_>) -> Option<Pattern> {
    match (entry.ending(), action_of(entry)) {
        (Ending::Success, "C") => Some(Pattern::Create),
        (Ending::Success, "R") => Some(Pattern::Read),
        (Ending::Success, "D") if !is_announced(entry) => Some(Pattern::Delete),
        _ => None,
    }
}

/// Whether this is what the library records before it deletes.
fn is_announced(entry: &Entry<'_>) -> bool {
    entry.event_type == RETENTION_DELETE || entry.action == ERASURE_BEGIN
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
            Some(Pattern::Create | Pattern::Delete) => coding(&participation, "AUT", "author (originator)"),
            _ => coding(&participation, "IRCP", "information recipient"),
        },
        "who": {"identifier": {"system": format!("{OWN}:user"), "value": or_unknown(entry.user)}},
        "requestor": true,
    })];
    let machine = |(system, code, display): (&str, &str, &str), who: &str| {
        json!({
            "type": coding(system, code, display),
            "who": {"display": who},
            "requestor": false,
            // By its name.
            "network": {"address": or_unknown(host), "type": "1"},
        })
    };
    let source = (DICOM, "110153", "Source Role ID");
    let destination = (DICOM, "110152", "Destination Role ID");
    let application = (DICOM, "110150", "Application");
    let custodians = format!("{HL7}/provenance-participant-type");
    let (client, server) = match pattern {
        Some(Pattern::Create) => (source, destination),
        Some(Pattern::Read) => (destination, source),
        Some(Pattern::Delete) => (application, (&*custodians, "custodian", "Custodian")),
        None => {
            agents.push(json!({
                "type": coding(DICOM, application.1, application.2),
                "who": {"display": PRODUCT},
                "requestor": false,
            }));
            return agents;
        }
    };
    agents.push(machine(client, "application"));
    agents.push(machine(server, PRODUCT));
    agents
}

/// What was stored, read or deleted, or the session where the record does not say.
fn object_of(entry: &Entry<'_>) -> Value {
    let text = |pointer| {
        let value = entry.record.pointer(pointer).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    let erased = entry.record.pointer("/erasure/conversations");
    // All that is kept of a person, where it is not one conversation.
    let is_one = erased
        .and_then(Value::as_array)
        .is_some_and(|it| it.len() == 1);
    let conversation = text("/erasure/conversations/0").filter(|_| is_one);
    let named = [
        ("pattern", text("/pattern/pattern_id")),
        ("pattern", text("/pattern_id")),
        ("conversation", conversation),
        ("subject", text("/erasure/subject")),
    ];
    let found = named.into_iter().find_map(|(kind, id)| Some((kind, id?)));
    let (kind, id) = found.unwrap_or(("session", or_unknown(entry.session)));
    json!({"system": format!("{OWN}:{kind}"), "value": id})
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
