//! What an engine keeps for the next request of a conversation, and for whom.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cloister_core::Kind;
use cloister_core::access::Identity;
use cloister_core::cipher::{Cipher, Key};
use cloister_core::engine::{
    Backend, Cancel, ChatOptions, Completion, Engine, EngineOptions, Message,
};
use cloister_core::guard::{Guard, Session};
use tempfile::TempDir;

const SYSTEM: &str =
    "You answer questions about drugs, briefly and with their sources, for the ward.";

fn engine() -> Engine {
    engine_of(&support::tiny_model())
}

fn engine_of(model: &[u8]) -> Engine {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, model).unwrap();
    let options = EngineOptions {
        threads: 1,
        ..EngineOptions::default()
    };
    Engine::load(path, &options, None).unwrap()
}

fn options(cache: Option<&str>) -> ChatOptions {
    ChatOptions {
        max_tokens: 12,
        temperature: 0.0,
        cache: cache.map(str::to_owned),
        top_logprobs: Some(20),
        ..ChatOptions::default()
    }
}

fn chat(engine: &Engine, messages: &[Message], options: &ChatOptions) -> Completion {
    engine
        .chat(messages, options, &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap()
}

/// How far the beginnings of two answers lie apart: the largest difference between the log-probabilities of a rank.
fn distance(one: &Completion, other: &Completion) -> f32 {
    let [one, other] = [one, other].map(|it| &it.logprobs[0].top);
    let pairs = one.iter().zip(other);
    pairs.map(|(a, b)| (a.1 - b.1).abs()).fold(0.0, f32::max)
}

/// Asserts that two answers begin alike. Not to the letter: what shared a batch with a token moves its last digits.
fn assert_alike(one: &Completion, other: &Completion) {
    let distance = distance(one, other);
    assert!(distance < 0.03, "{distance}");
}

fn first_turn() -> Vec<Message> {
    vec![
        Message::new("system", SYSTEM),
        Message::new(
            "user",
            "What is the highest dose of paracetamol for an adult in one day?",
        ),
    ]
}

fn second_turn(answer: &str) -> Vec<Message> {
    let mut messages = first_turn();
    messages.push(Message::new("assistant", answer));
    messages.push(Message::new("user", "And for a child?"));
    messages
}

#[test]
fn the_next_turn_evaluates_only_what_is_new() {
    let engine = engine();
    let fresh = chat(&engine, &first_turn(), &options(None));
    assert_eq!(fresh.usage.cached_tokens, 0);
    let first = chat(&engine, &first_turn(), &options(Some("ward 1")));
    assert_eq!(first.usage.cached_tokens, 0);
    assert_eq!(first.text, fresh.text);
    let turn = second_turn(&first.text);
    let second = chat(&engine, &turn, &options(Some("ward 1")));
    assert!(
        second.usage.cached_tokens >= first.usage.prompt_tokens,
        "{:?} after {:?}",
        second.usage,
        first.usage
    );
    assert_alike(&second, &chat(&engine, &turn, &options(None)));
}

/// What a conversation may do to its cache: go on, go on from an answer that was changed, begin anew with another question.
fn turns(answer: &str) -> [Vec<Message>; 5] {
    let long = "He takes 500 mg in the morning and 250 mg at night. ".repeat(8);
    let mut changed = second_turn("I do not know.");
    changed.push(Message::new("assistant", "Less."));
    changed.push(Message::new("user", &long));
    let mut other = first_turn();
    other[1] = Message::new("user", "Is ibuprofen better?");
    [
        first_turn(),
        second_turn(answer),
        changed,
        other,
        first_turn(),
    ]
}

#[test]
fn models_whose_cache_cannot_be_cut_answer_as_if_nothing_was_kept() {
    for model in [
        support::tiny_model(),
        support::tiny_sliding_model(),
        support::tiny_recurrent_model(),
    ] {
        let (kept, fresh) = (engine_of(&model), engine_of(&model));
        let name = &kept.info().architecture;
        let answer = chat(&kept, &first_turn(), &options(Some("ward 1"))).text;
        let turns = turns(&answer).map(|turn| {
            let with = chat(&kept, &turn, &options(Some("ward 1")));
            let without = chat(&fresh, &turn, &options(None));
            assert_eq!(without.usage.cached_tokens, 0);
            let distance = distance(&with, &without);
            assert!(distance < 0.03, "{name}: {distance} for {:?}", with.usage);
            without
        });
        for pair in turns.windows(2) {
            assert!(
                distance(&pair[0], &pair[1]) > 0.2,
                "{name}: a test that sees no difference"
            );
        }
    }
}

#[test]
fn models_whose_cache_cannot_be_cut_go_on_from_its_end() {
    for model in [
        support::tiny_sliding_model(),
        support::tiny_recurrent_model(),
    ] {
        let (kept, fresh) = (engine_of(&model), engine_of(&model));
        // Its only token is never evaluated, so what is kept is the prompt.
        let brief = ChatOptions {
            max_tokens: 1,
            ..options(Some("ward 1"))
        };
        let first = chat(&kept, &first_turn(), &brief);
        let turn = second_turn(&first.text);
        let second = chat(&kept, &turn, &options(Some("ward 1")));
        assert_eq!(second.usage.cached_tokens, first.usage.prompt_tokens);
        assert_alike(&second, &chat(&fresh, &turn, &options(None)));
        // As many as were saved, in another engine too.
        chat(
            &kept,
            &first_turn(),
            &ChatOptions {
                cache: Some("ward 2".into()),
                ..brief
            },
        );
        let cipher = Cipher::new(Key::generate().unwrap());
        let saved = kept.save("ward 2", &cipher).unwrap();
        fresh.restore("ward 3", &cipher, &saved).unwrap();
        let restored = chat(&fresh, &turn, &options(Some("ward 3")));
        assert_eq!(restored.usage.cached_tokens, first.usage.prompt_tokens);
        assert_alike(&restored, &second);
    }
}

#[test]
fn nobody_else_goes_on_from_what_is_kept() {
    let engine = engine();
    chat(&engine, &first_turn(), &options(Some("ward 1")));
    for other in [Some("ward 2"), None] {
        let usage = chat(&engine, &first_turn(), &options(other)).usage;
        assert_eq!(usage.cached_tokens, 0, "{other:?}");
    }
    let usage = chat(&engine, &first_turn(), &options(Some("ward 1"))).usage;
    assert_eq!(usage.cached_tokens, usage.prompt_tokens - 1);
}

#[test]
fn what_is_forgotten_is_evaluated_again() {
    let engine = engine();
    for name in ["ward 1", "ward 2"] {
        chat(&engine, &first_turn(), &options(Some(name)));
    }
    engine.forget("ward 1").unwrap();
    engine.forget("never there").unwrap();
    let usage = chat(&engine, &first_turn(), &options(Some("ward 1"))).usage;
    assert_eq!(usage.cached_tokens, 0);
    // What is kept for others has moved to a new context and is whole.
    let usage = chat(&engine, &first_turn(), &options(Some("ward 2"))).usage;
    assert_eq!(usage.cached_tokens, usage.prompt_tokens - 1);
}

#[test]
fn a_public_system_message_is_evaluated_once_for_everybody() {
    let engine = engine();
    let public = |cache| ChatOptions {
        public_system: true,
        ..options(cache)
    };
    let secret = chat(&engine, &first_turn(), &options(None));
    assert_eq!(
        chat(&engine, &first_turn(), &public(None))
            .usage
            .cached_tokens,
        0
    );
    let mut other = first_turn();
    other[1] = Message::new("user", "Is ibuprofen better?");
    let shared = chat(&engine, &other, &public(Some("ward 2")))
        .usage
        .cached_tokens;
    let system = engine.count_tokens(SYSTEM).unwrap();
    assert!(shared as usize >= system, "{shared} of {system}");
    assert!(shared < secret.usage.prompt_tokens - 1);
    // The text is the same, but this caller did not say that it is public.
    assert_eq!(chat(&engine, &other, &options(None)).usage.cached_tokens, 0);
    assert_eq!(
        chat(&engine, &first_turn(), &public(None)).text,
        secret.text
    );
}

#[test]
fn a_saved_conversation_goes_on_in_another_engine() {
    let cipher = Cipher::new(Key::generate().unwrap());
    let other = Cipher::new(Key::generate().unwrap());
    let (saved, first) = {
        let engine = engine();
        assert_eq!(
            engine.save("ward 1", &cipher).unwrap_err().kind(),
            Kind::NotFound
        );
        let first = chat(&engine, &first_turn(), &options(Some("ward 1")));
        (engine.save("ward 1", &cipher).unwrap(), first)
    };
    let engine = engine();
    let turn = second_turn(&first.text);
    let expected = chat(&engine, &turn, &options(None));
    assert_eq!(
        engine.restore("mine", &other, &saved).unwrap_err().kind(),
        Kind::Decrypt
    );
    let mut bent = saved.clone();
    *bent.last_mut().unwrap() ^= 1;
    assert_eq!(
        engine.restore("mine", &cipher, &bent).unwrap_err().kind(),
        Kind::Decrypt
    );
    engine.restore("mine", &cipher, &saved).unwrap();
    let second = chat(&engine, &turn, &options(Some("mine")));
    assert!(second.usage.cached_tokens >= first.usage.prompt_tokens);
    assert_alike(&second, &expected);
}

#[test]
fn more_conversations_than_there_is_room_for_push_out_the_oldest() {
    let engine = engine();
    for number in 0..40 {
        chat(&engine, &first_turn(), &options(Some(&number.to_string())));
    }
    let oldest = chat(&engine, &first_turn(), &options(Some("0"))).usage;
    let latest = chat(&engine, &first_turn(), &options(Some("39"))).usage;
    assert_eq!(oldest.cached_tokens, 0);
    assert!(latest.cached_tokens > 0);
}

#[test]
fn many_conversations_at_once_keep_apart() {
    for model in [
        support::tiny_model(),
        support::tiny_sliding_model(),
        support::tiny_recurrent_model(),
    ] {
        let engine = engine_of(&model);
        let expected: Vec<Completion> = (0..6)
            .map(|number| {
                let question = [Message::new("user", format!("question {number}"))];
                chat(&engine, &question, &options(None))
            })
            .collect();
        for (one, other) in expected.iter().zip(&expected[1..]) {
            assert!(distance(one, other) > 0.1, "{}", distance(one, other));
        }
        thread::scope(|scope| {
            for (number, expected) in expected.iter().enumerate() {
                let engine = &engine;
                scope.spawn(move || {
                    let question = [Message::new("user", format!("question {number}"))];
                    for _ in 0..5 {
                        let name = number.to_string();
                        let answer = chat(engine, &question, &options(Some(&name)));
                        assert_alike(&answer, expected);
                    }
                });
            }
        });
    }
}

#[test]
fn a_cancelled_request_leaves_a_cache_that_is_whole() {
    let engine = engine();
    let expected = chat(&engine, &first_turn(), &options(None)).text;
    let stopped = engine.chat(
        &first_turn(),
        &options(Some("a")),
        &Cancel::new(),
        &mut |_| ControlFlow::Break(()),
    );
    assert_eq!(stopped.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(
        chat(&engine, &first_turn(), &options(Some("a"))).text,
        expected
    );
}

#[test]
fn a_full_window_drops_its_middle_and_goes_on_where_that_was_asked_for() {
    let question = [Message::new("user", "count")];
    for model in [support::tiny_model(), support::tiny_sliding_model()] {
        let engine = engine_of(&model);
        let window = engine.info().context_tokens;
        let wanted = ChatOptions {
            max_tokens: window + 50,
            top_logprobs: None,
            ..options(None)
        };
        let ended = chat(&engine, &question, &wanted).usage.completion_tokens;
        assert!(ended < window);
        let going_on = ChatOptions {
            n_keep: Some(4),
            ..wanted
        };
        let usage = chat(&engine, &question, &going_on).usage;
        assert_eq!(usage.completion_tokens, window + 50);
    }
    let engine = engine_of(&support::tiny_recurrent_model());
    let going_on = ChatOptions {
        max_tokens: engine.info().context_tokens + 50,
        n_keep: Some(4),
        ..options(None)
    };
    let refused = engine.chat(&question, &going_on, &Cancel::new(), &mut |_| {
        ControlFlow::Continue(())
    });
    assert_eq!(refused.unwrap_err().kind(), Kind::Unsupported);
}

#[test]
fn a_request_that_takes_too_long_is_ended_and_says_so() {
    let engine = engine();
    let hurried = ChatOptions {
        max_tokens: 0,
        timeout: Some(Duration::from_millis(1)),
        ..options(None)
    };
    let ended = engine.chat(&first_turn(), &hurried, &Cancel::new(), &mut |_| {
        ControlFlow::Continue(())
    });
    assert_eq!(ended.unwrap_err().kind(), Kind::Timeout);
    assert!(!chat(&engine, &first_turn(), &options(None)).text.is_empty());
}

#[test]
fn a_guarded_conversation_is_kept_until_its_session_ends() {
    let engine = Arc::new(engine());
    let guard = Guard::builder(Arc::clone(&engine) as Arc<dyn Backend>)
        .without_audit()
        .build()
        .unwrap();
    let ask = |session: &mut Session| {
        let reply = guard.chat(
            session,
            "And now?",
            &options(None),
            &Cancel::new(),
            &mut |_| ControlFlow::Continue(()),
        );
        reply.unwrap().completion.usage
    };
    let identity = || Identity {
        user: "doctor".into(),
        role: "physician".into(),
    };
    let mut session = Session::new(identity()).unwrap();
    let first = ask(&mut session);
    assert_eq!(first.cached_tokens, 0);
    assert!(ask(&mut session).cached_tokens >= first.prompt_tokens);
    // Another session has nothing of it, and neither has this one after it was cleared.
    assert_eq!(ask(&mut Session::new(identity()).unwrap()).cached_tokens, 0);
    session.clear();
    assert_eq!(ask(&mut session).cached_tokens, 0);
    let name = format!("session {}", session.id());
    let cipher = Cipher::new(Key::generate().unwrap());
    assert!(engine.save(&name, &cipher).is_ok());
    drop(session);
    assert_eq!(
        engine.save(&name, &cipher).unwrap_err().kind(),
        Kind::NotFound
    );
}
