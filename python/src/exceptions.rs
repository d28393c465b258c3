//! The one place where an error of the core, or a panic, becomes a Python exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cloister_core::{Error, Kind, Result};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The class of `cloister.errors` for a kind.
fn class_name(kind: Kind) -> &'static str {
    match kind {
        Kind::InvalidArgument => "InvalidArgumentError",
        Kind::InvalidUtf8 => "InvalidUtf8Error",
        Kind::NotFound => "NotFoundError",
        Kind::Io => "StorageError",
        Kind::Denied => "DeniedError",
        Kind::Blocked => "BlockedError",
        Kind::Cancelled => "CancelledError",
        Kind::Busy => "BusyError",
        Kind::Model => "ModelError",
        Kind::InvalidKey => "InvalidKeyError",
        Kind::Decrypt => "DecryptError",
        Kind::Audit => "AuditError",
        Kind::Unsupported => "UnsupportedError",
        Kind::TooLarge => "TooLargeError",
        Kind::Closed => "ClosedError",
        Kind::Timeout => "DeadlineError",
        _ => "InternalError",
    }
}

/// The exception for an error: its class by kind, its text the one-line message.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let class = py
        .import("cloister.errors")
        .and_then(|errors| errors.getattr(class_name(error.kind())))
        .and_then(|class| Ok(class.cast_into::<PyType>()?));
    match class {
        Ok(class) => PyErr::from_type(class, (error.message().to_owned(),)),
        Err(unavailable) => unavailable,
    }
}

/// What a panic is reported as. The payload, which might quote a caller, is dropped unread.
pub(crate) fn defect() -> Error {
    Error::new(
        Kind::Internal,
        "a defect of this library stopped the call; hint: report the location that stands on stderr",
    )
}

/// Runs `work` and turns a panic into an error.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(defect()))
}

/// Runs `work` with the GIL released; errors and panics become exceptions.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    py.detach(|| contained(work))
        .map_err(|error| exception(py, &error))
}

/// Reports where a panic happened and nothing of what it says.
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| match info.location() {
        Some(place) => eprintln!(
            "cloister: internal error at {}:{}",
            place.file(),
            place.line()
        ),
        None => eprintln!("cloister: internal error"),
    }));
}
