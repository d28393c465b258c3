//! Random strings between quotes.

use std::ops::Range;

use super::dummy::is_in_order;
use crate::scan::boundary::run_end;
use crate::scan::confirm::{Attempt, Value};
use crate::scan::rule::Rule;

/// The longest string that is taken for a credential; longer ones are embedded data.
const MAX_LENGTH: usize = 512;
/// So many characters in order are the digits of an encoding.
const MAX_IN_ORDER: usize = 8;
const MIN_LENGTH: usize = 20;

/// `quote` opens the string; the rule's alphabet says what it may consist of.
pub(super) fn attempt(rule: &Rule, text: &str, quote: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let from = quote.end;
    let end = run_end(bytes, from, usize::MAX, |byte| {
        rule.alphabet
            .as_ref()
            .is_some_and(|alphabet| alphabet.has(byte))
    });
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
        || !(MIN_LENGTH..=MAX_LENGTH).contains(&run.len())
    {
        return nothing;
    }
    Attempt::found(Value::bare(from..end), end - from)
}
