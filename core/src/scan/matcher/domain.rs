//! Domain names without a scheme (RFC 1035), with their port and path: `example.co.uk/about`.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end, run_start};
use crate::scan::confirm::{Attempt, Value};

use super::tld;

/// The longest name, and the longest path that counts as part of the finding, in bytes.
const MAX_NAME: usize = 253;
const MAX_PATH: usize = 1024;
/// The longest label, in bytes.
const MAX_LABEL: usize = 63;

/// Behind the `dot` stands any top-level domain of the root zone.
pub(super) fn listed(text: &str, dot: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let end = run_end(bytes, dot.end, MAX_LABEL, |byte| {
        byte.is_ascii_lowercase() || byte >= 0x80
    });
    if tld::is_top_level(&bytes[dot.end..end]) {
        attempt(text, dot.start..end)
    } else {
        Attempt::nothing(dot.end, end - dot.start)
    }
}

/// `suffix` is the dot and the top-level domain.
pub(super) fn attempt(text: &str, suffix: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    // A longer suffix may begin at the same dot: `.com` behind `.co`.
    let nothing = Attempt::nothing(suffix.start, 16);
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    // A longer name goes on behind: `example.co.uk`, `example.com.au`, but `example.common` is none.
    let mut end = suffix.end;
    if bytes.get(end) == Some(&b'.') {
        let next = run_end(bytes, end + 1, 3, |byte| byte.is_ascii_lowercase());
        if next - end - 1 == 2 && !bytes.get(next).copied().is_some_and(is_word) {
            end = next;
        }
    }
    let foreign = bytes
        .get(suffix.start + 1)
        .is_some_and(|byte| *byte >= 0x80);
    let start = if foreign {
        start_in_script(&text[..suffix.start])
    } else {
        run_start(bytes, suffix.start, MAX_NAME, inner)
    };
    let name = &text[start..suffix.start];
    let cut = name.len() - name.trim_start_matches(['-', '.', '_']).len();
    let name = &name[cut..];
    let start = start + cut;
    // The domain of an e-mail address or of a URL, most of all.
    let before = bytes[..start].last().copied();
    let joined = before.is_some_and(|byte| {
        is_word(byte) || byte >= 0x80 || matches!(byte, b'@' | b'/' | b'\\' | b'$' | b'#' | b'%')
    });
    if joined && !(foreign && text[..start].ends_with("://")) {
        return nothing;
    }
    let labels = !name.is_empty()
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= MAX_LABEL && !label.contains('_'))
        && name
            .bytes()
            .any(|byte| byte.is_ascii_alphabetic() || foreign && byte >= 0x80)
        && !name.ends_with('-');
    // `Founded.com` begins no sentence: the top-level domain is written as the name before it is.
    let cased = !text[suffix.clone()]
        .bytes()
        .any(|byte| byte.is_ascii_uppercase())
        || !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let continued = match bytes.get(end..) {
        Some([b'.' | b'-', next, ..]) => is_word(*next),
        Some([next, ..]) => is_word(*next) || matches!(next, b'(' | b'@') || *next >= 0x80,
        _ => false,
    };
    if !labels || !cased || continued {
        return nothing;
    }
    let end = path_end(text, end, foreign);
    Attempt::found(Value::bare(start..end), end - start)
}

/// Where the name begins that `before` ends with, in letters of any script.
fn start_in_script(before: &str) -> usize {
    let from = before.ceil_char_boundary(before.len().saturating_sub(MAX_NAME));
    let outer = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_');
    let name = before[from..].rsplit(outer).next().unwrap_or_default();
    before.len() - name.len()
}

/// The end of `:8080/a/b?c=d#e` behind a name that ends at `end`; `foreign` paths have letters of Greek, Cyrillic and Arabic too.
fn path_end(text: &str, end: usize, foreign: bool) -> usize {
    let bytes = text.as_bytes();
    let port = run_end(bytes, end + 1, 5, |byte| byte.is_ascii_digit());
    let end = if bytes.get(end) == Some(&b':') && port > end + 1 {
        port
    } else {
        end
    };
    if !matches!(bytes.get(end), Some(b'/' | b'?' | b'#')) {
        return end;
    }
    let stop = run_end(bytes, end, MAX_PATH, |byte| {
        byte.is_ascii_alphanumeric()
            || b"-._~:/?#@!$&*+,;=%".contains(&byte)
            || foreign && matches!(byte, 0x80..=0xBF | 0xC3..=0xDB)
    });
    let stop = text.floor_char_boundary(stop);
    end + text[end..stop]
        .trim_end_matches(['.', ',', ';', ':', '!', '?', '*'])
        .len()
}
