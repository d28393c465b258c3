//! Rules of the caller's own, and what is refused.

use cloister_core::Kind;
use cloister_core::scan::{Entry, Scanner, Tagged, Tagger};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BADGE: &str = "[[rule]]\nid = \"badge\"\nkind = \"badge\"\ntoken = \"BADGE\"\nwhat = \"staff badge\"\nanchors = [\"BDG-\"]\npattern = \"BDG-[0-9]{4}\"\nconfidence = 0.9\n";

fn refusal(toml: &str) -> String {
    let error = Scanner::builder()
        .rules_toml(toml)
        .err()
        .expect("the rules are refused");
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(!error.message().contains('\n'), "{error}");
    error.to_string()
}

#[test]
fn a_rule_of_ones_own_finds_its_values() {
    let scanner = Scanner::builder()
        .identifiers()
        .rules_toml(BADGE)
        .and_then(cloister_core::scan::ScannerBuilder::build)
        .expect("a scanner");
    let text = "cards bdg-1234, BDG-5678 and XBDG-1111";
    let found = scanner.scan(text);
    assert_eq!(
        found
            .iter()
            .map(|f| (f.kind(), &text[f.span()]))
            .collect::<Vec<_>>(),
        [("badge", "BDG-5678")]
    );
}

#[test]
fn each_refusal_names_the_rule_and_the_reason() {
    for (change, reason) in [
        (
            ("[0-9]{4}", "[0-9{4}"),
            "rule `badge`: the pattern is not valid: unclosed character class",
        ),
        (
            ("[0-9]{4}", "(?:\\\\p{L}{900}){9}"),
            "rule `badge`: the pattern compiles to more than 256 KiB",
        ),
        (("what =", "wat ="), "rule `badge`: unknown field `wat`"),
        (
            ("what = \"staff badge\"\n", ""),
            "rule `badge`: missing field `what`",
        ),
        (
            ("confidence = 0.9", "confidence = 2.0"),
            "rule `badge`: a confidence is above 0 and at most 1",
        ),
        (
            ("confidence = 0.9", "confidence = \"Doe\""),
            "rule `badge`: a field has a value of the wrong type",
        ),
        (
            ("confidence = 0.9", "confidence = 0.9\ncheck = \"magic\""),
            "rule `badge`: a field has a value of the wrong type",
        ),
        (
            ("anchors = [\"BDG-\"]\n", ""),
            "rule `badge`: a rule needs `anchors` or `labels`",
        ),
        (
            ("token = \"BADGE\"", "token = \"[x]\""),
            "rule `badge`: `token` is",
        ),
        (
            ("id = \"badge\"", "id = \"My Rule\""),
            "rule number 1: `id` and `kind` are",
        ),
        (
            ("confidence = 0.9", "confidence = 0.9\nwindow = 100000"),
            "rule `badge`: `window` is 16 to 4096 bytes",
        ),
        (
            ("confidence = 0.9", "confidence = 0.9\nexcept = [\"no\"]"),
            "rule `badge`: `except` names a list",
        ),
        (
            ("confidence = 0.9", "confidence ="),
            "the rules are not a TOML pack: line 8",
        ),
    ] {
        let toml = BADGE.replace(change.0, change.1);
        assert_ne!(toml, BADGE);
        let refusal = refusal(&toml);
        assert!(refusal.starts_with(reason), "{refusal}");
        assert!(
            !refusal.contains("Doe") && !refusal.contains("My Rule"),
            "{refusal}"
        );
    }
    assert!(refusal(&BADGE.repeat(2)).contains("there is a rule of that id already"));
    assert!(refusal(&"#".repeat(2 << 20)).contains("longer than"));
}

/// Patterns on which engines that go back take time exponential or quadratic in the text.
const EVIL: [&str; 8] = [
    "(a|a)*b",
    "(a*)*b",
    "(a+)+$",
    "(a|aa)+b",
    "(?:a?){64}a{64}b",
    ".*.*.*=.*b",
    "(?:.*[^A-Z]|[A-Z])",
    "a.*b.*c.*d.*e",
];

#[test]
fn no_pattern_of_a_rule_looks_at_a_text_more_often_the_longer_it_is() {
    for pattern in EVIL {
        let rule = BADGE
            .replace("BDG-[0-9]{4}", pattern)
            .replace("[\"BDG-\"]", "[\"a\", \"#\"]");
        let scanner = Scanner::builder()
            .rules_toml(&rule)
            .and_then(cloister_core::scan::ScannerBuilder::build)
            .expect("such a pattern is allowed");
        for unit in ["a", "a ", "1a", "A"] {
            let effort = |bytes: usize| scanner.scan_measured(&unit.repeat(bytes / unit.len())).1;
            let (small, large) = (effort(16 << 10), effort(64 << 10));
            assert!(
                large.bytes <= 5 * small.bytes,
                "{pattern} on {unit}: {} and {}",
                small.bytes,
                large.bytes
            );
        }
    }
}

#[test]
fn no_pattern_of_a_list_takes_longer_for_a_byte_of_a_longer_text() {
    for pattern in EVIL {
        let scanner = Scanner::builder()
            .deny("word", Entry::Pattern(pattern))
            .and_then(|builder| builder.allow_entry(Entry::Pattern(pattern)))
            .and_then(cloister_core::scan::ScannerBuilder::build)
            .expect("such a pattern is allowed");
        for unit in ["a", "A"] {
            let time = |bytes: usize| {
                let text = unit.repeat(bytes);
                let begun = Instant::now();
                let _ = scanner.scan(&text);
                begun.elapsed()
            };
            let (small, large) = (time(64 << 10), time(1 << 20));
            // Sixteen times as long; quadratic time would be 256 times as much.
            assert!(
                large < small * 80 + Duration::from_millis(200),
                "{pattern} on {unit}: {small:?} and {large:?}"
            );
        }
    }
}

#[test]
fn rules_can_be_left_out_by_id_or_by_kind() {
    let scanner = |name: &str| {
        Scanner::builder()
            .identifiers()
            .without(name)
            .and_then(cloister_core::scan::ScannerBuilder::build)
            .expect("a scanner")
    };
    let text = "card 4111111111111111, 555-123-4567, 5551234567";
    assert_eq!(scanner("phone").scan(text).len(), 1);
    assert_eq!(scanner("phone-compact").scan(text).len(), 2);
    assert_eq!(
        Scanner::builder()
            .identifiers()
            .without("nothing")
            .err()
            .map(|e| e.kind()),
        Some(Kind::InvalidArgument)
    );
    assert!(Scanner::builder().build().is_err());
}

#[test]
fn allowed_values_and_doubtful_findings_are_let_through() {
    let scanner = Scanner::builder()
        .identifiers()
        .allow("help@example.org")
        .build()
        .expect("a scanner");
    let text = "help@example.org or 5551234567";
    assert_eq!(
        scanner
            .scan(text)
            .iter()
            .map(cloister_core::scan::Finding::kind)
            .collect::<Vec<_>>(),
        ["phone"]
    );
    let scanner = Scanner::builder()
        .identifiers()
        .min_confidence(0.6)
        .and_then(cloister_core::scan::ScannerBuilder::build)
        .expect("a scanner");
    assert_eq!(
        scanner
            .scan(text)
            .iter()
            .map(cloister_core::scan::Finding::kind)
            .collect::<Vec<_>>(),
        ["email"]
    );
    assert!(Scanner::builder().min_confidence(f32::NAN).is_err());
}

#[test]
fn a_tagger_adds_names_that_the_rules_do_not_know() {
    struct Fixed;
    impl Tagger for Fixed {
        fn tag(&self, text: &str) -> Vec<Tagged> {
            let at = text.find("Ishmael").unwrap_or(0);
            vec![
                Tagged {
                    span: at..at + 7,
                    confidence: 0.9,
                },
                Tagged {
                    span: 5..usize::MAX,
                    confidence: 0.9,
                },
            ]
        }
    }
    let scanner = Scanner::builder()
        .identifiers()
        .tagger(Arc::new(Fixed))
        .build()
        .expect("a scanner");
    let text = "Call me Ishmael at sea.";
    let found = scanner.scan(text);
    assert_eq!(
        found
            .iter()
            .map(|f| (f.rule().id(), &text[f.span()]))
            .collect::<Vec<_>>(),
        [("name-tagged", "Ishmael")]
    );
}

#[test]
fn what_a_confident_loser_covers_beyond_the_winner_is_reported_too() {
    let scan = |confidence: &str| {
        let loser = format!(
            "[[rule]]\nid = \"lot\"\nkind = \"lot\"\ntoken = \"LOT\"\nwhat = \"lot\"\nanchors = [\"#\"]\n\
             pattern = \"[0-9]{{4}} LOT [0-9]{{3}}\"\nconfidence = {confidence}\n"
        );
        let builder = Scanner::builder()
            .rules_toml(BADGE)
            .and_then(|b| b.rules_toml(&loser));
        builder
            .and_then(cloister_core::scan::ScannerBuilder::build)
            .expect("a scanner")
    };
    let text = "BDG-1234 LOT 567";
    let values = |confidence| {
        let found = scan(confidence).scan(text);
        found
            .iter()
            .map(|f| (f.kind().to_owned(), &text[f.span()]))
            .collect::<Vec<_>>()
    };
    let badge = ("badge".to_owned(), "BDG-1234");
    assert_eq!(
        values("0.8"),
        [badge.clone(), ("lot".to_owned(), "LOT 567")]
    );
    assert_eq!(values("0.5"), [badge]);
}
