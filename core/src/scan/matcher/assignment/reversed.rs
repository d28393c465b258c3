//! A value before the name that it is compared with: `"x" == password`, `"x".equals(user.getPassword())`,
//! `strcmp("x", password)`.

use std::ops::Range;

use super::value::Found;
use crate::scan::boundary::{is_word, run_start};

/// The longest value, in bytes.
const LONGEST: usize = 128;
/// What may stand before a name and belong to it.
const MAX_PATH: usize = 48;
/// Functions that compare two arguments.
const COMPARING: [&[u8]; 8] = [
    b"strcmp(",
    b"strncmp(",
    b"strcasecmp(",
    b"compare_digest(",
    b"hash_equals(",
    b"equals(",
    b"Equals(",
    b"timingSafeEqual(",
];
/// What stands between a string and the name that it is compared with.
const OPERATORS: [&[u8]; 8] = [
    b"===",
    b"!==",
    b"==",
    b"!=",
    b".equals(",
    b".Equals(",
    b".equalsIgnoreCase(",
    b" eq",
];

/// The string that is compared with the name that begins at `name`.
pub(super) fn value(bytes: &[u8], name: usize) -> Option<Found> {
    // Of most names something else is told by one byte.
    if !matches!(
        bytes.get(name.checked_sub(1)?)?,
        b' ' | b'(' | b'=' | b'>' | b'$' | b'"' | b'\'' | b':'
    ) {
        return None;
    }
    let path = |byte: u8| {
        is_word(byte)
            || matches!(
                byte,
                b'.' | b'-' | b'>' | b'$' | b'@' | b':' | b'[' | b'"' | b'\''
            )
    };
    let start = run_start(bytes, name, MAX_PATH, path);
    let start = blanks_before(bytes, start);
    let before = &bytes[..start];
    let operator = OPERATORS.iter().find(|operator| before.ends_with(operator));
    // `[ "x" = "$PASSWORD" ]`
    let shell = bytes[start..name].ends_with(b"\"$") && before.ends_with(b"=");
    let operator = operator.map_or(usize::from(shell), |operator| operator.len());
    let end = match operator {
        1.. => blanks_before(bytes, start - operator),
        0 => blanks_before(bytes, start.checked_sub(1).filter(|&at| bytes[at] == b',')?),
    };
    let span = string_before(bytes, end)?;
    let first = run_start(bytes, span.start - 1, 2, |byte| {
        matches!(byte, b'@' | b'b' | b'L')
    });
    let compared = operator > 0
        || COMPARING
            .iter()
            .any(|function| bytes[..first].ends_with(function));
    compared.then_some(Found {
        end,
        seen: end,
        span,
        quoted: true,
        called: false,
    })
}

/// The inside of the string that ends at `end`.
fn string_before(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let close = end.checked_sub(1)?;
    let quote = *bytes
        .get(close)
        .filter(|byte| matches!(byte, b'"' | b'\''))?;
    let from = close.saturating_sub(LONGEST);
    let open = from + memchr::memrchr2(quote, b'\n', &bytes[from..close])?;
    let whole = bytes[open] == quote && !bytes[open..close].contains(&b'\\');
    whole.then_some(open + 1..close)
}

fn blanks_before(bytes: &[u8], at: usize) -> usize {
    run_start(bytes, at, 8, |byte| byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_value_before_its_name_is_compared_with_it() {
        for (text, found) in [
            (r#"if ("k7x2" == password"#, Some("k7x2")),
            (r"if 'k7x2' !== $user->password", Some("k7x2")),
            (r#""k7x2".equals(password"#, Some("k7x2")),
            (r#"strcmp("k7x2", password"#, Some("k7x2")),
            (r#"[ "k7x2" = "$password"#, Some("k7x2")),
            (r#"f("k7x2", password"#, None),
            (r#"x = "k7x2"; password"#, None),
            (r#""k7x2" = password"#, None),
            (r#"k7x2" == password"#, None),
        ] {
            let name = text.len() - "password".len();
            let found_here = value(text.as_bytes(), name).map(|found| &text[found.span]);
            assert_eq!(found_here, found, "{text}");
        }
    }
}
