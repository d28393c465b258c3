//! Numbers given out in Africa and Oceania.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, digits, is_year_month_day, luhn, number, rank, varied, verhoeff, weighted,
};

/// The checks of African and Oceanian numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum AfricanOceanian {
    /// Australian Business Number: weights modulo 89.
    Abn,
    /// Australian Company Number: weights 8 to 1 modulo 10.
    Acn,
    /// Egypt: a century, a date, a governorate and weights modulo 11.
    Egyptian,
    /// New Zealand: IRD number, weights modulo 11 in two rounds.
    Ird,
    /// Australia: Medicare card.
    MedicareAu,
    /// New Zealand: National Health Index, modulo 11, or modulo 24 in the form of 2019.
    Nhi,
    /// Nigeria: national identification number, Verhoeff.
    NigerianNin,
    /// South Africa: a date, a citizenship and Luhn.
    SouthAfrican,
    /// Australia: tax file number, weights modulo 11.
    Tfn,
}

impl AfricanOceanian {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Abn => digits::<11>(value, |d| {
                let sum = weighted(d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
                d[0] > 0 && (sum - 10).is_multiple_of(89)
            }),
            Self::Acn => digits::<9>(value, |d| {
                weighted(d, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
            }),
            Self::Egyptian => digits::<14>(value, |d| {
                let rest = weighted(d, &[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
                matches!(d[0], 2 | 3)
                    && is_year_month_day(&d[1..])
                    && matches!(number(&d[7..9]), 1..=35 | 88)
                    && (11 - rest) % 10 == u32::from(d[13])
            }),
            Self::Ird => is_ird(value),
            Self::MedicareAu => Digits::<11>::of(value).is_some_and(|d| {
                let d = d.as_slice();
                let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9]);
                matches!(d.len(), 10 | 11) && (2..=6).contains(&d[0]) && sum % 10 == u32::from(d[8])
            }),
            Self::Nhi => is_nhi(value),
            Self::NigerianNin => digits::<11>(value, verhoeff),
            Self::SouthAfrican => {
                digits::<13>(value, |d| is_year_month_day(d) && d[10] <= 2 && luhn(d, 0))
            }
            Self::Tfn => Digits::<9>::of(value).is_some_and(|d| {
                let d = d.as_slice();
                let sum = match d.len() {
                    8 => weighted(d, &[10, 7, 8, 4, 6, 3, 5, 1]),
                    9 => weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]),
                    _ => return false,
                };
                varied(d) && sum.is_multiple_of(11)
            }),
        };
        Verdict::valid_if(holds)
    }
}

fn is_ird(value: &str) -> bool {
    Digits::<9>::of(value).is_some_and(|found| {
        let d = found.as_slice();
        let padded = [&[0][..], d].concat();
        let d = if d.len() == 8 { padded.as_slice() } else { d };
        let check = |weights: &[u32]| match weighted(d, weights) % 11 {
            0 => 0,
            rest => 11 - rest,
        };
        d.len() == 9 && (10_000_000..150_000_000).contains(&number(d)) && varied(&d[1..]) && {
            let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
            let digit = if first < 10 {
                first
            } else {
                check(&[7, 4, 3, 2, 5, 2, 7, 6])
            };
            digit == u32::from(d[8])
        }
    })
}

fn is_nhi(value: &str) -> bool {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let symbols = capitals(value);
    let counts = |byte: u8| {
        if byte.is_ascii_digit() {
            return Some(rank(byte));
        }
        let place = LETTERS.iter().position(|&letter| letter == byte);
        place.and_then(|place| u32::try_from(place + 1).ok())
    };
    let sum: Option<u32> = symbols
        .iter()
        .zip([7, 6, 5, 4, 3, 2])
        .map(|(&byte, weight)| Some(counts(byte)? * weight))
        .sum();
    let (Some(sum), Some(&check)) = (sum, symbols.get(6)) else {
        return false;
    };
    symbols.len() == 7
        && if check.is_ascii_digit() {
            sum % 11 != 0 && (11 - sum % 11) % 10 == rank(check)
        } else {
            counts(check) == Some(24 - sum % 24)
        }
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use AfricanOceanian::{
        Abn, Acn, Egyptian, Ird, MedicareAu, Nhi, NigerianNin, SouthAfrican, Tfn,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            AfricanOceanian::of,
            &[
                (
                    Abn,
                    &["51 824 753 556", "83 914 571 673"],
                    &["51 824 753 557", "00000000000"],
                ),
                (
                    Acn,
                    &["004 085 616", "010499966"],
                    &["004 085 617", "010499967"],
                ),
                (
                    Egyptian,
                    &["29001011234564", "28503150201231", "30107158804569"],
                    &["19001011234567", "29013011234567", "28503150201232"],
                ),
                (
                    Ird,
                    &["49-091-850", "136-410-132"],
                    &["49-091-851", "136-410-133"],
                ),
                (
                    MedicareAu,
                    &["2123 45670 1", "21234567011"],
                    &["2123 45671 1", "1123456701"],
                ),
                (
                    NigerianNin,
                    &["38401729652", "71029384569"],
                    &["38401729653", "11111111111"],
                ),
                (Nhi, &["ZAC5361", "ZZZ00AX"], &["ZAC5362", "ZZZ00AY"]),
                (
                    SouthAfrican,
                    &["8001015009087", "7503305044089"],
                    &["8001015009088", "8013015009087"],
                ),
                (
                    Tfn,
                    &["876 543 210", "714 925 631"],
                    &["876 543 211", "714 925 632"],
                ),
            ],
        );
    }
}
