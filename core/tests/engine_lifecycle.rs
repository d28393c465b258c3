//! The life of a model in memory: what it takes, that it fits, that it is shared, and that nothing of it stays.
#![cfg(all(feature = "llama", target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use cloister_core::Kind;
use cloister_core::engine::{Cancel, ChatOptions, Engine, EngineOptions, Message, Require, Trust};
use ed25519_dalek::{Signer as _, SigningKey};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use support::gguf::Value;
use support::{real_model, tiny_model, tiny_model_with};
use tempfile::TempDir;

const MEBIBYTE: u64 = 1 << 20;

/// Tests that measure the memory of this process take turns.
static MEASURED: Mutex<()> = Mutex::new(());

/// Tells the second process what to load.
const SHARED: &str = "CLOISTER_TEST_SHARED_MODEL";

fn options(context_tokens: u32) -> EngineOptions {
    EngineOptions {
        context_tokens,
        threads: 1,
        ..EngineOptions::default()
    }
}

fn written(bytes: &[u8]) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A line of what the kernel says of this process, in bytes: `VmRSS`, what is in memory, or `VmHWM`, the most that was.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1024
}

fn answer(engine: &Engine, prompt: &str, max_tokens: u32) -> String {
    let options = ChatOptions {
        max_tokens,
        temperature: 0.0,
        ..ChatOptions::default()
    };
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    let messages = [Message::new("user", prompt)];
    engine
        .chat(&messages, &options, &Cancel::new(), go_on)
        .unwrap()
        .text
}

#[test]
fn the_estimate_covers_what_is_used_and_is_not_far_above() {
    let _alone = MEASURED.lock();
    let options = options(4096);
    let estimate = Engine::inspect(real_model(), &options).unwrap().memory;
    // The most that was in memory is counted anew (proc(5), clear_refs).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let engine = Engine::load(real_model(), &options, None).unwrap();
    assert_eq!(engine.info().memory, estimate);
    answer(
        &engine,
        &"The patient is stable and was seen today. ".repeat(300),
        8,
    );
    let used = memory("VmHWM") - before;
    let total = estimate.total_bytes();
    assert!(
        used <= total,
        "{used} bytes were used, {total} were estimated"
    );
    assert!(
        total <= 2 * used,
        "{used} bytes were used, {total} were estimated"
    );
}

#[test]
fn a_model_that_does_not_fit_is_refused_before_it_is_read() {
    let (_folder, path) = written(&tiny_model_with(|writer| {
        writer.set("llama.context_length", Value::U32(1 << 28));
    }));
    let options = options(1 << 28);
    let report = Engine::inspect(&path, &options).unwrap();
    assert!(
        report
            .available_bytes
            .is_some_and(|free| free < report.memory.total_bytes())
    );
    let error = Engine::load(&path, &options, None).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(error.message().contains("MiB"), "{error}");
}

/// Bytes that the allocator has handed out and not got back.
fn allocated() -> usize {
    // SAFETY: the function reads the allocator's own counters.
    let counters = unsafe { libc::mallinfo2() };
    counters.uordblks + counters.hblkhd
}

#[test]
fn unloading_frees_the_model_however_often() {
    let _alone = MEASURED.lock();
    let left = || {
        let engine = Engine::load(real_model(), &options(1024), None).unwrap();
        answer(&engine, "Name one colour.", 4);
        let loaded = memory("VmRSS");
        engine.unload();
        assert!(!engine.is_loaded());
        let left = memory("VmRSS");
        let weights = engine.info().memory.weights_bytes;
        // They are mapped: the system may have taken some of their pages back by itself.
        assert!(left + weights / 2 < loaded, "{loaded} bytes became {left}");
        drop(engine);
        allocated()
    };
    // What the first load leaves behind belongs to llama.cpp, not to the model.
    let first = left();
    for _ in 0..4 {
        let again = left();
        assert!(
            again < first + (1 << 20),
            "{first} bytes were kept the first time, {again} now"
        );
    }
}

#[test]
fn several_models_answer_at_once_and_end_in_any_order() {
    let _alone = MEASURED.lock();
    let (_folder, tiny) = written(&tiny_model());
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut engines: Vec<_> = [&real_model(), &tiny, &tiny]
            .into_iter()
            .map(|path| Some(Arc::new(Engine::load(path, &options(512), None).unwrap())))
            .collect();
        let running: Vec<_> = engines
            .iter()
            .flatten()
            .map(Arc::clone)
            .map(|engine| std::thread::spawn(move || answer(&engine, "Name one colour.", 3)))
            .collect();
        for thread in running {
            thread.join().unwrap();
        }
        // A stream that is still open, and keeps nothing alive that it needs.
        let streams: Vec<_> = engines
            .iter()
            .flatten()
            .map(|it| it.chat_stream(&[Message::new("user", "Go on.")], &ChatOptions::default()))
            .collect();
        for index in order {
            engines[index] = None;
        }
        drop(streams);
    }
}

/// The second process: loads a model, says so, and waits. Does nothing when run as a test among others.
#[test]
fn a_second_process_holds_a_model() {
    let Some(path) = std::env::var_os(SHARED) else {
        return;
    };
    let engine = Engine::load(path, &options(512), None).unwrap();
    answer(&engine, "Name one colour.", 2);
    let mut output = std::io::stdout();
    output.write_all(b"\nloaded\n").unwrap();
    output.flush().unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn second_process(model: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["a_second_process_holds_a_model", "--exact", "--nocapture"])
        .env(SHARED, model)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.as_mut().unwrap());
    let mut line = String::new();
    while line != "loaded\n" {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the second process ended"
        );
    }
    child
}

/// Adds up a line of `smaps` over the mappings of a file, in bytes.
fn mapped(process: &Child, model: &Path, name: &str) -> u64 {
    let maps = fs::read_to_string(format!("/proc/{}/smaps", process.id())).unwrap();
    let model = model.canonicalize().unwrap();
    let mut inside = false;
    let mut sum = 0;
    for line in maps.lines() {
        let first = line.split(' ').next().unwrap();
        if first.contains('-') && !first.ends_with(':') {
            inside = line.ends_with(model.to_str().unwrap());
        } else if inside && let Some(value) = line.strip_prefix(name) {
            sum += value.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024;
        }
    }
    sum
}

#[test]
fn two_processes_share_the_pages_of_one_model() {
    let model = real_model();
    let mut processes = [second_process(&model), second_process(&model)];
    for process in &processes {
        let resident = mapped(process, &model, "Rss:");
        let shared = mapped(process, &model, "Shared_Clean:");
        assert!(resident > 50 * MEBIBYTE, "{resident} bytes are mapped");
        assert!(
            shared * 10 >= resident * 9,
            "{shared} of {resident} bytes are shared"
        );
        assert_eq!(mapped(process, &model, "Private_Dirty:"), 0);
        assert_eq!(mapped(process, &model, "Shared_Dirty:"), 0);
    }
    for process in &mut processes {
        drop(process.stdin.take());
        assert!(process.wait().unwrap().success());
    }
}

/// A minisign key and signature over some bytes: `Ed` and `ED`, an id, Ed25519 (minisign's own description of its formats).
fn minisign(bytes: &[u8]) -> Trust {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use blake2::{Blake2b512, Digest as _};

    let key = SigningKey::from_bytes(&[7; 32]);
    let (id, comment) = ([1, 2, 3, 4, 5, 6, 7, 8], "tiny");
    let signature = key.sign(&Blake2b512::digest(bytes)).to_bytes();
    let whole = key
        .sign(&[&signature[..], comment.as_bytes()].concat())
        .to_bytes();
    let line = |parts: [&[u8]; 3]| STANDARD.encode(parts.concat());
    Trust {
        require: Require::Signature,
        signature: Some(format!(
            "untrusted comment: -\n{}\ntrusted comment: {comment}\n{}\n",
            line([b"ED", &id, &signature]),
            STANDARD.encode(whole)
        )),
        public_key: Some(line([b"Ed", &id, key.verifying_key().as_bytes()])),
        ..Trust::default()
    }
}

#[test]
fn a_signed_model_is_loaded_and_says_who_signed_it() {
    let (_folder, path) = written(&tiny_model());
    let options = EngineOptions {
        trust: minisign(&tiny_model()),
        ..options(64)
    };
    let engine = Engine::load(&path, &options, None).unwrap();
    let found = &engine.info().provenance;
    assert_eq!(found.verified, Require::Signature);
    assert_eq!(found.signer.as_deref(), Some("minisign:0807060504030201"));
    assert_eq!(
        found.sha256,
        base16ct::lower::encode_string(&Sha256::digest(tiny_model()))
    );
    let mut other = tiny_model();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&path, other).unwrap();
    let error = Engine::load(&path, &options, None).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn a_file_that_takes_the_place_of_a_verified_one_is_never_loaded() {
    let (folder, path) = written(&tiny_model());
    let other = folder.path().join("other.gguf");
    let renamed = tiny_model_with(|writer| writer.set("general.name", Value::text("other")));
    fs::write(&other, renamed).unwrap();
    let options = EngineOptions {
        trust: minisign(&tiny_model()),
        ..options(64)
    };
    // The first report comes while the file is verified, before anything is mapped.
    let mut swap = |_| {
        let _ = fs::rename(&other, &path);
        true
    };
    match Engine::load(&path, &options, Some(&mut swap)) {
        Ok(engine) => assert_eq!(engine.info().name, "tiny"),
        Err(error) => assert_eq!(error.kind(), Kind::Denied),
    }
    assert_eq!(
        Engine::load(&path, &options, None).unwrap_err().kind(),
        Kind::Denied
    );
}

#[test]
fn verifying_can_be_aborted_too() {
    let (_folder, path) = written(&tiny_model());
    let mut reports = 0;
    let mut stop = |share| {
        reports += 1;
        share > 0.0
    };
    let error = Engine::load(&path, &options(64), Some(&mut stop)).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
    assert!(reports > 0);
}
