//! Values whose shape a regex cannot tell, or not fast enough: each is read by a function of its own.

mod address;
mod age;
mod assignment;
mod clock;
mod connection;
mod date;
mod domain;
mod dummy;
mod email;
mod ipv6;
mod jwt;
mod labelled;
mod name;
mod number;
pub(super) mod pem;
mod phone;
mod public;
mod quoted;
mod spoken;
mod tld;
mod token;
mod upi;
mod url;
pub(super) mod word_list;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::boundary::starts_token;
use super::confirm::{Attempt, Value, pattern_at};
use super::literal::Behind;
use super::rule::Rule;
use super::wording::randomness;

pub(super) use address::postal::{british, canadian};
pub(crate) use address::{is_kind, kind_at_end};
pub(super) use assignment::others;
pub(crate) use dummy::is_walk;
pub(super) use dummy::{is_chosen, is_stand_in};
pub(super) use labelled::is_value as is_labelled_value;
pub(super) use number::{Number, Opening};
pub(super) use phone::is_national as is_national_phone;

/// The matchers that a rule may name instead of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Matcher {
    /// An age before the anchor, which says that it is one.
    Age,
    /// An age over 89 before the anchor.
    AgeOver89,
    /// A street address around its house number.
    Address,
    /// The value assigned to a name that ends in the anchor: `db_password: "x"`.
    Assignment,
    /// A word as long as an address of a cryptocurrency in Base58, which begins with a letter.
    Base58,
    /// A Bitcoin address in Base58.
    Bitcoin,
    /// A payment card number, grouped or not.
    Card,
    /// A connection string with a password in it, from the first of its names on.
    ConnectionString,
    /// An Italian tax code, in which letters may stand for digits.
    CodiceFiscale,
    /// A word of nine to eleven capitals and digits, among them both.
    Document,
    /// Month, day and year in figures, joined by slashes.
    Date,
    /// A date around the name of its month.
    DateInWords,
    /// A date in figures with its time of day.
    DateAndTime,
    /// Day and month in figures behind a word such as `on`.
    DayAndMonth,
    /// Found by other means than literals: by what other rules found, or by a tagger.
    Derived,
    /// A domain name without a scheme, around the dot and the top-level domain at its end.
    Domain,
    /// The same under any top-level domain, around the dot before it.
    DomainListed,
    /// An e-mail address around its `@`.
    Email,
    /// An international bank account number, grouped or not.
    Iban,
    /// Four octets joined by dots.
    Ipv4,
    /// An IPv6 address in any of its forms, around a `:`.
    Ipv6,
    /// A JSON Web Token whose header decodes; confirmed where its signature has the length of its algorithm.
    Jwt,
    /// The number that a label announces, of whatever shape.
    Labelled,
    /// Six pairs of hexadecimal digits, around the first `:` or `-` of them.
    Mac,
    /// Twelve hexadecimal digits in three groups joined by full stops.
    MacDotted,
    /// A credential before the anchor, which is the rest of the sentence: `tiger99 is the password`.
    NamedBehind,
    /// A person's name before the anchor: `John Doe, MD`.
    NameBefore,
    /// A person's name behind a label: `Patient: John Doe`.
    NameBehindLabel,
    /// A person's name behind a title: `Dr. Doe`.
    NameBehindTitle,
    /// Ten digits in a row.
    Npi,
    /// A post office box or a box of a rural or military route, behind the word for it.
    PostBox,
    /// A private key from its BEGIN line to its END line.
    Pem,
    /// A telephone number with separators or a country code.
    Phone,
    /// Digits that a word such as `call` says are a telephone number.
    PhoneAnnounced,
    /// A national telephone number that begins with a 0.
    PhoneNational,
    /// A North American telephone number without any separator.
    PhoneCompact,
    /// A random string between quotes.
    Quoted,
    /// Three, two and four digits joined by hyphens.
    Ssn,
    /// Three, two and four digits joined by spaces or dots.
    SsnSpaced,
    /// A postal code behind the name of a country.
    ZipBehindCountry,
    /// An address of the Unified Payments Interface of India around its `@`.
    Upi,
    /// A URL with a password in it, around its `://`.
    UrlCredentials,
    /// Eight, four, four, four and twelve hexadecimal digits, around the first `-` of them.
    Uuid,
    /// Seventeen letters and digits.
    Vin,
}

impl Matcher {
    /// Whether the first digits of such a value have a letter before or behind them.
    pub(super) fn joins_letters(self) -> bool {
        matches!(
            self,
            Self::Base58
                | Self::Bitcoin
                | Self::CodiceFiscale
                | Self::Document
                | Self::Iban
                | Self::MacDotted
                | Self::Vin
        )
    }

    /// What must follow a literal of the rule, as far as that can be told byte by byte.
    pub(super) fn behind(self, rule: &Rule) -> Option<Box<Behind>> {
        let hex = |byte: u8| byte.is_ascii_hexdigit();
        let (count, fits): (usize, &dyn Fn(u8) -> bool) = match (self, &rule.alphabet) {
            (Self::DomainListed, _) => (2, &|byte| byte.is_ascii_lowercase()),
            (Self::Email, _) => (1, &|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()),
            (Self::Upi, _) => (3, &|byte| byte.is_ascii_alphanumeric()),
            (Self::Ipv6, _) => (1, &|byte| hex(byte) || byte == b':'),
            (Self::Mac, _) => (2, &hex),
            (Self::Quoted, Some(alphabet)) => (quoted::MIN_LENGTH, &|byte| alphabet.has(byte)),
            _ => return None,
        };
        let mut bytes = [false; 256];
        for (byte, place) in (0..=u8::MAX).zip(&mut bytes) {
            *place = fits(byte);
        }
        Some(Box::new(Behind { count, bytes }))
    }

    /// Whether such a value can be a number that opens so: what can be told without reading on.
    pub(super) fn opens(self, opening: &Opening) -> bool {
        let Opening {
            digits,
            joint,
            signed,
            free,
            zero,
            grouped,
            long,
        } = *opening;
        match self {
            Self::Address => free && digits <= 5 && matches!(joint, 0 | b' ' | b'-' | b'/'),
            Self::Card => digits >= 13 || (3..=6).contains(&digits) && matches!(joint, b'-' | b' '),
            Self::Date => grouped && digits <= 2 && joint == b'/',
            Self::DayAndMonth => digits <= 2 && joint == b'/',
            Self::Ipv4 => grouped && digits <= 3 && joint == b'.',
            Self::Npi => digits == 10,
            // Of the country code `1` or `001`, or of the area code.
            Self::Phone => signed || grouped && matches!(digits, 1 | 3) && joint != 0,
            Self::PhoneCompact => matches!(digits, 10 | 11),
            Self::Ssn => grouped && digits == 3 && joint == b'-',
            Self::SsnSpaced => grouped && digits == 3 && matches!(joint, b' ' | b'.'),
            Self::DateAndTime => {
                grouped && matches!(digits, 1 | 2 | 4) && matches!(joint, b'-' | b'/' | b'.')
            }
            Self::PhoneAnnounced => long && (digits >= 7 || joint != 0),
            Self::PhoneNational => zero && (2..=6).contains(&digits) && joint != 0,
            Self::ZipBehindCountry => digits == 5,
            _ => true,
        }
    }
}

/// Confirms `rule`, whose matcher is `matcher`, at a literal of its own.
pub(super) fn attempt(matcher: Matcher, rule: &Rule, text: &str, literal: Range<usize>) -> Attempt {
    match matcher {
        Matcher::Assignment => assignment::attempt(rule, text, literal),
        Matcher::ConnectionString => connection::attempt(text, &literal),
        Matcher::Age => bare(age::before(text, &literal, 1), &literal),
        Matcher::AgeOver89 => bare(age::before(text, &literal, 90), &literal),
        Matcher::Domain => domain::attempt(text, literal),
        Matcher::DomainListed => domain::listed(text, literal),
        Matcher::DateInWords => bare(date::in_words(text.as_bytes(), &literal), &literal),
        Matcher::Email => email::attempt(text, literal),
        Matcher::Ipv6 => ipv6::attempt(text, literal),
        Matcher::Jwt => jwt::attempt(text, literal),
        Matcher::Labelled => labelled::attempt(rule, text, literal),
        Matcher::Uuid => match token::uuid(text.as_bytes(), literal.start) {
            Some(span) => Attempt::found(Value::bare(span), 36),
            None => Attempt::nothing(literal.end, 16),
        },
        Matcher::Mac => match token::mac(text.as_bytes(), literal.start) {
            Some(span) => Attempt::found(Value::bare(span), 17),
            None => Attempt::nothing(literal.end, 17),
        },
        Matcher::NameBefore => name::before(rule, text, literal),
        Matcher::NamedBehind => named_behind(rule, text, &literal),
        Matcher::NameBehindLabel => name::behind_label(rule, text, literal),
        Matcher::NameBehindTitle => name::behind_title(rule, text, literal),
        Matcher::Pem => pem::attempt(text, literal),
        Matcher::PostBox => address::post_box(text, literal),
        Matcher::Quoted => quoted::attempt(rule, text, literal),
        Matcher::Upi => upi::attempt(text, &literal),
        Matcher::UrlCredentials => url::attempt(rule, text, literal),
        Matcher::Address
        | Matcher::Base58
        | Matcher::Bitcoin
        | Matcher::Card
        | Matcher::CodiceFiscale
        | Matcher::Document
        | Matcher::Date
        | Matcher::DateAndTime
        | Matcher::DayAndMonth
        | Matcher::Derived
        | Matcher::Iban
        | Matcher::Ipv4
        | Matcher::MacDotted
        | Matcher::Npi
        | Matcher::Phone
        | Matcher::PhoneAnnounced
        | Matcher::PhoneNational
        | Matcher::PhoneCompact
        | Matcher::Ssn
        | Matcher::SsnSpaced
        | Matcher::Vin
        | Matcher::ZipBehindCountry => Attempt::nothing(literal.start, 0),
    }
}

/// What a matcher found beside its anchor, if it did.
fn bare(span: Option<Range<usize>>, anchor: &Range<usize>) -> Attempt {
    match span {
        Some(span) => Attempt::found(Value::bare(span), 32),
        None => Attempt::nothing(anchor.start, 16),
    }
}

/// What a sentence names behind it, random enough for the rule.
fn named_behind(rule: &Rule, text: &str, phrase: &Range<usize>) -> Attempt {
    let least = rule.spec.min_randomness.unwrap_or(f32::NEG_INFINITY);
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    // `a password-based exchange`.
    let whole = !text.as_bytes().get(phrase.end).is_some_and(goes_on);
    let span = whole.then(|| spoken::before(text, phrase)).flatten();
    let span = span.filter(|span| randomness(&text[span.clone()]) >= least);
    let Some(span) = span else {
        return Attempt::nothing(phrase.start, spoken::MAX_LENGTH);
    };
    let context = span.start..phrase.end;
    let value = Value {
        context,
        ..Value::bare(span)
    };
    Attempt::found(value, spoken::MAX_LENGTH)
}

/// Confirms a rule that looks at runs of digits.
pub(super) fn attempt_number(rule: &Rule, text: &str, number: &Number<'_>) -> Attempt {
    let (start, next) = (number.start(), number.first_end());
    let bytes = text.as_bytes();
    let value = match rule.spec.matcher {
        Some(Matcher::Address) => return address::attempt(text, number),
        Some(Matcher::Base58) => token::base58(bytes, &(start..next)),
        Some(Matcher::Bitcoin) => token::bitcoin(bytes, &(start..next)),
        Some(Matcher::Card) => number.card(),
        Some(Matcher::CodiceFiscale) => token::codice_fiscale(bytes, &(start..next)),
        Some(Matcher::Document) => token::document(bytes, &(start..next)),
        Some(Matcher::Date) => number.date(),
        Some(Matcher::DateAndTime) => clock::stamp(number),
        Some(Matcher::DayAndMonth) => clock::day(number),
        Some(Matcher::MacDotted) => token::mac_dotted(bytes, &(start..next)),
        Some(Matcher::Iban) => token::iban(bytes, &(start..next)),
        Some(Matcher::Ipv4) => number.ipv4(),
        Some(Matcher::Npi) => number.npi(),
        Some(Matcher::Phone) => number.phone(),
        Some(Matcher::PhoneAnnounced) => number.phone_announced(),
        Some(Matcher::PhoneNational) => number.phone_national(),
        Some(Matcher::PhoneCompact) => number.phone_compact(),
        Some(Matcher::Ssn) => number.ssn(b"-"),
        Some(Matcher::SsnSpaced) => number.ssn(b" ."),
        Some(Matcher::Vin) => token::vin(bytes, &(start..next)),
        Some(Matcher::ZipBehindCountry) => address::code_behind_country(text, number),
        None if starts_token(bytes, start) => {
            return pattern_at(rule, text, start, start);
        }
        _ => None,
    };
    match value {
        Some(span) => Attempt::found(Value::bare(span), 0),
        None => Attempt::nothing(next, 0),
    }
}
