//! What goes into an answer and what comes out, whichever backend gives it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zeroize::Zeroize;

use crate::isolation::{Lockdown, Observer, Probe, Violation};
use crate::{Error, Kind, Result};

/// One turn of a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// `system`, `user` or `assistant`; what else is allowed is up to the model's template.
    pub role: String,
    /// The text.
    pub content: String,
}

impl Message {
    /// A message of any role.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
        }
    }
}

impl Zeroize for Message {
    fn zeroize(&mut self) {
        self.content.zeroize();
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("role", &self.role)
            .field("content", &"[REDACTED]")
            .finish()
    }
}

/// How an answer is generated. Names and defaults follow `llama_cpp.Llama.create_chat_completion`.
#[derive(Clone, PartialEq)]
pub struct ChatOptions {
    /// At most this many tokens are generated; 0 means until the context window is full.
    pub max_tokens: u32,
    /// 0 picks the likeliest token each time. Range 0 to 10.
    pub temperature: f32,
    /// Nucleus sampling, above 0 to 1.
    pub top_p: f32,
    /// Sample among this many likeliest tokens; 0 means all.
    pub top_k: u32,
    /// Drop tokens less likely than this share of the likeliest, 0 to 1.
    pub min_p: f32,
    /// Penalty on tokens among the last `repeat_last_n`; 1 is none. Range 0.1 to 10.
    pub repeat_penalty: f32,
    /// How many tokens back the penalties look.
    pub repeat_last_n: u32,
    /// Range -2 to 2.
    pub frequency_penalty: f32,
    /// Range -2 to 2.
    pub presence_penalty: f32,
    /// The same seed, model, prompt and options give the same answer. `None` draws one.
    pub seed: Option<u32>,
    /// The answer ends before the first of these; at most 16, none empty.
    pub stop: Vec<String>,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self {
            max_tokens: 512,
            temperature: 0.2,
            top_p: 0.95,
            top_k: 40,
            min_p: 0.05,
            repeat_penalty: 1.0,
            repeat_last_n: 64,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            seed: None,
            stop: Vec::new(),
        }
    }
}

impl std::fmt::Debug for ChatOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatOptions")
            .field("max_tokens", &self.max_tokens)
            .field("temperature", &self.temperature)
            .field("stop", &self.stop.len())
            .finish_non_exhaustive()
    }
}

impl ChatOptions {
    /// Refuses what no model can be asked for.
    pub fn validate(&self) -> Result<()> {
        let wrong = |what: &'static str| Err(Error::new(Kind::InvalidArgument, what));
        if !(0.0..=10.0).contains(&self.temperature) {
            return wrong("`temperature` is outside 0 to 10");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return wrong("`top_p` is outside the range above 0 to 1");
        }
        if !(0.0..=1.0).contains(&self.min_p) {
            return wrong("`min_p` is outside 0 to 1");
        }
        if !(0.1..=10.0).contains(&self.repeat_penalty) {
            return wrong("`repeat_penalty` is outside 0.1 to 10");
        }
        if !(-2.0..=2.0).contains(&self.frequency_penalty) {
            return wrong("`frequency_penalty` is outside -2 to 2");
        }
        if !(-2.0..=2.0).contains(&self.presence_penalty) {
            return wrong("`presence_penalty` is outside -2 to 2");
        }
        if self.stop.len() > 16 || self.stop.iter().any(String::is_empty) {
            return wrong("`stop` takes at most 16 texts, none of them empty");
        }
        Ok(())
    }
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended it, or a stop text came up.
    Stop,
    /// `max_tokens` or the context window was reached.
    Length,
}

impl FinishReason {
    /// `stop` or `length`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

/// Tokens counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the rendered prompt.
    pub prompt_tokens: u32,
    /// Tokens generated.
    pub completion_tokens: u32,
}

/// Wall-clock time spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Evaluating the prompt.
    pub prompt: Duration,
    /// Generating the answer.
    pub generation: Duration,
}

/// A finished answer.
#[derive(Clone)]
pub struct Completion {
    /// The whole text.
    pub text: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// Tokens counted.
    pub usage: Usage,
    /// Time spent.
    pub timings: Timings,
}

impl std::fmt::Debug for Completion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completion")
            .field("finish_reason", &self.finish_reason)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

/// Stops an operation from elsewhere. Clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag, for good.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is set.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What an engine can show of its isolation, gathered by trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The model's name.
    pub model: String,
    /// SHA-256 of the model file that is mapped, in lower-case hexadecimal.
    pub model_sha256: String,
    /// What was asked for when it was loaded.
    pub lockdown: Lockdown,
    /// What was tried on the engine's own thread.
    pub probes: Vec<Probe>,
    /// What was refused to the engine's threads so far, without the probes.
    pub violations: Vec<Violation>,
}

/// Whatever answers. The guard hands it scrubbed text only.
pub trait Backend: Send + Sync {
    /// The name that goes into the audit record, for example the model's.
    fn name(&self) -> String;

    /// Where the model runs, for the audit record: `in_process`, or `application` for a backend of the caller's.
    fn provider(&self) -> &'static str {
        "application"
    }

    /// Whether its threads are confined by the kernel, for the audit record; `None` where this library does not know.
    fn lockdown(&self) -> Option<Lockdown> {
        None
    }

    /// What it can show of its isolation now; `None` where this library does not know.
    ///
    /// # Errors
    /// Whatever keeps it from being asked: [`Kind::Closed`], [`Kind::Busy`], [`Kind::Io`].
    fn evidence(&self) -> Result<Option<Evidence>> {
        Ok(None)
    }

    /// Has `observer` told of each system call that was refused to its threads.
    fn on_violation(&self, observer: Observer) {
        drop(observer);
    }

    /// Answers a conversation. `on_text` gets the answer in pieces of whole code points; when it breaks, or `cancel` is
    /// set, the call returns [`Kind::Cancelled`].
    fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion>;
}
