//! Another value in the place of a value: of the same form, the same for the same key and value, and nobody's.
//!
//! | kind | surrogate |
//! |---|---|
//! | names | of the same gender where the lists know it, with the same titles, initials, order and capitals, of similar length; each word for itself, so that a family stays one |
//! | dates, dates of birth | moved by as many days as [`super::Operator::DateShift`] moves them |
//! | social security numbers | area 900 to 999 with a group below 50: neither a number nor an ITIN was ever given out there; with `issued`, one of a range that is |
//! | telephone numbers | North America: 555-0100 to 555-0199, kept for fiction, in another area; elsewhere the country code and the first figures stay |
//! | e-mail, URL | `example.com`, `.net`, `.org` (RFC 2606) |
//! | IPv4, IPv6, MAC | 198.18.0.0/15 (RFC 2544) or the same private range; `2001:db8::/32` (RFC 3849); locally administered |
//! | IBAN | same country and shape, check digits right (not those that a country has inside) |
//! | addresses | other figures and words; the kind of street, the unit and the state stay |
//! | towns, countries, nationalities | others, from a list |
//! | hospitals, companies, counties | the kind of house stays, its name is a family name |
//! | ages | of the same ten years, at most 89 |
//! | everything else | figures for figures and letters for letters, until the rule that found the value takes it as well: with a right check digit wherever the rule has a check (cards, NPI, DEA, ABA, VIN and the national numbers) |
//! | crypto addresses | another of the same ledger and length with a right checksum |
//!
//! A card, a national number or a telephone number outside North America that is drawn at random and passes its check may
//! by chance be somebody's: it says nothing about him, but must not be dialled, charged or looked up.

mod address;
mod lists;
mod name;
mod network;
mod number;
mod place;
mod shape;

use super::keyed::Pseudonyms;
use super::operator::Surrogate;
use super::shift;
use crate::scan::Rule;

/// The surrogate of a value that `rule` has found; another one for each `attempt`. `None` where none can be made.
pub(super) fn of(
    keyed: &Pseudonyms,
    options: Surrogate,
    rule: &Rule,
    value: &str,
    subject: &str,
    attempt: u8,
) -> Option<String> {
    let surrogate = match rule.kind() {
        "name" => name::of(keyed, value, attempt),
        "date" | "dob" => shift::shifted(keyed, options.dates, value, subject, attempt),
        "ssn" => number::ssn(keyed, value, options.issued, attempt)
            .or_else(|| shape::of(keyed, rule, value, 0, attempt)),
        "phone" => number::phone(keyed, value, attempt),
        "email" => Some(network::email(keyed, value, attempt)),
        // The handle is of a bank.
        "upi_id" => value.split_once('@').and_then(|(name, handle)| {
            let name = shape::of(keyed, rule, name, 0, attempt)?;
            Some(format!("{name}@{handle}"))
        }),
        "url" => Some(network::url(keyed, value, attempt)),
        "ipv4" => Some(network::ipv4(keyed, value, attempt)),
        "ipv6" => Some(network::ipv6(keyed, value, attempt)),
        "mac_address" => Some(network::mac(keyed, value, attempt)),
        "age" => number::age(keyed, value, attempt),
        "iban" => number::iban(keyed, value, attempt),
        "address" => address::of(keyed, value, attempt),
        "crypto_address" => {
            let mut draws = keyed.draws("wallet", rule.id(), value, attempt);
            let mut draw = || u8::try_from(draws.below(256)).unwrap_or_default();
            rule.another_address(value, &mut draw)
                .or_else(|| shape::of(keyed, rule, value, 0, attempt))
        }
        "location" | "organization" | "nationality" => {
            Some(place::of(keyed, rule.id(), value, attempt))
        }
        // The first two figures tell the brand.
        "credit_card" => shape::of(keyed, rule, value, 2, attempt),
        _ => shape::of(keyed, rule, value, 0, attempt),
    };
    surrogate.filter(|surrogate| surrogate != value)
}
