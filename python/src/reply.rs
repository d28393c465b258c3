//! What a guarded chat gives back.

use cloister_core::guard;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;

use crate::chat::Completion;

/// What was found in a text, by kind and number. Never a value.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Summary(guard::Summary);

#[pymethods]
impl Summary {
    #[getter]
    fn identifiers(&self) -> usize {
        self.0.identifiers
    }

    #[getter]
    fn secrets(&self) -> usize {
        self.0.secrets
    }

    #[getter]
    fn identifier_kinds(&self) -> Vec<String> {
        self.0.identifier_kinds.clone()
    }

    #[getter]
    fn secret_kinds(&self) -> Vec<String> {
        self.0.secret_kinds.clone()
    }

    fn __repr__(&self) -> String {
        format!(
            "Summary(identifiers={}, secrets={})",
            self.0.identifiers, self.0.secrets
        )
    }
}

/// An answer with everything that happened on the way.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Reply(pub(crate) guard::Reply);

#[pymethods]
impl Reply {
    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    fn buffer<'py>(&self, py: Python<'py>) -> Bound<'py, PyByteArray> {
        PyByteArray::new(py, self.0.text.as_bytes())
    }

    #[getter]
    fn prompt(&self) -> &str {
        &self.0.prompt
    }

    #[getter]
    fn raw_text(&self) -> &str {
        &self.0.raw_text
    }

    #[getter]
    fn request(&self) -> Summary {
        Summary(self.0.request.clone())
    }

    #[getter]
    fn response(&self) -> Summary {
        Summary(self.0.response.clone())
    }

    #[getter]
    fn completion(&self) -> Completion {
        Completion(self.0.completion.clone())
    }

    #[getter]
    fn event_ids(&self) -> Vec<String> {
        self.0.event_ids.clone()
    }

    fn __str__(&self) -> &str {
        &self.0.text
    }

    fn __repr__(&self) -> String {
        format!(
            "Reply(identifiers={}, secrets={}, finish_reason='{}')",
            self.0.request.identifiers,
            self.0.request.secrets,
            self.0.completion.finish_reason.as_str()
        )
    }
}
