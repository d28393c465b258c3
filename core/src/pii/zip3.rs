//! The first three digits of a ZIP code, where enough people live there.

/// The areas of 20,000 people or fewer, by the Census of 2000, as the Department of Health and Human Services lists them
/// in its guidance on 45 CFR 164.514(b)(2)(i)(B). Ascending.
const RESTRICTED: [&str; 17] = [
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878",
    "879", "884", "890", "893",
];

/// What Safe Harbor lets stay of a ZIP code: its first three digits, or `000` where they are a restricted area.
/// `None` for what does not begin with five digits.
pub(super) fn of(zip: &str) -> Option<&str> {
    let figures = zip.bytes().take_while(u8::is_ascii_digit).count();
    let area = zip.get(..3).filter(|_| figures == 5)?;
    Some(if RESTRICTED.binary_search(&area).is_ok() {
        "000"
    } else {
        area
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_keeps_three_digits_unless_few_people_live_there() {
        assert_eq!(of("62704"), Some("627"));
        assert_eq!(of("62704-1234"), Some("627"));
        assert_eq!(of("03601"), Some("000"));
        assert_eq!(of("1234"), None);
        assert!(RESTRICTED.is_sorted());
    }
}
