//! Names of places.

use super::person::is_one_of_many;
use super::sequel::lets_be_a_name;
use super::words::{Form, Run, Token};
use super::{Stretch, What};
use crate::scan::check::STATES;
use crate::scan::gazetteer::{Entry, Key, Role};

/// The most words of a place in the gazetteer.
const MAX_WORDS: usize = 4;
/// Small words before the place where somebody or something is.
const WHERE: &[&str] = &[
    "in", "from", "near", "to", "at", "outside", "around", "via", "through", "visiting", "leaving",
];
/// Words before these that tie somebody to a place: `lives in`, `moved to`
const DWELLS: &[&str] = &[
    "live",
    "lives",
    "lived",
    "living",
    "born",
    "moved",
    "moving",
    "raised",
    "grew",
    "resides",
    "resided",
    "residing",
    "settled",
    "emigrated",
    "immigrated",
    "relocated",
    "native",
    "resident",
    "based",
];
/// Words before these that speak of places and persons alone too, as those before do: `flew here from`
const STAYS: &[&str] = &[
    "returned",
    "travelled",
    "traveled",
    "here",
    "flew",
    "stationed",
    "vacationing",
    "house",
    "apartment",
    "hails",
    "headquartered",
    "arrived",
];
/// Words that tie somebody to a country or a state as those that dwell there are: `citizen of`
const BELONGS: &[&str] = &["citizen", "national"];

/// People of whole continents, and words of a census: they tell of a descent that many share, and name no nation.
const DESCENTS: &[&str] = &[
    "african",
    "asian",
    "caucasian",
    "european",
    "hispanic",
    "latina",
    "latino",
];
/// Words shortly before the name of a language.
const SPEAKS: &[&str] = &["speak", "spoke", "language", "interpreter", "fluent"];

/// `San Francisco`, `New York`: a place of several words that the gazetteer knows whole.
pub(super) fn of_several_words(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    if !tokens[start].entry.begins_place() {
        return None;
    }
    let mut key = Key::of(run.word(start))?;
    let mut best = None;
    let words = tokens
        .iter()
        .enumerate()
        .take(start + MAX_WORDS)
        .skip(start + 1);
    for (place, token) in words {
        if token.comma || token.form == Form::And {
            break;
        }
        key.push_space();
        if !key.push(run.word(place)) {
            break;
        }
        let entry = Entry::of(key);
        if entry.place() > 0 && token.form != Form::Particle {
            best = Some((place + 1, entry));
        }
    }
    let (end, entry) = best?;
    let somewhere = is_where(run, start);
    // `the Golden Gate`, but `the San Francisco area`
    let called = matches!(run.before(start), "the" | "a" | "an") && run.after(end - 1) != "area";
    let spoken = entry.place() >= 2
        || somewhere
        || state_behind(run, end)
        || tokens[start].entry.given() < 2;
    let thing = is_called_after(run, end)
        || called && entry.place() < 3
        || !somewhere
            && !state_behind(run, end)
            && (!lets_be_a_name(run, end) || is_part_of_a_name(run, end));
    let what = match (spoken, entry.place()) {
        _ if thing => What::Nothing,
        (_, 3) => What::Country,
        (true, _) => What::City,
        // A person may have such a name: `Jordan Valley`
        (false, _) => return None,
    };
    Some(Stretch::new(what, start..end))
}

/// Whether a country is that of somebody: said to be where they are from, behind a city, a label, or on a line of its own, as
/// in an address. One that prose only mentions identifies nobody.
pub(super) fn is_of_somebody(run: &Run<'_>, place: &Stretch) -> bool {
    let [first, last] = [&run.tokens[place.start], &run.tokens[place.end - 1]];
    let (before, behind) = (&run.text[..first.start], &run.text[last.end..]);
    let before = before.trim_end_matches(' ');
    let ends = behind.trim_start_matches([' ', '.', ',', ';']);
    let ends = ends.is_empty() || ends.starts_with(['\n', '\r', '\t', '|']);
    let begins = before.is_empty() || before.ends_with(['\n', '\t', '|', ':']);
    if begins && ends || place.start > 0 && first.comma {
        return true;
    }
    let before = before.strip_suffix(" the").unwrap_or(before);
    let small = super::words::word_before(before, before.len());
    let head = before[..before.len() - small.len()].trim_end_matches(' ');
    let mut verb = super::words::word_before(head, head.len());
    if matches!(verb, "up" | "back" | "over" | "here") {
        let head = head[..head.len() - verb.len()].trim_end_matches(' ');
        verb = super::words::word_before(head, head.len());
    }
    let mut ties = DWELLS.iter().chain(BELONGS);
    let belongs = ties.any(|word| word.eq_ignore_ascii_case(verb));
    small == "from" || belongs && matches!(small, "in" | "to" | "of" | "near" | "outside")
}

/// A city, county or country of one word, or any capitalised words where somebody is said to live.
pub(super) fn alone(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    let token = &tokens[start];
    let entry = token.entry;
    let behind_comma = start == 0 || token.comma;
    let end = end_of_words(run, start);
    if behind_comma
        && tokens.get(end).is_some_and(|next| {
            next.form == Form::Word && !next.comma && next.entry.role() == Role::Area
        })
        && (may_be_place(token) || entry.family() >= 2)
        && !entry.is_unknown()
        && end - start <= 3
        && !token.capitals
    {
        return Some(Stretch::new(What::Area, start..end + 1));
    }
    if entry.role() == Role::People && behind_comma && !bears_a_name(run, end) {
        let descent = |people: &&str| people.eq_ignore_ascii_case(run.word(start));
        let other = is_language(run, start) || DESCENTS.iter().any(descent);
        let what = if other { What::Nothing } else { What::People };
        return Some(Stretch::new(what, start..start + 1));
    }
    if bears_a_name(run, end) || start > 0 && !token.comma && tokens[start - 1].form == Form::Word {
        return None;
    }
    let one = end == start + 1;
    let somewhere = is_where(run, start);
    let country = one && entry.place() == 3 && entry.given() < 3 && entry.ordinary() < 3;
    // `a Maryland`, `Congo red`
    let called = matches!(run.before(start), "a" | "an");
    if country && !called && (somewhere || lets_be_a_name(run, end)) {
        return Some(Stretch::new(What::Country, start..start + 1));
    }
    // `Dictated by: XYZ, MD`
    let abbreviated = token.capitals && entry.is_unknown() && token.end - token.start < 5;
    if state_behind(run, end)
        && may_be_place(token)
        && !abbreviated
        && (start..end).all(|place| may_be_place(&tokens[place]))
    {
        return Some(Stretch::new(What::City, start..end));
    }
    if somewhere
        && is_dwelling(run, start)
        && (start..end).all(|place| may_be_place(&tokens[place]))
    {
        return Some(Stretch::new(What::MentionedPlace, start..end));
    }
    let personal = entry.given() >= 2 || entry.family() >= 2;
    let city = match entry.place() {
        2 => entry.ordinary() == 0 && (somewhere && entry.given() < 3 || !personal),
        1 => entry.ordinary() == 0 && somewhere && !personal,
        _ => false,
    };
    let plain = matches!(entry.role(), Role::None);
    // `the Declaration of Helsinki`
    let titled = start > 0 && !token.comma && run.word(start - 1) == "of";
    // `Kyoto, Sydney system`
    let things =
        run.tokens.iter().any(|token| token.comma) && !lets_be_a_name(run, run.tokens.len());
    let named = lets_be_a_name(run, end) && !things && !is_one_of_many(run, start);
    let plain = plain && !titled && (somewhere || named);
    (one && city && plain && !token.capitals && token.end - token.start > 3)
        .then(|| Stretch::new(What::City, start..start + 1))
}

/// Behind the last of the capitalised words in a row that begins at `start`.
fn end_of_words(run: &Run<'_>, start: usize) -> usize {
    let mut end = start + 1;
    while run.tokens.get(end).is_some_and(|token| {
        !token.comma && token.form == Form::Word && may_be_place(token) && end - start < MAX_WORDS
    }) {
        end += 1;
    }
    end
}

/// Whether a word may be one of the name of a place.
fn may_be_place(token: &Token) -> bool {
    let entry = token.entry;
    let role = matches!(
        entry.role(),
        Role::None | Role::Eponym | Role::Patron | Role::Street
    );
    token.form == Form::Word && role && (entry.ordinary() < 3 || entry.place() > 0)
}

/// Whether what follows says that something is called after the place.
fn bears_a_name(run: &Run<'_>, end: usize) -> bool {
    if let Some(next) = run.tokens.get(end).filter(|next| !next.comma) {
        return next.form == Form::Word && !matches!(next.entry.role(), Role::Street);
    }
    let after = run.role_after(end - 1);
    matches!(after, Role::Thing | Role::Facility | Role::Company)
}

/// Whether a thing is called after the place: `Los Angeles grade`, `New York Heart Association`
fn is_called_after(run: &Run<'_>, end: usize) -> bool {
    let thing = |role| matches!(role, Role::Thing | Role::Company);
    run.goes_on(end) && (thing(run.tokens[end].entry.role()) || run.tokens.len() - end > 1)
        || thing(run.role_after(end - 1))
}

/// Whether another word of a name follows a place: `Green Bay Packers`, but not `Los Angeles Monday`.
fn is_part_of_a_name(run: &Run<'_>, end: usize) -> bool {
    run.goes_on(end)
        && run.tokens[end].form == Form::Word
        && !matches!(
            run.tokens[end].entry.role(),
            Role::Calendar | Role::Street | Role::Area
        )
}

/// Whether the word behind the comma is a state, a region or a country: `Springfield, IL`, `Lyon, France`
fn state_behind(run: &Run<'_>, end: usize) -> bool {
    let Some(next) = run.tokens.get(end).filter(|next| next.comma) else {
        return false;
    };
    let word = run.word(end);
    let state = word.len() == 2 && STATES.split(' ').any(|state| state == word);
    // `Valsalva, LA 46 mm` and `Rorschach, Minnesota Multiphasic` have abbreviations and names of other things behind them.
    let ends = !run.goes_on(end + 1) || run.tokens[end + 1].entry.role() == Role::Calendar;
    state && ends && lets_be_a_name(run, end + 1)
        || next.entry.place() == 3 && next.entry.given() < 3 && ends
        || next.entry.begins_place()
            && of_several_words(run, end).is_some_and(|place| place.what == What::Country)
}

/// Whether a small word before the run's word at `start` says that a place follows.
fn is_where(run: &Run<'_>, start: usize) -> bool {
    let before = run.before(start);
    if start > 0 && !run.tokens[start].comma {
        return run.tokens[start - 1].form == Form::Word
            && WHERE
                .iter()
                .any(|word| word.eq_ignore_ascii_case(run.word(start - 1)));
    }
    WHERE.contains(&before)
}

/// Whether the words before say that a language is meant: `speaks Spanish and English`, `in French`
fn is_language(run: &Run<'_>, start: usize) -> bool {
    /// As far back as the word may stand, in bytes.
    const REACH: usize = 24;
    let at = run.tokens[start].start;
    let before = &run.text[run.text.ceil_char_boundary(at.saturating_sub(REACH))..at];
    let before = before.to_ascii_lowercase();
    let spoken = |word: &&str| before.contains(word);
    matches!(run.before(start), "in" | "into") || SPEAKS.iter().any(spoken)
}

/// Whether a verb of dwelling or moving stands before the small word.
fn is_dwelling(run: &Run<'_>, start: usize) -> bool {
    let before = run.before(start);
    let at = run.tokens[start].start.saturating_sub(before.len() + 1);
    let mut verb = super::words::word_before(run.text, at);
    if matches!(verb, "up" | "back" | "over") {
        verb = super::words::word_before(run.text, at - verb.len() - 1);
    }
    DWELLS.contains(&verb) || STAYS.contains(&verb)
}
