//! The texts that the product documentation promises to handle.

use cloister_core::pii::Scrubber;
use cloister_core::scan::{Scanner, Severity};
use cloister_core::secrets::Detector;

fn kinds(text: &str) -> Vec<(String, &str)> {
    let found = Scanner::all().scan(text);
    found
        .iter()
        .map(|f| (f.kind().to_owned(), &text[f.span()]))
        .collect()
}

fn assert_found(text: &str, expected: &[(&str, &str)]) {
    let found = kinds(text);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(kind, value)| (kind.as_str(), *value))
        .collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn a_clinical_note_gives_name_number_record_and_telephone() {
    assert_found(
        "Patient John Doe (SSN: 123-45-6789, MRN: 987654)\ncalled from 555-123-4567",
        &[
            ("name", "John Doe"),
            ("ssn", "123-45-6789"),
            ("mrn", "987654"),
            ("phone", "555-123-4567"),
        ],
    );
    let scrubbed = Scrubber::new().scrub("Patient SSN 123-45-6789 called from 555-123-4567");
    assert_eq!(scrubbed.text, "Patient SSN [SSN] called from [PHONE]");
}

#[test]
fn each_documented_identifier_is_found() {
    for (text, kind, value) in [
        (
            "card 4111-1111-1111-1111",
            "credit_card",
            "4111-1111-1111-1111",
        ),
        ("user@example.com", "email", "user@example.com"),
        ("host 192.168.1.1", "ipv4", "192.168.1.1"),
        ("MRN: 123456", "mrn", "123456"),
        ("PT123456", "patient_id", "PT123456"),
        ("seen 01/15/1980", "dob", "01/15/1980"),
        ("INS12345678", "insurance_id", "INS12345678"),
        ("1234567893", "npi", "1234567893"),
        ("NPI 1234567890", "npi", "1234567890"),
    ] {
        assert_found(text, &[(kind, value)]);
    }
}

#[test]
fn nine_digits_without_a_label_are_no_social_security_number() {
    assert_found("order 123456789 shipped", &[]);
}

#[test]
fn a_vendor_key_wins_over_the_name_it_is_assigned_to() {
    let secrets = Detector::new().detect("openai.api_key = \"sk-XXXXXXXXXXXXXXXXXXXXXXXXXXXX\"");
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets[0].kind(), "openai_api_key");
    assert_eq!(secrets[0].severity, Severity::High);
    assert!(secrets[0].remediation().contains("environment variable"));
    let secrets = Detector::new().detect("api_key = \"sk_live_XXXXXXXXXXXXXXXXXXXXXXXXXXXX\"");
    assert_eq!(
        secrets
            .iter()
            .map(cloister_core::secrets::Secret::kind)
            .collect::<Vec<_>>(),
        ["stripe_key"]
    );
    let secrets = Detector::new().detect("api_key = \"sk_live_abc123xyz789\"");
    assert_eq!(
        secrets
            .iter()
            .map(cloister_core::secrets::Secret::kind)
            .collect::<Vec<_>>(),
        ["generic_api_key"]
    );
}

#[test]
fn an_identifier_never_cuts_a_secret_in_two() {
    for (kind, secret) in [
        ("stripe_key", "sk_live_51HxJ1234567890abcdefghijklm"),
        ("aws_access_key", "AKIA1234567890ABCDEF"),
        ("github_token", "ghp_012345678901234567890123456789012345"),
        (
            "database_url",
            "postgres://admin:hunter2secret@db.example.com",
        ),
    ] {
        assert_found(secret, &[(kind, secret)]);
        assert_found(&format!("Here is {secret}. Can you?"), &[(kind, secret)]);
        assert_found(
            &format!("「{secret}」，({secret})"),
            &[(kind, secret), (kind, secret)],
        );
    }
}

#[test]
fn a_name_found_once_is_found_again_however_many_there_are() {
    for count in [1, 3, 20] {
        let families: Vec<String> = (0..count)
            .map(|n| {
                format!(
                    "Quen{}",
                    ["tin", "nar", "dle", "vik"][n % 4].repeat(n / 4 + 1)
                )
            })
            .collect();
        let introduced: String = families
            .iter()
            .map(|name| ["Dr. Ada ", name, " came. "].concat())
            .collect();
        let met_again: String = families
            .iter()
            .map(|name| ["So did ", name, ", "].concat())
            .collect();
        let text = format!("{introduced}{met_again}and {}.", families[0].to_uppercase());
        let scrubbed = Scrubber::new().scrub(&text);
        assert_eq!(scrubbed.findings.len(), 2 * count + 1, "{}", scrubbed.text);
        assert!(
            !scrubbed.text.to_lowercase().contains("quen"),
            "{}",
            scrubbed.text
        );
    }
}
