//! `cloister_detector`: credentials in a text.

use cloister_core::secrets::{Detector, Secret};

use crate::boundary::{Options, borrow, call, get, optional_out, options, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::findings::cloister_finding;
use crate::scanner::{CLOISTER_PACK_SECRETS, cloister_scanner_options, scanner};
use crate::text::{cloister_buffer, cloister_str};

/// How a detector works. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_detector_options {
    /// Set by CLOISTER_DETECTOR_OPTIONS_INIT.
    pub struct_size: usize,
    /// Which rules; NULL for the built-in ones for secrets.
    pub scanner: *const cloister_scanner_options,
    /// cloister_detector_detect leaves out what is less sure, 0 to 1. An alert costs somebody's time: 0.7 leaves out what
    /// may be a mere word, and random strings without a name.
    pub alert_from: f32,
    /// cloister_detector_redact leaves in place what is less sure, 0 to 1. What stays in a text cannot be taken back, so that
    /// this is usually lower than `alert_from`.
    pub redact_from: f32,
}

// SAFETY: `#[repr(C)]`, beginning with its size; a pointer and floats.
unsafe impl Options for cloister_detector_options {}

/// Finds credentials and reports them without repeating them. Any number of threads may use one detector at once.
pub struct cloister_detector(Detector);

const _: () = shared::<cloister_detector>();

/// One credential in a text. Never the value itself. Later versions may add fields at the end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_secret {
    /// What it is and where, borrowed as this struct is. Never NULL.
    pub finding: *const cloister_finding,
    /// The line in which it ends, counted from one.
    pub end_line: usize,
    /// Code points before its end in that line.
    pub end_column: usize,
    /// The line around it with every secret in it as "[REDACTED]".
    pub snippet: cloister_str,
    /// What to do about it.
    pub remediation: cloister_str,
}

/// The credentials of one text, in ascending order. Any number of threads may read one list at once.
pub struct cloister_secrets {
    described: Vec<cloister_secret>,
    /// Keeps alive what `described` points to.
    _findings: Vec<cloister_finding>,
    /// Keeps the texts alive from which `described` borrows.
    _secrets: Vec<Secret>,
}

// SAFETY: the pointers in `described` lead to immutable memory that this object keeps alive.
unsafe impl Send for cloister_secrets {}
// SAFETY: as above; nothing here changes after it was made.
unsafe impl Sync for cloister_secrets {}

const _: () = shared::<cloister_secrets>();

impl cloister_secrets {
    fn of(secrets: Vec<Secret>) -> Self {
        let findings: Vec<_> = secrets
            .iter()
            .map(|secret| cloister_finding::describe(&secret.finding, &secret.start, &secret.end))
            .collect();
        let described = secrets
            .iter()
            .zip(&findings)
            .map(|(secret, finding)| cloister_secret {
                finding,
                end_line: secret.end.line,
                end_column: secret.end.column,
                snippet: cloister_str::borrowed(&secret.snippet),
                remediation: cloister_str::borrowed(secret.remediation()),
            })
            .collect();
        Self {
            described,
            _findings: findings,
            _secrets: secrets,
        }
    }
}

/// Makes a detector.
///
/// `options` may be NULL for the defaults. `detector` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_detector_new(
    options: *const cloister_detector_options,
    detector: *mut *mut cloister_detector,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let detector = out(detector, "detector")?;
            let given = self::options(options, "options")?;
            let rules = scanner(given.scanner, CLOISTER_PACK_SECRETS)?;
            let made = Detector::with_scanner(rules)
                .alert_from(given.alert_from)?
                .redact_from(given.redact_from)?;
            detector.give(cloister_detector(made));
            Ok(())
        })
    }
}

/// Finds the credentials of `text` that are worth an alert. `secrets` receives them, owned by the caller.
///
/// No snippet shows a credential, be it worth an alert or not.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_detector_detect(
    detector: *const cloister_detector,
    text: cloister_str,
    secrets: *mut *mut cloister_secrets,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let detector = borrow(detector, "detector")?;
            let text = text.read("text")?;
            let secrets = out(secrets, "secrets")?;
            secrets.give(cloister_secrets::of(detector.0.detect(text)));
            Ok(())
        })
    }
}

/// Replaces every credential of `text` that is sure enough by its token, for example "[OPENAI_API_KEY]".
///
/// `redacted` receives the text, owned by the caller. `secrets`, which may be NULL, receives what was found in the
/// original, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_detector_redact(
    detector: *const cloister_detector,
    text: cloister_str,
    redacted: *mut cloister_buffer,
    secrets: *mut *mut cloister_secrets,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let detector = borrow(detector, "detector")?;
            let text = text.read("text")?;
            let redacted = out(redacted, "redacted")?;
            let (result, found) = detector.0.redact(text);
            if let Some(secrets) = optional_out(secrets) {
                secrets.give(cloister_secrets::of(found));
            }
            redacted.write(cloister_buffer::from_text(result));
            Ok(())
        })
    }
}

/// Frees a detector. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_detector_free(detector: *mut cloister_detector) {
    // SAFETY: the calling contract.
    unsafe { release(detector) }
}

/// How many credentials a list has. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_secrets_count(secrets: *const cloister_secrets) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { secrets.as_ref() }.map(|secrets| secrets.described.len())
    })
}

/// The credential at `index`, borrowed until the list is freed. NULL beyond the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_secrets_at(
    secrets: *const cloister_secrets,
    index: usize,
) -> *const cloister_secret {
    get(std::ptr::null(), || {
        // SAFETY: the calling contract.
        let secret = unsafe { secrets.as_ref() }?.described.get(index)?;
        Some(std::ptr::from_ref(secret))
    })
}

/// Frees a list. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_secrets_free(secrets: *mut cloister_secrets) {
    // SAFETY: the calling contract.
    unsafe { release(secrets) }
}
