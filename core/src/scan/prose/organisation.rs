//! Names of hospitals, companies and institutions.

use super::words::{Form, Run, Token};
use super::{Stretch, What};
use crate::scan::gazetteer::{Entry, Role};

/// The most words of a name.
const MAX_WORDS: usize = 8;
/// Two words with which names of hospitals end.
const HOUSES: &[(&str, &str)] = &[
    ("Medical", "Center"),
    ("Medical", "Centre"),
    ("Health", "Center"),
    ("Health", "Centre"),
    ("Cancer", "Center"),
    ("Nursing", "Home"),
    ("Care", "Center"),
    ("Surgery", "Center"),
    ("Rehabilitation", "Center"),
    ("Health", "System"),
    ("Medical", "Group"),
    ("Cancer", "Institute"),
];

/// What is called so from the word at `start` on.
pub(super) fn at(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    if start > 0 && !tokens[start].comma && tokens[start - 1].form != Form::Particle {
        return None;
    }
    if tokens.len() < start + 2 {
        return worked_for(run, start);
    }
    let mut place = start;
    let mut proper = false;
    while place < tokens.len() && place - start < MAX_WORDS {
        let token = &tokens[place];
        if place > start && token.comma && !(token.entry.role() == Role::Company) {
            break;
        }
        let role = if token.form == Form::Word {
            token.entry.role()
        } else {
            Role::None
        };
        let follows = place > start;
        match role {
            Role::Company
                if follows
                    && is_form(run.word(place))
                    && (proper || is_unusual(&tokens[place - 1])) =>
            {
                return Some(Stretch::new(What::Organisation, start..place + 1));
            }
            Role::Facility if follows && proper => {
                return Some(Stretch::new(What::Facility, start..place + 1));
            }
            Role::Institution if run.word(place + 1) == "of" && tokens.len() > place + 2 => {
                return institution_of(run, start, place);
            }
            Role::Institution if follows && proper && ends_here(run, place) => {
                return Some(Stretch::new(What::Organisation, start..place + 1));
            }
            _ => {}
        }
        let house = |(a, b): &(&str, &str)| {
            run.word(place).eq_ignore_ascii_case(a) && run.word(place + 1).eq_ignore_ascii_case(b)
        };
        if follows && proper && HOUSES.iter().any(house) {
            return Some(Stretch::new(What::Facility, start..place + 2));
        }
        proper |=
            is_proper(token) || token.dotted && run.word(place) == "St" || role == Role::Patron;
        place += 1;
    }
    worked_for(run, start)
}

/// `University of X`: up to two words behind `of`.
fn institution_of(run: &Run<'_>, start: usize, place: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    let mut end = place + 2;
    while tokens
        .get(end)
        .is_some_and(|token| !token.comma && token.form == Form::Word)
        && end < place + 4
    {
        end += 1;
    }
    let proper = tokens[place + 2..end]
        .iter()
        .any(|token| is_proper(token) || token.entry.place() > 0);
    proper.then(|| Stretch::new(What::Organisation, start..end))
}

/// `I work for Geoscape`
fn worked_for(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let before = run.before(start);
    if before != "for" && before != "at" && before != "by" {
        return None;
    }
    let at = run.tokens[start].start.saturating_sub(before.len() + 1);
    let verb = super::words::word_before(run.text, at);
    let works = matches!(
        verb,
        "work" | "works" | "worked" | "working" | "employed" | "job" | "employee" | "internship"
    );
    if !works || before == "by" && verb != "employed" {
        return None;
    }
    let tokens = &run.tokens;
    let mut end = start;
    while tokens
        .get(end)
        .is_some_and(|token| (end == start || !token.comma) && token.form != Form::Particle)
        && end - start < 4
    {
        end += 1;
    }
    let proper = tokens[start..end].iter().any(is_unusual);
    (end > start && proper).then(|| Stretch::new(What::Organisation, start..end))
}

/// Whether a word is one that names: of a person, a place, or of no known meaning.
fn is_proper(token: &Token) -> bool {
    let entry = token.entry;
    let named = entry.family() > 0
        || entry.given() > 0
        || entry.place() > 0
        || entry.is_unknown() && !token.capitals;
    token.form == Form::Word
        && named
        && entry.ordinary() < 2
        && matches!(entry.role(), Role::None | Role::Eponym | Role::Patron)
}

/// Whether a word is no everyday one.
fn is_unusual(token: &Token) -> bool {
    let entry: Entry = token.entry;
    token.form == Form::Word
        && entry.ordinary() < 2
        && matches!(entry.role(), Role::None | Role::Eponym)
}

/// Whether a company's form is written as such: `Inc`, `AG`, but not `Ag` or `As`.
fn is_form(word: &str) -> bool {
    word.len() > 2 || word.bytes().all(|byte| byte.is_ascii_uppercase()) || word == "Oy"
}

/// Whether no capitalised word follows.
fn ends_here(run: &Run<'_>, place: usize) -> bool {
    run.tokens
        .get(place + 1)
        .is_none_or(|token| token.comma || token.form == Form::And)
}
