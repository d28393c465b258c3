//! Why something was reported, and which of several findings stays.

use cloister_core::scan::{Finding, Origin, Scanner, ScannerBuilder, Tagged, Tagger, Verdict};
use std::sync::Arc;

fn only(found: &[Finding]) -> &Finding {
    let [finding] = found else {
        panic!("one finding was expected, not {}", found.len());
    };
    finding
}

#[test]
fn the_label_is_told_in_the_words_of_the_rule() {
    for text in ["MRN: 987654", "mrn number is 987654", "\"mrn\": \"987654\""] {
        let found = Scanner::identifiers().scan(text);
        let evidence = only(&found).evidence();
        assert_eq!(evidence.label, Some("mrn"), "{text}");
        assert_eq!(evidence.origin, Origin::Matcher);
        assert_eq!(evidence.check, None);
        assert!(evidence.layers.is_empty());
    }
    let found = Scanner::identifiers().scan("medical_record_number=987654");
    assert_eq!(only(&found).evidence().label, Some("medical record number"));
}

#[test]
fn a_check_is_told_with_its_verdict() {
    let found = Scanner::identifiers().scan("card 4111-1111-1111-1111");
    let finding = only(&found);
    assert!(finding.validated());
    let evidence = finding.evidence();
    assert_eq!(evidence.origin, Origin::Matcher);
    assert_eq!(evidence.check, Some(("card", Verdict::Valid)));
    assert_eq!(evidence.to_string(), "matcher, check `card` valid");
    let found = Scanner::identifiers().scan("123-45-6789");
    let finding = only(&found);
    assert!(!finding.validated());
    assert_eq!(finding.evidence().to_string(), "matcher");
}

#[test]
fn a_word_near_the_value_is_told_in_the_words_of_the_rule() {
    let rule = "[[rule]]\nid = \"bed\"\nkind = \"bed\"\ntoken = \"BED\"\nwhat = \"bed number\"\nanchors = [\"#\"]\n\
        pattern = \"[0-9]{3}\"\nconfidence = 0.9\nnear = [\"ward\", \"bed\"]\n";
    let scanner = Scanner::builder()
        .rules_toml(rule)
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    let found = scanner.scan("in BED 312");
    let evidence = only(&found).evidence();
    assert_eq!((evidence.near, evidence.what), (Some("bed"), "bed number"));
    assert_eq!(evidence.to_string(), "pattern, near `bed`");
}

#[test]
fn repetitions_and_the_tagger_are_told_apart_from_rules() {
    struct Fixed;
    impl Tagger for Fixed {
        fn tag(&self, _: &str) -> Vec<Tagged> {
            vec![Tagged {
                span: 0..7,
                confidence: 0.9,
            }]
        }
    }
    let scanner = Scanner::builder()
        .identifiers()
        .tagger(Arc::new(Fixed))
        .build()
        .expect("a scanner");
    let origins: Vec<Origin> = scanner
        .scan("Ishmael met Dr. Quentin. Then Quentin left.")
        .iter()
        .map(|finding| finding.evidence().origin)
        .collect();
    assert_eq!(origins, [Origin::Tagger, Origin::Matcher, Origin::Repeat]);
}

#[test]
fn neither_a_finding_nor_its_evidence_shows_the_value() {
    let text = "Patient John Doe (SSN: 123-45-6789), card 4111 1111 1111 1111, password = \"hunter2hunter\"";
    let found = Scanner::all().scan(text);
    assert!(found.len() >= 4);
    for finding in &found {
        let evidence = finding.evidence();
        let shown = format!("{finding:?} {evidence:?} {evidence}");
        assert!(!shown.contains(&text[finding.span()]), "{shown}");
    }
}

/// A rule that finds `X-` and what follows, with the fields that decide which of two findings stays.
fn rival(id: &str, pattern: &str, fields: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nkind = \"{id}\"\ntoken = \"T\"\nwhat = \"a rival\"\nanchors = [\"X-\"]\n\
         pattern = '{pattern}'\n{fields}\n"
    )
}

#[test]
fn of_two_findings_the_better_one_stays_by_one_order() {
    const SHORT: &str = "X-[0-9]{4}";
    const LONG: &str = "X-[0-9]{4} [0-9]{6}";
    let identifier = |rule: String| rule;
    let secret = |rule: String| format!("category = \"secret\"\n{rule}");
    // Each winner is worse than its rival in all that comes after what decides.
    for (reason, winner, loser) in [
        (
            "secrets before identifiers",
            secret(rival("winner", SHORT, "confidence = 0.1\ngeneric = true")),
            identifier(rival("loser", LONG, "confidence = 0.6\ncheck = \"npi\"")),
        ),
        (
            "validated before unvalidated",
            identifier(rival(
                "winner",
                LONG,
                "confidence = 0.1\ngeneric = true\ncheck = \"npi\"",
            )),
            identifier(rival("loser", "X-[0-9]{4} [0-9]{6}!", "confidence = 0.6")),
        ),
        (
            "specific before generic",
            identifier(rival("winner", SHORT, "confidence = 0.1")),
            identifier(rival("loser", LONG, "confidence = 0.6\ngeneric = true")),
        ),
        (
            "confident before doubtful",
            identifier(rival("winner", SHORT, "confidence = 0.6")),
            identifier(rival("loser", LONG, "confidence = 0.1")),
        ),
        (
            "longer before shorter",
            identifier(rival("winner", "X-[0-9]{4} [0-9]{6}!", "confidence = 0.6")),
            identifier(rival("loser", LONG, "confidence = 0.6")),
        ),
    ] {
        for order in [[&winner, &loser], [&loser, &winner]] {
            let scanner = order
                .into_iter()
                .try_fold(Scanner::builder(), |builder, rules| {
                    builder.rules_toml(rules)
                })
                .and_then(ScannerBuilder::build)
                .expect("a scanner");
            let found = scanner.scan("X-1234 567893!");
            assert_eq!(found[0].kind(), "winner", "{reason}");
        }
    }
}
