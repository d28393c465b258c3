//! The data of a Kubernetes Secret, whose members are credentials whatever they are called: `kind: Secret` and `data:` in the
//! manifest that `apiVersion: v1` opens.

use std::ops::Range;

use super::sign;
use crate::scan::boundary::run_end;

/// The name that a manifest begins with, or nearly.
pub(super) const VERSION: &str = "apiVersion";
/// So much before the name is looked at for the kind, in bytes.
const LEAD: usize = 64;

/// Where the members of the data stand.
pub(super) enum Data {
    /// On the lines from here on, indented by more than so many spaces (YAML).
    Lines(usize, usize),
    /// Behind this brace (JSON).
    Braces(usize),
}

/// The data of the Secret whose version stands behind `name`, if it is of one, and how far the text was read; no further than
/// `limit`. `line` is where the line begins and `indent` where it stands on it.
pub(super) fn data(
    text: &str,
    name: &Range<usize>,
    (line, indent): (usize, usize),
    limit: usize,
) -> (Option<Data>, usize) {
    let bytes = text.as_bytes();
    if bytes[name.end..].starts_with(b": v1\n") || bytes[name.end..].starts_with(b": v1\r\n") {
        return of_lines(text, (line, indent), name.end, limit);
    }
    let at = sign::blanks(bytes, name.end + 1);
    let versioned = bytes[name.end..].starts_with(b"\"")
        && bytes.get(at) == Some(&b':')
        && bytes[sign::blanks(bytes, at + 1)..].starts_with(b"\"v1\"");
    if !versioned {
        return (None, at);
    }
    let from = text.floor_char_boundary(name.start.saturating_sub(LEAD));
    let object = &text[from..limit];
    let data = text[name.end..limit].find("\"data\"");
    let data = data.map(|place| behind_colon(bytes, name.end + place + 6));
    let kind = object.find("\"kind\"").map(|place| from + place + 6);
    let secret =
        kind.is_some_and(|kind| bytes[behind_colon(bytes, kind)..].starts_with(b"\"Secret\""));
    let data = data.filter(|&at| secret && bytes.get(at) == Some(&b'{'));
    (data.map(|at| Data::Braces(at + 1)), limit)
}

/// The same in YAML: the lines of the manifest that are indented as its first one.
fn of_lines(
    text: &str,
    (line, indent): (usize, usize),
    mut at: usize,
    limit: usize,
) -> (Option<Data>, usize) {
    let bytes = text.as_bytes();
    let before = text[..line].trim_end().rsplit('\n').next();
    let mut secret = before.is_some_and(|line| is_secret(line.trim_start_matches([' ', '-'])));
    let mut data = None;
    while at < limit {
        at = run_end(bytes, at, limit - at, |byte| byte != b'\n');
        let start = (at + 1).min(limit);
        let own = run_end(bytes, start, limit - start, |byte| byte == b' ');
        let end = run_end(bytes, own, limit - own, |byte| byte != b'\n');
        at = end;
        let Some(content) = text.get(own..end).map(str::trim_end) else {
            break;
        };
        if content.is_empty() || own - start > indent {
            continue;
        }
        if own - start < indent || content.starts_with(['-', '{']) || content.starts_with(VERSION) {
            break;
        }
        if content.starts_with("kind:") {
            if !is_secret(content) {
                break;
            }
            secret = true;
        } else if content == "data:" {
            data = Some(Data::Lines(end, indent));
        }
        if secret && data.is_some() {
            return (data, end);
        }
    }
    (None, at)
}

/// Whether a line says that the manifest is of a Secret.
fn is_secret(line: &str) -> bool {
    let kind = line.strip_prefix("kind:").map(str::trim);
    matches!(kind, Some("Secret" | "\"Secret\"" | "'Secret'"))
}

/// Behind the colon that follows a quoted name.
fn behind_colon(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, 16, |byte| {
        byte == b':' || byte.is_ascii_whitespace()
    })
}
