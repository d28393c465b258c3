//! `cloister_scrub_stream`: a text that is scrubbed as it comes, in memory that does not grow with its length.

use std::sync::Mutex;

use cloister_core::pii::{ScrubStream, ScrubbedPart};

use crate::boundary::{Out, borrow, call, optional_out, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::exclusive::exclusively;
use crate::findings::cloister_findings;
use crate::scrubber::cloister_scrubber;
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};
use crate::vault::cloister_vault;

/// Scrubs a text that comes in chunks. One thread at a time.
pub struct cloister_scrub_stream(Mutex<ScrubStream>);

const _: () = shared::<cloister_scrub_stream>();

/// Begins a text that comes in chunks.
///
/// What is found is what cloister_scrubber_scrub finds in the whole text, but for three things. A name is found again only
/// behind the place where it was found first, and of all names the 256 found last are looked for. A value of more than
/// 128 KiB is replaced in pieces. What stands more than 16 KiB before the end of what was pushed has been given out, unless
/// a value begins there whose end is not known yet: that is waited for, and what follows it held back, for at most 256 KiB.
///
/// `stream` receives an object owned by the caller, which may outlive the scrubber.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrub_stream_new(
    scrubber: *const cloister_scrubber,
    stream: *mut *mut cloister_scrub_stream,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let stream = out(stream, "stream")?;
            stream.give(cloister_scrub_stream(Mutex::new(scrubber.0.stream())));
            Ok(())
        })
    }
}

/// Begins a text about `subject` that comes in chunks: a policy that moves dates moves all those of one subject alike.
///
/// As cloister_scrub_stream_new.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrub_stream_new_of(
    scrubber: *const cloister_scrubber,
    subject: cloister_str,
    stream: *mut *mut cloister_scrub_stream,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let subject = subject.read("subject")?;
            let made = Mutex::new(scrubber.0.stream_of(subject));
            out(stream, "stream")?.give(cloister_scrub_stream(made));
            Ok(())
        })
    }
}

/// Takes a chunk of UTF-8, which may be cut anywhere, inside code points too.
///
/// `scrubbed`, which may be NULL, receives the scrubbed text that is certain by now, owned by the caller; it follows what
/// was given out before. `findings`, which may be NULL, receives what was found in the original of that text, owned by the
/// caller; places count from the beginning of the whole original. After an error nothing of the chunk was taken.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrub_stream_push(
    stream: *mut cloister_scrub_stream,
    chunk: cloister_bytes,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let stream = borrow(stream, "stream")?;
            let chunk = chunk.read("chunk")?;
            let part = exclusively(&stream.0, "stream")?.push(chunk)?;
            give(part, optional_out(scrubbed), optional_out(findings));
            Ok(())
        })
    }
}

/// Gives the rest as cloister_scrub_stream_push does, and ends the text: what comes later is refused.
///
/// A text that ends inside a code point is CLOISTER_STATUS_INVALID_UTF8.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrub_stream_finish(
    stream: *mut cloister_scrub_stream,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let stream = borrow(stream, "stream")?;
            let part = exclusively(&stream.0, "stream")?.finish()?;
            give(part, optional_out(scrubbed), optional_out(findings));
            Ok(())
        })
    }
}

/// As cloister_scrub_stream_push, with what `vault` can put back, as cloister_vault_scrub does it.
///
/// A text takes one of the two to its end. CLOISTER_STATUS_TOO_LARGE if the vault is full, CLOISTER_STATUS_CLOSED if it has
/// expired; behind either the stream takes nothing more.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_scrub_push(
    vault: *mut cloister_vault,
    stream: *mut cloister_scrub_stream,
    chunk: cloister_bytes,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let stream = borrow(stream, "stream")?;
            let chunk = chunk.read("chunk")?;
            let mut stream = exclusively(&stream.0, "stream")?;
            let part = vault.with(|vault| Ok(stream.pseudonymize(vault, chunk)?))?;
            give(part, optional_out(scrubbed), optional_out(findings));
            Ok(())
        })
    }
}

/// As cloister_scrub_stream_finish, with what `vault` can put back.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_vault_scrub_finish(
    vault: *mut cloister_vault,
    stream: *mut cloister_scrub_stream,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let vault = borrow(vault, "vault")?;
            let stream = borrow(stream, "stream")?;
            let mut stream = exclusively(&stream.0, "stream")?;
            let part = vault.with(|vault| Ok(stream.finish_pseudonymizing(vault)?))?;
            give(part, optional_out(scrubbed), optional_out(findings));
            Ok(())
        })
    }
}

/// Frees a stream, whether it was finished or not. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrub_stream_free(stream: *mut cloister_scrub_stream) {
    // SAFETY: the calling contract.
    unsafe { release(stream) }
}

fn give(
    part: ScrubbedPart,
    scrubbed: Option<Out<cloister_buffer>>,
    findings: Option<Out<*mut cloister_findings>>,
) {
    if let Some(findings) = findings {
        findings.give(cloister_findings::located(part.findings));
    }
    if let Some(scrubbed) = scrubbed {
        scrubbed.write(cloister_buffer::from_text(part.text));
    }
}
