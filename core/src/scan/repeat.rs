//! A name that was found once is found wherever else it stands in the same text.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::capitals::Capitals;
use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::gazetteer::{Entry, Role};
use super::rule::Rule;
use super::taken::Taken;

/// The shortest family name, in letters, that is looked for alone.
const MIN_FAMILY_NAME: usize = 3;

/// Further occurrences, outside of `found`, of the names among `found`: whole, or the family name alone. In ascending order.
pub(super) fn repeats(text: &str, found: &[Finding], rule: &Arc<Rule>) -> Vec<Finding> {
    let names = names(text, found, rule);
    let mut again = Vec::new();
    if names.sorted.is_empty() {
        return again;
    }
    let mut taken = Taken::by(found);
    for hit in names.in_text(text) {
        if taken.leaves(&hit) {
            let why = Why::because(Origin::Repeat);
            let confidence = rule.spec.confidence;
            again.push(Finding::of(rule, Value::bare(hit), confidence, why));
        }
    }
    again
}

/// The names to look for.
fn names<'t>(text: &'t str, found: &[Finding], rule: &Rule) -> Names<'t> {
    let mut persons: Vec<&str> = found
        .iter()
        .filter(|finding| finding.kind() == rule.kind())
        .filter_map(|finding| text.get(finding.span()))
        .collect();
    // Most are found many times, written alike.
    persons.sort_unstable();
    persons.dedup();
    Names::of(persons.into_iter().flat_map(|name| names_in(name, rule)))
}

/// What is looked for because of `name`: itself and its family name. A family name that is also an ordinary word is looked
/// for only with its given name.
pub(super) fn names_in<'t>(name: &'t str, rule: &Rule) -> impl Iterator<Item = &'t str> {
    names_of(name).filter(|part| is_no_word(part, rule))
}

/// Whether a name, or a part of one, is more than an ordinary word.
pub(super) fn is_no_word(part: &str, rule: &Rule) -> bool {
    part.contains(char::is_whitespace) || !Rule::lists_have(&rule.lists.except, part)
}

/// `name` and the family name in it.
pub(crate) fn names_of(name: &str) -> impl Iterator<Item = &str> {
    // `DOE, JOHN` begins with the family name, `John Doe` ends with it.
    let (head, reversed) = name
        .split_once(", ")
        .map_or((name, false), |(family, _)| (family, true));
    let mut words = head
        .split_whitespace()
        .filter(|word| !word.as_bytes().ends_with(b"."));
    let first = words.next();
    let last = words.next_back();
    let family = if reversed { first } else { last.or(first) };
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let family = family.filter(|family| {
        if family.is_ascii() {
            family.bytes().filter(u8::is_ascii_alphabetic).count() >= MIN_FAMILY_NAME
        } else {
            letters(family) >= MIN_FAMILY_NAME
        }
    });
    let whole = last.map(|_| name);
    whole.into_iter().chain(family)
}

/// Names, with what tells of most places at a glance that none of them stands there.
struct Names<'t> {
    /// The bytes that one of them begins with: capitals, or the first bytes of letters beyond ASCII.
    first: [bool; 256],
    /// A bit for the letters that one of them begins with, whatever their case: the first two, and a part of the third.
    starts: [u64; 64],
    /// How long they are, in bytes, and where those of a length are: longer ones first.
    lengths: Vec<(usize, Range<usize>)>,
    /// Longer ones first, and in ascending order whatever their case.
    sorted: Vec<&'t [u8]>,
}

impl<'t> Names<'t> {
    fn of(names: impl IntoIterator<Item = &'t str>) -> Self {
        let mut names: Vec<&[u8]> = names.into_iter().map(str::as_bytes).collect();
        names.sort_unstable_by(|one, other| {
            let longer = other.len().cmp(&one.len());
            longer.then_with(|| compare(one, other))
        });
        names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        let mut lengths = Vec::new();
        let mut from = 0;
        for alike in names.chunk_by(|one, other| one.len() == other.len()) {
            lengths.push((alike[0].len(), from..from + alike.len()));
            from += alike.len();
        }
        let mut all = Self {
            first: [false; 256],
            starts: [0; 64],
            lengths,
            sorted: names,
        };
        for name in &all.sorted {
            let (place, bit) = Self::start(name);
            all.first[usize::from(name[0].to_ascii_uppercase())] = true;
            all.starts[place] |= bit;
        }
        all
    }

    /// Letters differ from one another, whatever their case, in their low five bits.
    fn start(name: &[u8]) -> (usize, u64) {
        let letter = |place: usize| name.get(place).map_or(0, |byte| usize::from(byte & 31));
        let start = letter(0) | letter(1) << 5 | (letter(2) & 3) << 10;
        (start / 64, 1 << (start % 64))
    }

    /// The end of the longest of them that stands at `start`, behind no letter or figure, in any ASCII case. Takes no longer the more names there are.
    fn end_at(&self, text: &str, start: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let (place, bit) = Self::start(&bytes[start..]);
        if self.starts[place] & bit == 0 {
            return None;
        }
        let inside = |byte: &u8| byte.is_ascii_alphanumeric();
        let stands = |length: usize, names: &Range<usize>| {
            let end = start + length;
            let whole = !bytes.get(end).is_some_and(inside);
            whole
                && text.get(start..end).is_some_and(|found| {
                    let names = &self.sorted[names.clone()];
                    let same = |name: &&[u8]| compare(name, found.as_bytes());
                    names.binary_search_by(same).is_ok() && is_name(text, &(start..end))
                })
        };
        let (length, _) = self
            .lengths
            .iter()
            .find(|(length, names)| stands(*length, names))?;
        Some(start + length)
    }

    /// Where they stand, without overlaps, in ascending order.
    fn in_text(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let mut hits = Vec::new();
        let mut at = 0;
        let mut capitals = Capitals::of(text);
        while let Some(start) = capitals.next(at) {
            let begins = self.first[usize::from(bytes[start])];
            let end = begins.then(|| self.end_at(text, start)).flatten();
            hits.extend(end.map(|end| start..end));
            at = end.unwrap_or(start + 1);
        }
        hits
    }
}

/// The order of names of one length, whatever their case.
fn compare(one: &[u8], other: &[u8]) -> Ordering {
    let folded = |byte: &u8| byte.to_ascii_lowercase();
    let differ = |(one, other): (&u8, &u8)| folded(one) != folded(other);
    match one.iter().zip(other).position(differ) {
        Some(place) => folded(&one[place]).cmp(&folded(&other[place])),
        None => Ordering::Equal,
    }
}

/// A whole word that begins with a capital, not half of another (`Russell-Taylor`) and not what a thing is called after
/// (`Wright stain`).
pub(super) fn is_name(text: &str, hit: &Range<usize>) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    let (before, behind) = (&text[..hit.start], &text[hit.end..]);
    let begins = text[hit.start..].starts_with(|c: char| !c.is_lowercase());
    if !begins || before.ends_with(joins) || behind.starts_with(joins) {
        return false;
    }
    let letter = |text: &str| text.starts_with(char::is_alphabetic);
    let half = before
        .strip_suffix('-')
        .is_some_and(|head| head.ends_with(char::is_alphabetic))
        || behind.strip_prefix('-').is_some_and(letter);
    let next = behind.strip_prefix(' ').unwrap_or_default();
    let end = next
        .bytes()
        .take(24)
        .position(|byte| !byte.is_ascii_alphabetic());
    let next = next.get(..end.unwrap_or(0)).unwrap_or_default();
    !half && Entry::of_word(next).role() != Role::Thing
}
