//! What goes into an answer and what comes out.

use std::ffi::c_void;
use std::ops::ControlFlow;
use std::time::Duration;

use cloister_core::engine::{ChatOptions, Completion, FinishReason, Message};
use zeroize::Zeroize;

use crate::boundary::{Options, flag, get, options, release, reserved, shared};
use crate::error::{Result, cloister_error};
use crate::scanner::texts;
use crate::text::cloister_str;

/// In an option for which zero means a default: the number zero itself.
pub const CLOISTER_ZERO: i32 = -1;

/// One turn of a conversation. This struct never grows, so that arrays of it can be passed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_message {
    /// "system", "user" or "assistant"; what else is allowed is up to the model's template.
    pub role: cloister_str,
    /// The text.
    pub content: cloister_str,
}

/// How an answer is generated. Zero in a field means its default; CLOISTER_ZERO means the number zero.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_chat_options {
    /// Set by CLOISTER_CHAT_OPTIONS_INIT.
    pub struct_size: usize,
    /// At most this many tokens are generated; CLOISTER_ZERO: until the context window is full. Default 512.
    pub max_tokens: i32,
    /// Up to 10; CLOISTER_ZERO picks the likeliest token each time. Default 0.2.
    pub temperature: f32,
    /// Nucleus sampling, above 0 to 1. Default 0.95.
    pub top_p: f32,
    /// Sample among this many likeliest tokens; CLOISTER_ZERO: all. Default 40.
    pub top_k: i32,
    /// Drop tokens less likely than this share of the likeliest, up to 1; CLOISTER_ZERO: none. Default 0.05.
    pub min_p: f32,
    /// Penalty on tokens among the last `repeat_last_n`, 0.1 to 10; 1 is none. Default 1.
    pub repeat_penalty: f32,
    /// How many tokens back the penalties look; CLOISTER_ZERO: none. Default 64.
    pub repeat_last_n: i32,
    /// -2 to 2. Default 0.
    pub frequency_penalty: f32,
    /// -2 to 2. Default 0.
    pub presence_penalty: f32,
    /// Zero.
    pub reserved: u32,
    /// The same seed, up to 4294967295, gives the same answer; CLOISTER_ZERO: the seed zero. Default: drawn anew.
    pub seed: i64,
    /// The answer ends before the first of these; at most 16, none empty.
    pub stop: *const cloister_str,
    /// How many.
    pub stop_count: usize,
    /// What was evaluated is kept under this name, up to 256 bytes, for the next chat of the same name: one for each conversation,
    /// user or tenant. Empty: nothing is kept. cloister_engine_forget ends it, or a quarter of an hour without use.
    pub cache: cloister_str,
    /// 1: the system message is no secret, and evaluated once for all chats that say so of the same text.
    pub public_system: u32,
    /// Ends the chat with CLOISTER_STATUS_TIMEOUT, also while it waits for its turn. Default: none.
    pub timeout_milliseconds: u32,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers, floats and a pointer.
unsafe impl Options for cloister_chat_options {}

/// An integer option: zero is the default and `CLOISTER_ZERO` is zero.
pub(crate) fn chosen<T: TryFrom<i64> + Default>(value: i64, default: T, name: &str) -> Result<T> {
    match value {
        0 => Ok(default),
        _ if value == i64::from(CLOISTER_ZERO) => Ok(T::default()),
        _ => T::try_from(value).map_err(|_| {
            cloister_error::invalid(format!(
                "`{name}` is out of range; hint: `CLOISTER_ZERO` stands for zero"
            ))
        }),
    }
}

/// The inverse of [`chosen`].
fn written(value: u32) -> i32 {
    match value {
        0 => CLOISTER_ZERO,
        _ => i32::try_from(value).unwrap_or(i32::MAX),
    }
}

#[expect(
    clippy::float_cmp,
    reason = "exactly these two numbers have a meaning of their own"
)]
fn chosen_number(value: f32, default: f32) -> f32 {
    if value == 0.0 {
        default
    } else if value == -1.0 {
        0.0
    } else {
        value
    }
}

fn written_number(value: f32) -> f32 {
    if value == 0.0 { -1.0 } else { value }
}

/// The options of a chat; NULL gives the defaults.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn chat_options(given: *const cloister_chat_options) -> Result<ChatOptions> {
    // SAFETY: the caller's.
    let given = unsafe { options(given, "options") }?;
    reserved(given.reserved, "options")?;
    let default = ChatOptions::default();
    // SAFETY: the caller's.
    let stop = unsafe { texts(given.stop, given.stop_count, "stop") }?;
    let read = ChatOptions {
        max_tokens: chosen(given.max_tokens.into(), default.max_tokens, "max_tokens")?,
        temperature: chosen_number(given.temperature, default.temperature),
        top_p: chosen_number(given.top_p, default.top_p),
        top_k: chosen(given.top_k.into(), default.top_k, "top_k")?,
        min_p: chosen_number(given.min_p, default.min_p),
        repeat_penalty: chosen_number(given.repeat_penalty, default.repeat_penalty),
        repeat_last_n: chosen(
            given.repeat_last_n.into(),
            default.repeat_last_n,
            "repeat_last_n",
        )?,
        frequency_penalty: given.frequency_penalty,
        presence_penalty: given.presence_penalty,
        seed: match given.seed {
            0 => default.seed,
            seed => Some(chosen(seed, 0, "seed")?),
        },
        stop: stop.into_iter().map(str::to_owned).collect(),
        // SAFETY: the caller's.
        cache: unsafe { given.cache.read_optional("cache") }?.map(str::to_owned),
        public_system: flag(given.public_system, "public_system")?,
        timeout: (given.timeout_milliseconds > 0)
            .then(|| Duration::from_millis(given.timeout_milliseconds.into())),
        ..default
    };
    read.validate()?;
    Ok(read)
}

/// `options` for a C callback; `stop` are its stop texts and must outlive the result.
pub(crate) fn describe_options(
    options: &ChatOptions,
    stop: &[cloister_str],
) -> cloister_chat_options {
    cloister_chat_options {
        struct_size: size_of::<cloister_chat_options>(),
        max_tokens: written(options.max_tokens),
        temperature: written_number(options.temperature),
        top_p: options.top_p,
        top_k: written(options.top_k),
        min_p: written_number(options.min_p),
        repeat_penalty: options.repeat_penalty,
        repeat_last_n: written(options.repeat_last_n),
        frequency_penalty: options.frequency_penalty,
        presence_penalty: options.presence_penalty,
        reserved: 0,
        seed: match options.seed {
            None => 0,
            Some(0) => CLOISTER_ZERO.into(),
            Some(seed) => seed.into(),
        },
        stop: stop.as_ptr(),
        stop_count: stop.len(),
        cache: cloister_str::borrowed(options.cache.as_deref().unwrap_or_default()),
        public_system: options.public_system.into(),
        timeout_milliseconds: options.timeout.map_or(0, |time| {
            u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
        }),
    }
}

/// Receives an answer as it comes, in pieces of whole code points. `text` is borrowed for the call. True goes on, false
/// stops the answer with CLOISTER_STATUS_CANCELLED. Runs on the thread that asked, never after its call has returned.
pub type cloister_text_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, text: cloister_str) -> bool>;

/// A C callback as the core wants it; without one, the answer goes on.
pub(crate) fn on_text(
    callback: cloister_text_fn,
    user_data: *mut c_void,
) -> impl FnMut(&str) -> ControlFlow<()> {
    move |text| {
        // SAFETY: the caller gave a function of this type with its own `user_data`, valid until the call returns.
        let goes_on = callback
            .is_none_or(|callback| unsafe { callback(user_data, cloister_str::borrowed(text)) });
        if goes_on {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

/// Why an answer ended.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_finish_reason {
    /// There is no answer.
    None = 0,
    /// The model ended it, or a stop text came up.
    Stop = 1,
    /// `max_tokens` or the context window was reached.
    Length = 2,
    /// The model asks for tools.
    ToolCalls = 3,
}

impl From<FinishReason> for cloister_finish_reason {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Stop,
            FinishReason::Length => Self::Length,
            FinishReason::ToolCalls => Self::ToolCalls,
        }
    }
}

/// A finished answer of a model. Wiped when freed. Any number of threads may read one completion at once.
pub struct cloister_completion(Completion);

const _: () = shared::<cloister_completion>();

impl cloister_completion {
    pub(crate) fn new(completion: Completion) -> Self {
        Self(completion)
    }
}

impl Drop for cloister_completion {
    fn drop(&mut self) {
        self.0.text.zeroize();
    }
}

/// The whole text of an answer, borrowed until the completion, or the reply it belongs to, is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_text(
    completion: *const cloister_completion,
) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| cloister_str::borrowed(&completion.0.text))
    })
}

/// Why an answer ended. CLOISTER_FINISH_REASON_NONE for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_finish_reason(
    completion: *const cloister_completion,
) -> cloister_finish_reason {
    get(cloister_finish_reason::None, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| completion.0.finish_reason.into())
    })
}

/// Tokens of the prompt. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_prompt_tokens(
    completion: *const cloister_completion,
) -> u32 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| completion.0.usage.prompt_tokens)
    })
}

/// Tokens of the prompt that an earlier chat of the same cache had evaluated. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_cached_tokens(
    completion: *const cloister_completion,
) -> u32 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| completion.0.usage.cached_tokens)
    })
}

/// Tokens of the answer. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_completion_tokens(
    completion: *const cloister_completion,
) -> u32 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| completion.0.usage.completion_tokens)
    })
}

/// Seconds spent on evaluating the prompt. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_prompt_seconds(
    completion: *const cloister_completion,
) -> f64 {
    get(0.0, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }.map(|completion| completion.0.timings.prompt.as_secs_f64())
    })
}

/// Seconds spent on generating the answer. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_generation_seconds(
    completion: *const cloister_completion,
) -> f64 {
    get(0.0, || {
        // SAFETY: the calling contract.
        unsafe { completion.as_ref() }
            .map(|completion| completion.0.timings.generation.as_secs_f64())
    })
}

/// Wipes and frees a completion that the caller owns. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_completion_free(completion: *mut cloister_completion) {
    // SAFETY: the calling contract.
    unsafe { release(completion) }
}

/// The C views of messages, for a callback; they borrow from `messages`.
pub(crate) fn describe_messages(messages: &[Message]) -> Vec<cloister_message> {
    messages
        .iter()
        .map(|message| cloister_message {
            role: cloister_str::borrowed(&message.role),
            content: cloister_str::borrowed(&message.content),
        })
        .collect()
}
