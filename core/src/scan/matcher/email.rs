//! E-mail addresses (RFC 5321 and RFC 6531, without quoted local parts and address literals).

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
    // A run that is cut by the limit may begin inside a character.
    let local = text.ceil_char_boundary(local);
    let trimmed = text[local..sign.start].trim_start_matches(['.', '\'', '-']);
    let start = sign.start - trimmed.len();
    let Some(length) = domain_length(&bytes[sign.end..stop]) else {
        return nothing;
    };
    let end = sign.end + length;
    if trimmed.is_empty()
        || trimmed.ends_with('.')
        || trimmed.contains("..")
        || !text.is_char_boundary(end)
    {
        return nothing;
    }
    Attempt::found(Value::bare(start..end), read)
}

/// ASCII that people use, and letters of two bytes: Latin, Greek, Cyrillic. Scripts without spaces would join the prose.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || b"._%+-'".contains(&byte)
        || matches!(byte, 0x80..=0xBF | 0xC3..=0xD4)
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
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
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let punycode = label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--");
        if place > 0 && letters >= 2 && (letters == label.len() || label[letters] == b'-') {
            best = Some(at + if punycode { label.len() } else { letters });
        }
        at += label.len() + 1;
    }
    best
}
