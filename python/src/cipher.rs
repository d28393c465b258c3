//! Cobblestone-256 (AES-256-GCM) with the classification bound to the ciphertext.

use std::path::PathBuf;

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
    fn from_env(py: Python<'_>, variable: &str) -> PyResult<Self> {
        detached(py, || cipher::Key::from_env(variable)).map(Self)
    }

    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        detached(py, || cipher::Key::from_file(path)).map(Self)
    }

    #[staticmethod]
    #[pyo3(signature = (passphrase, salt, *, memory_kib = 65536, passes = 3, lanes = 4))]
    fn from_passphrase(
        py: Python<'_>,
        passphrase: Text,
        salt: &[u8],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    ) -> PyResult<Self> {
        let cost = cipher::PassphraseCost {
            memory_kib,
            passes,
            lanes,
        };
        detached(py, || {
            cipher::Key::from_passphrase(passphrase.get()?, salt, cost)
        })
        .map(Self)
    }

    #[staticmethod]
    fn from_source(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes: Vec<u8> = source.call0()?.extract()?;
        detached(py, || cipher::Key::from_source(|| Ok(bytes))).map(Self)
    }

    #[staticmethod]
    fn generate(py: Python<'_>) -> PyResult<Self> {
        detached(py, cipher::Key::generate).map(Self)
    }

    fn to_base64(&self, py: Python<'_>) -> PyResult<String> {
        let text = self.0.to_base64().map_err(|error| exception(py, &error))?;
        Ok(text.as_str().to_owned())
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.0.as_bytes().map_err(|error| exception(py, &error))?;
        Ok(PyBytes::new(py, bytes))
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

    #[getter]
    fn content_type(&self) -> &str {
        &self.0.content_type
    }

    #[getter]
    fn created(&self) -> u64 {
        self.0.created
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

    #[staticmethod]
    fn is_fips_mode() -> bool {
        cipher::Cipher::is_fips_mode()
    }

    #[pyo3(signature = (plaintext, classification = "SENSITIVE", *, content_type = "", context = None))]
    fn encrypt<'py>(
        &self,
        py: Python<'py>,
        plaintext: Text,
        classification: &str,
        content_type: &str,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let label = label(py, classification, content_type)?;
        let plaintext = plaintext.bytes();
        let length = cipher::Cipher::envelope_len(plaintext.len(), &label);
        PyBytes::new_with(py, length, |place| {
            detached(py, || {
                self.0
                    .encrypt_into(plaintext, &label, bytes_of(context.as_ref()), place)
            })
        })
    }

    #[pyo3(signature = (plaintext, *, context = None))]
    fn encrypt_message<'py>(
        &self,
        py: Python<'py>,
        plaintext: Text,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let plaintext = plaintext.bytes();
        let length = cipher::Cipher::message_len(plaintext.len());
        PyBytes::new_with(py, length, |place| {
            detached(py, || {
                self.0
                    .encrypt_message_into(plaintext, bytes_of(context.as_ref()), place)
            })
        })
    }

    #[pyo3(signature = (message, *, context = None))]
    fn decrypt_message<'py>(
        &self,
        py: Python<'py>,
        message: Text,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let plaintext = detached(py, || {
            self.0
                .decrypt_message(message.bytes(), bytes_of(context.as_ref()))
        })?;
        Ok(PyBytes::new(py, &plaintext))
    }

    #[pyo3(signature = (source, target, classification = "SENSITIVE", *, content_type = "", context = None))]
    fn encrypt_file(
        &self,
        py: Python<'_>,
        source: PathBuf,
        target: PathBuf,
        classification: &str,
        content_type: &str,
        context: Option<Text>,
    ) -> PyResult<u64> {
        let label = label(py, classification, content_type)?;
        detached(py, || {
            self.0
                .encrypt_file(source, target, &label, bytes_of(context.as_ref()))
        })
    }

    #[pyo3(signature = (source, target, *, context = None))]
    fn decrypt_file(
        &self,
        py: Python<'_>,
        source: PathBuf,
        target: PathBuf,
        context: Option<Text>,
    ) -> PyResult<()> {
        detached(py, || {
            self.0
                .decrypt_file(source, target, bytes_of(context.as_ref()))
                .map(drop)
        })
    }

    #[pyo3(signature = (source, offset, length, *, context = None))]
    fn decrypt_part<'py>(
        &self,
        py: Python<'py>,
        source: PathBuf,
        offset: u64,
        length: usize,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let part = detached(py, || {
            self.0
                .decrypt_part(source, offset, length, bytes_of(context.as_ref()))
        })?;
        Ok(PyBytes::new(py, &part))
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

/// What an envelope says about its content.
fn label(py: Python<'_>, class: &str, content_type: &str) -> PyResult<cipher::Label> {
    Ok(cipher::Label {
        classification: classification(py, class)?,
        content_type: content_type.to_owned(),
    })
}

/// Keys of which one is primary.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Keyring(cipher::Keyring);

#[pymethods]
impl Keyring {
    #[new]
    fn new(key: Py<Key>) -> Self {
        Self(cipher::Keyring::new(key.get().0.clone()))
    }

    #[staticmethod]
    fn load(py: Python<'_>, wrapping: Py<Cipher>, envelope: Text) -> PyResult<Self> {
        let wrapping = wrapping.get();
        detached(py, || {
            cipher::Keyring::import(&wrapping.0, envelope.bytes())
        })
        .map(Self)
    }

    fn dump<'py>(&self, py: Python<'py>, wrapping: Py<Cipher>) -> PyResult<Bound<'py, PyBytes>> {
        let wrapping = wrapping.get();
        let envelope = detached(py, || self.0.export(&wrapping.0))?;
        Ok(PyBytes::new(py, &envelope))
    }

    fn add(&self, py: Python<'_>, key: Py<Key>) -> PyResult<bool> {
        let key = key.get().0.clone();
        detached(py, || self.0.add(key))
    }

    fn rotate(&self, py: Python<'_>, key: Py<Key>) -> PyResult<String> {
        let key = key.get().0.clone();
        detached(py, || self.0.rotate(key))
    }

    fn enable(&self, py: Python<'_>, id: &str) -> PyResult<()> {
        detached(py, || self.0.set_enabled(id, true))
    }

    fn disable(&self, py: Python<'_>, id: &str) -> PyResult<()> {
        detached(py, || self.0.set_enabled(id, false))
    }

    fn destroy(&self, py: Python<'_>, id: &str) -> PyResult<()> {
        detached(py, || self.0.destroy(id))
    }

    /// Id, state, and whether it is the primary one.
    fn keys(&self) -> Vec<(String, &'static str, bool)> {
        let state = |state| match state {
            cipher::KeyState::Enabled => "enabled",
            cipher::KeyState::Disabled => "disabled",
            cipher::KeyState::Destroyed => "destroyed",
        };
        let keys = self.0.keys().into_iter();
        keys.map(|key| (key.id, state(key.state), key.primary))
            .collect()
    }

    #[pyo3(signature = (plaintext, classification = "SENSITIVE", *, content_type = "", context = None))]
    fn encrypt<'py>(
        &self,
        py: Python<'py>,
        plaintext: Text,
        classification: &str,
        content_type: &str,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let label = label(py, classification, content_type)?;
        let envelope = detached(py, || {
            self.0
                .encrypt(plaintext.bytes(), &label, bytes_of(context.as_ref()))
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

    #[pyo3(signature = (envelope, *, context = None))]
    fn rewrap<'py>(
        &self,
        py: Python<'py>,
        envelope: Text,
        context: Option<Text>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let new = detached(py, || {
            self.0.rewrap(envelope.bytes(), bytes_of(context.as_ref()))
        })?;
        Ok(new.map(|envelope| PyBytes::new(py, &envelope)))
    }
}

/// The bytes of an argument that may be left out.
pub(crate) fn bytes_of(context: Option<&Text>) -> &[u8] {
    context.map_or(&[], Text::bytes)
}
