//! Replacing identifiers.

use cloister_core::{Error, Kind, pii};
use pyo3::prelude::*;

use crate::exceptions::{detached, exception};
use crate::finding::{Finding, findings_of, located};
use crate::scan_stream::ScrubStream;
use crate::scanner::Scanner;
use crate::text::Text;
use crate::vault::Vault;

/// Scrubbed text with what was found in the original.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Scrubbed {
    #[pyo3(get)]
    text: String,
    #[pyo3(get)]
    findings: Vec<Py<Finding>>,
}

impl Scrubbed {
    fn new(py: Python<'_>, (text, findings): (String, Vec<Finding>)) -> PyResult<Self> {
        let findings = findings
            .into_iter()
            .map(|finding| Py::new(py, finding))
            .collect::<PyResult<_>>()?;
        Ok(Self { text, findings })
    }

    /// A part of a text that came in chunks.
    pub(crate) fn part(py: Python<'_>, part: pii::ScrubbedPart) -> PyResult<Self> {
        let findings = part.findings.iter().map(located).collect();
        Self::new(py, (part.text, findings))
    }
}

#[pymethods]
impl Scrubbed {
    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("Scrubbed(findings={})", self.findings.len())
    }
}

/// Finds and replaces identifiers. Any number of threads may use one scrubber.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Scrubber(pii::Scrubber);

#[pymethods]
impl Scrubber {
    #[new]
    #[pyo3(signature = (scanner = None, *, style = "redact"))]
    fn new(py: Python<'_>, scanner: Option<Py<Scanner>>, style: &str) -> PyResult<Self> {
        let style = match style {
            "redact" => pii::Style::Redact,
            "mask" => pii::Style::Mask,
            _ => {
                let error = Error::new(
                    Kind::InvalidArgument,
                    "unknown style; hint: use `redact` or `mask`",
                );
                return Err(exception(py, &error));
            }
        };
        detached(py, || {
            let scanner = match &scanner {
                Some(scanner) => scanner.get().0.clone(),
                None => cloister_core::scan::Scanner::identifiers(),
            };
            Ok(Self(pii::Scrubber::with_scanner(scanner, style)))
        })
    }

    fn stream(&self) -> ScrubStream {
        ScrubStream::new(self.0.stream())
    }

    fn scrub(&self, py: Python<'_>, text: Text) -> PyResult<Scrubbed> {
        let scrubbed = detached(py, || {
            let text = text.get()?;
            let scrubbed = self.0.scrub(text);
            Ok((scrubbed.text, findings_of(text, &scrubbed.findings)))
        })?;
        Scrubbed::new(py, scrubbed)
    }

    fn find(&self, py: Python<'_>, text: Text) -> PyResult<Vec<Finding>> {
        detached(py, || {
            let text = text.get()?;
            Ok(findings_of(text, &self.0.find(text)))
        })
    }

    fn pseudonymize(&self, py: Python<'_>, text: Text, vault: Py<Vault>) -> PyResult<Scrubbed> {
        let scrubbed = detached(py, || {
            let text = text.get()?;
            let scrubbed = self.0.pseudonymize(text, &mut vault.get().lock());
            Ok((scrubbed.text, findings_of(text, &scrubbed.findings)))
        })?;
        Scrubbed::new(py, scrubbed)
    }
}
