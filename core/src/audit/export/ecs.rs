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
    let outcome = match entry.ending() {
        Ending::Success => "success",
        Ending::Refused | Ending::Failure => "failure",
    };
    // The schema says which types a category may have.
    let types = match (entry.is_violation(), entry.ending()) {
        (true, Ending::Refused) => vec!["denied"],
        (true, _) => vec!["info"],
        (false, Ending::Success) => vec!["access", "allowed"],
        (false, Ending::Refused) => vec!["access", "denied"],
        (false, Ending::Failure) => vec!["access"],
    };
    let mut event = json!({
        "@timestamp": entry.timestamp,
        "ecs": {"version": VERSION},
        "message": format!("{} {}", entry.action, entry.status),
        "event": {
            "id": entry.event_id,
            "kind": kind,
            "category": [category],
            "type": types,
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
