//! Open Cybersecurity Schema Framework 1.6.

use serde_json::{Value, json};

use super::{Ending, Entry, PRODUCT};

/// Version of the schema. Later ones have other members of `metadata` and `actor`.
const VERSION: &str = "1.6.0";

pub(super) fn line(entry: &Entry<'_>, host: &str) -> Value {
    let (class, category, activity) = if entry.is_violation() {
        // Detection Finding, activity Create.
        (2004, 2, 1)
    } else {
        // API Activity; Read where the record says no more.
        (6003, 6, activity_of(entry))
    };
    let mut event = json!({
        "metadata": {
            "version": VERSION,
            "uid": entry.event_id,
            "sequence": entry.seq,
            "product": {"name": PRODUCT, "vendor_name": PRODUCT, "version": crate::VERSION},
        },
        "time": entry.time.as_millisecond(),
        "class_uid": class,
        "category_uid": category,
        "activity_id": activity,
        "type_uid": class * 100 + activity,
        "severity_id": severity_of(entry),
        "status_id": match entry.ending() {
            Ending::Success => 1,
            Ending::Refused | Ending::Failure => 2,
        },
        "status": entry.status,
        "status_detail": entry.error,
        "unmapped": {"classification": entry.classification},
    });
    let rest = if entry.is_violation() {
        json!({
            "finding_info": {"uid": entry.event_id, "title": entry.violation(), "types": [entry.violation()]},
            "evidences": [{"actor": actor(entry)}],
        })
    } else {
        json!({
            "actor": actor(entry),
            "api": {"operation": entry.action, "service": {"name": entry.event_type}},
            "src_endpoint": {"hostname": host},
        })
    };
    if let (Value::Object(event), Value::Object(rest)) = (&mut event, rest) {
        event.extend(rest);
        if entry.error.is_empty() {
            event.remove("status_detail");
        }
    }
    event
}

fn actor(entry: &Entry<'_>) -> Value {
    let mut actor = json!({"user": {"uid": entry.user, "type_id": 1}});
    if !entry.session.is_empty()
        && let Some(actor) = actor.as_object_mut()
    {
        actor.insert("session".to_owned(), json!({"uid": entry.session}));
    }
    actor
}

/// 1 Create, 2 Read, 3 Update, 4 Delete, 99 Other.
fn activity_of(entry: &Entry<'_>) -> u32 {
    match entry.event_type {
        "store_pattern" => 1,
        "retrieve_pattern" | "view" | "record_access" => 2,
        "delete_pattern" | "erasure" | "retention_delete" => 4,
        _ => 99,
    }
}

/// 1 Informational, 2 Low, 3 Medium, 4 High, 5 Critical.
fn severity_of(entry: &Entry<'_>) -> u32 {
    match entry.severity() {
        Some("LOW") => 2,
        Some("MEDIUM") => 3,
        Some("HIGH") => 4,
        Some("CRITICAL") => 5,
        _ if entry.ending() == Ending::Success => 1,
        _ => 2,
    }
}
