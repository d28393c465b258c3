//! `cloister_guard`: the walls around a model.

use std::ffi::c_void;
use std::sync::Arc;

use cloister_core::engine::Backend;
use cloister_core::guard::{Guard, OnSecret};

use crate::access::cloister_access;
use crate::audit::cloister_audit;
use crate::backend::{CallerBackend, cloister_backend};
use crate::boundary::{
    Options, borrow, call, flag, optional_out, options, out, release, required, shared,
};
use crate::cancel::{cancel_or_never, cloister_cancel};
use crate::chat::{chat_options, cloister_chat_options, cloister_text_fn, on_text};
use crate::classification::classification;
#[cfg(feature = "llama")]
use crate::engine::cloister_engine;
use crate::error::{Result, cloister_error, cloister_status};
use crate::findings::cloister_findings;
use crate::policy::policy;
use crate::reply::cloister_reply;
use crate::scanner::{
    CLOISTER_PACK_IDENTIFIERS, CLOISTER_PACK_SECRETS, cloister_scanner_options, scanner,
};
use crate::session::cloister_session;
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// In `on_secret`: a text with a secret is refused with CLOISTER_STATUS_BLOCKED. The default.
pub const CLOISTER_ON_SECRET_BLOCK: u32 = 0;
/// In `on_secret`: a secret is replaced by its token, "[OPENAI_API_KEY]", and never put back.
pub const CLOISTER_ON_SECRET_REDACT: u32 = 1;

/// The walls of a guard. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_guard_options {
    /// Set by CLOISTER_GUARD_OPTIONS_INIT.
    pub struct_size: usize,
    /// The log of every request and response, shared with the guard. NULL needs `without_audit`.
    pub audit: *const cloister_audit,
    /// Who may chat, shared with the guard: a session's role needs "read_phi". NULL: everybody may.
    pub access: *const cloister_access,
    /// Which rules; NULL for all built-in ones.
    pub scanner: *const cloister_scanner_options,
    /// What the model is told before every conversation, without identifiers and secrets; what depends on a person
    /// belongs in cloister_session_set_system_prompt. Default: a text that explains the placeholders.
    pub system_prompt: cloister_str,
    /// CLOISTER_ON_SECRET_...
    pub on_secret: u32,
    /// A cloister_classification, for the records. Default CLOISTER_CLASSIFICATION_SENSITIVE.
    pub classification: u32,
    /// 1 to keep no record. Without it and without `audit` there is no guard.
    pub without_audit: u32,
    /// 1 to tell the model nothing before a conversation.
    pub without_system_prompt: u32,
    /// What is done with identifiers, as in cloister_scrubber_options. Empty: each becomes a placeholder that is put back
    /// into the answer. What a policy replaces for good is not put back, and what it keeps the model sees.
    pub policy: cloister_str,
    /// 32 bytes for the policy, as in cloister_scrubber_options.
    pub key: cloister_bytes,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and pointers.
unsafe impl Options for cloister_guard_options {}

/// The walls around a model: text is scanned, scrubbed, recorded, answered, scanned again, restored and recorded. Any
/// number of threads may use one guard at once, each with a session of its own.
pub struct cloister_guard(Guard);

const _: () = shared::<cloister_guard>();

/// Makes a guard around an engine, which the guard shares: it may be freed before the guard.
///
/// `options` says which walls there are. `guard` receives an object owned by the caller.
#[cfg(feature = "llama")]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_new(
    engine: *const cloister_engine,
    options: *const cloister_guard_options,
    guard: *mut *mut cloister_guard,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let place = out(guard, "guard")?;
            place.give(cloister_guard(build(engine.0.clone(), options)?));
            Ok(())
        })
    }
}

/// Makes a guard around functions of the caller's, which are kept until the guard and every call on it have ended.
///
/// `backend` is copied; its `user_data` is consumed on success and stays the caller's on failure. `options` says which
/// walls there are. `guard` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_new_with_backend(
    backend: *const cloister_backend,
    options: *const cloister_guard_options,
    guard: *mut *mut cloister_guard,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            required(backend.cast_mut(), "backend")?;
            let backend = Arc::new(CallerBackend::read(backend)?);
            let place = out(guard, "guard")?;
            let built = build(backend.clone(), options)?;
            backend.take_user_data();
            place.give(cloister_guard(built));
            Ok(())
        })
    }
}

/// # Safety
/// The calling contract.
unsafe fn build(backend: Arc<dyn Backend>, given: *const cloister_guard_options) -> Result<Guard> {
    // SAFETY: the caller's, here and below.
    let given = unsafe { options(given, "options") }?;
    let on_secret = match given.on_secret {
        CLOISTER_ON_SECRET_BLOCK => OnSecret::Block,
        CLOISTER_ON_SECRET_REDACT => OnSecret::Redact,
        _ => {
            return Err(cloister_error::invalid(
                "`on_secret` is not one; hint: use `CLOISTER_ON_SECRET_BLOCK` or `CLOISTER_ON_SECRET_REDACT`",
            ));
        }
    };
    let all = CLOISTER_PACK_IDENTIFIERS | CLOISTER_PACK_SECRETS;
    let mut builder = Guard::builder(backend)
        .on_secret(on_secret)
        .classification(classification(given.classification)?.unwrap_or_default());
    if !given.scanner.is_null() {
        // SAFETY: as above.
        builder = builder.scanner(unsafe { scanner(given.scanner, all) }?);
    }
    // SAFETY: as above.
    if let Some(policy) = unsafe { policy(given.policy, given.key) }? {
        builder = builder.policy(policy);
    }
    // SAFETY: as above.
    if let Some(log) = unsafe { given.audit.as_ref() } {
        builder = builder.audit(log.0.clone());
    }
    // SAFETY: as above.
    if let Some(table) = unsafe { given.access.as_ref() } {
        builder = builder.access(table.0.clone());
    }
    // SAFETY: as above.
    if let Some(prompt) = unsafe { given.system_prompt.read_optional("system_prompt") }? {
        builder = builder.system_prompt(prompt);
    }
    if flag(given.without_system_prompt, "without_system_prompt")? {
        builder = builder.system_prompt("");
    }
    if flag(given.without_audit, "without_audit")? {
        builder = builder.without_audit();
    }
    Ok(builder.build()?)
}

/// Asks the model within the walls: the main job.
///
/// `session` is the conversation that `input` goes on with. `options` may be NULL for the defaults, `cancel` for none.
/// `on_text`, which may be NULL, receives the restored answer as it comes. `reply` receives the answer with everything
/// that happened on the way, owned by the caller.
///
/// CLOISTER_STATUS_BLOCKED: `input` holds a secret. CLOISTER_STATUS_DENIED: the session's role may not.
/// CLOISTER_STATUS_AUDIT: nothing could be recorded, so nothing was asked. CLOISTER_STATUS_CANCELLED: `on_text` returned
/// false, or `cancel` was set. After any failure the session is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_chat(
    guard: *const cloister_guard,
    session: *mut cloister_session,
    input: cloister_str,
    options: *const cloister_chat_options,
    cancel: *const cloister_cancel,
    on_text: cloister_text_fn,
    user_data: *mut c_void,
    reply: *mut *mut cloister_reply,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let guard = borrow(guard, "guard")?;
            let session = borrow(session, "session")?;
            let input = input.read("input")?;
            let options = chat_options(options)?;
            let cancel = cancel_or_never(cancel);
            let place = out(reply, "reply")?;
            let mut on_text = self::on_text(on_text, user_data);
            let reply = session.with(|session| {
                Ok(guard
                    .0
                    .chat(session, input, &options, &cancel, &mut on_text)?)
            })?;
            place.give(reply.into());
            Ok(())
        })
    }
}

/// Answers a chat-completion request of OpenAI's API within the walls, given and answered as JSON: "response_format", "grammar",
/// "tools", "logprobs" and every other member that cloister_engine_complete takes.
///
/// The request is the whole conversation: that of `session` is neither sent nor changed. The session gives the identity, the
/// vault and what is kept of the model's work. Its system prompt, or the guard's, stands before a conversation that does not
/// begin with one. With "stream": true, `on_part`, which may be NULL, receives a "chat.completion.chunk" object for each piece
/// of restored text. `answer` receives the "chat.completion" object, or the last piece of a stream, owned by the caller; its
/// member "guard" says what was found in request and response, by kind and number, and has the ids of the records. `cancel` may
/// be NULL.
///
/// What is the caller's text: messages of all roles, arguments of earlier calls as the JSON that they are, descriptions and
/// schemas of tools, "stop". All of it is scanned at once and scrubbed; ids of calls are replaced by others. A value of "enum" or
/// "const" in a schema becomes a placeholder, which the model then writes and the caller gets as the value. An answer in JSON
/// and the arguments of calls stay JSON: values are escaped where they are put back. In an answer to "grammar", "regex" or
/// "lark" they stand as they are.
///
/// A schema describes what the model writes, before anything is put back: a string with "pattern", "format" or a length may also
/// be a placeholder of the session, because the model would otherwise have to make a value up, and so a value that is put back
/// is as the caller wrote it, whatever the schema says. A number can be no placeholder: describe identifiers as strings.
/// "logprobs" are about the tokens as the model wrote them, in the last piece of a stream; where a secret was taken out of the
/// answer there are none.
///
/// CLOISTER_STATUS_INVALID_ARGUMENT: the request is malformed, or an identifier stands in what cannot be changed, which is the
/// name of a tool, a "pattern" or a grammar. CLOISTER_STATUS_UNSUPPORTED: the backend is the caller's and takes no formats and
/// tools. Otherwise as cloister_guard_chat.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_complete(
    guard: *const cloister_guard,
    session: *mut cloister_session,
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
            let guard = borrow(guard, "guard")?;
            let session = borrow(session, "session")?;
            let request = request.read("request")?;
            let cancel = cancel_or_never(cancel);
            let place = out(answer, "answer")?;
            let mut on_part = on_text(on_part, user_data);
            let json = session
                .with(|session| Ok(guard.0.complete(session, request, &cancel, &mut on_part)?))?;
            place.write(cloister_buffer::from_text(json));
            Ok(())
        })
    }
}

/// Shows what cloister_guard_chat would find in `input` and send, without sending or recording.
///
/// `scrubbed` receives the text as the model would see it, owned by the caller. `findings`, which may be NULL, receives
/// what was found in `input`, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_preview(
    guard: *const cloister_guard,
    session: *mut cloister_session,
    input: cloister_str,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let guard = borrow(guard, "guard")?;
            let session = borrow(session, "session")?;
            let input = input.read("input")?;
            let scrubbed = out(scrubbed, "scrubbed")?;
            let (text, found) = session.with(|session| Ok(guard.0.preview(session, input)?))?;
            if let Some(findings) = optional_out(findings) {
                findings.give(cloister_findings::of(input, found));
            }
            scrubbed.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Frees a guard. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_guard_free(guard: *mut cloister_guard) {
    // SAFETY: the calling contract.
    unsafe { release(guard) }
}
