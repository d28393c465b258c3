//! Names in common use, a selection of our own: nobody is meant.

use once_cell::sync::Lazy;

/// Words that are read when they are first needed.
pub(super) type List = Lazy<Vec<&'static str>>;

/// Given names of women.
pub(super) static FEMALE: List = Lazy::new(|| words(include_str!("lists/given_women.txt")));
/// Given names of men.
pub(super) static MALE: List = Lazy::new(|| words(include_str!("lists/given_men.txt")));
/// Family names.
pub(super) static FAMILY: List = Lazy::new(|| words(include_str!("lists/family.txt")));
/// Words that streets and places are called by.
pub(super) static PLACES: List = Lazy::new(|| words(include_str!("lists/places.txt")));

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}
