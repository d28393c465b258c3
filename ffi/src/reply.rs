//! `cloister_reply`: an answer with everything that happened on the way.

use std::ptr;

use cloister_core::guard::{Reply, Summary};
use zeroize::Zeroize;

use crate::boundary::{get, release, shared};
use crate::chat::cloister_completion;
use crate::strings::cloister_strings;
use crate::text::cloister_str;

/// What was found in a text, by kind and number. Belongs to a reply. Any number of threads may read one at once.
pub struct cloister_summary {
    identifiers: usize,
    secrets: usize,
    identifier_kinds: cloister_strings,
    secret_kinds: cloister_strings,
}

const _: () = shared::<cloister_summary>();

impl From<Summary> for cloister_summary {
    fn from(found: Summary) -> Self {
        Self {
            identifiers: found.identifiers,
            secrets: found.secrets,
            identifier_kinds: cloister_strings::new(found.identifier_kinds),
            secret_kinds: cloister_strings::new(found.secret_kinds),
        }
    }
}

/// An answer with everything that happened on the way. Wiped when freed. Any number of threads may read one at once.
pub struct cloister_reply {
    text: String,
    prompt: String,
    raw_text: String,
    request: cloister_summary,
    response: cloister_summary,
    completion: cloister_completion,
    event_ids: cloister_strings,
}

const _: () = shared::<cloister_reply>();

impl From<Reply> for cloister_reply {
    fn from(reply: Reply) -> Self {
        Self {
            text: reply.text,
            prompt: reply.prompt,
            raw_text: reply.raw_text,
            request: reply.request.into(),
            response: reply.response.into(),
            completion: cloister_completion::new(reply.completion),
            event_ids: cloister_strings::new(reply.event_ids),
        }
    }
}

impl Drop for cloister_reply {
    fn drop(&mut self) {
        self.text.zeroize();
        self.prompt.zeroize();
        self.raw_text.zeroize();
    }
}

/// The answer with the caller's identifiers put back, borrowed until the reply is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_text(reply: *const cloister_reply) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| cloister_str::borrowed(&reply.text))
    })
}

/// The user's message as the model saw it, borrowed until the reply is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_prompt(reply: *const cloister_reply) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| cloister_str::borrowed(&reply.prompt))
    })
}

/// The answer as the model gave it, with placeholders, borrowed until the reply is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_raw_text(reply: *const cloister_reply) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| cloister_str::borrowed(&reply.raw_text))
    })
}

/// What was found in the user's message, borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_request(
    reply: *const cloister_reply,
) -> *const cloister_summary {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| ptr::from_ref(&reply.request))
    })
}

/// What was found in the answer, borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_response(
    reply: *const cloister_reply,
) -> *const cloister_summary {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| ptr::from_ref(&reply.response))
    })
}

/// What the model did: tokens, time and why it ended. Borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_completion(
    reply: *const cloister_reply,
) -> *const cloister_completion {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| ptr::from_ref(&reply.completion))
    })
}

/// The ids of the records of request and response; empty without an audit log.
///
/// Borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_event_ids(
    reply: *const cloister_reply,
) -> *const cloister_strings {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { reply.as_ref() }.map(|reply| ptr::from_ref(&reply.event_ids))
    })
}

/// Wipes and frees a reply. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_reply_free(reply: *mut cloister_reply) {
    // SAFETY: the calling contract.
    unsafe { release(reply) }
}

/// How many identifiers were found. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_summary_identifiers(summary: *const cloister_summary) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { summary.as_ref() }.map(|summary| summary.identifiers)
    })
}

/// How many secrets were found. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_summary_secrets(summary: *const cloister_summary) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { summary.as_ref() }.map(|summary| summary.secrets)
    })
}

/// The kinds of identifiers in order of first appearance, borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_summary_identifier_kinds(
    summary: *const cloister_summary,
) -> *const cloister_strings {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { summary.as_ref() }.map(|summary| ptr::from_ref(&summary.identifier_kinds))
    })
}

/// The kinds of secrets in order of first appearance, borrowed until the reply is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_summary_secret_kinds(
    summary: *const cloister_summary,
) -> *const cloister_strings {
    get(ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { summary.as_ref() }.map(|summary| ptr::from_ref(&summary.secret_kinds))
    })
}
