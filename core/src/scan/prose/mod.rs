//! Names of persons, places and organisations in running text: by gazetteer, capitals, and the words around them.
//!
//! One pass over the runs of capitalised words; small words are looked at only next to such a run. The rules say `derived`
//! as their matcher, and are known here by their ids.

mod organisation;
mod person;
mod place;
mod sequel;
mod words;

use std::ops::Range;
use std::sync::Arc;

use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::gazetteer::Role;
use super::rule::Rule;
use words::{Form, Reader, Run};

/// What a stretch of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// `Maria van der Berg`
    FullName,
    /// `Doe, John A.`
    ReversedName,
    /// `J. R. Smith`
    InitialsAndName,
    /// `my brother Bill`
    MentionedName,
    /// `Melissa`
    GivenName,
    /// `in Boston`
    City,
    /// `lives in Polapit Tamar`
    MentionedPlace,
    /// `Cook County`
    Area,
    /// `Portugal`
    Country,
    /// `Mercy Hospital`
    Facility,
    /// `Acme GmbH`
    Organisation,
    /// `Portuguese`
    People,
    /// Nothing that a rule asks for.
    Nothing,
}

impl What {
    const RULES: [(Self, &'static str); 12] = [
        (Self::FullName, "name-full"),
        (Self::ReversedName, "name-reversed"),
        (Self::InitialsAndName, "name-initials"),
        (Self::MentionedName, "name-mentioned"),
        (Self::GivenName, "name-given"),
        (Self::City, "city"),
        (Self::MentionedPlace, "place-mentioned"),
        (Self::Area, "area"),
        (Self::Country, "country"),
        (Self::Facility, "facility"),
        (Self::Organisation, "organization-named"),
        (Self::People, "nationality"),
    ];
}

/// Words of a run that are one thing, from the word at `start` to before the one at `end`.
struct Stretch {
    what: What,
    start: usize,
    end: usize,
}

impl Stretch {
    fn new(what: What, words: Range<usize>) -> Self {
        Self {
            what,
            start: words.start,
            end: words.end,
        }
    }
}

/// The rules of a scanner that are found in prose.
pub(super) struct Prose {
    rules: [Option<Arc<Rule>>; What::RULES.len()],
}

impl Prose {
    /// `None` where none of `rules` is one of these.
    pub(super) fn of(rules: &[Arc<Rule>]) -> Option<Self> {
        let named = |(_, id): (What, &str)| rules.iter().find(|rule| rule.id() == id).cloned();
        let rules = What::RULES.map(named);
        rules.iter().any(Option::is_some).then_some(Self { rules })
    }

    /// Adds what the rules find, in ascending order and without overlaps among it.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Finding>) {
        let mut reader = Reader::new(text);
        while reader.advance() {
            self.read(&reader.run, found);
        }
    }

    fn read(&self, run: &Run<'_>, found: &mut Vec<Finding>) {
        let mut place = 0;
        while place < run.tokens.len() {
            let Some(stretch) = stretch_at(run, place) else {
                place += 1;
                continue;
            };
            let asked = self
                .rules
                .get(stretch.what as usize)
                .and_then(Option::as_ref);
            let meant = stretch.what != What::Country || place::is_of_somebody(run, &stretch);
            if let Some(rule) = asked.filter(|_| meant) {
                let span = run.span(stretch.start, stretch.end);
                let why = Why::because(Origin::Matcher);
                found.push(Finding::of(
                    rule,
                    Value::bare(span),
                    rule.spec.confidence,
                    why,
                ));
            }
            place = stretch.end;
        }
    }
}

/// What begins at a word of the run: the more telling first.
fn stretch_at(run: &Run<'_>, place: usize) -> Option<Stretch> {
    let token = &run.tokens[place];
    let entry = token.entry;
    // The word that most sentences begin with.
    let plain = entry.ordinary() >= 2 && entry.given() < 2 && entry.place() == 0;
    if plain && run.tokens.len() == 1 && entry.role() == Role::None {
        return None;
    }
    match token.form {
        Form::Initial => return person::behind_initials(run, place),
        Form::Particle | Form::And => return None,
        Form::Word => {}
    }
    if entry.role() == Role::Calendar && entry.given() < 3 {
        return None;
    }
    organisation::at(run, place)
        .or_else(|| place::of_several_words(run, place))
        .or_else(|| person::reversed(run, place))
        .or_else(|| person::full(run, place))
        .or_else(|| person::mentioned(run, place))
        .or_else(|| place::alone(run, place))
        .or_else(|| person::given_alone(run, place))
}
