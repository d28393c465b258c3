//! What stands between a name and its value.

mod beside;
mod column;
mod field;

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end};

/// The most blanks on either side of a sign: tables of settings are aligned.
const MAX_BLANKS: usize = 48;

/// A sign of assignment.
pub(super) struct Sign {
    /// Where the value may begin.
    pub(super) end: usize,
    pub(super) joint: Joint,
}

impl Sign {
    fn at(end: usize, joint: Joint) -> Self {
        Self { end, joint }
    }
}

/// How a name and a value belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `=`, `:` and the like.
    Assigned,
    /// `==` and `!=`: what stands behind is a value only where it is written out.
    Compared,
    /// `>` behind the name of an element.
    Element,
    /// `,` between two strings: arguments, or elements of a list.
    Pair,
    /// `(` behind the name of a function: `setPassword("x")`.
    Call,
    /// A list or a map that the name stands over.
    Member,
    /// A word: `the password is x`.
    Prose,
    /// A blank behind the name of an option, or in `.netrc`.
    Option,
}

/// Methods that give a name or a field of that name the value in their brackets.
const METHODS: [&[u8]; 8] = [
    b".unwrap_or(",
    b".orElse(",
    b".type(",
    b".fill(",
    b".sendKeys(",
    b".send_keys(",
    b".setValue(",
    b".set_value(",
];

/// The sign behind `name`, or `None` where nothing is assigned to it.
pub(super) fn behind(text: &str, name: &Range<usize>) -> Option<Sign> {
    let bytes = text.as_bytes();
    if let Some(end) = beside::contracted(bytes, name.end) {
        return Some(Sign::at(end, Joint::Prose));
    }
    if let [b',' | b')', ..] | [b'`' | b'"' | b']', b',' | b')', ..] = bytes[name.end..]
        && let Some(sign) = column::value(text, name)
    {
        return Some(sign);
    }
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
    // `$config{'password'}`.
    let closed = closed + usize::from(quoted && bytes.get(closed) == Some(&b'}'));
    let at = blanks(bytes, closed);
    let assigned = |end: usize| Some(Sign::at(blanks(bytes, end), Joint::Assigned));
    let rest = &bytes[at..];
    match rest.first()? {
        b'(' if at == name.end => Some(Sign::at(blanks(bytes, at + 1), Joint::Call))
            .filter(|sign| opens_string(bytes, sign.end)),
        b'>' if at == closed => Some(Sign::at(field::content(bytes, at + 1), Joint::Element)),
        b'.' if METHODS.iter().any(|method| rest.starts_with(method)) => {
            let opened = at + memchr::memchr(b'(', rest)?;
            assigned(opened + 1).filter(|sign| opens_string(bytes, sign.end))
        }
        b'<' if rest.starts_with(b"</") => field::behind_tag(bytes, at),
        b'{' if quoted => field::default_of_block(bytes, at).and_then(assigned),
        b'{' => field::initialiser(bytes, at).and_then(assigned),
        b',' if quoted => match field::valued(bytes, at) {
            Some(end) => assigned(end),
            None => beside::argument(text, name, at),
        },
        b',' => beside::of_tuple(text, name, at),
        b'|' if rest.starts_with(b"| ") => beside::cell(text, name, at),
        b'\r' | b'\n' => assigned(field::valued(bytes, at)?),
        b'-' if at > closed && !quoted && !rest.starts_with(b"->") => beside::word(text, name, at),
        // `password:: 'x'` (Jsonnet)
        b':' if rest.starts_with(b"::") && operator(rest).is_none() => {
            assigned(run_end(bytes, at, 3, |byte| byte == b':'))
                .filter(|sign| opens_string(bytes, sign.end))
        }
        b':' | b'=' | b'!' | b'+' | b'?' | b'|' | b'-' | b'.' | b'<' => {
            let operator = operator(rest)?;
            let end = at + operator.len();
            match operator {
                b"==" | b"!=" | b"===" | b"!==" => {
                    Some(Sign::at(blanks(bytes, end), Joint::Compared))
                }
                b"||" | b"??" | b"?:" => assigned(end).filter(|sign| opens_string(bytes, sign.end)),
                b":" => assigned(colon(bytes, end)),
                _ => assigned(end),
            }
        }
        _ => beside::particle(text, at)
            .or_else(|| {
                let behind_quote = quoted && at > closed;
                behind_quote.then(|| beside::alternative(bytes, at))?
            })
            .or_else(|| match quoted {
                true => assigned(field::valued(bytes, at).or_else(|| field::enclosed(bytes, at))?),
                false if at == closed => None,
                false => beside::word(text, name, at),
            }),
    }
}

/// Whether a string begins at `at`.
fn opens_string(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'"' | b'\'' | b'`'))
}

/// Where the value behind a colon begins: behind a type, behind what YAML says of it, or in a setting of the next line.
fn colon(bytes: &[u8], at: usize) -> usize {
    let from = blanks(bytes, at);
    typed(bytes, from)
        .or_else(|| field::described(bytes, from))
        .or_else(|| {
            let below = matches!(bytes.get(from), Some(b'\n' | b'{'));
            below
                .then(|| field::valued(bytes, from).or_else(|| field::valued_below(bytes, from)))?
        })
        .unwrap_or(at)
}

/// Behind the blanks and line ends at `at`.
fn white(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, MAX_BLANKS, |byte| byte.is_ascii_whitespace())
}

/// Behind the blanks and marks of emphasis at `at`.
pub(super) fn blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, MAX_BLANKS, |byte| {
        matches!(byte, b' ' | b'\t' | b'*')
    })
}

/// The operator that `rest` begins with.
fn operator(rest: &[u8]) -> Option<&'static [u8]> {
    // The longer ones first; `-` and `::` are none, but begin like one.
    const OPERATORS: [&[u8]; 22] = [
        b":::=", b"::=", b"===", b"!==", b"||=", b"??=", b"||", b"??", b"==", b"!=", b":=", b"=>",
        b"->", b"<-", b".=", b"+=", b"?=", b"?:", b"::", b"=", b":", b"-",
    ];
    let operator = OPERATORS
        .iter()
        .find(|operator| rest.starts_with(operator))?;
    let none = matches!(*operator, b"-" | b"::") || rest.starts_with(b"=~");
    (!none).then_some(*operator)
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
        let call = run_end(bytes, end, MAX_TYPE, |byte| is_word(byte) || byte == b':');
        let converted = call > end && bytes.get(call) == Some(&b'(');
        opens_string(bytes, at) || converted && opens_string(bytes, call + 1)
    };
    let spaced = end > at + 1 && bytes[end - 1] == b' ' && bytes[end..].starts_with(b"= ");
    let end = end + 2;
    (spaced && literal(end)).then_some(end)
}
