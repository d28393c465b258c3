//! One request that is being answered.

use std::time::Instant;

use llama_cpp_2::context::LlamaContext;

use super::model::Model;
use super::queue::{Event, Request};
use super::text::Decoder;
use crate::engine::{FinishReason, Timings, Usage};
use crate::{Error, Result, Sensitive};

/// A request with how far it has come.
pub(super) struct Slot {
    request: Request,
    /// Its part of the KV cache.
    pub(super) sequence: i32,
    /// Tokens that were put into a batch, or are in the KV cache from before.
    evaluated: usize,
    /// Tokens of them that were dropped from the middle.
    dropped: usize,
    /// Tokens that an earlier request evaluated.
    cached: usize,
    /// The token that was picked last and not evaluated yet.
    latest: Option<i32>,
    /// Where in the current batch this request's logits will be.
    output: Option<i32>,
    /// What was evaluated behind the prompt.
    answer: Sensitive<Vec<i32>>,
    generated: u32,
    decoder: Decoder,
    piece: Sensitive<Vec<u8>>,
    began: Instant,
    answering: Option<Instant>,
}

impl Slot {
    /// Begins a request whose first `cached` tokens are in the KV cache.
    pub(super) fn new(request: Request, sequence: i32, cached: usize) -> Self {
        let answer = if request.cache.is_some() {
            request.max_tokens as usize
        } else {
            0
        };
        Self {
            request,
            sequence,
            evaluated: cached,
            dropped: 0,
            cached,
            latest: None,
            output: None,
            answer: Sensitive::new(Vec::with_capacity(answer)),
            generated: 0,
            decoder: Decoder::default(),
            piece: Sensitive::new(Vec::with_capacity(256)),
            began: Instant::now(),
            answering: None,
        }
    }

    pub(super) fn reserved(&self) -> usize {
        self.request.reserved
    }

    pub(super) fn is_alone(&self) -> bool {
        self.request.alone
    }

    /// Why nobody wants the answer any more, if that is so.
    pub(super) fn ended(&self) -> Option<Error> {
        self.request.ended()
    }

    /// Tokens of the prompt that are not evaluated yet.
    pub(super) fn waiting(&self) -> usize {
        self.request.prompt.len().saturating_sub(self.evaluated)
    }

    /// Has nothing of it kept.
    pub(super) fn forget(&mut self, name: &str) {
        if self.request.cache.as_deref() == Some(name) {
            self.request.cache = None;
        }
    }

    /// Has nothing of it kept, because nobody knows what of it was evaluated.
    pub(super) fn spoil(&mut self) {
        self.request.cache = None;
    }

    /// The public beginning of the prompt, if exactly that is evaluated.
    pub(super) fn public(&self) -> Option<&[i32]> {
        let public = self.request.public;
        (public > 0 && self.evaluated == public).then(|| &self.request.prompt[..public])
    }

    /// The name under which the evaluated tokens are to be kept, and these.
    pub(super) fn kept(&self) -> Option<(String, Sensitive<Vec<i32>>)> {
        // Where tokens were dropped, what is left is no beginning of anything.
        let name = self.request.cache.clone().filter(|_| self.dropped == 0)?;
        let prompt = &self.request.prompt[..self.evaluated.min(self.request.prompt.len())];
        let mut tokens = Sensitive::new(Vec::with_capacity(self.evaluated));
        tokens.extend_from_slice(prompt);
        tokens.extend_from_slice(&self.answer);
        Some((name, tokens))
    }

    /// Where no place is left for the next token: the positions to drop.
    pub(super) fn overflow(&self) -> Option<(u32, u32)> {
        let position = self.evaluated - self.dropped;
        if self.waiting() > 0 || position < self.request.reserved {
            return None;
        }
        let keep = self.request.keep?.min(position.saturating_sub(2));
        let end = keep + (position - keep) / 2;
        Some((u32::try_from(keep).ok()?, u32::try_from(end).ok()?))
    }

    /// After `dropped` tokens were taken out.
    pub(super) fn shift(&mut self, dropped: u32) {
        self.dropped += dropped as usize;
    }

    /// What to evaluate next, at most `room` tokens: the token, its position, and whether its logits are needed.
    pub(super) fn next_tokens(&mut self, room: usize) -> Vec<(i32, i32, bool)> {
        let start = self.evaluated;
        let position = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
        let prompt = &self.request.prompt;
        if self.waiting() > 0 {
            let mut end = prompt.len().min(start + room);
            if start < self.request.public {
                // Not beyond, so that what is there then can be shared.
                end = end.min(self.request.public);
            }
            self.evaluated = end;
            let last = prompt.len() - 1;
            return (start..end)
                .map(|index| (prompt[index], position(index), index == last))
                .collect();
        }
        match self.latest.take() {
            Some(token) if room > 0 => {
                self.evaluated += 1;
                if self.request.cache.is_some() {
                    self.answer.push(token);
                }
                vec![(token, position(start - self.dropped), true)]
            }
            kept => {
                self.latest = kept;
                Vec::new()
            }
        }
    }

    /// Notes the place of this request's logits in the batch.
    pub(super) fn expect_output(&mut self, index: i32) {
        self.output = Some(index);
    }

    /// After an evaluation: picks a token and sends its text. Returns why the answer ended, if it did.
    pub(super) fn advance(
        &mut self,
        model: &Model,
        context: &LlamaContext<'_>,
    ) -> Result<Option<FinishReason>> {
        let Some(output) = self.output.take() else {
            return Ok(None);
        };
        self.answering.get_or_insert_with(Instant::now);
        let picked = self.request.sampler.sample(&model.llama, context, output)?;
        let token = picked.token;
        let vocabulary = model.llama.vocab();
        if vocabulary.is_eog(token) {
            return Ok(Some(FinishReason::Stop));
        }
        self.generated += 1;
        self.latest = Some(token.0);
        if let Some(logprob) = picked.logprob {
            drop(self.request.events.send(Event::Logprob(logprob)));
        }
        self.piece.clear();
        let marker = self.request.calls.is_some() && model.is_marker(token);
        vocabulary.token_to_piece_into(token, &mut self.piece, marker, None);
        let mut text = Sensitive::new(String::with_capacity(self.piece.len() + 8));
        self.decoder.push(&self.piece, &mut text);
        let (ready, stopped) = self.request.stops.push(&text);
        self.read(ready);
        if stopped || picked.complete {
            return Ok(Some(FinishReason::Stop));
        }
        let full = self.generated >= self.request.max_tokens;
        Ok(full.then_some(FinishReason::Length))
    }

    /// Sends the end of the answer.
    pub(super) fn finish(mut self, outcome: Result<FinishReason>) {
        let last = match outcome {
            Err(error) => Event::Failed(error),
            Ok(reason) => {
                let held = self.request.stops.finish();
                self.read(held);
                let called = self.finish_calls();
                let reason = match reason {
                    FinishReason::Stop if called => FinishReason::ToolCalls,
                    reason => reason,
                };
                Event::Done(reason, self.usage(), self.timings())
            }
        };
        let events = self.request.events.clone();
        // Prompt and sampler are wiped before the caller hears of the end.
        drop(self);
        // A receiver that is gone has cancelled.
        drop(events.send(last));
    }

    /// Sends what is no call of a tool.
    fn read(&mut self, text: String) {
        let text = match &mut self.request.calls {
            None => text,
            Some(calls) => calls.push(&text),
        };
        self.send(text);
    }

    /// Sends the calls. Whether there were any.
    fn finish_calls(&mut self) -> bool {
        let Some(mut reader) = self.request.calls.take() else {
            return false;
        };
        let (text, calls) = reader.finish();
        self.send(text);
        let called = !calls.is_empty();
        for (name, arguments) in calls {
            drop(self.request.events.send(Event::Call(name, arguments)));
        }
        called
    }

    fn send(&self, text: String) {
        if !text.is_empty() {
            drop(self.request.events.send(Event::Text(text)));
        }
    }

    fn usage(&self) -> Usage {
        let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
        Usage {
            prompt_tokens: count(self.request.prompt.len()),
            cached_tokens: count(self.cached),
            completion_tokens: self.generated,
        }
    }

    fn timings(&self) -> Timings {
        let answering = self.answering.unwrap_or(self.began);
        Timings {
            prompt: answering - self.began,
            generation: answering.elapsed(),
        }
    }
}
