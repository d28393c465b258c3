//! URLs with credentials (RFC 3986, section 3.2.1): `postgres://user:password@host/db`.

use std::ops::Range;

use memchr::memrchr;

use super::dummy::is_dummy;
use crate::scan::boundary::{run_end, run_start};
use crate::scan::check::{Check, Verdict};
use crate::scan::confirm::{Attempt, Value};
use crate::scan::rule::Rule;
use crate::scan::wording::randomness;

/// The longest scheme, in bytes.
const MAX_SCHEME: usize = 32;
/// The longest user information, in bytes.
const MAX_CREDENTIALS: usize = 512;
/// The longest host, path and query that count as part of the finding, in bytes.
const MAX_REST: usize = 1024;

/// `sign` is `://`. `rule.except_names` lists the schemes that are not the rule's.
pub(super) fn attempt(rule: &Rule, text: &str, sign: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let end = run_end(bytes, sign.end, MAX_CREDENTIALS, |byte| {
        INNER[usize::from(byte)]
    });
    // Most have none, which is seen before their scheme is read.
    let nothing = Attempt::nothing(sign.end, end - sign.start + MAX_SCHEME);
    let Some(at) = memrchr(b'@', &bytes[sign.end..end]) else {
        return nothing;
    };
    let start = run_start(bytes, sign.start, MAX_SCHEME, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-')
    });
    let scheme = text[start..sign.start].trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let start = sign.start - scheme.len();
    let authority = &text[sign.end..text.floor_char_boundary(end)];
    let (credentials, host) = (&authority[..at], &authority[at + 1..]);
    let Some(password) = password(credentials) else {
        return nothing;
    };
    let template = password.starts_with(['$', '{', '%', '*', '['])
        && !password.contains(|c: char| c.is_ascii_digit());
    let refused = is_dummy(password)
        || Rule::lists_have(&rule.lists.except, password)
        || Rule::lists_have(&rule.lists.except_names, scheme);
    if scheme.is_empty() || password.is_empty() || host.is_empty() || template || refused {
        return nothing;
    }
    let length = run_end(bytes, sign.end + authority.len(), MAX_REST, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&*+=%".contains(&byte)
    });
    let end = text[..length]
        .trim_end_matches(['.', ':', '!', '?', '*', ']'])
        .len()
        .max(sign.end + authority.len());
    let whole = text[start..end]
        .trim_end_matches([',', '.', ')', ';', ']', '}'])
        .len();
    Attempt::found(Value::bare(start..start + whole), end - start)
}

/// What of user information has to be kept: what stands behind the colon, or in the place of the name a token that needs no
/// password.
fn password(credentials: &str) -> Option<&str> {
    const SHORTEST: usize = 16;
    const RANDOM: f32 = 20.0;
    let (name, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    if !password.is_empty() && password != "x-oauth-basic" {
        return Some(password);
    }
    let token = name.len() >= SHORTEST
        && Check::Mixed.of(name) == Verdict::Plausible
        && !name.contains(['.', '%', '{', '$'])
        && randomness(name) >= RANDOM;
    token.then_some(name)
}

/// What may stand in user information as people write it: no quotes, whether typographic or not, and no CJK punctuation.
static INNER: [bool; 256] = {
    let mut set = [true; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        set[byte as usize] = !byte.is_ascii_whitespace();
        byte += 1;
    }
    let outer = b"/\"'<>`\xE2\xE3\xEF";
    let mut at = 0;
    while at < outer.len() {
        set[outer[at] as usize] = false;
        at += 1;
    }
    set
};
