//! Lines in which what has to be found stands between `«` and `»`, in groups of a TOML file.

use std::collections::BTreeMap;
use std::ops::Range;

use cloister_core::scan::Finding;

/// The lines of a file, each with the name of its group.
pub(crate) fn lines(file: &str) -> Vec<(String, String)> {
    let groups: BTreeMap<String, Vec<String>> = toml::from_str(file).expect("groups of lines");
    let lines = groups
        .into_iter()
        .flat_map(|(group, lines)| lines.into_iter().map(move |line| (group.clone(), line)));
    lines.collect()
}

/// A line without its marks, and where the values stand that they enclose.
pub(crate) fn unmarked(line: &str) -> (String, Vec<Range<usize>>) {
    let (mut text, mut spans) = (String::new(), Vec::new());
    for part in line.split('«') {
        match part.split_once('»') {
            Some((value, rest)) => {
                spans.push(text.len()..text.len() + value.len());
                text += value;
                text += rest;
            }
            None => text += part,
        }
    }
    (text, spans)
}

/// Whether each byte of `span` belongs to one of the findings.
pub(crate) fn is_covered(span: &Range<usize>, found: &[Finding]) -> bool {
    let has = |at: usize| found.iter().any(|finding| finding.span().contains(&at));
    span.clone().all(has)
}
