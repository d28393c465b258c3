//! Numbers given out in the British Isles, the Nordic and the Baltic countries.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, digits, is_day, is_day_month_year, is_month, luhn, number, rank, weighted,
};

/// The checks of northern European numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Northern {
    /// Denmark: CPR. Those since 2007 need no check digit.
    Cpr,
    /// Denmark: CVR of a company, weights modulo 11.
    Cvr,
    /// Norway: fødselsnummer and D-nummer, two check digits modulo 11.
    Fodselsnummer,
    /// Finland: henkilötunnus, modulo 31.
    Hetu,
    /// Estonia and Lithuania: isikukood and asmens kodas, weights modulo 11 in two rounds.
    Isikukood,
    /// Iceland: kennitala, weights modulo 11 and a century.
    Kennitala,
    /// United Kingdom: NHS number, weights modulo 11.
    Nhs,
    /// United Kingdom: prefixes of National Insurance numbers that are given out.
    Nino,
    /// Norway: number of an organisation, weights modulo 11.
    NorwegianOrganisation,
    /// Latvia: personas kods, weights modulo 11; those since 2017 begin with 32.
    PersonasKods,
    /// Sweden: Luhn over ten digits that begin with a date.
    Personnummer,
    /// Ireland: personal public service number, a check letter modulo 23.
    Pps,
    /// Sweden: number of an organisation, Luhn over ten digits of which the third is at least two.
    SwedishOrganisation,
    /// United Kingdom: driving licence, the date of birth in five figures.
    UkDriver,
    /// United Kingdom: unique taxpayer reference, weights modulo 11.
    Utr,
    /// Finland: Y-tunnus of a company, weights modulo 11.
    YTunnus,
}

impl Northern {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Cpr => return cpr(value),
            Self::Cvr => digits::<8>(value, |d| {
                d[0] > 0 && weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            }),
            Self::Fodselsnummer => digits::<11>(value, is_fodselsnummer),
            Self::Hetu => is_hetu(value),
            Self::Isikukood => digits::<11>(value, is_isikukood),
            Self::Kennitala => digits::<10>(value, |d| {
                // 40 is added to the day of companies.
                let day = number(&d[..2]);
                matches!(day, 1..=31 | 41..=71)
                    && is_month(&d[2..4])
                    && matches!(d[9], 0 | 8 | 9)
                    && weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            }),
            Self::Nhs => digits::<10>(value, |d| {
                weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            }),
            Self::Nino => return Verdict::plausible_if(is_nino(value)),
            Self::NorwegianOrganisation => digits::<9>(value, |d| {
                matches!(d[0], 8 | 9)
                    && weighted(d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            }),
            Self::PersonasKods => digits::<11>(value, |d| {
                let sum = 1 + weighted(d, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
                let born = is_day_month_year(d) && d[6] < 3;
                (number(&d[..2]) == 32 || born) && sum % 11 % 10 == u32::from(d[10])
            }),
            Self::Personnummer => is_personnummer(value),
            Self::Pps => is_pps(value),
            Self::SwedishOrganisation => Digits::<12>::of(value).is_some_and(|d| {
                let d = match d.as_slice() {
                    [1, 6, rest @ ..] if rest.len() == 10 => rest.to_vec(),
                    rest => rest.to_vec(),
                };
                d.len() == 10 && matches!(d[0], 1..=3 | 5..=9) && d[2] > 1 && luhn(&d, 0)
            }),
            Self::UkDriver => return Verdict::plausible_if(is_uk_driver(&capitals(value))),
            Self::Utr => digits::<10>(value, |d| {
                let rest = weighted(&d[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
                b"21987654321"[rest as usize] == b'0' + d[0]
            }),
            Self::YTunnus => digits::<8>(value, |d| {
                weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
            }),
        };
        Verdict::valid_if(holds)
    }
}

fn cpr(value: &str) -> Verdict {
    let Some(found) = Digits::<10>::of(value).filter(|d| d.as_slice().len() == 10) else {
        return Verdict::Invalid;
    };
    let d = found.as_slice();
    if !is_day_month_year(d) {
        Verdict::Invalid
    } else if weighted(d, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        Verdict::Valid
    } else {
        Verdict::Plausible
    }
}

fn is_fodselsnummer(d: &[u8]) -> bool {
    // 40 is added to the day of D numbers, to the month of numbers that health bodies give out, 80 to that of test persons.
    let day = number(&d[..2]) % 40;
    let month = number(&d[2..4]) % 40;
    (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && weighted(d, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

fn is_hetu(value: &str) -> bool {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(body), Some(check)) = (value.get(..10), value.as_bytes().get(10)) else {
        return false;
    };
    b"+-ABCDEFUVWXY".contains(&body.as_bytes()[6].to_ascii_uppercase())
        && digits::<9>(body, |d| {
            is_day_month_year(d)
                && number(&d[6..]) >= 2
                && CHECKS[number(d) as usize % 31] == check.to_ascii_uppercase()
        })
}

fn is_isikukood(d: &[u8]) -> bool {
    let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    (1..=8).contains(&d[0]) && is_month(&d[3..5]) && is_day(&d[5..7]) && check == u32::from(d[10])
}

fn is_nino(value: &str) -> bool {
    let value = capitals(value);
    let [first, second, .., suffix] = value.as_slice() else {
        return false;
    };
    let refused = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && !refused.contains(&&[*first, *second])
        && (b'A'..=b'D').contains(suffix)
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

pub(super) fn is_pps(value: &str) -> bool {
    let symbols = capitals(value);
    let (figures, letters) = symbols.split_at(symbols.len().min(7));
    let sum: u32 = figures
        .iter()
        .zip((2..=8).rev())
        .map(|(&byte, weight)| rank(byte) * weight)
        .sum();
    let second = match letters {
        [_] | [_, b'W'] => 0,
        [_, second @ b'A'..=b'I'] => rank(*second) - 9,
        _ => return false,
    };
    figures.iter().all(u8::is_ascii_digit)
        && b"WABCDEFGHIJKLMNOPQRSTUV"[(sum + 9 * second) as usize % 23] == letters[0]
}

/// Five letters or nines of the surname, decade, month (women have 50 added), day, year, initials, tie-breakers.
fn is_uk_driver(value: &[u8]) -> bool {
    let Some(figures) = value.get(5..11) else {
        return false;
    };
    let d: Vec<u8> = figures.iter().map(|byte| byte.wrapping_sub(b'0')).collect();
    let month = number(&d[1..3]);
    matches!(value.len(), 16 | 18)
        && figures.iter().all(u8::is_ascii_digit)
        && matches!(month, 1..=12 | 51..=62)
        && is_day(&d[3..5])
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use Northern::{
        Cpr, Cvr, Fodselsnummer, Hetu, Isikukood, Kennitala, Nhs, Nino, NorwegianOrganisation,
        PersonasKods, Personnummer, Pps, SwedishOrganisation, UkDriver, Utr, YTunnus,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            Northern::of,
            &[
                (
                    Cpr,
                    &["211062-5629", "0707614285"],
                    &["213262-5629", "0713614285"],
                ),
                (Cvr, &["13585628", "25313763"], &["13585627", "25313764"]),
                (
                    Fodselsnummer,
                    &["151086 95088", "11077941012"],
                    &["151086 95077", "11077941013"],
                ),
                (
                    Hetu,
                    &["131052-308T", "131052A308T"],
                    &["131052-308U", "991352-308T"],
                ),
                (
                    Isikukood,
                    &["37605030299", "33309240064"],
                    &["37605030298", "33313240064"],
                ),
                (
                    Kennitala,
                    &["450401-3150", "1201743399"],
                    &["450401-3160", "3213743399"],
                ),
                (
                    Nhs,
                    &["943 476 5919", "4010232137"],
                    &["943 476 5918", "0000000000"],
                ),
                (
                    NorwegianOrganisation,
                    &["974 760 673", "988077917"],
                    &["974 760 674", "188077917"],
                ),
                (
                    PersonasKods,
                    &["161175-19997", "161175-19997"],
                    &["161375-19997", "161175-19996"],
                ),
                (
                    Personnummer,
                    &["811218-9876", "19811218-9876"],
                    &["811218-9875", "811318-9876"],
                ),
                (
                    Personnummer,
                    &["701063-2391", "640823-3234"],
                    &["701063-2392", "641323-3234"],
                ),
                (Pps, &["1234567T", "1234567FA"], &["1234567U", "1234567FB"]),
                (
                    SwedishOrganisation,
                    &["556036-0793", "165560360793"],
                    &["556036-0794", "551036-0793"],
                ),
                (
                    Utr,
                    &["1955839661", "7559470900", "2307986830"],
                    &["2955839661", "1955839662"],
                ),
                (
                    YTunnus,
                    &["2077474-0", "0737546-2"],
                    &["2077474-1", "0737546-3"],
                ),
            ],
        );
        assert_eq!(Cpr.of("211062-5629"), Verdict::Valid);
    }

    #[test]
    fn letters_that_are_not_given_out_are_refused() {
        assert_tells_apart(
            Northern::of,
            &[
                (Nino, &["AB123456C"], &["QQ123456C"]),
                (Nino, &["ab 12 34 56 c"], &["GB123456C"]),
                (UkDriver, &["MORGA657054SM9IJ"], &["MORGA613054SM9IJ"]),
                (UkDriver, &["FOX99753116SM9IJ"], &["FOX99753016SM9I"]),
            ],
        );
    }
}
