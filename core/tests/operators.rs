//! What is done with a finding, by policy.

use std::collections::HashSet;
use std::sync::Arc;

use cloister_core::cipher::Key;
use cloister_core::pii::{DateShift, Operator, Policy, Scrubber, Surrogate, Vault};
use cloister_core::scan::{Category, Rule, Scanner};
use cloister_core::{Error, Kind};

const KEY: &str = "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4";
const OTHER_KEY: &str = "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22";

fn key(text: &str) -> Key {
    Key::from_text(text).expect("it is well-formed")
}

fn everything() -> Scanner {
    Scanner::builder()
        .profile("all")
        .expect("it is well-formed")
        .secrets()
        .build()
        .expect("it is well-formed")
}

fn under(policy: &str, key_text: &str) -> Scrubber {
    let policy = Policy::parse(policy)
        .expect("it is well-formed")
        .key(&key(key_text))
        .expect("it is well-formed");
    Scrubber::with_policy(Some(everything()), policy).expect("it is well-formed")
}

fn scrubbed(policy: &str, text: &str) -> String {
    under(policy, KEY).scrub(text).text
}

fn refused(policy: &str) -> Error {
    Policy::parse(policy)
        .map(|_| ())
        .expect_err("it is refused")
}

#[test]
fn a_policy_is_toml_json_or_a_name() {
    let toml =
        "default = \"drop\"\n[kinds]\nssn = \"mask\"\nmrn = { operator = \"mask\", show = 2 }\n";
    let json = r#"{"default": "drop", "kinds": {"ssn": "mask:4", "mrn": {"operator": "mask", "show": 2}}}"#;
    let text = "SSN 123-45-6789, MRN: 987654, mail a@example.com.";
    for policy in [toml, json] {
        assert_eq!(
            scrubbed(policy, text),
            "SSN ***-**-6789, MRN: ****54, mail ."
        );
    }
    assert_eq!(
        scrubbed("redact", text),
        "SSN [SSN], MRN: [MRN], mail [EMAIL]."
    );
}

#[test]
fn what_a_policy_says_wrongly_is_refused_without_quoting_it() {
    for policy in [
        "unknown-policy",
        "default = \"shred\"",
        "colour = \"red\"",
        "[kinds]\nssn = { operator = \"redact\", show = 4 }",
        "[kinds]\nssn = \"mask:9\"",
        "[kinds]\nssn = \"hash:4\"",
        "[kinds]\ndate = \"date_shift:0\"",
        "profile = \"none\"",
        "secrets = \"keep\"",
        "restore_secrets = true",
        "{\"kinds\": ",
        "[kinds",
    ] {
        let error = refused(policy);
        assert_eq!(error.kind(), Kind::InvalidArgument, "{policy}");
        let message = error.to_string();
        assert!(
            !message.contains("shred") && !message.contains("red\""),
            "{message}"
        );
    }
    let unknown = Policy::parse("[kinds]\nshoe_size = \"drop\"").unwrap();
    assert_eq!(
        Scrubber::with_policy(None, unknown).unwrap_err().kind(),
        Kind::InvalidArgument
    );
}

#[test]
fn what_needs_a_key_is_refused_without_one() {
    for policy in [
        "surrogates",
        "default = \"hash\"",
        "[kinds]\ndate = \"date_shift\"",
        "secrets = \"placeholder\"",
    ] {
        let policy = Policy::parse(policy).unwrap();
        assert_eq!(
            Scrubber::with_policy(None, policy).unwrap_err().kind(),
            Kind::InvalidArgument
        );
    }
}

#[test]
fn a_hash_depends_on_key_kind_and_value_but_not_on_punctuation() {
    let hash = |text: &str, key_text| under("default = \"hash:16\"", key_text).scrub(text).text;
    let one = hash("SSN 123-45-6789", KEY);
    assert_eq!(one.len(), "SSN ".len() + 16);
    assert_eq!(one, hash("SSN 123 45 6789", KEY));
    assert_ne!(one, hash("SSN 123-45-6788", KEY));
    assert_ne!(one, hash("SSN 123-45-6789", OTHER_KEY));
    assert_ne!(one[4..], hash("MRN: 123456789", KEY)[5..]);
}

#[test]
fn a_keyed_placeholder_is_the_same_in_every_document() {
    let scrubber = under("pseudonymise", KEY);
    let one = scrubber.scrub("SSN 123-45-6789").text;
    let mut vault = Vault::new();
    scrubber
        .pseudonymize("SSN 234-56-7890", &mut vault)
        .unwrap();
    let other = scrubber
        .pseudonymize("SSN 123-45-6789", &mut vault)
        .unwrap();
    assert_eq!(one, other.text);
    assert!(one.starts_with("SSN [SSN_") && one.len() == "SSN [SSN_k7q2m9bc]".len());
    assert_eq!(vault.restore(&one), "SSN 123-45-6789");
    assert_ne!(
        one,
        under("pseudonymise", OTHER_KEY)
            .scrub("SSN 123-45-6789")
            .text
    );
}

#[test]
fn without_key_and_vault_a_placeholder_is_a_redaction() {
    let scrubber = Scrubber::with_policy(None, Policy::parse("pseudonymise").unwrap()).unwrap();
    assert_eq!(scrubber.scrub("SSN 123-45-6789").text, "SSN [SSN]");
}

#[test]
fn intervals_between_the_dates_of_a_subject_stay() {
    let scrubber = under("[kinds]\ndate = \"date_shift\"\ndob = \"date_shift\"", KEY);
    let text = "seen 01/15/2024 and 2024-03-15";
    let of = |subject: &str| scrubber.scrub_of(subject, text).text;
    assert_eq!(of("patient 1"), of("patient 1"));
    assert_ne!(of("patient 1"), of("patient 2"));
    for patient in 0..40 {
        let moved = of(&format!("patient {patient}"));
        let (first, second) = (&moved[5..15], &moved[20..30]);
        let day = |year: &str, month: &str, day: &str| {
            let number = |text: &str| text.parse::<i64>().unwrap();
            // Days since 0000-03-01 of the proleptic Gregorian calendar.
            let (y, m) = (number(year), number(month));
            let (y, m) = if m <= 2 { (y - 1, m + 9) } else { (y, m - 3) };
            y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + number(day)
        };
        let one = day(&first[6..], &first[..2], &first[3..5]);
        let other = day(&second[..4], &second[5..7], &second[8..]);
        assert_eq!(other - one, 60, "{moved}");
        let days = one - day("2024", "01", "15");
        assert!(days != 0 && days.abs() <= 365, "{days}");
    }
}

#[test]
fn the_longest_shift_is_the_policys() {
    let policy = Policy::default().with(
        "date",
        Operator::DateShift(DateShift {
            days: 1,
            day_first: false,
        }),
    );
    let scrubber =
        Scrubber::with_policy(Some(everything()), policy.key(&key(KEY)).unwrap()).unwrap();
    let moved: HashSet<String> = (0..60)
        .map(|patient| {
            scrubber
                .scrub_of(&format!("patient {patient}"), "on 2024-03-15")
                .text
        })
        .collect();
    let expected = ["on 2024-03-14", "on 2024-03-16"].map(String::from);
    assert_eq!(moved, HashSet::from(expected));
}

#[test]
fn safe_harbor_keeps_years_areas_and_ages_up_to_89() {
    let policy = Policy::parse("hipaa-safe-harbor").unwrap();
    let scrubber = Scrubber::with_policy(None, policy).unwrap();
    let text = "Patient John Doe, a 93-year-old man of Rutland, VT 05901, seen 01/15/2024; DOB: 03/02/1931. MRN: 987654.";
    assert_eq!(
        scrubber.scrub(text).text,
        "Patient [NAME], a 90+-year-old man of [LOCATION], VT 000, seen 2024; DOB: [DOB]. MRN: [MRN]."
    );
    let limited = Scrubber::with_policy(None, Policy::parse("limited-data-set").unwrap()).unwrap();
    assert_eq!(
        limited.scrub("MRN: 987654, seen 01/15/2024").text,
        "MRN: [MRN], seen 01/15/2024"
    );
}

#[test]
fn a_secret_comes_back_only_where_the_policy_says_so() {
    let text = "key sk_live_51HxJ1234567890abcdefghijklm, MRN: 987654";
    let mut vault = Vault::new();
    let kept = under("base = \"pseudonymise\"\nsecrets = \"placeholder\"", KEY);
    let one = kept.pseudonymize(text, &mut vault).unwrap().text;
    assert!(one.starts_with("key [STRIPE_KEY_"));
    assert_eq!(kept.scrub(text).text[..34], one[..34]);
    assert_eq!(vault.len(), 1);
    assert!(!vault.restore(&one).contains("sk_live"));
    let restoring = under(
        "base = \"pseudonymise\"\nsecrets = \"placeholder\"\nrestore_secrets = true",
        KEY,
    );
    let other = restoring.pseudonymize(text, &mut vault).unwrap().text;
    assert_eq!(one, other);
    assert_eq!(vault.restore(&other), text);
    assert_eq!(scrubbed("secrets = \"drop\"", text), "key , MRN: [MRN]");
}

#[test]
fn every_identifier_of_the_rules_gets_a_surrogate_of_its_own_kind() {
    let scrubber = under("surrogates", KEY);
    let scanner = everything();
    let (mut tried, mut wrong) = (0, Vec::new());
    for rule in scanner
        .rules()
        .iter()
        .filter(|rule| rule.category() == Category::Identifier)
    {
        for example in rule.examples() {
            let text = example.replace(['«', '»'], "");
            for finding in scanner
                .scan(&text)
                .iter()
                .filter(|finding| finding.rule().id() == rule.id())
            {
                let original = &text[finding.span()];
                let made = scrubber.scrub(&text).text;
                assert_ne!(made, text, "{}", rule.id());
                let before = &text[..finding.span().start];
                let untouched = scanner
                    .scan(&text)
                    .first()
                    .is_some_and(|first| first.span() == finding.span());
                let Some(surrogate) = untouched.then(|| made.strip_prefix(before)).flatten() else {
                    continue;
                };
                tried += 1;
                assert!(!surrogate.starts_with(original), "{}: {made}", rule.id());
                // A check digit is right where there was one, though another rule may claim the number.
                let ranges = ["ssn", "phone", "ipv6"];
                if finding.validated() && !ranges.contains(&rule.kind()) {
                    let again = scanner.scan(&made);
                    if !again.iter().any(cloister_core::scan::Finding::validated) {
                        wrong.push(format!("{}: {text} -> {made}", rule.id()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 100, "{tried}");
}

/// What words around it decide about, or has no figures to be known by.
const IN_WORDS: &[&str] = &[
    "name",
    "location",
    "organization",
    "nationality",
    "age",
    "date",
];

#[test]
fn a_surrogate_is_found_where_the_value_stood() {
    let scanner = everything();
    let identifiers = || {
        let of_figures = |rule: &&Arc<Rule>| {
            rule.category() == Category::Identifier && !IN_WORDS.contains(&rule.kind())
        };
        scanner.rules().iter().filter(of_figures)
    };
    for turn in 1..=6 {
        // The figures of the key, begun elsewhere, are those of another.
        let (head, tail) = KEY.split_at(7 * turn);
        let policy =
            "default = \"surrogate\"\n[kinds]\nssn = { operator = \"surrogate\", issued = true }";
        let policy = Policy::parse(policy)
            .unwrap()
            .key(&key(&format!("{tail}{head}")))
            .unwrap();
        let scrubber = Scrubber::with_policy(Some(scanner.clone()), policy).unwrap();
        let (mut tried, mut same) = (0, 0);
        for rule in identifiers() {
            for example in rule.examples() {
                let text = example.replace(['«', '»'], "");
                // Of several values it cannot be told where the second one is.
                let found = scanner.scan(&text);
                let [one] = found.as_slice() else { continue };
                let place = one.span();
                let made = scrubber.scrub(&text).text;
                let again = scanner.scan(&made);
                let stands = again
                    .iter()
                    .find(|other| other.span().start < place.end && other.span().end > place.start);
                assert!(stands.is_some(), "{}: {text} -> {made}", rule.id());
                tried += 1;
                // By chance the check digit of another country is right as well.
                same += u32::from(stands.is_some_and(|other| other.kind() == one.kind()));
            }
        }
        assert!(same * 10 >= tried * 9, "{same} of {tried}");
    }
}

#[test]
fn surrogates_of_one_key_never_change_and_those_of_another_differ() {
    let text = "Patient Jane Doe, SSN 123-45-6789, card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00";
    let one = scrubbed("surrogates", text);
    assert_eq!(one, scrubbed("surrogates", text));
    assert_ne!(one, under("surrogates", OTHER_KEY).scrub(text).text);
    for value in ["Jane", "Doe", "123-45", "1111 1111", "3704"] {
        assert!(!one.contains(value), "{one}");
    }
    // Nobody has such a number.
    let ssn = &one[one.find("SSN ").unwrap() + 4..][..11];
    assert!(
        ssn.starts_with('9') && ssn[4..6].parse::<u8>().unwrap() < 50,
        "{ssn}"
    );
}

#[test]
fn social_security_numbers_may_be_asked_to_look_issued() {
    let policy = "[kinds]\nssn = { operator = \"surrogate\", issued = true }";
    let scrubber = under(policy, KEY);
    let made = scrubber.scrub("SSN 123-45-6789").text;
    assert_eq!(Scrubber::new().find(&made).len(), 1, "{made}");
    let default = under("surrogates", KEY).scrub("SSN 123-45-6789").text;
    assert!(default.starts_with("SSN 9"));
}

#[test]
fn a_text_with_surrogates_comes_back_through_the_vault() {
    let text = "Patient: John Doe (DOB: 01/15/1980, SSN 123-45-6789), phone (217) 555-0134, john.doe@clinic.org, \
                MRN: 00-12-34, 742 Evergreen Terrace. Mrs. Doe and Dr. Maria O'Brien-Smith, MD called on 02/20/2024.";
    let scrubber = under("surrogates", KEY);
    let mut vault = Vault::new();
    let made = scrubber
        .pseudonymize_of("patient 1", text, &mut vault)
        .unwrap()
        .text;
    for value in [
        "John",
        "Doe",
        "123-45",
        "217",
        "clinic",
        "00-12-34",
        "Evergreen",
        "O'Brien",
        "02/20",
    ] {
        assert!(!made.contains(value), "{value}: {made}");
    }
    assert_eq!(vault.restore(&made), text);
}

#[test]
fn thousands_of_values_get_different_surrogates() {
    let policy = Policy::of(Operator::Surrogate(Surrogate::default()));
    let scrubber = Scrubber::with_policy(None, policy.key(&key(KEY)).unwrap()).unwrap();
    let mut vault = Vault::new();
    let mut seen = HashSet::new();
    for number in 0..3000 {
        let text = format!("SSN 123-{:02}-{:04}", 10 + number / 1000, 1 + number % 1000);
        let made = scrubber.pseudonymize(&text, &mut vault).unwrap().text;
        assert_eq!(vault.restore(&made), text);
        assert!(seen.insert(made));
    }
}

#[test]
fn no_policy_shows_its_key() {
    let policy = Policy::parse("surrogates").unwrap().key(&key(KEY)).unwrap();
    let scrubber = Scrubber::with_policy(None, policy.clone()).unwrap();
    let shown = format!("{policy:?} {scrubber:?}");
    assert!(!shown.contains("b5") && !shown.contains("181"), "{shown}");
}

#[test]
fn moved_dates_come_back_through_the_vault() {
    let policy = "default = \"keep\"\n[kinds]\ndate = \"date_shift\"\ndob = \"date_shift\"";
    let scrubber = under(policy, KEY);
    let text = "Born 03/14/1958, seen on January 15, 2024 and on 2024-02-01, again on 3/14.";
    let mut vault = Vault::new();
    let moved = scrubber
        .pseudonymize_of("patient 7", text, &mut vault)
        .unwrap()
        .text;
    assert_eq!(
        moved,
        scrubber.scrub_of("patient 7", text).text,
        "the intervals stay"
    );
    let restored = vault.restore(&moved);
    for date in ["03/14/1958", "January 15, 2024", "2024-02-01"] {
        assert!(
            text.contains(date) && !moved.contains(date) && restored.contains(date),
            "{restored}"
        );
    }

    // A date that already stands for another one is not given out for a second.
    let mut seen = std::collections::BTreeMap::new();
    for subject in 0..200 {
        for day in ["2024-02-01", "2024-02-02", "2024-02-03"] {
            let about = format!("patient {subject}");
            let made = scrubber
                .pseudonymize_of(&about, &format!("on {day}"), &mut vault)
                .unwrap()
                .text;
            let known = seen.entry(made.clone()).or_insert(day);
            assert_eq!(*known, day, "{made}");
            assert_eq!(vault.restore(&made), format!("on {day}"));
        }
    }
}
