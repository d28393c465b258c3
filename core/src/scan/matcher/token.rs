//! Identifiers that are one token of letters and digits, in no fixed order: IBAN, VIN, documents, wallets, UUIDs and MAC
//! addresses.

use std::ops::Range;

use crate::scan::boundary::{ends_word, is_word, run_end, run_start, starts_token};
use crate::scan::check::{has_form_of_codice_fiscale, iban_length};

/// Characters of a vehicle identification number.
const VIN: usize = 17;
/// Characters of an Italian tax code.
const CODICE_FISCALE: usize = 16;
/// Where the hyphens of a UUID stand (RFC 9562), and its length.
const UUID_JOINTS: [usize; 4] = [8, 13, 18, 23];
const UUID: usize = 36;
/// The longest Bitcoin address that begins with 1 or 3.
const MAX_BASE58: usize = 35;
/// The longest address in Base58: one of Monero with a payment in it.
const MAX_WALLET: usize = 106;
/// The most letters that a word of letters and digits may begin with.
const MAX_LEAD: usize = 32;

/// Two letters before the digits, and as many characters behind as the country's account numbers have, however grouped.
pub(super) fn iban(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let start = digits.start.checked_sub(2)?;
    let country = [bytes[start], bytes[start + 1]].map(|byte| byte.to_ascii_uppercase());
    if digits.len() < 2 || !starts_token(bytes, start) {
        return None;
    }
    let length = iban_length(&country)?;
    let mut count = 4;
    let mut at = digits.start + 2;
    while count < length {
        let joined = matches!(bytes.get(at), Some(b' ' | b'-'));
        at += usize::from(joined);
        if !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        at += 1;
        count += 1;
    }
    ends_word(bytes, at).then_some(start..at)
}

/// The word of letters and digits whose first digits these are, if it has `length` characters.
fn word(bytes: &[u8], digits: &Range<usize>, lead: usize, length: usize) -> Option<Range<usize>> {
    let start = run_start(bytes, digits.start, lead + 1, |byte| {
        byte.is_ascii_alphabetic()
    });
    let end = start + length;
    let whole = bytes
        .get(digits.end..end)?
        .iter()
        .all(u8::is_ascii_alphanumeric);
    (whole && starts_token(bytes, start) && ends_word(bytes, end)).then_some(start..end)
}

/// Seventeen letters and digits in a row, the last four of them digits.
pub(super) fn vin(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let span = word(bytes, digits, 5, VIN)?;
    let serial = &bytes[span.end - 4..span.end];
    serial.iter().all(u8::is_ascii_digit).then_some(span)
}

/// Sixteen letters and digits, each of which may stand where it does.
pub(super) fn codice_fiscale(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    if digits.len() > 3 {
        return None;
    }
    let span = word(bytes, digits, CODICE_FISCALE, CODICE_FISCALE)?;
    has_form_of_codice_fiscale(&bytes[span.clone()]).then_some(span)
}

/// Nine to eleven capitals and digits of which one of each at least, the first a capital.
pub(super) fn document(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let start = run_start(bytes, digits.start, 11, |byte| byte.is_ascii_uppercase());
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let end = run_end(bytes, digits.end, 11, capital);
    let sized = (9..=11).contains(&(end - start)) && start < digits.start;
    (sized && starts_token(bytes, start) && ends_word(bytes, end)).then_some(start..end)
}

/// A word that begins with the digit and is as long as an address.
pub(super) fn bitcoin(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    if !matches!(bytes[digits.start], b'1' | b'3') || !starts_token(bytes, digits.start) {
        return None;
    }
    let end = run_end(bytes, digits.end, MAX_BASE58, is_word);
    (26..=MAX_BASE58)
        .contains(&(end - digits.start))
        .then_some(digits.start..end)
}

/// A word with a letter before its first digits that is as long as an address.
pub(super) fn base58(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let start = run_start(bytes, digits.start, MAX_LEAD, |byte| {
        byte.is_ascii_alphabetic()
    });
    if !starts_token(bytes, start) {
        return None;
    }
    let end = run_end(bytes, digits.end, MAX_WALLET, |byte| {
        byte.is_ascii_alphanumeric()
    });
    let sized = matches!(end - start, 25..=44 | 95 | MAX_WALLET);
    (sized && ends_word(bytes, end)).then_some(start..end)
}

/// Thirty-two hexadecimal digits around four hyphens, of which `joint` is the first.
pub(super) fn uuid(bytes: &[u8], joint: usize) -> Option<Range<usize>> {
    let start = joint.checked_sub(UUID_JOINTS[0])?;
    let end = start + UUID;
    let joined = UUID_JOINTS
        .iter()
        .all(|&place| bytes.get(start + place) == Some(&b'-'));
    if !joined {
        return None;
    }
    let word = bytes.get(start..end)?;
    let formed = word
        .iter()
        .enumerate()
        .all(|(place, byte)| UUID_JOINTS.contains(&place) || byte.is_ascii_hexdigit());
    let varied = word.iter().any(|&byte| byte != b'-' && byte != word[0]);
    (formed && varied && starts_token(bytes, start) && ends_word(bytes, end)).then_some(start..end)
}

/// Six pairs of hexadecimal digits around `joint`, which is the first of five equal ones.
pub(super) fn mac(bytes: &[u8], joint: usize) -> Option<Range<usize>> {
    let mark = bytes[joint];
    let start = joint.checked_sub(2)?;
    let end = start + 17;
    let paired = bytes.get(joint + 3) == Some(&mark)
        && bytes
            .get(start..end)?
            .iter()
            .enumerate()
            .all(|(place, &byte)| {
                if place % 3 == 2 {
                    byte == mark
                } else {
                    byte.is_ascii_hexdigit()
                }
            });
    let touches = |byte: Option<&u8>| byte.is_some_and(|&byte| byte == mark || is_word(byte));
    let alone = !touches(bytes[..start].last()) && !touches(bytes.get(end));
    let varied = |word: &[u8]| word.iter().any(|&byte| byte != mark && byte != word[0]);
    (paired && alone && varied(&bytes[start..end])).then_some(start..end)
}

/// `001b.4411.3ab7`, around the digits of its first group.
pub(super) fn mac_dotted(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let mut start = run_start(bytes, digits.start, 4, |byte| byte.is_ascii_hexdigit());
    // Figures beside letters may come in the second or the third group: `eafd.06df.ba4d`, `4268.b8c7.feab`.
    for _ in 0..2 {
        let group = |at: &usize| bytes[*at..start - 1].iter().all(u8::is_ascii_hexdigit);
        let joined = bytes[..start].ends_with(b".");
        start = start
            .checked_sub(5)
            .filter(|at| joined && group(at))
            .unwrap_or(start);
    }
    let end = start + 14;
    let dotted = bytes
        .get(start..end)?
        .iter()
        .enumerate()
        .all(|(place, &byte)| {
            if place % 5 == 4 {
                byte == b'.'
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    let continued = bytes.get(end).is_some_and(|&byte| {
        is_word(byte) || byte == b'.' && bytes.get(end + 1).is_some_and(|&byte| is_word(byte))
    });
    let alone = starts_token(bytes, start) && !bytes[..start].ends_with(b".") && !continued;
    (dotted && alone).then_some(start..end)
}
