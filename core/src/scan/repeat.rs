//! A name that was found once is found wherever else it stands in the same text.

use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::finding::Finding;
use super::rule::Rule;

/// The shortest family name, in letters, that is looked for alone.
const MIN_FAMILY_NAME: usize = 3;

/// Further occurrences, outside of `found`, of the names among `found`: whole, or the family name alone. In ascending order.
pub(super) fn repeats(text: &str, found: &[Finding], rule: &Arc<Rule>) -> Vec<Finding> {
    let names = names(text, found, rule);
    let Some(automaton) = automaton(&names) else {
        return Vec::new();
    };
    let mut taken = found.iter().peekable();
    let mut again = Vec::new();
    for hit in automaton.find_iter(text) {
        while taken
            .next_if(|finding| finding.span.end <= hit.start())
            .is_some()
        {}
        let free = taken
            .peek()
            .is_none_or(|finding| finding.span.start >= hit.end());
        if free && is_name(text, hit.start(), hit.end()) {
            again.push(Finding {
                rule: Arc::clone(rule),
                span: hit.range(),
                context: hit.range(),
                confidence: rule.spec.confidence,
                validated: false,
            });
        }
    }
    again
}

/// The names to look for. A family name that is also an ordinary word is looked for only with its given name.
fn names<'t>(text: &'t str, found: &[Finding], rule: &Rule) -> BTreeSet<&'t str> {
    let mut names = BTreeSet::new();
    for finding in found.iter().filter(|finding| finding.kind() == rule.kind()) {
        let Some(name) = text.get(finding.span()) else {
            continue;
        };
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
        if words.len() > 1 {
            names.insert(name);
        }
        if let Some(family) = family
            && family.chars().filter(|c| c.is_alphabetic()).count() >= MIN_FAMILY_NAME
            && !Rule::lists_have(&rule.except, family)
        {
            names.insert(family);
        }
    }
    names
}

fn automaton(names: &BTreeSet<&str>) -> Option<AhoCorasick> {
    if names.is_empty() {
        return None;
    }
    AhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(names)
        .ok()
}

/// A whole word that begins with a capital.
fn is_name(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    let begins = text[start..].starts_with(|c: char| !c.is_lowercase());
    begins && !text[..start].ends_with(joins) && !text[end..].starts_with(joins)
}
