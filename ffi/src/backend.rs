//! `cloister_backend`: a guard around whatever the caller answers with.

use std::ffi::c_void;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use cloister_core::engine::{
    Backend, Cancel, ChatOptions, Completion, FinishReason, Message, Timings, Usage,
};
use cloister_core::{Error, Kind};
use zeroize::Zeroize;

use crate::boundary::{Options, call, get, options};
use crate::cancel::cloister_cancel;
use crate::chat::{
    cloister_chat_options, cloister_finish_reason, cloister_message, describe_messages,
    describe_options,
};
use crate::error::{Result, cloister_error, cloister_status, kind_of};
use crate::text::cloister_str;

/// Answers a conversation by writing to `answer`. Every pointer but `user_data` is borrowed for the call.
///
/// The text is scrubbed: it holds placeholders. Return true when the answer is complete. Return false when it is not:
/// the chat then fails with the status given to cloister_answer_fail, else with CLOISTER_STATUS_CANCELLED. Runs on the
/// thread that called cloister_guard_chat or cloister_guard_complete, and so on several threads at once. It is kept until `drop`
/// was called. It is never asked for a format or for calls of tools: a request for them is CLOISTER_STATUS_UNSUPPORTED.
pub type cloister_backend_chat_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        messages: *const cloister_message,
        count: usize,
        options: *const cloister_chat_options,
        cancel: *const cloister_cancel,
        answer: *mut cloister_answer<'_>,
    ) -> bool,
>;

/// Frees the `user_data` of a callback that was kept. Runs once, on any thread.
pub type cloister_drop_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// What answers instead of an engine.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_backend {
    /// Set by CLOISTER_BACKEND_INIT.
    pub struct_size: usize,
    /// The name that goes into the audit record.
    pub name: cloister_str,
    /// Answers. Required.
    pub chat: cloister_backend_chat_fn,
    /// Frees `user_data`; may be NULL.
    pub drop: cloister_drop_fn,
    /// Handed to both functions.
    pub user_data: *mut c_void,
}

// SAFETY: `#[repr(C)]`, beginning with its size; pointers and optional functions.
unsafe impl Options for cloister_backend {}

/// An answer that a backend is writing. It exists for one call of cloister_backend_chat_fn, on its thread.
pub struct cloister_answer<'a> {
    on_text: &'a mut dyn FnMut(&str) -> ControlFlow<()>,
    text: String,
    usage: Usage,
    finish_reason: FinishReason,
    stopped: bool,
    failure: Kind,
}

/// A backend of C functions.
pub(crate) struct CallerBackend {
    name: String,
    chat: unsafe extern "C" fn(
        *mut c_void,
        *const cloister_message,
        usize,
        *const cloister_chat_options,
        *const cloister_cancel,
        *mut cloister_answer<'_>,
    ) -> bool,
    drop: cloister_drop_fn,
    user_data: *mut c_void,
    owns_user_data: AtomicBool,
}

// SAFETY: the documentation of `cloister_backend_chat_fn` asks for functions and data that any thread may use.
unsafe impl Send for CallerBackend {}
// SAFETY: as above.
unsafe impl Sync for CallerBackend {}

impl CallerBackend {
    /// # Safety
    /// The calling contract.
    pub(crate) unsafe fn read(given: *const cloister_backend) -> Result<Self> {
        // SAFETY: the caller's.
        let given = unsafe { options(given, "backend") }?;
        Ok(Self {
            // SAFETY: the caller's.
            name: unsafe { given.name.read("name") }?.to_owned(),
            chat: given.chat.ok_or_else(|| cloister_error::null("chat"))?,
            drop: given.drop,
            user_data: given.user_data,
            owns_user_data: AtomicBool::new(false),
        })
    }

    /// From here on `user_data` is freed with this object. Before, it is the caller's, who keeps it if a call fails.
    pub(crate) fn take_user_data(&self) {
        self.owns_user_data.store(true, Ordering::Release);
    }
}

impl Drop for CallerBackend {
    fn drop(&mut self) {
        if let Some(drop) = self.drop
            && *self.owns_user_data.get_mut()
        {
            // SAFETY: the caller's function with the caller's data, once, after the last use.
            unsafe { drop(self.user_data) };
        }
    }
}

impl Backend for CallerBackend {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> cloister_core::Result<Completion> {
        let started = Instant::now();
        let messages = describe_messages(messages);
        let stop: Vec<_> = options
            .stop
            .iter()
            .map(|text| cloister_str::borrowed(text))
            .collect();
        let options = describe_options(options, &stop);
        let flag = cloister_cancel::new(cancel.clone());
        let mut answer = cloister_answer {
            on_text,
            text: String::new(),
            usage: Usage::default(),
            finish_reason: FinishReason::Stop,
            stopped: false,
            failure: Kind::Cancelled,
        };
        // SAFETY: the caller's function, with its data and pointers that outlive the call.
        let complete = unsafe {
            (self.chat)(
                self.user_data,
                messages.as_ptr(),
                messages.len(),
                &raw const options,
                &raw const flag,
                &raw mut answer,
            )
        };
        if answer.stopped || cancel.is_cancelled() {
            return Err(Error::new(Kind::Cancelled, "the answer was stopped"));
        }
        if !complete {
            return Err(Error::new(
                answer.failure,
                "the backend did not finish its answer",
            ));
        }
        Ok(Completion {
            text: std::mem::take(&mut answer.text),
            finish_reason: answer.finish_reason,
            usage: answer.usage,
            timings: Timings {
                generation: started.elapsed(),
                ..Timings::default()
            },
            ..Completion::default()
        })
    }
}

impl Drop for cloister_answer<'_> {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// Appends to an answer. `text` is whole code points, and is copied.
///
/// CLOISTER_STATUS_CANCELLED when whoever asked wants no more: return false then.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_answer_write(
    answer: *mut cloister_answer<'_>,
    text: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let answer = answer
                .as_mut()
                .ok_or_else(|| cloister_error::null("answer"))?;
            let text = text.read("text")?;
            if answer.stopped || (answer.on_text)(text).is_break() {
                answer.stopped = true;
                return Err(cloister_error::new(
                    cloister_status::Cancelled,
                    "the answer was stopped",
                ));
            }
            answer.text.push_str(text);
            Ok(())
        })
    }
}

/// Says how many tokens the prompt and the answer took; zero if it is not said. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_answer_set_usage(
    answer: *mut cloister_answer<'_>,
    prompt_tokens: u32,
    completion_tokens: u32,
) {
    get((), || {
        // SAFETY: the calling contract.
        unsafe { answer.as_mut() }?.usage = Usage {
            prompt_tokens,
            cached_tokens: 0,
            completion_tokens,
        };
        None
    });
}

/// Says why an answer ends. `reason` is a cloister_finish_reason; anything but CLOISTER_FINISH_REASON_LENGTH, and saying
/// nothing, counts as CLOISTER_FINISH_REASON_STOP. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_answer_set_finish_reason(
    answer: *mut cloister_answer<'_>,
    reason: u32,
) {
    get((), || {
        // SAFETY: the calling contract.
        unsafe { answer.as_mut() }?.finish_reason =
            if reason == cloister_finish_reason::Length as u32 {
                FinishReason::Length
            } else {
                FinishReason::Stop
            };
        None
    });
}

/// Says why a backend is about to return false. `status` is a cloister_status other than CLOISTER_STATUS_OK; a number
/// that is none counts as CLOISTER_STATUS_INTERNAL. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_answer_fail(answer: *mut cloister_answer<'_>, status: i32) {
    get((), || {
        // SAFETY: the calling contract.
        unsafe { answer.as_mut() }?.failure = cloister_status::from_number(status)
            .map_or(Kind::Internal, |(status, _)| kind_of(status));
        None
    });
}
