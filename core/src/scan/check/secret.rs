//! Checksums and structures that issuers build into their credentials.

mod azure;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

use super::{Verdict, is_mixed};
use crate::scan::bech32;

/// The checks of credentials that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum SecretCheck {
    /// An age identity: a Bech32 checksum (BIP 173).
    Age,
    /// Atlassian: eight hexadecimal digits of CRC-32 over what stands before them.
    Atlassian,
    /// AWS key id: base32, with an account number of twelve digits in it, and none of documentation, which ends in `EXAMPLE`.
    AwsKeyId,
    /// AWS secret key: one of documentation ends in `EXAMPLEKEY`.
    AwsSecret,
    /// Azure: a Marvin32 checksum in the last four bytes.
    Azure,
    /// A JSON object in base64 behind a prefix.
    Base64Json,
    /// Common annotated security key: a Marvin32 checksum in its last bytes. Their number depends on the version, so that keys
    /// without one are plausible.
    Cask,
    /// Bitbucket, Jira and Confluence Data Center: a number and random bytes in base64, joined by a colon.
    DataCenter,
    /// Discord bot: the bot's number in base64 before the first full stop. Other values are plausible.
    Discord,
    /// GitHub and npm: CRC-32 of the body in six digits of base62 behind it. GitHub has not said so of its fine-grained
    /// tokens: those are plausible without.
    Crc62,
    /// GitLab routable token: CRC-32 in seven digits of base36 at the end. Tokens without one are plausible.
    Gitlab,
    /// Grafana service account: CRC-32 of what stands before the last underscore, little-endian in hexadecimal.
    Grafana,
    /// `JFrog`: Base58, or the number of a reference token in base64.
    Jfrog,
    /// NATS seed: base32 with a CRC-16 at the end.
    Nkey,
    /// `OpenAI` in base64 between two halves of one length.
    Openai,
    /// A `PyPI` macaroon that names its index.
    Pypi,
    /// Slack: the parts that its type of token has.
    Slack,
}

impl SecretCheck {
    pub(super) fn of(self, value: &str) -> Verdict {
        match self {
            Self::Age => Verdict::valid_if(is_age(value)),
            Self::Atlassian => Verdict::valid_if(is_atlassian(value)),
            Self::AwsKeyId => Verdict::valid_if(is_aws_key_id(value)),
            Self::AwsSecret => Verdict::plausible_if(!value.ends_with("EXAMPLEKEY")),
            Self::Azure => Verdict::valid_if(azure::is_identifiable(value)),
            Self::Cask => azure::annotated(value),
            Self::Base64Json => Verdict::valid_if(is_base64_json(value)),
            Self::Crc62 => crc62(value),
            Self::DataCenter => Verdict::valid_if(is_data_center(value)),
            Self::Discord => discord(value),
            Self::Gitlab => gitlab(value),
            Self::Grafana => Verdict::valid_if(is_grafana(value)),
            Self::Jfrog => jfrog(value),
            Self::Nkey => Verdict::valid_if(is_nkey(value)),
            Self::Openai => Verdict::valid_if(is_openai(value)),
            Self::Pypi => Verdict::valid_if(is_pypi(value)),
            Self::Slack => Verdict::plausible_if(is_slack(value)),
        }
    }
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::RequireNone)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Base64 in either alphabet, padded or not.
pub(in crate::scan) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let engine = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    engine.decode(text).ok()
}

/// CRC-32 (IEEE 802.3), four bits at a time.
fn crc32(bytes: &[u8]) -> u32 {
    static TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut bits = 0_u32;
        while bits < 16 {
            let mut crc = bits;
            let mut bit = 0;
            while bit < 4 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
                bit += 1;
            }
            table[bits as usize] = crc;
            bits += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        let half = |crc: u32| (crc >> 4) ^ TABLE[(crc & 15) as usize];
        half(half(crc ^ u32::from(byte)))
    })
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc: u16, _| {
            (crc << 1) ^ (0x1021 & (crc >> 15).wrapping_neg())
        })
    })
}

/// `number` in the digits of `alphabet`, most significant first, at least `width` of them.
fn in_base(mut number: u32, alphabet: &[u8], width: usize) -> String {
    let base = u32::try_from(alphabet.len()).unwrap_or(2);
    let mut digits = Vec::new();
    while number > 0 || digits.len() < width {
        digits.push(char::from(alphabet[(number % base) as usize]));
        number /= base;
    }
    digits.iter().rev().collect()
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

fn crc62(value: &str) -> Verdict {
    const FINE_GRAINED: &str = "github_pat_";
    let Some(payload) = value.strip_prefix(FINE_GRAINED) else {
        return Verdict::valid_if(is_crc62(value));
    };
    let (body, sum) = payload.split_at(payload.len().saturating_sub(6));
    let last = body.rsplit('_').next().unwrap_or_default();
    let confirmed = [last, body]
        .iter()
        .any(|body| sum == in_base(crc32(body.as_bytes()), BASE62, 6));
    if confirmed {
        Verdict::Valid
    } else {
        Verdict::Plausible
    }
}

fn is_crc62(value: &str) -> bool {
    let Some((_, payload)) = value.split_once('_') else {
        return false;
    };
    let Some((body, sum)) = payload.split_at_checked(payload.len().saturating_sub(6)) else {
        return false;
    };
    body.len() == 30 && sum == in_base(crc32(body.as_bytes()), BASE62, 6)
}

fn gitlab(value: &str) -> Verdict {
    if !value.contains('.') {
        return Verdict::Plausible;
    }
    let split = value.split_at_checked(value.len().saturating_sub(7));
    Verdict::valid_if(split.is_some_and(|(rest, sum)| {
        sum.eq_ignore_ascii_case(&in_base(crc32(rest.as_bytes()), BASE36, 7))
    }))
}

/// Whether `text` is a number of four digits or more and a colon, with anything behind it.
fn begins_with_number(bytes: &[u8]) -> bool {
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    digits > 3 && bytes.get(digits) == Some(&b':')
}

fn is_data_center(value: &str) -> bool {
    let body = value.strip_prefix("BBDC-").unwrap_or(value);
    base64(body).is_some_and(|bytes| begins_with_number(&bytes))
}

fn discord(value: &str) -> Verdict {
    let Some((id, _)) = value.split_once('.') else {
        return Verdict::plausible_if(is_mixed(value));
    };
    // Numbers of accounts have 17 to 20 digits.
    let number = base64(id)
        .filter(|bytes| (17..=20).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit));
    Verdict::valid_if(number.is_some())
}

fn jfrog(value: &str) -> Verdict {
    if value.starts_with("AKCp") {
        let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
        return Verdict::plausible_if(value.bytes().all(base58));
    }
    let whole = value.get(..value.len() / 4 * 4).and_then(base64);
    Verdict::valid_if(whole.is_some_and(|bytes| {
        bytes
            .strip_prefix(b"reftkn:")
            .is_some_and(|rest| rest.iter().any(u8::is_ascii_digit) && rest.contains(&b':'))
    }))
}

fn is_atlassian(value: &str) -> bool {
    let value = value.replace("%3D", "=").replace("\\=", "=");
    value
        .split_at_checked(value.len().saturating_sub(8))
        .is_some_and(|(rest, sum)| u32::from_str_radix(sum, 16) == Ok(crc32(rest.as_bytes())))
}

fn is_grafana(value: &str) -> bool {
    value.rsplit_once('_').is_some_and(|(rest, sum)| {
        sum.len() == 8 && u32::from_str_radix(sum, 16) == Ok(crc32(rest.as_bytes()).swap_bytes())
    })
}

/// RFC 4648 base32 without padding; stray last bits are dropped.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0_u32, 0_u32, Vec::new());
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xFF).unwrap_or_default());
        }
        held &= 0xFF;
    }
    Some(out)
}

fn is_aws_key_id(value: &str) -> bool {
    const LAST_ACCOUNT: u64 = 999_999_999_999;
    if value.ends_with("EXAMPLE") {
        return false;
    }
    let Some(bytes) = value.get(4..).and_then(base32) else {
        return false;
    };
    let number = bytes
        .iter()
        .take(6)
        .fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
    (number & 0x7fff_ffff_ff80) >> 7 <= LAST_ACCOUNT
}

fn is_nkey(value: &str) -> bool {
    base32(value).is_some_and(|bytes| match bytes.split_last_chunk::<2>() {
        Some((rest, sum)) => rest.len() == 34 && u16::from_le_bytes(*sum) == crc16(rest),
        None => false,
    })
}

/// Bech32 over `age-secret-key-`.
fn is_age(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value
        .rsplit_once('1')
        .is_some_and(|(human, data)| bech32::checksum(human, data) == Some(1))
}

fn is_openai(value: &str) -> bool {
    const MARK: &str = "T3BlbkFJ";
    let typed = ["sk-proj-", "sk-svcacct-", "sk-admin-"]
        .iter()
        .find_map(|prefix| value.strip_prefix(prefix));
    let lengths: &[usize] = if typed.is_some() {
        &[20, 58, 74]
    } else {
        &[20]
    };
    typed
        .or_else(|| value.strip_prefix("sk-"))
        .and_then(|body| body.split_once(MARK))
        .is_some_and(|(left, right)| left.len() == right.len() && lengths.contains(&left.len()))
}

fn is_pypi(value: &str) -> bool {
    let Some(body) = value.strip_prefix("pypi-") else {
        return false;
    };
    // What is cut off behind whole groups of four does not matter to the name of the index.
    body.get(..body.len() / 4 * 4)
        .and_then(base64)
        .is_some_and(|bytes| memchr::memmem::find(&bytes, b"pypi.org").is_some())
}

fn is_base64_json(value: &str) -> bool {
    let Some(start) = value.find("ey") else {
        return false;
    };
    let body = value[start..].split(['_', '.']).next().unwrap_or_default();
    base64(body).is_some_and(|bytes| {
        serde_json::from_slice::<serde_json::Value>(&bytes).is_ok_and(|json| json.is_object())
    })
}

fn is_slack(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let number = |part: &&str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        ["xapp", version, app, issued, tail] => {
            number(version, 1..=2) && app.len() >= 9 && number(issued, 10..=13) && tail.len() >= 32
        }
        ["xoxe" | "xoxe.xoxp" | "xoxe.xoxb", version, tail, ..] => {
            number(version, 1..=2) && tail.len() >= 100
        }
        [
            "xoxb" | "xoxp" | "xoxa" | "xoxr" | "xoxs" | "xoxc",
            first,
            second,
            rest @ ..,
        ] => number(first, 8..=14) && (number(second, 8..=14) || rest.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_their_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(in_base(61, BASE62, 6), "00000z");
        assert_eq!(base32("MZXW6YTB").as_deref(), Some(&b"fooba"[..]));
    }

    #[test]
    fn one_changed_character_breaks_a_checksum() {
        let body = "a".repeat(30);
        let sum = in_base(crc32(body.as_bytes()), BASE62, 6);
        assert!(is_crc62(&format!("ghp_{body}{sum}")));
        assert!(!is_crc62(&format!("ghp_b{}{sum}", &body[1..])));
        let start = format!("glsa_{}", "Z".repeat(32));
        let sum = crc32(start.as_bytes()).swap_bytes();
        assert!(is_grafana(&format!("{start}_{sum:08x}")));
        assert!(!is_grafana(&format!("{start}_{:08x}", sum ^ 1)));
    }

    #[test]
    fn the_published_nats_seed_and_the_age_identity_pass() {
        assert!(is_nkey(
            "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
        ));
        assert!(!is_nkey(
            "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VA"
        ));
        assert!(is_age(
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
        ));
        assert!(!is_age(
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEY"
        ));
    }

    #[test]
    fn an_aws_key_id_is_base32_and_none_of_documentation() {
        assert!(is_aws_key_id("AKIAIOSFODNN7EXAMPLF"));
        assert!(!is_aws_key_id("AKIAIOSFODNN7EXAMPLE"));
        assert!(!is_aws_key_id("AKIA1234567890ABCDEF"));
    }

    #[test]
    fn tokens_of_data_centers_begin_with_a_number() {
        // base64 of `478492487817:` and 20 bytes.
        assert!(is_data_center(
            "BBDC-NDc4NDkyNDg3ODE3OstHYSeYC1GgXqRacSqvUbookcZk"
        ));
        assert!(!is_data_center(
            "BBDC-W46naDN4pCwxxTN3QzNcoCTMansgmIwnsfH5vTSe"
        ));
    }

    #[test]
    fn a_reference_token_decodes_to_its_number() {
        // base64 of `reftkn:01:1700000000:` and letters.
        let token = "cmVmdGtuOjAxOjE3MDAwMDAwMDA6YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoh";
        assert_eq!(jfrog(token), Verdict::Valid);
        assert_eq!(
            jfrog("cmVmdGtuOxtgWMGBnNrBwskeF16bVKiaieptbPEJRCegnbUnEolPGGsiXl4p5Dnh"),
            Verdict::Invalid
        );
    }

    #[test]
    fn a_bot_token_begins_with_the_number_of_the_bot() {
        // base64 of `123456789012345678`.
        let token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GXmPle.4qX2cVb7nM9kLpRtYwZsAdFgHjK";
        assert_eq!(discord(token), Verdict::Valid);
        assert_eq!(
            discord(&token.replacen("MTIz", "MTxz", 1)),
            Verdict::Invalid
        );
        assert_eq!(
            discord("0123456789abcdef0123456789abcdef"),
            Verdict::Plausible
        );
    }

    #[test]
    fn a_fine_grained_token_is_never_worse_for_its_checksum() {
        let body = "a".repeat(53);
        let sum = in_base(crc32(body.as_bytes()), BASE62, 6);
        let start = format!("github_pat_{}_", "1".repeat(22));
        assert_eq!(crc62(&format!("{start}{body}{sum}")), Verdict::Valid);
        assert_eq!(crc62(&format!("{start}{body}000000")), Verdict::Plausible);
    }

    #[test]
    fn openai_keys_carry_their_mark_in_the_middle() {
        let half = "a1B2".repeat(5);
        assert!(is_openai(&format!("sk-{half}T3BlbkFJ{half}")));
        assert!(is_openai(&format!("sk-proj-{half}T3BlbkFJ{half}")));
        assert!(!is_openai(&format!("sk-{half}T3BlbkFJ{half}0")));
    }
}
