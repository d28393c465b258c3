//! Names of persons.

use super::sequel::{lets_be_a_name, role_of};
use super::words::{Form, Run, Token};
use super::{Stretch, What};
use crate::scan::gazetteer::{Entry, Key, Role};

/// The most words of a name: `Maria del Carmen de la Cruz` has six.
const MAX_WORDS: usize = 6;
/// Words that greet who comes next.
const GREETINGS: &[&str] = &[
    "Hi",
    "Hello",
    "Hey",
    "Dear",
    "Hallo",
    "Liebe",
    "Lieber",
    "Hola",
    "Bonjour",
    "Ciao",
    "Caro",
    "Cara",
    "Hej",
    "Cher",
    "Querido",
    "Querida",
    "Estimado",
    "Estimada",
    "Beste",
    "Geachte",
    "Thanks",
    "Thank you",
];
/// Small words before the object of a verb of calling: `calls me Lauren`.
const OBJECTS: &[&str] = &["me", "him", "her"];
/// Verbs of calling.
const CALLS: &[&str] = &["call", "calls", "called", "calling"];
/// Small words behind which a person's name stands alone.
const NAMES: &[&str] = &[
    "named",
    "nicknamed",
    "alias",
    "appelle",
    "llamo",
    "chiamo",
    "heet",
];
/// What persons do rather than places or things: `Alexandra was`
const PERSONAL: &[&str] = &[
    "came", "did", "had", "has", "is", "wants", "was", "who", "whose", "will",
];
/// Small words behind which a person stands rather than a thing that bears a person's name: `ask Patrick`
const MEETING: &[&str] = &[
    "and", "ask", "asked", "because", "called", "gave", "if", "met", "remind", "saw", "tell",
    "that", "to", "told", "when", "where", "with",
];
/// Small words behind which one of several things stands: `a Harley`
const ARTICLES: &[&str] = &["a", "an", "another", "any", "each", "every", "the", "this"];
/// With what a letter ends.
const CLOSINGS: &[&str] = &[
    "regards",
    "wishes",
    "sincerely",
    "thanks",
    "you",
    "best",
    "cheers",
    "yours",
    "love",
    "respectfully",
    "faithfully",
    "truly",
    "gruss",
    "grussen",
    "cordialement",
    "saludos",
    "cordiali saluti",
    "groet",
    "groeten",
    "hilsen",
    "cordially",
    "warmly",
];
/// Who asks something of the one addressed: `Anna, can you come?`
const ADDRESSING: &[&str] = &[
    "can", "could", "would", "will", "please", "are", "do", "did", "have", "what", "where", "when",
    "how", "why", "i", "you", "we",
];

/// `Maria Keller`, `John Q. Public`, `Anna-Maria van der Berg`: a given name and what may be a family name.
pub(super) fn full(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    let first = &tokens[start];
    if first.entry.given() == 0 || !may_be_given(first.entry) {
        return None;
    }
    let mut end = start + 1;
    let mut last = None;
    let mut particle = false;
    while let Some(token) = tokens.get(end).filter(|_| run.goes_on(end)) {
        match token.form {
            // `Kendall SCDs`
            Form::Word if !token.capitals && is_code(run.word(end)) => break,
            Form::Word if may_be_family(token) && !is_numeral(run.word(end)) => last = Some(end),
            Form::Initial => {}
            Form::Particle if run.word(end) != "of" => particle = true,
            _ => break,
        }
        if end - start >= MAX_WORDS {
            break;
        }
        end += 1;
    }
    let Some(last) = last else {
        let initial = run.goes_on(start + 1)
            && tokens[start + 1].form == Form::Initial
            && tokens[start + 1].dotted;
        let telling = first.entry.given() == 3 && first.entry.ordinary() == 0 && !first.capitals;
        return (initial && telling).then(|| Stretch::new(What::FullName, start..start + 2));
    };
    let words = (start + 1..=last).rev();
    let mut ends = words.filter(|&place| tokens[place].form == Form::Word);
    let last =
        ends.find(|&place| make_a_name(first, &tokens[place], particle, run.first && start == 0))?;
    let middle = |token: &Token| {
        token.form != Form::Word || token.entry.ordinary() < 2 || token.entry.given() == 3
    };
    // `Von Willebrand` is no given name and its family name.
    let von = is_large_particle(first, run.text) && tokens[last].entry.family() < 2;
    if von || !tokens[start + 1..last].iter().all(middle) {
        return None;
    }
    let end = last + 1;
    if is_called_after(run, start, last) || is_eponym(run, start, end) {
        return None;
    }
    Some(Stretch::new(What::FullName, start..end + suffix(run, end)))
}

/// `J. R. Smith`, `R. van der Berg`
pub(super) fn behind_initials(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    if start > 0 && !tokens[start].comma {
        return None;
    }
    let mut end = start;
    let mut dotted = false;
    while let Some(token) = tokens.get(end).filter(|_| end == start || run.goes_on(end)) {
        match token.form {
            Form::Initial => dotted |= token.dotted,
            Form::Particle if run.word(end) != "of" => {}
            _ => break,
        }
        end += 1;
    }
    let family = tokens
        .get(end)
        .filter(|token| token.form == Form::Word && run.goes_on(end))?;
    let entry = family.entry;
    let common = 1 + u16::from(family.capitals || run.first) + u16::from(!dotted);
    let everyday = entry.ordinary() >= entry.family() && (entry.family() < 3 || run.first);
    let fits = entry.family() >= common && !everyday && entry.place() < 3;
    if !fits || !may_be_family(family) || is_called_after(run, end, end) {
        return None;
    }
    // `J. Smith Jones`
    let more = tokens.get(end + 1).is_some_and(|token| {
        token.form == Form::Word
            && run.goes_on(end + 1)
            && token.entry.family() >= 2
            && token.entry.ordinary() == 0
    });
    let end = end + 1 + usize::from(more);
    Some(Stretch::new(
        What::InitialsAndName,
        start..end + suffix(run, end),
    ))
}

/// `Doe, John A.`, `DE LA CRUZ, MARIA`; no list of names or places.
pub(super) fn reversed(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    // `Treacher Collins, Pierre Robin`: the name before the comma began earlier.
    let named = |token: &Token| {
        token.form == Form::Word && (token.entry.ordinary() < 2 || token.entry.given() >= 2)
    };
    // So did `Johnson & Johnson, Sara Lee`.
    let inside = run.goes_on(start)
        && (tokens[start - 1].form == Form::And
            || named(&tokens[start - 1])
                && matches!(tokens[start - 1].entry.role(), Role::None | Role::Eponym));
    if tokens[start].comma || inside {
        return None;
    }
    let given = (start + 1..tokens.len())
        .take(4)
        .find(|&place| tokens[place].comma)?;
    let family = &tokens[given - 1];
    let parts = &tokens[start..given];
    let part = |token: &Token| {
        let particle = token.form == Form::Particle || is_large_particle(token, run.text);
        particle || token.form == Form::Word && may_be_family(token)
    };
    if !parts.iter().all(part) || is_large_particle(family, run.text) {
        return None;
    }
    let known = family.entry.family() > 0 || family.entry.is_unknown();
    let first = &tokens[given];
    let listed = |place: usize| {
        tokens
            .get(place)
            .is_some_and(|token| token.comma && token.form == Form::Word && suffix(run, place) == 0)
    };
    if first.form == Form::Initial {
        let end = given
            + tokens[given..]
                .iter()
                .take_while(|token| token.form == Form::Initial)
                .count();
        let fits = parts.len() == 1
            && family.entry.family() >= 2
            && family.entry.ordinary() == 0
            && first.dotted
            && family.entry.place() == 0;
        return fits.then(|| Stretch::new(What::ReversedName, start..end));
    }
    let telling = first.form == Form::Word
        && may_be_given(first.entry)
        && first.entry.given()
            >= if family.entry.place() > 0 || family.entry.is_unknown() {
                3
            } else {
                2
            }
        && first.entry.ordinary() < first.entry.given()
        && first.entry.place() < 2;
    let itself_given = parts.len() > 1 && parts[0].entry.given() >= 2
        || family.entry.given() == 3 && family.entry.family() < 3;
    // `Norvasc, TED hose`: a name is in capitals from its beginning.
    let louder = first.capitals && !family.capitals;
    // `Smith, John`: many a common family name is a word.
    let certain = first.entry.given() == 3 && family.entry.family() >= 2;
    let everyday = family.entry.ordinary() > 1 && !certain;
    if !known || louder || everyday || !telling || itself_given {
        return None;
    }
    let mut end = given + 1;
    while tokens.get(end).is_some_and(|token| {
        !token.comma
            && (token.form == Form::Initial
                || token.form == Form::Word
                    && token.entry.given() >= 2
                    && token.entry.ordinary() <= 1)
    }) {
        end += 1;
    }
    (!listed(end)).then(|| Stretch::new(What::ReversedName, start..end))
}

/// One name where the words around it say that it is one: `my brother Bill`, `said Honoré`, `Hi Maria,`
pub(super) fn mentioned(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let tokens = &run.tokens;
    let token = &tokens[start];
    let entry = token.entry;
    let stretch = |words| Some(Stretch::new(What::MentionedName, words));
    let greeted = start == 0
        && run.first
        && GREETINGS.contains(&run.word(0))
        && !tokens.get(1).is_some_and(|token| token.comma);
    if greeted {
        let name = tokens.get(1)?;
        let last = tokens.len() == 2 || tokens[2].comma;
        let ends = matches!(
            run.text.as_bytes().get(name.end),
            None | Some(b',' | b'!' | b'\n' | b'\r' | b'.' | b':')
        );
        let fits = name.form == Form::Word
            && last
            && ends
            && is_nameable(name.entry)
            && name.entry.role() != Role::Relation;
        return if fits { stretch(1..2) } else { None };
    }
    let single = (start + 1 == tokens.len() || !run.goes_on(start + 1))
        && (start == 0 || !run.goes_on(start));
    if !single || !is_nameable(entry) || token.end - token.start < 2 {
        return None;
    }
    let name = entry.given() > 0 || entry.family() > 0;
    let before = run.before(start);
    if !before.is_empty() {
        let role = Entry::of_word(before).role();
        let called = OBJECTS.contains(&before) && CALLS.contains(&words_before(run, start));
        let related =
            role == Role::Relation && entry.given() > 0 && before.starts_with(char::is_lowercase);
        let says = role == Role::Speech && (name || !token.capitals) && entry.place() < 2;
        if called || related || says && is_past(before) || NAMES.contains(&before) && name {
            return stretch(start..start + 1);
        }
    }
    let after = run.after(start);
    if !after.is_empty() && !token.capitals {
        match run.role_after(start) {
            Role::Speech if (name || entry.is_unknown()) && entry.place() == 0 => {
                return stretch(start..start + 1);
            }
            Role::Deed
                if name
                    && entry.place() == 0
                    && entry.ordinary() == 0
                    && entry.role() == Role::None =>
            {
                return stretch(start..start + 1);
            }
            _ => {}
        }
    }
    let addressed = run.first
        && start == 0
        && entry.given() > 0
        && entry.place() < 3
        && is_addressed(run, token);
    let signed = start == 0 && run.first && (name || !token.capitals) && is_signature(run, token);
    if addressed || signed {
        return stretch(start..start + 1);
    }
    None
}

/// A given name that is hardly anything else.
pub(super) fn given_alone(run: &Run<'_>, start: usize) -> Option<Stretch> {
    let token = &run.tokens[start];
    let entry = token.entry;
    let word = |place: usize| run.tokens[place].form != Form::Particle;
    let single =
        !(run.goes_on(start + 1) && word(start + 1) || run.goes_on(start) && word(start - 1));
    let telling = match entry.given() {
        3 => entry.place() < 2 || PERSONAL.contains(&run.after(start)),
        2 => entry.place() == 0,
        _ => false,
    };
    let fits = single
        && telling
        && entry.ordinary() == 0
        && entry.role() == Role::None
        && !token.capitals
        && token.end - token.start > 2
        && !is_code(run.word(start))
        && !ARTICLES.contains(&run.before(start))
        && (entry.given() > entry.family() || is_met(run, start))
        && !is_called_after(run, start, start)
        && !is_one_of_many(run, start)
        && !is_sentence(run)
        && lets_be_a_name(run, start + 1);
    fits.then(|| Stretch::new(What::GivenName, start..start + 1))
}

/// Whether the words around a given name that is also a family name, as those are that tests and signs are called after, speak
/// of a person.
fn is_met(run: &Run<'_>, place: usize) -> bool {
    PERSONAL.contains(&run.after(place))
        || MEETING.contains(&run.before(place))
        || run.tokens[place].possessive && run.role_after(place) == Role::Relation
}

/// Whether a word has capitals behind its first as no name has: `IVa`
fn is_code(word: &str) -> bool {
    let head = word.as_bytes().get(..2);
    head.is_some_and(|head| head.iter().all(u8::is_ascii_uppercase))
}

/// Whether the run is one word and a sentence: a heading, or the item of a list.
fn is_sentence(run: &Run<'_>) -> bool {
    let end = run.tokens[0].end;
    run.first && run.tokens.len() == 1 && run.text[end..].starts_with(['.', ';', ':'])
}

/// `De` in `De la Cruz`
fn is_large_particle(token: &Token, text: &str) -> bool {
    matches!(
        &text[token.start..token.end],
        "De" | "Del"
            | "Della"
            | "Di"
            | "Da"
            | "Van"
            | "Von"
            | "La"
            | "Le"
            | "El"
            | "Al"
            | "Den"
            | "Der"
            | "DE"
            | "LA"
            | "VAN"
            | "VON"
            | "DEL"
    )
}

/// Whether a word may be the first of a name.
fn may_be_given(entry: Entry) -> bool {
    match entry.role() {
        Role::None | Role::Eponym | Role::Deed | Role::Speech => {
            entry.place() < 3 || entry.given() == 3
        }
        Role::Calendar | Role::Patron | Role::Relation | Role::People => {
            entry.given() == 3 && entry.ordinary() < 3
        }
        _ => false,
    }
}

/// Whether a word may be the last of a name.
fn may_be_family(token: &Token) -> bool {
    let entry = token.entry;
    let named = entry.family() >= 2 || entry.given() >= 2;
    let role = match entry.role() {
        Role::None | Role::Eponym => true,
        Role::Facility | Role::Company | Role::Calendar => false,
        _ => entry.family() >= 2,
    };
    role && (entry.ordinary() < 2 || named) && (entry.place() < 3 || named)
}

/// Whether the two are given and family name, by how common they are as such and as words.
fn make_a_name(first: &Token, last: &Token, particle: bool, begins: bool) -> bool {
    let (a, b) = (first.entry, last.entry);
    let known = b.family() > 0 || b.given() >= 2 || particle;
    let common = b.family() >= 2;
    if first.capitals != last.capitals && first.capitals {
        return false;
    }
    // `Marcus Gunn OD`
    let abbreviated = last.capitals && last.end - last.start < 4;
    if abbreviated && !first.capitals && b.family() < 2 {
        return false;
    }
    if last.capitals
        && first.capitals
        && (!known || a.ordinary() > 1 || b.ordinary() > 1 || a.given() < 2)
    {
        return false;
    }
    if a.role() == Role::Eponym && b.role() == Role::Eponym && a.given() < 3 {
        return false;
    }
    let street = matches!(
        b.role(),
        Role::Street | Role::Thing | Role::Institution | Role::Area
    );
    if street && (a.place() > 0 || a.given() < 3 || a.ordinary() > 0) {
        return false;
    }
    match (a.given(), a.ordinary()) {
        (3, 0) if a.place() >= 2 => known && b.ordinary() < 2,
        (3, 0..=2) => b.ordinary() < 2 || common,
        (3, _) => known && b.ordinary() < 2 && (common || !begins),
        (2, 0) if a.place() > 0 => known && b.ordinary() < 2,
        (2, 0) => b.ordinary() < 2 || common,
        (2, 1..=2) => known && b.ordinary() == 0,
        (2, _) => common && b.ordinary() == 0 && !begins,
        (_, 0) if a.place() > 0 || a.begins_place() => false,
        (_, 0) => b.ordinary() == 0 && (common || last.end - last.start >= 4),
        (_, 1) => common && b.ordinary() == 0,
        _ => false,
    }
}

/// Whether what follows the word at `last` says that the name is one of a thing, a street or a house.
fn is_called_after(run: &Run<'_>, first: usize, last: usize) -> bool {
    let named_thing = |role| {
        matches!(
            role,
            Role::Thing
                | Role::Street
                | Role::Facility
                | Role::Institution
                | Role::Company
                | Role::Area
        )
    };
    // `Raynaud's Disease`, `Lee Silverman Voice Treatment`
    let title = run.tokens[last + 1..].iter().take_while(|next| !next.comma);
    let mut title = title.take(3).take_while(|next| {
        next.form == Form::Word && (named_thing(next.entry.role()) || next.entry.ordinary() >= 2)
    });
    if title.any(|next| named_thing(next.entry.role())) {
        return true;
    }
    if run.goes_on(last + 1) {
        return false;
    }
    let after = run.after(last);
    let eponym = (first..=last).any(|place| run.tokens[place].entry.role() == Role::Eponym);
    !after.is_empty() && (eponym || first == last) && named_thing(role_of(after))
}

/// Whether a thing is called by the words from `start` to before `end`: `Graham Steell`.
fn is_eponym(run: &Run<'_>, start: usize, end: usize) -> bool {
    if !run.tokens[start].entry.begins_place() {
        return false;
    }
    let Some(mut key) = Key::of(run.word(start)) else {
        return false;
    };
    let known = (start + 1..end).all(|place| {
        key.push_space();
        // `Jack Daniel's`
        key.push(run.word(place)) && (!run.tokens[place].possessive || key.push("s"))
    });
    known && Entry::of(key).role() == Role::Eponym
}

/// Whether the word is one of a list of three or more, most of which are no given names, and that is no address: `Krabbe,
/// Canavan, Alexander, Wilson`.
pub(super) fn is_one_of_many(run: &Run<'_>, place: usize) -> bool {
    let tokens = &run.tokens;
    let listed = tokens[place].comma || tokens.get(place + 1).is_some_and(|next| next.comma);
    if !listed {
        return false;
    }
    let heads = tokens.iter().enumerate();
    let heads = heads.filter(|(place, token)| *place == 0 || token.comma);
    let (mut all, mut given) = (0, 0);
    for (_, token) in heads {
        all += 1;
        given += usize::from(token.entry.given() >= 2);
    }
    let address = tokens
        .iter()
        .any(|token| matches!(token.entry.role(), Role::Street | Role::Area));
    all >= 3 && given * 2 < all && !address
}

/// `II`, `IV`: the suffix of a name, or a stage.
pub(super) fn is_numeral(word: &str) -> bool {
    word.len() < 5 && word.bytes().all(|byte| matches!(byte, b'I' | b'V' | b'X'))
}

/// How many of the words from `at` on are a suffix of the name before: `Jr.`, `III`
fn suffix(run: &Run<'_>, at: usize) -> usize {
    let suffix = matches!(run.word(at), "Jr" | "Sr" | "II" | "III" | "IV");
    usize::from(suffix)
}

/// Whether a word may be a name where its surroundings say that one stands there.
fn is_nameable(entry: Entry) -> bool {
    let role = matches!(entry.role(), Role::None | Role::Eponym | Role::Patron);
    role && (entry.ordinary() < 2
        || entry.given() == 3
        || entry.given() == 2 && entry.ordinary() == 2)
}

/// Verbs of speech in a form that goes before its subject: `said Honoré`, `says Eklund`
fn is_past(verb: &str) -> bool {
    verb.ends_with(['d', 's']) || verb == "wrote"
}

/// The word before the one before the run's word at `place`.
fn words_before<'t>(run: &Run<'t>, place: usize) -> &'t str {
    let before = run.before(place);
    let start = run.tokens[place].start.saturating_sub(before.len() + 1);
    super::words::word_before(run.text, start)
}

/// `Anna, can you come?`
fn is_addressed(run: &Run<'_>, token: &Token) -> bool {
    let rest = &run.text[token.end..];
    let Some(rest) = rest.strip_prefix(", ") else {
        return false;
    };
    let end = rest
        .bytes()
        .take(12)
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(0);
    ADDRESSING
        .iter()
        .any(|word| word.eq_ignore_ascii_case(&rest[..end]))
}

/// Whether the word stands alone on its line below the closing of a letter.
fn is_signature(run: &Run<'_>, token: &Token) -> bool {
    /// The longest closing, in bytes.
    const CLOSING: usize = 40;
    let alone = matches!(
        run.text.as_bytes().get(token.end),
        None | Some(b'\n' | b'\r')
    );
    let above = run.text[..token.start].trim_end_matches([' ', '\r', '\n']);
    let mark = above.ends_with([',', '!', '.']);
    if !alone || !mark || above.len() == token.start {
        return false;
    }
    let floor = above.ceil_char_boundary(above.len().saturating_sub(CLOSING));
    let line = above[floor..].rsplit('\n').next().unwrap_or("");
    let line = line.trim_end_matches([',', '!', '.']).to_lowercase();
    line.len() < CLOSING && CLOSINGS.iter().any(|closing| line.ends_with(closing))
}
