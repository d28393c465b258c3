//! One error type for the whole library: a kind that programs act on and one line that people act on.

use std::borrow::Cow;
use std::fmt;

/// The result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as a program can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An argument is outside its range, or a rule, pattern or option is malformed.
    InvalidArgument,
    /// Bytes that must be UTF-8 are not.
    InvalidUtf8,
    /// A file, a role or a record that was named does not exist.
    NotFound,
    /// The operating system refused to read or write.
    Io,
    /// The caller's role lacks the permission.
    Denied,
    /// Policy refuses the text, because it contains a secret.
    Blocked,
    /// The caller stopped the operation.
    Cancelled,
    /// Every place in a queue is taken; try again later.
    Busy,
    /// The model file is malformed, unsuitable, or failed while it was evaluated.
    Model,
    /// A key does not have 256 bits.
    InvalidKey,
    /// A ciphertext is malformed, was altered, or belongs to another key, classification or context.
    Decrypt,
    /// The audit record could not be written, so the operation did not take place.
    Audit,
    /// This build, platform or format version cannot do what was asked.
    Unsupported,
    /// The input is longer than the operation can take.
    TooLarge,
    /// The object was closed, unloaded or has expired.
    Closed,
    /// The operation took longer than its caller allowed.
    Timeout,
    /// A defect of this library.
    Internal,
}

/// One line that says what is wrong and, after `hint:`, what to do about it.
///
/// It never contains text of the caller, a key, or the contents of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
}

impl Error {
    /// An error with a message in lower case and without a full stop.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What went wrong, as far as a program can act on it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The message, one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// An operating-system failure while doing `what`, for example `cannot open the audit log`.
    pub fn io(what: &str, source: &std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            _ => Kind::Io,
        };
        Self::new(kind, format!("{what}: {}", describe(source)))
    }
}

/// The operating system's own words for an error code. Other I/O errors carry free text, which might quote a caller.
fn describe(source: &std::io::Error) -> String {
    match source.raw_os_error() {
        Some(code) => std::io::Error::from_raw_os_error(code).to_string(),
        None => source.kind().to_string(),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_io_error_never_carries_the_free_text_of_its_source() {
        let source = std::io::Error::other("Patient John Doe");
        let error = Error::io("cannot write", &source);
        assert_eq!(error.to_string(), "cannot write: other error");
        assert_eq!(error.kind(), Kind::Io);
    }

    #[test]
    fn a_missing_file_has_its_own_kind() {
        let source = std::fs::File::open("/nonexistent/cloister").unwrap_err();
        assert_eq!(Error::io("cannot open", &source).kind(), Kind::NotFound);
    }
}
