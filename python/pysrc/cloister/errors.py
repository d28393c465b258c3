"""Every exception of Cloister: one base, one class per thing a program can act on.

The text of an exception is one line that says what is wrong and, after ``hint:``, what to do about it. It never holds
text of the caller, a key, or the contents of a file.
"""

__all__ = [
    "AuditError",
    "BlockedError",
    "BusyError",
    "CancelledError",
    "ClosedError",
    "DeadlineError",
    "DecryptError",
    "DeniedError",
    "Error",
    "InternalError",
    "InvalidArgumentError",
    "InvalidKeyError",
    "InvalidUtf8Error",
    "ModelError",
    "NotFoundError",
    "StorageError",
    "TooLargeError",
    "UnsupportedError",
]


class Error(Exception):
    """The base of all of them."""


class InvalidArgumentError(Error, ValueError):
    """An argument is outside its range, or a rule, pattern or option is malformed."""


class InvalidUtf8Error(Error, ValueError):
    """Bytes that must be UTF-8 are not, or a ``str`` holds a lone surrogate."""


class NotFoundError(Error, FileNotFoundError):
    """A file or a record that was named does not exist."""


class StorageError(Error, OSError):
    """The operating system refused to read or write."""


class DeniedError(Error, PermissionError):
    """The role lacks the permission."""


class BlockedError(Error):
    """Policy refuses the text, because it contains a secret."""


class CancelledError(Error):
    """The caller stopped the operation."""


class BusyError(Error):
    """Every place in a queue is taken, or a session is in use."""


class ModelError(Error):
    """The model file is malformed or unsuitable, or the model or backend failed while it answered."""


class InvalidKeyError(Error, ValueError):
    """A key does not have 256 bits."""


class DecryptError(Error):
    """A ciphertext is malformed, was altered, or belongs to another key, classification or context."""


class AuditError(Error):
    """The audit record could not be written, so the operation did not take place."""


class UnsupportedError(Error):
    """This build, platform or format version cannot do what was asked."""


class TooLargeError(Error, ValueError):
    """The input is longer than the operation can take."""


class ClosedError(Error):
    """The object was closed, unloaded or has expired."""


class DeadlineError(Error, TimeoutError):
    """The operation took longer than its caller allowed."""


class InternalError(Error):
    """A defect of this library."""
