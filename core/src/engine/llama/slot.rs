//! One request that is being answered.

use std::time::Instant;

use llama_cpp_2::context::LlamaContext;

use super::model::Model;
use super::queue::{Event, Request};
use super::text::Decoder;
use crate::engine::{FinishReason, Timings, Usage};
use crate::{Error, Kind, Result, Sensitive};

/// A request with how far it has come.
pub(super) struct Slot {
    request: Request,
    /// Its part of the KV cache.
    pub(super) sequence: i32,
    /// The prompt, and behind it what was picked of the answer.
    tokens: Sensitive<Vec<i32>>,
    /// How many of them are the prompt.
    prompt: usize,
    /// Tokens that were put into a batch, or are in the KV cache from before. All but the latest, in an answer.
    evaluated: usize,
    /// Tokens of them that were dropped from the middle.
    dropped: usize,
    /// Tokens that an earlier request evaluated.
    cached: usize,
    /// Tokens in the current batch behind the latest, that may be the next ones.
    draft: Sensitive<Vec<i32>>,
    /// Where in the current batch this request's first logits will be.
    output: Option<i32>,
    generated: u32,
    decoder: Decoder,
    piece: Sensitive<Vec<u8>>,
    began: Instant,
    answering: Option<Instant>,
    drafted: u32,
    accepted: u32,
}

impl Slot {
    /// Begins a request whose first `cached` tokens are in the KV cache.
    pub(super) fn new(mut request: Request, sequence: i32, cached: usize) -> Self {
        let read = std::mem::take(&mut *request.prompt);
        let read = Sensitive::new(read);
        // As long as it may become, so that it is seldom moved.
        let mut tokens = Sensitive::new(Vec::with_capacity(request.reserved + 1));
        tokens.extend_from_slice(&read);
        Self {
            sequence,
            prompt: tokens.len(),
            tokens,
            evaluated: cached,
            dropped: 0,
            cached,
            draft: Sensitive::new(Vec::new()),
            output: None,
            generated: 0,
            decoder: Decoder::default(),
            piece: Sensitive::new(Vec::with_capacity(256)),
            began: Instant::now(),
            answering: None,
            drafted: 0,
            accepted: 0,
            request,
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
        self.prompt.saturating_sub(self.evaluated)
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
        (public > 0 && self.evaluated == public).then(|| &self.tokens[..public])
    }

    /// The name under which the evaluated tokens are to be kept, and these.
    pub(super) fn kept(&self) -> Option<(String, Sensitive<Vec<i32>>)> {
        // Where tokens were dropped, what is left is no beginning of anything.
        let name = self.request.cache.clone().filter(|_| self.dropped == 0)?;
        let mut tokens = Sensitive::new(Vec::with_capacity(self.evaluated));
        tokens.extend_from_slice(&self.tokens[..self.evaluated]);
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

    /// What to evaluate next, at most `room` tokens: the token, its position, and whether its logits are needed. `worth` is how
    /// likely a token of a draft must be right.
    pub(super) fn next_tokens(&mut self, room: usize, worth: f32) -> Vec<(i32, i32, bool)> {
        let start = self.evaluated;
        let position = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
        if self.waiting() > 0 {
            let mut end = self.prompt.min(start + room);
            if start < self.request.public {
                // Not beyond, so that what is there then can be shared.
                end = end.min(self.request.public);
            }
            self.evaluated = end;
            let last = self.prompt - 1;
            return (start..end)
                .map(|index| (self.tokens[index], position(index), index == last))
                .collect();
        }
        let (Some(latest), true) = (self.tokens.get(start), room > 0) else {
            return Vec::new();
        };
        let first = start - self.dropped;
        let mut next = vec![(*latest, position(first), true)];
        if let Some(lookup) = &mut self.request.lookup {
            // Behind the latest, as far as there is room in the batch, in the context window and in the answer.
            let most = (room - 1)
                .min(self.request.reserved.saturating_sub(first + 1))
                .min((self.request.max_tokens - self.generated) as usize - 1);
            let drafted = lookup.draft(&self.tokens, most, worth);
            self.draft.clear();
            self.draft.extend_from_slice(&self.tokens[drafted]);
            let behind = (first + 1..).zip(self.draft.iter());
            next.extend(behind.map(|(index, token)| (*token, position(index), true)));
        }
        self.evaluated += 1;
        next
    }

    /// Notes the place of this request's logits in the batch; of several, the first.
    pub(super) fn expect_output(&mut self, index: i32) {
        self.output.get_or_insert(index);
    }

    /// After an evaluation: picks the tokens that it has decided, and sends their text. Returns why the answer ended, if it did.
    pub(super) fn advance(
        &mut self,
        model: &Model,
        context: &mut LlamaContext<'_>,
    ) -> Result<Option<FinishReason>> {
        let Some(output) = self.output.take() else {
            return Ok(None);
        };
        let mut accepted = 0;
        let outcome = loop {
            let index = i32::try_from(accepted).unwrap_or(i32::MAX);
            let outcome = self.pick(model, context, output + index);
            let right = self.draft.get(accepted);
            if right.is_none() || right != self.tokens.last() || !matches!(outcome, Ok(None)) {
                break outcome;
            }
            accepted += 1;
        };
        self.evaluated += accepted;
        self.take_back(accepted, context)?;
        outcome
    }

    /// Takes what is behind the first `accepted` tokens of the draft out of the KV cache.
    fn take_back(&mut self, accepted: usize, context: &mut LlamaContext<'_>) -> Result<()> {
        let drafted = self.draft.len();
        self.draft.clear();
        self.drafted += u32::try_from(drafted).unwrap_or(0);
        self.accepted += u32::try_from(accepted).unwrap_or(0);
        if accepted == drafted {
            return Ok(());
        }
        let sequence = u32::try_from(self.sequence).ok();
        let from = u32::try_from(self.evaluated - self.dropped).ok();
        if context.clear_kv_cache_seq(sequence, from, None) != Ok(true) {
            self.spoil();
            return Err(Error::new(
                Kind::Internal,
                "tokens of a draft could not be taken back",
            ));
        }
        Ok(())
    }

    /// Picks a token and sends its text. Returns why the answer ended, if it did.
    fn pick(
        &mut self,
        model: &Model,
        context: &LlamaContext<'_>,
        output: i32,
    ) -> Result<Option<FinishReason>> {
        self.answering.get_or_insert_with(Instant::now);
        let picked = self.request.sampler.sample(&model.llama, context, output)?;
        let token = picked.token;
        let vocabulary = model.llama.vocab();
        if vocabulary.is_eog(token) {
            return Ok(Some(FinishReason::Stop));
        }
        self.generated += 1;
        self.tokens.push(token.0);
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
            prompt_tokens: count(self.prompt),
            cached_tokens: count(self.cached),
            completion_tokens: self.generated,
        }
    }

    fn timings(&self) -> Timings {
        let answering = self.answering.unwrap_or(self.began);
        Timings {
            prompt: answering - self.began,
            generation: answering.elapsed(),
            drafted: self.drafted,
            accepted: self.accepted,
        }
    }
}
