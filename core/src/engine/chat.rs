//! What goes into an answer and what comes out, whichever backend gives it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zeroize::Zeroize;

use super::options::ChatOptions;
use super::provenance::{Provenance, Require};
use super::tools::ToolCall;
use crate::Result;
use crate::isolation::{Lockdown, Observer, Probe, Violation};

/// One turn of a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`; what else is allowed is up to the model's template.
    pub role: String,
    /// The text.
    pub content: String,
    /// Calls that the assistant asked for in this turn.
    pub tool_calls: Vec<ToolCall>,
    /// Which call this turn answers, and the name of its tool, where the role is `tool`.
    pub answers: Option<(String, String)>,
}

impl Message {
    /// A message of any role.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
            tool_calls: Vec::new(),
            answers: None,
        }
    }

    /// Bytes of all its texts.
    #[cfg(feature = "llama")]
    pub(super) fn len(&self) -> usize {
        let calls = self.tool_calls.iter();
        self.content.len()
            + calls
                .map(|call| call.name.len() + call.arguments.len())
                .sum::<usize>()
            + self
                .answers
                .as_ref()
                .map_or(0, |(id, name)| id.len() + name.len())
    }
}

impl Zeroize for Message {
    fn zeroize(&mut self) {
        self.content.zeroize();
        self.tool_calls.zeroize();
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("role", &self.role)
            .field("content", &"[REDACTED]")
            .field("tool_calls", &self.tool_calls)
            .finish_non_exhaustive()
    }
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended it, or a stop text came up.
    #[default]
    Stop,
    /// `max_tokens` or the context window was reached.
    Length,
    /// The model asks for tools.
    ToolCalls,
}

impl FinishReason {
    /// `stop`, `length` or `tool_calls`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// Tokens counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the rendered prompt.
    pub prompt_tokens: u32,
    /// Those of them that were evaluated by an earlier request and not again.
    pub cached_tokens: u32,
    /// Tokens generated.
    pub completion_tokens: u32,
}

/// Wall-clock time spent, and the tokens that saved some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Evaluating the prompt.
    pub prompt: Duration,
    /// Generating the answer.
    pub generation: Duration,
    /// Tokens that were evaluated on trial, because they had followed the same words before.
    pub drafted: u32,
    /// Those of them that were the next ones indeed.
    pub accepted: u32,
}

/// How likely a token was, before any option of sampling.
#[derive(Clone, PartialEq)]
pub struct TokenLogprob {
    /// What the token stands for; part of a code point, perhaps.
    pub bytes: Vec<u8>,
    /// The natural logarithm of its probability; at most 0.
    pub logprob: f32,
    /// The likeliest tokens and their logarithms, likeliest first.
    pub top: Vec<(Vec<u8>, f32)>,
}

impl Zeroize for TokenLogprob {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        for (bytes, _) in &mut self.top {
            bytes.zeroize();
        }
    }
}

impl std::fmt::Debug for TokenLogprob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenLogprob")
            .field("logprob", &self.logprob)
            .finish_non_exhaustive()
    }
}

/// A finished answer.
#[derive(Clone, Default)]
pub struct Completion {
    /// The whole text, without calls of tools.
    pub text: String,
    /// The calls that the model asks for.
    pub tool_calls: Vec<ToolCall>,
    /// Each token's, if [`ChatOptions::top_logprobs`] asked for them.
    pub logprobs: Vec<TokenLogprob>,
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
    /// How the file was vouched for when it was loaded: the strongest of what was given.
    pub verified: Require,
    /// Who signed the file, as in [`Provenance::signer`].
    pub signer: Option<String>,
    /// SHA-256 of the adapter that changes the model, when it was loaded.
    pub adapter_sha256: Option<String>,
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

    /// What was found out about its model before it was loaded, for the audit record; `None` where this library does not
    /// know.
    fn provenance(&self) -> Option<Provenance> {
        None
    }

    /// What it can show of its isolation now; `None` where this library does not know.
    ///
    /// # Errors
    /// Whatever keeps it from being asked: [`Kind::Closed`], [`Kind::Busy`], [`Kind::Io`].
    fn evidence(&self) -> Result<Option<Evidence>> {
        Ok(None)
    }

    /// Gives up what it keeps under the name that [`ChatOptions::cache`] gave. Returns when that is done.
    fn forget(&self, cache: &str) {
        let _ = cache;
    }

    /// Whether it keeps an answer to [`ChatOptions::format`], and takes [`ChatOptions::tools`] and the calls of tools in
    /// messages. A guard refuses to ask others for them.
    fn takes_formats(&self) -> bool {
        false
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
