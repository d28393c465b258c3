//! The vault: placeholders and the values they stand for.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use cloister_core::guard::{BoundVault, VaultUse};
use cloister_core::{Error, Kind, Result, pii};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::cipher::{Cipher, bytes_of};
use crate::exceptions::detached;
use crate::session::Session;
use crate::text::Text;

/// Remembers which placeholder stands for which value. Threads take turns.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Vault(BoundVault);

impl Vault {
    /// The vault, wiped if it has expired, to put values in or back.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, pii::Vault>> {
        self.0.lock(VaultUse::Read)
    }
}

#[pymethods]
impl Vault {
    #[new]
    #[pyo3(signature = (*, ttl = None, capacity = None))]
    fn new(py: Python<'_>, ttl: Option<f64>, capacity: Option<usize>) -> PyResult<Self> {
        detached(py, || {
            let mut options = pii::VaultOptions::default();
            if let Some(seconds) = ttl {
                let ttl = Duration::try_from_secs_f64(seconds).ok();
                options.ttl = Some(ttl.filter(|ttl| !ttl.is_zero()).ok_or_else(|| {
                    Error::new(
                        Kind::InvalidArgument,
                        "`ttl` is a number of seconds above zero",
                    )
                })?);
            }
            options.capacity = capacity.unwrap_or(options.capacity);
            Ok(Self(BoundVault::new(pii::Vault::with_options(options))))
        })
    }

    #[staticmethod]
    #[pyo3(signature = (path, cipher, *, context = None))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        cipher: Py<Cipher>,
        context: Option<Text>,
    ) -> PyResult<Self> {
        detached(py, || {
            let context = bytes_of(context.as_ref());
            let vault = pii::Vault::open(&path, &cipher.get().0, context)?;
            Ok(Self(BoundVault::new(vault)))
        })
    }

    #[pyo3(signature = (path, cipher, *, context = None))]
    fn save(
        &self,
        py: Python<'_>,
        path: PathBuf,
        cipher: Py<Cipher>,
        context: Option<Text>,
    ) -> PyResult<()> {
        detached(py, || {
            let context = bytes_of(context.as_ref());
            self.0
                .lock(VaultUse::Store)?
                .save(&path, &cipher.get().0, context)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (envelope, cipher, *, context = None))]
    fn import_(
        py: Python<'_>,
        envelope: Text,
        cipher: Py<Cipher>,
        context: Option<Text>,
    ) -> PyResult<Self> {
        detached(py, || {
            let context = bytes_of(context.as_ref());
            let vault = pii::Vault::import(&cipher.get().0, envelope.bytes(), context)?;
            Ok(Self(BoundVault::new(vault)))
        })
    }

    #[pyo3(signature = (cipher, *, context = None))]
    fn export<'py>(
        &self,
        py: Python<'py>,
        cipher: Py<Cipher>,
        context: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let envelope = detached(py, || {
            let context = bytes_of(context.as_ref());
            self.0
                .lock(VaultUse::Store)?
                .export(&cipher.get().0, context)
        })?;
        Ok(PyBytes::new(py, &envelope))
    }

    fn bind(&self, py: Python<'_>, session: Py<Session>) -> PyResult<()> {
        detached(py, || self.0.bind(session.get().lend()?.session()?))
    }

    fn reserve(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        detached(py, || {
            self.lock()?.reserve(text.get()?);
            Ok(())
        })
    }

    fn placeholder(&self, py: Python<'_>, token: Text, value: Text) -> PyResult<String> {
        detached(py, || self.lock()?.placeholder(token.get()?, value.get()?))
    }

    fn restore(&self, py: Python<'_>, text: Text) -> PyResult<String> {
        detached(py, || Ok(self.lock()?.restore(text.get()?)))
    }

    fn restorer(slf: Py<Self>) -> Restorer {
        Restorer {
            vault: slf,
            state: Mutex::new(pii::RestoreState::default()),
        }
    }

    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.0.lock(VaultUse::Count)?.clear();
            Ok(())
        })
    }

    #[getter]
    fn expires_at(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        detached(py, || {
            let end = self.0.lock(VaultUse::Count)?.expires_at();
            let end = end.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
            Ok(end.map(|end| end.as_secs_f64()))
        })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(self.0.lock(VaultUse::Count)?.len()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Vault(values={})", self.__len__(py)?))
    }
}

/// Puts values back into a text that arrives in chunks. Threads take turns.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Restorer {
    vault: Py<Vault>,
    state: Mutex<pii::RestoreState>,
}

#[pymethods]
impl Restorer {
    fn push(&self, py: Python<'_>, chunk: Text) -> PyResult<String> {
        detached(py, || {
            let chunk = chunk.get()?;
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let vault = self.vault.get().lock()?;
            Ok(state.push(&vault, chunk))
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<String> {
        detached(py, || {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let vault = self.vault.get().lock()?;
            Ok(state.finish(&vault))
        })
    }

    #[expect(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "Restorer()"
    }
}
