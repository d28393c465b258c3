//! Numbers given out in Bulgaria, Czechia, Hungary, Kazakhstan, Poland, Romania, Russia, Slovakia and Ukraine.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, digits, is_day, is_year_month_day, number, rank, varied, weighted,
};

/// The checks of eastern European numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Eastern {
    /// Hungary: adóazonosító jel, weights modulo 11.
    Adoazonosito,
    /// Hungary: adószám of a business, weights modulo 10.
    Adoszam,
    /// Romania: cod numeric personal, weights modulo 11.
    Cnp,
    /// Romania: cod unic de înregistrare, weights modulo 11.
    Cui,
    /// Bulgaria: EGN, weights modulo 11.
    Egn,
    /// Czechia and Slovakia: IČO, weights modulo 11.
    Ico,
    /// Kazakhstan: IIN and BIN, weights modulo 11 in two rounds.
    Iin,
    /// Russia: INN, weights modulo 11.
    Inn,
    /// Poland: NIP, weights modulo 11.
    Nip,
    /// Russia: OGRN, modulo 11 or 13.
    Ogrn,
    /// Poland: weights modulo 10 over eleven digits that begin with a date.
    Pesel,
    /// Poland: identity card, weights 7, 3, 1.
    PolishCard,
    /// Poland: REGON, weights modulo 11.
    Regon,
    /// Ukraine: RNOKPP, weights modulo 11.
    Rnokpp,
    /// Czechia and Slovakia: rodné číslo, a date, and divisible by 11.
    RodneCislo,
    /// Russia: SNILS, weights modulo 101.
    Snils,
    /// Hungary: személyi azonosító, weights modulo 11.
    Szemelyi,
    /// Hungary: TAJ, weights 3, 7.
    Taj,
}

impl Eastern {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Adoazonosito => digits::<10>(value, |d| {
                let sum = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
                d[0] == 8 && sum % 11 == u32::from(d[9])
            }),
            Self::Adoszam => Digits::<11>::of(value).is_some_and(|d| {
                let d = d.as_slice();
                matches!(d.len(), 8 | 11) && varied(d) && is_adoszam(d)
            }),
            Self::Cnp => digits::<13>(value, |d| {
                let rest = weighted(d, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
                (1..=9).contains(&d[0])
                    && is_year_month_day(&d[1..])
                    && u32::from(d[12]) == if rest == 10 { 1 } else { rest }
            }),
            Self::Cui => Digits::<10>::of(value)
                .is_some_and(|d| d.as_slice().len() > 5 && is_cui(d.as_slice())),
            Self::Egn => digits::<10>(value, is_egn),
            Self::Ico => digits::<8>(value, |d| {
                let rest = weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
                (11 - rest) % 10 == u32::from(d[7])
            }),
            Self::Iin => digits::<12>(value, is_iin),
            Self::Inn => Digits::<12>::of(value).is_some_and(|d| is_inn(d.as_slice())),
            Self::Nip => digits::<10>(value, is_nip),
            Self::Ogrn => Digits::<15>::of(value).is_some_and(|d| {
                let [body @ .., check] = d.as_slice() else {
                    return false;
                };
                let divisor = match body.len() {
                    12 => 11,
                    14 => 13,
                    _ => return false,
                };
                let body = body
                    .iter()
                    .fold(0_u64, |n, &digit| n * 10 + u64::from(digit));
                body % divisor % 10 == u64::from(*check)
            }),
            Self::Pesel => digits::<11>(value, |d| {
                let born = (1..=12).contains(&(number(&d[2..4]) % 20)) && is_day(&d[4..6]);
                born && weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
            }),
            Self::PolishCard => {
                let symbols = capitals(value);
                let sum: u32 = symbols
                    .iter()
                    .zip([7, 3, 1, 9, 7, 3, 1, 7, 3])
                    .map(|(&byte, weight)| rank(byte) * weight)
                    .sum();
                symbols.len() == 9 && sum.is_multiple_of(10)
            }
            Self::Regon => Digits::<14>::of(value).is_some_and(|d| is_regon(d.as_slice())),
            Self::Rnokpp => digits::<10>(value, |d| {
                // The first digit counts negatively: minus one is ten modulo eleven.
                let sum = weighted(d, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
                sum % 11 % 10 == u32::from(d[9])
            }),
            Self::RodneCislo => return rodne_cislo(value),
            Self::Snils => digits::<11>(value, |d| {
                let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
                sum == number(&d[9..])
            }),
            Self::Szemelyi => digits::<11>(value, |d| {
                let up = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
                let down = weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
                let check = u32::from(d[10]);
                (1..=8).contains(&d[0])
                    && is_year_month_day(&d[1..])
                    && (up == check || down == check)
            }),
            Self::Taj => digits::<9>(value, |d| {
                weighted(d, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == u32::from(d[8])
            }),
        };
        Verdict::valid_if(holds)
    }
}

pub(super) fn is_adoszam(d: &[u8]) -> bool {
    weighted(&d[..8], &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

pub(super) fn is_cui(d: &[u8]) -> bool {
    let [body @ .., check] = d else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .rev()
        .zip([2, 3, 5, 7, 1, 2, 3, 5, 7])
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum();
    varied(d) && d[0] > 0 && sum * 10 % 11 % 10 == u32::from(*check)
}

pub(super) fn is_egn(d: &[u8]) -> bool {
    // 20 is added to the month of those born before 1900, 40 to that of those born since 2000.
    let month = number(&d[2..4]);
    let sum = weighted(d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    matches!(month, 1..=12 | 21..=32 | 41..=52)
        && is_day(&d[4..6])
        && sum % 11 % 10 == u32::from(d[9])
}

fn is_iin(d: &[u8]) -> bool {
    let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first < 10 { first } else { second };
    matches!(number(&d[2..4]), 1..=12) && check == u32::from(d[11])
}

fn is_inn(d: &[u8]) -> bool {
    let check = |weights: &[u32]| weighted(d, weights) % 11 % 10;
    let holds = match d.len() {
        10 => check(&[2, 4, 10, 3, 5, 9, 4, 6, 8]) == u32::from(d[9]),
        12 => {
            check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == u32::from(d[10])
                && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == u32::from(d[11])
        }
        _ => false,
    };
    holds && varied(d)
}

pub(super) fn is_nip(d: &[u8]) -> bool {
    d[0] > 0 && weighted(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == u32::from(d[9])
}

fn is_regon(d: &[u8]) -> bool {
    let short = |d: &[u8]| weighted(d, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == u32::from(d[8]);
    let holds = match d.len() {
        9 => short(d),
        14 => {
            let sum = weighted(d, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]);
            short(d) && sum % 11 % 10 == u32::from(d[13])
        }
        _ => false,
    };
    holds && varied(d)
}

/// Numbers before 1954 have nine digits and no check digit.
fn rodne_cislo(value: &str) -> Verdict {
    let Some(found) = Digits::<10>::of(value) else {
        return Verdict::Invalid;
    };
    let d = found.as_slice();
    // 50 is added to the month of women, 20 more where a day has run out of numbers.
    let born = d.len() >= 9
        && matches!(number(&d[2..4]), 1..=12 | 21..=32 | 51..=62 | 71..=82)
        && is_day(&d[4..6]);
    match d.len() {
        9 => Verdict::plausible_if(born && number(&d[..2]) < 54 && number(&d[6..]) > 0),
        10 => {
            let body = number(&d[..9]) % 11 % 10;
            Verdict::valid_if(born && body == u32::from(d[9]))
        }
        _ => Verdict::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use Eastern::{
        Adoazonosito, Adoszam, Cnp, Cui, Egn, Ico, Iin, Inn, Nip, Ogrn, Pesel, PolishCard, Regon,
        Rnokpp, RodneCislo, Snils, Szemelyi, Taj,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            Eastern::of,
            &[
                (
                    Adoszam,
                    &["12892312", "10597190-2-44"],
                    &["12892313", "10597191-2-44"],
                ),
                (
                    Cnp,
                    &["1630615123457", "1800101221144"],
                    &["1630615123458", "1631315123457"],
                ),
                (Cui, &["18547290", "14399840"], &["18547291", "14399841"]),
                (
                    Egn,
                    &["7523169263", "8032056031"],
                    &["7523169264", "7533169263"],
                ),
                (Ico, &["25596641", "00006947"], &["25596642", "00006948"]),
                (
                    Inn,
                    &["7707083893", "500100732259"],
                    &["7707083894", "500100732250"],
                ),
                (
                    Nip,
                    &["106-00-00-062", "8567346215"],
                    &["106-00-00-063", "8567346216"],
                ),
                (
                    Ogrn,
                    &["1027700132195", "304500116000157"],
                    &["1027700132196", "304500116000158"],
                ),
                (
                    Pesel,
                    &["44051401359", "02070803628"],
                    &["44051401358", "44131401359"],
                ),
                (
                    PolishCard,
                    &["ABA300000", "ABS123456"],
                    &["ABA300001", "ABS223456"],
                ),
                (
                    Regon,
                    &["192598184", "123456785"],
                    &["192598183", "123456786"],
                ),
                (
                    Rnokpp,
                    &["1759013776", "1759013776"],
                    &["1759013777", "1759013775"],
                ),
                (
                    RodneCislo,
                    &["710319/2745", "780123/3540"],
                    &["710319/2746", "711319/2745"],
                ),
                (
                    Snils,
                    &["112-233-445 95", "087-654-303 00"],
                    &["112-233-445 96", "087-654-303 01"],
                ),
                (
                    Taj,
                    &["111 111 110", "123 456 788"],
                    &["111 111 112", "123 456 789"],
                ),
            ],
        );
    }

    #[test]
    fn what_has_one_published_number_has_broken_ones_too() {
        assert_tells_apart(
            Eastern::of,
            &[
                (Adoazonosito, &["8071592153"], &["8071592154"]),
                (
                    Iin,
                    // The last needs the second row of weights.
                    &["880501300015", "850315300455", "850315301801"],
                    &["881301300019", "850315300456"],
                ),
                (Szemelyi, &["18001011238"], &["18013011230"]),
            ],
        );
        assert_eq!(RodneCislo.of("531230/123"), Verdict::Plausible);
        assert_eq!(RodneCislo.of("541230/123"), Verdict::Invalid);
    }
}
