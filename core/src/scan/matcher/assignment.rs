//! Passwords and the like that are assigned to a name, in any of the customary writings.
//!
//! `password = "x"`, `"password": "x"`, `DB_PASSWORD=x`, `password: x`, `<password>x</password>`, `the password is x`.

use std::ops::Range;

use super::dummy::is_dummy;
use crate::scan::boundary::run_end;
use crate::scan::check::{Check, Verdict};
use crate::scan::confirm::{Attempt, Value, behind_name};
use crate::scan::rule::Rule;

/// The longest value, in bytes; a longer one is data.
const MAX_VALUE: usize = 256;
/// The shortest.
const MIN_VALUE: usize = 4;

/// `keyword` ends the name, or stands in it; `rule.except` lists values that are none, `rule.except_names` names that hold none.
pub(super) fn attempt(rule: &Rule, text: &str, keyword: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let nothing = |to: usize| Attempt::nothing(keyword.start, to.saturating_sub(keyword.start));
    if is_inside_word(bytes, &keyword) {
        return nothing(keyword.end);
    }
    let Some(name_end) = behind_name(bytes, keyword.end, rule) else {
        return nothing(keyword.end);
    };
    let Some(Sign { end: at, prose }) = sign(bytes, name_end) else {
        return nothing(name_end + 8);
    };
    let (span, quoted) = match quoted(bytes, at) {
        Some(inner) => (inner, true),
        None => (at..unquoted_end(text, at), false),
    };
    let Some(value) = text.get(span.clone()) else {
        return nothing(span.end);
    };
    let long_enough = (MIN_VALUE..=MAX_VALUE).contains(&value.len());
    let known = is_dummy(value)
        || Rule::lists_have(&rule.except, value)
        || Check::Credential.of(value) == Verdict::Invalid;
    let looks_like_one = if quoted {
        !value.contains(' ')
    } else {
        is_plain(text, &span, prose)
    };
    let own_name = value.eq_ignore_ascii_case(&text[keyword.clone()]);
    if !long_enough || known || !looks_like_one || own_name {
        return nothing(span.end);
    }
    Attempt::found(
        Value {
            context: keyword.start..span.end + usize::from(quoted),
            ..Value::bare(span.clone())
        },
        span.end - keyword.start,
    )
}

/// Whether the word goes on behind the keyword: `passport`, `remote_login_passwordfile`; a plural does not count.
fn is_inside_word(bytes: &[u8], keyword: &Range<usize>) -> bool {
    let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let plural = bytes.get(keyword.end) == Some(&b's') && !lower(keyword.end + 1);
    lower(keyword.end - 1) && lower(keyword.end) && !plural
}

/// A sign of assignment.
struct Sign {
    end: usize,
    /// It was a word, as in `the password is x`.
    prose: bool,
}

fn sign(bytes: &[u8], name_end: usize) -> Option<Sign> {
    let closed = run_end(bytes, name_end, 3, |byte| {
        matches!(byte, b'"' | b'\'' | b'`' | b']' | b')' | b'\\' | b'*')
    });
    let at = run_end(bytes, closed, 16, |byte| matches!(byte, b' ' | b'\t'));
    let rest = &bytes[at..];
    let operators: [&[u8]; 7] = [b":=", b"=>", b"==", b"->", b"=", b":", b">"];
    if let Some(operator) = operators.iter().find(|operator| rest.starts_with(operator)) {
        let end = run_end(bytes, at + operator.len(), 16, |byte| {
            matches!(byte, b' ' | b'\t' | b'*')
        });
        return Some(Sign { end, prose: false });
    }
    [&b"is "[..], b"is: ", b"was ", b"is now "]
        .iter()
        .rev()
        .find(|word| at > name_end && rest.starts_with(word))
        .map(|word| Sign {
            end: at + word.len(),
            prose: true,
        })
}

/// What stands between quotes from `at` on, behind an optional string prefix: `b"…"`, `@"…"`, `\"…\"`.
fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let at = if bytes[at..].starts_with(b"Some(") {
        at + b"Some(".len()
    } else {
        at
    };
    let open = run_end(bytes, at, 2, |byte| {
        matches!(byte, b'b' | b'r' | b'f' | b'u' | b'@' | b'L' | b'\\')
    });
    let quote = *bytes
        .get(open)
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let from = open + 1;
    let end = run_end(bytes, from, MAX_VALUE + 1, |byte| {
        byte != quote && byte != b'\n'
    });
    let escaped = bytes.get(end - 1) == Some(&b'\\') && open > at && bytes[open - 1] == b'\\';
    (bytes.get(end) == Some(&quote)).then(|| from..end - usize::from(escaped && end > from))
}

fn unquoted_end(text: &str, at: usize) -> usize {
    let stops = |byte: u8| byte.is_ascii_whitespace() || b"\"'`,;<>()[]{}|\\".contains(&byte);
    let end = run_end(text.as_bytes(), at, MAX_VALUE + 1, |byte| !stops(byte));
    let end = text.floor_char_boundary(end).max(at);
    at + text.get(at..end).map_or(0, |run| {
        run.trim_end_matches(['.', '!', '?', ':', '*', '\u{201d}', '\u{2019}'])
            .len()
    })
}

/// Whether an unquoted value is meant as one and not as code or prose.
fn is_plain(text: &str, span: &Range<usize>, prose: bool) -> bool {
    let value = &text[span.clone()];
    let rest = &text[span.end..];
    // A call, a subscript, a type parameter, a template, another name.
    let subscript = rest.starts_with(['(', '[', '{', '<']) && !rest.starts_with("</");
    if subscript || value.contains("::") || value.starts_with(['/', '@', '-', '=', '!', '~', '?']) {
        return false;
    }
    let letters = value
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-'));
    let telling = !letters;
    // `password: must be long` is a sentence and `password: hunter` a line of its own.
    let line = rest.trim_start_matches(' ');
    let alone = rest.is_empty()
        || rest.starts_with(['\n', '\r', '"', '\'', '<', '&'])
        || line.starts_with(['}', '\\']);
    let dotted = value.contains('.') && letters;
    telling || (!prose && alone && !dotted && !value.contains('_'))
}
