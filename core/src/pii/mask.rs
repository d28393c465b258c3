//! Hiding a value behind asterisks and keeping its shape.

/// What may still be seen of a masked value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// How many letters and figures at the end stay, 0 to 8. Never more than half of the value: of one that is shorter
    /// than twice as many nothing stays.
    pub show: u8,
    /// The domain of an e-mail address stays: `****.***@example.com`.
    pub keep_domain: bool,
    /// Of a payment card the first six and the last four figures stay, which is the most that PCI DSS (3.4.1) lets be
    /// displayed.
    pub card_ends: bool,
}

impl Default for Mask {
    fn default() -> Self {
        Self {
            show: 4,
            keep_domain: false,
            card_ends: false,
        }
    }
}

/// The most that [`Mask::show`] may be.
pub(super) const MAX_SHOW: u8 = 8;

impl Mask {
    /// Appends the masked value.
    pub(super) fn write(self, kind: &str, value: &str, out: &mut String) {
        let total = value.chars().filter(|c| c.is_alphanumeric()).count();
        if kind == "email"
            && let Some(at) = value.rfind('@')
        {
            let (local, domain) = value.split_at(at);
            hide(local, 0, 0, out);
            hide(
                domain,
                if self.keep_domain { domain.len() } else { 0 },
                0,
                out,
            );
            return;
        }
        if self.card_ends && kind == "credit_card" && total >= 13 {
            return hide(value, 6, 4, out);
        }
        let show = usize::from(self.show.min(MAX_SHOW));
        let last = if total >= 2 * show { show } else { 0 };
        hide(value, 0, last, out);
    }
}

/// Letters and figures become `*`, but for the first and the last few.
fn hide(value: &str, first: usize, last: usize, out: &mut String) {
    let total = value.chars().filter(|c| c.is_alphanumeric()).count();
    let mut seen = 0;
    for c in value.chars() {
        if !c.is_alphanumeric() {
            out.push(c);
            continue;
        }
        let shown = seen < first || seen + last >= total;
        out.push(if shown { c } else { '*' });
        seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: Mask, kind: &str, value: &str) -> String {
        let mut out = String::new();
        mask.write(kind, value, &mut out);
        out
    }

    #[test]
    fn a_mask_keeps_separators_and_the_last_four_of_a_long_value_only() {
        let mask = Mask::default();
        assert_eq!(masked(mask, "ssn", "123-45-6789"), "***-**-6789");
        assert_eq!(masked(mask, "name", "J. Doe"), "*. ***");
        assert_eq!(masked(mask, "phone", "(555) 010-0199"), "(***) ***-0199");
    }

    #[test]
    fn at_most_half_of_a_value_shows() {
        let mask = Mask {
            show: 8,
            ..Mask::default()
        };
        assert_eq!(masked(mask, "mrn", "12345678"), "********");
        assert_eq!(masked(mask, "mrn", "1234567890123456"), "********90123456");
        let mask = Mask { show: 1, ..mask };
        assert_eq!(masked(mask, "mrn", "1"), "*");
        assert_eq!(masked(mask, "mrn", "12"), "*2");
    }

    #[test]
    fn addresses_and_cards_have_rules_of_their_own() {
        let mask = Mask {
            keep_domain: true,
            card_ends: true,
            ..Mask::default()
        };
        assert_eq!(
            masked(mask, "email", "john.doe@example.com"),
            "****.***@example.com"
        );
        assert_eq!(
            masked(Mask::default(), "email", "john.doe@example.com"),
            "****.***@*******.***"
        );
        assert_eq!(
            masked(mask, "credit_card", "4111-1111-1111-1111"),
            "4111-11**-****-1111"
        );
    }
}
