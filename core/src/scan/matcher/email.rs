//! E-mail addresses (RFC 5321 and RFC 6531, without address literals).

use std::ops::Range;

use crate::scan::boundary::{run_end, run_start};
use crate::scan::confirm::{Attempt, Value};

/// Octets before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Octets of a domain (RFC 5321, 4.5.3.1.2).
const MAX_DOMAIN: usize = 255;

pub(super) fn attempt(text: &str, sign: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let local = run_start(bytes, sign.start, MAX_LOCAL, is_local);
    let stop = run_end(bytes, sign.end, MAX_DOMAIN, is_domain);
    let read = stop - local;
    let nothing = Attempt::nothing(sign.end, read);
    let Some(length) = domain_length(&bytes[sign.end..stop]) else {
        return nothing;
    };
    let end = sign.end + length;
    if let Some(start) = quoted(text, sign.start) {
        return Attempt::found(Value::bare(start..end), MAX_LOCAL);
    }
    // A run that is cut by the limit may begin inside a character.
    let local = text.ceil_char_boundary(local);
    let trimmed = text[local..sign.start].trim_start_matches(['.', '\'', '-']);
    let start = sign.start - trimmed.len();
    if trimmed.is_empty()
        || trimmed.ends_with('.')
        || trimmed.contains("..")
        || !text.is_char_boundary(end)
    {
        return nothing;
    }
    Attempt::found(Value::bare(start..end), read)
}

/// Where the quoted local part begins that ends at `end`: `"john doe"`.
fn quoted(text: &str, end: usize) -> Option<usize> {
    let closed = text[..end].strip_suffix('"')?;
    let from = text.ceil_char_boundary(closed.len().saturating_sub(MAX_LOCAL));
    let inside = closed[from..].rsplit('"').next()?;
    let start = (closed.len() - inside.len())
        .checked_sub(1)
        .filter(|&start| start >= from)?;
    let alone = !text[..start].ends_with(|c: char| c.is_alphanumeric());
    (alone && !inside.is_empty() && !inside.contains(['\n', '\r'])).then_some(start)
}

/// ASCII that people use, and letters of two bytes: Latin, Greek, Cyrillic. Scripts without spaces would join the prose.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || b"._%+-'".contains(&byte)
        || matches!(byte, 0x80..=0xBF | 0xC3..=0xD4)
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | 0x80..=0xBF | 0xC3..=0xD4)
}

/// The length of the longest start of `run` that is a domain with a top-level label of two letters or more.
fn domain_length(run: &[u8]) -> Option<usize> {
    let mut best = None;
    let mut at = 0;
    for (place, label) in run.split(|&byte| byte == b'.').enumerate() {
        if label.is_empty() || label.len() > 63 || label.starts_with(b"-") {
            break;
        }
        let letters = label
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
            .count();
        let punycode = label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--");
        if place > 0 && letters >= 2 && (letters == label.len() || label[letters] == b'-') {
            best = Some(at + if punycode { label.len() } else { letters });
        }
        at += label.len() + 1;
    }
    best
}
