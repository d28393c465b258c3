//! AES-256-GCM with the classification bound to the ciphertext.

use cloister_core::{Classification, cipher};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::exceptions::{detached, exception};
use crate::text::Text;

/// `PUBLIC`, `INTERNAL` or `SENSITIVE`, in either case.
pub(crate) fn classification(py: Python<'_>, name: &str) -> PyResult<Classification> {
    name.parse().map_err(|error| exception(py, &error))
}

/// A 256-bit key. Wiped when it is collected; its `repr` shows nothing of it.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Key(pub(crate) cipher::Key);

#[pymethods]
impl Key {
    #[new]
    fn new(py: Python<'_>, value: Text) -> PyResult<Self> {
        detached(py, || match &value {
            Text::Str(text) => cipher::Key::from_text(text),
            Text::Bytes(bytes) => cipher::Key::from_bytes(bytes),
        })
        .map(Self)
    }

    #[staticmethod]
    fn from_secret(py: Python<'_>, secret: Text) -> PyResult<Self> {
        detached(py, || cipher::Key::from_secret(secret.get()?)).map(Self)
    }

    #[staticmethod]
    fn generate(py: Python<'_>) -> PyResult<Self> {
        detached(py, cipher::Key::generate).map(Self)
    }

    fn to_base64(&self) -> String {
        self.0.to_base64().as_str().to_owned()
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.as_bytes())
    }

    #[expect(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "Key([REDACTED])"
    }
}

/// A decrypted envelope.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Opened(cipher::Opened);

#[pymethods]
impl Opened {
    #[getter]
    fn plaintext<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.plaintext)
    }

    #[getter]
    fn classification(&self) -> &'static str {
        self.0.classification.as_str()
    }

    fn __repr__(&self) -> String {
        format!("Opened(classification='{}')", self.0.classification)
    }
}

/// Encrypts and decrypts with one key. Any number of threads may use one cipher.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Cipher(pub(crate) cipher::Cipher);

#[pymethods]
impl Cipher {
    #[new]
    fn new(py: Python<'_>, key: Py<Key>) -> PyResult<Self> {
        detached(py, || Ok(Self(cipher::Cipher::new(key.get().0.clone()))))
    }

    #[pyo3(signature = (plaintext, classification = "SENSITIVE", *, context = None))]
    fn encrypt<'py>(
        &self,
        py: Python<'py>,
        plaintext: Text,
        classification: &str,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let class = self::classification(py, classification)?;
        let envelope = detached(py, || {
            self.0
                .encrypt(plaintext.bytes(), class, bytes_of(context.as_ref()))
        })?;
        Ok(PyBytes::new(py, &envelope))
    }

    #[pyo3(signature = (envelope, *, context = None))]
    fn decrypt(&self, py: Python<'_>, envelope: Text, context: Option<Text>) -> PyResult<Opened> {
        detached(py, || {
            self.0.decrypt(envelope.bytes(), bytes_of(context.as_ref()))
        })
        .map(Opened)
    }

    #[pyo3(signature = (plaintext, classification = "SENSITIVE", *, context = None))]
    fn encrypt_to_text(
        &self,
        py: Python<'_>,
        plaintext: Text,
        classification: &str,
        context: Option<Text>,
    ) -> PyResult<String> {
        let class = self::classification(py, classification)?;
        detached(py, || {
            self.0
                .encrypt_to_text(plaintext.bytes(), class, bytes_of(context.as_ref()))
        })
    }

    #[pyo3(signature = (text, *, context = None))]
    fn decrypt_text(&self, py: Python<'_>, text: Text, context: Option<Text>) -> PyResult<Opened> {
        detached(py, || {
            self.0.decrypt_text(text.get()?, bytes_of(context.as_ref()))
        })
        .map(Opened)
    }

    fn decrypt_legacy<'py>(&self, py: Python<'py>, text: Text) -> PyResult<Bound<'py, PyBytes>> {
        let plaintext = detached(py, || self.0.decrypt_legacy(text.get()?))?;
        Ok(PyBytes::new(py, &plaintext))
    }

    #[expect(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "Cipher([REDACTED])"
    }
}

/// The bytes of an argument that may be left out.
pub(crate) fn bytes_of(context: Option<&Text>) -> &[u8] {
    context.map_or(&[], Text::bytes)
}
