//! Identifiers of many countries in sentences, behind labels and without, and numbers that only look like them.

mod marked;

use cloister_core::scan::{Finding, Scanner, ScannerBuilder};
use marked::{is_covered, unmarked};

fn scanner() -> Scanner {
    Scanner::builder()
        .profile("all")
        .and_then(ScannerBuilder::build)
        .expect("the built-in rules")
}

fn of_kind(found: Vec<Finding>, kind: &str) -> Vec<Finding> {
    found
        .into_iter()
        .filter(|finding| finding.kind() == kind)
        .collect()
}

#[test]
fn identifiers_are_found_by_their_kind_behind_labels_and_without() {
    let scanner = scanner();
    let mut lines = marked::lines(include_str!("identifier_lines/found.toml"));
    lines.extend(marked::lines(include_str!("identifier_lines/bare.toml")));
    lines.extend(marked::lines(include_str!("identifier_lines/labels.toml")));
    lines.extend(marked::lines(include_str!("identifier_lines/further.toml")));
    assert!(lines.len() >= 640);
    let mut missed = Vec::new();
    for (kind, line) in &lines {
        let (text, spans) = unmarked(line);
        assert!(!spans.is_empty(), "{line}");
        let found = of_kind(scanner.scan(&text), kind);
        if !spans.iter().all(|span| is_covered(span, &found)) {
            missed.push(format!("{kind}: {line}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn parts_of_longer_numbers_and_wrong_check_digits_are_not_of_the_kind() {
    let scanner = scanner();
    let mut lines = marked::lines(include_str!("identifier_lines/near_misses.toml"));
    lines.extend(marked::lines(include_str!("identifier_lines/invalid.toml")));
    lines.extend(marked::lines(include_str!(
        "identifier_lines/further_without.toml"
    )));
    assert!(lines.len() >= 520);
    let taken: Vec<String> = lines
        .iter()
        .filter(|(kind, line)| !of_kind(scanner.scan(line), kind).is_empty())
        .map(|(kind, line)| format!("{kind}: {line}"))
        .collect();
    assert!(taken.is_empty(), "{taken:#?}");
}
