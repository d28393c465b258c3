//! The engine: llama.cpp behind one thread and one queue.
//!
//! | file | what it is for |
//! |---|---|
//! | `backend` | llama.cpp's process-wide state |
//! | `assertions` | what a failing assertion of llama.cpp ends |
//! | `files`, `model`, `inspect` | files, checked and loaded, or only looked at |
//! | `cpu` | whether this build suits this CPU |
//! | `prompt`, `template`, `tokens` | messages to tokens that no message can forge |
//! | `queue`, `scheduler`, `slot` | requests, the engine thread, one request being answered |
//! | `conversation` | what a template renders |
//! | `sampling`, `constraint`, `text` | logits to a token to text that may leave |
//! | `lookup` | what may come next, from what was written before |
//! | `kept`, `state` | what is kept for the next request, and its bytes |
//! | `stream`, `json` | the receiving end |
//! | `thread`, `running` | the beginning and the end of the engine's threads |
//! | `clerk` | the thread that turns text into tokens |
//! | `embed` | texts to vectors |
//! | `raw` | what only `llama-cpp-sys-2` knows |

mod assertions;
mod backend;
mod clerk;
mod constraint;
mod conversation;
mod cpu;
mod embed;
mod files;
mod inspect;
mod json;
mod kept;
mod lookup;
mod model;
mod options;
mod prompt;
mod queue;
mod raw;
mod running;
mod sampling;
mod scheduler;
mod slot;
mod state;
mod stream;
mod template;
mod text;
mod thread;
mod tokens;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

use parking_lot::RwLock;

pub(crate) use self::backend::{cpu_variant, obstacle};
use self::clerk::Clerk;
use self::constraint::Constraint;
use self::conversation::Conversation;
pub(crate) use self::cpu::unused as unused_cpu_features;
pub use self::inspect::Inspection;
pub use self::json::CompletionStream;
use self::lookup::Lookup;
use self::model::Model;
pub use self::options::{EmbedOptions, EngineOptions, ModelInfo, Pooling};
use self::prompt::Prompt;
use self::queue::{Job, Queue, Request, cancelled, closed};
pub(crate) use self::raw::cpu_features;
use self::running::Running;
use self::sampling::Sampler;
use self::state::Saved;
pub use self::stream::TextStream;
use self::text::Stops;
use super::calls::CallReader;
use super::{
    Backend, Cancel, ChatOptions, Completion, Evidence, Format, Message, Provenance, Tool,
    ToolChoice,
};
use crate::cipher::Cipher;
use crate::isolation::{Ledger, Lockdown, Observer, Probe, Violation};
use crate::{Classification, Error, Kind, Result, Sensitive};

/// What a saved conversation is bound to, besides its key.
const STATE_CONTEXT: &[u8] = b"cloister conversation state";

/// Longest text that [`Engine::count_tokens`] takes.
const MAX_COUNTED: usize = 64 << 20;

/// A loaded model. Any number of threads may use one engine; dropping it unloads the model.
///
/// Requests are answered together, a token of each at a time. A request with a seed is answered alone, because only then
/// the same seed gives the same answer to the letter. When a request ends, its part of the KV cache is released, unless
/// [`ChatOptions::cache`] keeps it; as soon as no other request is in progress, the whole context is given up, with every
/// buffer that has seen a token, and a new one is made, into which only what is kept is copied.
///
/// An engine belongs to the process that loaded it: after a `fork`, the child gets [`Kind::Unsupported`].
pub struct Engine {
    info: ModelInfo,
    model: RwLock<Option<Arc<Model>>>,
    queue: Arc<Queue>,
    running: Arc<Running>,
    ledger: Arc<Ledger>,
    lockdown: Lockdown,
    speculates: bool,
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
    /// The file is opened once. Its header is checked, and everything that `options.trust` asks for is verified, before
    /// llama.cpp reads it; on Linux llama.cpp then opens the same file, whatever happened to its name (elsewhere it opens
    /// the path again). The weights are mapped read-only: whoever may write to the file can change the model.
    ///
    /// # Errors
    /// [`Kind::NotFound`] and [`Kind::Io`] for a file that cannot be opened, [`Kind::Model`] for one that is no usable
    /// model, [`Kind::InvalidArgument`] for options out of range, [`Kind::TooLarge`] for one that does not fit into the
    /// memory that is free, [`Kind::Denied`] for one that is not what was pinned or signed, and where an environment
    /// variable would make llama.cpp print prompts or load code, [`Kind::Unsupported`] where this build does not suit the
    /// CPU, where the kernel cannot confine threads, or layers on a GPU would need what it refuses.
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
            speculates: !options.no_speculation && model.can_go_back(),
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
            self.answer(self.chat_prompt(messages, options)?, options, cancel)?,
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
        self.chat_stream_until(messages, options, &Cancel::new())
    }

    /// [`Engine::chat_stream`] that `cancel` stops as well.
    pub(super) fn chat_stream_until(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
    ) -> Result<TextStream> {
        self.answer(self.chat_prompt(messages, options)?, options, cancel)
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
        self.embed_with(text, EmbedOptions::default())
    }

    /// [`Engine::embed`] with another pooling, or with the length that the model gives.
    ///
    /// # Errors
    /// As [`Engine::embed`].
    pub fn embed_with(&self, text: &str, options: EmbedOptions) -> Result<Vec<f32>> {
        let tokens = self.with_text(text, prompt::text)?;
        let (reply, answer) = channel();
        self.queue.push(Job::Embed(tokens, options, reply))?;
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
        let conversation = Conversation {
            messages: messages.to_vec(),
            tools: Vec::new(),
        };
        let template = model.template()?;
        let rendered = template.render(&conversation, true, model.longest_text())?;
        Ok(rendered.into_inner())
    }

    /// The token ids that [`Engine::chat`] evaluates for a conversation.
    pub fn chat_tokens(&self, messages: &[Message]) -> Result<Vec<i32>> {
        let prompt = self.chat_prompt(messages, &ChatOptions::default())?;
        Ok(prompt.tokens.into_inner())
    }

    /// Gives up what [`ChatOptions::cache`] keeps under a name, also of requests that run: those keep nothing when they end.
    /// Its memory is overwritten before this returns if nothing is being answered, else as soon as that is so. What nobody
    /// uses for 15 minutes is given up as well.
    ///
    /// # Errors
    /// [`Kind::Busy`] and [`Kind::Closed`] as [`Engine::chat`].
    pub fn forget(&self, cache: &str) -> Result<()> {
        self.model()?;
        let (reply, done) = channel();
        self.queue.push(Job::Forget(cache.to_owned(), reply))?;
        done.recv().map_err(|_| closed())
    }

    /// What was kept last under a name, as an envelope of `cipher` for [`Engine::restore`]: the conversation's tokens and what
    /// the model computed of them. The only form in which they leave this process.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where nothing is kept; [`Kind::Busy`] and [`Kind::Closed`] as [`Engine::chat`].
    pub fn save(&self, cache: &str, cipher: &Cipher) -> Result<Vec<u8>> {
        let model = self.model()?;
        let (reply, saved) = channel();
        self.queue.push(Job::Save(cache.to_owned(), reply))?;
        let saved = saved.recv().map_err(|_| closed())??;
        cipher.encrypt(
            &saved.encode(&model.identity()),
            Classification::Sensitive,
            STATE_CONTEXT,
        )
    }

    /// Keeps what [`Engine::save`] gave, under a name: the conversation goes on as if it had never stopped, in another process
    /// too, as long as the model file is the same.
    ///
    /// # Errors
    /// [`Kind::Decrypt`] for another key or an altered envelope, [`Kind::Unsupported`] for another model or version,
    /// [`Kind::Busy`] where the context window has no room, [`Kind::Closed`] as [`Engine::chat`].
    pub fn restore(&self, cache: &str, cipher: &Cipher, envelope: &[u8]) -> Result<()> {
        let model = self.model()?;
        let opened = cipher.decrypt(envelope, STATE_CONTEXT)?;
        let identity = model.identity();
        let saved = Saved::decode(&opened.plaintext, &identity, self.info.vocabulary)?;
        let (reply, done) = channel();
        self.queue
            .push(Job::Restore(cache.to_owned(), saved, reply))?;
        done.recv().map_err(|_| closed())?
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
            let model = self.model.write().take();
            self.running.stop();
            if model.is_some() {
                drop(model);
                backend::give_back_memory();
            }
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

    fn chat_prompt(&self, messages: &[Message], options: &ChatOptions) -> Result<Prompt> {
        options.validate()?;
        let model = self.model()?;
        prompt::check(messages)?;
        let tools = match options.tool_choice {
            ToolChoice::None => Vec::new(),
            _ => options.tools.clone(),
        };
        let conversation = Conversation {
            messages: messages.to_vec(),
            tools,
        };
        let public = options.public_system;
        self.running
            .clerk
            .ask(move || prompt::chat(&model, &conversation, public))
    }

    fn raw_prompt(&self, prompt: &str) -> Result<Prompt> {
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

    fn answer(&self, prompt: Prompt, options: &ChatOptions, cancel: &Cancel) -> Result<TextStream> {
        let model = self.model()?;
        options.validate()?;
        if !model.causal {
            return Err(Error::new(
                Kind::Unsupported,
                "the model only embeds; hint: load one that generates text",
            ));
        }
        if prompt.tokens.is_empty() {
            return Err(Error::new(Kind::InvalidArgument, "the prompt is empty"));
        }
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let room = prompt::room_for(prompt.tokens.len(), 1, &model)?;
        let shifts = options.n_keep.is_some() && options.max_tokens > room;
        if shifts && !model.shifts() {
            return Err(Error::new(
                Kind::Unsupported,
                "this model cannot drop old tokens and go on; hint: leave `n_keep` out",
            ));
        }
        let max_tokens = match options.max_tokens {
            0 => room,
            wanted if shifts => wanted,
            wanted => wanted.min(room),
        };
        let reserved = prompt.tokens.len() + max_tokens.min(room) as usize;
        let (events, stream) = channel();
        let abandoned = Cancel::new();
        let calls = match (&options.tool_choice, options.tools.is_empty()) {
            (ToolChoice::None, _) | (_, true) => None,
            _ => model.family(),
        };
        let (prompt, sampler) = {
            let (options, context) = (options.clone(), self.info.context_tokens);
            let seed = sampling::seed(&options)?;
            self.running.clerk.ask(move || {
                let constraint = constraint(&model, &options)?;
                let tokens = &prompt.tokens;
                let sampler =
                    Sampler::new(&model.llama, &options, constraint, tokens, context, seed)?;
                Ok((prompt, sampler))
            })?
        };
        let request = Request {
            prompt: prompt.tokens,
            public: prompt.public,
            cache: options.cache.clone(),
            max_tokens,
            reserved,
            keep: options.n_keep.filter(|_| shifts).map(|keep| keep as usize),
            sampler,
            lookup: self.speculates.then(Lookup::new),
            calls: calls.map(CallReader::new),
            stops: Stops::new(&options.stop),
            alone: options.seed.is_some(),
            deadline: options
                .timeout
                .and_then(|time| Instant::now().checked_add(time)),
            cancels: [cancel.clone(), abandoned.clone()],
            events,
        };
        self.queue.push(Job::Answer(Box::new(request)))?;
        Ok(TextStream::new(stream, abandoned))
    }
}

/// What keeps the answer to its format, or makes it a call of a tool.
fn constraint(model: &Model, options: &ChatOptions) -> Result<Option<Constraint>> {
    let named: Vec<&Tool> = match &options.tool_choice {
        ToolChoice::Auto | ToolChoice::None => {
            return match &options.format {
                Format::Text => Ok(None),
                format => model.formats()?.constraint(format),
            };
        }
        ToolChoice::Required => options.tools.iter().collect(),
        ToolChoice::Named(name) => options
            .tools
            .iter()
            .filter(|tool| tool.name == *name)
            .collect(),
    };
    let family = model.family().ok_or_else(|| {
        Error::new(
            Kind::Unsupported,
            "the model's chat template knows no tools",
        )
    })?;
    model
        .formats()?
        .call(family, &named, &model.llama)
        .map(Some)
}

impl Backend for Engine {
    fn lockdown(&self) -> Option<Lockdown> {
        Some(self.lockdown)
    }

    fn provenance(&self) -> Option<Provenance> {
        Some(self.info.provenance.clone())
    }

    fn evidence(&self) -> Result<Option<Evidence>> {
        Ok(Some(Evidence {
            model: self.info.name.clone(),
            model_sha256: self.model()?.digest()?,
            verified: self.info.provenance.verified,
            signer: self.info.provenance.signer.clone(),
            adapter_sha256: self.info.provenance.adapter_sha256.clone(),
            lockdown: self.lockdown,
            probes: self.probe()?,
            violations: self.violations(),
        }))
    }

    fn forget(&self, cache: &str) {
        // Without a model, nothing is kept.
        let _ = Engine::forget(self, cache);
    }

    fn takes_formats(&self) -> bool {
        true
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
