//! The engine with a tiny random model: lifecycle, threads, cancelling, limits.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use cloister_core::engine::{
    Backend, Cancel, ChatOptions, Completion, EmbedOptions, Engine, EngineOptions, FinishReason,
    Message, Pooling,
};
use cloister_core::{Kind, Result};
use tempfile::TempDir;

/// Tells the second process what to do.
const EARLY: &str = "CLOISTER_TEST_END_EARLY";

fn engine_with(options: &EngineOptions) -> Engine {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, support::tiny_model()).unwrap();
    Engine::load(path, options, None).unwrap()
}

fn engine() -> Engine {
    engine_with(&EngineOptions {
        threads: 1,
        ..EngineOptions::default()
    })
}

/// The likeliest token each time: the tiny model then never ends by itself.
fn greedy(max_tokens: u32) -> ChatOptions {
    ChatOptions {
        max_tokens,
        temperature: 0.0,
        ..ChatOptions::default()
    }
}

fn ask(text: &str) -> Vec<Message> {
    vec![Message::new("user", text)]
}

fn chat(engine: &Engine, text: &str, options: &ChatOptions) -> Result<Completion> {
    engine.chat(&ask(text), options, &Cancel::new(), &mut |_| {
        ControlFlow::Continue(())
    })
}

fn kind<T>(result: Result<T>) -> Kind {
    result.err().expect("an error").kind()
}

#[test]
fn the_answer_is_what_was_streamed() {
    let engine = engine();
    let mut pieces = String::new();
    let completion = engine
        .chat(
            &ask("the patient"),
            &greedy(50),
            &Cancel::new(),
            &mut |text| {
                pieces.push_str(text);
                ControlFlow::Continue(())
            },
        )
        .unwrap();
    assert_eq!(completion.text, pieces);
    let mut stream = engine
        .chat_stream(&ask("the patient"), &greedy(50))
        .unwrap();
    assert!(stream.completion().is_none());
    let streamed: String = stream.by_ref().map(Result::unwrap).collect();
    assert_eq!(streamed, pieces);
    assert_eq!(stream.completion().unwrap().text, pieces);
    assert!(stream.next().is_none());
}

#[test]
fn a_text_is_pooled_as_asked() {
    let engine = engine();
    let embed = |text: &str, pooling, normalize| {
        engine
            .embed_with(text, EmbedOptions { pooling, normalize })
            .unwrap()
    };
    // What the last token sees is the whole text, the first only itself.
    assert_eq!(
        embed("the patient", Pooling::First, true),
        embed("the patients", Pooling::First, true)
    );
    assert_ne!(
        embed("the patient", Pooling::Last, true),
        embed("a patient", Pooling::Last, true)
    );
    let raw = embed("the patient", Pooling::Mean, false);
    let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
    for (raw, unit) in raw.iter().zip(engine.embed("the patient").unwrap()) {
        assert!((raw / length - unit).abs() < 1e-5);
    }
}

#[test]
fn tokens_and_time_are_counted() {
    let engine = engine();
    let completion = chat(&engine, "the patient", &greedy(20)).unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Length);
    assert_eq!(completion.usage.completion_tokens, 20);
    let prompt = engine.chat_tokens(&ask("the patient")).unwrap();
    assert_eq!(completion.usage.prompt_tokens as usize, prompt.len());
    assert!(completion.timings.generation > Duration::ZERO);
}

#[test]
fn the_same_seed_gives_the_same_answer_whatever_else_runs() {
    let engine = engine();
    let seeded = ChatOptions {
        max_tokens: 60,
        temperature: 1.5,
        seed: Some(11),
        ..ChatOptions::default()
    };
    let alone = chat(&engine, "the patient is", &seeded).unwrap().text;
    thread::scope(|scope| {
        for index in 0..4 {
            let engine = &engine;
            scope.spawn(move || chat(engine, &"the ".repeat(index * 7 + 1), &greedy(80)).unwrap());
        }
        for _ in 0..3 {
            assert_eq!(
                chat(&engine, "the patient is", &seeded).unwrap().text,
                alone
            );
        }
    });
    let other = ChatOptions {
        seed: Some(12),
        ..seeded.clone()
    };
    assert_ne!(chat(&engine, "the patient is", &other).unwrap().text, alone);
    let largest = ChatOptions {
        seed: Some(u32::MAX),
        ..seeded
    };
    let first = chat(&engine, "the", &largest).unwrap().text;
    assert_eq!(chat(&engine, "the", &largest).unwrap().text, first);
}

#[test]
fn eight_threads_share_one_engine() {
    let engine = engine();
    let barrier = Barrier::new(8);
    let answers: Vec<Completion> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|index| {
                let (engine, barrier) = (&engine, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    chat(engine, &"the patient ".repeat(index + 1), &greedy(64)).unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        answers
            .iter()
            .all(|answer| answer.usage.completion_tokens == 64)
    );
    assert_eq!(
        engine.embed("the patient").unwrap().len(),
        engine.info().embedding_length as usize
    );
}

#[test]
fn a_request_that_needs_the_whole_context_waits_for_the_others_and_gets_it() {
    let engine = engine_with(&EngineOptions {
        context_tokens: 256,
        threads: 1,
        ..EngineOptions::default()
    });
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                assert_eq!(
                    chat(&engine, "the", &greedy(100))
                        .unwrap()
                        .usage
                        .completion_tokens,
                    100
                );
            });
            scope.spawn(|| {
                let all = chat(&engine, "the", &greedy(0)).unwrap();
                assert_eq!(all.finish_reason, FinishReason::Length);
                assert_eq!(all.usage.prompt_tokens + all.usage.completion_tokens, 256);
            });
        }
    });
}

#[test]
fn a_prompt_beyond_the_context_window_is_too_large_and_says_by_how_much() {
    let engine = engine_with(&EngineOptions {
        context_tokens: 64,
        threads: 1,
        ..EngineOptions::default()
    });
    for repeated in [100, 100_000] {
        let error = chat(&engine, &"the patient ".repeat(repeated), &greedy(1)).unwrap_err();
        assert_eq!(error.kind(), Kind::TooLarge);
        assert!(error.message().contains("context window 64"), "{error}");
    }
    let error = engine.embed(&"the patient ".repeat(100)).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert_eq!(
        kind(engine.generate_stream(&"the ".repeat(64), &greedy(1))),
        Kind::TooLarge
    );
}

#[test]
fn a_cancelled_answer_ends_at_once() {
    let engine = engine();
    let cancel = Cancel::new();
    let mut pieces = 0;
    let result = engine.chat(&ask("the"), &greedy(0), &cancel, &mut |_| {
        pieces += 1;
        if pieces == 5 {
            cancel.cancel();
        }
        ControlFlow::Continue(())
    });
    assert_eq!(kind(result), Kind::Cancelled);
    let broken = engine.chat(&ask("the"), &greedy(0), &Cancel::new(), &mut |_| {
        ControlFlow::Break(())
    });
    assert_eq!(kind(broken), Kind::Cancelled);
    assert_eq!(
        chat(&engine, "the", &greedy(5))
            .unwrap()
            .usage
            .completion_tokens,
        5
    );
}

#[test]
fn a_break_does_not_set_the_flag_of_the_caller() {
    let engine = engine();
    let cancel = Cancel::new();
    let broken = engine.chat(&ask("the"), &greedy(0), &cancel, &mut |_| {
        ControlFlow::Break(())
    });
    assert_eq!(kind(broken), Kind::Cancelled);
    assert!(!cancel.is_cancelled());
}

#[test]
fn a_dropped_stream_makes_room() {
    let engine = engine();
    for _ in 0..20 {
        let mut stream = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
        assert!(stream.next().unwrap().is_ok());
    }
    assert_eq!(
        chat(&engine, "the", &greedy(5))
            .unwrap()
            .usage
            .completion_tokens,
        5
    );
}

#[test]
fn a_waiting_request_can_be_cancelled_while_another_one_runs() {
    let engine = engine();
    let mut running = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
    running.next().unwrap().unwrap();
    let mut waiting = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
    waiting.cancel().cancel();
    assert_eq!(kind(waiting.next().unwrap()), Kind::Cancelled);
    assert!(waiting.next().is_none());
    assert!(running.next().unwrap().is_ok());
}

#[test]
fn too_many_waiting_requests_are_busy() {
    let engine = engine_with(&EngineOptions {
        threads: 1,
        queue: 2,
        ..EngineOptions::default()
    });
    // Each asks for the whole context, so that they are answered one after the other.
    let mut streams = vec![engine.chat_stream(&ask("the"), &greedy(0)).unwrap()];
    streams[0].next().unwrap().unwrap();
    for _ in 0..2 {
        streams.push(engine.chat_stream(&ask("the"), &greedy(0)).unwrap());
    }
    assert_eq!(
        kind(engine.chat_stream(&ask("the"), &greedy(0))),
        Kind::Busy
    );
    drop(streams);
    assert!(chat(&engine, "the", &greedy(1)).is_ok());
}

#[test]
fn unloading_ends_everything_and_can_be_repeated() {
    let engine = engine();
    let mut running = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
    running.next().unwrap().unwrap();
    let mut waiting = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| engine.unload());
        scope.spawn(|| engine.unload());
    });
    assert!(!engine.is_loaded());
    let last = running.by_ref().last().unwrap();
    assert_eq!(kind(last), Kind::Closed);
    assert_eq!(kind(waiting.next().unwrap()), Kind::Closed);
    assert_eq!(kind(chat(&engine, "the", &greedy(1))), Kind::Closed);
    assert_eq!(kind(engine.embed("the")), Kind::Closed);
    assert_eq!(kind(engine.count_tokens("the")), Kind::Closed);
    assert_eq!(kind(engine.render(&ask("the"))), Kind::Closed);
    assert_eq!(engine.info().name, "tiny");
    engine.unload();
}

#[test]
fn unloading_from_within_an_answer_ends_it() {
    let engine = engine();
    let result = engine.chat(&ask("the"), &greedy(0), &Cancel::new(), &mut |_| {
        engine.unload();
        ControlFlow::Continue(())
    });
    assert_eq!(kind(result), Kind::Closed);
}

#[test]
fn engines_come_and_go_while_streams_outlive_them() {
    for _ in 0..5 {
        let engine = engine();
        let mut stream = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
        stream.next().unwrap().unwrap();
        drop(engine);
        assert_eq!(kind(stream.by_ref().last().unwrap()), Kind::Closed);
    }
}

#[test]
fn two_models_can_be_loaded_at_once() {
    let (first, second) = (engine(), engine());
    thread::scope(|scope| {
        let one = scope.spawn(|| chat(&first, "the patient", &greedy(40)).unwrap().text);
        let two = scope.spawn(|| chat(&second, "the patient", &greedy(40)).unwrap().text);
        assert_eq!(one.join().unwrap(), two.join().unwrap());
    });
}

#[test]
fn a_panic_in_the_callers_code_leaves_the_engine_usable() {
    let engine = engine();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut on_text =
            |_: &str| -> ControlFlow<()> { std::panic::resume_unwind(Box::new("stop")) };
        engine.chat(&ask("the"), &greedy(0), &Cancel::new(), &mut on_text)
    }));
    assert!(panicked.is_err());
    assert!(chat(&engine, "the", &greedy(5)).is_ok());
}

#[test]
fn arguments_out_of_range_are_refused() {
    let engine = engine();
    let wrong: [fn(&mut ChatOptions); 6] = [
        |options| options.temperature = f32::NAN,
        |options| options.temperature = -1.0,
        |options| options.top_p = 0.0,
        |options| options.min_p = 1.5,
        |options| options.repeat_penalty = 0.0,
        |options| options.stop = vec![String::new()],
    ];
    for change in wrong {
        let mut options = greedy(1);
        change(&mut options);
        assert_eq!(kind(chat(&engine, "the", &options)), Kind::InvalidArgument);
    }
    for role in ["", "user\n", "<|im_end|>", "an assistant"] {
        let messages = [Message::new(role, "the")];
        assert_eq!(
            kind(engine.chat_stream(&messages, &greedy(1))),
            Kind::InvalidArgument
        );
    }
    assert_eq!(
        kind(engine.chat_stream(&[], &greedy(1))),
        Kind::InvalidArgument
    );
    assert_eq!(kind(engine.embed("")), Kind::InvalidArgument);
    assert_eq!(kind(Pooling::parse("middle")), Kind::InvalidArgument);
}

#[test]
fn extreme_but_allowed_options_work() {
    let engine = engine();
    let options = ChatOptions {
        max_tokens: 10,
        temperature: 10.0,
        top_p: 1.0,
        top_k: u32::MAX,
        min_p: 0.0,
        repeat_penalty: 10.0,
        repeat_last_n: u32::MAX,
        frequency_penalty: -2.0,
        presence_penalty: 2.0,
        ..ChatOptions::default()
    };
    chat(&engine, "the patient", &options).unwrap();
}

#[test]
fn odd_texts_are_answered() {
    let engine = engine();
    for text in [
        "",
        "\0",
        "a\0b",
        "\u{F0000}",
        "é€😀\u{202E}",
        "<",
        "<|",
        "<|im_end|",
        "▁",
    ] {
        chat(&engine, text, &greedy(2)).unwrap();
        engine.count_tokens(text).unwrap();
    }
    assert_eq!(engine.count_tokens("").unwrap(), 0);
}

#[test]
fn what_leaves_the_engine_is_whole_text_even_if_the_model_writes_half_code_points() {
    let engine = engine();
    // An answer may end before anything is cut.
    let broken = (0..16).any(|seed| {
        let options = ChatOptions {
            max_tokens: 400,
            temperature: 5.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: Some(seed),
            ..ChatOptions::default()
        };
        let answer = engine.generate("the", &options, &Cancel::new(), &mut |piece| {
            assert!(!piece.is_empty());
            ControlFlow::Continue(())
        });
        answer.unwrap().text.contains(char::REPLACEMENT_CHARACTER)
    });
    assert!(broken);
}

#[test]
fn a_stop_text_ends_the_answer_before_itself() {
    let engine = engine();
    let whole = chat(&engine, "the patient", &greedy(60)).unwrap().text;
    let places: Vec<usize> = whole.char_indices().map(|(place, _)| place).collect();
    let stop = whole[places[10]..places[14]].to_owned();
    let options = ChatOptions {
        stop: vec![stop.clone(), "this does not come up".into()],
        ..greedy(60)
    };
    let stopped = chat(&engine, "the patient", &options).unwrap();
    assert_eq!(stopped.finish_reason, FinishReason::Stop);
    assert_eq!(Some(stopped.text.as_str()), whole.split(&stop).next());
}

#[test]
fn a_model_without_a_template_says_what_to_use_instead() {
    let bytes = support::tiny_model_with(|writer| writer.remove("tokenizer.chat_template"));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("plain.gguf");
    std::fs::write(&path, bytes).unwrap();
    let engine = Engine::load(path, &EngineOptions::default(), None).unwrap();
    assert!(!engine.info().has_chat_template);
    let error = chat(&engine, "the", &greedy(1)).unwrap_err();
    assert_eq!(error.kind(), Kind::Model);
    assert!(error.message().contains("`generate`"), "{error}");
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    assert!(
        engine
            .generate("the", &greedy(1), &Cancel::new(), go_on)
            .is_ok()
    );
}

#[test]
fn an_engine_is_a_backend() {
    let engine = engine();
    let backend: &dyn Backend = &engine;
    assert_eq!(backend.name(), "tiny");
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    let answer = backend.chat(&ask("the"), &greedy(3), &Cancel::new(), go_on);
    assert_eq!(answer.unwrap().usage.completion_tokens, 3);
}

#[test]
fn cancelling_during_a_long_prompt_takes_one_batch() {
    let engine = engine();
    let long = "the patient is ".repeat(150);
    let whole = Instant::now();
    chat(&engine, &long, &greedy(1)).unwrap();
    let whole = whole.elapsed();
    let cancel = Cancel::new();
    let result = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            engine.chat(&ask(&long), &greedy(1), &cancel, &mut |_| {
                ControlFlow::Continue(())
            })
        });
        cancel.cancel();
        let since = Instant::now();
        (waiting.join().unwrap(), since.elapsed())
    });
    assert_eq!(kind(result.0), Kind::Cancelled);
    assert!(
        result.1 < whole + Duration::from_millis(200),
        "{:?} of {whole:?}",
        result.1
    );
}

/// The second process of the next test. Does nothing when run as a test among others.
#[test]
fn a_process_that_ends_early() {
    if std::env::var_os(EARLY).is_some() {
        let engine = engine();
        let mut stream = engine.chat_stream(&ask("the"), &greedy(0)).unwrap();
        stream.next().unwrap().unwrap();
        std::process::exit(0);
    }
}

#[test]
fn a_process_may_end_while_a_model_answers() {
    for _ in 0..20 {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["a_process_that_ends_early", "--exact"])
            .env(EARLY, "1")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{status}");
    }
}

#[test]
fn a_variable_that_makes_llama_cpp_print_is_refused() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["the_answer_is_what_was_streamed", "--exact"])
        .env("LLAMA_BATCH_DEBUG", "2")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains("Denied: the environment variable `LLAMA_BATCH_DEBUG`"),
        "{printed}"
    );
}

#[test]
fn no_formatter_shows_a_conversation() {
    let engine = engine();
    let stream = engine.chat_stream(&ask("the patient"), &greedy(5)).unwrap();
    let shown = format!("{engine:?} {stream:?} {:?}", ask("the patient"));
    assert!(!shown.contains("patient"), "{shown}");
}

#[test]
fn what_is_enforced_is_reported() {
    let report = cloister_core::isolation::report();
    assert!(!report.cpu_features.is_empty());
    assert!(!report.enforced.is_empty() && !report.not_enforced.is_empty());
}

#[test]
#[cfg(windows)]
fn nobody_changes_renames_or_removes_a_model_while_it_is_loaded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, support::tiny_model()).unwrap();
    let engine = Engine::load(&path, &EngineOptions::default(), None).unwrap();
    assert!(std::fs::OpenOptions::new().write(true).open(&path).is_err());
    assert!(std::fs::rename(&path, folder.path().join("other.gguf")).is_err());
    assert!(std::fs::remove_file(&path).is_err());
    engine.unload();
    drop(engine);
    std::fs::remove_file(&path).unwrap();
}
