//! Replacing identifiers.

use std::collections::HashMap;

use cloister_core::{Error, Kind, Result, pii, scan};
use pyo3::prelude::*;

use crate::cipher::Key;
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
    #[pyo3(signature = (scanner = None, *, style = "redact", policy = None, key = None, operators = None))]
    fn new(
        py: Python<'_>,
        scanner: Option<Py<Scanner>>,
        style: &str,
        policy: Option<Text>,
        key: Option<Py<Key>>,
        operators: Option<HashMap<String, String>>,
    ) -> PyResult<Self> {
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
            let scanner = scanner.as_ref().map(|scanner| scanner.get().0.clone());
            match policy_of(policy.as_ref(), key.as_ref(), operators.as_ref())? {
                None => {
                    let scanner = scanner.unwrap_or_else(scan::Scanner::identifiers);
                    Ok(Self(pii::Scrubber::with_scanner(scanner, style)))
                }
                Some(_) if style != pii::Style::Redact => Err(Error::new(
                    Kind::InvalidArgument,
                    "`style` and a policy are both given; hint: use one of them",
                )),
                Some(policy) => pii::Scrubber::with_policy(scanner, policy).map(Self),
            }
        })
    }

    fn stream(&self) -> ScrubStream {
        ScrubStream::new(self.0.stream())
    }

    #[pyo3(signature = (text, *, subject = None))]
    fn scrub(&self, py: Python<'_>, text: Text, subject: Option<Text>) -> PyResult<Scrubbed> {
        let scrubbed = detached(py, || {
            let text = text.get()?;
            self.0.expect_key()?;
            let scrubbed = self.0.scrub_of(subject_of(subject.as_ref())?, text);
            Ok((scrubbed.text, findings_of(text, scrubbed.findings)))
        })?;
        Scrubbed::new(py, scrubbed)
    }

    fn find(&self, py: Python<'_>, text: Text) -> PyResult<Vec<Finding>> {
        detached(py, || {
            let text = text.get()?;
            Ok(findings_of(text, self.0.find(text)))
        })
    }

    #[pyo3(signature = (text, vault, *, subject = None))]
    fn pseudonymize(
        &self,
        py: Python<'_>,
        text: Text,
        vault: Py<Vault>,
        subject: Option<Text>,
    ) -> PyResult<Scrubbed> {
        let scrubbed = detached(py, || {
            let text = text.get()?;
            let subject = subject_of(subject.as_ref())?;
            let vault = &mut vault.get().lock()?;
            let scrubbed = self.0.pseudonymize_of(subject, text, vault)?;
            Ok((scrubbed.text, findings_of(text, scrubbed.findings)))
        })?;
        Scrubbed::new(py, scrubbed)
    }
}

/// The policy of a text and of operators for single kinds; nothing where there are neither.
pub(crate) fn policy_of(
    text: Option<&Text>,
    key: Option<&Py<Key>>,
    operators: Option<&HashMap<String, String>>,
) -> Result<Option<pii::Policy>> {
    if text.is_none() && operators.is_none() {
        return match key {
            None => Ok(None),
            Some(_) => Err(Error::new(
                Kind::InvalidArgument,
                "`key` is given without `policy` or `operators`, which alone use it; hint: give one of them",
            )),
        };
    }
    let mut policy = match text {
        Some(text) => pii::Policy::parse(text.get()?)?,
        None => pii::Policy::default(),
    };
    for (kind, operator) in operators.into_iter().flatten() {
        policy = policy.with(kind, pii::Operator::named(operator)?);
    }
    Ok(Some(match key {
        Some(key) => policy.key(&key.get().0)?,
        None => policy,
    }))
}

fn subject_of(subject: Option<&Text>) -> Result<&str> {
    subject.map_or(Ok(""), Text::get)
}
