//! The scanner: which rules, and what is let through.

use std::sync::Arc;

use cloister_core::{Result, scan};
use pyo3::prelude::*;

use crate::exceptions::detached;
use crate::finding::{Finding, Rule, findings_of};
use crate::scan_stream::ScanStream;
use crate::text::Text;

/// Compiled rules. Any number of threads may use one scanner.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Scanner(pub(crate) scan::Scanner);

#[pymethods]
impl Scanner {
    #[new]
    #[pyo3(signature = (*, identifiers = true, secrets = true, rules = None, without = Vec::new(), allow = Vec::new(), min_confidence = None))]
    fn new(
        py: Python<'_>,
        identifiers: bool,
        secrets: bool,
        rules: Option<Text>,
        without: Vec<String>,
        allow: Vec<String>,
        min_confidence: Option<f32>,
    ) -> PyResult<Self> {
        let changed =
            rules.is_some() || !without.is_empty() || !allow.is_empty() || min_confidence.is_some();
        detached(py, move || match (identifiers, secrets, changed) {
            (true, true, false) => Ok(scan::Scanner::all()),
            (true, false, false) => Ok(scan::Scanner::identifiers()),
            (false, true, false) => Ok(scan::Scanner::secrets()),
            _ => build(
                identifiers,
                secrets,
                rules.as_ref(),
                &without,
                &allow,
                min_confidence,
            ),
        })
        .map(Self)
    }

    fn stream(&self) -> ScanStream {
        ScanStream::new(self.0.stream())
    }

    fn scan(&self, py: Python<'_>, text: Text) -> PyResult<Vec<Finding>> {
        detached(py, || {
            let text = text.get()?;
            Ok(findings_of(text, &self.0.scan(text)))
        })
    }

    #[getter]
    fn rules(&self) -> Vec<Rule> {
        self.0
            .rules()
            .iter()
            .map(|rule| Rule(Arc::clone(rule)))
            .collect()
    }

    fn __repr__(&self) -> String {
        format!("Scanner(rules={})", self.0.rules().len())
    }
}

fn build(
    identifiers: bool,
    secrets: bool,
    rules: Option<&Text>,
    without: &[String],
    allow: &[String],
    min_confidence: Option<f32>,
) -> Result<scan::Scanner> {
    let mut builder = scan::Scanner::builder();
    if identifiers {
        builder = builder.identifiers();
    }
    if secrets {
        builder = builder.secrets();
    }
    for name in without {
        builder = builder.without(name)?;
    }
    if let Some(rules) = rules {
        builder = builder.rules_toml(rules.get()?)?;
    }
    for value in allow {
        builder = builder.allow(value);
    }
    if let Some(confidence) = min_confidence {
        builder = builder.min_confidence(confidence)?;
    }
    builder.build()
}
