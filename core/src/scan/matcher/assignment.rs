//! Credentials that are assigned to a name, in any of the customary writings.
//!
//! `password = "x"`, `"password": "x"`, `DB_PASSWORD=x`, `password: x`, `<password>x</password>`, `the password is x`,
//! `--password x`, `define('DB_PASSWORD', 'x')`, `<add key="Password" value="x"/>`, `getenv("TOKEN", "x")`.

mod judge;
mod name;
mod sign;
mod value;

use std::ops::Range;

use crate::scan::confirm::{Attempt, Value};
use crate::scan::rule::Rule;

pub(super) use name::words;

/// A refused value may hold further names (`key=/login?key=x`), at each of which its rest is read again. Beyond so many bytes
/// the rule moves on by a part of what it has read, so that no byte is read more often than about `MAX_READINGS` times.
const FREELY_READ: usize = 128;
const MAX_READINGS: usize = 16;

/// `keyword` ends the name, or stands in it. `rule.except` lists values that are none; `rule.except_names` and
/// `rule.except_before` words of names that hold none; `rule.doubtful_names` words of names whose values have to be random.
///
/// Without `rule.min_randomness` the value is one that a person has chosen; with it, one that a machine has made.
pub(super) fn attempt(rule: &Rule, text: &str, keyword: Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let nothing = |to: usize| Attempt::nothing(keyword.start, to.saturating_sub(keyword.start));
    if name::is_inside_word(bytes, &keyword) {
        return nothing(keyword.end);
    }
    let Some(name) = name::around(bytes, &keyword) else {
        return nothing(keyword.end);
    };
    let Some(sign) = sign::behind(text, &name) else {
        return nothing(name.end + 8);
    };
    let Some(found) = value::read(text, &sign) else {
        return nothing(sign.end + 8);
    };
    let read = found.seen.max(found.span.end) - keyword.start;
    let verdict = name::meaning(text, &name, &keyword, rule)
        .and_then(|meaning| judge::verdict(rule, text, &name, &keyword, (&sign, &found), meaning));
    let Some(verdict) = verdict else {
        let passed = read.saturating_sub(FREELY_READ) / MAX_READINGS;
        return Attempt::nothing(keyword.start + passed, read);
    };
    Attempt::found(
        Value {
            context: keyword.start..found.end,
            span: found.span,
            verdict,
        },
        read,
    )
}
