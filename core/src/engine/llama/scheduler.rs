//! The engine thread: one context, and every request that is being answered advances with each evaluation.
//!
//! A step evaluates one batch: the latest token of every answer in progress, then as much of the waiting prompts as
//! still fits. A long prompt therefore delays the others by one batch, never by its whole length, and a cancelled
//! request leaves after one batch at most. A request is let in when the context window has room for all it may come to
//! need, so none runs out of space half-way.

use std::num::NonZeroU32;
use std::sync::Arc;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::embed::Embedder;
use super::model::Model;
use super::queue::{Job, Queue, Request, breached, closed};
use super::slot::Slot;
use super::{backend, queue};
use crate::isolation::{Ledger, is_wiping, probe_this_thread};
use crate::{Error, Kind, Result};

/// Tokens per evaluation.
const BATCH: u16 = 256;

/// Requests that are answered at the same time.
const SLOTS: u8 = 8;

/// The engine thread's state.
pub(super) struct Scheduler<'m> {
    model: &'m Model,
    queue: Arc<Queue>,
    ledger: Arc<Ledger>,
    threads: i32,
    /// `None` for a model that only embeds, and for a moment after a conversation has ended.
    context: Option<LlamaContext<'m>>,
    batch: LlamaBatch<'static>,
    slots: [Option<Slot>; SLOTS as usize],
    embedder: Embedder<'m>,
}

impl<'m> Scheduler<'m> {
    /// Makes the context, which allocates the KV cache.
    pub(super) fn new(
        model: &'m Model,
        threads: i32,
        queue: Arc<Queue>,
        ledger: Arc<Ledger>,
    ) -> Result<Self> {
        let mut scheduler = Self {
            model,
            queue,
            ledger,
            threads,
            context: None,
            batch: LlamaBatch::new(BATCH.into(), 1),
            slots: [const { None }; SLOTS as usize],
            embedder: Embedder::new(model, threads),
        };
        scheduler.prepare()?;
        Ok(scheduler)
    }

    /// Makes a context where there should be one.
    fn prepare(&mut self) -> Result<()> {
        if self.model.causal && self.context.is_none() {
            let parameters = LlamaContextParams::default()
                .with_n_ctx(NonZeroU32::new(self.model.info.context_tokens))
                .with_n_batch(BATCH.into())
                .with_n_ubatch(BATCH.into())
                .with_n_seq_max(SLOTS.into())
                .with_kv_unified(true)
                .with_n_threads(self.threads)
                .with_n_threads_batch(self.threads)
                .with_no_perf(true);
            self.context = Some(context(self.model, parameters)?);
        }
        Ok(())
    }

    /// Answers requests until the queue is closed.
    pub(super) fn run(mut self) {
        while self.let_in().is_ok() {
            self.drop_cancelled();
            let stepped = self.prepare().and_then(|()| self.step());
            let stepped = match self.ledger.take_breach() {
                Some(violation) => Err(breached(&violation)),
                None => stepped,
            };
            if let Err(error) = stepped {
                self.fail_all(&error);
            }
        }
        self.fail_all(&closed());
    }

    /// Takes from the queue what fits. Waits while there is nothing to do.
    fn let_in(&mut self) -> Result<()> {
        loop {
            let busy = self.slots.iter().flatten().count();
            let free = self.model.info.context_tokens as usize
                - self
                    .slots
                    .iter()
                    .flatten()
                    .map(Slot::reserved)
                    .sum::<usize>();
            let occupied = self.slots.iter().flatten().any(Slot::is_alone);
            let admit = |job: &Job| match job {
                Job::Embed(..) | Job::Probe(_) => true,
                Job::Answer(request) => {
                    busy < SLOTS.into()
                        && request.reserved() <= free
                        && !occupied
                        && (busy == 0 || !request.alone)
                }
            };
            if busy == 0 && self.context.is_none() {
                // Its failure is told to the request that would have used it.
                let _ = self.prepare();
            }
            match self.queue.take(busy == 0, admit)? {
                None => return Ok(()),
                Some(Job::Embed(tokens, reply)) => {
                    let stop = || self.queue.is_closed();
                    let vector = self.embedder.embed(&tokens, stop);
                    drop(tokens);
                    if is_wiping() && !self.queue.more_to_embed() {
                        self.embedder.forget();
                    }
                    drop(reply.send(vector));
                }
                Some(Job::Probe(reply)) => {
                    drop(reply.send(self.ledger.expecting(probe_this_thread)));
                }
                Some(Job::Answer(request)) => self.seat(request),
            }
        }
    }

    fn seat(&mut self, request: Request) {
        if let Some(place) = self.slots.iter_mut().find(|slot| slot.is_none()) {
            *place = Some(Slot::new(request));
        }
    }

    fn drop_cancelled(&mut self) {
        for index in 0..self.slots.len() {
            if self.slots[index].as_ref().is_some_and(Slot::is_cancelled) {
                self.leave(index, Err(queue::cancelled()));
            }
        }
    }

    /// One evaluation for everybody.
    fn step(&mut self) -> Result<()> {
        self.fill_batch()?;
        if self.batch.n_tokens() == 0 {
            return Ok(());
        }
        let context = self.context.as_mut().ok_or_else(no_context)?;
        context.decode(&mut self.batch).map_err(|_| {
            Error::new(Kind::Model, "llama.cpp failed while it evaluated the model")
        })?;
        for index in 0..self.slots.len() {
            let (Some(slot), Some(context)) = (&mut self.slots[index], &self.context) else {
                continue;
            };
            match slot.advance(self.model, context) {
                Ok(None) => {}
                Ok(Some(reason)) => self.leave(index, Ok(reason)),
                Err(error) => self.leave(index, Err(error)),
            }
        }
        Ok(())
    }

    /// First the answers in progress, one token each, then prompts in the order of the seats.
    fn fill_batch(&mut self) -> Result<()> {
        self.batch.clear();
        for prefill in [false, true] {
            for (index, slot) in self.slots.iter_mut().enumerate() {
                let Some(slot) = slot.as_mut().filter(|slot| slot.in_prompt() == prefill) else {
                    continue;
                };
                let sequence = i32::try_from(index).unwrap_or(0);
                let used = usize::try_from(self.batch.n_tokens()).unwrap_or(0);
                let room = usize::from(BATCH) - used;
                for (token, position, output) in slot.next_tokens(room) {
                    if output {
                        slot.expect_output(self.batch.n_tokens());
                    }
                    self.batch
                        .add(LlamaToken::new(token), position, &[sequence], output)
                        .map_err(|_| Error::new(Kind::Internal, "a batch overflowed"))?;
                }
            }
        }
        Ok(())
    }

    /// Ends a request: its keys and values leave the cache before the caller hears of the end.
    ///
    /// When nobody else is being answered, the whole context is given up, and with it every buffer that has seen a token;
    /// else that happens when the last one leaves. A new one is made before the next wait.
    fn leave(&mut self, index: usize, outcome: Result<crate::engine::FinishReason>) {
        let Some(slot) = self.slots[index].take() else {
            return;
        };
        let last = self.slots.iter().all(Option::is_none);
        if last && is_wiping() {
            // Not the cache alone: llama.cpp keeps tokens, logits and activations in other buffers of the context.
            self.context = None;
            self.batch = LlamaBatch::new(BATCH.into(), 1);
        } else if let Some(context) = &mut self.context {
            if last {
                context.clear_kv_cache();
            } else {
                // A whole sequence can always be removed; the result speaks of parts of one.
                let _ = context.clear_kv_cache_seq(u32::try_from(index).ok(), None, None);
            }
        }
        slot.finish(outcome);
    }

    fn fail_all(&mut self, error: &Error) {
        for index in 0..self.slots.len() {
            self.leave(index, Err(error.clone()));
        }
    }
}

impl Drop for Scheduler<'_> {
    /// Also when the engine thread panics: nobody waits for an answer that will not come.
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// A context of a model.
pub(super) fn context(model: &Model, parameters: LlamaContextParams) -> Result<LlamaContext<'_>> {
    let backend = backend::start()?;
    let _alone = backend::exclusive();
    model.llama.new_context(backend, parameters).map_err(|_| {
        Error::new(
            Kind::Model,
            "llama.cpp could not make a context; hint: load the model with fewer `context_tokens`, or free memory",
        )
    })
}

fn no_context() -> Error {
    Error::new(
        Kind::Internal,
        "a model that only embeds was asked to generate",
    )
}
