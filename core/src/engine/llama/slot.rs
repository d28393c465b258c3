//! One request that is being answered.

use std::time::Instant;

use llama_cpp_2::context::LlamaContext;

use super::model::Model;
use super::queue::{Event, Request};
use super::text::Decoder;
use crate::engine::{FinishReason, Timings, Usage};
use crate::{Result, Sensitive};

/// A request with how far it has come.
pub(super) struct Slot {
    request: Request,
    /// Tokens that were put into a batch; also the position of the next one.
    evaluated: usize,
    /// The token that was picked last and not evaluated yet.
    latest: Option<i32>,
    /// Where in the current batch this request's logits will be.
    output: Option<i32>,
    generated: u32,
    decoder: Decoder,
    piece: Sensitive<Vec<u8>>,
    began: Instant,
    answering: Option<Instant>,
}

impl Slot {
    pub(super) fn new(request: Request) -> Self {
        Self {
            request,
            evaluated: 0,
            latest: None,
            output: None,
            generated: 0,
            decoder: Decoder::default(),
            piece: Sensitive::new(Vec::with_capacity(256)),
            began: Instant::now(),
            answering: None,
        }
    }

    pub(super) fn reserved(&self) -> usize {
        self.request.reserved()
    }

    pub(super) fn is_alone(&self) -> bool {
        self.request.alone
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.request.is_cancelled()
    }

    /// Whether the prompt is not evaluated yet.
    pub(super) fn in_prompt(&self) -> bool {
        self.evaluated < self.request.prompt.len()
    }

    /// What to evaluate next, at most `room` tokens: the token, its position, and whether its logits are needed.
    pub(super) fn next_tokens(&mut self, room: usize) -> Vec<(i32, i32, bool)> {
        let start = self.evaluated;
        let position = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
        let prompt = &self.request.prompt;
        if start < prompt.len() {
            let end = prompt.len().min(start + room);
            self.evaluated = end;
            let last = prompt.len() - 1;
            return (start..end)
                .map(|index| (prompt[index], position(index), index == last))
                .collect();
        }
        match self.latest.take() {
            Some(token) if room > 0 => {
                self.evaluated += 1;
                vec![(token, position(start), true)]
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
        let token = self.request.sampler.sample(context, output)?;
        let vocabulary = model.llama.vocab();
        if vocabulary.is_eog(token) {
            return Ok(Some(FinishReason::Stop));
        }
        self.generated += 1;
        self.latest = Some(token.0);
        self.piece.clear();
        vocabulary.token_to_piece_into(token, &mut self.piece, false, None);
        let mut text = Sensitive::new(String::with_capacity(self.piece.len() + 8));
        self.decoder.push(&self.piece, &mut text);
        let (ready, stopped) = self.request.stops.push(&text);
        self.send(ready);
        if stopped {
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
                self.send(held);
                Event::Done(reason, self.usage(), self.timings())
            }
        };
        let events = self.request.events.clone();
        // Prompt and sampler are wiped before the caller hears of the end.
        drop(self);
        // A receiver that is gone has cancelled.
        drop(events.send(last));
    }

    fn send(&self, text: String) {
        if !text.is_empty() {
            drop(self.request.events.send(Event::Text(text)));
        }
    }

    fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: u32::try_from(self.request.prompt.len()).unwrap_or(u32::MAX),
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
