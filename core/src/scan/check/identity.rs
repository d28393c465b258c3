//! Check digits of numbers that states and their bodies give out, and of accounts, vehicles and devices.

use serde::{Deserialize, Serialize};

use super::super::wallet;
use super::{Digits, Verdict, luhn, number};

/// The checks of identifiers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Identity {
    /// India: twelve digits, Verhoeff.
    Aadhaar,
    /// Australian Business Number: weights modulo 89.
    Abn,
    /// Australian Company Number: weights 8 to 1 modulo 10.
    Acn,
    /// A Bitcoin address: `Base58Check`, or Bech32 (BIP 173, BIP 350).
    Bitcoin,
    /// Netherlands: burgerservicenummer, weights modulo 11.
    Bsn,
    /// Brazil, legal persons: two check digits modulo 11.
    Cnpj,
    /// Italy: codice fiscale, a check letter over odd and even places.
    CodiceFiscale,
    /// Brazil, natural persons: two check digits modulo 11.
    Cpf,
    /// US Drug Enforcement Administration number.
    Dea,
    /// India: goods and services tax number, modulo 36.
    Gstin,
    /// Finland: henkilötunnus, modulo 31.
    Hetu,
    /// International bank account number (ISO 13616): length by country, modulo 97.
    Iban,
    /// Luhn over all digits, not all of them alike: IMEI (3GPP TS 23.003), Canadian SIN.
    Luhn,
    /// Australia: Medicare card.
    MedicareAu,
    /// Japan: individual number.
    MyNumber,
    /// United Kingdom: NHS number, weights modulo 11.
    Nhs,
    /// Spain: DNI, NIF and NIE, a check letter modulo 23.
    Nif,
    /// United Kingdom: prefixes of National Insurance numbers that are given out.
    Nino,
    /// France: numéro d'inscription au répertoire, modulo 97.
    Nir,
    /// Singapore: NRIC and FIN, a check letter modulo 11.
    Nric,
    /// Sweden: Luhn over ten digits that begin with a date.
    Personnummer,
    /// Poland: weights modulo 10 over eleven digits that begin with a date.
    Pesel,
    /// South Korea: resident registration number; those since 2020 have no check digit.
    Rrn,
    /// An abbreviation of a US state before a ZIP code.
    StateZip,
    /// Germany: Steuer-Identifikationsnummer (ISO/IEC 7064, MOD 11,10).
    SteuerId,
    /// Australia: tax file number, weights modulo 11.
    Tfn,
    /// Germany: Umsatzsteuer-Identifikationsnummer (ISO/IEC 7064, MOD 11,10).
    UstId,
    /// Vehicle identification number (ISO 3779) with the check digit of 49 CFR 565.15.
    Vin,
}

impl Identity {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Aadhaar => digits::<12>(value, |d| d[0] > 1 && verhoeff(d)),
            Self::Abn => digits::<11>(value, |d| {
                let sum = weighted(d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
                d[0] > 0 && (sum - 10).is_multiple_of(89)
            }),
            Self::Acn => digits::<9>(value, |d| {
                weighted(d, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
            }),
            Self::Bitcoin => wallet::is_bitcoin(value),
            Self::Bsn => digits::<9>(value, |d| {
                // The last digit counts negatively: minus one is ten modulo eleven.
                weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11)
            }),
            Self::Cnpj => digits::<14>(value, |d| {
                let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
                brazilian(&d[..12], &weights[1..]) == d[12]
                    && brazilian(&d[..13], &weights) == d[13]
            }),
            Self::CodiceFiscale => is_codice_fiscale(value.as_bytes()),
            Self::Cpf => digits::<11>(value, |d| {
                let weights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
                brazilian(&d[..9], &weights[1..]) == d[9] && brazilian(&d[..10], &weights) == d[10]
            }),
            Self::Dea => is_dea(value),
            Self::Gstin => is_gstin(value.as_bytes()),
            Self::Hetu => is_hetu(value),
            Self::Iban => is_iban(value),
            Self::Luhn => Digits::<19>::of(value)
                .is_some_and(|d| varied(d.as_slice()) && luhn(d.as_slice(), 0)),
            Self::MedicareAu => digits::<10>(value, |d| {
                let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9]);
                (2..=6).contains(&d[0]) && sum % 10 == u32::from(d[8])
            }),
            Self::MyNumber => digits::<12>(value, |d| {
                let rest = weighted(d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
                u32::from(d[11]) == if rest < 2 { 0 } else { 11 - rest }
            }),
            Self::Nhs => digits::<10>(value, |d| {
                weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            }),
            Self::Nif => is_nif(value),
            Self::Nino => return Verdict::plausible_if(is_nino(value.as_bytes())),
            Self::Nir => is_nir(value),
            Self::Nric => return nric(value.as_bytes()),
            Self::Personnummer => is_personnummer(value),
            Self::Pesel => digits::<11>(value, |d| {
                let born = (1..=12).contains(&(number(&d[2..4]) % 20)) && is_day(&d[4..6]);
                born && weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
            }),
            Self::Rrn => return rrn(value),
            Self::StateZip => {
                let state = value.get(..2).unwrap_or_default();
                return Verdict::plausible_if(STATES.split(' ').any(|known| known == state));
            }
            Self::SteuerId => digits::<11>(value, |d| {
                let mut counts = [0; 10];
                for &digit in &d[..10] {
                    counts[usize::from(digit)] += 1;
                }
                let most = counts.into_iter().max().unwrap_or(0);
                d[0] > 0 && matches!(most, 2 | 3) && mod_11_10(d)
            }),
            Self::Tfn => digits::<9>(value, |d| {
                weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
            }),
            Self::UstId => digits::<9>(value, |d| d[0] > 0 && mod_11_10(d)),
            Self::Vin => is_vin(value.as_bytes()),
        };
        Verdict::valid_if(holds)
    }
}

/// The two-letter abbreviations of the US Postal Service (Publication 28, appendix B).
pub(in crate::scan) const STATES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA \
    PR RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP VI";

/// Whether the value has exactly `N` digits, not all alike, for which `check` holds.
fn digits<const N: usize>(value: &str, check: impl Fn(&[u8]) -> bool) -> bool {
    Digits::<N>::of(value)
        .is_some_and(|d| d.as_slice().len() == N && varied(d.as_slice()) && check(d.as_slice()))
}

fn varied(digits: &[u8]) -> bool {
    digits.iter().any(|digit| *digit != digits[0])
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum()
}

fn brazilian(digits: &[u8], weights: &[u32]) -> u8 {
    let rest = weighted(digits, weights) % 11;
    u8::try_from(if rest < 2 { 0 } else { 11 - rest }).unwrap_or_default()
}

fn is_day(digits: &[u8]) -> bool {
    (1..=31).contains(&number(digits))
}

fn is_month(digits: &[u8]) -> bool {
    (1..=12).contains(&number(digits))
}

/// ISO/IEC 7064, MOD 11,10; the last digit is the check digit.
fn mod_11_10(digits: &[u8]) -> bool {
    let product = digits[..digits.len() - 1]
        .iter()
        .fold(10, |product, &digit| {
            let sum = (u32::from(digit) + product) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
    (product + u32::from(digits[digits.len() - 1])) % 10 == 1
}

/// Verhoeff (1969): products in the dihedral group of order ten, the digit at each place permuted by the place.
fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, &digit)| {
            let permuted = (0..place % 8).fold(digit, |digit, _| PERMUTATION[usize::from(digit)]);
            // Rotations are 0 to 4, reflections 5 to 9.
            match (sum < 5, permuted < 5) {
                (true, true) => (sum + permuted) % 5,
                (true, false) => 5 + (sum + permuted - 5) % 5,
                (false, true) => 5 + (sum - permuted) % 5,
                (false, false) => (5 + sum - permuted) % 5,
            }
        });
    product == 0
}

/// The lengths of ISO 13616 account numbers by country (SWIFT IBAN registry).
const IBAN_LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FO GL NL SD FK"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU XK MN"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM TL SO"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

/// How many characters the account numbers of a country have; `None` where it has none.
pub(in crate::scan) fn iban_length(country: &[u8]) -> Option<usize> {
    IBAN_LENGTHS.iter().find_map(|(length, countries)| {
        countries
            .as_bytes()
            .chunks(3)
            .any(|code| &code[..2] == country)
            .then_some(*length)
    })
}

fn is_iban(value: &str) -> bool {
    let letters: Vec<u8> = value
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    let known = letters.get(..2).and_then(iban_length) == Some(letters.len());
    let rest =
        letters
            .iter()
            .cycle()
            .skip(4)
            .take(letters.len())
            .fold(0, |rest, &byte| match byte {
                b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
                _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
            });
    known && rest == 1
}

fn is_codice_fiscale(value: &[u8]) -> bool {
    /// What a letter counts at an odd place; a digit counts as the letter at its place in the alphabet.
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let [body @ .., check] = value else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            let rank = match byte {
                b'0'..=b'9' => byte - b'0',
                _ => byte.to_ascii_uppercase().saturating_sub(b'A').min(25),
            };
            if place % 2 == 0 {
                ODD[usize::from(rank)]
            } else {
                u32::from(rank)
            }
        })
        .sum();
    body.len() == 15 && u32::from(check.to_ascii_uppercase()) == u32::from(b'A') + sum % 26
}

fn is_dea(value: &str) -> bool {
    let registrant = value.starts_with(|c: char| "ABCDEFGHJKLMPRSTUX".contains(c));
    registrant
        && digits::<7>(&value[value.len().min(2)..], |d| {
            let sum = weighted(d, &[1, 2, 1, 2, 1, 2]);
            sum % 10 == u32::from(d[6])
        })
}

fn is_gstin(value: &[u8]) -> bool {
    let rank = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte.saturating_sub(b'A')) + 10,
    };
    let [body @ .., check] = value else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, &byte)| {
            let product = rank(byte) * if place % 2 == 0 { 1 } else { 2 };
            product / 36 + product % 36
        })
        .sum();
    value.len() == 15 && rank(*check) == (36 - sum % 36) % 36
}

fn is_hetu(value: &str) -> bool {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(body), Some(check)) = (value.get(..10), value.as_bytes().get(10)) else {
        return false;
    };
    b"+-ABCDEFUVWXY".contains(&body.as_bytes()[6])
        && digits::<9>(body, |d| {
            is_day(&d[..2]) && is_month(&d[2..4]) && CHECKS[number(d) as usize % 31] == *check
        })
}

fn is_nif(value: &str) -> bool {
    const CHECKS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let first = match value.as_bytes().first() {
        Some(b'Y') => 10_000_000,
        Some(b'Z') => 20_000_000,
        Some(b'0'..=b'9' | b'K' | b'L' | b'M' | b'X') => 0,
        _ => return false,
    };
    let figures = Digits::<8>::of(value).filter(|d| d.as_slice().len() >= 7);
    figures.is_some_and(|d| {
        let rest = (first + number(d.as_slice())) as usize % 23;
        value.as_bytes().last() == Some(&CHECKS[rest])
    })
}

fn is_nino(value: &[u8]) -> bool {
    let [first, second, .., suffix] = value else {
        return false;
    };
    let refused = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && !refused.contains(&&[*first, *second])
        && (b'A'..=b'D').contains(suffix)
}

fn is_nir(value: &str) -> bool {
    // Corsica's departments 2A and 2B count as 19 and 18.
    let figures = value.replace("2A", "19").replace("2B", "18");
    digits::<15>(&figures, |d| {
        let body = d[..13]
            .iter()
            .fold(0_u64, |sum, &digit| sum * 10 + u64::from(digit));
        matches!(d[0], 1..=4 | 7 | 8)
            && matches!(number(&d[3..5]), 1..=12 | 20..=42 | 50..)
            && 97 - body % 97 == u64::from(number(&d[13..]))
    })
}

fn nric(value: &[u8]) -> Verdict {
    let [series, .., check] = value else {
        return Verdict::Invalid;
    };
    let (offset, checks) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        // The letters of the series of 2022 are not published.
        b'M' => return Verdict::Plausible,
        _ => return Verdict::Invalid,
    };
    let text = std::str::from_utf8(value).unwrap_or_default();
    Verdict::valid_if(digits::<7>(text, |d| {
        let sum = offset + weighted(d, &[2, 7, 6, 5, 4, 3, 2]);
        checks[sum as usize % 11] == *check
    }))
}

fn is_personnummer(value: &str) -> bool {
    Digits::<12>::of(value).is_some_and(|d| {
        let d = d.as_slice();
        let century = d.len() == 10 || (d.len() == 12 && matches!(number(&d[..2]), 18..=20));
        // A coordination number has 60 added to its day.
        century && {
            let d = &d[d.len() - 10..];
            is_month(&d[2..4]) && matches!(number(&d[4..6]), 1..=31 | 61..=91) && luhn(d, 0)
        }
    })
}

fn rrn(value: &str) -> Verdict {
    let Some(found) = Digits::<13>::of(value).filter(|d| d.as_slice().len() == 13) else {
        return Verdict::Invalid;
    };
    let d = found.as_slice();
    if !is_month(&d[2..4]) || !is_day(&d[4..6]) || d[6] == 9 {
        return Verdict::Invalid;
    }
    let sum = weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    if (11 - sum % 11) % 10 == u32::from(d[12]) {
        Verdict::Valid
    } else {
        Verdict::Plausible
    }
}

fn is_vin(value: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    const LETTERS: &[u8; 26] = b"12345678012345070923456789";
    let mut sum = 0;
    for (place, &byte) in value.iter().enumerate() {
        let counts = match byte {
            b'0'..=b'9' => byte - b'0',
            b'I' | b'O' | b'Q' => return false,
            b'A'..=b'Z' => LETTERS[usize::from(byte - b'A')] - b'0',
            _ => return false,
        };
        sum += WEIGHTS.get(place).copied().unwrap_or(0) * u32::from(counts);
    }
    let check = match sum % 11 {
        10 => b'X',
        rest => b'0' + u8::try_from(rest).unwrap_or_default(),
    };
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    value.len() == 17 && (2..=14).contains(&letters) && value[8] == check
}
