//! Another place or house: a town for a town, a hospital of another name for a hospital.

use super::lists::{COUNTRIES, FAMILY, List, PEOPLES, TOWNS};
use crate::pii::keyed::{Draws, Pseudonyms};

/// Words that say what a house or an area is, in small letters; they stay.
const KEPT: &[&str] = &[
    "ag",
    "and",
    "bank",
    "borough",
    "cancer",
    "care",
    "center",
    "centre",
    "church",
    "clinic",
    "clinics",
    "college",
    "company",
    "corp",
    "county",
    "der",
    "district",
    "foundation",
    "general",
    "gmbh",
    "group",
    "health",
    "healthcare",
    "home",
    "hospice",
    "hospital",
    "hospitals",
    "inc",
    "infirmary",
    "institute",
    "klinik",
    "limited",
    "llc",
    "llp",
    "ltd",
    "medical",
    "memorial",
    "mount",
    "municipality",
    "nursing",
    "of",
    "parish",
    "partners",
    "plc",
    "province",
    "regional",
    "rehabilitation",
    "saint",
    "school",
    "st",
    "surgery",
    "system",
    "the",
    "township",
    "university",
    "village",
];

/// A surrogate for what the rule called `rule` has found.
pub(super) fn of(keyed: &Pseudonyms, rule: &str, value: &str, attempt: u8) -> String {
    let mut draws = keyed.draws("place", rule, value, attempt);
    match rule {
        "area" | "facility" | "organization-named" => house(&mut draws, value),
        "country" => one_of(&mut draws, &COUNTRIES, value),
        "nationality" => one_of(&mut draws, &PEOPLES, value),
        _ => one_of(&mut draws, &TOWNS, value),
    }
}

fn one_of(draws: &mut Draws, list: &List, value: &str) -> String {
    let mut picked = draws.one_of(list);
    while picked.eq_ignore_ascii_case(value) {
        picked = draws.one_of(list);
    }
    like(picked, value)
}

/// Family names for the words that say whose house it is.
fn house(draws: &mut Draws, value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    let mut rest = value;
    while let Some(start) = rest.find(char::is_alphabetic) {
        out.push_str(&rest[..start]);
        let word = &rest[start..];
        let length = word
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(word.len());
        let word = &word[..length];
        // The `s` of a genitive is a word of one letter here.
        let kept = length < 2 || KEPT.contains(&word.to_lowercase().as_str());
        if kept || word.starts_with(char::is_lowercase) {
            out.push_str(word);
        } else {
            out.push_str(&like(draws.one_of(&FAMILY), word));
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    out
}

/// `word` in the case of `model`.
fn like(word: &str, model: &str) -> String {
    if model.chars().any(char::is_lowercase) {
        if model.starts_with(char::is_lowercase) {
            return word.to_lowercase();
        }
        return word.to_owned();
    }
    word.to_uppercase()
}
