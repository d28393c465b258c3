//! IPv6 addresses in every form of RFC 4291, section 2.2, as the standard library parses them.

use std::net::Ipv6Addr;
use std::ops::Range;

use crate::scan::boundary::{is_word, run_end, run_start};
use crate::scan::check::Verdict;
use crate::scan::confirm::{Attempt, Value};

/// The longest textual form: eight groups, the last two as a dotted quad.
const MAX_ADDRESS: usize = 45;

pub(super) fn attempt(text: &str, colon: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let belongs = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let joins = |place: Option<&u8>| place.copied().is_some_and(belongs);
    if !joins(bytes.get(colon.end)) {
        return Attempt::nothing(colon.end, 2);
    }
    let start = run_start(bytes, colon.start, 5, |byte| byte.is_ascii_hexdigit());
    let stop = run_end(bytes, colon.end, MAX_ADDRESS, |byte| {
        belongs(byte) || byte == b'.'
    });
    let read = stop - start;
    // Later colons of the same run would begin inside the address.
    let nothing = Attempt::nothing(if read > 5 { stop } else { colon.end }, read);
    if bytes[..start]
        .last()
        .is_some_and(|&byte| is_word(byte) || matches!(byte, b':' | b'.'))
    {
        return nothing;
    }
    let continued = bytes.get(stop).copied().is_some_and(is_word);
    let run = text[start..stop].trim_end_matches('.');
    // `fe80::1:` ends a clause; `fe80::` is an address.
    let run = match run.strip_suffix(':') {
        Some(shorter) if !shorter.ends_with(':') => shorter,
        _ => run,
    };
    let telling = run.bytes().any(|byte| byte.is_ascii_digit()) && run.matches(':').count() >= 2;
    if continued || !telling || run.parse::<Ipv6Addr>().is_err() {
        return nothing;
    }
    let value = Value {
        verdict: Verdict::Valid,
        ..Value::bare(start..zone_end(bytes, start + run.len()))
    };
    Attempt::found(value, read)
}

/// The end of the zone of `fe80::1%eth0` (RFC 4007, section 11), or `end`.
fn zone_end(bytes: &[u8], end: usize) -> usize {
    if bytes.get(end) != Some(&b'%') {
        return end;
    }
    let zone = run_end(bytes, end + 1, 15, is_word);
    if zone > end + 1 { zone } else { end }
}
