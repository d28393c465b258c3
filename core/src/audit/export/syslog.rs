//! Syslog (RFC 5424).

use super::{Ending, Entry, PRODUCT};

/// "log audit" (§6.2.1).
const FACILITY: u32 = 13;
/// The number that RFC 5612 sets aside for examples: a site puts its own in its place when it forwards.
const ENTERPRISE: u32 = 32_473;

pub(super) fn line(entry: &Entry<'_>, host: &str) -> String {
    let severity = match (entry.severity(), entry.ending()) {
        (Some("CRITICAL"), _) => 2,
        (Some("HIGH"), _) | (_, Ending::Failure) => 3,
        (Some(_), _) | (_, Ending::Refused) => 4,
        (None, Ending::Success) => 6,
    };
    let mut line = format!(
        "<{}>1 {} {} {PRODUCT} - {} [audit@{ENTERPRISE}",
        FACILITY * 8 + severity,
        entry.timestamp,
        name(host, 255),
        name(entry.event_type, 32),
    );
    let seq = entry.seq.to_string();
    for (key, value) in [
        ("seq", seq.as_str()),
        ("id", entry.event_id),
        ("user", entry.user),
        ("session", entry.session),
        ("action", entry.action),
        ("classification", entry.classification),
        ("status", entry.status),
        ("error", entry.error),
    ] {
        line.push(' ');
        line.push_str(key);
        line.push_str("=\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | ']') {
                line.push('\\');
            }
            // A line break would end the message where it is sent as a line.
            line.push(if c.is_control() { ' ' } else { c });
        }
        line.push('"');
    }
    line.push(']');
    line
}

/// What may stand in the header: printable ASCII without a space; `-` for nothing.
fn name(text: &str, longest: usize) -> String {
    let name: String = text
        .chars()
        .take(longest)
        .map(|c| if c.is_ascii_graphic() { c } else { '_' })
        .collect();
    if name.is_empty() {
        "-".to_owned()
    } else {
        name
    }
}
