//! Patterns that are looked for around a keyword, as those of gitleaks are, in a bounded stretch of text.

use std::ops::Range;

use regex::Captures;

use super::confirm::{Attempt, Value};
use super::rule::Rule;

/// How far before a keyword a match may begin, in bytes.
const BEFORE: usize = 256;

/// Looks for the rule's pattern from [`BEFORE`] bytes in front of `keyword` to the end of the rule's window behind it.
///
/// Where it is not found, the next keyword that is tried is one whose stretch has something new in it: so that no byte is
/// looked at more than a few times, however dense the keywords are.
pub(super) fn attempt(rule: &Rule, text: &str, keyword: Range<usize>) -> Attempt {
    let from = text.floor_char_boundary(keyword.start.saturating_sub(BEFORE));
    let stop = text.floor_char_boundary(keyword.end.saturating_add(rule.spec.window));
    let next = keyword.end.max(stop.saturating_sub(rule.spec.window / 2));
    let resume = if stop == text.len() { stop } else { next };
    let nothing = Attempt::nothing(resume, stop - from);
    let (Some(regex), Some(stretch)) = (rule.regex(), text.get(from..stop)) else {
        return nothing;
    };
    // What ends before the keyword was found at an earlier one.
    let ends_behind = |groups: &Captures<'_>| {
        groups
            .get(0)
            .is_some_and(|whole| from + whole.end() > keyword.start)
    };
    let Some(groups) = regex.captures_iter(stretch).find(ends_behind) else {
        return nothing;
    };
    let inner = match rule.spec.group {
        Some(group) => groups.get(group),
        None => (1..groups.len()).find_map(|group| groups.get(group).filter(|m| !m.is_empty())),
    };
    let Some((inner, whole)) = inner.or(groups.get(0)).zip(groups.get(0)) else {
        return nothing;
    };
    if inner.is_empty() {
        return nothing;
    }
    let value = Value {
        span: from + inner.start()..from + inner.end(),
        context: from + whole.start()..from + whole.end(),
        ..Value::bare(0..0)
    };
    Attempt::found(value, stop - from)
}
