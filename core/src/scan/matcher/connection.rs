//! Connection strings with a password in them: `Server=db;User Id=sa;Password=x;`.

use std::ops::Range;

use memchr::memchr_iter;

use crate::scan::boundary::run_end;
use crate::scan::confirm::{Attempt, Value};

/// The longest connection string, in bytes.
const MAX_LENGTH: usize = 1024;
/// The names of what opens the door.
const NAMES: [&[u8]; 4] = [b"password", b"pwd", b"accountkey", b"sharedaccesskey"];
/// The shortest password.
const MIN_PASSWORD: usize = 4;

/// `first` is the name with which the connection string begins.
pub(super) fn attempt(text: &str, first: &Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let from = first.start;
    let limit = text.floor_char_boundary(from + MAX_LENGTH);
    let stop = run_end(bytes, first.end, limit.saturating_sub(first.end), belongs);
    let password = memchr_iter(b'=', &bytes[first.end..stop]).find_map(|place| {
        let sign = first.end + place;
        let before = &bytes[first.start..sign];
        let named = NAMES.iter().any(|name| {
            let tail = before.len().saturating_sub(name.len());
            before[tail..].eq_ignore_ascii_case(name)
        });
        if !named {
            return None;
        }
        let end = run_end(bytes, sign + 1, stop - sign - 1, is_password);
        (end - sign > MIN_PASSWORD).then_some(end)
    });
    match password {
        Some(end) => {
            let end = if bytes.get(end) == Some(&b';') {
                stop
            } else {
                end
            };
            Attempt::found(Value::bare(from..end), stop - from)
        }
        // Another that begins in the first half of what was read would be half read already.
        None if stop == limit => Attempt::nothing(from + MAX_LENGTH / 2, stop - from),
        None => Attempt::nothing(stop, stop - from),
    }
}

/// What may stand in a connection string.
fn belongs(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\'' | b'\r' | b'\n' | b'<' | b'>')
}

/// What may stand in a password there, in so far as it is one and no variable.
fn is_password(byte: u8) -> bool {
    belongs(byte) && !matches!(byte, b';' | b'&' | b' ' | b'$' | b'{' | b'}' | b'*')
}
