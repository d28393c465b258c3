//! The engine thread: one context, and every request that is being answered advances with each evaluation.
//!
//! A step evaluates one batch: the latest token of every answer in progress, then as much of the waiting prompts as
//! still fits, in equal parts. A long prompt therefore delays the others by one batch, never by its whole length, and a
//! cancelled request leaves after one batch at most. A request is let in when the context window has room for all it may come
//! to need, so none runs out of space half-way; what is kept for later makes room for it.

use std::num::NonZeroU32;
use std::sync::Arc;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::embed::Embedder;
use super::kept::{Beginning, Kept, Owner, Sequences};
use super::model::Model;
use super::queue::{Event, Job, Queue, Request, breached, closed};
use super::slot::Slot;
use super::state::Saved;
use super::{assertions, backend};
use crate::isolation::{Ledger, is_wiping, probe_this_thread};
use crate::{Error, Kind, Result};

/// Tokens per evaluation.
pub(super) const BATCH: u16 = 256;

/// Requests that are answered at the same time.
const SLOTS: u8 = 8;

/// Sequences of the KV cache: those of requests that are being answered, and those that are kept.
pub(super) const SEQUENCES: u8 = 16;

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
    sequences: Sequences,
    /// Whether a sequence was given up whose tokens the context still holds in memory.
    stained: bool,
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
            sequences: Sequences::new(SEQUENCES.into()),
            stained: false,
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
                .with_n_seq_max(SEQUENCES.into())
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
            self.drop_ended();
            let stepped = self.prepare().and_then(|()| self.step());
            let stepped = match self.ledger.take_breach() {
                Some(violation) => Err(breached(&violation)),
                None => stepped,
            };
            if let Err(error) = stepped {
                // What a failed evaluation left behind is nothing to go on from.
                for slot in self.slots.iter_mut().flatten() {
                    slot.spoil();
                }
                let kept = self.sequences.clear();
                self.empty(&kept);
                self.fail_all(&error);
            }
        }
        self.fail_all(&closed());
    }

    /// Takes from the queue what fits. Waits while there is nothing to do.
    fn let_in(&mut self) -> Result<()> {
        loop {
            let busy = self.slots.iter().flatten().count();
            let free = self.unreserved();
            let occupied = self.slots.iter().flatten().any(Slot::is_alone);
            let admit = |job: &Job| match job {
                Job::Answer(request) => {
                    busy < SLOTS.into()
                        && request.reserved <= free
                        && !occupied
                        && (busy == 0 || !request.alone)
                }
                _ => true,
            };
            match self.queue.take(admit)? {
                Some(job) => self.begin(job),
                None if busy > 0 => return Ok(()),
                None => {
                    let expired = self.sequences.expire();
                    self.empty(&expired);
                    self.clean();
                    // Its failure is told to the request that would have used it.
                    let _ = self.prepare();
                    self.queue.wait(self.sequences.next_expiry());
                }
            }
        }
    }

    fn begin(&mut self, job: Job) {
        match job {
            Job::Embed(tokens, options, reply) => {
                let stop = || self.queue.is_closed();
                let vector = self.embedder.embed(&tokens, options, stop);
                drop(tokens);
                if is_wiping() && !self.queue.more_to_embed() {
                    self.embedder.forget();
                }
                drop(reply.send(vector));
            }
            Job::Probe(reply) => {
                drop(reply.send(self.ledger.expecting(probe_this_thread)));
            }
            Job::Answer(request) => self.seat(*request),
            Job::Forget(name, reply) => {
                for slot in self.slots.iter_mut().flatten() {
                    slot.forget(&name);
                }
                let forgotten = self.sequences.forget(&name);
                self.empty(&forgotten);
                if self.slots.iter().all(Option::is_none) {
                    self.clean();
                }
                let _ = reply.send(());
            }
            Job::Save(name, reply) => drop(reply.send(self.save(&name))),
            Job::Restore(name, saved, reply) => {
                drop(reply.send(self.restore(name, &saved)));
            }
        }
    }

    fn seat(&mut self, request: Request) {
        if let Err(error) = self.prepare() {
            drop(request.events.send(Event::Failed(error)));
            return;
        }
        let (sequence, cached) = self.sequence_for(&request);
        match self.slots.iter_mut().find(|slot| slot.is_none()) {
            Some(place) => *place = Some(Slot::new(request, sequence, cached)),
            // There is one for each request that is let in.
            None => self.empty(&[sequence]),
        }
    }

    /// A sequence for a request, and how many tokens of its prompt it holds already.
    fn sequence_for(&mut self, request: &Request) -> (i32, usize) {
        let name = request.cache.as_deref();
        let beginning = self.sequences.begin(&request.prompt, request.public, name);
        let shared = match beginning {
            Beginning::Public { sequence, .. } => Some(sequence),
            _ => None,
        };
        self.make_room(request.reserved, shared);
        match (beginning, &mut self.context) {
            (
                Beginning::Own {
                    sequence,
                    common,
                    whole,
                },
                Some(context),
            ) => {
                let position = u32::try_from(common).ok();
                let number = u32::try_from(sequence).ok();
                // A recurrent model has but the last state, and a sliding window but what the last position sees: they cannot
                // go back, and evaluate everything again.
                let cut = |context: &mut LlamaContext<'_>| {
                    context.kv_cache_seq_pos_min(sequence) == 0
                        && context.clear_kv_cache_seq(number, position, None) == Ok(true)
                };
                if whole || cut(context) {
                    self.stained |= !whole;
                    return (sequence, common);
                }
                self.empty(&[sequence]);
                (self.take(), 0)
            }
            (Beginning::Public { sequence, common }, Some(_)) => {
                let own = self.take();
                let copied = self.copy(sequence, own);
                (own, if copied { common } else { 0 })
            }
            (Beginning::Own { sequence, .. }, None) => (sequence, 0),
            _ => (self.take(), 0),
        }
    }

    /// Places of the context window that no answer in progress may come to need.
    fn unreserved(&self) -> usize {
        let reserved = self.slots.iter().flatten().map(Slot::reserved);
        self.model.info.context_tokens as usize - reserved.sum::<usize>()
    }

    /// Gives up kept sequences until `reserved` places and one sequence are free.
    fn make_room(&mut self, reserved: usize, spared: Option<i32>) {
        let free = self.unreserved();
        while reserved + self.sequences.tokens() > free || self.sequences.is_full() {
            match self.sequences.evict(spared) {
                Some(sequence) => self.empty(&[sequence]),
                None => return,
            }
        }
    }

    /// A free sequence. There is one: slots and kept sequences are fewer than there are.
    fn take(&mut self) -> i32 {
        self.sequences.take().unwrap_or(0)
    }

    /// Copies a whole sequence into an empty one.
    fn copy(&mut self, from: i32, to: i32) -> bool {
        let copied = self
            .context
            .as_mut()
            .map(|context| context.kv_cache_seq_cp(from, to, None, None));
        matches!(copied, Some(Ok(())))
    }

    /// Empties sequences and gives them back.
    fn empty(&mut self, sequences: &[i32]) {
        for sequence in sequences {
            if let Some(context) = &mut self.context {
                // A whole sequence can always be removed; the result speaks of parts of one.
                let _ = context.clear_kv_cache_seq(u32::try_from(*sequence).ok(), None, None);
            }
            self.sequences.give_back(*sequence);
            self.stained = true;
        }
    }

    /// With nobody being answered: gives up the context, with every buffer that has seen a token, and puts what is kept into a
    /// new one.
    fn clean(&mut self) {
        if !self.stained {
            return;
        }
        if is_wiping() {
            let kept = self.copy_kept();
            self.context = None;
            self.batch = LlamaBatch::new(BATCH.into(), 1);
            self.put_back(&kept);
        } else if self.sequences.kept().is_empty()
            && let Some(context) = &mut self.context
        {
            context.clear_kv_cache();
        }
        self.stained = false;
    }

    fn copy_kept(&self) -> Vec<(i32, Result<Saved>)> {
        let Some(context) = &self.context else {
            return Vec::new();
        };
        let copy = |kept: &Kept| {
            let saved = Saved::copy(context, kept.sequence, &kept.tokens);
            (kept.sequence, saved)
        };
        self.sequences.kept().iter().map(copy).collect()
    }

    /// What cannot be put back is evaluated again when it is needed.
    fn put_back(&mut self, kept: &[(i32, Result<Saved>)]) {
        if kept.is_empty() {
            return;
        }
        let prepared = self.prepare();
        for (sequence, saved) in kept {
            let put = match (&prepared, saved, &mut self.context) {
                (Ok(()), Ok(saved), Some(context)) => saved.put(context, *sequence).is_ok(),
                _ => false,
            };
            if !put {
                self.sequences.lose(*sequence);
            }
        }
    }

    fn save(&self, name: &str) -> Result<Saved> {
        let kept = self.sequences.latest(name);
        match (kept, &self.context) {
            (Some(kept), Some(context)) => Saved::copy(context, kept.sequence, &kept.tokens),
            _ => Err(Error::new(
                Kind::NotFound,
                "nothing is kept under this name; hint: ask with `cache` first, and save when the answer has ended",
            )),
        }
    }

    fn restore(&mut self, name: String, saved: &Saved) -> Result<()> {
        if saved.tokens.len() > self.unreserved() {
            return Err(Error::new(
                Kind::Busy,
                "the context window has no room for the saved conversation; hint: try again later, or load the model with \
                 more `context_tokens`",
            ));
        }
        self.prepare()?;
        self.make_room(saved.tokens.len(), None);
        let sequence = self.take();
        let context = self.context.as_mut().ok_or_else(no_context)?;
        if let Err(error) = saved.put(context, sequence) {
            self.empty(&[sequence]);
            return Err(error);
        }
        let useless = self
            .sequences
            .keep(Owner::Name(name), saved.tokens.clone(), sequence);
        self.empty(&useless);
        Ok(())
    }

    fn drop_ended(&mut self) {
        for index in 0..self.slots.len() {
            if let Some(error) = self.slots[index].as_ref().and_then(Slot::ended) {
                self.leave(index, Err(error));
            }
        }
    }

    /// One evaluation for everybody.
    fn step(&mut self) -> Result<()> {
        self.shift()?;
        self.fill_batch()?;
        if self.batch.n_tokens() == 0 {
            return Ok(());
        }
        let context = self.context.as_mut().ok_or_else(no_context)?;
        context.decode(&mut self.batch).map_err(|_| {
            Error::new(Kind::Model, "llama.cpp failed while it evaluated the model")
        })?;
        for index in 0..self.slots.len() {
            self.share(index);
            let (Some(slot), Some(context)) = (&mut self.slots[index], &mut self.context) else {
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

    /// Drops old tokens of answers that have filled the context window and may do so.
    fn shift(&mut self) -> Result<()> {
        let failed = || Error::new(Kind::Internal, "the context window could not be shifted");
        for slot in self.slots.iter_mut().flatten() {
            let Some((start, end)) = slot.overflow() else {
                continue;
            };
            let context = self.context.as_mut().ok_or_else(no_context)?;
            let sequence = u32::try_from(slot.sequence).ok();
            let dropped = end - start;
            let back = i32::try_from(dropped).map_err(|_| failed())?;
            if context.clear_kv_cache_seq(sequence, Some(start), Some(end)) != Ok(true) {
                return Err(failed());
            }
            context
                .kv_cache_seq_add(slot.sequence, Some(end), None, -back)
                .map_err(|_| failed())?;
            slot.shift(dropped);
            self.stained = true;
        }
        Ok(())
    }

    /// Keeps the public beginning of a prompt that has just been evaluated, for everybody.
    fn share(&mut self, index: usize) {
        let Some(slot) = &self.slots[index] else {
            return;
        };
        let from = slot.sequence;
        let Some(public) = slot.public().map(<[i32]>::to_vec) else {
            return;
        };
        if self.sequences.knows(&public) {
            return;
        }
        self.make_room(public.len(), None);
        if public.len() > self.unreserved() {
            return;
        }
        let to = self.take();
        if self.copy(from, to) {
            self.sequences.keep(Owner::Everybody, public.into(), to);
        } else {
            self.empty(&[to]);
        }
    }

    /// First the answers in progress, one token each, then the prompts, the shortest first: each gets an equal part of what
    /// is left, and what it does not need goes to the others.
    fn fill_batch(&mut self) -> Result<()> {
        self.batch.clear();
        let mut order: Vec<(usize, usize)> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| Some((slot.as_ref()?.waiting(), index)))
            .collect();
        order.sort_unstable();
        let mut prompts = order.iter().filter(|(waiting, _)| *waiting > 0).count();
        let worth = worth(order.len() - prompts, self.model.row_cost);
        for (waiting, index) in order {
            let Some(slot) = &mut self.slots[index] else {
                continue;
            };
            let used = usize::try_from(self.batch.n_tokens()).unwrap_or(0);
            let mut room = usize::from(BATCH) - used;
            if waiting > 0 {
                room = room.div_ceil(prompts);
                prompts -= 1;
            }
            for (token, position, output) in slot.next_tokens(room, worth) {
                if output {
                    slot.expect_output(self.batch.n_tokens());
                }
                self.batch
                    .add(LlamaToken::new(token), position, &[slot.sequence], output)
                    .map_err(|_| Error::new(Kind::Internal, "a batch overflowed"))?;
            }
        }
        Ok(())
    }

    /// Ends a request: its keys and values leave the cache before the caller hears of the end, unless they are to be kept.
    ///
    /// When nobody else is being answered, the whole context is given up, and with it every buffer that has seen a token;
    /// else that happens when the last one leaves. A new one is made before the next wait.
    fn leave(&mut self, index: usize, outcome: Result<crate::engine::FinishReason>) {
        let Some(slot) = self.slots[index].take() else {
            return;
        };
        match slot.kept() {
            Some((name, tokens)) if !tokens.is_empty() => {
                let useless = self
                    .sequences
                    .keep(Owner::Name(name), tokens, slot.sequence);
                self.empty(&useless);
            }
            _ => self.empty(&[slot.sequence]),
        }
        if self.slots.iter().all(Option::is_none) && self.sequences.kept().is_empty() {
            self.clean();
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
    let mut context = assertions::as_errors(
        || model.llama.new_context(backend, parameters),
        "llama.cpp could not make a context; hint: load the model with fewer `context_tokens`, or free memory",
    )?;
    model.adapt(&mut context)?;
    Ok(context)
}

/// How likely a token of a draft must be right to be worth its place in a batch that has the latest tokens of so many answers.
///
/// The first row costs 1 and each further one `row_cost`; a token must be as likely as the number of tokens that its time would
/// have given without it.
fn worth(answers: usize, row_cost: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "they are eight at most")]
    let answers = answers as f32;
    row_cost * answers / (1.0 + row_cost * (answers - 1.0))
}

fn no_context() -> Error {
    Error::new(
        Kind::Internal,
        "a model that only embeds was asked to generate",
    )
}
