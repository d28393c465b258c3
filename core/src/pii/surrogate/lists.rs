//! Names in common use, a selection of our own: nobody is meant. Towns and countries are real ones.

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
/// Towns of more than 100,000 inhabitants.
pub(super) static TOWNS: List = Lazy::new(|| words(include_str!("lists/towns.txt")));
/// Countries.
pub(super) static COUNTRIES: List = Lazy::new(|| words(include_str!("lists/countries.txt")));
/// What their people are called.
pub(super) static PEOPLES: List = Lazy::new(|| words(include_str!("lists/peoples.txt")));

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}
