//! Chat completions as JSON, whole or as a stream of parts.

use std::ops::ControlFlow;

use super::{Engine, TextStream, cancelled};
use crate::engine::completions::{CompletionRequest, Head};
use crate::engine::{Cancel, Completion};
use crate::{Error, Kind, Result};

/// An answer as a stream of JSON objects (`chat.completion.chunk`), the last of which has `finish_reason`, `usage` and
/// `timings`. Dropping it cancels what is left.
pub struct CompletionStream {
    head: Head,
    text: TextStream,
    begun: bool,
    ended: bool,
}

impl CompletionStream {
    /// The flag that stops this answer.
    pub fn cancel(&self) -> Cancel {
        self.text.cancel()
    }

    fn part(&mut self) -> Option<Result<String>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(Ok(self.head.first()));
        }
        match self.text.next() {
            Some(Ok(text)) => {
                let logprobs = self.text.take_logprobs();
                Some(Ok(self.head.text(&text, &logprobs)))
            }
            Some(Err(error)) => {
                self.ended = true;
                Some(Err(error))
            }
            None => {
                self.ended = true;
                self.text
                    .completion()
                    .map(|completion| Ok(self.head.last(completion, None)))
            }
        }
    }
}

impl Iterator for CompletionStream {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended { None } else { self.part() }
    }
}

impl std::fmt::Debug for CompletionStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompletionStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Answers a chat-completion request of `OpenAI`'s API, with llama.cpp's additions, by a `chat.completion` object. With
    /// `"stream": true`, `on_part` gets a `chat.completion.chunk` object for each piece, and what is returned is the last.
    ///
    /// A member that is not known is refused.
    ///
    /// | member of the request | as |
    /// |---|---|
    /// | `messages` | `OpenAI`; `content` is a text or parts of type `text` |
    /// | `max_tokens`, `max_completion_tokens`, `temperature`, `top_p`, `frequency_penalty`, `presence_penalty`, `seed`, `stop`, `logit_bias`, `logprobs`, `top_logprobs`, `response_format`, `tools`, `tool_choice`, `stream`, `n` (1), `model`, `user` | `OpenAI` |
    /// | `prompt_cache_key` | `OpenAI`: [`ChatOptions::cache`] |
    /// | `top_k`, `min_p`, `typical_p`, `repeat_penalty`, `repeat_last_n`, `dynatemp_*`, `dry_*`, `xtc_*`, `mirostat` (0, 1, 2), `mirostat_tau`, `mirostat_eta`, `n_keep`, `grammar` (GBNF) | llama.cpp's server |
    /// | `regex`, `lark`, `public_system`, `timeout` (seconds) | [`ChatOptions`] |
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for a malformed request, else as [`Engine::chat`].
    pub fn complete(
        &self,
        request: &str,
        cancel: &Cancel,
        on_part: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<String> {
        let request = CompletionRequest::parse(request)?;
        let mut parts = self.start(&request, cancel)?;
        if request.stream {
            let mut last = String::new();
            for part in parts {
                last = part?;
                if on_part(&last).is_break() {
                    return Err(cancelled());
                }
            }
            return Ok(last);
        }
        let completion = finish(&mut parts.text)?;
        Ok(parts.head.completion(&completion, None))
    }

    /// [`Engine::complete`] as an iterator, whatever `stream` says.
    ///
    /// # Errors
    /// As [`Engine::complete`].
    pub fn complete_stream(&self, request: &str) -> Result<CompletionStream> {
        self.start(&CompletionRequest::parse(request)?, &Cancel::new())
    }

    fn start(&self, request: &CompletionRequest, cancel: &Cancel) -> Result<CompletionStream> {
        Ok(CompletionStream {
            head: Head::new(&self.info().name)?,
            text: self.chat_stream_until(&request.messages, &request.options, cancel)?,
            begun: false,
            ended: false,
        })
    }
}

fn finish(stream: &mut TextStream) -> Result<Completion> {
    for piece in stream.by_ref() {
        piece?;
    }
    let completion = stream.completion().cloned();
    completion.ok_or_else(|| Error::new(Kind::Internal, "an answer ended without an end"))
}
