//! Check digits of cards and accounts.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::digits::{Digits, capitals, digits, luhn, mod_97, number, weighted};

/// The checks of cards and accounts that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scan) enum Finance {
    /// ABA routing number: weights 3, 7, 1 modulo 10, and a Federal Reserve prefix.
    Aba,
    /// A business identifier code: the fifth and sixth letter are a country (ISO 9362).
    Bic,
    /// A payment card: brand, length and Luhn (ISO/IEC 7812-1).
    Card,
    /// Argentina: clave bancaria uniforme, a check digit for the bank and one for the account.
    Cbu,
    /// Mexico: clave bancaria estandarizada, weights 3, 7, 1.
    Clabe,
    /// Spain: código cuenta cliente, two check digits.
    Ccc,
    /// International bank account number (ISO 13616): length by country, modulo 97.
    Iban,
    /// A card number of the lengths that Maestro alone has.
    Maestro,
}

impl Finance {
    pub(super) fn of(self, value: &str) -> Verdict {
        let holds = match self {
            Self::Aba => is_aba(value),
            Self::Bic => return Verdict::plausible_if(is_bic(value)),
            Self::Card => is_card(value),
            Self::Cbu => digits::<22>(value, |d| {
                let bank = weighted(d, &[7, 1, 3, 9, 7, 1, 3, 1]);
                let account = weighted(&d[8..], &[3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1]);
                bank.is_multiple_of(10) && account.is_multiple_of(10)
            }),
            Self::Clabe => digits::<18>(value, |d| {
                let sum: u32 = d[..17]
                    .iter()
                    .zip([3, 7, 1].into_iter().cycle())
                    .map(|(&digit, weight)| u32::from(digit) * weight % 10)
                    .sum();
                (10 - sum % 10) % 10 == u32::from(d[17])
            }),
            Self::Ccc => digits::<20>(value, |d| {
                let check = |rest: u32| match 11 - rest % 11 {
                    10 => 1,
                    11 => 0,
                    digit => digit,
                };
                let bank = weighted(d, &[4, 8, 5, 10, 9, 7, 3, 6]);
                let account = weighted(&d[10..], &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6]);
                check(bank) == u32::from(d[8]) && check(account) == u32::from(d[9])
            }),
            Self::Iban => is_iban(value),
            Self::Maestro => Digits::<19>::of(value).is_some_and(|d| {
                let d = d.as_slice();
                let brand = d.len() >= 12 && matches!(number(&d[..2]), 50 | 56..=58 | 63 | 67);
                brand && luhn(d, 0)
            }),
        };
        Verdict::valid_if(holds)
    }
}

/// First and last of the leading six digits, and the lengths, of the brands that issue cards.
const BRANDS: &[(u32, u32, &[usize])] = &[
    // UATP.
    (100_000, 199_999, &[15]),
    // JCB of fifteen digits.
    (180_000, 180_099, &[15]),
    (213_100, 213_199, &[15]),
    // Mir, Borica, Mastercard.
    (220_000, 220_499, &[16, 17, 18, 19]),
    (220_500, 220_599, &[16]),
    (222_100, 272_099, &[16]),
    (510_000, 559_999, &[16]),
    // Diners Club.
    (300_000, 305_999, &[14, 16, 17, 18, 19]),
    (309_500, 309_599, &[14, 16, 17, 18, 19]),
    (360_000, 369_999, &[14, 15, 16, 17, 18, 19]),
    (380_000, 399_999, &[14, 16, 17, 18, 19]),
    // American Express.
    (340_000, 349_999, &[15]),
    (370_000, 379_999, &[15]),
    // JCB, LankaPay, RuPay.
    (352_800, 358_999, &[16, 17, 18, 19]),
    // Visa, with Elo and Dankort among its numbers.
    (400_000, 499_999, &[13, 16, 19]),
    // Maestro, Elo, Verve, RuPay, Dankort.
    (500_000, 509_999, &[16, 18, 19]),
    (560_000, 589_999, &[16, 18, 19]),
    // Discover, UnionPay, Maestro, RuPay, Elo, Hipercard, Troy, InstaPayment, InterPayment.
    (600_000, 699_999, &[16, 17, 18, 19]),
    // UnionPay and RuPay.
    (810_000, 829_999, &[16, 17, 18, 19]),
    // Uzcard, Napas, Troy, Humo.
    (860_000, 860_099, &[16]),
    (970_400, 970_499, &[16, 19]),
    (979_200, 979_299, &[16]),
    (986_000, 986_099, &[16]),
];

pub(in crate::scan) fn is_card(value: &str) -> bool {
    let Some(found) = Digits::<19>::of(value) else {
        return false;
    };
    let digits = found.as_slice();
    if digits.len() < 13 {
        return false;
    }
    let lead = number(&digits[..6]);
    let issued = BRANDS.iter().any(|(first, last, lengths)| {
        (*first..=*last).contains(&lead) && lengths.contains(&digits.len())
    });
    issued && luhn(digits, 0)
}

fn is_aba(value: &str) -> bool {
    digits::<9>(value, |d| {
        let district = matches!(number(&d[..2]), 0..=12 | 21..=32 | 61..=72 | 80);
        district && weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// The countries of ISO 3166-1, and `XK` for Kosovo and `EU`, which codes of banks have too.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK \
    CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

fn is_bic(value: &str) -> bool {
    let country = value.get(4..6).unwrap_or_default();
    matches!(value.len(), 8 | 11) && COUNTRIES.split(' ').any(|known| known == country)
}

/// The lengths of ISO 13616 account numbers by country: the SWIFT IBAN registry, release 99, and the countries that use such
/// numbers without an entry in it.
const IBAN_LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FO GL NL SD FK"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU XK MN"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM TL SO"),
    (24, "AD CZ DZ ES MD PK RO SA SE SK TN VG"),
    (25, "AO CV GW LY MZ PT ST"),
    (26, "IR IS TR"),
    (27, "BF BI CF CG CM DJ FR GA GQ GR IT KM MC MG MR SM TD"),
    (
        28,
        "AL AZ BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
    ),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

/// How many characters the account numbers of a country have, which is two capitals; `None` where it has none.
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
    let symbols = capitals(value);
    let known = symbols.get(..2).and_then(iban_length) == Some(symbols.len());
    let turned = symbols.iter().cycle().skip(4).take(symbols.len());
    known && mod_97(turned.copied()) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(check: Finance, value: &str) -> bool {
        check.of(value) != Verdict::Invalid
    }

    #[test]
    fn cards_of_every_brand_pass_and_no_other_numbers() {
        for card in [
            "4111-1111-1111-1111",
            "4222222222222",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "6011111111111117",
            "3056 930902 5904",
            "3530111333300000",
            "6200000000000005",
            "6759649826438453",
            "2201382000000013",
            "9792030000000000",
            "6062826786276634",
            "5066991111111118",
        ] {
            assert!(is_card(card), "{card}");
            let (body, last) = card.split_at(card.len() - 1);
            let other = (last.parse::<u32>().unwrap() + 1) % 10;
            assert!(!is_card(&format!("{body}{other}")), "{card}");
        }
        assert!(!is_card("0000000000000000") && !is_card("7992739871300000"));
    }

    #[test]
    fn the_examples_of_the_iban_registry_pass() {
        for iban in [
            "AD1200012030200359100100",
            "AL47212110090000000235698741",
            "AT611904300234573201",
            "BE68539007547034",
            "BR9700360305000010009795493P1",
            "CH9300762011623852957",
            "de89 3704 0044 0532 0130 00",
            "DK5000400440116243",
            "EG380019000500000000263180002",
            "FR1420041010050500013M02606",
            "GB29NWBK60161331926819",
            "LC55HEMM000100010012001200023015",
            "MT84MALT011000012345MTLCAST001S",
            "NO93 8601 1117 947",
            "SA0380000000608010167519",
            "XK051212012345678906",
        ] {
            assert!(is_iban(iban), "{iban}");
        }
        assert!(!is_iban("GB29NWBK60161331926818") && !is_iban("GB29NWBK6016133192681"));
        assert!(!is_iban("US29NWBK60161331926819"));
    }

    #[test]
    fn accounts_and_banks_have_check_digits_and_countries() {
        assert!(is(Finance::Aba, "021000021") && is(Finance::Aba, "1110-0002-5"));
        assert!(!is(Finance::Aba, "021000022") && !is(Finance::Aba, "000000000"));
        assert!(is(Finance::Bic, "DEUTDEFF") && is(Finance::Bic, "NEDSZAJJXXX"));
        assert!(!is(Finance::Bic, "PATIENTS") && !is(Finance::Bic, "DEUTDEFFX"));
        assert!(
            is(Finance::Clabe, "032180000118359719") && is(Finance::Clabe, "002010077777777771")
        );
        assert!(!is(Finance::Clabe, "032180000118359718"));
        assert!(
            is(Finance::Cbu, "2850590940090418135201")
                && !is(Finance::Cbu, "2850590940090418135202")
        );
        assert!(
            is(Finance::Ccc, "1234-1234-16-1234567890")
                && !is(Finance::Ccc, "1234-1234-17-1234567890")
        );
        assert!(
            is(Finance::Maestro, "676770830000007")
                == luhn(&[6, 7, 6, 7, 7, 0, 8, 3, 0, 0, 0, 0, 0, 0, 7], 0)
        );
    }
}
