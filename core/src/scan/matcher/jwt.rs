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
    if payload <= header + 1 || !dot(payload) {
        return nothing;
    }
    let Some(algorithm) = algorithm(&bytes[start.start..header]) else {
        return nothing;
    };
    let end = part(payload + 1);
    let object = payload - header < MAX_HEADER && is_object(&bytes[header + 1..payload]);
    let verdict = match signature_length(&algorithm) {
        Some(0) => Verdict::Invalid,
        Some(length) if object && length != end - payload - 1 => Verdict::Plausible,
        _ if object => Verdict::Valid,
        _ => Verdict::Plausible,
    };
    let value = Value {
        verdict,
        ..Value::bare(start.start..end)
    };
    Attempt::found(value, end - start.start)
}

fn decode(part: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(&BASE64URL.decode(part).ok()?).ok()
}

/// The `alg` of a header.
fn algorithm(header: &[u8]) -> Option<String> {
    if header.len() > MAX_HEADER {
        return None;
    }
    Some(decode(header)?.get("alg")?.as_str()?.to_owned())
}

/// How many characters the signature of an algorithm has (RFC 7518, section 3), where it does not depend on the key.
fn signature_length(algorithm: &str) -> Option<usize> {
    match algorithm {
        "none" => Some(0),
        "HS256" => Some(43),
        "HS384" => Some(64),
        "HS512" | "ES256" | "ES256K" | "EdDSA" => Some(86),
        "ES384" => Some(128),
        "ES512" => Some(176),
        _ => None,
    }
}

fn is_object(payload: &[u8]) -> bool {
    decode(payload).is_some_and(|json| json.is_object())
}
