//! Another name of the same form: gender where it is known, initials, order, capitals.

use super::lists::{FAMILY, FEMALE, List, MALE};
use crate::pii::keyed::Pseudonyms;

/// Words around a name that stay as they are, in small letters and without stops.
const KEPT: &[&str] = &[
    "capt",
    "dds",
    "do",
    "dr",
    "esq",
    "fr",
    "frau",
    "herr",
    "hon",
    "ii",
    "iii",
    "iv",
    "jr",
    "judge",
    "lady",
    "lcsw",
    "lt",
    "madame",
    "md",
    "miss",
    "mme",
    "mr",
    "mrs",
    "ms",
    "np",
    "pa",
    "pa-c",
    "pharmd",
    "phd",
    "prof",
    "professor",
    "rev",
    "rn",
    "senor",
    "señor",
    "señora",
    "sgt",
    "sir",
    "sr",
    "sra",
    "und",
    "and",
];
/// Small words that join the parts of a family name.
const PARTICLES: &[&str] = &[
    "al", "ap", "bin", "bint", "da", "dal", "das", "de", "del", "della", "den", "der", "di", "do",
    "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "ter", "van", "von", "y", "zu",
];
/// How many names are drawn, of which the one with the most similar length is taken.
const CHOICES: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gender {
    Female,
    Male,
    Open,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Given,
    Family,
}

/// A surrogate for a name; `None` for one that is not in Latin letters.
///
/// Each word is replaced by itself, so that `Dr. Doe` and `Jane Doe` stay of one family; `attempt` changes them all.
pub(super) fn of(keyed: &Pseudonyms, value: &str, attempt: u8) -> Option<String> {
    if !value.chars().filter(|c| c.is_alphabetic()).all(is_latin) {
        return None;
    }
    let words: Vec<&str> = value.split_whitespace().collect();
    let telling: Vec<usize> = (0..words.len()).filter(|&at| is_part(words[at])).collect();
    let comma = words.iter().position(|word| word.ends_with(','));
    let gender = gender_of(&words);
    let mut out = String::with_capacity(value.len() + 8);
    let mut rest = value;
    for (at, word) in words.iter().enumerate() {
        let start = rest.find(word)?;
        out.push_str(&rest[..start]);
        rest = &rest[start + word.len()..];
        if !telling.contains(&at) {
            out.push_str(word);
            continue;
        }
        // `Doe, Jane` has the family name first, `Jane Mary Doe` last; of one word the lists know whether it is given.
        let role = match comma {
            Some(comma) if telling.first() <= Some(&comma) && telling.last() > Some(&comma) => {
                if at <= comma {
                    Role::Family
                } else {
                    Role::Given
                }
            }
            _ if telling.len() == 1 && is_given(word) => Role::Given,
            _ if telling.last() == Some(&at) => Role::Family,
            _ => Role::Given,
        };
        replace_word(keyed, word, role, gender, attempt, &mut out);
    }
    out.push_str(rest);
    Some(out)
}

/// Replaces each run of letters: `Smith-Jones`, `O'Brien,`, `J.`.
fn replace_word(
    keyed: &Pseudonyms,
    word: &str,
    role: Role,
    gender: Gender,
    attempt: u8,
    out: &mut String,
) {
    let belongs = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’');
    let mut rest = word;
    while let Some(start) = rest.find(char::is_alphabetic) {
        out.push_str(&rest[..start]);
        let part = &rest[start..];
        let len = part.find(|c| !belongs(c)).unwrap_or(part.len());
        // A genitive is no part of the name.
        let part = part[..len].trim_end_matches(['\'', '’']);
        let part = ["'s", "’s"]
            .iter()
            .find_map(|genitive| part.strip_suffix(genitive))
            .unwrap_or(part);
        out.push_str(&replaced(keyed, part, role, gender, attempt));
        rest = &rest[start + part.len()..];
        if let Some(genitive) = rest.get(..len - part.len()) {
            out.push_str(genitive);
            rest = &rest[genitive.len()..];
        }
    }
    out.push_str(rest);
}

fn replaced(keyed: &Pseudonyms, part: &str, role: Role, gender: Gender, attempt: u8) -> String {
    let mut letters = part.chars();
    if let (Some(initial), None) = (letters.next(), letters.next()) {
        let mut draws = keyed.draws("initial", "name", part, attempt);
        let picked = draws.letter(b"ABCDEFGHJKLMNOPRSTVW");
        return if initial.is_lowercase() {
            picked.to_ascii_lowercase().to_string()
        } else {
            picked.to_string()
        };
    }
    let (purpose, list) = match (role, own_gender(part).unwrap_or(gender)) {
        (Role::Family, _) => ("family name", &FAMILY),
        (Role::Given, Gender::Female) => ("given name", &FEMALE),
        (Role::Given, Gender::Male) => ("given name", &MALE),
        (Role::Given, Gender::Open) => {
            let mut draws = keyed.draws("gender", "name", part, 0);
            ("given name", draws.one_of(&[&FEMALE, &MALE]))
        }
    };
    let mut draws = keyed.draws(purpose, "name", part, attempt);
    let length = part.chars().count();
    let mut chosen: Option<&str> = None;
    for _ in 0..CHOICES {
        let picked = draws.one_of(list);
        let better =
            chosen.is_none_or(|best| picked.len().abs_diff(length) < best.len().abs_diff(length));
        if better && !picked.eq_ignore_ascii_case(part) {
            chosen = Some(picked);
        }
    }
    let name = chosen.unwrap_or("Morgan");
    let mut letters = part.chars();
    match (letters.next(), letters.next()) {
        (Some(first), _) if first.is_lowercase() => name.to_ascii_lowercase(),
        (_, Some(second)) if second.is_uppercase() && part.chars().all(|c| !c.is_lowercase()) => {
            name.to_ascii_uppercase()
        }
        _ => name.to_owned(),
    }
}

/// Whether a word is a part of the name rather than a title, a suffix or a particle.
fn is_part(word: &str) -> bool {
    let plain: String = word
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '-')
        .flat_map(char::to_lowercase)
        .collect();
    let particle = word.starts_with(char::is_lowercase) && PARTICLES.contains(&plain.as_str());
    let title = KEPT.contains(&plain.as_str()) && plain.len() > 1;
    word.contains(char::is_alphabetic) && !particle && !title
}

fn gender_of(words: &[&str]) -> Gender {
    words
        .iter()
        .find_map(|word| {
            let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
            match plain.to_lowercase().as_str() {
                "mr" | "sir" | "herr" | "señor" => Some(Gender::Male),
                "mrs" | "ms" | "miss" | "mme" | "madame" | "frau" | "señora" | "lady" => {
                    Some(Gender::Female)
                }
                _ => own_gender(plain),
            }
        })
        .unwrap_or(Gender::Open)
}

/// The gender of a given name that the lists have.
fn own_gender(word: &str) -> Option<Gender> {
    let known = |list: &List| list.iter().any(|name| name.eq_ignore_ascii_case(word));
    if known(&FEMALE) {
        Some(Gender::Female)
    } else {
        known(&MALE).then_some(Gender::Male)
    }
}

fn is_given(word: &str) -> bool {
    own_gender(word.trim_matches(|c: char| !c.is_alphabetic())).is_some()
}

/// Latin letters, with marks or without: up to the end of the block Latin Extended-B, and Latin Extended Additional.
fn is_latin(c: char) -> bool {
    matches!(u32::from(c), 0x41..=0x24f | 0x1e00..=0x1eff)
}
