//! Credentials in the writing of each tool, file and language, and lines that only look alike.

mod marked;

use cloister_core::scan::{Category, Scanner};
use marked::{is_covered, lines, unmarked};

fn credentials() -> Vec<(String, String)> {
    let mut all = lines(include_str!("secret_lines/credentials.toml"));
    all.extend(lines(include_str!(
        "secret_lines/settings_and_commands.toml"
    )));
    all.extend(lines(include_str!("secret_lines/more_writings.toml")));
    all.extend(lines(include_str!("secret_lines/everyday.toml")));
    all
}

fn ordinary() -> Vec<(String, String)> {
    let mut all = lines(include_str!("secret_lines/ordinary.toml"));
    all.extend(lines(include_str!("secret_lines/settings_without.toml")));
    all.extend(lines(include_str!("secret_lines/more_ordinary.toml")));
    all.extend(lines(include_str!("secret_lines/everyday_without.toml")));
    all
}

#[test]
fn credentials_are_covered_in_every_customary_writing() {
    let scanner = Scanner::secrets();
    let lines = credentials();
    assert!(lines.len() >= 1_500);
    let mut missed = Vec::new();
    for (group, line) in &lines {
        let (text, spans) = unmarked(line);
        assert!(!spans.is_empty(), "{line}");
        let found = scanner.scan(&text);
        if !spans.iter().all(|span| is_covered(span, &found)) {
            missed.push(format!("{group}: {line}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn credentials_are_covered_among_identifiers_too() {
    let scanner = Scanner::all();
    for (group, line) in credentials() {
        let (text, spans) = unmarked(&line);
        let mut found = scanner.scan(&text);
        found.retain(|finding| finding.category() == Category::Secret);
        let covered = spans.iter().all(|span| is_covered(span, &found));
        assert!(covered, "{group}: {line}");
    }
}

#[test]
fn what_only_looks_like_a_credential_is_none() {
    let scanner = Scanner::secrets();
    let lines = ordinary();
    assert!(lines.len() >= 1_550);
    let taken: Vec<String> = lines
        .iter()
        .filter(|(_, line)| !scanner.scan(line).is_empty())
        .map(|(group, line)| format!("{group}: {line}"))
        .collect();
    assert!(taken.is_empty(), "{taken:#?}");
}
