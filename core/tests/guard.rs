//! The guard's road, with a backend of the caller's own that keeps what it was given and answers as told.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use cloister_core::access::{AccessControl, Identity};
use cloister_core::audit::{self, AuditLog, AuditOptions, Query};
use cloister_core::engine::{Backend, Cancel, ChatOptions, Completion, Message, Usage};
use cloister_core::guard::{Guard, OnSecret, Reply, Session, SessionOptions};
use cloister_core::{Error, Kind, Result};
use parking_lot::Mutex;
use serde_json::Value;
use tempfile::TempDir;

const NOTE: &str = "Patient John Doe (SSN: 123-45-6789, MRN: 987654) called from 555-123-4567 about diabetes medication.";
const KEY: &str = "sk_live_51HxJ1234567890abcdefghijklm";

/// Answers with fixed pieces and remembers every conversation it was handed.
#[derive(Default)]
struct Scripted {
    pieces: Vec<String>,
    seen: Mutex<Vec<Vec<Message>>>,
    /// Names under which it was to keep what it evaluated, and those that it was to forget.
    kept: Mutex<Vec<String>>,
    forgotten: Mutex<Vec<String>>,
    fails: bool,
}

impl Scripted {
    fn answering(pieces: &[&str]) -> Arc<Self> {
        Arc::new(Self {
            pieces: pieces.iter().map(|&piece| piece.to_owned()).collect(),
            ..Self::default()
        })
    }

    fn last_prompt(&self) -> String {
        let seen = self.seen.lock();
        seen.last()
            .and_then(|messages| messages.last())
            .map(|m| m.content.clone())
            .unwrap_or_default()
    }
}

impl Backend for Scripted {
    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        self.seen.lock().push(messages.to_vec());
        self.kept.lock().extend(options.cache.clone());
        if self.fails {
            return Err(Error::new(Kind::Model, "the model failed"));
        }
        for piece in &self.pieces {
            if cancel.is_cancelled() || on_text(piece).is_break() {
                return Err(Error::new(Kind::Cancelled, "cancelled"));
            }
        }
        Ok(Completion {
            text: self.pieces.concat(),
            usage: Usage {
                prompt_tokens: 10,
                cached_tokens: 0,
                completion_tokens: 5,
            },
            ..Completion::default()
        })
    }

    fn forget(&self, cache: &str) {
        self.forgotten.lock().push(cache.to_owned());
    }
}

fn session() -> Session {
    let identity = Identity {
        user: "doctor@hospital.example".into(),
        role: "physician".into(),
    };
    Session::new(identity).expect("random bytes for a session")
}

fn log_in(folder: &TempDir) -> Arc<AuditLog> {
    Arc::new(
        AuditLog::open(folder.path().join("audit.jsonl"), AuditOptions::default())
            .expect("a log in a fresh folder"),
    )
}

fn ask(guard: &Guard, session: &mut Session, input: &str) -> Result<Reply> {
    guard.chat(
        session,
        input,
        &ChatOptions::default(),
        &Cancel::new(),
        &mut |_| ControlFlow::Continue(()),
    )
}

fn records(log: &AuditLog) -> Vec<Value> {
    log.query(&Query::default()).expect("a readable log")
}

#[test]
fn the_model_sees_placeholders_and_the_caller_sees_names() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let backend = Scripted::answering(&["Call [NAME_1] back at [PHO", "NE_1] about [MRN_1", "]."]);
    let guard = Guard::builder(backend.clone())
        .audit(log.clone())
        .build()
        .unwrap();
    let mut session = session();

    let mut streamed = String::new();
    let reply = guard
        .chat(
            &mut session,
            NOTE,
            &ChatOptions::default(),
            &Cancel::new(),
            &mut |piece| {
                streamed.push_str(piece);
                ControlFlow::Continue(())
            },
        )
        .unwrap();

    assert_eq!(
        backend.last_prompt(),
        "Patient [NAME_1] (SSN: [SSN_1], MRN: [MRN_1]) called from [PHONE_1] about diabetes medication."
    );
    assert_eq!(reply.prompt, backend.last_prompt());
    assert_eq!(
        reply.text,
        "Call John Doe back at 555-123-4567 about 987654."
    );
    assert_eq!(streamed, reply.text);
    assert_eq!(
        reply.raw_text,
        "Call [NAME_1] back at [PHONE_1] about [MRN_1]."
    );
    assert_eq!(
        reply.request.identifier_kinds,
        ["name", "ssn", "mrn", "phone"]
    );
    assert_eq!(session.turns(), 1);

    let records = records(&log);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["event_type"], "llm_request");
    assert_eq!(records[0]["user_id"], "doctor@hospital.example");
    assert_eq!(records[0]["security"]["pii_scrubbed"], 4);
    assert_eq!(records[0]["event_id"], reply.event_ids[0].as_str());
    assert_eq!(records[0]["security"]["sanitization_applied"], true);
    assert_eq!(records[0]["llm"]["provider"], "application");
    // Nobody's role was checked, and the record does not claim otherwise.
    assert_eq!(records[0]["compliance"]["hipaa_compliant"], false);
    assert_eq!(
        records[0]["compliance"]["evidence"]["access_checked"],
        false
    );
    assert_eq!(records[1]["event_type"], "llm_response");
    assert_eq!(records[1]["performance"]["tokens_used"], 15);
    assert_eq!(records[1]["request_event_id"], records[0]["event_id"]);
    assert!(audit::verify(log.path(), None).unwrap().is_intact());
    let raw = fs::read_to_string(log.path()).unwrap();
    for value in ["John", "123-45-6789", "987654", "555-123-4567", "diabetes"] {
        assert!(!raw.contains(value), "the log holds a value");
    }
}

#[test]
fn a_value_keeps_its_placeholder_through_the_conversation() {
    let backend = Scripted::answering(&["Noted, [NAME_1]."]);
    let guard = Guard::builder(backend.clone())
        .without_audit()
        .build()
        .unwrap();
    let mut session = session();
    ask(&guard, &mut session, "Patient John Doe has a cough.").unwrap();
    ask(&guard, &mut session, "Patient Jane Roe saw Dr. John Doe.").unwrap();

    let seen = backend.seen.lock();
    let second: Vec<&str> = seen[1]
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(
        second[1..],
        [
            "Patient [NAME_1] has a cough.",
            "Noted, [NAME_1].",
            "Patient [NAME_2] saw Dr. [NAME_1].",
        ]
    );
}

#[test]
fn a_secret_blocks_the_text_before_the_model_sees_it() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let backend = Scripted::answering(&["never"]);
    let guard = Guard::builder(backend.clone())
        .audit(log.clone())
        .build()
        .unwrap();
    let Err(error) = ask(
        &guard,
        &mut session(),
        &format!("{NOTE} The key is {KEY}. Use it."),
    ) else {
        panic!("a secret went through")
    };
    assert_eq!(error.kind(), Kind::Blocked);
    assert!(
        error.message().contains("stripe_key") && !error.message().contains("51HxJ"),
        "{error}"
    );
    assert!(backend.seen.lock().is_empty());
    let records = records(&log);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["status"], "blocked");
    assert_eq!(
        records[0]["violation"]["details"]["secret_types"][0],
        "stripe_key"
    );
}

#[test]
fn a_redacted_secret_is_gone_for_good_at_every_occurrence() {
    let backend = Scripted::answering(&["You wrote [STRIPE_KEY]."]);
    let guard = Guard::builder(backend.clone())
        .without_audit()
        .on_secret(OnSecret::Redact)
        .build()
        .unwrap();
    let reply = ask(
        &guard,
        &mut session(),
        &format!("Key {KEY}, again: {KEY}. Why?"),
    )
    .unwrap();
    assert_eq!(
        backend.last_prompt(),
        "Key [STRIPE_KEY], again: [STRIPE_KEY]. Why?"
    );
    assert_eq!(reply.text, "You wrote [STRIPE_KEY].");
    assert_eq!(reply.request.secrets, 2);
}

#[test]
fn a_secret_that_the_model_writes_never_reaches_the_caller_however_it_is_cut() {
    let answer = format!(
        "Use {KEY} or the password: hunter2secret! and go on. -----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY----- Done.",
        "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\nygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI\n".repeat(8)
    );
    for size in [1, 2, 3, 7, 16, 4096] {
        let pieces: Vec<String> = answer
            .as_bytes()
            .chunks(size)
            .map(|piece| String::from_utf8(piece.to_vec()).unwrap())
            .collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let guard = Guard::builder(Scripted::answering(&pieces))
            .without_audit()
            .build()
            .unwrap();
        let mut streamed = String::new();
        let reply = guard
            .chat(
                &mut session(),
                "Hello",
                &ChatOptions::default(),
                &Cancel::new(),
                &mut |piece| {
                    streamed.push_str(piece);
                    ControlFlow::Continue(())
                },
            )
            .unwrap();
        assert_eq!(streamed, reply.text);
        for value in ["51HxJ", "hunter2", "MIIE", "ygWyF8"] {
            assert!(
                !streamed.contains(value),
                "{value} in chunks of {size}: {streamed}"
            );
        }
        assert!(
            streamed.starts_with("Use [STRIPE_KEY] or the password: ["),
            "{streamed}"
        );
        assert!(streamed.ends_with(" Done."), "{streamed}");
        assert_eq!(reply.response.secrets, 3);
    }
}

#[test]
fn without_a_record_the_model_is_not_asked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit.jsonl");
    // A file that cannot grow by one record.
    let options = AuditOptions {
        key: None,
        ..AuditOptions::default()
    };
    let log = Arc::new(AuditLog::open(&path, options).unwrap());
    let backend = Scripted::answering(&["never"]);
    let guard = Guard::builder(backend.clone()).audit(log).build().unwrap();
    let identity = Identity {
        user: "u".repeat(2 << 20),
        role: "physician".into(),
    };
    let mut session = Session::new(identity).unwrap();
    let Err(error) = ask(&guard, &mut session, NOTE) else {
        panic!("went through without a record")
    };
    assert!(
        matches!(error.kind(), Kind::Audit | Kind::TooLarge),
        "{error}"
    );
    assert!(backend.seen.lock().is_empty());
}

#[test]
fn a_role_without_the_permission_is_denied_and_recorded() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let access = Arc::new(AccessControl::new());
    access
        .add_role("physician", &["read_phi", "write_phi"])
        .unwrap();
    access.add_role("clerk", &["view_audit_logs"]).unwrap();
    let backend = Scripted::answering(&["Hello."]);
    let guard = Guard::builder(backend.clone())
        .audit(log.clone())
        .access(access)
        .build()
        .unwrap();

    for role in ["clerk", "nobody", ""] {
        let mut session = Session::new(Identity {
            user: "x".into(),
            role: role.into(),
        })
        .unwrap();
        let Err(error) = ask(&guard, &mut session, NOTE) else {
            panic!("{role} was let in")
        };
        assert_eq!(error.kind(), Kind::Denied, "{role}");
        assert_eq!(
            guard.preview(&mut session, NOTE).err().unwrap().kind(),
            Kind::Denied
        );
    }
    assert!(backend.seen.lock().is_empty());
    assert!(
        records(&log)
            .iter()
            .all(|record| record["status"] == "denied")
    );
    ask(&guard, &mut session(), NOTE).unwrap();
    assert_eq!(records(&log).last().unwrap()["status"], "success");
}

/// Also where no table is asked: who saw what about a person is found by asking for that person.
#[test]
fn the_records_of_a_chat_say_whom_it_is_about() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let backend = Arc::new(Scripted::default());
    let guard = Guard::builder(backend).audit(log.clone()).build().unwrap();
    // The last is no id but a name, which does not belong into a log.
    for subject in ["patient:17", "patient:18", "John Doe"] {
        let mut session = session();
        session.set_subject(subject).unwrap();
        ask(&guard, &mut session, "How is the knee?").unwrap();
    }
    let about = |subject: &str| {
        let query = Query {
            filters: vec![("subject_id".to_owned(), subject.into())],
            ..Query::default()
        };
        log.query(&query).unwrap().len()
    };
    assert_eq!((about("patient:17"), about("John Doe")), (2, 0));
    assert!(!fs::read_to_string(log.path()).unwrap().contains("John"));
}

#[test]
fn a_failure_leaves_the_conversation_as_it_was_and_is_recorded() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let backend = Arc::new(Scripted {
        fails: true,
        ..Scripted::default()
    });
    let guard = Guard::builder(backend).audit(log.clone()).build().unwrap();
    let mut session = session();
    let Err(error) = ask(&guard, &mut session, NOTE) else {
        panic!("the failure vanished")
    };
    assert_eq!(error.kind(), Kind::Model);
    assert_eq!(session.turns(), 0);
    let records = records(&log);
    assert_eq!(records[1]["event_type"], "llm_response");
    assert_eq!(records[1]["status"], "failed");
}

#[test]
fn a_caller_who_stops_listening_cancels_the_answer() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let guard = Guard::builder(Scripted::answering(&["one ", "two ", "three "]))
        .audit(log.clone())
        .build()
        .unwrap();
    let mut heard = 0;
    let result = guard.chat(
        &mut session(),
        "Hello",
        &ChatOptions::default(),
        &Cancel::new(),
        &mut |_| {
            heard += 1;
            ControlFlow::Break(())
        },
    );
    assert_eq!(result.err().unwrap().kind(), Kind::Cancelled);
    assert_eq!(heard, 1);
    assert_eq!(records(&log)[1]["status"], "cancelled");
}

#[test]
fn a_guard_must_be_told_where_to_record() {
    let backend = Scripted::answering(&[]);
    assert_eq!(
        Guard::builder(backend).build().err().unwrap().kind(),
        Kind::InvalidArgument
    );
}

#[test]
fn a_system_prompt_may_not_carry_identifiers_but_a_sessions_own_is_scrubbed() {
    let backend = Scripted::answering(&["Yes."]);
    let refused = Guard::builder(backend.clone())
        .without_audit()
        .system_prompt(NOTE)
        .build();
    assert_eq!(refused.err().unwrap().kind(), Kind::InvalidArgument);

    let guard = Guard::builder(backend.clone())
        .without_audit()
        .build()
        .unwrap();
    let mut session = session();
    session
        .set_system_prompt("You assist Dr. Ann Smith.")
        .unwrap();
    ask(&guard, &mut session, "Who am I?").unwrap();
    assert_eq!(
        backend.seen.lock()[0][0].content,
        "You assist Dr. [NAME_1]."
    );
}

#[test]
fn a_placeholder_in_the_users_own_words_reveals_nothing() {
    let backend = Scripted::answering(&["[SSN_1] and [SSN_2]"]);
    let guard = Guard::builder(backend.clone())
        .without_audit()
        .build()
        .unwrap();
    let mut session = session();
    let reply = ask(
        &guard,
        &mut session,
        "What is [SSN_1]? Mine is 123-45-6789.",
    )
    .unwrap();
    assert_eq!(reply.text, "[SSN_1] and 123-45-6789");
}

#[test]
fn many_threads_share_one_guard() {
    let folder = TempDir::new().unwrap();
    let log = log_in(&folder);
    let guard = Guard::builder(Scripted::answering(&["[NAME_1] ", "rests."]))
        .audit(log.clone())
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let guard = &guard;
            scope.spawn(move || {
                let name = format!(
                    "{}ohn Doe",
                    ["J", "B", "C", "D", "F", "G", "H", "K"][number]
                );
                for _ in 0..20 {
                    let reply =
                        ask(guard, &mut session(), &format!("Patient {name} is tired.")).unwrap();
                    assert_eq!(reply.text, format!("{name} rests."));
                }
            });
        }
    });
    assert_eq!(records(&log).len(), 8 * 20 * 2);
    assert!(log.verify().unwrap().is_intact());
}

#[test]
fn nothing_of_a_conversation_shows_in_debug_output() {
    let guard = Guard::builder(Scripted::answering(&["Hello [NAME_1]."]))
        .without_audit()
        .build()
        .unwrap();
    let mut session = session();
    ask(&guard, &mut session, NOTE).unwrap();
    let shown = format!("{session:?} {:?}", Message::new("user", NOTE));
    assert!(
        !shown.contains("John") && !shown.contains("123-45"),
        "{shown}"
    );
}

#[test]
fn empty_text_and_nul_characters_take_the_same_road() {
    let backend = Scripted::answering(&["ok"]);
    let guard = Guard::builder(backend.clone())
        .without_audit()
        .build()
        .unwrap();
    for input in ["", "\0", "\0MRN: 987654\0"] {
        assert_eq!(ask(&guard, &mut session(), input).unwrap().text, "ok");
    }
    assert_eq!(backend.last_prompt(), "\0MRN: [MRN_1]\0");
}

/// The engine's cache holds the prompts of a conversation: it goes with the session, however that ends, and with it alone.
#[test]
fn what_the_model_keeps_of_a_conversation_goes_with_its_session() {
    let folder = TempDir::new().unwrap();
    let backend = Scripted::answering(&["Yes."]);
    let guard = Guard::builder(backend.clone())
        .audit(log_in(&folder))
        .build()
        .unwrap();
    let idle = || {
        let options = SessionOptions {
            idle: Some(Duration::from_millis(200)),
            ..SessionOptions::default()
        };
        Session::open(session().identity().clone(), options).unwrap()
    };
    let ends: [fn(&mut Session); 3] = [Session::clear, Session::end, |_| {
        std::thread::sleep(Duration::from_secs(2));
    }];
    for (n, end) in ends.into_iter().enumerate() {
        let mut ending = if n == 2 { idle() } else { session() };
        ask(&guard, &mut ending, NOTE).unwrap();
        assert_eq!(backend.forgotten.lock().len(), n, "not before");
        end(&mut ending);
        assert_eq!(*backend.forgotten.lock(), *backend.kept.lock());
    }
    let mut dropped = session();
    ask(&guard, &mut dropped, NOTE).unwrap();
    drop(dropped);
    let kept = backend.kept.lock();
    assert_eq!(*backend.forgotten.lock(), *kept);
    let names: std::collections::HashSet<_> = kept.iter().collect();
    assert_eq!(names.len(), 4, "each session has a name of its own");
}
