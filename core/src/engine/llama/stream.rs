//! The receiving end of an answer.

use std::sync::mpsc::Receiver;

use super::foreign;
use super::queue::Event;
use crate::engine::{Cancel, Completion, TokenLogprob, ToolCall};
use crate::{Error, Kind, Result};

/// An answer as it comes, in pieces of whole code points. After the last piece comes `None`; an error is the last item.
///
/// Dropping it cancels what is left. It may be sent to another thread, and [`TextStream::cancel`] works from any.
pub struct TextStream {
    events: Receiver<Event>,
    cancel: Cancel,
    text: String,
    logprobs: Vec<TokenLogprob>,
    calls: Vec<ToolCall>,
    completion: Option<Completion>,
    ended: bool,
    process: u32,
}

impl TextStream {
    pub(super) fn new(events: Receiver<Event>, cancel: Cancel) -> Self {
        Self {
            events,
            cancel,
            text: String::new(),
            logprobs: Vec::new(),
            calls: Vec::new(),
            completion: None,
            ended: false,
            process: std::process::id(),
        }
    }

    /// The flag that stops this answer.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// The whole answer, once the iterator has ended without an error.
    pub fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// [`TextStream::completion`], owned.
    pub fn into_completion(mut self) -> Option<Completion> {
        self.completion.take()
    }

    /// The probabilities of the tokens since the last call of this, if they were asked for. Those are no longer in
    /// [`TextStream::completion`].
    pub fn take_logprobs(&mut self) -> Vec<TokenLogprob> {
        std::mem::take(&mut self.logprobs)
    }

    fn fail(&mut self, error: Error) -> Result<String> {
        self.ended = true;
        Err(error)
    }
}

impl Iterator for TextStream {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        // A forked child has the channel, but no thread that will ever write to it.
        if self.process != std::process::id() {
            return Some(self.fail(foreign()));
        }
        loop {
            match self.events.recv() {
                Ok(Event::Text(text)) => {
                    self.text.push_str(&text);
                    return Some(Ok(text));
                }
                Ok(Event::Logprob(logprob)) => self.logprobs.push(logprob),
                Ok(Event::Call(name, arguments)) => match call_id() {
                    Ok(id) => self.calls.push(ToolCall {
                        id,
                        name,
                        arguments,
                    }),
                    Err(error) => return Some(self.fail(error)),
                },
                Ok(Event::Done(finish_reason, usage, timings)) => {
                    self.ended = true;
                    self.completion = Some(Completion {
                        text: std::mem::take(&mut self.text),
                        tool_calls: std::mem::take(&mut self.calls),
                        logprobs: std::mem::take(&mut self.logprobs),
                        finish_reason,
                        usage,
                        timings,
                    });
                    return None;
                }
                Ok(Event::Failed(error)) => return Some(self.fail(error)),
                Err(_) => {
                    let ended = Error::new(Kind::Internal, "the engine thread ended");
                    return Some(self.fail(ended));
                }
            }
        }
    }
}

/// Nine letters and digits: what the templates of the Mistral family ask for, and good for all others.
fn call_id() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 9];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    Ok(bytes
        .into_iter()
        .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
        .collect())
}

impl Drop for TextStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl std::fmt::Debug for TextStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
