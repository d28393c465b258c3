//! Names and values that are fields of their own: attributes, elements, blocks and lists of settings.

use super::{Joint, MAX_BLANKS, Sign, opens_string, white};
use crate::scan::boundary::run_end;

/// The longest tag or attribute between a name and the tag of its value, in bytes.
const MAX_TAG: usize = 64;
/// The longest block in which a default is looked for, in bytes.
const MAX_BLOCK: usize = 200;

/// Behind `value` and its own sign: `name="password" value="x"`, `name: PASSWORD` and `value: x` on the next line.
pub(super) fn valued(bytes: &[u8], at: usize) -> Option<usize> {
    const NAMES: [&[u8]; 4] = [b"value", b"content", b"default", b"android:value"];
    let at = run_end(bytes, at, MAX_BLANKS, |byte| {
        byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'"' | b'\'')
    });
    NAMES.iter().find_map(|name| {
        let end = at + name.len();
        if !bytes.get(at..end)?.eq_ignore_ascii_case(name) {
            return None;
        }
        let end = run_end(bytes, end, 4, |byte| matches!(byte, b'"' | b'\'' | b' '));
        matches!(bytes.get(end), Some(b':' | b'=')).then_some(end + 1)
    })
}

/// Behind the tag of the value that follows the closing tag of the name at `at`: `<key>password</key> <string>x</string>`.
pub(super) fn behind_tag(bytes: &[u8], at: usize) -> Option<Sign> {
    let end = run_end(bytes, at, MAX_TAG, |byte| byte != b'>' && byte != b'\n');
    (bytes.get(end) == Some(&b'>')).then_some(())?;
    tag(bytes, white(bytes, end + 1))
}

/// The same behind the other attributes of the name: `<setting name="password" serializeAs="String"> <value>x</value>`.
pub(super) fn enclosed(bytes: &[u8], at: usize) -> Option<usize> {
    let end = run_end(bytes, at, MAX_TAG, |byte| {
        !matches!(byte, b'>' | b'<' | b'\n')
    });
    (bytes.get(end) == Some(&b'>')).then_some(())?;
    tag(bytes, white(bytes, end + 1)).map(|sign| sign.end)
}

fn tag(bytes: &[u8], at: usize) -> Option<Sign> {
    const TAGS: [&[u8]; 5] = [b"<value>", b"<string>", b"<param-value>", b"<td>", b"<dd>"];
    let tag = TAGS.iter().find(|tag| bytes[at..].starts_with(tag))?;
    Some(Sign::at(content(bytes, at + tag.len()), Joint::Element))
}

/// Where the content of an element begins: behind line ends, the tag of an element for the value, and the mark of character
/// data.
pub(super) fn content(bytes: &[u8], at: usize) -> usize {
    const MARKS: [&[u8]; 3] = [b"<value>", b"<![CDATA[", b"<string>"];
    let at = white(bytes, at);
    let rest = &bytes[at..];
    let marked = |mark: &&&[u8]| {
        rest.get(..mark.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    at + MARKS.iter().find(marked).map_or(0, |mark| mark.len())
}

/// Behind the attributes of the element that is called so: `<password type="string">x</password>`.
pub(super) fn attributed(text: &str, name: usize, at: usize) -> Option<Sign> {
    let bytes = text.as_bytes();
    let before = text[..name].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == ':');
    let end = run_end(bytes, at, MAX_TAG, |byte| {
        !matches!(byte, b'>' | b'<' | b'\n')
    });
    let opened = before.ends_with('<') && bytes.get(end) == Some(&b'>');
    opened.then(|| Sign::at(content(bytes, end + 1), Joint::Element))
}

/// Behind the tag, the anchor or the block sign that YAML has before a value: `!!str x`, `&name x`, `|` and the next line.
pub(super) fn described(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    if rest.starts_with(b"!!str ") {
        return Some(at + 6);
    }
    let end = match rest.first()? {
        b'&' => run_end(bytes, at, MAX_TAG, |byte| !byte.is_ascii_whitespace()),
        b'|' | b'>' => run_end(bytes, at, 3, |byte| {
            matches!(byte, b'|' | b'>' | b'-' | b'+')
        }),
        _ => return None,
    };
    let wanted = if rest[0] == b'&' { b' ' } else { b'\n' };
    (bytes.get(end) == Some(&wanted)).then(|| white(bytes, end))
}

/// Behind the name of the value in the block or on the indented lines at `at`, as templates of clouds have them:
/// `{ "type": "string", "value": "x" }`, or `Type: String` and `Default: x` below.
#[cold]
pub(super) fn valued_below(bytes: &[u8], at: usize) -> Option<usize> {
    const NAMES: [&[u8]; 2] = [b"value", b"default"];
    let braced = bytes.get(at) == Some(&b'{');
    let stop = bytes.len().min(at + MAX_BLOCK);
    let mut from = at + usize::from(braced);
    let mut depth = None;
    while from < stop {
        let start = run_end(bytes, from, MAX_BLOCK, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'')
        });
        let line = bytes[from..start].iter().rposition(|&byte| byte == b'\n');
        let indent = line.map(|line| start - from - line);
        if !braced
            && (indent.is_none_or(|indent| indent < 2) || *depth.get_or_insert(indent) != indent)
        {
            return None;
        }
        let named = NAMES.iter().find(|name| {
            bytes
                .get(start..start + name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        });
        if let Some(name) = named {
            let end = run_end(bytes, start + name.len(), 2, |byte| {
                matches!(byte, b'"' | b'\'' | b' ')
            });
            if bytes.get(end) == Some(&b':') {
                return Some(end + 1);
            }
        }
        from = run_end(bytes, start, MAX_BLOCK, |byte| {
            !matches!(byte, b'\n' | b'{' | b'}') && (!braced || byte != b',')
        });
        if matches!(bytes.get(from), Some(b'{' | b'}')) {
            return None;
        }
    }
    None
}

/// Behind `default =` in the block of a variable at `at` (Terraform).
pub(super) fn default_of_block(bytes: &[u8], at: usize) -> Option<usize> {
    const DEFAULT: &[u8] = b"default";
    let end = run_end(bytes, at, MAX_BLOCK, |byte| byte != b'}');
    let found = at + memchr::memmem::find(&bytes[at..end], DEFAULT)?;
    let sign = run_end(bytes, found + DEFAULT.len(), MAX_BLANKS, |byte| {
        byte == b' '
    });
    (bytes.get(sign) == Some(&b'=')).then_some(sign + 1)
}

/// Behind the brace of `name{"x"}` (C++), or behind the accessors of a property and its sign (C#).
pub(super) fn initialiser(bytes: &[u8], at: usize) -> Option<usize> {
    if opens_string(bytes, at + 1) {
        return Some(at + 1);
    }
    let end = run_end(bytes, at, MAX_TAG, |byte| byte != b'}');
    memchr::memmem::find(&bytes[at..end], b"get;")?;
    (bytes.get(end) == Some(&b'}')).then_some(())?;
    let sign = run_end(bytes, end + 1, MAX_BLANKS, |byte| byte == b' ');
    (bytes.get(sign) == Some(&b'=')).then_some(sign + 1)
}
