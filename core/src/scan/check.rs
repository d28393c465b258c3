//! Arithmetic and decoding that tell a real value from one that only looks like it.

mod africa_oceania;
mod americas;
mod asia;
#[cfg(test)]
mod cases;
mod device;
mod digits;
mod eastern_europe;
mod finance;
mod northern_europe;
mod secret;
mod southern_europe;
mod vat;
mod western_europe;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::characters::Characters;
use super::matcher::{self, british, canadian};
use super::wallet::Wallet;
use africa_oceania::AfricanOceanian;
use americas::American;
pub(super) use americas::{STATES, is_npi, is_ssn};
use asia::Asian;
use device::Device;
use eastern_europe::Eastern;
use finance::Finance;
pub(super) use finance::{iban_length, is_card};
use northern_europe::Northern;
use secret::SecretCheck;
pub(super) use secret::base64;
use southern_europe::Southern;
pub(super) use southern_europe::has_form_of_codice_fiscale;
use western_europe::Western;

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
    /// A postal code of Canada (Canada Post, Addressing Guidelines).
    CanadianCode,
    /// A postcode of the United Kingdom: a known area and letters that are in use (BS 7666).
    BritishCode,
    /// A user name and a password in base64, joined by a colon (RFC 7617).
    Basic,
    /// A password that a person may have chosen: no word, no stand-in.
    Chosen,
    /// A password or token that was written to be used, not a placeholder, a type or a variable.
    Credential,
    /// A calendar date in figures, either order of day and month.
    Date,
    /// A month and its year in figures: `5/2021`, `05/21`, `2021-05`.
    Month,
    /// A random-looking token: letters and digits.
    Mixed,
    /// A national telephone number with a leading 0 of a country that writes one.
    NationalPhone,
    /// A VAT identification number of the country that its first two letters name.
    Vat,
    /// Cards and accounts.
    #[serde(untagged)]
    Finance(Finance),
    /// Vehicles and devices.
    #[serde(untagged)]
    Device(Device),
    /// Addresses of cryptocurrencies.
    #[serde(untagged)]
    Wallet(Wallet),
    /// Numbers of the Americas.
    #[serde(untagged)]
    American(American),
    /// Numbers of the British Isles, the Nordic and the Baltic countries.
    #[serde(untagged)]
    Northern(Northern),
    /// Numbers of western Europe.
    #[serde(untagged)]
    Western(Western),
    /// Numbers of southern Europe.
    #[serde(untagged)]
    Southern(Southern),
    /// Numbers of eastern Europe.
    #[serde(untagged)]
    Eastern(Eastern),
    /// Numbers of Asia.
    #[serde(untagged)]
    Asian(Asian),
    /// Numbers of Africa and Oceania.
    #[serde(untagged)]
    AfricanOceanian(AfricanOceanian),
    /// What only credentials have.
    #[serde(untagged)]
    Secret(SecretCheck),
}

impl Check {
    pub(super) fn of(self, value: &str) -> Verdict {
        match self {
            Self::CanadianCode => Verdict::plausible_if(canadian(value.as_bytes(), 0).is_some()),
            Self::NationalPhone => Verdict::plausible_if(matcher::is_national_phone(value)),
            Self::BritishCode => Verdict::plausible_if(is_british(value)),
            Self::Basic => Verdict::valid_if(is_basic(value)),
            Self::Chosen => {
                Verdict::plausible_if(!is_placeholder(value) && matcher::is_chosen(value))
            }
            Self::Credential => Verdict::plausible_if(!is_placeholder(value)),
            Self::Date => Verdict::plausible_if(is_date(value)),
            Self::Month => Verdict::plausible_if(is_month(value)),
            Self::Mixed => Verdict::plausible_if(is_mixed(value)),
            Self::Vat => Verdict::valid_if(vat::is_vat_id(value)),
            Self::Finance(check) => check.of(value),
            Self::Device(check) => check.of(value),
            Self::Wallet(check) => check.of(value),
            Self::American(check) => check.of(value),
            Self::Northern(check) => check.of(value),
            Self::Western(check) => check.of(value),
            Self::Southern(check) => check.of(value),
            Self::Eastern(check) => check.of(value),
            Self::Asian(check) => check.of(value),
            Self::AfricanOceanian(check) => check.of(value),
            Self::Secret(check) => check.of(value),
        }
    }
}

/// Letters and digits.
fn is_mixed(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A postcode of the United Kingdom, with the space before its last three characters or without it.
fn is_british(value: &str) -> bool {
    if value.contains(' ') {
        return british(value.as_bytes(), 0).is_some();
    }
    let spaced = value
        .len()
        .checked_sub(3)
        .and_then(|at| value.split_at_checked(at))
        .map(|(area, rest)| format!("{area} {rest}"));
    spaced.is_some_and(|code| british(code.as_bytes(), 0).is_some())
}

fn is_basic(value: &str) -> bool {
    BASE64.decode(value).is_ok_and(|bytes| {
        bytes.contains(&b':')
            && std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains(char::is_control))
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

/// Whether digits with one sign between them are a month and its year, in either order.
fn is_month(value: &str) -> bool {
    let Some((first, last)) = value.split_once(['/', '-']) else {
        return false;
    };
    let (month, year) = if first.len() == 4 {
        (last, first)
    } else {
        (first, last)
    };
    let within = |text: &str, range: std::ops::RangeInclusive<u32>| {
        text.parse().is_ok_and(|number| range.contains(&number))
    };
    within(month, 1..=12) && (year.len() == 2 || within(year, 1900..=2099))
}

/// Bits per byte, by the frequencies of the bytes themselves (Shannon 1948).
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    // With n bytes, c of them the same: the sum of -c/n · log(c/n) is log(n) - sum(c · log(c)) / n.
    let weight = |count: u32| f64::from(count) * f64::from(count).log2();
    let sum: f64 = value
        .bytes()
        .map(|byte| std::mem::take(&mut counts[usize::from(byte)]))
        .filter(|count| *count > 1)
        .map(weight)
        .sum();
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
    if varied && !Characters::of(value).any(b"$%{<&*#.") {
        return false;
    }
    // `$6$…` is a hash that the crypt functions of Unix made.
    let hash = value.starts_with('$') && value.matches('$').count() >= 3;
    let marks = ['$', '%', '{', '<', '&', '*'];
    let reference = !hash && value.starts_with(marks)
        || bytes
            .windows(2)
            .any(|mark| matches!(mark, b"{}" | b"<%" | b"%s" | b"%("))
        || memchr::memchr(b'{', bytes).is_some()
            && (is_filled_in(value, "${", "}")
                || is_filled_in(value, "#{", "}")
                || is_filled_in(value, "{{", "}}"))
        || value
            .strip_prefix(['\'', '"'])
            .is_some_and(|rest| rest.starts_with(['$', '%']))
        || bytes.windows(3).any(|mark| matches!(mark, b"..." | b"***"));
    !varied || reference
}

/// Whether the first `open` in a value begins a field of a template. What stands in one has its brackets in pairs, as a random
/// password with such a mark in it has not.
fn is_filled_in(value: &str, open: &str, close: &str) -> bool {
    let Some((_, field)) = value.split_once(open) else {
        return false;
    };
    let field = field.split_once(close).map_or(field, |(field, _)| field);
    let mut depth = 0_usize;
    field.bytes().all(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return false,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_a_month_and_a_day_in_some_order() {
        assert!(is_date("01/15/1980") && is_date("15.01.1980") && is_date("1980-01-15"));
        assert!(!is_date("13/32/1980") && !is_date("01/15/0080") && !is_date("1/2/3/4"));
    }

    #[test]
    fn a_field_of_a_template_has_its_brackets_in_pairs() {
        for reference in [
            "${DB_PASS}",
            "pre${env['X']}",
            "{{ vault.x }}",
            "a{{ f(x) }}",
            "x-{}",
            "'$PASS'",
        ] {
            assert!(is_placeholder(reference), "{reference}");
        }
        for value in ["k7${x]Qw(9", "a{{b)c}d", "p$ssw#rd{9", "Zq'7$kL"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn entropy_is_zero_for_one_character_and_the_logarithm_for_distinct_ones() {
        assert!(entropy("aaaaaaaa").abs() < 1e-9);
        assert!((entropy("abcdefgh") - 3.0).abs() < 1e-9);
    }
}
