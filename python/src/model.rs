//! Model files before they are loaded: what is asked of them, and what is found out.

use cloister_core::engine::{self, Provenance, Require, Trust};
use pyo3::prelude::*;

use crate::exceptions::exception;

/// What loading a model takes of the memory, in bytes.
#[pyclass(frozen, get_all, module = "cloister._native")]
#[expect(
    clippy::struct_field_names,
    reason = "they are the attributes in Python, where the unit is part of the name"
)]
pub(crate) struct MemoryEstimate {
    weights_bytes: u64,
    cache_bytes: u64,
    compute_bytes: u64,
    total_bytes: u64,
}

impl From<engine::MemoryEstimate> for MemoryEstimate {
    fn from(it: engine::MemoryEstimate) -> Self {
        Self {
            weights_bytes: it.weights_bytes,
            cache_bytes: it.cache_bytes,
            compute_bytes: it.compute_bytes,
            total_bytes: it.total_bytes(),
        }
    }
}

/// What is known of a model file before it is loaded.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Inspection(pub(crate) engine::Inspection);

#[pymethods]
impl Inspection {
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn architecture(&self) -> &str {
        &self.0.architecture
    }

    #[getter]
    fn training_context_tokens(&self) -> u32 {
        self.0.training_context_tokens
    }

    #[getter]
    fn context_tokens(&self) -> u32 {
        self.0.context_tokens
    }

    #[getter]
    fn sha256(&self) -> &str {
        &self.0.provenance.sha256
    }

    #[getter]
    fn verified(&self) -> &'static str {
        self.0.provenance.verified.as_str()
    }

    #[getter]
    fn signer(&self) -> Option<&str> {
        self.0.provenance.signer.as_deref()
    }

    #[getter]
    fn adapter_sha256(&self) -> Option<&str> {
        self.0.provenance.adapter_sha256.as_deref()
    }

    #[getter]
    fn memory(&self) -> MemoryEstimate {
        self.0.memory.into()
    }

    #[getter]
    fn available_bytes(&self) -> Option<u64> {
        self.0.available_bytes
    }

    fn __repr__(&self) -> String {
        let Provenance {
            sha256, verified, ..
        } = &self.0.provenance;
        format!(
            "Inspection(architecture='{}', sha256='{sha256}', verified='{}')",
            self.0.architecture,
            verified.as_str()
        )
    }
}

/// What is asked of the file.
pub(crate) fn trust_of(
    py: Python<'_>,
    require: Option<&str>,
    sha256: Option<String>,
    signature: Option<String>,
    public_key: Option<String>,
    root_certificates: Option<String>,
) -> PyResult<Trust> {
    Ok(Trust {
        require: require
            .map(Require::parse)
            .transpose()
            .map_err(|error| exception(py, &error))?
            .unwrap_or_default(),
        sha256,
        signature,
        public_key,
        root_certificates,
    })
}
