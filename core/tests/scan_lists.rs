//! What the caller lets through, what the caller denies, and how sure a finding of each kind has to be.

use cloister_core::Kind;
use cloister_core::scan::{Category, Entry, Finding, Origin, Scanner, ScannerBuilder};
use std::time::Instant;

fn values<'t>(scanner: &Scanner, text: &'t str) -> Vec<(String, &'t str)> {
    let found = scanner.scan(text);
    found
        .iter()
        .map(|f| (f.kind().to_owned(), &text[f.span()]))
        .collect()
}

fn pair<'t>(kind: &str, value: &'t str) -> (String, &'t str) {
    (kind.to_owned(), value)
}

#[test]
fn allowed_values_are_compared_as_the_entry_says() {
    let text = "Help@Example.org, desk17@example.org, desk@example.org.uk, 555-123-4567";
    let left = |entry: Entry<'_>| {
        let scanner = Scanner::builder()
            .identifiers()
            .allow_entry(entry)
            .and_then(ScannerBuilder::build)
            .expect("a scanner");
        values(&scanner, text).len()
    };
    assert_eq!(left(Entry::Exact("help@example.org")), 4);
    assert_eq!(left(Entry::Exact("Help@Example.org")), 3);
    assert_eq!(left(Entry::AnyCase("HELP@example.org")), 3);
    assert_eq!(left(Entry::Pattern(r"desk[0-9]*@example\.org")), 3);
    assert_eq!(left(Entry::Pattern("desk|555-.*")), 3);
}

#[test]
fn denied_values_are_findings_of_the_callers_kind() {
    let scanner = Scanner::builder()
        .identifiers()
        .deny("project", Entry::AnyCase("Project Heron"))
        .and_then(|b| b.deny("project", Entry::Exact("R2D2")))
        .and_then(|b| b.deny("project", Entry::AnyCase("Ærø")))
        .and_then(|b| b.deny("bed-id", Entry::Pattern(r"\bbed [0-9]+")))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    let text = "PROJECT HERON, r2d2, R2D2, xR2D2, ÆRØ in bed 31; 123-45-6789";
    assert_eq!(
        values(&scanner, text),
        [
            pair("project", "PROJECT HERON"),
            pair("project", "R2D2"),
            pair("project", "ÆRØ"),
            pair("bed-id", "bed 31"),
            pair("ssn", "123-45-6789"),
        ]
    );
    let found = scanner.scan(text);
    assert_eq!(found[0].evidence().origin, Origin::DenyList);
    assert_eq!(found[0].redaction(), "[PROJECT]");
    assert_eq!(found[3].redaction(), "[BED_ID]");
    assert_eq!(found[0].rule().id(), "denied-project");
}

#[test]
fn what_is_denied_under_a_known_kind_is_treated_as_that_kind_is() {
    let scanner = Scanner::builder()
        .identifiers()
        .secrets()
        .deny("name", Entry::Exact("Ishmael"))
        .and_then(|b| b.deny("stripe_key", Entry::Exact("hunter2")))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    let found = scanner.scan("Ishmael said hunter2. Dr. Ishmael Quentin left.");
    let told: Vec<_> = found
        .iter()
        .map(|f| (f.rule().token(), f.category()))
        .collect();
    assert_eq!(told[0], ("NAME", Category::Identifier));
    assert_eq!(told[1], ("STRIPE_KEY", Category::Secret));
}

#[test]
fn what_is_denied_goes_before_what_rules_find_but_cuts_no_secret_in_two() {
    let scanner = Scanner::builder()
        .identifiers()
        .secrets()
        .deny("badge", Entry::Exact("4111 1111 1111 1111"))
        .and_then(|b| b.deny("badge", Entry::Pattern("hunter[0-9]")))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    assert_eq!(
        values(&scanner, "4111 1111 1111 1111"),
        [pair("badge", "4111 1111 1111 1111")]
    );
    let url = "postgres://admin:hunter2secret@db.example.com";
    assert_eq!(values(&scanner, url), [pair("database_url", url)]);
}

#[test]
fn an_allowed_value_is_let_through_though_it_is_denied() {
    let scanner = Scanner::builder()
        .deny("word", Entry::Pattern("h[a-z]+"))
        .map(|builder| builder.allow("heron"))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    assert_eq!(values(&scanner, "heron, hawk"), [pair("word", "hawk")]);
}

#[test]
fn what_is_denied_can_be_left_out_again() {
    let scanner = Scanner::builder()
        .identifiers()
        .deny("word", Entry::Exact("heron"))
        .and_then(|b| b.without("word"))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    assert!(scanner.scan("heron").is_empty());
}

#[test]
fn each_kind_has_its_own_least_confidence() {
    let text = "help@example.org or 5551234567 or 123-45-6789";
    let kinds = |builder: ScannerBuilder| {
        let scanner = builder.build().expect("a scanner");
        let found = scanner.scan(text);
        let kinds: Vec<String> = found.iter().map(|f| Finding::kind(f).to_owned()).collect();
        kinds
    };
    let builder = || Scanner::builder().identifiers();
    let phone = builder().min_confidence_of("phone", 0.99);
    assert_eq!(kinds(phone.expect("a kind")), ["email", "ssn"]);
    let all_but_phone = builder()
        .min_confidence(1.0)
        .and_then(|b| b.min_confidence_of("phone", 0.0));
    assert_eq!(kinds(all_but_phone.expect("a kind")), ["phone"]);
    for refused in [
        builder().min_confidence_of("no_such_kind", 0.5),
        builder().min_confidence_of("phone", 1.5),
        builder().min_confidence_of("phone", f32::NAN),
    ] {
        let error = refused.err().expect("it is refused");
        assert_eq!(error.kind(), Kind::InvalidArgument);
        assert!(!error.message().contains("no_such_kind"));
    }
}

#[test]
fn a_list_that_makes_no_sense_is_refused_without_being_repeated() {
    let long = "heron".repeat(300);
    for (kind, entry, reason) in [
        ("My Kind", Entry::Exact("heron"), "the deny list: "),
        (
            "word",
            Entry::Exact(""),
            "a denied value is 1 to 1024 bytes",
        ),
        (
            "word",
            Entry::Exact(&long),
            "a denied value is 1 to 1024 bytes",
        ),
        (
            "word",
            Entry::Pattern("heron["),
            "pattern number 1 of the deny list: the pattern is not valid: unclosed character class",
        ),
        (
            "word",
            Entry::Pattern("(?:heron){99999}"),
            "pattern number 1 of the deny list: the pattern compiles to more than 256 KiB",
        ),
    ] {
        let error = Scanner::builder()
            .deny(kind, entry)
            .err()
            .expect("it is refused");
        assert_eq!(error.kind(), Kind::InvalidArgument);
        assert!(error.message().starts_with(reason), "{error}");
        assert!(!error.message().contains("heron") && !error.message().contains("My Kind"));
    }
    let error = Scanner::builder()
        .identifiers()
        .allow_entry(Entry::Pattern("("))
        .err()
        .expect("it is refused");
    assert!(
        error
            .message()
            .starts_with("pattern number 1 of the allow list: ")
    );
}

#[test]
fn a_long_deny_list_costs_no_more_than_a_short_one() {
    let names = |count: usize| {
        let builder = (0..count).try_fold(Scanner::builder(), |builder, n| {
            builder.deny("guest", Entry::AnyCase(&format!("Guest{n} Visitor{n}")))
        });
        builder.and_then(ScannerBuilder::build).expect("a scanner")
    };
    let scanner = names(20_000);
    let text = "Then guest77 visitor77 left and Guest19999 Visitor19999 came. ".repeat(20_000);
    let begun = Instant::now();
    assert_eq!(scanner.scan(&text).len(), 40_000);
    assert!(begun.elapsed().as_secs() < 10);
}
