//! Summaries over records that a query returned, in the shapes that Python callers of `AuditLogger` know.

use serde_json::{Map, Value, json};

/// Event types that the reports look at.
const LLM_REQUEST: &str = "llm_request";
const STORE_PATTERN: &str = "store_pattern";
const RETRIEVE_PATTERN: &str = "retrieve_pattern";
const SECURITY_VIOLATION: &str = "security_violation";

/// Counts of the `security_violation` records among `records`:
/// `{total_violations, by_type, by_severity, by_user}`.
pub fn violation_summary(records: &[Value]) -> Value {
    let violations: Vec<&Value> = of_type(records, SECURITY_VIOLATION).collect();
    json!({
        "total_violations": violations.len(),
        "by_type": count_by(&violations, "/violation/type"),
        "by_severity": count_by(&violations, "/violation/severity"),
        "by_user": count_by(&violations, "/user_id"),
    })
}

/// What happened in a period: requests, stored and retrieved patterns, violations, and which share of the records with a
/// `compliance` member claims each regulation (0.0 to 1.0; 0.0 if there are none).
///
/// `since` and `until` are repeated under `period`; the records are taken as they are.
pub fn compliance_report(records: &[Value], since: Option<&str>, until: Option<&str>) -> Value {
    let requests: Vec<&Value> = of_type(records, LLM_REQUEST).collect();
    let stored: Vec<&Value> = of_type(records, STORE_PATTERN).collect();
    let retrieved: Vec<&Value> = of_type(records, RETRIEVE_PATTERN).collect();
    let violations: Vec<&Value> = of_type(records, SECURITY_VIOLATION).collect();
    let claims: Vec<&Value> = records
        .iter()
        .filter(|record| record.get("compliance").is_some_and(Value::is_object))
        .collect();
    json!({
        "period": {"start": since, "end": until},
        "llm_requests": {
            "total": requests.len(),
            "with_pii_detected": count(&requests, |record| {
                is_positive(record, "/security/pii_detected") || is_positive(record, "/security/pii_scrubbed")
            }),
            "with_secrets_detected": count(&requests, |record| is_positive(record, "/security/secrets_detected")),
            "sanitization_applied": count(&requests, |record| is_true(record, "/security/sanitization_applied")),
        },
        "pattern_storage": {
            "total": stored.len(),
            "by_classification": by_classification(&stored),
            "with_pii_scrubbed": count(&stored, |record| is_positive(record, "/security/pii_scrubbed")),
            "encrypted": count(&stored, |record| is_true(record, "/pattern/encrypted")),
        },
        "pattern_retrieval": {
            "total": retrieved.len(),
            "by_classification": by_classification(&retrieved),
            "access_denied": count(&retrieved, |record| {
                record.pointer("/access/granted") == Some(&Value::Bool(false))
            }),
        },
        "security_violations": {
            "total": violations.len(),
            "by_severity": count_by(&violations, "/violation/severity"),
            "by_type": count_by(&violations, "/violation/type"),
        },
        "compliance_metrics": {
            "gdpr_compliant_rate": rate(&claims, "/compliance/gdpr_compliant"),
            "hipaa_compliant_rate": rate(&claims, "/compliance/hipaa_compliant"),
            "soc2_compliant_rate": rate(&claims, "/compliance/soc2_compliant"),
        },
    })
}

fn of_type<'r>(records: &'r [Value], event_type: &str) -> impl Iterator<Item = &'r Value> {
    records
        .iter()
        .filter(move |record| record.get("event_type").and_then(Value::as_str) == Some(event_type))
}

fn count(records: &[&Value], condition: impl Fn(&Value) -> bool) -> usize {
    records.iter().filter(|record| condition(record)).count()
}

/// How often each text occurs at `pointer` (RFC 6901), in order of first appearance.
fn count_by(records: &[&Value], pointer: &str) -> Map<String, Value> {
    let mut counts = Map::new();
    for record in records {
        let name = record
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("unknown");
        let so_far = counts.get(name).and_then(Value::as_u64).unwrap_or_default();
        counts.insert(name.to_owned(), (so_far + 1).into());
    }
    counts
}

/// All three classes, also those without a record.
fn by_classification(records: &[&Value]) -> Value {
    let of = |class: &str| {
        count(records, |record| {
            record
                .pointer("/pattern/classification")
                .and_then(Value::as_str)
                == Some(class)
        })
    };
    json!({"PUBLIC": of("PUBLIC"), "INTERNAL": of("INTERNAL"), "SENSITIVE": of("SENSITIVE")})
}

fn is_true(record: &Value, pointer: &str) -> bool {
    record.pointer(pointer) == Some(&Value::Bool(true))
}

fn is_positive(record: &Value, pointer: &str) -> bool {
    record
        .pointer(pointer)
        .and_then(Value::as_f64)
        .is_some_and(|number| number > 0.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of fewer than 2^52 records"
)]
fn rate(records: &[&Value], pointer: &str) -> f64 {
    match records.len() {
        0 => 0.0,
        total => count(records, |record| is_true(record, pointer)) as f64 / total as f64,
    }
}
