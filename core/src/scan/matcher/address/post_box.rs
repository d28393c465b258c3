//! Boxes instead of streets: `P.O. Box 12`, `RR 2 Box 15`, `HC 68 Box 2A`, `PSC 802 Box 14, APO AE 09499` (USPS Publication
//! 28, sections 24 to 28), and `Postfach 12 34`.

use std::ops::Range;

use super::place;
use super::words::word_before;
use crate::scan::boundary::{ends_word, run_end, starts_token};
use crate::scan::confirm::{Attempt, Value};

/// What stands before `Box` with a number between.
const ROUTES: &[&str] = &[
    "rr", "route", "rte", "hc", "psc", "unit", "cmr", "ucp", "rfd",
];

/// `anchor` is the word for the box.
pub(in crate::scan::matcher) fn attempt(text: &str, anchor: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let nothing = Attempt::nothing(anchor.end, 16);
    let from = run_end(bytes, anchor.end, 6, |byte| {
        matches!(byte, b' ' | b'#' | b'.')
    });
    let from = ["No. ", "no. ", "No ", "no "]
        .iter()
        .find(|sign| text[from..].starts_with(**sign))
        .map_or(from, |sign| from + sign.len());
    let number = run_end(bytes, from, 9, |byte| byte.is_ascii_digit() || byte == b'-');
    let number = run_end(bytes, number, 1, |byte| byte.is_ascii_uppercase());
    let numbered = bytes.get(from).is_some_and(u8::is_ascii_digit) && from > anchor.end;
    if !numbered
        || number - from > 8
        || !ends_word(bytes, number)
        || !starts_token(bytes, anchor.start)
    {
        return nothing;
    }
    let start = if text[anchor.clone()].eq_ignore_ascii_case("box") {
        office(text, anchor.start).or_else(|| route(text, anchor.start))
    } else {
        Some(anchor.start)
    };
    let Some(start) = start else { return nothing };
    let end = place::read(text, number).end;
    Attempt::found(Value::bare(start..end), end - start)
}

/// Where `P.O. `, `PO `, `Post Office ` begins that ends at `end`.
fn office(text: &str, end: usize) -> Option<usize> {
    let before = text[..end].trim_end_matches([' ', '.']);
    let names: &[&str] = &["post office", "p.o", "p. o", "p o", "po", "gpo", "g.p.o"];
    names.iter().find_map(|name| {
        let start = before.len().checked_sub(name.len())?;
        let same = before
            .get(start..)
            .is_some_and(|found| found.eq_ignore_ascii_case(name));
        (same && starts_token(text.as_bytes(), start)).then_some(start)
    })
}

/// Where `RR 2 ` or `PSC 802, ` begins that ends at `end`.
fn route(text: &str, end: usize) -> Option<usize> {
    let before = text[..end].trim_end_matches([' ', ',']);
    let number = word_before(text, before.len());
    let numbered =
        (1..=5).contains(&number.len()) && number.starts_with(|c: char| c.is_ascii_digit());
    let name_end = (before.len() - number.len())
        .checked_sub(1)
        .filter(|&end| numbered && text.is_char_boundary(end))?;
    let name = word_before(text, name_end);
    let known = ROUTES.iter().any(|route| route.eq_ignore_ascii_case(name));
    known.then(|| name_end - name.len())
}
