//! Text as Python hands it over: `str`, `bytes`, `bytearray` or `memoryview`, borrowed where possible.

use cloister_core::{Error, Kind, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::exceptions::exception;

/// An argument that is text or bytes. It can be read without the GIL.
pub(crate) enum Text {
    Str(PyBackedStr),
    Bytes(PyBackedBytes),
}

impl Text {
    /// The text; `InvalidUtf8` names the first byte that is wrong.
    pub(crate) fn get(&self) -> Result<&str> {
        match self {
            Self::Str(text) => Ok(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).map_err(|error| {
                Error::new(
                    Kind::InvalidUtf8,
                    format!(
                        "byte {} is not UTF-8; hint: decode the text with its own encoding first",
                        error.valid_up_to()
                    ),
                )
            }),
        }
    }

    /// The bytes; of a `str` those of its UTF-8 form.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Str(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            return PyBackedStr::try_from(text.to_owned())
                .map(Self::Str)
                .map_err(|_| {
                    let error = Error::new(
                        Kind::InvalidUtf8,
                        "the text holds a lone surrogate; hint: decode it without `surrogateescape`",
                    );
                    exception(object.py(), &error)
                });
        }
        if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyByteArray>() {
            return Ok(Self::Bytes(object.extract()?));
        }
        if object.is_instance_of::<PyMemoryView>() {
            // By way of a copy that can be wiped: one as `bytes` would stay in Python's memory.
            let copy = PyByteArray::from(&object)?;
            let text = Self::Bytes(copy.extract()?);
            crate::attest::wipe(&copy)?;
            return Ok(text);
        }
        Err(PyTypeError::new_err(format!(
            "expected str or bytes-like, not {}",
            object.get_type().name()?
        )))
    }
}
