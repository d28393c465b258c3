//! Check digits of vehicles and devices.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{Digits, digits, luhn, rank, varied, weighted};

/// The checks of vehicles and devices that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Device {
    /// A global trade item number of fourteen digits in a unique device identifier (GS1 General Specifications).
    Gtin,
    /// A label of the Health Industry Bar Code standard: a check character modulo 43 (ANSI/HIBC 2.6).
    Hibc,
    /// Luhn over all digits, not all of them alike: IMEI (3GPP TS 23.003), Canadian SIN.
    Luhn,
    /// Vehicle identification number (ISO 3779) with the check digit of 49 CFR 565.15.
    Vin,
}

impl Device {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Gtin => {
                let digits_of = value.get(4..18).unwrap_or_default();
                let weights = [3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
                digits::<14>(digits_of, |d| weighted(d, &weights).is_multiple_of(10))
            }
            Self::Hibc => is_hibc(value.as_bytes()),
            Self::Luhn => Digits::<19>::of(value)
                .is_some_and(|d| varied(d.as_slice()) && luhn(d.as_slice(), 0)),
            Self::Vin => is_vin(value.as_bytes()),
        };
        Verdict::valid_if(holds)
    }
}

fn is_hibc(value: &[u8]) -> bool {
    const SYMBOLS: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
    let place = |byte: u8| SYMBOLS.iter().position(|&known| known == byte);
    let [body @ .., check] = value else {
        return false;
    };
    let sum: Option<usize> = body.iter().map(|&byte| place(byte)).sum();
    sum.is_some_and(|sum| place(*check) == Some(sum % 43))
}

fn is_vin(value: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    const LETTERS: &[u8; 26] = b"12345678012345070923456789";
    let mut sum = 0;
    for (place, &byte) in value.iter().enumerate() {
        let counts = match byte.to_ascii_uppercase() {
            byte @ b'0'..=b'9' => rank(byte),
            b'I' | b'O' | b'Q' => return false,
            byte @ b'A'..=b'Z' => rank(LETTERS[usize::from(byte - b'A')]),
            _ => return false,
        };
        sum += WEIGHTS.get(place).copied().unwrap_or(0) * counts;
    }
    let check = match sum % 11 {
        10 => b'X',
        rest => b'0' + u8::try_from(rest).unwrap_or_default(),
    };
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    value.len() == 17 && (2..=14).contains(&letters) && value[8].to_ascii_uppercase() == check
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(check: Device, value: &str) -> bool {
        check.of(value) == Verdict::Valid
    }

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert!(is(Device::Vin, "1M8GDM9AXKP042788") && is(Device::Vin, "1HGCM82633A004352"));
        assert!(!is(Device::Vin, "1M8GDM9A1KP042788") && !is(Device::Vin, "11111111111111111"));
        assert!(is(Device::Luhn, "490154203237518") && is(Device::Luhn, "046 454 286"));
        assert!(!is(Device::Luhn, "490154203237519") && !is(Device::Luhn, "000000000"));
        assert!(
            is(Device::Gtin, "(01)51022222233336")
                && is(Device::Gtin, "(01)00884838000124(17)270101")
        );
        assert!(!is(Device::Gtin, "(01)51022222233337"));
        assert!(is(Device::Hibc, "+A123BJC5D6E71G") && !is(Device::Hibc, "+A123BJC5D6E71H"));
    }
}
