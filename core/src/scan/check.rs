//! Arithmetic and decoding that tell a real value from one that only looks like it.

mod identity;
mod secret;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::matcher::{british, canadian};
use identity::Identity;
pub(super) use identity::{STATES, iban_length};
use secret::SecretCheck;
pub(super) use secret::base64;

/// What a check says about a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A checksum or a decoder confirms it.
    Valid,
    /// Nothing speaks against it.
    #[default]
    Plausible,
    /// It cannot be what it looks like.
    Invalid,
}

impl Verdict {
    /// In one lower-case word, the same in every language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Plausible => "plausible",
            Self::Invalid => "invalid",
        }
    }

    pub(super) fn valid_if(holds: bool) -> Self {
        if holds { Self::Valid } else { Self::Invalid }
    }

    pub(super) fn plausible_if(holds: bool) -> Self {
        if holds {
            Self::Plausible
        } else {
            Self::Invalid
        }
    }
}

/// The checks that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    /// ABA routing number: weights 3, 7, 1 modulo 10, and a Federal Reserve prefix.
    Aba,
    /// A postal code of Canada (Canada Post, Addressing Guidelines).
    CanadianCode,
    /// A postcode of the United Kingdom: a known area and letters that are in use (BS 7666).
    BritishCode,
    /// A user name and a password in base64, joined by a colon (RFC 7617).
    Basic,
    /// A payment card: brand, length and Luhn (ISO/IEC 7812-1).
    Card,
    /// A password or token that was written to be used, not a placeholder, a type or a variable.
    Credential,
    /// A calendar date in figures, either order of day and month.
    Date,
    /// A National Provider Identifier: Luhn over 80840 and the number (45 CFR 162.406).
    Npi,
    /// A random-looking token: letters and digits.
    Mixed,
    /// An area, group and serial that the Social Security Administration can have given out.
    Ssn,
    /// A number with a check digit of its own.
    #[serde(untagged)]
    Identity(Identity),
    /// What only credentials have.
    #[serde(untagged)]
    Secret(SecretCheck),
}

impl Check {
    pub(super) fn of(self, value: &str) -> Verdict {
        match self {
            Self::Aba => Verdict::valid_if(is_aba(value)),
            Self::CanadianCode => Verdict::plausible_if(canadian(value.as_bytes(), 0).is_some()),
            Self::BritishCode => Verdict::plausible_if(british(value.as_bytes(), 0).is_some()),
            Self::Basic => Verdict::valid_if(is_basic(value)),
            Self::Card => Verdict::valid_if(is_card(value)),
            Self::Credential => Verdict::plausible_if(!is_placeholder(value)),
            Self::Date => Verdict::plausible_if(is_date(value)),
            Self::Npi => Verdict::valid_if(is_npi(value)),
            Self::Mixed => Verdict::plausible_if(
                value.bytes().any(|b| b.is_ascii_digit())
                    && value.bytes().any(|b| b.is_ascii_alphabetic()),
            ),
            Self::Ssn => Verdict::plausible_if(is_ssn(value)),
            Self::Identity(check) => check.of(value),
            Self::Secret(check) => check.of(value),
        }
    }
}

/// The decimal digits of a value, whatever stands between them; `None` beyond `N` of them.
struct Digits<const N: usize> {
    digits: [u8; N],
    count: usize,
}

impl<const N: usize> Digits<N> {
    fn of(value: &str) -> Option<Self> {
        let mut found = Self {
            digits: [0; N],
            count: 0,
        };
        for byte in value.bytes().filter(u8::is_ascii_digit) {
            *found.digits.get_mut(found.count)? = byte - b'0';
            found.count += 1;
        }
        Some(found)
    }

    fn as_slice(&self) -> &[u8] {
        &self.digits[..self.count]
    }
}

/// Sum of the digits, every second one from the right but the last doubled and reduced, plus `start`, is a multiple of ten.
fn luhn(digits: &[u8], start: u32) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let digit = u32::from(digit);
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    (sum + start).is_multiple_of(10)
}

fn number(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum, &digit| sum * 10 + u32::from(digit))
}

pub(super) fn is_card(value: &str) -> bool {
    let Some(found) = Digits::<19>::of(value) else {
        return false;
    };
    let digits = found.as_slice();
    if digits.len() < 13 {
        return false;
    }
    let fits = matches!(
        (number(&digits[..4]), digits.len()),
        (4000..=4999, 13 | 16 | 19)
            | (5100..=5599 | 2221..=2720 | 3528..=3589, 16)
            | (3400..=3499 | 3700..=3799, 15)
            | (6011 | 6440..=6599 | 6200..=6299, 16..=19)
            | (3000..=3059 | 3600..=3699 | 3800..=3999, 14)
    );
    fits && luhn(digits, 0)
}

pub(super) fn is_npi(value: &str) -> bool {
    // The prefix 80840 adds 24 to the sum: 8 + 0 + 8 + (4 doubled) + 0, seen from the right of a ten-digit number.
    Digits::<10>::of(value).is_some_and(|found| {
        found.count == 10 && matches!(found.digits[0], 1 | 2) && luhn(found.as_slice(), 24)
    })
}

fn is_aba(value: &str) -> bool {
    let Some(found) = Digits::<9>::of(value) else {
        return false;
    };
    let digits = found.as_slice();
    if digits.len() != 9 {
        return false;
    }
    let district = matches!(number(&digits[..2]), 0..=12 | 21..=32 | 61..=72 | 80);
    let sum: u32 = digits
        .iter()
        .zip([3, 7, 1].into_iter().cycle())
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum();
    district && sum != 0 && sum.is_multiple_of(10)
}

fn is_basic(value: &str) -> bool {
    BASE64.decode(value).is_ok_and(|bytes| {
        bytes.contains(&b':')
            && std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains(char::is_control))
    })
}

pub(super) fn is_ssn(value: &str) -> bool {
    Digits::<9>::of(value).is_some_and(|found| {
        let digits = found.as_slice();
        digits.len() == 9
            && !matches!(number(&digits[..3]), 0 | 666 | 900..=999)
            && number(&digits[3..5]) != 0
            && number(&digits[5..]) != 0
    })
}

/// Figures in year-month-day, month-day-year or day-month-year order; a date with a month in words passes.
pub(super) fn is_date(value: &str) -> bool {
    if value.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return true;
    }
    let mut parts = value
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| (part.len(), part.parse::<u32>().unwrap_or(u32::MAX)));
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (year, one, other) = if first.0 == 4 {
        (first, second.1, third.1)
    } else {
        (third, first.1, second.1)
    };
    let year_fits = match year.0 {
        4 => (1850..=2150).contains(&year.1),
        2 => true,
        _ => false,
    };
    let day = |n: u32| (1..=31).contains(&n);
    let month = |n: u32| (1..=12).contains(&n);
    year_fits && ((month(one) && day(other)) || (day(one) && month(other)))
}

/// Bits per byte, by the frequencies of the bytes themselves (Shannon 1948).
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    // With n bytes, c of them the same: the sum of -c/n · log(c/n) is log(n) - sum(c · log(c)) / n.
    let weight = |count: u32| f64::from(count) * f64::from(count).log2();
    let repeated = counts.iter().filter(|&&count| count > 1);
    let sum: f64 = repeated.map(|&count| weight(count)).sum();
    #[allow(
        clippy::cast_precision_loss,
        reason = "a value of 2^53 bytes does not fit in memory"
    )]
    let length = value.len() as f64;
    if value.is_empty() {
        0.0
    } else {
        length.log2() - sum / length
    }
}

/// Whether a value stands for a credential instead of being one: a variable, a template, a mask, a single repeated character.
fn is_placeholder(value: &str) -> bool {
    let bytes = value.as_bytes();
    let varied = bytes.iter().any(|byte| *byte != bytes[0]);
    let reference = value.starts_with(['$', '%', '{', '<', '&', '*'])
        || ["${", "{{", "#{", "<%", "%s", "%(", "..."]
            .iter()
            .any(|mark| value.contains(mark));
    !varied || reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_tell_right_from_wrong() {
        assert!(is_card("4111-1111-1111-1111"));
        assert!(!is_card("4111-1111-1111-1112"));
        assert!(is_card("378282246310005"));
        assert!(is_npi("1234567893"));
        assert!(!is_npi("1234567890"));
        assert!(is_aba("021000021"));
        assert!(!is_aba("021000022"));
        assert!(!is_aba("000000000"));
    }

    #[test]
    fn numbers_that_were_never_issued_are_no_social_security_numbers() {
        assert!(is_ssn("123-45-6789"));
        for never in [
            "000-45-6789",
            "666-45-6789",
            "900-45-6789",
            "123-00-6789",
            "123-45-0000",
        ] {
            assert!(!is_ssn(never), "{never}");
        }
    }

    #[test]
    fn a_date_has_a_month_and_a_day_in_some_order() {
        assert!(is_date("01/15/1980") && is_date("15.01.1980") && is_date("1980-01-15"));
        assert!(!is_date("13/32/1980") && !is_date("01/15/0080") && !is_date("1/2/3/4"));
    }

    #[test]
    fn entropy_is_zero_for_one_character_and_the_logarithm_for_distinct_ones() {
        assert!(entropy("aaaaaaaa").abs() < 1e-9);
        assert!((entropy("abcdefgh") - 3.0).abs() < 1e-9);
    }
}
