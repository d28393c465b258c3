//! Every example and counter-example of every built-in rule.

use std::collections::HashSet;
use std::ops::Range;

use cloister_core::scan::{Category, Rule, Scanner, ScannerBuilder};

/// An example without its marks, and the spans that stood between them.
fn unmarked(example: &str) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut spans = Vec::new();
    for (place, piece) in example.split(['«', '»']).enumerate() {
        if place % 2 == 1 {
            spans.push(text.len()..text.len() + piece.len());
        }
        text.push_str(piece);
    }
    (text, spans)
}

fn every_rule() -> ScannerBuilder {
    Scanner::builder()
        .profile("all")
        .expect("there is a profile of all rules")
        .secrets()
}

fn all() -> Scanner {
    every_rule().build().expect("all rules go together")
}

/// The rule with the others of its kind, which it has to stand beside.
fn scanner_of(rules: &ScannerBuilder, rule: &Rule) -> Scanner {
    rules
        .clone()
        .only(&[rule.kind()])
        .and_then(ScannerBuilder::build)
        .expect("a rule can be used alone")
}

fn spans_by(scanner: &Scanner, id: &str, text: &str) -> Vec<Range<usize>> {
    let found = scanner.scan(text);
    found
        .iter()
        .filter(|finding| finding.rule().id() == id)
        .map(cloister_core::scan::Finding::span)
        .collect()
}

#[test]
fn every_rule_finds_the_value_of_each_of_its_examples_and_nothing_else() {
    let mut failures = Vec::new();
    let rules = every_rule();
    for rule in all().rules() {
        let scanner = scanner_of(&rules, rule);
        for example in rule.examples() {
            let (text, expected) = unmarked(example);
            let found = spans_by(&scanner, rule.id(), &text);
            let found_all: Vec<_> = scanner
                .scan(&text)
                .iter()
                .map(cloister_core::scan::Finding::span)
                .collect();
            if expected.iter().any(|span| !found.contains(span)) {
                failures.push(format!(
                    "{}: {example:?} gave {:?} of {:?}",
                    rule.id(),
                    found.iter().map(|s| &text[s.clone()]).collect::<Vec<_>>(),
                    found_all
                        .iter()
                        .map(|s| &text[s.clone()])
                        .collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_rule_finds_anything_in_its_counter_examples() {
    let mut failures = Vec::new();
    let rules = every_rule();
    for rule in all().rules() {
        let scanner = scanner_of(&rules, rule);
        for text in rule.counter_examples() {
            for span in spans_by(&scanner, rule.id(), text) {
                failures.push(format!("{}: {:?} in {text:?}", rule.id(), &text[span]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn all_rules_together_leave_no_value_of_any_example_in_the_text() {
    let scanner = all();
    for rule in scanner.rules() {
        for example in rule.examples() {
            let (text, expected) = unmarked(example);
            let found = scanner.scan(&text);
            for span in expected {
                let covered = span.clone().all(|at| {
                    found.iter().any(|f| f.span().contains(&at))
                        || !text.as_bytes()[at].is_ascii_alphanumeric()
                });
                assert!(covered, "{}: {example:?} gave {found:?}", rule.id());
            }
        }
    }
}

#[test]
fn every_rule_is_named_once_explained_and_exemplified() {
    let scanner = all();
    let mut ids = HashSet::new();
    for rule in scanner.rules() {
        assert!(ids.insert(rule.id()), "{} is there twice", rule.id());
        let alone = scanner
            .rules()
            .iter()
            .filter(|other| other.kind() == rule.id())
            .all(|other| other.id() == rule.id());
        assert!(
            alone,
            "`{}` names a rule and a kind with other rules",
            rule.id()
        );
        assert!(!rule.what().is_empty(), "{}", rule.id());
        assert_eq!(
            rule.category() == Category::Secret,
            !rule.remediation().is_empty(),
            "{}",
            rule.id()
        );
        if rule.id() != "name-tagged" {
            assert!(
                rule.examples().len() >= 2 && rule.counter_examples().len() >= 2,
                "{} needs examples",
                rule.id()
            );
        }
    }
}
