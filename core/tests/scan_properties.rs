//! What holds for every text.

use std::sync::LazyLock;

use cloister_core::pii::{Scrubber, Style};
use cloister_core::scan::{Finding, Scanner, positions};
use cloister_core::secrets::Detector;
use proptest::prelude::*;

/// Pieces of text that rules look for, so that random texts have findings that touch and overlap.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        "[0-9 ().+/-]{1,24}",
        example(),
        prop::sample::select(vec![
            "Patient John Doe",
            "Dr. Élise O’Brien",
            " Doe ",
            "DOE, JOHN",
            ", MD",
            "SSN: ",
            "123-45-6789",
            "MRN: ",
            "987654",
            "«",
            "漢字",
            "4111 1111 1111 1111",
            "1234567893",
            "555-123-4567",
            "(555) 123-4567",
            "+44 20 7946 0958",
            "a@b.example",
            "@",
            "10.0.0.1",
            "2001:db8::1",
            "::",
            "12 Main Street, Apt 4, Boston, MA 02134",
            "PO Box 12",
            "01/15/1980",
            "DOB ",
            "INS12345678",
            "PT123456",
            "password = \"hunter2\"",
            "api_key: ",
            "token=",
            "sk_live_51HxJ1234567890abcdefghijklm",
            "AKIA1234567890ABCDEF",
            "\"",
            "'",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            "-----BEGIN RSA PRIVATE KEY-----",
            "MIIEpAIBAAKCAQEA7bq5Yd3mVwN0xk9rX1Zc",
            "-----END RSA PRIVATE KEY-----",
            "postgres://admin:hunter2secret@db.example.com",
            "https://u:pw1@h/",
            "Bearer ",
            "\\n",
            "\n",
            "\0",
        ])
        .prop_map(str::to_owned),
    ]
}

/// A part of an example or counter-example of some rule.
fn example() -> impl Strategy<Value = String> {
    let examples: Vec<String> = every_rule()
        .rules()
        .iter()
        .flat_map(|rule| rule.examples().iter().chain(rule.counter_examples()))
        .map(|example| example.replace(['«', '»'], ""))
        .collect();
    (prop::sample::select(examples), any::<(u8, u8)>()).prop_map(|(example, (from, to))| {
        let cut = |place: u8| example.floor_char_boundary(usize::from(place) % (example.len() + 1));
        let (from, to) = (cut(from), cut(to));
        example[from.min(to)..from.max(to)].to_owned()
    })
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

/// The rules of every profile, built once.
fn every_rule() -> Scanner {
    static EVERY: LazyLock<Scanner> = LazyLock::new(|| {
        Scanner::builder()
            .profile("all")
            .and_then(|builder| builder.secrets().build())
            .expect("all rules go together")
    });
    EVERY.clone()
}

fn assert_well_formed(text: &str, found: &[Finding]) {
    let mut end = 0;
    for finding in found {
        let (span, context) = (finding.span(), finding.context());
        assert!(span.start >= end && span.start < span.end, "{found:?}");
        assert!(
            text.get(span.clone()).is_some() && text.get(context.clone()).is_some(),
            "{finding:?}"
        );
        assert!(
            context.start <= span.start && span.end <= context.end,
            "{finding:?} in {context:?}"
        );
        assert!(finding.confidence() > 0.0 && finding.confidence() <= 1.0);
        end = span.end;
    }
}

#[test]
fn examples_and_counter_examples_of_every_rule_may_be_cut_anywhere() {
    let scanner = every_rule();
    for rule in scanner.rules() {
        for example in rule.examples().iter().chain(rule.counter_examples()) {
            let text = example.replace(['«', '»'], "");
            let cuts = (0..=text.len()).filter(|&cut| text.is_char_boundary(cut));
            for (head, tail) in cuts.map(|cut| text.split_at(cut)) {
                assert_well_formed(head, &scanner.scan(head));
                assert_well_formed(tail, &scanner.scan(tail));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn findings_ascend_do_not_overlap_and_lie_between_characters(text in text()) {
        for scanner in [Scanner::all(), Scanner::identifiers(), Scanner::secrets(), every_rule()] {
            assert_well_formed(&text, &scanner.scan(&text));
        }
    }

    #[test]
    fn scrubbed_text_is_the_original_with_only_the_findings_replaced(text in text()) {
        let scrubbed = Scrubber::new().scrub(&text);
        let mut expected = String::new();
        let mut at = 0;
        for finding in &scrubbed.findings {
            expected += &text[at..finding.span().start];
            expected.extend(["[", finding.rule().token(), "]"]);
            at = finding.span().end;
        }
        expected += &text[at..];
        prop_assert_eq!(scrubbed.text, expected);
    }

    #[test]
    fn a_secret_is_in_no_snippet(text in text()) {
        let detector = Detector::new().max_context_chars(80);
        let secrets = detector.detect(&text);
        for secret in &secrets {
            prop_assert!(secret.snippet.chars().count() <= 86);
            for other in &secrets {
                let value = &text[other.finding.span()];
                // A short value may also stand for itself elsewhere on the line.
                let alone = text.matches(value).count() == 1;
                prop_assert!(!alone || value.len() < 8 || !secret.snippet.contains(value));
            }
        }
    }

    #[test]
    fn a_mask_hides_all_but_four_characters_and_keeps_the_length(text in text()) {
        let scrubber = Scrubber::with_scanner(Scanner::identifiers(), Style::Mask);
        let scrubbed = scrubber.scrub(&text);
        prop_assert_eq!(scrubbed.text.chars().count(), text.chars().count());
        for finding in &scrubbed.findings {
            let value = &text[finding.span()];
            prop_assert!(!value.chars().any(char::is_alphanumeric) || !scrubbed.text.contains(value) || text.matches(value).count() > 1);
        }
    }

    #[test]
    fn positions_agree_with_the_standard_library(text in any::<String>()) {
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (place, at) in positions(&text, &offsets).iter().zip(&offsets) {
            let before = &text[..*at];
            prop_assert_eq!(place.byte, *at);
            prop_assert_eq!(place.char, before.chars().count());
            prop_assert_eq!(place.utf16, before.encode_utf16().count());
            prop_assert_eq!(place.line, 1 + before.matches('\n').count());
            prop_assert_eq!(place.column, before.rsplit('\n').next().map_or(0, |line| line.chars().count()));
        }
    }
}
