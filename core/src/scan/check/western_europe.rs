//! Numbers given out in Austria, Belgium, France, Germany, Luxembourg, the Netherlands and Switzerland.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{
    Digits, capitals, cross_sum, digits, is_month, luhn, mod_11_10, number, rank, varied, verhoeff,
    weighted,
};

/// The checks of western European numbers that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Western {
    /// Switzerland: AHV number, EAN-13 that begins with 756.
    Ahv,
    /// Belgium: rijksregisternummer and BIS number, modulo 97.
    BelgianNational,
    /// Netherlands: burgerservicenummer, weights modulo 11.
    Bsn,
    /// Germany: number of a driving licence, by where its letters and digits stand.
    Fuehrerschein,
    /// Germany: registration district, letters and up to four digits of a plate.
    GermanPlate,
    /// Germany: serial number of an identity card or passport, and its check digit if it is there (ICAO Doc 9303, weights 7, 3, 1).
    IcaoDocument,
    /// Germany: Krankenversichertennummer, a letter and weights 1, 2.
    Kvnr,
    /// Germany: lebenslange Arztnummer, weights 4, 9.
    Lanr,
    /// Luxembourg: matricule, Luhn and Verhoeff.
    LuxembourgNational,
    /// France: numéro d'inscription au répertoire, modulo 97.
    Nir,
    /// Germany: Versicherungsnummer of the pension insurance, weights modulo 10.
    Rvnr,
    /// France: SIREN, Luhn.
    Siren,
    /// France: SIRET, Luhn, or the sum of digits for La Poste.
    Siret,
    /// Germany: tax number of the Federation: a tax office of a state, and a 0 before the district (ELSTER).
    SteuernummerFederal,
    /// Germany: Steuer-Identifikationsnummer (ISO/IEC 7064, MOD 11,10).
    SteuerId,
    /// Austria: Sozialversicherungsnummer, weights modulo 11.
    Svnr,
    /// Switzerland: Unternehmens-Identifikationsnummer, weights modulo 11.
    UidCh,
}

impl Western {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Ahv => digits::<13>(value, |d| {
                let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
                number(&d[..3]) == 756 && weighted(d, &weights).is_multiple_of(10)
            }),
            Self::BelgianNational => digits::<11>(value, |d| {
                // 20 or 40 is added to the month of BIS numbers; a 2 goes before those born since 2000.
                let check = u64::from(number(&d[9..]));
                let body = u64::from(number(&d[..9]));
                let month = number(&d[2..4]) % 20;
                month <= 12
                    && [body, 2_000_000_000 + body]
                        .iter()
                        .any(|body| 97 - body % 97 == check)
            }),
            Self::Bsn => digits::<9>(value, is_bsn),
            Self::Fuehrerschein => {
                return Verdict::plausible_if(is_fuehrerschein(value.as_bytes()));
            }
            Self::GermanPlate => return Verdict::plausible_if(is_german_plate(value)),
            Self::IcaoDocument => return icao_document(value),
            Self::Kvnr => lettered(value, 0, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2], 10),
            Self::Lanr => digits::<9>(value, |d| {
                let sum = weighted(d, &[4, 9, 4, 9, 4, 9]);
                (10 - sum % 10) % 10 == u32::from(d[6])
            }),
            Self::LuxembourgNational => digits::<13>(value, |d| {
                let mut person = d[..11].to_vec();
                person.push(d[12]);
                is_month(&d[4..6]) && luhn(&d[..12], 0) && verhoeff(&person)
            }),
            Self::Nir => is_nir(value),
            Self::Rvnr => is_rvnr(value),
            Self::Siren => digits::<9>(value, |d| luhn(d, 0)),
            Self::Siret => digits::<14>(value, |d| {
                let poste = number(&d[..9]) == 356_000_000;
                let sum: u32 = d.iter().map(|&digit| u32::from(digit)).sum();
                luhn(d, 0) || poste && sum.is_multiple_of(5)
            }),
            Self::SteuerId => digits::<11>(value, |d| {
                let mut counts = [0; 10];
                for &digit in &d[..10] {
                    counts[usize::from(digit)] += 1;
                }
                let most = counts.into_iter().max().unwrap_or(0);
                d[0] > 0 && matches!(most, 2 | 3) && mod_11_10(d)
            }),
            Self::SteuernummerFederal => {
                return Verdict::plausible_if(digits::<13>(value, |d| {
                    let state = matches!(
                        number(&d[..2]),
                        10 | 11 | 21..=24 | 26..=28 | 30..=32 | 40 | 41 | 51..=53 | 55 | 56 | 90..=93
                    );
                    state && d[4] == 0
                }));
            }
            Self::Svnr => digits::<10>(value, |d| {
                let rest = weighted(d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
                // Months 13 to 15 are given out where a day has run out of numbers.
                let month = number(&d[6..8]);
                d[0] > 0 && (1..=15).contains(&month) && rest == u32::from(d[3])
            }),
            Self::UidCh => digits::<9>(value, |d| {
                weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 1]).is_multiple_of(11)
            }),
        };
        Verdict::valid_if(holds)
    }
}

/// The last digit counts negatively: minus one is ten modulo eleven.
pub(super) fn is_bsn(d: &[u8]) -> bool {
    weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11)
}

/// A check digit over digits among which the letter at place `letter` counts two, as in `A` one.
fn lettered(value: &str, letter: usize, weights: &[u32], length: usize) -> bool {
    let symbols = capitals(value);
    let [body @ .., check] = symbols.as_slice() else {
        return false;
    };
    let mut counts = Vec::with_capacity(length + 1);
    for (place, &byte) in body.iter().enumerate() {
        match (place == letter, byte) {
            (true, b'A'..=b'Z') => counts.extend([(byte - b'@') / 10, (byte - b'@') % 10]),
            (false, b'0'..=b'9') => counts.push(byte - b'0'),
            _ => return false,
        }
    }
    symbols.len() == length && varied(body) && cross_sum(&counts, weights) % 10 == rank(*check)
}

fn is_rvnr(value: &str) -> bool {
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let born = Digits::<12>::of(value).is_some_and(|d| {
        d.as_slice().len() == 11 && {
            // Where all numbers of a day are taken, the day has 50 added.
            let d = d.as_slice();
            matches!(number(&d[2..4]), 0..=31 | 51..=81) && number(&d[4..6]) <= 12
        }
    });
    born && lettered(value, 8, &weights, 12)
}

/// The authority, five characters, a check character and the count of copies.
fn is_fuehrerschein(value: &[u8]) -> bool {
    value.len() == 11
        && value[0].is_ascii_uppercase()
        && [1, 2, 9].iter().all(|&place| value[place].is_ascii_digit())
        && value[3..]
            .iter()
            .filter(|byte| byte.is_ascii_digit())
            .count()
            > 1
}

/// The letters of the serial numbers of German documents are those that are not taken for a digit or a vowel.
fn icao_document(value: &str) -> Verdict {
    let symbols = capitals(value);
    let given = |&byte: &u8| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(&byte);
    let formed = symbols.iter().all(given)
        && symbols.iter().filter(|byte| byte.is_ascii_digit()).count() > 2;
    let sum: u32 = symbols
        .iter()
        .take(9)
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(&byte, weight)| rank(byte) * weight)
        .sum();
    match symbols.len() {
        9 => Verdict::plausible_if(formed),
        10 => Verdict::valid_if(formed && sum % 10 == rank(symbols[9])),
        _ => Verdict::Invalid,
    }
}

fn is_nir(value: &str) -> bool {
    let value = value.to_ascii_uppercase();
    // Corsica's departments 2A and 2B count as 19 and 18.
    let figures = if value.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        value.replace("2A", "19").replace("2B", "18")
    } else {
        value
    };
    digits::<15>(&figures, |d| {
        let body = d[..13]
            .iter()
            .fold(0_u64, |sum, &digit| sum * 10 + u64::from(digit));
        matches!(d[0], 1..=4 | 7 | 8)
            && matches!(number(&d[3..5]), 1..=12 | 20..=42 | 50..)
            && 97 - body % 97 == u64::from(number(&d[13..]))
    })
}

/// The districts of the capital letters before the hyphen (Fahrzeug-Zulassungsverordnung, Anlage 1), those of one and two
/// letters; of three letters any may be one.
const DISTRICTS: &str = "A B C D E F G H J K L M N P R S V W Z \
    AA AB AC AE AH AK AM AN AP AS AU AW AZ BA BB BC BE BF BG BH BI BK BL BM BN BO BR BS BT BZ CA CB CE CO CR CW DA DB DD DE DG DH DI DL DM DN DO DS DT DU DW DZ EA \
    EB ED EE EF EG EH EI EL EM EN ER ES EU EW FB FD FF FG FI FL FN FO FR FS FT FW FZ GC GD GE GF GG GI GK GL GM GN GO GP GR GS GT GV GW GZ HA HB HC HD HE HF HG \
    HH HI HK HL HM HN HO HP HR HS HU HV HX HY HZ IK IL IN IZ JE JL KA KB KC KE KF KG KH KI KK KL KM KN KO KR KS KT KU KW KY LA LB LC LD LF LG LH LI LL LM LN LP LR \
    LU MA MB MC MD ME MG MH MI MK ML MM MN MO MQ MR MS MT MU MW MY MZ NB ND NE NF NH NI NK NL NM NO NP NR NT NU NW NY NZ OA OB OC OD OE OF OG OH OK OL OP OS OZ PA \
    PB PE PF PI PL PM PN PR PS PW PZ RA RC RD RE RG RH RI RL RM RN RO RP RS RT RU RV RW RY RZ SB SC SE SF SG SH SI SK SL SM SN SO SP SR ST SU SW SY SZ TE TF TG TO \
    TP TR TS TT TU UE UH UL UM UN VB VG VK VR VS WA WB WE WF WI WK WL WM WN WO WR WS WT WU WW WZ ZE ZI ZP ZR ZW ZZ";

fn is_german_plate(value: &str) -> bool {
    let district = value.split(['-', ' ']).next().unwrap_or_default();
    district.chars().count() == 3
        || !district.is_ascii()
        || DISTRICTS.split(' ').any(|known| known == district)
}

#[cfg(test)]
mod tests {
    use super::super::cases::assert_tells_apart;
    use super::*;
    use Western::{
        Ahv, BelgianNational, Bsn, Fuehrerschein, GermanPlate, IcaoDocument, Kvnr, Lanr,
        LuxembourgNational, Nir, Rvnr, Siren, Siret, SteuerId, SteuernummerFederal, Svnr, UidCh,
    };

    #[test]
    fn published_numbers_pass_and_their_neighbours_do_not() {
        assert_tells_apart(
            Western::of,
            &[
                (
                    SteuernummerFederal,
                    &["2893081508152", "9198081508152"],
                    &["2893181508152", "9998081508152"],
                ),
                (
                    Ahv,
                    &["756.9217.0769.85", "756.1234.5678.97"],
                    &["756.9217.0769.84", "757.9217.0769.84"],
                ),
                (
                    BelgianNational,
                    &["85.07.30-033.28", "17073003384"],
                    &["85.07.30-033.29", "85.13.30-033.28"],
                ),
                (
                    Bsn,
                    &["111222333", "1234.56.782"],
                    &["111222334", "111111111"],
                ),
                (
                    IcaoDocument,
                    &["T220001293", "C01X00T478"],
                    &["T220001294", "A01X00T478"],
                ),
                (
                    Kvnr,
                    &["A123456780", "A000500015"],
                    &["A123456781", "1123456780"],
                ),
                (
                    Lanr,
                    &["123456601", "838382202"],
                    &["123456701", "838382102"],
                ),
                (
                    LuxembourgNational,
                    &["1893120105732", "1985031501225", "2001070109996"],
                    &["1893120105733", "1893130105732"],
                ),
                (
                    Nir,
                    &["2 55 08 14 168 025 38", "1 51 02 46102 043 25"],
                    &["2 55 08 14 168 025 39", "9 55 08 14 168 025 38"],
                ),
                (
                    Rvnr,
                    &["15 070649 C 103", "65 170839 J 003"],
                    &["15 070649 C 104", "15 071349 C 103"],
                ),
                (
                    Siren,
                    &["404 833 048", "552 008 443"],
                    &["404833047", "552008444"],
                ),
                (
                    Siret,
                    &["73282932000074", "356 000 000 00048"],
                    &["73282932000079", "35600000000049"],
                ),
                (
                    SteuerId,
                    &["86095742719", "47 036 892 816"],
                    &["86095742718", "11111111111"],
                ),
                (
                    Svnr,
                    &["1237 010180", "1237-010180"],
                    &["2237 010180", "1237 011680"],
                ),
                (
                    UidCh,
                    &["CHE-100.155.212", "CHE116281710"],
                    &["CHE-100.155.213", "CHE116281711"],
                ),
            ],
        );
    }

    #[test]
    fn corsicans_have_a_letter_in_their_department() {
        assert_eq!(
            Nir.of("1 85 05 2A 004 123 19"),
            Nir.of("1 85 05 19 004 123 19")
        );
    }

    #[test]
    fn a_plate_begins_with_a_district_and_a_licence_with_an_authority() {
        assert_eq!(Fuehrerschein.of("B072RRE2I55"), Verdict::Plausible);
        assert_eq!(Fuehrerschein.of("BA72RRE2I55"), Verdict::Invalid);
        assert_eq!(GermanPlate.of("M-AB 1234"), Verdict::Plausible);
        assert_eq!(GermanPlate.of("XQ-AB 1234"), Verdict::Invalid);
    }
}
