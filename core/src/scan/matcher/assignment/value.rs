//! The value behind a sign of assignment: between quotes, in a call, the default of a variable, or as it stands.

use std::ops::Range;

use super::sign::{Joint, Sign};
use crate::scan::boundary::{is_word, run_end};
use crate::scan::wording::randomness;

/// The longest value, in bytes; a longer one is data.
const MAX_VALUE: usize = 1024;
/// The longest call or variable before a value, in bytes.
const MAX_CODE: usize = 64;

/// A value as it stands in the text.
pub(super) struct Found {
    pub(super) span: Range<usize>,
    /// Behind the quote that closes it.
    pub(super) end: usize,
    /// Behind the last byte that was read to find it.
    pub(super) seen: usize,
    pub(super) quoted: bool,
    /// It is the argument of a function that may do anything with it.
    pub(super) called: bool,
}

/// The value at the end of `sign`.
pub(super) fn read(text: &str, sign: &Sign) -> Option<Found> {
    let bytes = text.as_bytes();
    let at = match bytes.get(sign.end) {
        Some(b'<' | b'$') => here_document(bytes, sign.end).unwrap_or(sign.end),
        _ => sign.end,
    };
    if !text.is_char_boundary(at) {
        return None;
    }
    let opened = run_end(bytes, at, 2, |byte| matches!(byte, b'(' | b'[' | b'{'));
    let found = quoted(bytes, at)
        .or_else(|| {
            let inner = quoted(bytes, blanks(bytes, opened)).filter(|_| opened > at)?;
            // The name of the first member of a map is no value.
            (bytes.get(blanks(bytes, inner.end)) != Some(&b':')).then_some(inner)
        })
        .or_else(|| in_code(bytes, at, 0))
        .or_else(|| plain(text, at + scheme(&text[at..]), sign.joint))?;
    let value = text.get(found.span.clone())?;
    let inner = default_of(value).unwrap_or(scheme(value)..value.len());
    Some(Found {
        span: found.span.start + inner.start..found.span.start + inner.end,
        ..found
    })
}

/// The first line of a here-document at `at`: of a shell, of Perl, Ruby or PHP, or of Terraform.
#[cold]
fn here_document(bytes: &[u8], at: usize) -> Option<usize> {
    const MAX_WORD: usize = 16;
    let at = at
        + if bytes[at..].starts_with(b"$(cat ") {
            6
        } else {
            0
        };
    bytes[at..].starts_with(b"<<").then_some(())?;
    let word = run_end(bytes, at + 2, 3, |byte| {
        matches!(byte, b'<' | b'-' | b'~' | b'"' | b'\'')
    });
    let end = run_end(bytes, word, MAX_WORD, |byte| {
        byte.is_ascii_uppercase() || byte == b'_'
    });
    let line = run_end(bytes, end, 3, |byte| {
        matches!(byte, b'"' | b'\'' | b';' | b'\r')
    });
    (end > word && bytes.get(line) == Some(&b'\n')).then(|| blanks(bytes, line + 1))
}

/// A value between quotes at `at`.
pub(super) fn quoted(bytes: &[u8], at: usize) -> Option<Found> {
    let (span, end) = string(bytes, at)?;
    Some(Found {
        span,
        end,
        seen: end,
        quoted: true,
        called: false,
    })
}

/// The length of the scheme that a value of `Authorization` begins with, and of the blank behind it (RFC 9110, section 11.4).
fn scheme(value: &str) -> usize {
    const SCHEMES: [&str; 8] = [
        "basic ",
        "bearer ",
        "token ",
        "apikey ",
        "api-key ",
        "digest ",
        "ntlm ",
        "negotiate ",
    ];
    let first = value.as_bytes().first().map(u8::to_ascii_lowercase);
    if !matches!(first, Some(b'a' | b'b' | b'd' | b'n' | b't')) {
        return 0;
    }
    SCHEMES
        .iter()
        .find(|scheme| {
            value
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })
        .map_or(0, |scheme| scheme.len())
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, 16, |byte| matches!(byte, b' ' | b'\t'))
}

/// A string at `at`, behind an optional prefix: `b"…"`, `@"…"`, `\"…\"`, `&quot;…&quot;`, `“…”`. Also where it ends.
fn string(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    const MARKS: [(&str, &str); 13] = [
        ("q{", "}"),
        ("qq{", "}"),
        ("q(", ")"),
        ("\"\"\"", "\"\"\""),
        ("&quot;", "&quot;"),
        ("&#34;", "&#34;"),
        ("&#39;", "&#39;"),
        ("\u{201c}", "\u{201d}"),
        ("\u{201e}", "\u{201c}"),
        ("\u{201e}", "\u{201d}"),
        ("\u{2018}", "\u{2019}"),
        ("\u{ab}", "\u{bb}"),
        ("\u{300c}", "\u{300d}"),
    ];
    let rest = bytes.get(at..)?;
    if (matches!(rest.first(), Some(b'&' | b'q' | 0xC2 | 0xE2 | 0xE3)) || rest.starts_with(b"\"\""))
        && let Some((open, close)) = MARKS
            .iter()
            .find(|(open, _)| rest.starts_with(open.as_bytes()))
    {
        let from = at + open.len();
        let stop = bytes.len().min(from + MAX_VALUE);
        let length = memchr::memmem::find(&bytes[from..stop], close.as_bytes())?;
        let end = from + length;
        let one_line = !bytes[from..end].contains(&b'\n');
        let inner = &bytes[from..end];
        let start = from + inner.len() - inner.trim_ascii_start().len();
        let stop = start + bytes[start..end].trim_ascii().len();
        return one_line.then_some((start..stop, end + close.len()));
    }
    let open = run_end(bytes, at, 2, |byte| {
        matches!(
            byte,
            b'b' | b'r' | b'f' | b'u' | b'@' | b'$' | b'L' | b'N' | b'\\'
        )
    });
    let quote = *bytes
        .get(open)
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let escaped = open > at && bytes[open - 1] == b'\\';
    let from = open + 1;
    let mut end = from;
    loop {
        match *bytes.get(end)? {
            byte if byte == quote => break,
            b'\n' => return None,
            b'\\' if escaped && bytes.get(end + 1) == Some(&quote) => break,
            b'\\' if !escaped => end += 2,
            _ => end += 1,
        }
        if end - from > MAX_VALUE {
            return None;
        }
    }
    Some((from..end, end + 1 + usize::from(escaped)))
}

/// The most calls around a string.
const MAX_DEPTH: usize = 2;
/// Functions of which the name of a setting is the first argument, and what holds without one the second.
const GETTERS: [&str; 10] = [
    "env",
    "get",
    "config",
    "setting",
    "fetch",
    "lookup",
    "prop",
    "param",
    "default",
    "credentials",
];
/// Functions that only give their argument another type.
const CASTS: [&str; 12] = [
    "some", "string", "from", "byte", "bytes", "str", "ptr", "new", "value", "secret", "password",
    "char",
];

/// A string in code: the argument of a call, or what holds where a variable has no value.
fn in_code(bytes: &[u8], at: usize, depth: usize) -> Option<Found> {
    let inner = |byte: u8| {
        is_word(byte)
            || matches!(
                byte,
                b'.' | b':' | b'$' | b'&' | b'*' | b'[' | b']' | b'<' | b'>'
            )
    };
    let begin = [&b"new "[..], b"await ", b"&"]
        .iter()
        .find(|word| bytes[at..].starts_with(word))
        .map_or(at, |word| at + word.len());
    let end = run_end(bytes, begin, MAX_CODE, inner);
    if end == begin {
        return None;
    }
    if bytes.get(end) == Some(&b'(') {
        let Some((first, closed)) = string(bytes, blanks(bytes, end + 1)) else {
            let nested = (depth < MAX_DEPTH).then(|| in_code(bytes, end + 1, depth + 1))?;
            return nested.map(|found| Found {
                called: true,
                ..found
            });
        };
        let function = bytes[begin..end].to_ascii_lowercase();
        let has = |words: &[&str]| {
            words
                .iter()
                .any(|word| memchr::memmem::find(&function, word.as_bytes()).is_some())
        };
        if has(&GETTERS) {
            return second(bytes, closed).or_else(|| or_else(bytes, closed + 1));
        }
        return Some(Found {
            span: first,
            end: closed,
            seen: closed,
            quoted: true,
            called: !has(&CASTS),
        });
    }
    // `process.env["TOKEN"] || "x"`.
    let end = run_end(bytes, end, MAX_CODE - (end - begin), |byte| {
        inner(byte) || matches!(byte, b'"' | b'\'' | b'(' | b')')
    });
    or_else(bytes, end)
}

/// The string behind a sign of alternatives at `at`.
fn or_else(bytes: &[u8], at: usize) -> Option<Found> {
    const SIGNS: [&[u8]; 4] = [b" || ", b" ?? ", b" or ", b" : "];
    let rest = bytes.get(at..).filter(|rest| rest.first() == Some(&b' '))?;
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    quoted(bytes, at + sign.len())
}

/// The second argument, behind the first that ends at `closed`.
fn second(bytes: &[u8], closed: usize) -> Option<Found> {
    let comma = blanks(bytes, closed);
    (bytes.get(comma) == Some(&b',')).then_some(())?;
    let at = blanks(bytes, comma + 1);
    let named = bytes.get(at..)?.starts_with(b"default=");
    let at = at + if named { b"default=".len() } else { 0 };
    quoted(bytes, at)
}

/// A value without quotes; it may be empty.
pub(super) fn plain(text: &str, at: usize, joint: Joint) -> Option<Found> {
    let bytes = text.as_bytes();
    let variable = bytes[at..].starts_with(b"${");
    let seen = if variable {
        let closed = run_end(bytes, at, MAX_VALUE, |byte| byte != b'}' && byte != b'\n');
        text.len().min(closed + 1)
    } else {
        with_sign_of_parameter(bytes, at)
    };
    let end = next_parameter(&bytes[at..seen]).map_or(seen, |length| at + length);
    let end = text.floor_char_boundary(end).max(at);
    let run = text.get(at..end)?;
    let run = if run.is_ascii() {
        run
    } else {
        let foreign = |c: char| closes_prose(c) || run.as_bytes()[0].is_ascii() && is_cjk(c);
        &run[..run.find(foreign).unwrap_or(run.len())]
    };
    if matches!(joint, Joint::Assigned | Joint::Option)
        && let Some(length) = with_brackets(&text[at..], run.len())
    {
        let end = at + length;
        return Some(Found {
            span: at..end,
            end,
            seen: end,
            quoted: false,
            called: false,
        });
    }
    let trimmed = run.trim_end_matches(['.', '?', ':', '*']);
    let run = match joint {
        Joint::Element => run,
        // `Is it hunter2!` ends with it, `Sommer2024!` has it; one before a full stop belongs to the value.
        Joint::Prose if trimmed.len() == run.len() => run.trim_end_matches('!'),
        _ => trimmed,
    };
    Some(Found {
        span: at..at + run.len(),
        end: at + run.len(),
        seen,
        quoted: false,
        called: false,
    })
}
/// The bytes that end a value without quotes, besides blanks.
const STOPS: &[u8] = b"\"'`,;<>()[]{}|\\";

/// Whether a value without quotes ends before `byte`.
fn stops(byte: u8) -> bool {
    // Looked up, since every byte of a long value is asked for.
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte.is_ascii() {
            table[byte as usize] = byte.is_ascii_whitespace();
            byte += 1;
        }
        let mut at = 0;
        while at < STOPS.len() {
            table[STOPS[at] as usize] = true;
            at += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
}

/// The length of a value with brackets in it, as no code has them, up to the end of a line: `x7[K2)mw`. `stop` is where a value
/// without them ends.
fn with_brackets(rest: &str, stop: usize) -> Option<usize> {
    const LONGEST: usize = 64;
    const SHORTEST: usize = 6;
    const RANDOM: f32 = 3.0;
    const CODE: [&str; 8] = ["${", "$(", "{{", "#{", "%{", "(?", ".*", "()"];
    let bytes = rest.as_bytes();
    let bracket = |byte: u8| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}');
    if stop == 0 || !bytes.get(stop).copied().is_some_and(bracket) {
        return None;
    }
    let end = run_end(bytes, stop, LONGEST, |byte| {
        bracket(byte) || byte.is_ascii_graphic() && !stops(byte)
    });
    let last = matches!(&bytes[end..], [] | [b'\n', ..] | [b'\r', b'\n', ..]);
    let value = rest.get(..end)?;
    let inner = value.trim_end_matches(['(', ')', '[', ']', '{', '}']);
    let goes_on = inner.len() > stop && inner.len() >= SHORTEST;
    if !last || !goes_on || CODE.iter().any(|code| value.contains(code)) {
        return None;
    }
    // A word or a figure right behind a bracket that closes, or brackets that close nothing.
    let mut open = Vec::new();
    let mut crossed = false;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b')' | b']' | b'}' => {
                crossed |= open.pop() != Some(byte);
                crossed |= bytes[..end]
                    .get(at + 1)
                    .is_some_and(u8::is_ascii_alphanumeric);
            }
            _ => {}
        }
    }
    let made = inner.bytes().any(|byte| byte.is_ascii_digit())
        && inner.bytes().any(|byte| byte.is_ascii_alphabetic());
    (crossed && made && randomness(inner) >= RANDOM).then_some(end)
}

/// The end of the run at `at` that may be a value, or only of as much of it as shows that a query has a next parameter.
fn with_sign_of_parameter(bytes: &[u8], at: usize) -> usize {
    let limit = bytes.len().min(at + MAX_VALUE + 1);
    let first = run_end(bytes, at, limit - at, |byte| byte != b'&' && !stops(byte));
    let end = run_end(bytes, first, limit - first, |byte| {
        byte != b'=' && !stops(byte)
    });
    let signed = end < limit && bytes[end] == b'=';
    end + usize::from(signed)
}

/// Where the next parameter of a query begins.
fn next_parameter(run: &[u8]) -> Option<usize> {
    let first = memchr::memchr(b'&', run)?;
    if memchr::memchr(b'=', &run[first..]).is_some() {
        return Some(first);
    }
    memchr::memmem::find(run, b"&amp")
}

/// Whether `c` is of a script that is written without spaces, so that a word of it may follow a value.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Punctuation that belongs to the prose around a value and not to the value.
fn closes_prose(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '；'
            | '！'
            | '？'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '…'
            | '\u{a0}'
            | '\u{ab}'
            | '\u{bb}'
            | '\u{2013}'..='\u{201f}' | '\u{2039}' | '\u{203a}'
    )
}

/// What holds where the variable that `value` names is not set: `${VAR:-x}`, `${VAR:x}`.
fn default_of(value: &str) -> Option<Range<usize>> {
    let inner = value.strip_prefix("${")?.strip_suffix('}')?;
    let (name, default) = inner.split_once(':')?;
    let default = default.strip_prefix(['-', '=']).unwrap_or(default);
    let plain = name.bytes().all(|byte| is_word(byte) || byte == b'.') && !default.contains("${");
    let start = value.len() - 1 - default.len();
    (plain && !default.is_empty()).then(|| start..value.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::{Joint, plain};

    #[test]
    fn a_value_ends_at_the_next_parameter_and_no_more_than_that_is_read() {
        for (text, value, seen) in [
            ("a&b=c&d=e", "a", "a&b="),
            ("a&b&c=d", "a", "a&b&c="),
            ("a&b&c d=e", "a&b&c", "a&b&c"),
            ("a&b&amp;c", "a&b", "a&b&amp"),
            ("${a&b=c}d", "${a", "${a&b=c}"),
            ("a=b. c", "a=b", "a=b."),
        ] {
            let found = plain(text, 0, Joint::Assigned);
            let found = found.map(|found| (&text[found.span], &text[..found.seen]));
            assert_eq!(found, Some((value, seen)));
        }
    }
}
