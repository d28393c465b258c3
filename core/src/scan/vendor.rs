//! A key-shaped value near the name of its vendor: `DATADOG_API_KEY=…`, `"datadog": {"key": "…"}`, `the Datadog token is …`.

use std::ops::Range;

use super::confirm::{Attempt, pattern_at};
use super::rule::Rule;

/// How far behind the name a value may begin, in bytes.
const REACH: usize = 80;
/// The most line ends between name and value.
const LINES: usize = 1;
/// The most places that are tried behind one name.
const TRIES: usize = 4;

/// `name` is the vendor's; the rule's pattern says what its keys look like.
pub(super) fn attempt(rule: &Rule, text: &str, name: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    if is_inside_word(bytes, &name) {
        return Attempt::nothing(name.start, 1);
    }
    let stop = bytes.len().min(name.end + REACH);
    let (mut lines, mut tries, mut read) = (0, 0, stop - name.end);
    for at in name.end..stop {
        if bytes[at] == b'\n' {
            lines += 1;
            if lines > LINES {
                break;
            }
        }
        let begins = belongs(bytes[at]) && !belongs(bytes[at - 1]);
        if begins && is_announced(&bytes[name.end..at]) {
            let attempt = pattern_at(rule, text, at, name.start);
            read += attempt.read;
            if attempt.value.is_some() {
                return Attempt { read, ..attempt };
            }
            tries += 1;
            if tries == TRIES {
                break;
            }
        }
    }
    Attempt::nothing(name.start, read)
}

/// Whether the name is the beginning of another word (`consulted`), and not of a longer name of the vendor's (`datadogkey`).
fn is_inside_word(bytes: &[u8], name: &Range<usize>) -> bool {
    const JOINED: [&[u8]; 7] = [
        b"api", b"key", b"token", b"secret", b"access", b"client", b"auth",
    ];
    let rest = &bytes[name.end..];
    let goes_on = bytes[name.end - 1].is_ascii_lowercase()
        && rest.first().is_some_and(u8::is_ascii_lowercase);
    goes_on && !JOINED.iter().any(|word| rest.starts_with(word))
}

/// What values and names consist of.
fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'.')
}

/// Whether what stands between the name and the value ends in a sign of assignment, or a word that calls for a value.
fn is_announced(between: &[u8]) -> bool {
    let glue = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'(' | b'[' | b'*')
    };
    let last = between.iter().rposition(|byte| !glue(byte));
    let before = &between[..last.map_or(0, |place| place + 1)];
    match before.last() {
        Some(b'=' | b':' | b'>' | b',' | b'|') => true,
        Some(_) => [&b"is"[..], b"key", b"token", b"secret", b"password"]
            .iter()
            .any(|word| {
                let tail = before.len().saturating_sub(word.len());
                before[tail..].eq_ignore_ascii_case(word)
            }),
        None => false,
    }
}
