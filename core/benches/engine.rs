//! The engine's part in `make bench`; nothing here passes or fails.
//!
//! `cloister THREADS`, `speculating THREADS` and `bare THREADS` work on request: for each line `task repeats -` on standard
//! input they do the task so often with the model that `CLOISTER_TEST_MODEL` names, and answer with the seconds that it took and
//! the number of tokens. `cloister` evaluates one token at a time, as `bare` does: llama.cpp alone, a decode loop over the same
//! library and for the same CPU. With one thread the seconds are processor time, else the clock's. `thin PATH` writes a model that
//! takes so little time that what is done around it can be seen.

#![allow(
    clippy::print_stdout,
    reason = "printing the figures is what this program is for"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::io::BufRead;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use cloister_core::engine::{Cancel, ChatOptions, Completion, Engine, EngineOptions, Message};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use rustix::time::{ClockId, clock_gettime};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Tokens of the context window of both.
const CONTEXT: u32 = 8192;
/// Tokens per batch of llama.cpp's own tools.
const BARE_BATCH: usize = 512;
/// Conversations at once.
const EIGHT: i32 = 8;
/// Tokens of an answer.
const ANSWER: u32 = 128;
/// Tokens of the thin model, about as many as `SmolLM2` has.
const WORDS: usize = 49_000;
/// Tokens of a long answer.
const LONG: u32 = 5 * ANSWER;
/// A text that is no token's worth longer or shorter for any tokenizer of the field.
const SENTENCE: &str =
    "The patient came to the ward in the morning and said that the pain was less than before. ";

/// A note of which an answer repeats parts.
const NOTE: &str = include_str!("note.txt");
/// A question whose answer repeats little.
const STORY: &str = "Write a long story about a nurse who worked in a small hospital by the sea.";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [way, path] = arguments.as_slice()
        && way == "thin"
    {
        return Ok(fs::write(path, support::tiny_model_of_words(WORDS))?);
    }
    let Some(model) = env::var_os("CLOISTER_TEST_MODEL").map(PathBuf::from) else {
        return Ok(());
    };
    let threads = arguments
        .get(1)
        .and_then(|threads| threads.parse().ok())
        .unwrap_or(1);
    match arguments.first().map(String::as_str) {
        Some(way @ ("cloister" | "speculating")) => {
            let options = EngineOptions {
                context_tokens: CONTEXT,
                threads,
                no_speculation: way == "cloister",
                ..EngineOptions::default()
            };
            let engine = Engine::load(model, &options, None)?;
            serve(threads, |task| ours(&engine, task))
        }
        Some("bare") => {
            let best = cloister_cpu::variants()
                .iter()
                .find(|variant| variant.suits());
            if let Some(best) = best {
                // SAFETY: it suits this CPU, and llama.cpp starts below.
                unsafe { best.register() };
            }
            let backend = {
                let mut backend = LlamaBackend::init()?;
                backend.void_logs();
                backend
            };
            let model = LlamaModel::load_from_file(&backend, model, &LlamaModelParams::default())?;
            let threads_i32 = i32::try_from(threads)?;
            let parameters = LlamaContextParams::default()
                .with_n_ctx(NonZeroU32::new(CONTEXT))
                .with_n_batch(u32::try_from(BARE_BATCH)?)
                .with_n_ubatch(u32::try_from(BARE_BATCH)?)
                .with_n_seq_max(u32::try_from(EIGHT)?)
                .with_kv_unified(true)
                .with_n_threads(threads_i32)
                .with_n_threads_batch(threads_i32)
                .with_no_perf(true);
            let mut context = model.new_context(&backend, parameters)?;
            serve(threads, |task| bare(&model, &mut context, task))
        }
        _ => {
            println!("this is a part of `make bench`");
            Ok(())
        }
    }
}

/// Does tasks on request. A task returns its tokens, and the time if that is not all of it.
fn serve(
    threads: u32,
    mut work: impl FnMut(&str) -> Outcome<(u32, Option<Duration>)>,
) -> Outcome<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut parts = line.splitn(3, ' ');
        let (Some(task), Some(repeats)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (mut tokens, mut seconds) = (0, 0.0);
        for _ in 0..repeats.parse().unwrap_or(1) {
            let (cpu, clock) = (cpu_time(), Instant::now());
            let (done, own) = work(task)?;
            tokens += done;
            seconds += match own {
                Some(time) => time.as_secs_f64(),
                None if threads == 1 => cpu_time() - cpu,
                None => clock.elapsed().as_secs_f64(),
            };
        }
        println!("{seconds} {tokens}");
    }
    Ok(())
}

/// Processor time of this process so far.
fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
    .as_secs_f64()
}

fn greedy(max_tokens: u32) -> ChatOptions {
    ChatOptions {
        max_tokens,
        temperature: 0.0,
        ..ChatOptions::default()
    }
}

fn continued(engine: &Engine, prompt: &str, tokens: u32) -> Outcome<Completion> {
    // The control tokens that would end the answer are not likely behind such a text; what counts is tokens per second.
    Ok(
        engine.generate(prompt, &greedy(tokens), &Cancel::new(), &mut |_| {
            ControlFlow::Continue(())
        })?,
    )
}

fn conversation(engine: &Engine, sentences: usize, cache: &str, more: &str) -> Outcome<Completion> {
    let mut messages = vec![Message::new("user", SENTENCE.repeat(sentences))];
    if !more.is_empty() {
        messages.push(Message::new("assistant", "I see."));
        messages.push(Message::new("user", more));
    }
    let options = ChatOptions {
        cache: Some(cache.to_owned()),
        ..greedy(1)
    };
    Ok(engine.chat(&messages, &options, &Cancel::new(), &mut |_| {
        ControlFlow::Continue(())
    })?)
}

fn ours(engine: &Engine, task: &str) -> Outcome<(u32, Option<Duration>)> {
    match task {
        "prompt" => {
            let done = continued(engine, &SENTENCE.repeat(25), 1)?;
            Ok((done.usage.prompt_tokens, None))
        }
        "generate" => {
            let done = continued(engine, SENTENCE, ANSWER)?;
            Ok((done.usage.completion_tokens, Some(done.timings.generation)))
        }
        "generate-cpu" | "long-generate-cpu" => {
            let tokens = if task.starts_with("long") {
                LONG
            } else {
                ANSWER
            };
            let done = continued(engine, SENTENCE, tokens)?;
            Ok((done.usage.completion_tokens, None))
        }
        "story" | "letter" => {
            let question = match task {
                "letter" => {
                    format!("Write this note again as a letter to the patient's doctor:\n\n{NOTE}")
                }
                _ => STORY.to_owned(),
            };
            let messages = [Message::new("user", question)];
            let done = engine.chat(&messages, &greedy(ANSWER), &Cancel::new(), &mut |_| {
                ControlFlow::Continue(())
            })?;
            Ok((done.usage.completion_tokens, Some(done.timings.generation)))
        }
        "eight" => {
            let tokens = thread::scope(|scope| {
                let each: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            continued(engine, SENTENCE, ANSWER).map_err(|error| error.to_string())
                        })
                    })
                    .collect();
                each.into_iter()
                    .map(|thread| {
                        let done = thread
                            .join()
                            .map_err(|_| "a thread panicked".to_owned())??;
                        Ok(done.usage.completion_tokens)
                    })
                    .sum::<Result<u32, String>>()
            })?;
            Ok((tokens, None))
        }
        "first-turn" => {
            engine.forget("bench")?;
            let done = conversation(engine, 100, "bench", "")?;
            Ok((done.usage.prompt_tokens, Some(done.timings.prompt)))
        }
        "second-turn" => {
            let done = conversation(engine, 100, "bench", "And now?")?;
            Ok((done.usage.prompt_tokens, Some(done.timings.prompt)))
        }
        "cancel" => {
            let prompt = SENTENCE.repeat(200);
            let cancel = Cancel::new();
            let waited = thread::scope(|scope| {
                let asked = scope.spawn(|| {
                    let answer = engine.generate(&prompt, &greedy(1), &cancel, &mut |_| {
                        ControlFlow::Continue(())
                    });
                    (answer.is_err(), Instant::now())
                });
                thread::sleep(Duration::from_millis(700));
                let cancelled = Instant::now();
                cancel.cancel();
                let (stopped, ended) = asked.join().map_err(|_| "a thread panicked")?;
                if stopped {
                    Ok(ended - cancelled)
                } else {
                    Err("the prompt was evaluated before it was cancelled")
                }
            })?;
            Ok((1, Some(waited)))
        }
        _ => Err("no such task".into()),
    }
}

/// Eight answers in one batch per step, as llama.cpp alone does it.
fn bare_eight(
    model: &LlamaModel,
    context: &mut LlamaContext<'_>,
) -> Outcome<(u32, Option<Duration>)> {
    let prompt = model.vocab().tokenize(SENTENCE.as_bytes(), true, true);
    context.clear_kv_cache();
    let mut batch = LlamaBatch::new(BARE_BATCH, 1);
    let mut outputs = Vec::new();
    for sequence in 0..EIGHT {
        for (position, token) in (0..).zip(&prompt) {
            let last = usize::try_from(position)? + 1 == prompt.len();
            if last {
                outputs.push(batch.n_tokens());
            }
            batch.add(*token, position, &[sequence], last)?;
        }
    }
    let mut sampler = LlamaSampler::greedy();
    let first = i32::try_from(prompt.len())?;
    for position in (first..).take(ANSWER as usize) {
        context.decode(&mut batch)?;
        let tokens: Vec<LlamaToken> = outputs
            .iter()
            .map(|output| sampler.sample(context, *output))
            .collect();
        batch.clear();
        outputs = (0..EIGHT).collect();
        for (sequence, token) in (0..).zip(tokens) {
            batch.add(token, position, &[sequence], true)?;
        }
    }
    Ok((ANSWER * u32::try_from(EIGHT)?, None))
}

fn bare(
    model: &LlamaModel,
    context: &mut LlamaContext<'_>,
    task: &str,
) -> Outcome<(u32, Option<Duration>)> {
    if task == "eight" {
        return bare_eight(model, context);
    }
    if let Some(rows) = task.strip_prefix("rows") {
        let rows: i32 = rows.parse()?;
        let prompt = model.vocab().tokenize(SENTENCE.as_bytes(), true, true);
        context.clear_kv_cache();
        let mut batch = LlamaBatch::new(BARE_BATCH, 1);
        let mut position = 0;
        for token in &prompt {
            batch.add(*token, position, &[0], false)?;
            position += 1;
        }
        context.decode(&mut batch)?;
        let cpu = cpu_time();
        for _ in 0..16 {
            batch.clear();
            for row in 0..rows {
                batch.add(prompt[usize::try_from(row)?], position, &[0], true)?;
                position += 1;
            }
            context.decode(&mut batch)?;
        }
        return Ok((16, Some(Duration::from_secs_f64(cpu_time() - cpu))));
    }
    let text = match task {
        "prompt" => SENTENCE.repeat(25),
        _ => SENTENCE.to_owned(),
    };
    let prompt = model.vocab().tokenize(text.as_bytes(), true, true);
    context.clear_kv_cache();
    let mut batch = LlamaBatch::new(BARE_BATCH, 1);
    let mut position = 0;
    for part in prompt.chunks(BARE_BATCH) {
        batch.clear();
        for token in part {
            let last = usize::try_from(position)? + 1 == prompt.len();
            batch.add(*token, position, &[0], last)?;
            position += 1;
        }
        context.decode(&mut batch)?;
    }
    let mut sampler = LlamaSampler::greedy();
    let mut token: LlamaToken = sampler.sample(context, batch.n_tokens() - 1);
    if task == "prompt" {
        return Ok((u32::try_from(prompt.len())?, None));
    }
    let began = Instant::now();
    let answer = if task.starts_with("long") {
        LONG
    } else {
        ANSWER
    };
    for _ in 1..answer {
        batch.clear();
        batch.add(token, position, &[0], true)?;
        context.decode(&mut batch)?;
        // What follows from the logits is not llama.cpp's part of the work.
        if !task.contains("decode") {
            token = sampler.sample(context, 0);
        }
        position += 1;
    }
    let own = (task == "generate").then(|| began.elapsed());
    Ok((answer, own))
}
