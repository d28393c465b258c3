//! The street behind a house number: `Main Street`, `W. 5th Ave`, `rue de la Paix`, `Koskikatu 25`, `State Route 9`.

use super::tables::{
    DOUBTFUL_ENDINGS, ENDINGS, LEADS, NOT_STREETS, SMALL, STREETS, SURE_LEADS, WEAK_STREETS,
};
use super::words::{is_abbreviation, is_proper, short_number, word};
use crate::scan::matcher::word_list::{Asked, WordList};

/// The most words of the name of a street.
const MAX_WORDS: usize = 6;
/// Kinds of roads that have numbers instead of names.
static NUMBERED: &WordList = &WordList::of(&[
    "cr",
    "fm",
    "highway",
    "hwy",
    "interstate",
    "rd",
    "road",
    "route",
    "rte",
    "sr",
]);
const COMPASS: &[&str] = &[
    "E", "East", "N", "NE", "NW", "North", "S", "SE", "SW", "South", "W", "West",
];

/// How sure it is that a street was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sureness {
    /// A name, which could be that of anything.
    Name,
    /// A name and a number behind it, or a word that stands for a street among other things.
    Likely,
    /// A name with a word for a street.
    Sure,
}

/// A street.
pub(super) struct Street {
    pub(super) end: usize,
    pub(super) sureness: Sureness,
}

/// Reads the street at `at`. Words in small letters belong to its name only where they are `loose`.
pub(super) fn read(text: &str, at: usize, loose: bool) -> Option<Street> {
    let first = word(text, at);
    let asked = Asked::of(first);
    if first.is_empty() || asked.is_in(NOT_STREETS) {
        return None;
    }
    if asked.is_in(LEADS)
        && let Some(street) = behind_lead(text, at, first)
    {
        return Some(street);
    }
    let mut walk = Walk {
        text,
        at,
        loose,
        best: None,
        named: false,
        shouted: true,
    };
    for place in 0..MAX_WORDS {
        if !walk.step(place) {
            break;
        }
    }
    let alone = |best: &Street| is_alone(text, at, first, best.end);
    walk.best
        .filter(|best| best.sureness == Sureness::Sure || !is_abbreviation(first) || !alone(best))
}

/// Whether nothing but a number stands between the first word at `at` and `end`: `DFR 1500`.
fn is_alone(text: &str, at: usize, first: &str, end: usize) -> bool {
    !text[at + first.len()..end].contains(char::is_alphabetic)
}

/// Reading word after word, and the best street so far.
struct Walk<'t> {
    text: &'t str,
    at: usize,
    loose: bool,
    best: Option<Street>,
    /// Whether a word of the name has been read.
    named: bool,
    /// Whether all words so far are in capitals.
    shouted: bool,
}

impl Walk<'_> {
    /// Reads the word at `self.at`; whether another may follow.
    fn step(&mut self, place: usize) -> bool {
        let (text, at) = (self.text, self.at);
        let bytes = text.as_bytes();
        if self.named
            && let Some(end) = short_number(bytes, at, 4)
        {
            self.keep(end, Sureness::Likely);
            return false;
        }
        let word = word(text, at);
        let end = at + word.len();
        let proper = is_proper(word);
        let fits = proper || self.loose && word.chars().all(char::is_alphabetic);
        if word.is_empty()
            || !(fits || SMALL.has(word))
            || place > 0 && !proper && NOT_STREETS.has(word)
        {
            return false;
        }
        self.shouted = self.shouted && !word.contains(char::is_lowercase);
        if place > 0 && self.named && fits {
            self.kind(word, end, proper);
        }
        if joined(word).is_some() {
            // `Koskikatu 25`, `Nassaustraat 123`: the number may be behind all the same.
            self.keep(end, Sureness::Likely);
        }
        self.named |= fits;
        let dot = usize::from(text[end..].starts_with(". ") && word.len() <= 5);
        if !text[end + dot..].starts_with(' ') {
            // What ends here is at least a name.
            if fits {
                self.keep(
                    end + usize::from(bytes.get(end) == Some(&b'.') && word.len() <= 3),
                    Sureness::Name,
                );
            }
            return false;
        }
        if fits {
            self.keep(end, Sureness::Name);
        }
        self.at = end + dot + 1;
        true
    }

    /// Takes `word` for the kind of street where it can be.
    fn kind(&mut self, word: &str, end: usize, proper: bool) {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let asked = Asked::of(word);
        let sure = asked.is_in(STREETS);
        if !sure && !asked.is_in(WEAK_STREETS) {
            return;
        }
        let abbreviated =
            word.len() <= 4 && !matches!(word, "Road" | "Lane" | "Walk" | "Way" | "Row");
        let dotted = abbreviated && bytes.get(end) == Some(&b'.');
        let mut end = end + usize::from(dotted);
        if NUMBERED.has(word) && text[end..].starts_with(' ') {
            end = short_number(bytes, end + 1, 4).unwrap_or(end);
        }
        let end = behind_compass(text, end);
        // `12 Lead showed ST elevation`, `12 Mary Dr Smith`: an abbreviation before another name is doubtful.
        let followed = text[end..].starts_with(' ') && is_proper(super::words::word(text, end + 1));
        let doubtful = abbreviated && !dotted && followed || self.shouted && word.len() <= 2;
        let sureness = if sure && proper && !doubtful {
            Sureness::Sure
        } else {
            Sureness::Likely
        };
        self.keep(end, sureness);
    }

    fn keep(&mut self, end: usize, sureness: Sureness) {
        if self
            .best
            .as_ref()
            .is_none_or(|best| sureness >= best.sureness)
        {
            self.best = Some(Street { end, sureness });
        }
    }
}

/// The street whose kind, `lead`, stands at `at` before its name.
fn behind_lead(text: &str, at: usize, lead: &str) -> Option<Street> {
    let mut end = at + lead.len();
    let dotted = text[end..].starts_with('.');
    let mut next = end + usize::from(dotted);
    let mut names = 0;
    for _ in 0..MAX_WORDS {
        if !text[next..].starts_with(' ') {
            break;
        }
        let at = next + 1;
        let word = word(text, at);
        let proper = is_proper(word);
        if word.is_empty() || !proper && !SMALL.has(word) {
            break;
        }
        next = at + word.len();
        if proper {
            end = next;
            names += 1;
        }
        // `11 de Septiembre`, `N. Bravo`.
        if text[next..].starts_with(". ") && word.len() <= 3 {
            next += 1;
        }
    }
    if names == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    if text[end..].starts_with(' ')
        && let Some(number) = short_number(bytes, end + 1, 4)
    {
        end = number;
    }
    Some(Street {
        end,
        sureness: if SURE_LEADS.has(lead) {
            Sureness::Sure
        } else {
            Sureness::Likely
        },
    })
}

/// The end of ` NW` or ` South` behind a street, or `end`.
fn behind_compass(text: &str, end: usize) -> usize {
    if !text[end..].starts_with(' ') {
        return end;
    }
    let word = word(text, end + 1);
    if COMPASS.contains(&word) {
        end + 1 + word.len()
    } else {
        end
    }
}

/// How surely a word is the name of a street together with its kind: `Nassaustraat`, `Koskikatu`.
pub(super) fn joined(word: &str) -> Option<Sureness> {
    if word.len() < 6 || !(ENDINGS.may_end(word) || DOUBTFUL_ENDINGS.may_end(word)) {
        return None;
    }
    let lower = (!word.is_ascii()).then(|| word.to_lowercase());
    let bytes = lower.as_deref().unwrap_or(word).as_bytes();
    let last = bytes[bytes.len() - 1].to_ascii_lowercase();
    let ends = |ending: &str| {
        let ending = ending.as_bytes();
        let rest = bytes.len().saturating_sub(ending.len());
        ending.ends_with(&[last]) && rest > 1 && bytes[rest..].eq_ignore_ascii_case(ending)
    };
    let has = |endings: &WordList| endings.may_end(word) && endings.iter().any(ends);
    if has(ENDINGS) {
        Some(Sureness::Sure)
    } else {
        has(DOUBTFUL_ENDINGS).then_some(Sureness::Likely)
    }
}
