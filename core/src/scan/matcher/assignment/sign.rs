//! What stands between a name and its value.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end};

/// The most blanks on either side of a sign: tables of settings are aligned.
const MAX_BLANKS: usize = 48;

/// The longest name that may be a verb.
const SHORT_NAME: usize = 4;

/// A sign of assignment.
pub(super) struct Sign {
    /// Where the value may begin.
    pub(super) end: usize,
    pub(super) joint: Joint,
}

/// How a name and a value belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `=`, `:` and the like.
    Assigned,
    /// `>` behind the name of an element.
    Element,
    /// `,` between two strings: arguments, or elements of a list.
    Pair,
    /// `(` behind the name of a function: `setPassword("x")`.
    Call,
    /// A word: `the password is x`.
    Prose,
    /// A blank behind the name of an option, or in `.netrc`.
    Option,
}

/// The sign behind `name`, or `None` where nothing is assigned to it.
pub(super) fn behind(text: &str, name: &Range<usize>) -> Option<Sign> {
    let bytes = text.as_bytes();
    let closed = run_end(bytes, name.end, 4, |byte| {
        matches!(
            byte,
            b'"' | b'\'' | b'`' | b']' | b'[' | b')' | b'\\' | b'*'
        )
    });
    let entity = ["&quot;", "&#34;", "&#39;"]
        .iter()
        .find(|entity| bytes[closed..].starts_with(entity.as_bytes()));
    let closed = closed + entity.map_or(0, |entity| entity.len());
    let quoted = bytes[name.end..closed]
        .iter()
        .any(|byte| matches!(byte, b'"' | b'\'' | b'`' | b';'));
    let at = blanks(bytes, closed);
    let assigned = |end: usize, joint| {
        Some(Sign {
            end: blanks(bytes, end),
            joint,
        })
    };
    let rest = &bytes[at..];
    match rest.first()? {
        b':' if rest.starts_with(b"::") => None,
        b':' | b'=' | b'!' | b'+' | b'?' | b'|' | b'-' => {
            let operator = operator(rest)?;
            let end = at + operator;
            if rest[0] == b':'
                && operator == 1
                && let Some(end) = typed(bytes, blanks(bytes, end))
            {
                return assigned(end, Joint::Assigned);
            }
            assigned(end, Joint::Assigned)
        }
        b'(' if at == name.end => assigned(at + 1, Joint::Call)
            .filter(|sign| matches!(bytes.get(sign.end), Some(b'"' | b'\'' | b'`'))),
        b'>' if at == closed => assigned(at + 1, Joint::Element),
        b',' if quoted => match valued(bytes, at) {
            Some(end) => assigned(end, Joint::Assigned),
            None => assigned(at + 1, Joint::Pair)
                .filter(|sign| matches!(bytes.get(sign.end), Some(b'"' | b'\'' | b'`'))),
        },
        b'\r' | b'\n' => assigned(valued(bytes, at)?, Joint::Assigned),
        // 是 and は.
        0xE6 if rest.starts_with("是".as_bytes()) => assigned(at + 3, Joint::Prose),
        0xE3 if rest.starts_with("は".as_bytes()) => assigned(at + 3, Joint::Prose),
        _ if at == closed => None,
        _ if quoted => assigned(valued(bytes, at)?, Joint::Assigned),
        _ => word(text, name, at),
    }
}

/// Behind the blanks and marks of emphasis at `at`.
fn blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, MAX_BLANKS, |byte| {
        matches!(byte, b' ' | b'\t' | b'*')
    })
}

/// The length of the operator that `rest` begins with.
fn operator(rest: &[u8]) -> Option<usize> {
    const OPERATORS: [&[u8]; 14] = [
        b"===", b"!==", b"||=", b"??=", b"==", b"!=", b":=", b"=>", b"->", b"+=", b"?=", b"=",
        b":", b"-",
    ];
    let operator = OPERATORS
        .iter()
        .find(|operator| rest.starts_with(operator))?;
    (*operator != b"-" && !rest.starts_with(b"=~")).then_some(operator.len())
}

/// Behind the sign of assignment that follows a type: `: str = "x"`, ` string = "x"`.
fn typed(bytes: &[u8], at: usize) -> Option<usize> {
    const MAX_TYPE: usize = 32;
    let end = run_end(bytes, at, MAX_TYPE, |byte| {
        is_word(byte)
            || matches!(
                byte,
                b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'.' | b'?' | b'*' | b':' | b' '
            )
    });
    let literal = |end: usize| {
        let at = run_end(bytes, end, 2, |byte| {
            matches!(byte, b'b' | b'r' | b'@' | b'L')
        });
        matches!(bytes.get(at), Some(b'"' | b'\'' | b'`'))
    };
    let spaced = end > at + 1 && bytes[end - 1] == b' ' && bytes[end..].starts_with(b"= ");
    let end = end + 2;
    (spaced && literal(end)).then_some(end)
}

/// Behind `value` and its own sign: `name="password" value="x"`, `name: PASSWORD` and `value: x` on the next line.
fn valued(bytes: &[u8], at: usize) -> Option<usize> {
    const VALUE: &[u8] = b"value";
    let at = run_end(bytes, at, MAX_BLANKS, |byte| {
        byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'"' | b'\'')
    });
    let end = at + VALUE.len();
    if !bytes.get(at..end)?.eq_ignore_ascii_case(VALUE) {
        return None;
    }
    let end = run_end(bytes, end, 4, |byte| matches!(byte, b'"' | b'\'' | b' '));
    matches!(bytes.get(end), Some(b':' | b'=')).then_some(end + 1)
}

/// A word that assigns, the blank behind an option, or a type.
fn word(text: &str, name: &Range<usize>, at: usize) -> Option<Sign> {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    let words: [&[u8]; 5] = [b"is now ", b"is: ", b"is ", b"was ", b"to "];
    // `pass to` is a verb.
    let words = if name.len() > SHORT_NAME {
        &words[..]
    } else {
        &words[..4]
    };
    if let Some(word) = words.iter().find(|word| rest.starts_with(word)) {
        return Some(Sign {
            end: at + word.len(),
            joint: Joint::Prose,
        });
    }
    if let Some(end) = typed(bytes, at) {
        return Some(Sign {
            end,
            joint: Joint::Assigned,
        });
    }
    let option =
        at == name.end + 1 && (bytes[name.start] == b'-' || behind_login(text, name.start));
    option.then_some(Sign {
        end: at,
        joint: Joint::Option,
    })
}

/// Whether `login` and a name stand before `at`, as in `.netrc`.
fn behind_login(text: &str, at: usize) -> bool {
    const REACH: usize = 80;
    let before = &text[text.floor_char_boundary(at.saturating_sub(REACH))..at];
    before.split_whitespace().rev().nth(1) == Some("login")
}
