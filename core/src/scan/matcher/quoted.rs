//! Random strings between quotes.

use std::ops::Range;

use super::assignment::words;
use super::dummy::is_in_order;
use super::public::is_public;
use crate::scan::boundary::{is_word, run_end, run_start};
use crate::scan::confirm::{Attempt, Value};
use crate::scan::rule::Rule;

/// The longest string that is taken for a credential; longer ones are embedded data.
const MAX_LENGTH: usize = 512;
/// So many characters in order are the digits of an encoding.
const MAX_IN_ORDER: usize = 8;
/// The shortest.
pub(super) const MIN_LENGTH: usize = 20;
/// The longest name before a string, and the most that stands between the two, in bytes.
const MAX_NAME: usize = 40;
const MAX_SIGN: usize = 8;

/// `quote` opens the string, whose first [`MIN_LENGTH`] characters are of the rule's alphabet.
pub(super) fn attempt(rule: &Rule, text: &str, quote: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let from = quote.end;
    let belongs = |byte: u8| {
        let alphabet = rule.alphabet.as_ref();
        alphabet.is_some_and(|alphabet| alphabet.has(byte))
    };
    // So many are known to follow.
    let end = run_end(bytes, from + MIN_LENGTH, usize::MAX, belongs);
    // No quote is in the alphabet: what was read need not be read again.
    let nothing = Attempt::nothing(end, end - from);
    let closed = matches!(bytes.get(end), Some(b'"' | b'\''));
    let run = &text[from..end];
    let has = |kind: fn(&u8) -> bool| run.as_bytes().iter().any(kind);
    let mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    if !closed
        || !mixed
        || is_in_order(run.as_bytes(), MAX_IN_ORDER)
        || run.len() > MAX_LENGTH
        || is_public(run)
        || is_named_so(rule, text, quote.start)
    {
        return nothing;
    }
    Attempt::found(Value::bare(from..end), end - from)
}

/// Whether the name that the string at `at` is assigned to says that it is no credential: `checksum = "x"`.
fn is_named_so(rule: &Rule, text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let sign = run_start(bytes, at, MAX_SIGN, |byte| {
        matches!(
            byte,
            b' ' | b':' | b'=' | b'>' | b'"' | b'\'' | b'(' | b'[' | b'{' | b'\\'
        )
    });
    let start = run_start(bytes, sign, MAX_NAME, |byte| is_word(byte) || byte == b'-');
    let signed = bytes[sign..at]
        .iter()
        .any(|byte| matches!(byte, b':' | b'=' | b'('));
    signed
        && text.get(start..sign).is_some_and(|name| {
            words(name).any(|word| Rule::lists_have(&rule.lists.except_names, word))
        })
}
