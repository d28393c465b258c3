//! Saying less: the year of a date, three digits of a ZIP code, `90+` for a great age.

use super::date::Written;
use super::operator::Generalise;
use super::zip3;

/// The lowest age that Safe Harbor puts into one category with all above it: 45 CFR 164.514(b)(2)(i)(C).
const AGGREGATED: u32 = 90;

impl Generalise {
    /// What may be said of a value of that kind; `None` if nothing.
    pub(super) fn of(self, kind: &str, value: &str) -> Option<String> {
        match kind {
            "date" | "dob" => Written::read(value, false)?.year(),
            "zip" => zip(value),
            "age" => self.age(value),
            _ => None,
        }
    }

    /// The figures of an age, and what stands around them: `92-year-old` becomes `90+-year-old`.
    fn age(self, value: &str) -> Option<String> {
        let start = value.find(|c: char| c.is_ascii_digit())?;
        let rest = &value[start..];
        let len = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let years: u32 = rest[..len].parse().ok()?;
        let less = if years >= AGGREGATED {
            format!("{AGGREGATED}+")
        } else if self.decades {
            let decade = years / 10 * 10;
            format!("{decade}-{}", decade + 9)
        } else {
            years.to_string()
        };
        Some(format!("{}{less}{}", &value[..start], &rest[len..]))
    }
}

/// `627` of `62704-1234`, and with the state before it: `IL 627`.
fn zip(value: &str) -> Option<String> {
    let start = value.find(|c: char| c.is_ascii_digit())?;
    let before = &value[..start];
    let state = before.is_empty() || before.len() == 3 && before.ends_with(' ');
    let area = zip3::of(&value[start..])?;
    state.then(|| format!("{before}{area}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn general(kind: &str, value: &str) -> Option<String> {
        Generalise::default().of(kind, value)
    }

    #[test]
    fn what_safe_harbor_lets_stay_stays() {
        assert_eq!(general("dob", "01/15/1980").as_deref(), Some("1980"));
        assert_eq!(general("zip", "62704-1234").as_deref(), Some("627"));
        assert_eq!(general("zip", "MA 02134").as_deref(), Some("MA 021"));
        assert_eq!(general("zip", "VT 05901").as_deref(), Some("VT 000"));
        assert_eq!(general("age", "92").as_deref(), Some("90+"));
        assert_eq!(
            general("age", "92-year-old").as_deref(),
            Some("90+-year-old")
        );
        assert_eq!(general("age", "45").as_deref(), Some("45"));
        assert_eq!(general("zip", "SW1A 1AA"), None);
        assert_eq!(general("ssn", "123-45-6789"), None);
    }

    #[test]
    fn an_age_may_become_its_decade() {
        let decades = Generalise { decades: true };
        assert_eq!(decades.of("age", "45").as_deref(), Some("40-49"));
        assert_eq!(decades.of("age", "101").as_deref(), Some("90+"));
    }
}
