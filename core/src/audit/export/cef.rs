//! Common Event Format, version 0.

use std::fmt::Write as _;

use super::{Ending, Entry, PRODUCT};

pub(super) fn line(entry: &Entry<'_>, host: &str) -> String {
    let mut line = String::from("CEF:0");
    let header = [
        (PRODUCT, 63),
        ("audit", 63),
        (crate::VERSION, 31),
        (entry.event_type, 1023),
        (entry.action, 512),
    ];
    for (field, most) in header {
        line.push('|');
        for c in field.chars().take(most) {
            match c {
                // Only values of extensions have more than one line.
                '\n' | '\r' => line.push(' '),
                '|' | '\\' => line.extend(['\\', c]),
                c => line.push(c),
            }
        }
    }
    let _ = write!(line, "|{}|", severity_of(entry));
    let seq = entry.seq.to_string();
    let time = entry.time.as_millisecond().to_string();
    // Keys, values and the most characters of each in the dictionary of the standard.
    let fields = [
        ("rt", time.as_str(), 63),
        ("dvchost", host, 100),
        ("externalId", entry.event_id, 40),
        ("suser", entry.user, 1023),
        ("act", entry.action, 63),
        ("outcome", entry.status, 63),
        ("cs1Label", "session", 1023),
        ("cs1", entry.session, 4000),
        ("cs2Label", "classification", 1023),
        ("cs2", entry.classification, 4000),
        ("cn1Label", "sequence", 1023),
        ("cn1", &seq, 63),
        ("reason", entry.error, 1023),
    ];
    let mut first = true;
    for (name, value, most) in fields {
        if value.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            line.push(' ');
        }
        line.push_str(name);
        line.push('=');
        for c in value.chars().take(most) {
            match c {
                '\n' => line.push_str("\\n"),
                '\r' => line.push_str("\\r"),
                '=' | '\\' => line.extend(['\\', c]),
                c => line.push(c),
            }
        }
    }
    line
}

/// 0 to 10.
fn severity_of(entry: &Entry<'_>) -> u32 {
    match entry.severity() {
        Some("LOW") => 3,
        Some("MEDIUM") => 5,
        Some("HIGH") => 8,
        Some("CRITICAL") => 10,
        _ if entry.ending() == Ending::Success => 1,
        _ => 4,
    }
}
