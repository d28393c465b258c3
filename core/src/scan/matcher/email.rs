//! E-mail addresses (RFC 5321 and RFC 6531, without address literals).

use std::ops::Range;

use super::tld;
use crate::scan::boundary::{run_end, run_start};
use crate::scan::check::Verdict;
use crate::scan::confirm::{Attempt, Value};

/// Octets before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Octets of a domain (RFC 5321, 4.5.3.1.2).
const MAX_DOMAIN: usize = 255;
/// Octets of a label (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// `Plausible` under a top-level domain of the root zone, `Invalid` under another one: `name@host.corp`.
pub(super) fn attempt(text: &str, sign: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let local = run_start(bytes, sign.start, MAX_LOCAL, is_local);
    let stop = run_end(bytes, sign.end, MAX_DOMAIN, is_domain);
    let read = stop - local;
    let nothing = Attempt::nothing(sign.end, read);
    // A run that is cut by the limit may end inside a character.
    let run = &text[sign.end..text.floor_char_boundary(stop)];
    let Some(domain) = domain(run) else {
        return nothing;
    };
    let end = sign.end + domain.length;
    let found = |start: usize| Value {
        verdict: if domain.listed {
            Verdict::Plausible
        } else {
            Verdict::Invalid
        },
        ..Value::bare(start..end)
    };
    if let Some(start) = quoted(text, sign.start) {
        return Attempt::found(found(start), MAX_LOCAL);
    }
    let local = text.ceil_char_boundary(local);
    let mut trimmed = text[local..sign.start].trim_start_matches(['.', '\'', '-']);
    if trimmed.is_empty() && domain.listed {
        trimmed = local_in_script(&text[..sign.start]);
    }
    // A call, and the version of a package: `a@b.mean()`, `left-pad@1.3.rc`.
    let code = !domain.listed
        && (bytes.get(end) == Some(&b'(') || run.starts_with(|c: char| c.is_ascii_digit()));
    if trimmed.is_empty() || trimmed.ends_with('.') || trimmed.contains("..") || code {
        return nothing;
    }
    Attempt::found(found(sign.start - trimmed.len()), read)
}

/// Where the quoted local part begins that ends at `end`: `"john doe"`.
fn quoted(text: &str, end: usize) -> Option<usize> {
    let closed = text[..end].strip_suffix('"')?;
    let from = text.ceil_char_boundary(closed.len().saturating_sub(MAX_LOCAL));
    let inside = closed[from..].rsplit('"').next()?;
    let start = (closed.len() - inside.len())
        .checked_sub(1)
        .filter(|&start| start >= from)?;
    let alone = !text[..start].ends_with(|c: char| c.is_alphanumeric());
    (alone && !inside.is_empty() && !inside.contains(['\n', '\r'])).then_some(start)
}

/// The local part at the end of `before` in a script of which [`is_local`] knows no letters.
fn local_in_script(before: &str) -> &str {
    let from = before.ceil_char_boundary(before.len().saturating_sub(MAX_LOCAL));
    let inner = |c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '+');
    let run = before[from..].rsplit(inner).next().unwrap_or_default();
    run.trim_start_matches(['.', '-'])
}

/// ASCII that people use, and letters of two bytes: Latin, Greek, Cyrillic. Scripts without spaces would join the prose.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || b"._%+-'".contains(&byte)
        || matches!(byte, 0x80..=0xBF | 0xC3..=0xD4)
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | 0x80..=0xEE)
}

/// The domain at the start of a text.
struct Domain {
    length: usize,
    /// Its top-level domain is one of the root zone, and hardly the end of a name of a file.
    listed: bool,
}

/// The longest start of `run` that is a domain with a top-level label of two letters or more.
fn domain(run: &str) -> Option<Domain> {
    let mut best: Option<Domain> = None;
    let mut at = 0;
    for (place, label) in run.split('.').enumerate() {
        if label.is_empty() || label.starts_with('-') {
            break;
        }
        let top = (place > 0).then(|| top_level(label)).flatten();
        if let Some((length, listed)) = top {
            // `write to me@example.com.Please do`.
            let sentence = !listed
                && best.as_ref().is_some_and(|best| best.listed)
                && label.starts_with(|c: char| c.is_ascii_uppercase());
            if sentence {
                break;
            }
            best = Some(Domain {
                length: at + length,
                listed,
            });
        }
        let ended = top.is_some_and(|(length, _)| length < label.len());
        if ended || label.len() > MAX_LABEL {
            break;
        }
        at += label.len() + 1;
    }
    best.filter(|domain| domain.listed || !tld::is_extension(&run[..domain.length]))
}

/// The length of the top-level domain that `label` begins with, and whether the root zone has it.
fn top_level(label: &str) -> Option<(usize, bool)> {
    if label.len() > 4 && label.as_bytes()[..4].eq_ignore_ascii_case(b"xn--") {
        let length = run_end(label.as_bytes(), 0, MAX_LABEL, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'-'
        });
        return Some((length, tld::is_listed(&label[..length])));
    }
    let letters = run_end(label.as_bytes(), 0, MAX_LABEL, |byte| {
        byte.is_ascii_alphabetic() || matches!(byte, 0x80..=0xBF | 0xC3..=0xD4)
    });
    let rest = &label[label.floor_char_boundary(letters)..];
    // Prose in a script without spaces may follow.
    let closed =
        rest.is_empty() || rest.starts_with('-') || !rest.starts_with(|c: char| c.is_ascii());
    if letters >= 2 && closed && label.is_char_boundary(letters) {
        return Some((letters, tld::is_listed(&label[..letters])));
    }
    let lengths = label.char_indices().map(|(at, c)| at + c.len_utf8());
    let listed = lengths.take_while(|&end| end <= MAX_LABEL);
    let listed = listed.filter(|&end| tld::is_listed(&label[..end]));
    listed.last().map(|end| (end, true))
}
