//! Credentials in a list or a map that a plural name stands over: `api_keys = ["x", "y"]`, or `passwords:` and `alice: x` below.

use std::ops::Range;

use super::manifest::{self, Data};
use super::sign::{self, Joint};
use super::value::{self, Found};
use crate::scan::boundary::{is_word, run_end, run_start};

/// So much of a list or a map is read, in bytes, and so many of its members.
const MAX_READ: usize = 2048;
const MAX_MEMBERS: usize = 32;
/// The deepest indentation, and the longest name of a function or type in front of a list, in bytes.
const MAX_INDENT: usize = 64;
const MAX_CONSTRUCTOR: usize = 40;

/// One value of a list or a map.
pub(super) struct Member {
    /// What it is called in a map.
    pub(super) name: Option<Range<usize>>,
    pub(super) found: Found,
}

/// The members of what a name stands over.
pub(super) struct Members {
    pub(super) all: Vec<Member>,
    /// Behind the last byte that was read.
    pub(super) seen: usize,
}

/// Whether a name may stand over several values.
pub(super) fn is_plural(name: &[u8]) -> bool {
    name.last()
        .is_some_and(|last| last.eq_ignore_ascii_case(&b's'))
        || name.eq_ignore_ascii_case(b"stringdata")
        || is_version(name)
}

/// Whether a name is that of the version of a manifest, which is no value itself.
pub(super) fn is_version(name: &[u8]) -> bool {
    name == manifest::VERSION.as_bytes()
}

/// The members of the list, map or section that `name` is the name of, if it is of one.
pub(super) fn behind(text: &str, name: &Range<usize>) -> Option<Members> {
    let bytes = text.as_bytes();
    let mut reader = Reader {
        text,
        limit: text.floor_char_boundary(name.end + MAX_READ),
        all: Vec::new(),
        seen: name.end,
    };
    let line = run_start(bytes, name.start, MAX_INDENT, |byte| byte != b'\n');
    let indent = run_end(bytes, line, MAX_INDENT, |byte| byte == b' ') - line;
    let before = text.get(line + indent..name.start)?;
    if is_version(&bytes[name.clone()]) {
        reader.manifest(name, (line, indent + 2 * usize::from(before == "- ")));
        return Some(reader.members());
    }
    if before == "[" && bytes[name.end..].starts_with(b"]") {
        let at = run_end(bytes, name.end + 1, 4, |byte| byte != b'\n');
        reader.lines(at, None);
        return Some(reader.members());
    }
    let closed = run_end(bytes, name.end, 2, |byte| matches!(byte, b'"' | b'\''));
    let at = sign::blanks(bytes, closed);
    let at = sign::blanks(bytes, at + signed(&bytes[at..])?);
    if matches!(bytes.get(at), Some(b'\n' | b'\r')) {
        let listed = before.starts_with("- ");
        reader.lines(at, Some(indent + 2 * usize::from(listed)));
        return Some(reader.members());
    }
    let opened = run_end(bytes, at, MAX_CONSTRUCTOR, |byte| {
        is_word(byte)
            || matches!(
                byte,
                b'.' | b':' | b'!' | b'&' | b' ' | b'<' | b'>' | b'[' | b']'
            )
    });
    let opened = match bytes.get(opened) {
        Some(b'(' | b'{') => Some(opened),
        // `[` was taken for a part of a type: `[]string{`, `vec![`.
        _ => (at..opened).find(|&at| bytes[at] == b'['),
    };
    let Some(opened) = opened else {
        reader.joined(at);
        return (reader.all.len() > 1).then(|| reader.members());
    };
    reader.bracketed(opened + 1);
    Some(reader.members())
}

struct Reader<'t> {
    text: &'t str,
    limit: usize,
    all: Vec<Member>,
    seen: usize,
}

impl Reader<'_> {
    fn members(self) -> Members {
        Members {
            all: self.all,
            seen: self.seen,
        }
    }

    /// The data of the Secret that `name` is the version of, on the line at `line` and with its indentation.
    fn manifest(&mut self, name: &Range<usize>, line: (usize, usize)) {
        let (data, seen) = manifest::data(self.text, name, line, self.limit);
        self.seen = self.seen.max(seen);
        match data {
            Some(Data::Lines(at, indent)) => {
                self.limit = self.text.floor_char_boundary(at + MAX_READ);
                self.lines(at, Some(indent));
            }
            Some(Data::Braces(at)) => self.bracketed(at),
            None => {}
        }
    }

    /// What stands between the bracket before `at` and the one that closes it or opens another.
    fn bracketed(&mut self, mut at: usize) {
        let bytes = self.text.as_bytes();
        while self.all.len() < MAX_MEMBERS {
            at = run_end(bytes, at, MAX_READ, |byte| {
                byte.is_ascii_whitespace() || matches!(byte, b',' | b';')
            });
            self.seen = self.seen.max(at);
            if at >= self.limit || matches!(bytes[at], b']' | b')' | b'}' | b'[' | b'(' | b'{') {
                return;
            }
            if bytes[at] == b'#' || bytes[at..].starts_with(b"//") {
                at = run_end(bytes, at, MAX_READ, |byte| byte != b'\n');
                continue;
            }
            let Some(found) = self.item(at) else {
                return;
            };
            let end = found.end;
            let joint = sign::blanks(bytes, end);
            let Some(length) = signed(&bytes[joint..]) else {
                self.all.push(Member { name: None, found });
                at = end;
                continue;
            };
            let from = run_end(bytes, joint + length, MAX_INDENT, |byte| {
                byte.is_ascii_whitespace()
            });
            let Some(value) = self.item(from) else {
                return;
            };
            at = value.end;
            self.all.push(Member {
                name: Some(found.span),
                found: value,
            });
        }
    }

    /// Values without quotes that commas join: `KEYS=x,y`.
    fn joined(&mut self, mut at: usize) {
        while self.all.len() < MAX_MEMBERS
            && let Some(found) = self.item(at).filter(|found| !found.quoted)
        {
            at = found.end + 1;
            let more = self.text.as_bytes().get(found.end) == Some(&b',');
            self.all.push(Member { name: None, found });
            if !more {
                return;
            }
        }
    }

    /// What stands on the lines behind `at` that are indented by more than `indent`, or are items; up to the next section
    /// where there is no indentation.
    fn lines(&mut self, mut at: usize, indent: Option<usize>) {
        let bytes = self.text.as_bytes();
        let mut depth = None;
        while self.all.len() < MAX_MEMBERS && at < self.limit {
            at = run_end(bytes, at, MAX_READ, |byte| matches!(byte, b'\n' | b'\r'));
            let start = run_end(bytes, at, MAX_INDENT, |byte| byte == b' ');
            let end = run_end(bytes, start, MAX_READ, |byte| {
                !matches!(byte, b'\n' | b'\r')
            });
            self.seen = self.seen.max(end);
            let line = bytes.get(start..end).unwrap_or_default();
            if line.is_empty() || line[0] == b'[' {
                return;
            }
            let is_item = line.starts_with(b"- ");
            let own = start - at;
            let inside = indent.is_none_or(|indent| own > indent || own == indent && is_item);
            if !inside || *depth.get_or_insert(own) > own {
                return;
            }
            at = end;
            if line[0] == b'#' || depth != Some(own) {
                continue;
            }
            let from = start + 2 * usize::from(is_item);
            let (name, from) = match named(bytes, from, end) {
                Some((name, from)) => (Some(name), from),
                None if is_item => (None, from),
                None => return,
            };
            // The map of an item has names of its own.
            if is_item && name.is_some() {
                continue;
            }
            let Some(found) = self
                .item(from)
                .filter(|found| is_rest(&bytes[found.end..end]))
            else {
                continue;
            };
            self.all.push(Member { name, found });
        }
    }

    /// A value between quotes or without.
    fn item(&mut self, at: usize) -> Option<Found> {
        if at >= self.limit {
            return None;
        }
        let found = value::quoted(self.text.as_bytes(), at)
            .or_else(|| value::plain(self.text, at, Joint::Member))?;
        self.seen = self.seen.max(found.seen);
        (!found.span.is_empty()).then_some(found)
    }
}

/// The length of the sign of assignment at the start of `rest`.
fn signed(rest: &[u8]) -> Option<usize> {
    const SIGNS: [&[u8]; 4] = [b"=>", b":=", b"=", b":"];
    let sign = SIGNS.iter().find(|sign| rest.starts_with(sign));
    sign.map(|sign| sign.len())
}

/// The name at `at`, with where its value begins.
fn named(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let open = at + usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
    let close = run_end(bytes, open, MAX_INDENT, |byte| {
        is_word(byte) || matches!(byte, b'-' | b'.' | b'/' | b'@')
    });
    let sign = sign::blanks(bytes, close + (open - at));
    let signed = match bytes.get(sign)? {
        b':' => matches!(bytes.get(sign + 1), Some(b' ' | b'\t')),
        b'=' => true,
        _ => false,
    };
    (close > open && signed && sign < end).then(|| (open..close, sign::blanks(bytes, sign + 1)))
}

/// Whether nothing but a comment stands behind a value on its line.
fn is_rest(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    matches!(rest.first(), None | Some(b'#' | b','))
}
