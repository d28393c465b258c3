//! Private keys in PEM and `OpenPGP` armour (RFC 7468, RFC 9580 section 6): the whole block, not its first line.

use std::ops::Range;

use memchr::memmem;

use crate::scan::check::Verdict;
use crate::scan::check::base64;
use crate::scan::confirm::{Attempt, Value};

/// The farthest that an END line may be from its BEGIN line, in bytes: the key of a large `OpenPGP` certificate fits.
pub(in crate::scan) const MAX_BLOCK: usize = 64 << 10;

/// `begin` is the whole BEGIN line: `-----BEGIN RSA PRIVATE KEY-----`.
pub(super) fn attempt(text: &str, begin: Range<usize>) -> Attempt {
    let body = &text[begin.end..];
    let label = text[begin.clone()]
        .trim_matches('-')
        .trim_start_matches(|c: char| c != ' ');
    let near = &body.as_bytes()[..body.len().min(MAX_BLOCK)];
    let end = match memmem::find(near, b"-----") {
        Some(dashes) => {
            let line = &body[dashes + 5..];
            let known = ["END", "end", "End"]
                .into_iter()
                .find_map(|word| line.strip_prefix(word));
            let rest = known.and_then(|rest| {
                let own = rest.get(..label.len())?;
                own.eq_ignore_ascii_case(label)
                    .then(|| &rest[label.len()..])
            });
            match rest {
                Some(rest) => {
                    body.len() - rest.len()
                        + rest
                            .bytes()
                            .take(5)
                            .take_while(|&byte| byte == b'-')
                            .count()
                }
                None => base64_end(&body[..dashes]),
            }
        }
        None => base64_end(body),
    };
    let span = begin.start..begin.end + end;
    let read = span.len();
    if is_elided(&body[..end]) {
        return Attempt::nothing(begin.end, read);
    }
    let verdict = structure(&body[..end]);
    Attempt::found(
        Value {
            verdict,
            ..Value::bare(span)
        },
        read,
    )
}

/// Whether a block ends without a key in it: `...`, `<key>`.
fn is_elided(block: &str) -> bool {
    const SHORTEST: usize = 8;
    const WORDS: usize = 3;
    const LONGEST: usize = 15;
    // `this is no key`
    let is_sentence = |line: &str| {
        let word = |word: &str| {
            word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        line.split_whitespace().count() >= WORDS && line.split_whitespace().all(word)
    };
    block.split_once("-----").is_some_and(|(inner, _)| {
        if inner.lines().any(is_sentence)
            && !inner.split_whitespace().any(|word| word.len() > LONGEST)
        {
            return true;
        }
        let inner = inner.replace("\\n", "").replace("\\r", "");
        inner.bytes().filter(|byte| is_base64(*byte)).count() < SHORTEST
    })
}

/// Whether the armoured bytes are one DER sequence (ITU-T X.690) of the length that it says, or an `OpenSSH` key.
///
/// What has headers or is wrapped in quotes is plausible: its bytes are encrypted or of another form.
fn structure(body: &str) -> Verdict {
    let body = body.split("-----").next().unwrap_or_default();
    if let Some(verdict) = armour(body) {
        return verdict;
    }
    let text: String = body
        .replace("\\n", "\n")
        .replace("\\r", "")
        .split_whitespace()
        .collect();
    let Some(bytes) = base64(&text) else {
        return Verdict::Plausible;
    };
    if bytes.starts_with(b"openssh-key-v1\0") {
        return Verdict::Valid;
    }
    match der_length(&bytes) {
        Some(length) if length == bytes.len() => Verdict::Valid,
        Some(_) => Verdict::Invalid,
        None => Verdict::Plausible,
    }
}

/// Whether the checksum of an `OpenPGP` armour is right (RFC 9580, section 6.1); `None` where there is none.
fn armour(body: &str) -> Option<Verdict> {
    let sum = body
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())?
        .strip_prefix('=')
        .filter(|sum| sum.len() == 4)?;
    let (data, _) = body.trim_end().rsplit_once('=')?;
    // Behind an empty line, where there are headers.
    let data = data
        .split_once("\n\n")
        .or_else(|| data.split_once("\r\n\r\n"))
        .map_or(data, |(_, data)| data);
    let text: String = data.split_whitespace().collect();
    let (bytes, sum) = (base64(&text)?, base64(sum)?);
    Some(Verdict::valid_if(crc24(&bytes).to_be_bytes()[1..] == sum))
}

/// CRC-24 of `OpenPGP` (RFC 9580, section 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00B7_04CE, |crc, &byte| {
        (0..8).fold(crc ^ (u32::from(byte) << 16), |crc: u32, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 {
                shifted
            } else {
                shifted ^ 0x0186_4CFB
            }
        })
    })
}

/// The length, with its header, of the DER sequence that `bytes` begin with.
fn der_length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0x30, short @ ..=0x7F, ..] => Some(2 + usize::from(short)),
        [0x30, 0x81, one, ..] => Some(3 + usize::from(one)),
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

/// Where the key material at the start of `body` ends: armour headers and runs of base64, however they are wrapped, indented,
/// quoted or escaped.
pub(in crate::scan) fn base64_end(body: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        let glue = rest.len() - skip_glue(rest).len();
        let word = &rest[glue..];
        let length = word.bytes().take_while(|byte| is_base64(*byte)).count();
        let run = &word[..length];
        if let Some(header) = armour_header(word) {
            end = at + glue + header;
        } else if looks_encoded(run, end > 0) {
            end = at + glue + length;
        } else {
            break;
        }
        at = end;
    }
    end
}

/// Without white space, quotes and their escapes, and the marks that quote a line.
fn skip_glue(mut rest: &str) -> &str {
    loop {
        let next = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '>' | '#' | '*' | '|')
        });
        let next = next
            .strip_prefix("\\n")
            .or_else(|| next.strip_prefix("\\r"))
            .unwrap_or(next);
        let next = next.strip_prefix("\\").unwrap_or(next);
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A long run, or behind one a short rest that is no word.
fn looks_encoded(run: &str, continues: bool) -> bool {
    let telling = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'/' | b'=');
    run.len() >= 24
        || (continues && !run.is_empty() && (run.bytes().any(telling) || run.len() >= 16))
}

/// The length of a header line such as `Proc-Type: 4,ENCRYPTED`.
fn armour_header(line: &str) -> Option<usize> {
    const NAMES: &[&str] = &[
        "Proc-Type: ",
        "DEK-Info: ",
        "Version: ",
        "Comment: ",
        "Hash: ",
        "Charset: ",
        "MessageID: ",
    ];
    NAMES.iter().any(|name| line.starts_with(name)).then(|| {
        let line = &line[..line.floor_char_boundary(120)];
        let ends = [line.find('\n'), line.find("\\n")];
        ends.into_iter().flatten().min().unwrap_or(line.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_an_armour_is_that_of_its_standard() {
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
        // base64 of `123456789`, and of its checksum.
        let body = "\nVersion: 1\n\nMTIzNDU2Nzg5\n=Ic8C\n";
        assert_eq!(armour(body), Some(Verdict::Valid));
        assert_eq!(
            armour(&body.replace("MTIz", "MTIy")),
            Some(Verdict::Invalid)
        );
        assert_eq!(armour("\nMTIzNDU2Nzg5\n"), None);
    }
}
