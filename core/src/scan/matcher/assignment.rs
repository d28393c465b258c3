//! Credentials that are assigned to a name, in any of the customary writings.
//!
//! `password = "x"`, `"password": "x"`, `DB_PASSWORD=x`, `password: x`, `<password>x</password>`, `the password is x`,
//! `--password x`, `define('DB_PASSWORD', 'x')`, `<add key="Password" value="x"/>`, `getenv("TOKEN", "x")`, `api_keys: [x, y]`.

mod judge;
mod manifest;
mod members;
mod name;
mod reversed;
mod sign;
mod value;

use std::ops::Range;

use members::Member;
use name::Meaning;
use sign::{Joint, Sign};

use crate::scan::confirm::{Attempt, Value};
use crate::scan::rule::Rule;

pub(super) use name::words;

/// A refused value may hold further names (`key=/login?key=x`), at each of which its rest is read again. Beyond so many bytes
/// the rule moves on by a part of what it has read, so that no byte is read more often than about `MAX_READINGS` times.
const FREELY_READ: usize = 128;
const MAX_READINGS: usize = 16;

/// `keyword` ends the name, or stands in it. `rule.except` lists values that are none; `rule.except_names` and
/// `rule.except_before` words of names that hold none, and `rule.except_members` those of members of a map; `rule.doubtful_names` words of names whose values have to be random.
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
    let found = forward(rule, text, &name, &keyword);
    if found.value.is_some() {
        return found;
    }
    backward(rule, text, &name, &keyword).unwrap_or(found)
}

/// What is assigned to `name` behind it.
fn forward(rule: &Rule, text: &str, name: &Range<usize>, keyword: &Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let mut seen = name.end + 8;
    if !rule.lists.except_members.is_empty() && members::is_plural(&bytes[name.clone()]) {
        match several(rule, text, name, keyword) {
            Ok((values, read)) => return first(values, keyword, read),
            Err(read) if members::is_version(&bytes[name.clone()]) => {
                return refused(keyword, read);
            }
            Err(read) => seen = seen.max(read),
        }
    }
    let Some(sign) = sign::behind(text, name) else {
        return refused(keyword, seen);
    };
    let Some(found) = value::read(text, &sign) else {
        return refused(keyword, seen.max(sign.end + 8));
    };
    let read = found.seen.max(found.span.end).max(seen) - keyword.start;
    let verdict = name::meaning(text, name, keyword, rule)
        .and_then(|meaning| judge::verdict(rule, text, name, keyword, (&sign, &found), meaning));
    let Some(verdict) = verdict else {
        return refused(keyword, keyword.start + read);
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

/// What `name` is compared with before it.
fn backward(
    rule: &Rule,
    text: &str,
    name: &Range<usize>,
    keyword: &Range<usize>,
) -> Option<Attempt> {
    let found = reversed::value(text.as_bytes(), name.start)?;
    let sign = Sign {
        end: found.span.start,
        joint: Joint::Compared,
    };
    let meaning = name::meaning(text, name, keyword, rule)?;
    let verdict = judge::verdict(rule, text, name, keyword, (&sign, &found), meaning)?;
    let value = Value {
        context: found.span.start..keyword.end,
        span: found.span,
        verdict,
    };
    Some(Attempt::found(value, name.end - keyword.start))
}

/// Nothing at `keyword`, and the text read up to `seen`.
fn refused(keyword: &Range<usize>, seen: usize) -> Attempt {
    let read = seen.saturating_sub(keyword.start);
    let passed = read.saturating_sub(FREELY_READ) / MAX_READINGS;
    Attempt::nothing(keyword.start + passed, read)
}

/// The first of the credentials of a list or a map that `keyword` announces; the rule goes on behind the last one.
fn first(values: Vec<Value>, keyword: &Range<usize>, seen: usize) -> Attempt {
    let end = values.last().map_or(seen, |last| last.span.end);
    let Some(first) = values.into_iter().next() else {
        return refused(keyword, seen);
    };
    let context = keyword.start..first.span.end;
    Attempt {
        resume: end,
        ..Attempt::found(Value { context, ..first }, seen - keyword.start)
    }
}

/// Where `keyword` was found to stand over a list or a map with credentials, those behind the first one.
pub(in crate::scan) fn others(rule: &Rule, text: &str, keyword: &Range<usize>) -> Vec<Value> {
    let name = name::around(text.as_bytes(), keyword)
        .filter(|name| members::is_plural(&text.as_bytes()[name.clone()]));
    let (mut values, _) = name
        .and_then(|name| several(rule, text, &name, keyword).ok())
        .unwrap_or_default();
    values.drain(..values.len().min(1));
    values
}

/// The credentials of the list or map that `name` stands over, and how far the text was read; that alone where there is none.
///
/// Those of a list are of one make: where one of them is no credential, the others are only where they are random.
#[cold]
fn several(
    rule: &Rule,
    text: &str,
    name: &Range<usize>,
    keyword: &Range<usize>,
) -> Result<(Vec<Value>, usize), usize> {
    let members = members::behind(text, name).ok_or(name.end)?;
    let whole = name::meaning(text, name, keyword, rule).ok_or(members.seen)?;
    let alone = members.all.len() == 1;
    let mut values = Vec::new();
    let mut mixed = false;
    for Member { name: own, found } in members.all {
        let meaning = match own.as_ref().and_then(|own| text.get(own.clone())) {
            Some(own) => match name::of_member(own, rule) {
                Some(meaning) if whole == Meaning::Plain => meaning,
                Some(_) => whole,
                None => continue,
            },
            None => whole,
        };
        let sign = Sign {
            end: found.span.start,
            joint: Joint::Member,
        };
        let verdict = judge::verdict(rule, text, name, keyword, (&sign, &found), meaning);
        // The text may go on, and the last member with it.
        let cut = !values.is_empty() && found.end == text.len();
        match verdict {
            Some(verdict) => values.push(Value {
                verdict,
                ..Value::bare(found.span)
            }),
            None if cut => {}
            None if own.is_none() && alone => return Err(members.seen),
            None => mixed |= own.is_none(),
        }
    }
    if mixed {
        values.retain(|value| judge::is_random(&text[value.span.clone()]));
        return Ok((values, members.seen));
    }
    if values.is_empty() {
        return Err(members.seen);
    }
    Ok((values, members.seen))
}
