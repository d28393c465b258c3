//! Postal codes as the postal services write them (UPU addressing systems).

use crate::scan::boundary::{is_word, run_end};

/// A postal code.
pub(super) struct Postal {
    pub(super) end: usize,
    /// Whether it can be a year or any other short number, so that a place must stand beside it.
    pub(super) weak: bool,
}

/// Reads the postal code at `at`.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<Postal> {
    let found = |end: usize, weak: bool| Postal { end, weak };
    let first = *bytes.get(at)?;
    let postal = if first.is_ascii_uppercase() {
        let country = run_end(bytes, at, 3, |byte| byte.is_ascii_uppercase());
        if country - at <= 2 && bytes.get(country) == Some(&b'-') {
            // `D-20095`, `CH-3011`, `L-1234`.
            let end = digits(bytes, country + 1);
            matches!(end - country - 1, 4 | 5).then(|| found(end, false))?
        } else {
            found(british(bytes, at).or_else(|| canadian(bytes, at))?, false)
        }
    } else {
        let end = digits(bytes, at);
        let behind = |mark: u8, length: usize| {
            let stop = digits(bytes, end + 1);
            (bytes.get(end) == Some(&mark) && stop - end - 1 == length).then_some(stop)
        };
        match end - at {
            // `00-590`, `110 00`, `111 22`, `100-8914`.
            2 => found(behind(b'-', 3)?, false),
            3 => match behind(b' ', 2).or_else(|| behind(b'-', 4)) {
                Some(stop) => found(stop, false),
                None => found(end, true),
            },
            // `1015 CJ`, `1100-053`.
            4 => match dutch(bytes, end).or_else(|| behind(b'-', 3)) {
                Some(stop) => found(stop, false),
                None => found(end, true),
            },
            // `62704-1234`, `01310-100`.
            5 => found(
                behind(b'-', 4).or_else(|| behind(b'-', 3)).unwrap_or(end),
                false,
            ),
            6 | 7 => found(end, false),
            _ => return None,
        }
    };
    let continued = match bytes.get(postal.end..) {
        Some([b'.' | b',' | b'-' | b'/' | b':', next, ..]) => next.is_ascii_digit(),
        Some([next, ..]) => is_word(*next) || *next == b'%',
        _ => false,
    };
    (!continued).then_some(postal)
}

fn digits(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at.min(bytes.len()), 8, |byte| byte.is_ascii_digit())
}

/// The two capitals of `1015 CJ`, of which Dutch codes have neither SA nor SD nor SS.
fn dutch(bytes: &[u8], end: usize) -> Option<usize> {
    let from = end + usize::from(bytes.get(end) == Some(&b' '));
    let letters = bytes.get(from..from + 2)?;
    let fits = letters.iter().all(u8::is_ascii_uppercase)
        && !matches!(letters, b"SA" | b"SD" | b"SS")
        && !bytes.get(from + 2).copied().is_some_and(is_word);
    fits.then_some(from + 2)
}

/// `M5B 2H1`: D, F, I, O, Q and U are never used, W and Z do not begin a code (Canada Post).
pub(in crate::scan) fn canadian(bytes: &[u8], at: usize) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_uppercase() && !b"DFIOQU".contains(&byte);
    let gap = usize::from(bytes.get(at + 3) == Some(&b' '));
    let (first, last) = (
        bytes.get(at..at + 3)?,
        bytes.get(at + 3 + gap..at + 6 + gap)?,
    );
    let fits = letter(first[0])
        && !b"WZ".contains(&first[0])
        && first[1].is_ascii_digit()
        && letter(first[2])
        && last[0].is_ascii_digit()
        && letter(last[1])
        && last[2].is_ascii_digit();
    fits.then_some(at + 6 + gap)
}

/// The areas of the United Kingdom and of the Crown dependencies (Royal Mail, Postcode Address File).
const AREAS: &str = "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GX GY \
    HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM \
    S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE";

/// `SW1A 2AA`: an area, a district, and an inward code of a digit and two letters, none of them C, I, K, M, O or V (BS 7666).
pub(in crate::scan) fn british(bytes: &[u8], at: usize) -> Option<usize> {
    let area = run_end(bytes, at, 3, |byte| byte.is_ascii_uppercase());
    let known = || {
        std::str::from_utf8(&bytes[at..area])
            .is_ok_and(|area| AREAS.split(' ').any(|known| known == area))
    };
    let numbers = run_end(bytes, area, 3, |byte| byte.is_ascii_digit());
    let lettered = run_end(bytes, numbers, 1, |byte| byte.is_ascii_uppercase());
    let outward = matches!((numbers - area, lettered - numbers), (1 | 2, 0) | (1, 1));
    let gap = usize::from(bytes.get(lettered) == Some(&b' '));
    let inward = bytes.get(lettered + gap..lettered + gap + 3)?;
    let letter = |byte: u8| byte.is_ascii_uppercase() && !b"CIKMOV".contains(&byte);
    let fits =
        outward && inward[0].is_ascii_digit() && letter(inward[1]) && letter(inward[2]) && known();
    fits.then_some(lettered + gap + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> Option<&str> {
        read(text.as_bytes(), 0).map(|postal| &text[..postal.end])
    }

    #[test]
    fn codes_of_many_countries_are_read_whole() {
        for code in [
            "62704",
            "62704-1234",
            "SW1A 2AA",
            "M1 1AE",
            "CR2 6XH",
            "M5B 2H1",
            "1015 CJ",
            "1100-053",
            "01310-100",
            "00-590",
            "111 22",
            "D-20095",
            "CH-3011",
            "560001",
            "100-8914",
            "8001",
        ] {
            assert_eq!(reads(code), Some(code));
            assert_eq!(reads(&format!("{code}, and")), Some(code));
        }
    }

    #[test]
    fn other_numbers_are_no_codes() {
        for other in [
            "12",
            "123456789",
            "62704.5",
            "XX1 1AA",
            "SW1A 2CA",
            "W5B 2H1",
            "1015%",
            "12-3456",
        ] {
            assert_eq!(reads(other), None, "{other}");
        }
    }
}
