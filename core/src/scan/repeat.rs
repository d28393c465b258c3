//! A name that was found once is found wherever else it stands in the same text.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasickBuilder, MatchKind};
use memchr::memchr_iter;

use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::rule::Rule;

/// The shortest family name, in letters, that is looked for alone.
const MIN_FAMILY_NAME: usize = 3;
/// Up to so many names are looked for one by one.
const FEW_NAMES: usize = 8;

/// Further occurrences, outside of `found`, of the names among `found`: whole, or the family name alone. In ascending order.
pub(super) fn repeats(text: &str, found: &[Finding], rule: &Arc<Rule>) -> Vec<Finding> {
    let names = names(text, found, rule);
    let mut taken = found.iter().peekable();
    let mut again = Vec::new();
    for hit in occurrences(text, &names) {
        while taken
            .next_if(|finding| finding.span.end <= hit.start)
            .is_some()
        {}
        let free = taken
            .peek()
            .is_none_or(|finding| finding.span.start >= hit.end);
        if free && is_name(text, &hit) {
            let why = Why::because(Origin::Repeat);
            again.push(Finding::of(
                rule,
                Value::bare(hit),
                rule.spec.confidence,
                why,
            ));
        }
    }
    again
}

/// The names to look for.
fn names<'t>(text: &'t str, found: &[Finding], rule: &Rule) -> BTreeSet<&'t str> {
    found
        .iter()
        .filter(|finding| finding.kind() == rule.kind())
        .filter_map(|finding| text.get(finding.span()))
        .flat_map(|name| names_in(name, rule))
        .collect()
}

/// What is looked for because of `name`: itself and its family name. A family name that is also an ordinary word is looked
/// for only with its given name.
pub(super) fn names_in<'t>(name: &'t str, rule: &Rule) -> impl Iterator<Item = &'t str> {
    // `DOE, JOHN` begins with the family name, `John Doe` ends with it.
    let (head, reversed) = name
        .split_once(", ")
        .map_or((name, false), |(family, _)| (family, true));
    let words: Vec<&str> = head
        .split_whitespace()
        .filter(|word| !word.ends_with('.'))
        .collect();
    let family = if reversed {
        words.first()
    } else {
        words.last()
    };
    let family = family.copied().filter(|family| {
        family.chars().filter(|c| c.is_alphabetic()).count() >= MIN_FAMILY_NAME
            && !Rule::lists_have(&rule.lists.except, family)
    });
    let whole = (words.len() > 1).then_some(name);
    whole.into_iter().chain(family)
}

/// Where the names stand, in any ASCII case, leftmost and longest, without overlaps.
fn occurrences(text: &str, names: &BTreeSet<&str>) -> Vec<Range<usize>> {
    if names.len() <= FEW_NAMES {
        return few(text, names);
    }
    let automaton = AhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(names);
    automaton.map_or_else(
        |_| Vec::new(),
        |automaton| automaton.find_iter(text).map(|hit| hit.range()).collect(),
    )
}

/// One pass for each name costs less than an automaton for all of them.
fn few(text: &str, names: &BTreeSet<&str>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut hits: Vec<Range<usize>> = Vec::new();
    for name in names.iter().map(|name| name.as_bytes()) {
        let starts = memchr_iter(name[0].to_ascii_uppercase(), bytes);
        let ranges = starts.map(|start| start..start + name.len());
        hits.extend(ranges.filter(|hit| {
            let found = bytes.get(hit.clone());
            found.is_some_and(|found| found.eq_ignore_ascii_case(name))
        }));
    }
    hits.sort_by_key(|hit| (hit.start, Reverse(hit.end)));
    let mut end = 0;
    hits.retain(|hit| {
        let free = hit.start >= end;
        if free {
            end = hit.end;
        }
        free
    });
    hits
}

/// A whole word that begins with a capital.
pub(super) fn is_name(text: &str, hit: &Range<usize>) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    let begins = text[hit.start..].starts_with(|c: char| !c.is_lowercase());
    begins && !text[..hit.start].ends_with(joins) && !text[hit.end..].starts_with(joins)
}
