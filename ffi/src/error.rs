//! Status codes, and the error object that explains one.

use std::borrow::Cow;
use std::ffi::{CStr, c_char};

use cloister_core::{Error, Kind};

use crate::boundary::{get, release, shared};
use crate::panics::Panicked;
use crate::text::cloister_str;

/// The result of every function of this layer until it crosses the boundary.
pub(crate) type Result<T> = std::result::Result<T, cloister_error>;

/// What a function returns. Zero is success. Numbers are never reused; later versions may add some.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_status {
    /// Success.
    Ok = 0,
    /// A required pointer is NULL.
    NullArgument = 1,
    /// An argument is outside its range, or a rule, pattern or option is malformed.
    InvalidArgument = 2,
    /// Bytes that must be UTF-8 are not.
    InvalidUtf8 = 3,
    /// A file, a role or a record that was named does not exist.
    NotFound = 4,
    /// The operating system refused to read or write.
    Io = 5,
    /// The caller's role lacks the permission.
    Denied = 6,
    /// Policy refuses the text, because it contains a secret.
    Blocked = 7,
    /// A callback returned false, or a cloister_cancel was set.
    Cancelled = 8,
    /// The object is in use, or every place in a queue is taken; try again later.
    Busy = 9,
    /// The model file is malformed, unsuitable, or failed while it was evaluated.
    Model = 10,
    /// A key does not have 256 bits.
    InvalidKey = 11,
    /// A ciphertext is malformed, was altered, or belongs to another key, classification or context.
    Decrypt = 12,
    /// The audit record could not be written, so the operation did not take place.
    Audit = 13,
    /// This build, platform or format version cannot do what was asked.
    Unsupported = 14,
    /// The caller was compiled for a newer version and sets an option that this one does not know.
    UnsupportedVersion = 15,
    /// The input is longer than the operation can take.
    TooLarge = 16,
    /// The object was closed, unloaded or has expired.
    Closed = 17,
    /// A defect of this library.
    Internal = 18,
    /// A defect of this library; the objects of the call can only be freed.
    Panic = 19,
    /// The operation took longer than its caller allowed.
    Timeout = 20,
}

impl cloister_status {
    /// Every status with the text that `cloister_status_string` gives for it.
    const ALL: [(Self, &'static CStr); 21] = [
        (Self::Ok, c"success"),
        (Self::NullArgument, c"a required pointer is NULL"),
        (Self::InvalidArgument, c"an argument is invalid"),
        (Self::InvalidUtf8, c"a text is not UTF-8"),
        (Self::NotFound, c"not found"),
        (Self::Io, c"input or output failed"),
        (Self::Denied, c"permission denied"),
        (Self::Blocked, c"blocked by policy"),
        (Self::Cancelled, c"cancelled"),
        (Self::Busy, c"busy"),
        (Self::Model, c"the model failed"),
        (Self::InvalidKey, c"invalid key"),
        (Self::Decrypt, c"decryption failed"),
        (Self::Audit, c"the audit record could not be written"),
        (Self::Unsupported, c"not supported"),
        (Self::UnsupportedVersion, c"not supported by this version"),
        (Self::TooLarge, c"too large"),
        (Self::Closed, c"closed"),
        (Self::Internal, c"internal error"),
        (Self::Panic, c"panic"),
        (Self::Timeout, c"timed out"),
    ];

    /// The status of a number that a C caller gave, if it is one.
    pub(crate) fn from_number(number: i32) -> Option<(Self, &'static CStr)> {
        Self::ALL
            .into_iter()
            .find(|(status, _)| *status as i32 == number)
    }
}

/// The kind of a status, for a failure that a caller's callback reports by number.
pub(crate) fn kind_of(status: cloister_status) -> Kind {
    const KINDS: [Kind; 16] = [
        Kind::InvalidArgument,
        Kind::InvalidUtf8,
        Kind::NotFound,
        Kind::Io,
        Kind::Denied,
        Kind::Blocked,
        Kind::Cancelled,
        Kind::Busy,
        Kind::Model,
        Kind::InvalidKey,
        Kind::Decrypt,
        Kind::Audit,
        Kind::Unsupported,
        Kind::TooLarge,
        Kind::Closed,
        Kind::Timeout,
    ];
    KINDS
        .into_iter()
        .find(|kind| cloister_status::from(*kind) == status)
        .unwrap_or(Kind::Internal)
}

impl From<Kind> for cloister_status {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::InvalidArgument => Self::InvalidArgument,
            Kind::InvalidUtf8 => Self::InvalidUtf8,
            Kind::NotFound => Self::NotFound,
            Kind::Io => Self::Io,
            Kind::Denied => Self::Denied,
            Kind::Blocked => Self::Blocked,
            Kind::Cancelled => Self::Cancelled,
            Kind::Busy => Self::Busy,
            Kind::Model => Self::Model,
            Kind::InvalidKey => Self::InvalidKey,
            Kind::Decrypt => Self::Decrypt,
            Kind::Audit => Self::Audit,
            Kind::Unsupported => Self::Unsupported,
            Kind::TooLarge => Self::TooLarge,
            Kind::Closed => Self::Closed,
            Kind::Timeout => Self::Timeout,
            _ => Self::Internal,
        }
    }
}

/// Why a function failed: a status and one line for people. It never contains text of the caller, a key, or the contents
/// of a file. Any number of threads may read one error at once.
#[derive(Debug)]
pub struct cloister_error {
    status: cloister_status,
    message: Cow<'static, str>,
}

const _: () = shared::<cloister_error>();

impl cloister_error {
    pub(crate) fn new(status: cloister_status, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// A required parameter is NULL.
    pub(crate) fn null(name: &str) -> Self {
        Self::new(cloister_status::NullArgument, format!("`{name}` is NULL"))
    }

    /// An argument is outside its range.
    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(cloister_status::InvalidArgument, message)
    }

    pub(crate) fn status(&self) -> cloister_status {
        self.status
    }
}

impl From<Error> for cloister_error {
    fn from(error: Error) -> Self {
        Self::new(error.kind().into(), error.message().to_owned())
    }
}

impl From<Panicked> for cloister_error {
    fn from(_: Panicked) -> Self {
        Self::new(
            cloister_status::Panic,
            "the library panicked; hint: free the objects of this call and report the place that was printed",
        )
    }
}

/// What a status means, in a few words. `status` is any number.
///
/// Returns a NUL-terminated text that lives as long as the program; "unknown status" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn cloister_status_string(status: i32) -> *const c_char {
    cloister_status::from_number(status)
        .map_or(c"unknown status", |(_, text)| text)
        .as_ptr()
}

/// The status of an error, the same that the function returned. CLOISTER_STATUS_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_error_status(error: *const cloister_error) -> cloister_status {
    get(cloister_status::Ok, || {
        // SAFETY: the calling contract.
        unsafe { error.as_ref() }.map(|error| error.status)
    })
}

/// The message of an error: one line, borrowed until the error is freed. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_error_message(error: *const cloister_error) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        unsafe { error.as_ref() }.map(|error| cloister_str::borrowed(&error.message))
    })
}

/// Frees an error. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_error_free(error: *mut cloister_error) {
    // SAFETY: the calling contract.
    unsafe { release(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_number_and_text() {
        for (index, (status, text)) in cloister_status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, index);
            assert!(!text.is_empty());
        }
        assert!(cloister_status::from_number(21).is_none());
        assert!(cloister_status::from_number(-1).is_none());
    }
}
