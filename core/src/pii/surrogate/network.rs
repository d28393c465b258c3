//! Addresses of machines, sites and mailboxes, from ranges that documentation may use.

use super::lists::{FAMILY, FEMALE, MALE};
use crate::pii::keyed::Pseudonyms;

/// Names that nobody can register (RFC 2606, section 3).
const DOMAINS: &[&str] = &["example.com", "example.net", "example.org"];

/// An address of the benchmarking range 198.18.0.0/15 (RFC 2544), or one of the same private range (RFC 1918).
pub(super) fn ipv4(keyed: &Pseudonyms, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("ipv4", "ipv4", value, attempt);
    let octets: Vec<usize> = value
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    let (first, second) = match octets[..] {
        [10, ..] => (10, draws.below(256)),
        [172, 16..=31, ..] => (172, 16 + draws.below(16)),
        [192, 168, ..] => (192, 168),
        _ => (198, 18 + draws.below(2)),
    };
    let (third, fourth) = (draws.below(256), 1 + draws.below(254));
    let port = value.find(':').map_or("", |at| &value[at..]);
    format!("{first}.{second}.{third}.{fourth}{port}")
}

/// An address of the documentation range `2001:db8::/32` (RFC 3849).
pub(super) fn ipv6(keyed: &Pseudonyms, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("ipv6", "ipv6", value, attempt);
    let mut group = || 1 + draws.below(0xffff);
    format!("2001:db8:{:x}:{:x}::{:x}", group(), group(), group())
}

/// A locally administered address of one machine (IEEE 802, clause 8.2): no maker has given it out.
pub(super) fn mac(keyed: &Pseudonyms, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("mac", "mac_address", value, attempt);
    let capitals = value.contains(|c: char| c.is_ascii_uppercase());
    let mut place = 0;
    value
        .chars()
        .map(|c| {
            if !c.is_ascii_hexdigit() {
                return c;
            }
            place += 1;
            let picked = draws.letter(if place == 2 {
                b"26ae"
            } else {
                b"0123456789abcdef"
            });
            if capitals {
                picked.to_ascii_uppercase()
            } else {
                picked
            }
        })
        .collect()
}

/// A mailbox of a person at a name that nobody can register.
pub(super) fn email(keyed: &Pseudonyms, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("email", "email", value, attempt);
    let local = value.rsplit_once('@').map_or(value, |(local, _)| local);
    let list = draws.one_of(&[&FEMALE, &MALE]);
    let given = draws.one_of(list);
    let joint = ['.', '_', '-']
        .into_iter()
        .find(|&joint| local.contains(joint));
    let mut out = given.to_lowercase();
    out.extend(joint);
    out.push_str(&draws.one_of(&FAMILY).to_lowercase());
    let figures = local.chars().filter(char::is_ascii_digit).count().min(4);
    for _ in 0..figures {
        out.push(draws.letter(b"0123456789"));
    }
    out.push('@');
    out.push_str(draws.one_of(DOMAINS));
    out
}

/// A page of a site that nobody can register.
pub(super) fn url(keyed: &Pseudonyms, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("url", "url", value, attempt);
    let (scheme, rest) = value.split_at(value.find("://").map_or(0, |at| at + 3));
    let site = if rest.starts_with("www.") { "www." } else { "" };
    let mut out = format!("{scheme}{site}{}/", draws.one_of(DOMAINS));
    for _ in 0..8 {
        out.push(draws.letter(b"abcdefghijkmnopqrstuvwxyz"));
    }
    out
}
