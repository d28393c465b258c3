//! Values of a statement that inserts a row, each in the place of its column:
//! `INSERT INTO users (name, password) VALUES ('bob', 'x')`.

use std::ops::Range;

use super::{Joint, Sign, opens_string, white};
use crate::scan::boundary::{is_word, run_end, run_start};

/// The longest list of columns and the longest row, in bytes.
const MAX_LIST: usize = 512;
/// The longest name of a table with that of its schema, in bytes.
const MAX_TABLE: usize = 80;

/// Before the string in the place of the column that is called `name`.
pub(super) fn value(text: &str, name: &Range<usize>) -> Option<Sign> {
    const VALUES: &[u8] = b"values";
    let bytes = text.as_bytes();
    let first = run_start(bytes, name.start, MAX_LIST, is_listed);
    let opened = first.checked_sub(1).filter(|&at| bytes[at] == b'(')?;
    if !is_inserted(&bytes[..opened]) {
        return None;
    }
    let closed = run_end(bytes, name.end, MAX_LIST, is_listed);
    let at = white(bytes, closed + 1);
    let values = bytes.get(at..at + VALUES.len())?;
    let row = white(bytes, at + VALUES.len());
    let follows = bytes.get(closed) == Some(&b')')
        && values.eq_ignore_ascii_case(VALUES)
        && bytes.get(row) == Some(&b'(');
    if !follows {
        return None;
    }
    let before = memchr::memchr_iter(b',', &bytes[first..name.start]).count();
    let at = item(bytes, row + 1, before)?;
    let at = at + usize::from(matches!(bytes.get(at), Some(b'N' | b'E' | b'n' | b'e')));
    Some(Sign::at(at, Joint::Assigned)).filter(|sign| opens_string(bytes, sign.end))
}

/// Whether a byte belongs to a list of names.
fn is_listed(byte: u8) -> bool {
    is_word(byte) || byte.is_ascii_whitespace() || matches!(byte, b',' | b'`' | b'"' | b'[' | b']')
}

/// Whether the text before the list says that it is one of columns: `INSERT INTO app.users `
fn is_inserted(before: &[u8]) -> bool {
    const INTO: &[u8] = b"into";
    let table = before.trim_ascii_end();
    let start = run_start(table, table.len(), MAX_TABLE, |byte| {
        is_word(byte) || matches!(byte, b'.' | b'`' | b'"' | b'[' | b']')
    });
    let word = table[..start].trim_ascii_end();
    word.len() < start
        && word
            .len()
            .checked_sub(INTO.len())
            .is_some_and(|at| word[at..].eq_ignore_ascii_case(INTO))
}

/// Where the value begins that has so many others `before` it in the row at `at`.
fn item(bytes: &[u8], mut at: usize, before: usize) -> Option<usize> {
    let stop = bytes.len().min(at + MAX_LIST);
    for _ in 0..before {
        at = white(bytes, at);
        let quote = *bytes.get(at)?;
        if matches!(quote, b'\'' | b'"') {
            at = run_end(bytes, at + 1, MAX_LIST, |byte| byte != quote) + 1;
        }
        at = run_end(bytes, at, MAX_LIST, |byte| {
            !matches!(byte, b',' | b')' | b';')
        });
        if at >= stop || bytes[at] != b',' {
            return None;
        }
        at += 1;
    }
    Some(white(bytes, at))
}
