//! Credentials: found whole, reported without being repeated.

use cloister_core::secrets;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::exceptions::detached;
use crate::finding::{confidence_of, places, severity_name, why};
use crate::scanner::Scanner;
use crate::text::Text;

/// One credential in a text.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Secret(secrets::Secret);

#[pymethods]
impl Secret {
    #[getter]
    fn kind(&self) -> &str {
        self.0.kind()
    }

    #[getter]
    fn rule_id(&self) -> &str {
        self.0.finding.rule().id()
    }

    #[getter]
    fn token(&self) -> &str {
        self.0.finding.rule().token()
    }

    #[getter]
    fn severity(&self) -> &'static str {
        severity_name(self.0.severity)
    }

    #[getter]
    fn remediation(&self) -> &str {
        self.0.remediation()
    }

    #[getter]
    fn confidence(&self) -> f64 {
        confidence_of(&self.0.finding)
    }

    #[getter]
    fn snippet(&self) -> &str {
        &self.0.snippet
    }

    #[getter]
    fn start(&self) -> usize {
        self.0.start.char
    }

    #[getter]
    fn end(&self) -> usize {
        self.0.end.char
    }

    #[getter]
    fn line(&self) -> usize {
        self.0.start.line
    }

    #[getter]
    fn column(&self) -> usize {
        self.0.start.column
    }

    #[getter]
    fn end_line(&self) -> usize {
        self.0.end.line
    }

    #[getter]
    fn end_column(&self) -> usize {
        self.0.end.column
    }

    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        why(py, &self.0.finding)
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("kind", self.kind())?;
        dict.set_item("rule", self.rule_id())?;
        dict.set_item("severity", self.severity())?;
        places(&dict, &self.0.start, &self.0.end)?;
        dict.set_item("confidence", self.confidence())?;
        dict.set_item("why", self.why(py)?)?;
        dict.set_item("snippet", self.snippet())?;
        dict.set_item("remediation", self.remediation())?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        format!(
            "Secret(kind='{}', severity='{}', line={})",
            self.kind(),
            self.severity(),
            self.line()
        )
    }
}

/// Finds credentials. Any number of threads may use one detector.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Detector(secrets::Detector);

#[pymethods]
impl Detector {
    #[new]
    #[pyo3(signature = (
        scanner = None, *, max_context_chars = None, alert_from = 0.0, redact_from = 0.0,
    ))]
    fn new(
        py: Python<'_>,
        scanner: Option<Py<Scanner>>,
        max_context_chars: Option<usize>,
        alert_from: f32,
        redact_from: f32,
    ) -> PyResult<Self> {
        detached(py, || {
            let detector = match &scanner {
                Some(scanner) => secrets::Detector::with_scanner(scanner.get().0.clone()),
                None => secrets::Detector::new(),
            };
            let detector = detector.alert_from(alert_from)?.redact_from(redact_from)?;
            Ok(Self(match max_context_chars {
                Some(chars) => detector.max_context_chars(chars),
                None => detector,
            }))
        })
    }

    fn detect(&self, py: Python<'_>, text: Text) -> PyResult<Vec<Secret>> {
        detached(py, || {
            let found = self.0.detect(text.get()?);
            Ok(found.into_iter().map(Secret).collect())
        })
    }

    fn redact(&self, py: Python<'_>, text: Text) -> PyResult<(String, Vec<Secret>)> {
        detached(py, || {
            let (redacted, found) = self.0.redact(text.get()?);
            Ok((redacted, found.into_iter().map(Secret).collect()))
        })
    }
}
