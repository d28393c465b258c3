//! Numbers given out in Asia.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, digits, is_day, is_month, is_year_month_day, luhn, number, rank, varied,
    verhoeff, weighted,
};

/// The checks of Asian numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Asian {
    /// India: twelve digits, or sixteen of a virtual id, Verhoeff.
    Aadhaar,
    /// China: resident identity number (ISO/IEC 7064, MOD 11-2).
    ChineseResident,
    /// United Arab Emirates: 784, a year, Luhn.
    EmiratesId,
    /// India: goods and services tax number, modulo 36.
    Gstin,
    /// Hong Kong: identity card, weights modulo 11.
    HongKong,
    /// India: state of a vehicle or driving licence.
    IndianState,
    /// Iran: national code, weights modulo 11.
    Iranian,
    /// Israel: identity number, Luhn.
    Israeli,
    /// Japan: corporate number, weights modulo 9.
    JapaneseCorporate,
    /// South Korea: business registration number, weights modulo 10.
    KoreanBusiness,
    /// South Korea: driver's licence, a region.
    KoreanDriver,
    /// South Korea: foreigner registration number.
    KoreanForeigner,
    /// Kuwait: civil number, weights modulo 11.
    Kuwaiti,
    /// Malaysia: a date and a place of birth.
    Malaysian,
    /// Japan: individual number.
    MyNumber,
    /// Indonesia: a province and a date of birth.
    Nik,
    /// Singapore: NRIC and FIN, a check letter modulo 11.
    Nric,
    /// India: permanent account number, the kind of its holder.
    Pan,
    /// South Korea: resident registration number; those since 2020 have no check digit.
    Rrn,
    /// Saudi Arabia: identity number of citizens and residents, Luhn.
    Saudi,
    /// Taiwan: identity number of citizens and residents, weights modulo 10.
    Taiwanese,
    /// Turkey: kimlik numarası, two check digits.
    Tckn,
    /// Thailand: thirteen digits, weights modulo 11.
    Thai,
    /// Singapore: unique entity number, a check letter modulo 11.
    Uen,
    /// China: unified social credit identifier, modulo 31.
    Usci,
    /// Vietnam: a province, a century and sex.
    Vietnamese,
    /// Turkey: vergi kimlik numarası.
    Vkn,
}

impl Asian {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Aadhaar => Digits::<16>::of(value).is_some_and(|d| {
                let d = d.as_slice();
                matches!(d.len(), 12 | 16) && d[0] > 1 && varied(d) && verhoeff(d)
            }),
            Self::ChineseResident => is_chinese(value),
            Self::EmiratesId => digits::<15>(value, |d| number(&d[..3]) == 784 && luhn(d, 0)),
            Self::Gstin => is_gstin(value.to_ascii_uppercase().as_bytes()),
            Self::HongKong => is_hong_kong(value),
            Self::IndianState => {
                let state = value.get(..2).unwrap_or_default().to_ascii_uppercase();
                return Verdict::plausible_if(INDIAN_STATES.split(' ').any(|known| known == state));
            }
            Self::Iranian => digits::<10>(value, |d| {
                let rest = weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
                u32::from(d[9]) == if rest < 2 { rest } else { 11 - rest }
            }),
            Self::Israeli => digits::<9>(value, |d| luhn(d, 0)),
            Self::JapaneseCorporate => digits::<13>(value, |d| {
                let sum = weighted(&d[1..], &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
                9 - sum % 9 == u32::from(d[0])
            }),
            Self::KoreanBusiness => digits::<10>(value, |d| {
                let sum = weighted(d, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + u32::from(d[8]) * 5 / 10;
                number(&d[..3]) > 100 && (10 - sum % 10) % 10 == u32::from(d[9])
            }),
            Self::KoreanDriver => {
                return Verdict::plausible_if(digits::<12>(value, |d| {
                    (11..=28).contains(&number(&d[..2]))
                }));
            }
            Self::KoreanForeigner => return korean(value, 5..=8),
            Self::Kuwaiti => digits::<12>(value, |d| {
                let rest = weighted(d, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
                matches!(d[0], 1..=3) && is_year_month_day(&d[1..]) && 11 - rest == u32::from(d[11])
            }),
            Self::Malaysian => {
                return Verdict::plausible_if(digits::<12>(value, |d| {
                    let place = number(&d[6..8]);
                    is_year_month_day(d)
                        && matches!(place, 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99)
                }));
            }
            Self::MyNumber => digits::<12>(value, |d| {
                let rest = weighted(d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
                u32::from(d[11]) == if rest < 2 { 0 } else { 11 - rest }
            }),
            Self::Nik => {
                // 40 is added to the day of women.
                return Verdict::plausible_if(digits::<16>(value, |d| {
                    (11..=97).contains(&number(&d[..2]))
                        && matches!(number(&d[6..8]), 1..=31 | 41..=71)
                        && is_month(&d[8..10])
                        && number(&d[12..]) > 0
                }));
            }
            Self::Nric => return nric(value),
            Self::Pan => {
                let holder = value.as_bytes().get(3).map(u8::to_ascii_uppercase);
                return Verdict::plausible_if(
                    holder.is_some_and(|kind| b"ABCEFGHJKLPT".contains(&kind)),
                );
            }
            Self::Rrn => return korean(value, 0..=4),
            Self::Saudi => digits::<10>(value, |d| matches!(d[0], 1 | 2) && luhn(d, 0)),
            Self::Taiwanese => is_taiwanese(value),
            Self::Tckn => digits::<11>(value, |d| {
                let odd: u32 = d[..9].iter().step_by(2).map(|&n| u32::from(n)).sum();
                let even: u32 = d[1..8].iter().step_by(2).map(|&n| u32::from(n)).sum();
                let all: u32 = d[..10].iter().map(|&n| u32::from(n)).sum();
                d[0] > 0
                    && (odd * 7 + 40 - even) % 10 == u32::from(d[9])
                    && all % 10 == u32::from(d[10])
            }),
            Self::Thai => digits::<13>(value, |d| {
                let sum = weighted(d, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
                d[0] > 0 && (11 - sum % 11) % 10 == u32::from(d[12])
            }),
            Self::Uen => is_uen(value),
            Self::Usci => is_usci(value),
            Self::Vietnamese => {
                return Verdict::plausible_if(digits::<12>(value, |d| {
                    (1..=96).contains(&number(&d[..3])) && d[3] < 4
                }));
            }
            Self::Vkn => digits::<10>(value, is_vkn),
        };
        Verdict::valid_if(holds)
    }
}

/// Codes of the states and union territories of India on plates (Central Motor Vehicles Rules 1989).
const INDIAN_STATES: &str = "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS TG UK UA UP WB";

fn is_chinese(value: &str) -> bool {
    let symbols = capitals(value);
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let d: Vec<u8> = body.iter().map(|byte| byte.wrapping_sub(b'0')).collect();
    d.len() == 17
        && d.iter().all(|&digit| digit < 10)
        && (11..=91).contains(&number(&d[..2]))
        && (1850..=2100).contains(&number(&d[6..10]))
        && is_month(&d[10..12])
        && is_day(&d[12..14])
        && b"10X98765432"[weighted(&d, &weights) as usize % 11] == *check
}

fn is_gstin(value: &[u8]) -> bool {
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

fn is_hong_kong(value: &str) -> bool {
    let symbols = capitals(value);
    // A missing first letter counts as a space, which counts 36.
    let lead: &[u32] = if symbols.len() == 8 { &[36] } else { &[] };
    let sum: u32 = lead
        .iter()
        .copied()
        .chain(symbols.iter().map(|&byte| rank(byte)))
        .zip((1..=9).rev())
        .map(|(counts, weight)| counts * weight)
        .sum();
    matches!(symbols.len(), 8 | 9)
        && varied(&symbols[symbols.len() - 7..])
        && sum.is_multiple_of(11)
}

/// `kinds` are the centuries and sexes that the seventh digit says.
fn korean(value: &str, kinds: std::ops::RangeInclusive<u8>) -> Verdict {
    let Some(found) = Digits::<13>::of(value).filter(|d| d.as_slice().len() == 13) else {
        return Verdict::Invalid;
    };
    let d = found.as_slice();
    let kind = if d[6] == 9 { 0 } else { d[6] };
    if !is_year_month_day(d) || !kinds.contains(&kind) {
        return Verdict::Invalid;
    }
    let sum = weighted(d, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    let foreign = if kind > 4 { 13 } else { 11 };
    if (foreign - sum % 11) % 10 == u32::from(d[12]) {
        Verdict::Valid
    } else {
        Verdict::Plausible
    }
}

fn nric(value: &str) -> Verdict {
    let symbols = capitals(value);
    let [series, .., check] = symbols.as_slice() else {
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
    Verdict::valid_if(digits::<7>(value, |d| {
        let sum = offset + weighted(d, &[2, 7, 6, 5, 4, 3, 2]);
        checks[sum as usize % 11] == *check
    }))
}

fn is_taiwanese(value: &str) -> bool {
    const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let symbols = capitals(value);
    let code = |byte: u8| {
        let place = LETTERS.iter().position(|&letter| letter == byte);
        place.and_then(|place| u32::try_from(place + 10).ok())
    };
    let [first, second, rest @ ..] = symbols.as_slice() else {
        return false;
    };
    // Residents had a second letter until 2021, which counts as the last digit of its code.
    let second = match second {
        b'1' | b'2' | b'8' | b'9' => Some(rank(*second)),
        b'A'..=b'D' => code(*second).map(|code| code % 10),
        _ => None,
    };
    let (Some(first), Some(second)) = (code(*first), second) else {
        return false;
    };
    let tail: u32 = rest
        .iter()
        .zip([7, 6, 5, 4, 3, 2, 1, 1])
        .map(|(&byte, weight)| rank(byte) * weight)
        .sum();
    symbols.len() == 10
        && rest.iter().all(u8::is_ascii_digit)
        && (first / 10 + first % 10 * 9 + second * 8 + tail).is_multiple_of(10)
}

fn is_uen(value: &str) -> bool {
    const SYMBOLS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
    let symbols = capitals(value);
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let numeric = body.iter().all(u8::is_ascii_digit);
    let d: Vec<u8> = body.iter().map(|byte| byte.wrapping_sub(b'0')).collect();
    match body.len() {
        8 if numeric => {
            let sum = weighted(&d, &[10, 4, 9, 3, 8, 2, 7, 1]);
            varied(&d) && b"XMKECAWLJDB"[sum as usize % 11] == *check
        }
        9 if numeric => {
            let sum = weighted(&d, &[10, 8, 6, 4, 9, 7, 5, 3, 1]);
            (1800..=2100).contains(&number(&d[..4])) && b"ZKCMDNERGWH"[sum as usize % 11] == *check
        }
        9 => {
            let sum: Option<u32> = body
                .iter()
                .zip([4, 3, 5, 3, 10, 2, 2, 5, 7])
                .map(|(byte, weight)| {
                    let place = SYMBOLS.iter().position(|known| known == byte)?;
                    Some(u32::try_from(place).ok()? * weight)
                })
                .sum();
            // Minus five is six modulo eleven.
            matches!(body[0], b'R' | b'S' | b'T')
                && sum.is_some_and(|sum| SYMBOLS[(sum + 6) as usize % 11] == *check)
        }
        _ => false,
    }
}

fn is_usci(value: &str) -> bool {
    const SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let symbols = capitals(value);
    let place = |byte: u8| {
        let place = SYMBOLS.iter().position(|&known| known == byte);
        place.and_then(|place| u32::try_from(place).ok())
    };
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let mut weight = 1;
    let mut sum = 0;
    for &byte in body {
        let Some(counts) = place(byte) else {
            return false;
        };
        sum += counts * weight;
        weight = weight * 3 % 31;
    }
    body.len() == 17 && varied(body) && place(*check) == Some((31 - sum % 31) % 31)
}

fn is_vkn(d: &[u8]) -> bool {
    let sum: u32 = d[..9]
        .iter()
        .zip((1..=9_u32).rev())
        .map(|(&digit, place)| {
            let shifted = (u32::from(digit) + place) % 10;
            match (shifted << place) % 9 {
                0 if shifted > 0 => 9,
                rest => rest,
            }
        })
        .sum();
    (10 - sum % 10) % 10 == u32::from(d[9])
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use Asian::{
        Aadhaar, ChineseResident, EmiratesId, Gstin, HongKong, IndianState, Iranian, Israeli,
        JapaneseCorporate, KoreanBusiness, KoreanDriver, KoreanForeigner, Kuwaiti, Malaysian,
        MyNumber, Nik, Nric, Pan, Rrn, Saudi, Taiwanese, Tckn, Thai, Uen, Usci, Vietnamese, Vkn,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            Asian::of,
            &[
                (
                    Aadhaar,
                    &["2341 2341 2346", "9999 4105 7058"],
                    &["2341 2341 2347", "1341 2341 2346"],
                ),
                (
                    ChineseResident,
                    &["11010519491231002X", "440524188001010014"],
                    &["110105194912310021", "440524188013010014"],
                ),
                (
                    Gstin,
                    &["27AAPFU0939F1ZV", "27aapfu0939f1zv"],
                    &["27AAPFU0939F1ZW", "27AAPFU0939F1Z"],
                ),
                (
                    HongKong,
                    &["G123456(A)", "AB987654(3)"],
                    &["G123456(B)", "AB987654(2)"],
                ),
                (
                    Iranian,
                    &["0499370899", "0790419904"],
                    &["0499370898", "1111111111"],
                ),
                (
                    Israeli,
                    &["039337423", "123456782"],
                    &["039337424", "000000000"],
                ),
                (
                    JapaneseCorporate,
                    &["5-8356-7825-6246", "7000012050002"],
                    &["2-8356-7825-6246", "8000012050002"],
                ),
                (
                    KoreanBusiness,
                    &["220-81-62517", "116-82-00276"],
                    &["220-81-62518", "116-82-00277"],
                ),
                (
                    MyNumber,
                    &["1234 5678 9018", "6214 9832 0257"],
                    &["1234 5678 9019", "6214 9832 0258"],
                ),
                (
                    Nric,
                    &["S1234567D", "G1122144R"],
                    &["S1234567E", "X1122144L"],
                ),
                (
                    Rrn,
                    &["971013-9019902", "971013-9019902"],
                    &["971313-1019902", "971013-5019902"],
                ),
                (
                    Taiwanese,
                    &["A123456789", "A800000014"],
                    &["A123456788", "A323456789"],
                ),
                (
                    Tckn,
                    &["17291716060", "10000000146"],
                    &["17291716050", "01000000146"],
                ),
                (
                    Thai,
                    &["1-2345-45678-78-1", "3-1007-00123-45-1"],
                    &["1-2345-45678-78-2", "0-2345-45678-78-1"],
                ),
                (
                    Uen,
                    &["00192200M", "197401143C"],
                    &["00192200K", "197401143D"],
                ),
                (
                    Uen,
                    &["S16FC0121D", "T01FC6132D"],
                    &["S16FC0121E", "A16FC0121D"],
                ),
                (
                    Usci,
                    &["91110000600037341L", "91310000775785552L"],
                    &["91110000600037341N", "91310000775785553L"],
                ),
                (
                    Vkn,
                    &["4540536920", "1234567890"],
                    &["4540536921", "1234567891"],
                ),
            ],
        );
    }

    #[test]
    fn what_has_no_check_digit_has_a_date_a_place_or_a_kind() {
        assert_tells_apart(
            Asian::of,
            &[
                (
                    EmiratesId,
                    &["784-1985-1234567-3", "784200400000129"],
                    &["783-1234-5678901-2", "784198512345672"],
                ),
                (
                    Kuwaiti,
                    &["273032401005", "285011501232", "299123104562"],
                    &["285011501233", "299133104562"],
                ),
                (
                    Saudi,
                    &["1000000008", "1054321987", "2345678904"],
                    &["1054321988", "3345678904"],
                ),
                (IndianState, &["MH12AB1234"], &["XX12AB1234"]),
                (KoreanDriver, &["11-19-123456-62"], &["29-19-123456-62"]),
                (KoreanForeigner, &["960121-5234567"], &["960121-1234567"]),
                (Malaysian, &["770305-02-1234"], &["771305-02-1234"]),
                (Nik, &["3171011708450001"], &["3171013208450001"]),
                (Pan, &["ABCPE1234F"], &["ABCDE1234F"]),
                (Rrn, &["960121-1234567"], &["961321-1234567"]),
                (Vietnamese, &["001099012345"], &["999099012345"]),
            ],
        );
    }
}
