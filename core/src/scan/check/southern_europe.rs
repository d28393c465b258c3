//! Numbers given out in Croatia, Greece, Italy, Portugal, Slovenia and Spain.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    capitals, digits, is_day, is_day_month_year, luhn, mod_11_10, number, rank, weighted,
};

/// The checks of southern European numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Southern {
    /// Greece: AFM, powers of two modulo 11.
    Afm,
    /// Greece: AMKA, a date and Luhn.
    Amka,
    /// Spain: NIF of a legal person, a control digit or letter.
    Cif,
    /// Portugal: cartão de cidadão, Luhn over digits and letters.
    CartaoDeCidadao,
    /// Italy: codice fiscale, a check letter over odd and even places; letters may stand for digits.
    CodiceFiscale,
    /// Slovenia and the other successors of Yugoslavia: EMŠO or JMBG, weights modulo 11.
    Emso,
    /// Spain: DNI, NIF and NIE, a check letter modulo 23.
    Nif,
    /// Portugal: NIF and NIPC, weights modulo 11.
    NifPortugal,
    /// Portugal: NISS, prime weights modulo 10.
    Niss,
    /// Spain: number of the social security, modulo 97.
    NussSpain,
    /// Croatia: OIB (ISO/IEC 7064, MOD 11,10).
    Oib,
    /// Italy: partita IVA, Luhn.
    PartitaIva,
    /// Slovenia: davčna številka, weights modulo 11.
    SlovenianTax,
}

impl Southern {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Afm => digits::<9>(value, is_afm),
            Self::Amka => digits::<11>(value, |d| is_day_month_year(d) && luhn(d, 0)),
            Self::Cif => is_cif(value),
            Self::CartaoDeCidadao => is_cartao(value),
            Self::CodiceFiscale => is_codice_fiscale(value.as_bytes()),
            Self::Emso => digits::<13>(value, |d| {
                let sum = weighted(d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
                is_day_month_year(d) && sum.is_multiple_of(11)
            }),
            Self::Nif => is_nif(value),
            Self::NifPortugal => digits::<9>(value, is_nif_portugal),
            Self::Niss => digits::<11>(value, |d| {
                let sum = weighted(d, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
                matches!(d[0], 1 | 2) && 9 - sum % 10 == u32::from(d[10])
            }),
            Self::NussSpain => digits::<12>(value, |d| {
                let fold = |d: &[u8]| d.iter().fold(0_u64, |n, &digit| n * 10 + u64::from(digit));
                // The leading nought of a short number behind the province does not count.
                let body = if d[2] == 0 {
                    fold(&d[..2]) * 10_000_000 + fold(&d[3..10])
                } else {
                    fold(&d[..10])
                };
                matches!(number(&d[..2]), 1..=53 | 66) && body % 97 == fold(&d[10..])
            }),
            Self::Oib => digits::<11>(value, mod_11_10),
            Self::PartitaIva => digits::<11>(value, is_partita_iva),
            Self::SlovenianTax => digits::<8>(value, is_slovenian_tax),
        };
        Verdict::valid_if(holds)
    }
}

pub(super) fn is_afm(d: &[u8]) -> bool {
    let sum = weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]);
    sum % 11 % 10 == u32::from(d[8])
}

pub(super) fn is_nif_portugal(d: &[u8]) -> bool {
    let rest = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let kind = matches!(d[0], 1..=3 | 5 | 6 | 8 | 9) || number(&d[..2]) == 45;
    kind && u32::from(d[8]) == if rest < 2 { 0 } else { 11 - rest }
}

pub(super) fn is_partita_iva(d: &[u8]) -> bool {
    let office = number(&d[7..10]);
    number(&d[..7]) > 0 && matches!(office, 1..=100 | 120 | 121 | 888 | 999) && luhn(d, 0)
}

pub(super) fn is_slovenian_tax(d: &[u8]) -> bool {
    let rest = weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    d[0] > 0 && rest != 0 && (11 - rest) % 10 == u32::from(d[7])
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
    has_form_of_codice_fiscale(value)
        && u32::from(check.to_ascii_uppercase()) == u32::from(b'A') + sum % 26
}

pub(super) fn is_nif(value: &str) -> bool {
    const CHECKS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let symbols = capitals(value);
    let (lead, figures) = match symbols.as_slice() {
        [b'0'..=b'9', ..] => (0, symbols.as_slice()),
        [b'K' | b'L' | b'M' | b'X', rest @ ..] => (0, rest),
        [b'Y', rest @ ..] => (1, rest),
        [b'Z', rest @ ..] => (2, rest),
        _ => return false,
    };
    let [figures @ .., check] = figures else {
        return false;
    };
    let counts = figures
        .iter()
        .fold(lead, |sum, &byte| sum * 10 + rank(byte));
    (7..=8).contains(&figures.len())
        && figures.iter().all(u8::is_ascii_digit)
        && CHECKS[counts as usize % 23] == *check
}

pub(super) fn is_cif(value: &str) -> bool {
    let symbols = capitals(value);
    let [kind, figures @ .., check] = symbols.as_slice() else {
        return false;
    };
    let sum: u32 = figures
        .iter()
        .enumerate()
        .map(|(place, &byte)| {
            let doubled = rank(byte) * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    let digit = (10 - sum % 10) % 10;
    let control = match *kind {
        b'A' | b'B' | b'E' | b'H' => rank(*check) == digit,
        b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => b"JABCDEFGHI"[digit as usize] == *check,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => {
            rank(*check) == digit || b"JABCDEFGHI"[digit as usize] == *check
        }
        _ => false,
    };
    figures.len() == 7 && figures.iter().all(u8::is_ascii_digit) && control
}

fn is_cartao(value: &str) -> bool {
    let symbols = capitals(value);
    let sum: u32 = symbols
        .iter()
        .enumerate()
        .map(|(place, &byte)| match rank(byte) {
            counts if place % 2 == 1 => counts,
            counts if counts > 4 => counts * 2 - 9,
            counts => counts * 2,
        })
        .sum();
    symbols.len() == 12
        && symbols[9..11].iter().all(u8::is_ascii_alphanumeric)
        && sum.is_multiple_of(10)
}

/// Whether the letters and digits of a codice fiscale stand where they may; see [`Southern::CodiceFiscale`].
pub(in crate::scan) fn has_form_of_codice_fiscale(value: &[u8]) -> bool {
    let figure = |byte: u8| match byte.to_ascii_uppercase() {
        b'0'..=b'9' => Some(byte - b'0'),
        // What stands for a digit where two persons would have one code.
        byte @ (b'L' | b'M' | b'N' | b'P' | b'Q' | b'R' | b'S' | b'T' | b'U' | b'V') => {
            let place = b"LMNPQRSTUV".iter().position(|&letter| letter == byte);
            place.and_then(|place| u8::try_from(place).ok())
        }
        _ => None,
    };
    let formed = value.len() == 16
        && value.iter().enumerate().all(|(place, &byte)| match place {
            6 | 7 | 9 | 10 | 12..=14 => figure(byte).is_some(),
            8 => b"ABCDEHLMPRST".contains(&byte.to_ascii_uppercase()),
            _ => byte.is_ascii_alphabetic(),
        });
    // 40 is added to the day of women.
    formed && {
        let day = [value[9], value[10]].map(|byte| figure(byte).unwrap_or(0));
        let day = number(&day);
        is_day(&[
            u8::try_from(day % 40 / 10).unwrap_or(0),
            u8::try_from(day % 40 % 10).unwrap_or(0),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use Southern::{
        Afm, Amka, CartaoDeCidadao, Cif, CodiceFiscale, Emso, Nif, NifPortugal, Niss, NussSpain,
        Oib, PartitaIva, SlovenianTax,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            Southern::of,
            &[
                (
                    Afm,
                    &["094259216", "998144460"],
                    &["094259215", "998144461"],
                ),
                (
                    Amka,
                    &["01013099997", "17034026058"],
                    &["01013099996", "32013099997"],
                ),
                (
                    CartaoDeCidadao,
                    &["00000000 0 ZZ4", "00000000-0ZZ4"],
                    &["00000000 0 ZZ3", "00000001 0 ZZ4"],
                ),
                (
                    Cif,
                    &["A58818501", "J99216582"],
                    &["A58818502", "X99216582"],
                ),
                (
                    CodiceFiscale,
                    &["RSSMRA85T10A562S", "RCCMNL83S18D969H"],
                    &["RSSMRA85T10A562T", "RCCMNL83S18D969"],
                ),
                (
                    Emso,
                    &[
                        "0101006500006",
                        "1501985505007",
                        "2403948504329",
                        "2810977504340",
                    ],
                    &["0101006500007", "0113006500006"],
                ),
                (
                    Nif,
                    &["12345678Z", "X1234567L"],
                    &["12345678A", "B1234567L"],
                ),
                (
                    Nif,
                    &["54362315-K", "Z-8327649-K"],
                    &["54362315-J", "Z-8327649-L"],
                ),
                (
                    NifPortugal,
                    &["501 964 843", "123456789"],
                    &["501964842", "723456789"],
                ),
                (
                    Oib,
                    &["33392005961", "94577403194"],
                    &["33392005962", "94577403195"],
                ),
                (
                    PartitaIva,
                    &["00743110157", "07643520567"],
                    &["00743110158", "00000000000"],
                ),
                (
                    SlovenianTax,
                    &["50223054", "15012557"],
                    &["50223055", "05012557"],
                ),
            ],
        );
        // Behind the province eight digits, seven, and three.
        for right in ["081234567869", "280123456742", "410000012338"] {
            assert_eq!(NussSpain.of(right), Verdict::Valid, "{right}");
        }
        assert_eq!(NussSpain.of("281234567841"), Verdict::Invalid);
        for right in ["12345678910", "11234567892", "29876543219"] {
            assert_eq!(Niss.of(right), Verdict::Valid, "{right}");
        }
        assert_eq!(Niss.of("29876543218"), Verdict::Invalid);
    }

    #[test]
    fn a_codice_fiscale_keeps_its_form_with_letters_for_digits() {
        assert!(has_form_of_codice_fiscale(b"RSSMRA85T10A562S"));
        assert!(has_form_of_codice_fiscale(b"RSSMRA85T10A56NH"));
        assert!(!has_form_of_codice_fiscale(b"RSSMRA85F10A562S"));
        assert!(!has_form_of_codice_fiscale(b"RSSMRA85T35A562S"));
    }
}
