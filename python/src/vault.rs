//! The vault: placeholders and the values they stand for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cloister_core::pii;
use pyo3::prelude::*;

use crate::exceptions::detached;
use crate::text::Text;

/// Remembers which placeholder stands for which value. Threads take turns.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Vault(Mutex<pii::Vault>);

impl Vault {
    pub(crate) fn lock(&self) -> MutexGuard<'_, pii::Vault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Vault {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        detached(py, || Ok(Self(Mutex::new(pii::Vault::new()))))
    }

    fn reserve(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        detached(py, || {
            self.lock().reserve(text.get()?);
            Ok(())
        })
    }

    fn placeholder(&self, py: Python<'_>, token: Text, value: Text) -> PyResult<String> {
        detached(py, || {
            Ok(self.lock().placeholder(token.get()?, value.get()?))
        })
    }

    fn restore(&self, py: Python<'_>, text: Text) -> PyResult<String> {
        detached(py, || Ok(self.lock().restore(text.get()?)))
    }

    fn clear(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.lock().clear();
            Ok(())
        })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || Ok(self.lock().len()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Vault(values={})", self.__len__(py)?))
    }
}
