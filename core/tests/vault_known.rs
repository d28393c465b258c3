//! What a vault remembers from one text is found in the next, where nothing else tells what it is.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::ops::ControlFlow;
use std::sync::Arc;

use cloister_core::Result;
use cloister_core::access::Identity;
use cloister_core::audit::{AuditLog, AuditOptions, Query};
use cloister_core::cipher::{Cipher, Key};
use cloister_core::engine::{Backend, Cancel, ChatOptions, Completion, Message};
use cloister_core::guard::{Guard, Session};
use cloister_core::pii::{Scrubber, Style, Vault};
use cloister_core::scan::{Origin, Scanner};
use parking_lot::Mutex;
use proptest::prelude::*;
use tempfile::TempDir;

/// The texts as they are scrubbed one after the other with one vault, which must be able to put everything back.
fn scrubbed<const N: usize>(texts: [&str; N]) -> [String; N] {
    let (scrubber, mut vault) = (Scrubber::new(), Vault::new());
    texts.map(|text| {
        let done = scrubber.pseudonymize(text, &mut vault).unwrap().text;
        assert_eq!(vault.restore(&done), text);
        done
    })
}

#[test]
fn names_are_found_whole_and_by_the_family_name() {
    let [_, later] = scrubbed([
        "Patient John Doe came.",
        "Is Doe better? JOHN DOE asks, john doe's wife too. A doe, Doe-eyed, Doeson, Doe sign, John.",
    ]);
    assert_eq!(
        later,
        "Is [NAME_2] better? [NAME_3] asks, [NAME_4]'s wife too. A doe, Doe-eyed, Doeson, Doe sign, John."
    );
}

#[test]
fn a_family_name_that_is_a_word_is_found_with_its_given_name_alone() {
    let [_, later] = scrubbed([
        "Patient Mary Long came.",
        "Long history of asthma. Mary Long is well.",
    ]);
    assert_eq!(later, "Long history of asthma. [NAME_1] is well.");
}

#[test]
fn numbers_and_places_are_found_without_their_labels() {
    let [first, later] = scrubbed([
        "MRN: AB-0041-2345, account number: 7781, phone +49 (30) 1234-5678.",
        "ab-0041-2345 again; AB-0041-23456, XAB-0041-2345 and 77812 are others, 7781. Call +49 (30) 1234-5678.",
    ]);
    assert_eq!(
        first,
        "MRN: [MRN_1], account number: [ACCOUNT_1], phone [PHONE_1]."
    );
    assert_eq!(
        later,
        "[MRN_2] again; AB-0041-23456, XAB-0041-2345 and 77812 are others, [ACCOUNT_1]. Call [PHONE_1]."
    );
}

#[test]
fn what_a_text_says_of_a_value_goes_before_what_is_remembered() {
    let [_, later] = scrubbed(["Account number: 77814.", "MRN: 77814, and 77814."]);
    assert_eq!(later, "MRN: [MRN_1], and [ACCOUNT_1].");
}

#[test]
fn the_finding_says_why_and_obeys_the_scanner() {
    let mut vault = Vault::new();
    vault.placeholder("NAME", "John Doe").unwrap();
    vault.placeholder("SSN", "123-45-6789").unwrap();
    vault.placeholder("NO_SUCH_TOKEN", "kestrel").unwrap();
    let text = "Doe wrote kestrel.";
    let found = Scrubber::new()
        .pseudonymize(text, &mut vault)
        .unwrap()
        .findings;
    assert_eq!(found.len(), 1);
    assert_eq!(&text[found[0].span()], "Doe");
    assert_eq!(found[0].evidence().origin, Origin::Vault);
    assert_eq!(found[0].kind(), "name");

    let secrets = Scrubber::with_scanner(Scanner::secrets(), Style::Redact);
    let untouched = secrets.pseudonymize(text, &mut vault).unwrap();
    assert_eq!(untouched.text, text, "no rule of this scanner is for names");
    let allowing = Scanner::builder()
        .identifiers()
        .allow("Doe")
        .build()
        .unwrap();
    let allowing = Scrubber::with_scanner(allowing, Style::Redact);
    assert_eq!(allowing.pseudonymize(text, &mut vault).unwrap().text, text);
}

#[test]
fn an_imported_vault_is_looked_through_and_one_that_was_cleared_is_not() {
    let cipher = Cipher::new(Key::generate().unwrap());
    let scrubber = Scrubber::new();
    let mut vault = Vault::new();
    scrubber
        .pseudonymize("Patient John Doe came.", &mut vault)
        .unwrap();
    let exported = vault.export(&cipher, b"ward 7").unwrap();
    let mut other = Vault::import(&cipher, &exported, b"ward 7").unwrap();
    let text = "Ask Doe.";
    let later = scrubber.pseudonymize(text, &mut other).unwrap();
    assert_eq!(later.text, "Ask [NAME_2].");
    other.clear();
    assert_eq!(scrubber.pseudonymize(text, &mut other).unwrap().text, text);
}

#[test]
fn a_stream_finds_them_too() {
    let scrubber = Scrubber::new();
    let mut vault = Vault::new();
    scrubber
        .pseudonymize("Patient John Doe came.", &mut vault)
        .unwrap();
    let mut stream = scrubber.stream();
    let mut text = String::new();
    let mut found = Vec::new();
    for part in ["Is D", "oe better?\n", "Doe asks."] {
        let part = stream.pseudonymize(&mut vault, part).unwrap();
        text.push_str(&part.text);
        found.extend(part.findings);
    }
    let last = stream.finish_pseudonymizing(&mut vault).unwrap();
    text.push_str(&last.text);
    found.extend(last.findings);
    assert_eq!(text, "Is [NAME_2] better?\n[NAME_2] asks.");
    let places = found.iter().map(|located| located.start.line);
    assert_eq!(places.collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_stream_finds_all_that_the_whole_text_shows_wherever_it_is_cut() {
    let scrubber = Scrubber::new();
    let mut vault = Vault::new();
    scrubber
        .pseudonymize("Patient John Doe, account number: 77814.", &mut vault)
        .unwrap();
    // Longer than what a stream holds back, with no place between the lines at which it likes to stop.
    let mut text = String::new();
    for number in 0..6_000 {
        let word = &"and so on and on"[..number % 17];
        text.push_str(word);
        text.push_str([" Doe,", " 77814,", " JOHN DOE,"][number % 3]);
    }
    let whole = scrubber.pseudonymize(&text, &mut vault).unwrap();
    let mut stream = scrubber.stream();
    let mut streamed = String::new();
    let mut found = 0;
    for chunk in text.as_bytes().chunks(997) {
        let part = stream.pseudonymize(&mut vault, chunk).unwrap();
        streamed.push_str(&part.text);
        found += part.findings.len();
    }
    let last = stream.finish_pseudonymizing(&mut vault).unwrap();
    streamed.push_str(&last.text);
    assert_eq!(found + last.findings.len(), whole.findings.len());
    assert!(whole.findings.len() > 5_000);
    assert!(!streamed.contains("Doe") && !streamed.contains("DOE") && !streamed.contains("77814"));
    assert_eq!(vault.restore(&streamed), text);
}

/// Keeps what it was asked.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>);

impl Backend for Listener {
    fn name(&self) -> String {
        "listener".to_owned()
    }

    fn chat(
        &self,
        messages: &[Message],
        _options: &ChatOptions,
        _cancel: &Cancel,
        _on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        let last = messages.last().map(|message| message.content.clone());
        self.0.lock().extend(last);
        Ok(Completion::default())
    }
}

#[test]
fn the_model_is_not_told_a_name_that_the_conversation_knows() {
    let folder = TempDir::new().unwrap();
    let log = AuditLog::open(folder.path().join("audit.jsonl"), AuditOptions::default()).unwrap();
    let log = Arc::new(log);
    let backend = Arc::new(Listener::default());
    let guard = Guard::builder(backend.clone())
        .audit(Arc::clone(&log))
        .build()
        .unwrap();
    let identity = Identity {
        user: "doctor@hospital.example".into(),
        role: "physician".into(),
    };
    let mut session = Session::new(identity).unwrap();
    let cancel = Cancel::new();
    let options = ChatOptions::default();
    let silent = |_: &str| ControlFlow::Continue(());
    let ask = |session: &mut Session, text| {
        guard
            .chat(session, text, &options, &cancel, &mut silent.clone())
            .unwrap()
    };
    ask(&mut session, "Patient John Doe came.");
    let reply = ask(&mut session, "What does Doe take, and since when does Doe?");
    assert_eq!(reply.request.identifiers, 2);
    assert_eq!(reply.request.identifier_kinds, ["name"]);
    let request = r#"{"messages": [{"role": "user", "content": "Does Doe sleep?"}]}"#;
    guard
        .complete(&mut session, request, &cancel, &mut silent.clone())
        .unwrap();
    assert_eq!(
        *backend.0.lock(),
        [
            "Patient [NAME_1] came.",
            "What does [NAME_2] take, and since when does [NAME_2]?",
            "Does [NAME_2] sleep?",
        ]
    );
    let raw = std::fs::read_to_string(log.path()).unwrap();
    assert!(!raw.contains("Doe"));
    let requests = log.query(&Query::default()).unwrap();
    assert_eq!(requests.len(), 6);
}

proptest! {
    /// Every value that stands by itself is found, whatever others the vault knows.
    #[test]
    fn whatever_the_vault_knows_is_found(
        values in prop::collection::vec("[ABab][ab1é-]{0,3}( [ab1]{1,3}){0,2}[ab1]{4}", 1..20),
    ) {
        let mut vault = Vault::new();
        for value in &values {
            vault.placeholder("MRN", value).unwrap();
        }
        for value in &values {
            let text = format!("({value})");
            let done = Scrubber::new().pseudonymize(&text, &mut vault).unwrap();
            prop_assert!(!done.text.contains(value.as_str()), "{}", done.text);
            prop_assert_eq!(vault.restore(&done.text), text);
        }
    }
}
