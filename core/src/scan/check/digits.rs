//! The arithmetic that check digits are made of.

/// The decimal digits of a value, whatever stands between them; `None` beyond `N` of them.
pub(super) struct Digits<const N: usize> {
    digits: [u8; N],
    count: usize,
}

impl<const N: usize> Digits<N> {
    pub(super) fn of(value: &str) -> Option<Self> {
        let mut found = Self {
            digits: [0; N],
            count: 0,
        };
        for byte in value.bytes().filter(u8::is_ascii_digit) {
            *found.digits.get_mut(found.count)? = byte - b'0';
            found.count += 1;
        }
        Some(found)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.digits[..self.count]
    }
}

/// Whether the value has exactly `N` digits, not all alike, for which `check` holds.
pub(super) fn digits<const N: usize>(value: &str, check: impl Fn(&[u8]) -> bool) -> bool {
    Digits::<N>::of(value)
        .is_some_and(|d| d.as_slice().len() == N && varied(d.as_slice()) && check(d.as_slice()))
}

pub(super) fn varied(digits: &[u8]) -> bool {
    digits.iter().any(|digit| *digit != digits[0])
}

pub(super) fn number(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum, &digit| sum * 10 + u32::from(digit))
}

/// The sum of the digits times their weights; digits behind the last weight do not count.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum()
}

/// The sum of the digits of each digit times its weight.
pub(super) fn cross_sum(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum()
}

/// Sum of the digits, every second one from the right but the last doubled and reduced, plus `start`, is a multiple of ten
/// (ISO/IEC 7812-1 annex B).
pub(super) fn luhn(digits: &[u8], start: u32) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let digit = u32::from(digit);
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    (sum + start).is_multiple_of(10)
}

/// ISO/IEC 7064, MOD 11,10; the last digit is the check digit.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let product = digits[..digits.len() - 1]
        .iter()
        .fold(10, |product, &digit| {
            let sum = (u32::from(digit) + product) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
    (product + u32::from(digits[digits.len() - 1])) % 10 == 1
}

/// What letters and digits leave modulo 97 when a letter counts two digits, `A` ten (ISO/IEC 7064, MOD 97-10).
pub(super) fn mod_97(symbols: impl Iterator<Item = u8>) -> u32 {
    symbols.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + rank(byte)) % 97,
    })
}

/// What a letter or digit counts in base 36, `A` ten.
pub(super) fn rank(byte: u8) -> u32 {
    char::from(byte).to_digit(36).unwrap_or(0)
}

/// Verhoeff (1969): products in the dihedral group of order ten, the digit at each place permuted by the place.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, &digit)| {
            let permuted = (0..place % 8).fold(digit, |digit, _| PERMUTATION[usize::from(digit)]);
            // Rotations are 0 to 4, reflections 5 to 9.
            match (sum < 5, permuted < 5) {
                (true, true) => (sum + permuted) % 5,
                (true, false) => 5 + (sum + permuted - 5) % 5,
                (false, true) => 5 + (sum - permuted) % 5,
                (false, false) => (5 + sum - permuted) % 5,
            }
        });
    product == 0
}

/// Two digits that can be the day of a month.
pub(super) fn is_day(digits: &[u8]) -> bool {
    (1..=31).contains(&number(digits))
}

/// Two digits that can be a month.
pub(super) fn is_month(digits: &[u8]) -> bool {
    (1..=12).contains(&number(digits))
}

/// Six digits that can be a year, a month and a day.
pub(super) fn is_year_month_day(digits: &[u8]) -> bool {
    is_month(&digits[2..4]) && is_day(&digits[4..6])
}

/// Six digits that can be a day, a month and a year.
pub(super) fn is_day_month_year(digits: &[u8]) -> bool {
    is_day(&digits[..2]) && is_month(&digits[2..4])
}

/// The letters and digits of a value as capitals, without what joins them.
pub(super) fn capitals(value: &str) -> Vec<u8> {
    value
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standards_pass_and_their_neighbours_do_not() {
        assert!(luhn(&[4, 9, 9, 2, 7, 3, 9, 8, 7, 1, 6], 0));
        assert!(!luhn(&[4, 9, 9, 2, 7, 3, 9, 8, 7, 1, 7], 0));
        assert!(verhoeff(&[2, 3, 6, 3]) && verhoeff(&[1, 2, 3, 4, 5, 1]));
        assert!(!verhoeff(&[2, 3, 6, 4]) && !verhoeff(&[1, 2, 3, 5, 4, 1]));
        assert!(mod_11_10(&[0, 7, 9, 4, 5]) && !mod_11_10(&[0, 7, 9, 4, 6]));
        assert_eq!(mod_97(b"79444".iter().copied()), 1);
    }
}
