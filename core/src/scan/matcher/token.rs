//! Identifiers that are one token of letters and digits, in no fixed order: IBAN, VIN, Bitcoin and MAC addresses.

use std::ops::Range;

use crate::scan::boundary::{ends_word, is_word, run_end, run_start, starts_token};
use crate::scan::check::iban_length;

/// Characters of a vehicle identification number.
const VIN: usize = 17;
/// The longest Bitcoin address that begins with 1 or 3.
const MAX_BASE58: usize = 35;

/// Two capitals before the digits, and as many characters behind as the country's account numbers have, however grouped.
pub(super) fn iban(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let start = digits.start.checked_sub(2)?;
    let country = &bytes[start..digits.start];
    if digits.len() < 2
        || !country.iter().all(u8::is_ascii_uppercase)
        || !starts_token(bytes, start)
    {
        return None;
    }
    let length = iban_length(country)?;
    let mut count = 4;
    let mut at = digits.start + 2;
    while count < length {
        let joined = matches!(bytes.get(at), Some(b' ' | b'-'));
        at += usize::from(joined);
        if !bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            return None;
        }
        at += 1;
        count += 1;
    }
    ends_word(bytes, at).then_some(start..at)
}

/// Seventeen capitals and digits in a row, the last four of them digits.
pub(super) fn vin(bytes: &[u8], digits: &Range<usize>) -> Option<Range<usize>> {
    let capital = |byte: u8| byte.is_ascii_uppercase();
    let start = run_start(bytes, digits.start, 6, capital);
    let end = start + VIN;
    let word = bytes.get(start..end)?;
    let shaped = word
        .iter()
        .all(|&byte| capital(byte) || byte.is_ascii_digit())
        && word[VIN - 4..].iter().all(u8::is_ascii_digit);
    (shaped && starts_token(bytes, start) && ends_word(bytes, end)).then_some(start..end)
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
    let start = run_start(bytes, digits.start, 4, |byte| byte.is_ascii_hexdigit());
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
