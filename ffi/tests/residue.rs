//! What is left of a conversation in the memory of a process after it has ended: nothing, and with wiping switched off a lot.
#![cfg(all(feature = "llama", target_os = "linux"))]

#[path = "../../core/tests/support/mod.rs"]
mod models;
mod support;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::process::{Child, Command, Stdio};

use cloister_core::engine::{Engine, EngineOptions, Message};
use support::{Language, library_dir, root, succeed};

/// No dictionary has these words, so no page of a program holds them by chance.
const PROMPT: &str = "Please say in one sentence what the quorvexil thrandomere of our wexbury ointment zantrolene plimquist is \
                      good for, and whether brundlewick osmothery can be taken with it.";
/// Bytes of a piece that is searched for.
const PIECE: usize = 16;
/// Tokens of a piece that is searched for.
const TOKENS: usize = 5;

/// How often each kind of trace was found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Traces {
    prompt: usize,
    prompt_as_utf16: usize,
    tokens: usize,
    answer: usize,
    key: usize,
}

/// A key that is different each time.
fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut it| it.read_exact(&mut key))
        .expect("random bytes");
    key
}

fn pieces(text: &[u8]) -> Vec<Vec<u8>> {
    text.chunks_exact(PIECE).map(<[u8]>::to_vec).collect()
}

fn as_utf16(piece: &[u8]) -> Vec<u8> {
    piece.iter().flat_map(|byte| [*byte, 0]).collect()
}

/// Runs of tokens inside the prompt, as they stand in memory.
fn token_pieces() -> Vec<Vec<u8>> {
    let options = EngineOptions {
        context_tokens: 256,
        ..EngineOptions::default()
    };
    let engine = Engine::load(models::real_model(), &options, None).expect("the model");
    let tokens = engine
        .chat_tokens(&[Message::new("user", PROMPT)])
        .expect("tokens");
    // Beginning and end belong to the template, and other prompts have them as well.
    let inner = &tokens[tokens.len() / 3..tokens.len() - tokens.len() / 4];
    assert!(inner.len() > 2 * TOKENS);
    inner
        .chunks_exact(TOKENS)
        .map(|run| run.iter().flat_map(|token| token.to_ne_bytes()).collect())
        .collect()
}

/// How often any of `wanted` is in memory that `process` can write to; standard error gets where.
fn count(process: &Child, wanted: &[Vec<u8>]) -> usize {
    let maps = fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("its maps");
    let memory = File::open(format!("/proc/{}/mem", process.id())).expect("its memory");
    let mut found = 0;
    for line in maps.lines().filter(|line| {
        line.split(' ')
            .nth(1)
            .is_some_and(|it| it.starts_with("rw"))
    }) {
        let (start, end) = line
            .split_once(' ')
            .and_then(|(range, _)| range.split_once('-'))
            .map(|(start, end)| {
                [start, end].map(|it| u64::from_str_radix(it, 16).expect("an address"))
            })
            .map(|[start, end]| (start, end))
            .expect("a range");
        let mut bytes = vec![0; usize::try_from(end - start).expect("a length")];
        // Some pages of the kernel's own cannot be read.
        if memory.read_exact_at(&mut bytes, start).is_err() {
            continue;
        }
        for piece in wanted {
            for at in memchr::memmem::find_iter(&bytes, piece) {
                found += 1;
                let around = &bytes[at.saturating_sub(64)..bytes.len().min(at + 96)];
                eprintln!("at {at:#x} of {line}: {}", around.escape_ascii());
            }
        }
    }
    found
}

/// Runs a program of `tests/memory` and looks into it when its conversation has ended.
fn traces(language: Language, wiping: &str, token_pieces: &[Vec<u8>]) -> Traces {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let program = scratch.path().join("program");
    let extension = language.extension();
    succeed(
        language
            .compiler()
            .arg(root().join(format!("tests/memory/residue.{extension}")))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(library_dir())
            .arg(format!("-Wl,-rpath,{}", library_dir().display()))
            .args(["-lcloister", "-lm", "-pthread"]),
    );
    let key = random_key();
    let mut child = Command::new(program)
        .env_remove("LD_LIBRARY_PATH")
        .arg(scratch.path())
        .arg(models::real_model())
        .arg(PROMPT.len().to_string())
        .arg(wiping)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(&key).expect("it reads");
    stdin.write_all(PROMPT.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut byte = [0];
    while stdout.read_exact(&mut byte).is_ok() && byte != [0] {
        answer.push(byte[0]);
    }
    assert_eq!(byte, [0], "the program ended early");
    assert!(answer.len() >= PIECE, "the answer is too short to look for");
    let prompt = pieces(PROMPT.as_bytes());
    let wide: Vec<_> = prompt.iter().map(|piece| as_utf16(piece)).collect();
    let traces = Traces {
        prompt: count(&child, &prompt),
        prompt_as_utf16: count(&child, &wide),
        tokens: count(&child, token_pieces),
        answer: count(&child, &pieces(&answer)),
        key: count(&child, &[key.to_vec()]),
    };
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    traces
}

#[test]
fn nothing_of_a_conversation_is_left_when_it_has_ended() {
    let tokens = token_pieces();
    for language in [Language::C11, Language::Cpp17] {
        assert_eq!(
            traces(language, "on", &tokens),
            Traces::default(),
            "{language:?}"
        );
        let found = traces(language, "off", &tokens);
        assert!(
            found.prompt > 0 && found.tokens > 0,
            "{language:?}: {found:?}"
        );
        eprintln!("{language:?}, without wiping: {found:?}");
    }
}
