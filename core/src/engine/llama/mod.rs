//! The engine: llama.cpp behind one thread and one queue.
//!
//! | file | what it is for |
//! |---|---|
//! | `backend` | llama.cpp's process-wide state |
//! | `model` | a file, checked and loaded |
//! | `prompt`, `template`, `tokens` | messages to tokens that no message can forge |
//! | `queue`, `scheduler`, `slot` | requests, the engine thread, one request being answered |
//! | `sampling`, `text` | logits to a token to text that may leave |
//! | `stream` | the receiving end |
//! | `thread`, `running` | the beginning and the end of the engine's threads |
//! | `clerk` | the thread that turns text into tokens |
//! | `embed` | texts to vectors |
//! | `raw` | what only `llama-cpp-sys-2` knows |

mod backend;
mod clerk;
mod embed;
mod model;
mod options;
mod prompt;
mod queue;
mod raw;
mod running;
mod sampling;
mod scheduler;
mod slot;
mod stream;
mod template;
mod text;
mod thread;
mod tokens;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use parking_lot::RwLock;

use self::clerk::Clerk;
use self::model::Model;
pub use self::options::{EngineOptions, ModelInfo};
use self::queue::{Job, Queue, Request, cancelled, closed};
pub(crate) use self::raw::cpu_features;
use self::running::Running;
use self::sampling::Sampler;
pub use self::stream::TextStream;
use self::text::Stops;
use super::{Backend, Cancel, ChatOptions, Completion, Evidence, Message};
use crate::isolation::{Ledger, Lockdown, Observer, Probe, Violation};
use crate::{Error, Kind, Result, Sensitive};

/// Longest text that [`Engine::count_tokens`] takes.
const MAX_COUNTED: usize = 64 << 20;

/// A loaded model. Any number of threads may use one engine; dropping it unloads the model.
///
/// Requests are answered together, a token of each at a time. A request with a seed is answered alone, because only then
/// the same seed gives the same answer to the letter. When a request ends, its part of the KV cache is released; as
/// soon as no other request is in progress, the whole context is given up, with every buffer that has seen a token, and a new one
/// is made.
///
/// An engine belongs to the process that loaded it: after a `fork`, the child gets [`Kind::Unsupported`].
pub struct Engine {
    info: ModelInfo,
    model: RwLock<Option<Arc<Model>>>,
    queue: Arc<Queue>,
    running: Arc<Running>,
    ledger: Arc<Ledger>,
    lockdown: Lockdown,
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    const fn sent<T: Send>() {}
    shared::<Engine>();
    sent::<TextStream>();
};

impl Engine {
    /// Loads a GGUF file. `progress` gets 0 to 1, on the calling thread; false aborts with [`Kind::Cancelled`].
    ///
    /// The file is opened once and its header checked before llama.cpp reads it; on Linux llama.cpp then opens the same
    /// file, whatever happened to its name (elsewhere it opens the path again). The weights are mapped read-only: the
    /// file must not be changed while it is loaded.
    ///
    /// # Errors
    /// [`Kind::NotFound`] and [`Kind::Io`] for a file that cannot be opened, [`Kind::Model`] for one that is no usable
    /// model, [`Kind::InvalidArgument`] for options out of range, [`Kind::Denied`] where an environment variable would
    /// make llama.cpp print prompts or load code, [`Kind::Unsupported`] where the kernel cannot confine threads or layers
    /// on a GPU would need what it refuses.
    pub fn load(
        path: impl AsRef<Path>,
        options: &EngineOptions,
        progress: Option<&mut (dyn FnMut(f32) -> bool + Send)>,
    ) -> Result<Self> {
        let capacity = if options.queue == 0 {
            64
        } else {
            options.queue
        };
        if cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan"))
            && options.gpu_layers > 0
            && options.lockdown == Lockdown::Engine
        {
            return Err(Error::new(
                Kind::Unsupported,
                "the driver of a GPU needs calls that the lockdown refuses; hint: `gpu_layers = 0`, or `lockdown = off`, \
                 which every record then says",
            ));
        }
        let queue = Arc::new(Queue::new(capacity as usize));
        let ledger = Arc::new(Ledger::default());
        let clerk = Clerk::new(options.lockdown, &ledger)?;
        let (model, thread) = thread::start(path.as_ref(), options, &queue, &ledger, progress)?;
        Ok(Self {
            info: model.info.clone(),
            model: RwLock::new(Some(model)),
            running: Running::new(Arc::clone(&queue), clerk, thread),
            queue,
            ledger,
            lockdown: options.lockdown,
        })
    }

    /// Facts about the model.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Answers a conversation with the model's own chat template. `on_text` gets the answer in pieces of whole code
    /// points, on the calling thread.
    ///
    /// No text of a message becomes a control token, whatever it spells.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] when `cancel` is set or `on_text` breaks, [`Kind::TooLarge`] for a conversation that the
    /// context window cannot hold, [`Kind::Busy`] when too many requests wait, [`Kind::InvalidArgument`] for options or
    /// roles out of range, [`Kind::Model`] for a model without a usable template, [`Kind::Closed`] after `unload`.
    pub fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        drain(
            self.answer(self.chat_prompt(messages)?, options, cancel)?,
            on_text,
        )
    }

    /// Continues `prompt` without a template. Texts of control tokens in it stand for those tokens, so that a template
    /// can be applied by hand: never put text of others into it, that is what [`Engine::chat`] is for.
    ///
    /// # Errors
    /// As [`Engine::chat`].
    pub fn generate(
        &self,
        prompt: &str,
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        drain(
            self.answer(self.raw_prompt(prompt)?, options, cancel)?,
            on_text,
        )
    }

    /// [`Engine::chat`] as an iterator; dropping it cancels.
    pub fn chat_stream(&self, messages: &[Message], options: &ChatOptions) -> Result<TextStream> {
        self.answer(self.chat_prompt(messages)?, options, &Cancel::new())
    }

    /// [`Engine::generate`] as an iterator; dropping it cancels.
    pub fn generate_stream(&self, prompt: &str, options: &ChatOptions) -> Result<TextStream> {
        self.answer(self.raw_prompt(prompt)?, options, &Cancel::new())
    }

    /// A text as a vector: the mean over its tokens, at unit length, so that a dot product is the cosine.
    ///
    /// # Errors
    /// [`Kind::InvalidArgument`] for an empty text; else as [`Engine::chat`].
    pub fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let tokens = self.with_text(text, prompt::text)?;
        let (reply, answer) = channel();
        self.queue.push(Job::Embed(tokens, reply))?;
        answer.recv().unwrap_or_else(|_| Err(closed()))
    }

    /// Tokens of a plain text, without what a template adds.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] for more than 64 MiB.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        if text.len() > MAX_COUNTED {
            return Err(Error::new(Kind::TooLarge, "the text is longer than 64 MiB"));
        }
        self.with_text(text, |model, text| {
            Ok(tokens::encode_text(&model.llama, text, false).len())
        })
    }

    /// The prompt as the model's own template renders it, for reading. [`Engine::chat`] does not tokenize this text: in
    /// it, a control token and a message that spells one look the same.
    pub fn render(&self, messages: &[Message]) -> Result<String> {
        let model = self.model()?;
        prompt::check(messages)?;
        let rendered = model.template()?.render(messages, model.longest_text())?;
        Ok(rendered.into_inner())
    }

    /// The token ids that [`Engine::chat`] evaluates for a conversation.
    pub fn chat_tokens(&self, messages: &[Message]) -> Result<Vec<i32>> {
        self.chat_prompt(messages).map(Sensitive::into_inner)
    }

    /// System calls that the lockdown refused to the engine's threads so far, one entry per call.
    pub fn violations(&self) -> Vec<Violation> {
        self.ledger.violations()
    }

    /// Tries on the engine's own thread what its lockdown must refuse, between two evaluations. Nothing of it is counted
    /// as a violation.
    ///
    /// # Errors
    /// [`Kind::Busy`] and [`Kind::Closed`] as [`Engine::chat`].
    pub fn probe(&self) -> Result<Vec<Probe>> {
        self.model()?;
        let (reply, answer) = channel();
        self.queue.push(Job::Probe(reply))?;
        answer.recv().map_err(|_| closed())
    }

    /// Frees the model now, cancelling what runs; later calls give [`Kind::Closed`]. Safe from any thread, twice too.
    pub fn unload(&self) {
        if !self.running.is_foreign() {
            self.model.write().take();
            self.running.stop();
        }
    }

    /// Whether the model is there.
    pub fn is_loaded(&self) -> bool {
        self.model().is_ok() && !self.queue.is_closed()
    }

    fn model(&self) -> Result<Arc<Model>> {
        if self.running.is_foreign() {
            return Err(foreign());
        }
        self.model.read().clone().ok_or_else(closed)
    }

    fn chat_prompt(&self, messages: &[Message]) -> Result<Sensitive<Vec<i32>>> {
        let model = self.model()?;
        prompt::check(messages)?;
        let messages = Sensitive::new(messages.to_vec());
        self.running
            .clerk
            .ask(move || prompt::chat(&model, &messages))
    }

    fn raw_prompt(&self, prompt: &str) -> Result<Sensitive<Vec<i32>>> {
        self.with_text(prompt, prompt::raw)
    }

    /// What `work` makes of a text, on a locked thread.
    fn with_text<T: Send + 'static>(
        &self,
        text: &str,
        work: impl FnOnce(&Model, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let model = self.model()?;
        let text = Sensitive::new(text.to_owned());
        self.running.clerk.ask(move || work(&model, &text))
    }

    fn answer(
        &self,
        prompt: Sensitive<Vec<i32>>,
        options: &ChatOptions,
        cancel: &Cancel,
    ) -> Result<TextStream> {
        let model = self.model()?;
        options.validate()?;
        if !model.causal {
            return Err(Error::new(
                Kind::Unsupported,
                "the model only embeds; hint: load one that generates text",
            ));
        }
        if prompt.is_empty() {
            return Err(Error::new(Kind::InvalidArgument, "the prompt is empty"));
        }
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let room = prompt::room_for(prompt.len(), 1, &model)?;
        let max_tokens = match options.max_tokens {
            0 => room,
            wanted => wanted.min(room),
        };
        let (events, stream) = channel();
        let abandoned = Cancel::new();
        let (prompt, sampler) = {
            let (options, context) = (options.clone(), self.info.context_tokens);
            let seed = sampling::seed(&options)?;
            self.running.clerk.ask(move || {
                let sampler = Sampler::new(&model.llama, &options, &prompt, context, seed);
                Ok((prompt, sampler))
            })?
        };
        self.queue.push(Job::Answer(Request {
            prompt,
            max_tokens,
            sampler,
            stops: Stops::new(&options.stop),
            alone: options.seed.is_some(),
            cancels: [cancel.clone(), abandoned.clone()],
            events,
        }))?;
        Ok(TextStream::new(stream, abandoned))
    }
}

impl Backend for Engine {
    fn lockdown(&self) -> Option<Lockdown> {
        Some(self.lockdown)
    }

    fn evidence(&self) -> Result<Option<Evidence>> {
        Ok(Some(Evidence {
            model: self.info.name.clone(),
            model_sha256: self.model()?.digest()?,
            lockdown: self.lockdown,
            probes: self.probe()?,
            violations: self.violations(),
        }))
    }

    fn on_violation(&self, observer: Observer) {
        self.ledger.tell(observer);
    }

    fn name(&self) -> String {
        self.info.name.clone()
    }

    fn provider(&self) -> &'static str {
        "in_process"
    }

    fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        Engine::chat(self, messages, options, cancel, on_text)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.unload();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// What a forked child gets: it has the engine, but not the threads that serve it.
fn foreign() -> Error {
    Error::new(
        Kind::Unsupported,
        "the model was loaded before this process was forked; hint: load it in the process that uses it",
    )
}

/// Hands the pieces of an answer to `on_text`.
fn drain(
    mut stream: TextStream,
    on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> Result<Completion> {
    for piece in &mut stream {
        if on_text(&piece?).is_break() {
            return Err(cancelled());
        }
    }
    stream
        .into_completion()
        .ok_or_else(|| Error::new(Kind::Internal, "an answer ended without an end"))
}
