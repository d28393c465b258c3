//! Elastic Common Schema 8.17.

use serde_json::{Value, json};

use super::{Ending, Entry, PRODUCT};

const VERSION: &str = "8.17.0";

pub(super) fn line(entry: &Entry<'_>, host: &str) -> Value {
    let (kind, category) = if entry.is_violation() {
        ("alert", "intrusion_detection")
    } else {
        ("event", "api")
    };
    let (outcome, permitted) = match entry.ending() {
        Ending::Success => ("success", "allowed"),
        Ending::Refused => ("failure", "denied"),
        Ending::Failure => ("failure", "error"),
    };
    let mut event = json!({
        "@timestamp": entry.timestamp,
        "ecs": {"version": VERSION},
        "message": format!("{} {}", entry.action, entry.status),
        "event": {
            "id": entry.event_id,
            "kind": kind,
            "category": [category],
            "type": ["access", permitted],
            "action": entry.action,
            "outcome": outcome,
            "sequence": entry.seq,
            "module": PRODUCT,
            "dataset": format!("{PRODUCT}.audit"),
        },
        "host": {"name": host},
        "user": {"id": entry.user},
        "labels": {
            "event_type": entry.event_type,
            "session_id": entry.session,
            "classification": entry.classification,
        },
    });
    if !entry.error.is_empty()
        && let Some(event) = event.as_object_mut()
    {
        event.insert("error".to_owned(), json!({"message": entry.error}));
    }
    event
}
