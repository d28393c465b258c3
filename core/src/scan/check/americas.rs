//! Numbers given out in the Americas.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, digits, is_day, is_month, luhn, number, rank, varied, weighted,
};

/// The checks of American numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum American {
    /// Canada: business number, Luhn over nine digits, and the letters of a programme if they are there.
    CanadianBusiness,
    /// Chile: RUT and RUN, modulo 11 with `K` for ten.
    CiChile,
    /// Ecuador: cédula, a province and Luhn.
    CiEcuador,
    /// Uruguay: cédula de identidad, weights modulo 10.
    CiUruguay,
    /// Brazil, drivers: two check digits modulo 11.
    Cnh,
    /// Brazil, legal persons: two check digits modulo 11 over digits and capitals.
    Cnpj,
    /// Brazil, the health card: weights 15 to 1 modulo 11.
    Cns,
    /// Brazil, natural persons: two check digits modulo 11.
    Cpf,
    /// Argentina: CUIT and CUIL, weights modulo 11.
    Cuit,
    /// Mexico: CURP, a check digit over letters and digits.
    Curp,
    /// US Drug Enforcement Administration number.
    Dea,
    /// US employer identification number: a prefix that a campus of the IRS has.
    Ein,
    /// US individual taxpayer identification number: the groups that are given out.
    Itin,
    /// US Medicare beneficiary identifier: no letter that looks like a digit.
    Mbi,
    /// Colombia: NIT, prime weights modulo 11.
    Nit,
    /// A National Provider Identifier: Luhn over 80840 and the number (45 CFR 162.406).
    Npi,
    /// The same without a label: one number of ten digits in ten has the right last one.
    NpiUnlabelled,
    /// Brazil, workers: PIS, PASEP and NIT, weights modulo 11.
    Pis,
    /// Mexico: RFC, a check character modulo 11.
    Rfc,
    /// Brazil, São Paulo: registro geral, modulo 11 with `X` for ten.
    Rg,
    /// Venezuela: RIF, a letter and weights modulo 11.
    Rif,
    /// Peru: RUC, weights modulo 11.
    Ruc,
    /// An area, group and serial that the Social Security Administration can have given out.
    Ssn,
    /// An abbreviation of a US state before a ZIP code.
    StateZip,
    /// Brazil, voters: título de eleitor, two check digits and a state.
    Titulo,
}

impl American {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::CanadianBusiness => is_canadian_business(value),
            Self::CiChile => is_rut(value),
            Self::CiEcuador => digits::<10>(value, |d| {
                matches!(number(&d[..2]), 1..=24 | 30) && d[2] < 6 && luhn(d, 0)
            }),
            Self::CiUruguay => digits::<8>(value, |d| {
                weighted(d, &[2, 9, 8, 7, 6, 3, 4, 1]).is_multiple_of(10)
            }),
            Self::Cnh => digits::<11>(value, is_cnh),
            Self::Cnpj => is_cnpj(value),
            Self::Cns => digits::<15>(value, |d| {
                let weights = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
                matches!(d[0], 1 | 2 | 7..=9) && weighted(d, &weights).is_multiple_of(11)
            }),
            Self::Cpf => digits::<11>(value, |d| {
                let weights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
                complement(weighted(&d[..9], &weights[1..])) == u32::from(d[9])
                    && complement(weighted(&d[..10], &weights)) == u32::from(d[10])
            }),
            Self::Cuit => digits::<11>(value, |d| {
                let kind = matches!(number(&d[..2]), 20 | 23..=27 | 30 | 33 | 34 | 50 | 51 | 55);
                let sum = weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
                // Where the check digit would be ten, it is nine.
                let right =
                    (sum + u32::from(d[10])).is_multiple_of(11) || sum % 11 == 1 && d[10] == 9;
                kind && right
            }),
            Self::Curp => is_curp(value),
            Self::Dea => is_dea(value),
            Self::Ein => digits::<9>(
                value,
                |d| !matches!(number(&d[..2]), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97),
            ),
            Self::Itin => digits::<9>(value, |d| {
                let group = number(&d[3..5]);
                d[0] == 9 && matches!(group, 50..=65 | 70..=88 | 90..=99)
            }),
            Self::Mbi => {
                !value.starts_with('0')
                    && !value.bytes().any(|byte| b"SLOIBZsloibz".contains(&byte))
            }
            Self::Nit => is_nit(value),
            Self::Npi | Self::NpiUnlabelled => is_npi(value),
            Self::Pis => digits::<11>(value, |d| {
                complement(weighted(d, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == u32::from(d[10])
            }),
            Self::Rfc => is_rfc(value),
            Self::Rg => is_rg(value),
            Self::Rif => is_rif(value),
            Self::Ruc => digits::<11>(value, |d| {
                let kind = matches!(number(&d[..2]), 10 | 15 | 16 | 17 | 20);
                let rest = weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
                kind && (11 - rest) % 10 == u32::from(d[10])
            }),
            Self::Ssn => return Verdict::plausible_if(is_ssn(value)),
            Self::StateZip => {
                let state = value.get(..2).unwrap_or_default();
                return Verdict::plausible_if(STATES.split(' ').any(|known| known == state));
            }
            Self::Titulo => digits::<12>(value, |d| {
                let state = number(&d[8..10]);
                // In São Paulo and Minas Gerais a rest of nought counts as one.
                let check = |sum: u32| match sum % 11 {
                    10 => 0,
                    0 if state == 1 || state == 2 => 1,
                    rest => rest,
                };
                (1..=28).contains(&state)
                    && check(weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9])) == u32::from(d[10])
                    && check(weighted(&d[8..], &[7, 8, 9])) == u32::from(d[11])
            }),
        };
        match self {
            Self::Ein | Self::Itin | Self::Mbi | Self::NpiUnlabelled => {
                Verdict::plausible_if(holds)
            }
            _ => Verdict::valid_if(holds),
        }
    }
}

/// The two-letter abbreviations of the US Postal Service (Publication 28, appendix B).
pub(in crate::scan) const STATES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA \
    PR RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP VI";

pub(in crate::scan) fn is_npi(value: &str) -> bool {
    // The prefix 80840 adds 24 to the sum: 8 + 0 + 8 + (4 doubled) + 0, seen from the right of a ten-digit number.
    digits::<10>(value, |d| matches!(d[0], 1 | 2) && luhn(d, 24))
}

pub(in crate::scan) fn is_ssn(value: &str) -> bool {
    /// Printed in advertisements, and withdrawn since.
    const WITHDRAWN: [u32; 2] = [78_051_120, 219_099_999];
    digits::<9>(value, |d| {
        !matches!(number(&d[..3]), 0 | 666 | 900..=999)
            && number(&d[3..5]) != 0
            && number(&d[5..]) != 0
            && !WITHDRAWN.contains(&number(d))
    })
}

/// What makes a sum up to a multiple of eleven; nought where that would take ten or eleven.
fn complement(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

fn is_cnh(d: &[u8]) -> bool {
    let first = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    let (first, less) = if first > 9 { (0, 2) } else { (first, 0) };
    let second = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    let second = if second > 9 {
        0
    } else {
        (second + 11 - less) % 11 % 10
    };
    first == u32::from(d[9]) && second == u32::from(d[10])
}

fn is_cnpj(value: &str) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let symbols = capitals(value);
    let sum = |count: usize| -> u32 {
        // A capital counts as its code less that of the digit nought.
        let counts = symbols[..count].iter().map(|&byte| u32::from(byte - b'0'));
        counts
            .zip(&WEIGHTS[13 - count..])
            .map(|(n, weight)| n * weight)
            .sum()
    };
    symbols.len() == 14
        && symbols[12..].iter().all(u8::is_ascii_digit)
        && varied(&symbols)
        && complement(sum(12)) == rank(symbols[12])
        && complement(sum(13)) == rank(symbols[13])
}

fn is_curp(value: &str) -> bool {
    // Ñ counts between N and O.
    let place = |byte: u8| rank(byte) + u32::from(byte.to_ascii_uppercase() > b'N');
    let [body @ .., check] = value.as_bytes() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .zip((2..=18).rev())
        .map(|(&byte, weight)| place(byte) * weight)
        .sum();
    let born = Digits::<8>::of(body.get(4..10).map_or("", |_| &value[4..10]));
    body.len() == 17
        && born.is_some_and(|d| {
            d.as_slice().len() == 6 && is_month(&d.as_slice()[2..4]) && is_day(&d.as_slice()[4..])
        })
        && (10 - sum % 10) % 10 == rank(*check)
}

fn is_rfc(value: &str) -> bool {
    const SYMBOLS: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";
    let symbols: Vec<char> = value.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let place = |symbol: char| {
        let at = SYMBOLS
            .chars()
            .position(|known| known == symbol.to_ascii_uppercase());
        at.and_then(|at| u32::try_from(at).ok())
    };
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    // The names of legal persons have three letters and count with a space before them.
    let lead = if body.len() == 11 { 37 * 13 } else { 0 };
    let weights = (2..).take(body.len()).map(|weight: u32| weight);
    let sum: Option<u32> = body
        .iter()
        .rev()
        .zip(weights)
        .map(|(&symbol, weight)| Some(place(symbol)? * weight))
        .sum();
    let wanted = |sum: u32| match 11 - (lead + sum) % 11 {
        11 => '0',
        10 => 'A',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    matches!(body.len(), 11 | 12)
        && sum.is_some_and(|sum| wanted(sum) == check.to_ascii_uppercase())
}

fn is_dea(value: &str) -> bool {
    let registrant =
        value.starts_with(|c: char| "ABCDEFGHJKLMPRSTUX".contains(c.to_ascii_uppercase()));
    let figures = value.get(2..).unwrap_or_default();
    registrant
        && digits::<7>(figures, |d| {
            weighted(d, &[1, 2, 1, 2, 1, 2]) % 10 == u32::from(d[6])
        })
}

fn is_nit(value: &str) -> bool {
    const PRIMES: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    Digits::<16>::of(value).is_some_and(|found| match found.as_slice() {
        [body @ .., check] if body.len() >= 8 => {
            let sum: u32 = body
                .iter()
                .rev()
                .zip(PRIMES)
                .map(|(&digit, prime)| u32::from(digit) * prime)
                .sum();
            let rest = sum % 11;
            varied(body) && u32::from(*check) == if rest < 2 { rest } else { 11 - rest }
        }
        _ => false,
    })
}

/// A business number of Canada: `123456782`, `123456782 RT 0001`.
fn is_canadian_business(value: &str) -> bool {
    let programme: String = value.chars().filter(char::is_ascii_alphabetic).collect();
    let known = [
        "", "RC", "RM", "RP", "RR", "RT", "RZ", "RD", "RE", "RN", "RG", "SL",
    ];
    let number: String = value.chars().filter(char::is_ascii_digit).take(9).collect();
    known.contains(&programme.as_str()) && digits::<9>(&number, |d| luhn(d, 0))
}

fn is_rut(value: &str) -> bool {
    let symbols = capitals(value);
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .rev()
        .zip((2..=7).cycle())
        .map(|(&byte, weight)| rank(byte) * weight)
        .sum();
    let wanted = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => b"0123456789"[digit as usize],
    };
    (7..=8).contains(&body.len()) && varied(body) && wanted == *check
}

fn is_rg(value: &str) -> bool {
    let symbols = capitals(value);
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .zip(2..)
        .map(|(&byte, weight)| rank(byte) * weight)
        .sum();
    let wanted = match 11 - sum % 11 {
        11 => b'0',
        10 => b'X',
        digit => b"0123456789"[digit as usize],
    };
    body.len() == 8 && varied(body) && wanted == *check
}

fn is_rif(value: &str) -> bool {
    let letter = match value.as_bytes().first().map(u8::to_ascii_uppercase) {
        Some(b'V') => 4,
        Some(b'E') => 8,
        Some(b'J') => 12,
        Some(b'P') => 16,
        Some(b'G') => 20,
        _ => return false,
    };
    digits::<9>(value, |d| {
        complement(letter + weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2])) == u32::from(d[8])
    })
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use American::{
        CanadianBusiness, CiChile, CiEcuador, CiUruguay, Cnh, Cnpj, Cns, Cpf, Cuit, Curp, Dea, Ein,
        Itin, Mbi, Nit, Npi, Pis, Rfc, Rg, Rif, Ruc, Ssn, Titulo,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            American::of,
            &[
                (
                    CanadianBusiness,
                    &["814022372", "120877444 RC 0002"],
                    &["814022373", "120877444 XY 0002"],
                ),
                (
                    CiChile,
                    &["12.345.678-5", "76.086.428-5"],
                    &["12.345.678-K", "76.086.428-4"],
                ),
                (
                    CiEcuador,
                    &["1710034065", "1714307103"],
                    &["1710034066", "9910034065"],
                ),
                (
                    CiUruguay,
                    &["1.234.567-2", "4.025.561-9"],
                    &["1.234.567-3", "4.025.561-8"],
                ),
                (
                    Cnpj,
                    &["11.222.333/0001-81", "12.ABC.345/01DE-35"],
                    &["11.222.333/0001-82", "12.ABC.345/01DE-36"],
                ),
                (
                    Cpf,
                    &["111.444.777-35", "529.982.247-25"],
                    &["111.444.777-36", "111.111.111-11"],
                ),
                (
                    Cuit,
                    &["20-05536168-2", "30-50001091-2"],
                    &["20-05536168-3", "99-05536168-2"],
                ),
                (
                    Curp,
                    &["HEGG560427MVZRRL04", "BOXW310820HNERXN09"],
                    &["HEGG560427MVZRRL05", "HEGG561327MVZRRL04"],
                ),
                (
                    Dea,
                    &["AB1234563", "BJ6125341"],
                    &["AB1234564", "QB1234563"],
                ),
                (
                    Nit,
                    &["860.034.313-7", "800197268-4"],
                    &["860.034.313-8", "800197268-5"],
                ),
                (
                    Npi,
                    &["1234567893", "1245319599"],
                    &["1234567890", "3234567893"],
                ),
                (
                    Pis,
                    &["120.56874.10-7", "170.33259.50-4"],
                    &["120.56874.10-8", "170.33259.50-5"],
                ),
                (
                    Rfc,
                    &["GODE561231GR8", "MAB9307148T4"],
                    &["GODE561231GR9", "MAB9307148T5"],
                ),
                (
                    Ruc,
                    &["20512333797", "20100070970"],
                    &["20512333798", "99512333797"],
                ),
                (
                    Rif,
                    &["V-11470283-4", "J-07013380-5"],
                    &["V-11470283-3", "X-11470283-4"],
                ),
                (
                    Titulo,
                    &["0043568709 06", "1023 8501 0671"],
                    &["0043568709 07", "1023 8501 0672"],
                ),
            ],
        );
    }

    #[test]
    fn numbers_that_were_never_given_out_are_none() {
        assert_tells_apart(
            American::of,
            &[
                (Ssn, &["123-45-6789"], &["000-45-6789"]),
                (Ssn, &["899-45-6789"], &["900-45-6789"]),
                (Ssn, &["078-05-1121"], &["078-05-1120"]),
                (Ssn, &["665-01-0001"], &["666-45-6789"]),
                (Ssn, &["123-01-6789"], &["123-00-6789"]),
                (Ssn, &["123-45-0001"], &["123-45-0000"]),
                (Itin, &["912-70-1234"], &["912-66-1234"]),
                (Itin, &["999-93-1234"], &["812-70-1234"]),
                (Ein, &["12-3456789"], &["07-3456789"]),
                (Mbi, &["1EG4-TE5-MK73"], &["1SG4-TE5-MK73"]),
            ],
        );
    }

    #[test]
    fn brazilian_cards_of_drivers_patients_and_residents_have_check_digits() {
        assert_eq!(Cnh.of("02650306461"), Verdict::Valid);
        assert_eq!(Cnh.of("02650306462"), Verdict::Invalid);
        for right in ["706 5003 8393 6542", "123456789010000", "898765432100008"] {
            assert_eq!(Cns.of(right), Verdict::Valid, "{right}");
        }
        assert_eq!(Cns.of("898765432100007"), Verdict::Invalid);
        for right in [
            "24.678.131-2",
            "30.123.456-5",
            "10.000.001-0",
            "40.404.041-X",
        ] {
            assert_eq!(Rg.of(right), Verdict::Valid, "{right}");
        }
        assert_eq!(Rg.of("24.678.131-5"), Verdict::Invalid);
    }
}
