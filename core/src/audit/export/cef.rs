//! Common Event Format, version 0.

use std::fmt::Write as _;

use super::{Ending, Entry, PRODUCT};

pub(super) fn line(entry: &Entry<'_>, host: &str) -> String {
    let mut line = String::from("CEF:0");
    for field in [
        PRODUCT,
        "audit",
        crate::VERSION,
        entry.event_type,
        entry.action,
    ] {
        line.push('|');
        escape(&mut line, field, '|');
    }
    let _ = write!(line, "|{}|", severity_of(entry));
    let seq = entry.seq.to_string();
    let time = entry.time.as_millisecond().to_string();
    let fields = [
        ("rt", time.as_str()),
        ("dvchost", host),
        ("externalId", entry.event_id),
        ("suser", entry.user),
        ("act", entry.action),
        ("outcome", entry.status),
        ("cs1Label", "session"),
        ("cs1", entry.session),
        ("cs2Label", "classification"),
        ("cs2", entry.classification),
        ("cn1Label", "sequence"),
        ("cn1", &seq),
        ("reason", entry.error),
    ];
    let mut first = true;
    for (name, value) in fields {
        if value.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            line.push(' ');
        }
        line.push_str(name);
        line.push('=');
        escape(&mut line, value, '=');
    }
    line
}

/// A backslash before itself and before what would end the field; line breaks as letters.
fn escape(line: &mut String, text: &str, end: char) {
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            c => {
                if c == '\\' || c == end {
                    line.push('\\');
                }
                line.push(c);
            }
        }
    }
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
