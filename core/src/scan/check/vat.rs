//! VAT identification numbers of the European Union and its neighbours (Council Directive 2006/112/EC, article 215), each with
//! the check that its country makes.

use super::digits::{
    capitals, cross_sum, is_month, luhn, mod_11_10, mod_97, number, rank, varied, weighted,
};
use super::eastern_europe::{is_adoszam, is_cui, is_egn, is_nip};
use super::northern_europe::is_pps;
use super::southern_europe::{
    is_afm, is_cif, is_nif, is_nif_portugal, is_partita_iva, is_slovenian_tax,
};
use super::western_europe::is_bsn;

/// Whether a number is one of the country whose two letters it begins with.
pub(super) fn is_vat_id(value: &str) -> bool {
    let symbols = capitals(value);
    let (country, body) = symbols.split_at(symbols.len().min(2));
    let text = std::str::from_utf8(body).unwrap_or_default();
    if country == b"NL" {
        return is_dutch(&symbols, body);
    }
    match country {
        b"AT" => {
            body.first() == Some(&b'U') && figures(&body[1..]).is_some_and(|d| is_austrian(&d))
        }
        b"ES" => body.len() == 9 && (is_nif(text) || is_cif(text)),
        b"FR" => is_french(body),
        b"IE" => is_irish(text),
        b"CY" => is_cypriot(body),
        _ => figures(body).is_some_and(|d| varied(&d) && is_national(country, &d)),
    }
}

/// Countries whose numbers are digits throughout.
fn is_national(country: &[u8], d: &[u8]) -> bool {
    let last = d.last().map_or(0, |&digit| u32::from(digit));
    match (country, d.len()) {
        (b"BE", 10) => d[0] < 2 && 97 - number(&d[..8]) % 97 == number(&d[8..]),
        (b"BG", 9) => {
            let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
            let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
            last == if first < 10 { first } else { second }
        }
        (b"BG", 10) => {
            let foreigner = weighted(d, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10;
            let other = weighted(d, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
            is_egn(d) || foreigner == last || other
        }
        (b"CZ", 8) => {
            let sum = weighted(d, &[8, 7, 6, 5, 4, 3, 2]);
            d[0] < 9 && (11 - sum % 11) % 10 == last
        }
        (b"CZ", 9) => d[0] == 6 || is_month(&d[2..4]) || (51..=62).contains(&number(&d[2..4])),
        (b"CZ", 10) => number(&d[..9]) % 11 % 10 == last,
        (b"DE", 9) | (b"HR", 11) => (country == b"HR" || d[0] > 0) && mod_11_10(d),
        (b"DK", 8) => weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
        (b"EE", 9) => weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
        (b"EL" | b"GR", 9) => is_afm(d),
        (b"FI", 8) => weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11),
        (b"GB" | b"XI", 9 | 12) => {
            let sum = weighted(d, &[8, 7, 6, 5, 4, 3, 2]) + number(&d[7..9]);
            sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
        }
        (b"HU", 8) => is_adoszam(d),
        (b"IT", 11) => is_partita_iva(d),
        (b"LT", 9 | 12) => {
            let body = &d[..d.len() - 1];
            let sum = |from: u32| -> u32 {
                let weights = (from - 1..).map(|weight| weight % 9 + 1);
                body.iter()
                    .zip(weights)
                    .map(|(&n, weight)| u32::from(n) * weight)
                    .sum()
            };
            let (first, second) = (sum(1) % 11, sum(3) % 11 % 10);
            d[d.len() - 2] == 1 && last == if first < 10 { first } else { second }
        }
        (b"LU", 8) => number(&d[..6]) % 89 == number(&d[6..]),
        (b"LV", 11) => {
            let company = weighted(d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
            let person = (1 + weighted(d, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10 == last;
            if d[0] > 3 { company } else { person }
        }
        (b"MT", 8) => weighted(d, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37),
        (b"PL", 10) => is_nip(d),
        (b"PT", 9) => is_nif_portugal(d),
        (b"RO", 2..=10) => is_cui(d),
        (b"SE", 12) => number(&d[10..]) > 0 && luhn(&d[..10], 0),
        (b"SI", 8) => is_slovenian_tax(d),
        (b"SK", 10) => {
            let whole = d.iter().fold(0_u64, |n, &digit| n * 10 + u64::from(digit));
            d[0] > 0 && matches!(d[2], 2..=4 | 7..=9) && whole.is_multiple_of(11)
        }
        _ => false,
    }
}

fn figures(body: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| byte - b'0');
    body.iter()
        .map(digit)
        .collect::<Option<Vec<u8>>>()
        .filter(|d| !d.is_empty())
}

fn is_austrian(d: &[u8]) -> bool {
    d.len() == 8 && {
        let sum = cross_sum(d, &[1, 2, 1, 2, 1, 2, 1]);
        (106 - sum) % 10 == u32::from(d[7])
    }
}

/// Nine figures of a body or person, `B` and two figures; since 2020 modulo 97 over all of it.
fn is_dutch(symbols: &[u8], body: &[u8]) -> bool {
    let formed = body.len() == 12 && body[9] == b'B';
    let person = formed && figures(&body[..9]).is_some_and(|d| varied(&d) && is_bsn(&d));
    formed && (person || mod_97(symbols.iter().copied()) == 1)
}

/// A key over the SIREN behind it.
fn is_french(body: &[u8]) -> bool {
    let Some(siren) = body.get(2..).and_then(figures).filter(|d| d.len() == 9) else {
        return false;
    };
    let key = figures(&body[..2]).map(|key| number(&key));
    // New keys have a letter and a check that is not published.
    varied(&siren)
        && luhn(&siren, 0)
        && key.is_none_or(|key| key == (12 + 3 * (number(&siren) % 97)) % 97)
}

/// Seven figures and a check letter, or of old a figure, a letter or sign, five figures and a check letter.
fn is_irish(text: &str) -> bool {
    match text.as_bytes() {
        [first, second, rest @ .., check] if text.len() == 8 && second.is_ascii_alphabetic() => {
            let turned = [b"0", rest, &[*first], &[*check]].concat();
            std::str::from_utf8(&turned).is_ok_and(is_pps)
        }
        _ => is_pps(text),
    }
}

fn is_cypriot(body: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let [figures @ .., check] = body else {
        return false;
    };
    let sum: u32 = figures
        .iter()
        .enumerate()
        .map(|(place, &byte)| match rank(byte) {
            digit if place % 2 == 0 => ODD[digit as usize % 10],
            digit => digit,
        })
        .sum();
    figures.len() == 8
        && figures.iter().all(u8::is_ascii_digit)
        && !figures.starts_with(b"12")
        && b'A' + u8::try_from(sum % 26).unwrap_or(0) == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_every_member_state_passes_and_no_neighbour_of_it() {
        for id in [
            "ATU13585627",
            "BE0403170701",
            "BG175074752",
            "CY10259033P",
            "CZ25123891",
            "DE136695976",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "ESA13585625",
            "ESX1234567L",
            "FI20774740",
            "FR40303265045",
            "HR33392005961",
            "HU12892312",
            "IE6433435F",
            "IE8Z49289F",
            "IT00743110157",
            "LT119511515",
            "LU15027442",
            "LV40003521600",
            "MT11679112",
            "NL004495445B01",
            "NL123456789B13",
            "PL8567346215",
            "PT501964843",
            "RO18547290",
            "SE123456789701",
            "SI50223054",
            "SK2022749619",
            "GB980780684",
            "XI980780684",
        ] {
            assert!(is_vat_id(id), "{id}");
            let at = id.rfind(|c: char| c.is_ascii_digit()).unwrap();
            // Behind the check digit of a Swede stand two that count branches.
            let at = if id.starts_with("SE") { at - 2 } else { at };
            let other = (id.as_bytes()[at] - b'0' + 1) % 10;
            let wrong = format!("{}{other}{}", &id[..at], &id[at + 1..]);
            assert!(!is_vat_id(&wrong) || id.contains('B'), "{wrong}");
        }
        assert!(!is_vat_id("US123456789") && !is_vat_id("DE") && !is_vat_id(""));
    }
}
