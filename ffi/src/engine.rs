//! `cloister_engine`: a GGUF model that answers inside this process.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use cloister_core::engine::{Engine, EngineOptions, Message};
use cloister_core::isolation::Lockdown;
use serde_json::json;
use zeroize::Zeroizing;

use crate::boundary::{
    Options, borrow, call, elements, flag, get, options, out, release, required, reserved, shared,
};
use crate::cancel::{cancel_or_never, cloister_cancel};
use crate::chat::{
    chat_options, chosen, cloister_chat_options, cloister_completion, cloister_message,
    cloister_text_fn, on_text,
};
use crate::cipher::cloister_cipher;
use crate::error::{Result, cloister_error, cloister_status};
use crate::model::{adapter, described, trust};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// In `gpu_layers`: every layer of the model.
pub const CLOISTER_ALL_LAYERS: u32 = u32::MAX;

/// In `lockdown`: the engine's threads are confined by the kernel before they touch the model. The default.
pub const CLOISTER_LOCKDOWN_ENGINE: u32 = 0;
/// In `lockdown`: they are not, and every record of a guarded chat says so.
pub const CLOISTER_LOCKDOWN_OFF: u32 = 1;

/// How a model is loaded. Zero in a field means its default; CLOISTER_ZERO means the number zero.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_engine_options {
    /// Set by CLOISTER_ENGINE_OPTIONS_INIT.
    pub struct_size: usize,
    /// Context window in tokens. Default: the model's own, at most 8192.
    pub context_tokens: u32,
    /// Threads that compute. Default: the cores that this process may use.
    pub threads: u32,
    /// Layers on a GPU, in a build that has one; CLOISTER_ALL_LAYERS: all. Default: none.
    pub gpu_layers: u32,
    /// Chats that may wait for their turn before CLOISTER_STATUS_BUSY; CLOISTER_ZERO: none. Default 64.
    pub queue: i32,
    /// CLOISTER_LOCKDOWN_...
    pub lockdown: u32,
    /// What must be known of the model file: CLOISTER_REQUIRE_...
    pub require: u32,
    /// The SHA-256 that the file must have, in hexadecimal. Empty: any.
    pub sha256: cloister_str,
    /// The text of a signature over the file, which must hold: minisign, or a Sigstore bundle of OpenSSF Model Signing.
    pub signature: cloister_str,
    /// Whose signature: a minisign public key, or a PEM public key (ECDSA on P-256, P-384, P-521, or Ed25519).
    pub public_key: cloister_str,
    /// Or: root certificates, PEM, one of which must vouch for it.
    pub root_certificates: cloister_str,
    /// Not zero: the model is loaded even where less memory is free than it is estimated to need.
    pub unchecked_memory: u32,
    /// Not zero: one token is evaluated at a time. Else, words that have followed the latest ones before are tried together, and
    /// those that the sampler does not pick are taken back, which is faster where an answer repeats parts of its conversation.
    pub no_speculation: u32,
    /// A chat template in jinja; empty: the model's own.
    pub chat_template: cloister_str,
    /// The path of a LoRA adapter in GGUF that changes the model for every request; empty: none.
    pub adapter: cloister_str,
    /// The SHA-256 that the adapter must have, in hexadecimal. Empty: any. `require` holds for both files.
    pub adapter_sha256: cloister_str,
    /// The text of a signature over the adapter, by whoever must have signed the model.
    pub adapter_signature: cloister_str,
    /// How much of the adapter is added, -1000 to 1000. Default 1: as it was trained.
    pub adapter_scale: f32,
    /// Zero.
    pub adapter_reserved: u32,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and texts.
unsafe impl Options for cloister_engine_options {}

/// Receives the progress of loading a model, 0 to 1. True goes on, false stops with CLOISTER_STATUS_CANCELLED. Runs on the
/// thread that loads, never after its call has returned.
pub type cloister_progress_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, progress: f32) -> bool>;

/// A progress callback as the core wants it.
struct Progress {
    callback: unsafe extern "C" fn(*mut c_void, f32) -> bool,
    user_data: *mut c_void,
}

// SAFETY: the core asks for `Send` and calls it on the thread that loads, while the caller waits.
unsafe impl Send for Progress {}

impl Progress {
    fn report(&self, progress: f32) -> bool {
        // SAFETY: the caller gave a function of this type with its own `user_data`, valid until the call returns.
        unsafe { (self.callback)(self.user_data, progress) }
    }
}

/// A loaded model. Any number of threads may use one engine at once; their chats take turns.
pub struct cloister_engine(pub(crate) Arc<Engine>);

const _: () = shared::<cloister_engine>();

/// Loads the model file at `path`.
///
/// `options` may be NULL for the defaults. `on_progress`, which may be NULL, is told how far it is. `engine` receives an
/// object owned by the caller. CLOISTER_STATUS_MODEL: the file is not a model that this library can run.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_new(
    path: cloister_str,
    options: *const cloister_engine_options,
    on_progress: cloister_progress_fn,
    user_data: *mut c_void,
    engine: *mut *mut cloister_engine,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let options = engine_options(options)?;
            let place = out(engine, "engine")?;
            let loaded = match on_progress {
                None => Engine::load(path, &options, None),
                Some(callback) => {
                    let progress = Progress {
                        callback,
                        user_data,
                    };
                    Engine::load(
                        path,
                        &options,
                        Some(&mut move |share| progress.report(share)),
                    )
                }
            }?;
            place.give(cloister_engine(Arc::new(loaded)));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
pub(crate) unsafe fn engine_options(
    given: *const cloister_engine_options,
) -> Result<EngineOptions> {
    // SAFETY: the caller's.
    let given = unsafe { options(given, "options") }?;
    let default = EngineOptions::default();
    reserved(given.adapter_reserved, "options")?;
    let lockdown = match given.lockdown {
        CLOISTER_LOCKDOWN_ENGINE => Lockdown::Engine,
        CLOISTER_LOCKDOWN_OFF => Lockdown::Off,
        _ => {
            return Err(cloister_error::invalid(
                "`lockdown` is not one; hint: use `CLOISTER_LOCKDOWN_ENGINE` or `CLOISTER_LOCKDOWN_OFF`",
            ));
        }
    };
    // SAFETY: the caller's.
    let chat_template = unsafe { given.chat_template.read_optional("chat_template") }?;
    Ok(EngineOptions {
        chat_template: chat_template.map(str::to_owned),
        lockdown,
        // SAFETY: the caller's.
        trust: unsafe { trust(&given) }?,
        // SAFETY: the caller's.
        adapter: unsafe { adapter(&given) }?,
        unchecked_memory: flag(given.unchecked_memory, "unchecked_memory")?,
        no_speculation: flag(given.no_speculation, "no_speculation")?,
        context_tokens: given.context_tokens,
        threads: given.threads,
        gpu_layers: given.gpu_layers,
        queue: chosen(given.queue.into(), default.queue, "queue")?,
    })
}

/// The turns of a conversation.
///
/// # Safety
/// The calling contract.
unsafe fn messages(pointer: *const cloister_message, count: usize) -> Result<Vec<Message>> {
    // SAFETY: the caller's, here and below.
    unsafe { elements(pointer, count, "messages") }?
        .iter()
        .map(|message| {
            // SAFETY: as above.
            let role = unsafe { message.role.read("role") }?;
            // SAFETY: as above.
            let content = unsafe { message.content.read("content") }?;
            Ok(Message::new(role, content))
        })
        .collect()
}

/// Describes a model.
///
/// `info` receives a JSON object, owned by the caller: "name", "architecture", "parameters", "size_bytes", "vocabulary",
/// "training_context_tokens", "context_tokens", "embedding_length", "has_chat_template", and what was found out before it was
/// loaded: "sha256", "verified" ("none", "hash" or "signature"), "signer" and "adapter_sha256" (or null), "memory" (an object: "weights_bytes",
/// "cache_bytes", "compute_bytes", "total_bytes").
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_info(
    engine: *const cloister_engine,
    info: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let place = out(info, "info")?;
            let model = engine.0.info();
            let mut json = json!({
                "name": model.name,
                "architecture": model.architecture,
                "parameters": model.parameters,
                "size_bytes": model.size_bytes,
                "vocabulary": model.vocabulary,
                "training_context_tokens": model.training_context_tokens,
                "context_tokens": model.context_tokens,
                "embedding_length": model.embedding_length,
                "has_chat_template": model.has_chat_template,
            });
            described(&mut json, &model.provenance, &model.memory);
            place.write(cloister_buffer::from_text(json.to_string()));
            Ok(())
        })
    }
}

/// Answers a conversation of `count` messages, through the model's own chat template. No text is scrubbed here: that is
/// what a cloister_guard is for.
///
/// `options` may be NULL for the defaults, `cancel` for none. `on_text`, which may be NULL, receives the answer as it
/// comes. `completion` receives the whole answer, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_chat(
    engine: *const cloister_engine,
    messages: *const cloister_message,
    count: usize,
    options: *const cloister_chat_options,
    cancel: *const cloister_cancel,
    on_text: cloister_text_fn,
    user_data: *mut c_void,
    completion: *mut *mut cloister_completion,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let messages = self::messages(messages, count)?;
            let options = chat_options(options)?;
            let cancel = cancel_or_never(cancel);
            let place = out(completion, "completion")?;
            let mut on_text = self::on_text(on_text, user_data);
            let answer = engine.0.chat(&messages, &options, &cancel, &mut on_text)?;
            place.give(cloister_completion::new(answer));
            Ok(())
        })
    }
}

/// Continues raw text, without a chat template and without scrubbing. As cloister_engine_chat otherwise.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_generate(
    engine: *const cloister_engine,
    prompt: cloister_str,
    options: *const cloister_chat_options,
    cancel: *const cloister_cancel,
    on_text: cloister_text_fn,
    user_data: *mut c_void,
    completion: *mut *mut cloister_completion,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let prompt = prompt.read("prompt")?;
            let options = chat_options(options)?;
            let cancel = cancel_or_never(cancel);
            let place = out(completion, "completion")?;
            let mut on_text = self::on_text(on_text, user_data);
            let answer = engine.0.generate(prompt, &options, &cancel, &mut on_text)?;
            place.give(cloister_completion::new(answer));
            Ok(())
        })
    }
}

/// Answers a chat-completion request of OpenAI's API, given and answered as JSON, with llama.cpp's additions: sampling,
/// "response_format", "grammar", "tools", "logprobs", "prompt_cache_key" and more. A member that is not known is refused.
///
/// `request` is the JSON object. With "stream": true, `on_part`, which may be NULL, receives a "chat.completion.chunk" object
/// for each piece. `answer` receives the "chat.completion" object, or the last piece of a stream, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_complete(
    engine: *const cloister_engine,
    request: cloister_str,
    cancel: *const cloister_cancel,
    on_part: cloister_text_fn,
    user_data: *mut c_void,
    answer: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let request = request.read("request")?;
            let cancel = cancel_or_never(cancel);
            let place = out(answer, "answer")?;
            let mut on_part = on_text(on_part, user_data);
            let json = engine.0.complete(request, &cancel, &mut on_part)?;
            place.write(cloister_buffer::from_text(json));
            Ok(())
        })
    }
}

/// Gives up what is kept under the name `cache`, which options of a chat gave. Its memory is overwritten when this returns, or, if
/// something is being answered, as soon as nothing is.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_forget(
    engine: *const cloister_engine,
    cache: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            Ok(engine.0.forget(cache.read("cache")?)?)
        })
    }
}

/// Saves what is kept under the name `cache`: tokens, and what the model computed of them, encrypted with `cipher`.
///
/// `envelope` receives the bytes, owned by the caller. CLOISTER_STATUS_NOT_FOUND: nothing is kept under this name.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_save(
    engine: *const cloister_engine,
    cache: cloister_str,
    cipher: *const cloister_cipher,
    envelope: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let cache = cache.read("cache")?;
            let cipher = borrow(cipher, "cipher")?;
            let place = out(envelope, "envelope")?;
            let saved = engine.0.save(cache, &cipher.0)?;
            place.write(cloister_buffer::from_bytes(saved));
            Ok(())
        })
    }
}

/// Keeps what cloister_engine_save gave, under the name `cache`, so that the conversation goes on.
///
/// CLOISTER_STATUS_DECRYPT: another key, or an altered envelope. CLOISTER_STATUS_UNSUPPORTED: it belongs to another model or version.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_restore(
    engine: *const cloister_engine,
    cache: cloister_str,
    cipher: *const cloister_cipher,
    envelope: cloister_bytes,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let cache = cache.read("cache")?;
            let cipher = borrow(cipher, "cipher")?;
            Ok(engine
                .0
                .restore(cache, &cipher.0, envelope.read("envelope")?)?)
        })
    }
}

/// Counts the tokens of a text. `tokens` receives the number.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_count_tokens(
    engine: *const cloister_engine,
    text: cloister_str,
    tokens: *mut usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let text = text.read("text")?;
            let place = out(tokens, "tokens")?;
            place.write(engine.0.count_tokens(text)?);
            Ok(())
        })
    }
}

/// Renders a conversation of `count` messages as the model's own chat template does.
///
/// `prompt` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_render(
    engine: *const cloister_engine,
    messages: *const cloister_message,
    count: usize,
    prompt: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let messages = self::messages(messages, count)?;
            let place = out(prompt, "prompt")?;
            place.write(cloister_buffer::from_text(engine.0.render(&messages)?));
            Ok(())
        })
    }
}

/// Gives the token ids that cloister_engine_chat evaluates for a conversation of `count` messages.
///
/// `length` receives how many there are. `tokens` is memory of the caller's for `capacity` of them, or NULL with a capacity of 0;
/// where it is too small, nothing is written to it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_chat_tokens(
    engine: *const cloister_engine,
    messages: *const cloister_message,
    count: usize,
    tokens: *mut i32,
    capacity: usize,
    length: *mut usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let messages = self::messages(messages, count)?;
            let place = out(length, "length")?;
            let found = Zeroizing::new(engine.0.chat_tokens(&messages)?);
            place.write(found.len());
            if (1..=capacity).contains(&found.len()) {
                let tokens = required(tokens, "tokens")?;
                ptr::copy_nonoverlapping(found.as_ptr(), tokens.as_ptr(), found.len());
            }
            Ok(())
        })
    }
}

/// Lists the system calls that the lockdown refused to the engine's threads so far.
///
/// `json` receives an array of objects, owned by the caller: "call", how often ("count"), and whether nobody makes such a call by
/// accident ("grave").
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_violations(
    engine: *const cloister_engine,
    json: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let place = out(json, "json")?;
            let found: Vec<_> = engine
                .0
                .violations()
                .into_iter()
                .map(|it| json!({ "call": it.call, "grave": it.grave, "count": it.count }))
                .collect();
            place.write(cloister_buffer::from_text(json!(found).to_string()));
            Ok(())
        })
    }
}

/// Frees the model now and stops the chats that run; later calls return CLOISTER_STATUS_CLOSED. The engine itself is
/// still to be freed. Twice is once, and NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_unload(engine: *const cloister_engine) {
    get((), || {
        // SAFETY: the calling contract.
        unsafe { engine.as_ref() }.map(|engine| engine.0.unload())
    });
}

/// Whether the model is loaded. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_is_loaded(engine: *const cloister_engine) -> bool {
    get(false, || {
        // SAFETY: the calling contract.
        unsafe { engine.as_ref() }.map(|engine| engine.0.is_loaded())
    })
}

/// Frees an engine. A guard that shares it keeps the model loaded. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_free(engine: *mut cloister_engine) {
    // SAFETY: the calling contract.
    unsafe { release(engine) }
}
