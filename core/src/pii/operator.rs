//! What is done with a finding, and how a policy file writes it.

use serde::Deserialize;

use super::mask::{MAX_SHOW, Mask};
use crate::{Error, Kind, Result};

/// What stands in the text instead of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operator {
    /// Its kind: `[SSN]`.
    #[default]
    Redact,
    /// Asterisks: `***-**-6789`.
    Mask(Mask),
    /// A keyed hash: so many hexadecimal digits, 8 to 64, of HMAC-SHA-256 over kind and value. Needs a key. Case and
    /// punctuation of the value do not count.
    Hash {
        /// Hexadecimal digits.
        digits: u8,
    },
    /// A placeholder that a vault can put back: `[SSN_1]`, with a key `[SSN_k7q2m9bc]`. With neither a key nor a vault it
    /// is [`Operator::Redact`].
    Placeholder,
    /// Another value of the same form, which depends on key and value alone and which a vault can put back. Needs a key.
    Surrogate(Surrogate),
    /// Another date of the same form, by a number of days that depends on key and subject alone, so that intervals stay.
    /// Needs a key. What is no date is redacted. A vault puts the date back; where two dates would become the same, one
    /// becomes a placeholder.
    DateShift(DateShift),
    /// Less of it: of a date the year, of a ZIP code its first three digits, of an age over 89 `90+`. What has no less is
    /// redacted.
    Generalise(Generalise),
    /// The value itself.
    Keep,
    /// Nothing.
    Drop,
}

/// How surrogates are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surrogate {
    /// Social security numbers that may have been given out to somebody, rather than from ranges that never are.
    pub issued: bool,
    /// How dates are moved.
    pub dates: DateShift,
}

/// How dates are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateShift {
    /// At most so many days to either side, 1 to 3650, and never none.
    pub days: u16,
    /// `03/04/2024` is the third of April.
    pub day_first: bool,
}

impl Default for DateShift {
    fn default() -> Self {
        Self {
            days: 365,
            day_first: false,
        }
    }
}

/// How much less of a value stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generalise {
    /// Of an age up to 89 the ten years that it is in, `40-49`, rather than the age.
    pub decades: bool,
}

impl Operator {
    /// Whether it cannot work without a key.
    pub fn needs_key(self) -> bool {
        matches!(
            self,
            Self::Hash { .. } | Self::Surrogate(_) | Self::DateShift(_)
        )
    }

    /// The operator of that name with its usual options, or with one number behind a colon: `mask:4` for what shows,
    /// `hash:32` for the hexadecimal digits, `date_shift:30` for the days.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for an unknown name or a number out of range.
    pub fn named(text: &str) -> Result<Self> {
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number.parse().map_err(|_| unknown())?)),
            None => (text, None),
        };
        let mut written = Written {
            operator: name.to_owned(),
            ..Written::default()
        };
        match (name, number) {
            (_, None) => {}
            ("mask", number) => written.show = number,
            ("hash", number) => written.digits = number,
            ("date_shift", number) => written.days = number,
            _ => return Err(unknown()),
        }
        written.operator()
    }
}

/// An operator in a policy file: its name, or a table with its options.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Entry {
    /// `"mask"` or `"mask:4"`
    Name(String),
    /// `{ operator = "mask", show = 2 }`
    Table(Written),
}

/// A table of a policy file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    operator: String,
    show: Option<u16>,
    keep_domain: Option<bool>,
    card_ends: Option<bool>,
    digits: Option<u16>,
    issued: Option<bool>,
    days: Option<u16>,
    day_first: Option<bool>,
    decades: Option<bool>,
}

impl Entry {
    pub(super) fn operator(self) -> Result<Operator> {
        match self {
            Self::Name(name) => Operator::named(&name),
            Self::Table(written) => written.operator(),
        }
    }
}

impl Written {
    fn operator(mut self) -> Result<Operator> {
        let name = std::mem::take(&mut self.operator);
        let operator = match name.as_str() {
            "redact" => Operator::Redact,
            "mask" => Operator::Mask(Mask {
                show: byte(self.show.take(), 4, 0..=u16::from(MAX_SHOW), "show")?,
                keep_domain: self.keep_domain.take().unwrap_or_default(),
                card_ends: self.card_ends.take().unwrap_or_default(),
            }),
            "hash" => Operator::Hash {
                digits: byte(self.digits.take(), 32, 8..=64, "digits")?,
            },
            "placeholder" => Operator::Placeholder,
            "surrogate" => Operator::Surrogate(Surrogate {
                issued: self.issued.take().unwrap_or_default(),
                dates: self.dates()?,
            }),
            "date_shift" => Operator::DateShift(self.dates()?),
            "generalise" | "generalize" => Operator::Generalise(Generalise {
                decades: self.decades.take().unwrap_or_default(),
            }),
            "keep" => Operator::Keep,
            "drop" => Operator::Drop,
            _ => return Err(unknown()),
        };
        if self.has_options() {
            return Err(Error::new(
                Kind::InvalidArgument,
                format!("the operator `{name}` has no such option; hint: leave it out"),
            ));
        }
        Ok(operator)
    }

    fn dates(&mut self) -> Result<DateShift> {
        let days = self.days.take().unwrap_or(365);
        if !(1..=3650).contains(&days) {
            return Err(out_of_range("days", 1, 3650));
        }
        Ok(DateShift {
            days,
            day_first: self.day_first.take().unwrap_or_default(),
        })
    }

    /// Whether an option is left that the operator has not taken.
    fn has_options(&self) -> bool {
        self.show.is_some()
            || self.digits.is_some()
            || self.days.is_some()
            || [
                self.keep_domain,
                self.card_ends,
                self.issued,
                self.day_first,
                self.decades,
            ]
            .iter()
            .any(Option::is_some)
    }
}

fn byte(
    given: Option<u16>,
    usual: u8,
    range: std::ops::RangeInclusive<u16>,
    name: &str,
) -> Result<u8> {
    let value = given.unwrap_or_else(|| u16::from(usual));
    u8::try_from(value)
        .ok()
        .filter(|_| range.contains(&value))
        .ok_or_else(|| out_of_range(name, *range.start(), *range.end()))
}

fn out_of_range(name: &str, least: u16, most: u16) -> Error {
    Error::new(
        Kind::InvalidArgument,
        format!("`{name}` of an operator is {least} to {most}"),
    )
}

fn unknown() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "there is no operator of that form; hint: redact, mask, hash, placeholder, surrogate, date_shift, generalise, \
         keep or drop",
    )
}
