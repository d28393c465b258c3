//! What each profile finds, and that it finds no more.

use cloister_core::Kind;
use cloister_core::scan::{Finding, Scanner, ScannerBuilder};

fn scanner(profile: &str) -> Scanner {
    Scanner::builder()
        .profile(profile)
        .and_then(ScannerBuilder::build)
        .expect("a profile of that name")
}

fn ids(profile: &str) -> Vec<String> {
    let scanner = scanner(profile);
    scanner
        .rules()
        .iter()
        .map(|rule| rule.id().to_owned())
        .collect()
}

fn kinds(profile: &str, text: &str) -> Vec<String> {
    let found = scanner(profile).scan(text);
    found.iter().map(|f| f.kind().to_owned()).collect()
}

#[test]
fn the_default_profile_has_the_rules_of_the_ready_made_scanner() {
    let ready = Scanner::identifiers();
    let ready: Vec<&str> = ready.rules().iter().map(|rule| rule.id()).collect();
    assert_eq!(ids("default"), ready);
}

#[test]
fn every_profile_is_a_part_of_all() {
    let all = ids("all");
    for profile in ["default", "us", "hipaa", "gdpr", "pci"] {
        let part = ids(profile);
        assert!(!part.is_empty() && part.len() < all.len(), "{profile}");
        assert!(part.iter().all(|id| all.contains(id)), "{profile}");
    }
}

#[test]
fn dates_ages_and_urls_are_left_alone_unless_a_profile_asks_for_them() {
    let text = "The 92-year-old was seen on March 3, 2024; see https://example.org/a.";
    assert_eq!(kinds("default", text), [""; 0]);
    assert_eq!(kinds("hipaa", text), ["age", "date", "url"]);
    assert_eq!(kinds("gdpr", text), ["date", "url"]);
}

#[test]
fn numbers_of_other_countries_are_not_those_of_the_united_states() {
    let text = "RSSMRA85T10A562S and GB82 WEST 1234 5698 7654 32";
    assert_eq!(kinds("default", text), ["codice_fiscale", "iban"]);
    assert_eq!(kinds("us", text), ["iban"]);
    assert_eq!(
        kinds("pci", "4111 1111 1111 1111, a@example.com"),
        ["credit_card"]
    );
}

#[test]
fn the_eighteen_identifiers_of_safe_harbor_are_found() {
    let note = "Patient: John Doe, a 93-year-old, lives at 12 Main Street, Springfield, IL 62704.\n\
        Admitted 01/02/2024. Phone 555-123-4567, fax: 555-123-4568, john@example.com.\n\
        SSN 123-45-6789, MRN 987654, MBI 1EG4-TE5-MK73, account 0012345678, license no. D1234567.\n\
        VIN 1HGCM82633A004352, pacemaker serial PM12345678, https://example.org/john, host 192.0.2.7,\n\
        fingerprint ID FP-88201, photo id IMG20240118, specimen S24-10293.\n";
    let found = kinds("hipaa", note);
    for kind in [
        "name",
        "age",
        "address",
        "date",
        "phone",
        "email",
        "ssn",
        "mrn",
        "insurance_id",
        "account_number",
        "license_number",
        "vin",
        "device_id",
        "url",
        "ipv4",
        "biometric_id",
    ] {
        assert!(found.iter().any(|known| known == kind), "{kind}: {found:?}");
    }
    let scanner = scanner("hipaa");
    let spans: Vec<_> = scanner.scan(note).iter().map(Finding::span).collect();
    for value in [
        "John Doe",
        "93",
        "62704",
        "555-123-4568",
        "S24-10293",
        "IMG20240118",
    ] {
        let at = note.find(value).expect("it is in the note");
        assert!(spans.iter().any(|span| span.contains(&at)), "{value}");
    }
}

#[test]
fn a_profile_that_there_is_not_is_refused() {
    let error = Scanner::builder().profile("mars").map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(!error.to_string().contains("mars"));
}
