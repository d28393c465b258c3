//! Named choices among the built-in identifiers.

use super::rule::Rule;
use crate::{Error, Kind, Result};

/// What a user is obliged to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// What identifies a person, or opens an account, by itself: the rules of [`super::Scanner::identifiers`].
    Default,
    /// The default of the United States, with URLs of persons and ZIP codes.
    Us,
    /// The eighteen identifiers of 45 CFR 164.514(b)(2)(i): dates, ages over 89 and ZIP codes as well.
    Hipaa,
    /// Personal data of Regulation (EU) 2016/679, of every country: with dates, online identifiers and postal codes.
    Gdpr,
    /// Cardholder data (PCI DSS).
    Pci,
    /// Every rule.
    All,
}

impl Profile {
    const NAMES: [(&'static str, Self); 6] = [
        ("default", Self::Default),
        ("us", Self::Us),
        ("hipaa", Self::Hipaa),
        ("gdpr", Self::Gdpr),
        ("pci", Self::Pci),
        ("all", Self::All),
    ];

    /// The profile of that name. `InvalidArgument` if there is none.
    pub(super) fn named(name: &str) -> Result<Self> {
        Self::NAMES
            .iter()
            .find_map(|(known, profile)| (*known == name).then_some(*profile))
            .ok_or_else(|| {
                Error::new(
                    Kind::InvalidArgument,
                    "there is no profile of that name; hint: default, us, hipaa, gdpr, pci or all",
                )
            })
    }

    /// Whether a rule belongs to it: by the profiles that it names, or else by its country.
    pub(super) fn has(self, rule: &Rule) -> bool {
        if self == Self::All {
            return true;
        }
        if let profiles @ [_, ..] = rule.profiles() {
            return profiles
                .iter()
                .any(|name| Self::named(name).is_ok_and(|profile| profile == self));
        }
        match self {
            Self::Us | Self::Hipaa => matches!(rule.country(), None | Some("us")),
            Self::Pci => false,
            Self::Default | Self::Gdpr | Self::All => true,
        }
    }
}
