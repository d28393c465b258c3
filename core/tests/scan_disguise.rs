//! Values that do not look to a program as they look to a person.

use cloister_core::scan::{Finding, Scanner};

fn found(text: &str) -> Vec<(String, &str)> {
    let findings = Scanner::all().scan(text);
    findings
        .iter()
        .map(|finding: &Finding| (finding.kind().to_owned(), &text[finding.span()]))
        .collect()
}

#[test]
fn figures_and_letters_of_other_widths_and_scripts_are_read() {
    for (text, kind, value) in [
        ("は１２３-４５-６７８９です", "ssn", "１２３-４５-６７８９"),
        (
            "SSN：１２３－４５－６７８９",
            "ssn",
            "１２３－４５－６７８９",
        ),
        ("رقم ١٢٣-٤٥-٦٧٨٩", "ssn", "١٢٣-٤٥-٦٧٨٩"),
        ("ｊａｎｅ＠example．com", "email", "ｊａｎｅ＠example．com"),
        (
            "card 𝟒𝟏𝟏𝟏 1111 1111 1111",
            "credit_card",
            "𝟒𝟏𝟏𝟏 1111 1111 1111",
        ),
        (
            "call 555\u{2011}123\u{2011}4567",
            "phone",
            "555\u{2011}123\u{2011}4567",
        ),
        ("MRN:\u{A0}987654", "mrn", "987654"),
    ] {
        assert_eq!(found(text), [(kind.to_owned(), value)], "{text}");
    }
}

#[test]
fn invisible_characters_do_not_take_a_value_apart() {
    for gap in ["\u{200B}", "\u{200D}", "\u{AD}", "\u{2060}", "\u{FEFF}"] {
        let value = ["123-4", "5-67", "89"].join(gap);
        let text = format!("SSN{gap}: {value}{gap}, é");
        assert_eq!(
            found(&text),
            [("ssn".to_owned(), value.as_str())],
            "{gap:?}"
        );
        let key = ["AKIA1234", "567890ABCDEF"].join(gap);
        let text = format!("key {key} here");
        assert_eq!(found(&text), [("aws_access_key".to_owned(), key.as_str())]);
    }
}

#[test]
fn findings_of_disguised_text_ascend_and_lie_on_characters() {
    let text = "Patient：Zoë\u{200B} Kravitz１, １２３-４５-６７８９ é \u{AD}\u{AD}a@b\u{200B}.org\u{FEFF}".repeat(50);
    let findings = Scanner::all().scan(&text);
    assert!(findings.len() >= 100);
    let mut end = 0;
    for finding in findings {
        assert!(finding.span().start >= end && text.get(finding.span()).is_some());
        assert!(text.get(finding.context()).is_some());
        end = finding.span().end;
    }
}
