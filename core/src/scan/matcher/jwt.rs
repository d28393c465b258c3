//! JSON Web Tokens (RFC 7519): three base64url parts, the first of which decodes to a JSON object with `alg`.

use std::ops::Range;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::scan::boundary::run_end;
use crate::scan::check::Verdict;
use crate::scan::confirm::{Attempt, Value};

/// The longest header that is decoded, in characters.
const MAX_HEADER: usize = 4096;

/// Tolerates the stray last bits that hand-made test tokens have.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn attempt(text: &str, start: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let part = |from: usize| {
        run_end(bytes, from, usize::MAX, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
        })
    };
    let dot = |at: usize| bytes.get(at) == Some(&b'.');
    let header = part(start.start);
    let payload = if dot(header) {
        part(header + 1)
    } else {
        header
    };
    // What begins inside a part is no token: the rule goes on behind the part that it has read.
    let nothing = Attempt::nothing(header, payload - start.start);
    if payload <= header + 1 || !dot(payload) || !names_algorithm(&bytes[start.start..header]) {
        return nothing;
    }
    let end = part(payload + 1);
    let object = payload - header < MAX_HEADER && is_object(&bytes[header + 1..payload]);
    let value = Value {
        verdict: if object {
            Verdict::Valid
        } else {
            Verdict::Plausible
        },
        ..Value::bare(start.start..end)
    };
    Attempt::found(value, end - start.start)
}

fn decode(part: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(&BASE64URL.decode(part).ok()?).ok()
}

fn names_algorithm(header: &[u8]) -> bool {
    header.len() <= MAX_HEADER
        && decode(header)
            .is_some_and(|json| json.get("alg").is_some_and(serde_json::Value::is_string))
}

fn is_object(payload: &[u8]) -> bool {
    decode(payload).is_some_and(|json| json.is_object())
}
