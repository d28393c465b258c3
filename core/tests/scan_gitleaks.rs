//! Rules in the form of gitleaks: what is taken finds what it should, what is refused says why.

use cloister_core::Kind;
use cloister_core::scan::{Refusal, Scanner};

const CONFIG: &str = r#"
title = "house rules"

[allowlist]
description = "fixtures"
paths = ['''testdata/''']
regexes = ['''(?i)fixture''']
regexTarget = "line"

[[rules]]
id = "house-token"
description = "token of the house"
regex = '''\b(hs_[\w-]{20})(?:['"\s;]|$)'''
keywords = ["hs_"]
entropy = 3.0
[[rules.allowlists]]
stopwords = ["sandbox"]

[[rules]]
id = "House Legacy"
description = "key of the old system"
regex = '''(?i)(?:legacy)(?:[0-9a-z\-_\t .]{0,20})(?:[\s|']|[\s|"]){0,3}(?:=|>|:=|:)(?:'|\"|\s|=|\x60){0,5}([a-f0-9]{32})(?:['|\"|\n|\r|\s|\x60|;]|$)'''
secretGroup = 1
keywords = ["legacy"]

[[rules]]
id = "without-keywords"
description = "anything long"
regex = '''[a-z0-9]{64}'''

[[rules]]
id = "by-path"
description = "key stores"
path = '''\.p12$'''

[[rules]]
id = "not-linear-size"
description = "too large"
regex = '''x(?:[\p{L}]{900}){9}'''
keywords = ["x"]
"#;

fn scanner() -> (Scanner, Vec<Refusal>) {
    let (builder, refusals) = Scanner::builder()
        .gitleaks_toml(CONFIG)
        .expect("the configuration is read");
    (builder.build().expect("a scanner"), refusals)
}

fn found(text: &str) -> Vec<String> {
    let (scanner, _) = scanner();
    let values = scanner.scan(text).into_iter();
    values
        .map(|finding| format!("{} {}", finding.rule().id(), &text[finding.span()]))
        .collect()
}

#[test]
fn a_rule_finds_its_group_around_the_keyword() {
    assert_eq!(
        found("token = \"hs_k3J9dLq0Zx7Pw2Vb5Nm1\"; other"),
        ["house-token hs_k3J9dLq0Zx7Pw2Vb5Nm1"]
    );
    assert_eq!(
        found("my_legacy_key: '0c9f8a7b6d5e4f3a2b1c0d9e8f7a6b5c'\n"),
        ["house-legacy 0c9f8a7b6d5e4f3a2b1c0d9e8f7a6b5c"]
    );
}

#[test]
fn every_occurrence_is_found_however_dense_the_keywords_are() {
    let line = "hs_ hs_ hs_k3J9dLq0Zx7Pw2Vb5Nm1 hs_\n";
    assert_eq!(found(&line.repeat(500)).len(), 500);
    let far = format!("hs_{}hs_k3J9dLq0Zx7Pw2Vb5Nm1 ", " ".repeat(9000));
    assert_eq!(found(&far).len(), 1);
}

#[test]
fn allowlists_and_entropy_let_values_through() {
    for text in [
        "hs_aaaaaaaaaaaaaaaaaaaa ",
        "hs_k3J9dLq0SANDBOXb5Nm1 ",
        "# a fixture: hs_k3J9dLq0Zx7Pw2Vb5Nm1 ",
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_cannot_be_applied_to_a_text_in_linear_time_is_refused_with_the_reason() {
    let (_, refusals) = scanner();
    let told: Vec<(&str, &str)> = refusals
        .iter()
        .map(|refusal| (refusal.rule.as_str(), refusal.reason.as_str()))
        .collect();
    let expected = [
        ("without-keywords", "it has no keywords"),
        ("by-path", "it is for files of certain paths"),
        ("not-linear-size", "the pattern compiles to more than"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((rule, reason), (expected_rule, expected_reason)) in told.iter().zip(expected) {
        assert_eq!(*rule, expected_rule);
        assert!(reason.starts_with(expected_reason), "{reason}");
    }
}

#[test]
fn a_rule_whose_id_is_taken_gets_another() {
    let config = "[[rules]]\nid = \"npm-token\"\ndescription = \"d\"\nregex = '''npmx_[a-z]{8}'''\nkeywords = [\"npmx_\"]\n";
    let (builder, refusals) = Scanner::builder()
        .secrets()
        .gitleaks_toml(config)
        .and_then(|(builder, _)| builder.gitleaks_toml(config))
        .expect("the configuration is read");
    let scanner = builder.build().expect("a scanner");
    let ids: Vec<&str> = scanner.rules().iter().map(|rule| rule.id()).collect();
    assert!(ids.iter().any(|id| id.ends_with("npm-token")));
    assert!(refusals.len() <= 1);
}

#[test]
fn what_is_no_configuration_is_an_error_that_does_not_repeat_it() {
    let error = Scanner::builder()
        .gitleaks_toml("rules = [[[ hunter2")
        .err()
        .expect("it is refused");
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
