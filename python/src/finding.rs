//! What a scan found, with offsets in code points, as Python counts.

use std::ops::Range;
use std::sync::Arc;

use cloister_core::scan::{self, Category, Position, Severity};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// `identifier` or `secret`.
pub(crate) fn category_name(category: Category) -> &'static str {
    match category {
        Category::Identifier => "identifier",
        Category::Secret => "secret",
    }
}

/// `low`, `medium`, `high` or `critical`.
pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// One detection rule.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Rule(pub(crate) Arc<scan::Rule>);

#[pymethods]
impl Rule {
    #[getter]
    fn id(&self) -> &str {
        self.0.id()
    }

    #[getter]
    fn kind(&self) -> &str {
        self.0.kind()
    }

    #[getter]
    fn token(&self) -> &str {
        self.0.token()
    }

    #[getter]
    fn what(&self) -> &str {
        self.0.what()
    }

    #[getter]
    fn category(&self) -> &'static str {
        category_name(self.0.category())
    }

    #[getter]
    fn severity(&self) -> &'static str {
        severity_name(self.0.severity())
    }

    #[getter]
    fn remediation(&self) -> &str {
        self.0.remediation()
    }

    #[getter]
    fn source(&self) -> &str {
        self.0.source()
    }

    #[getter]
    fn country(&self) -> Option<&str> {
        self.0.country()
    }

    #[getter]
    fn profiles(&self) -> Vec<String> {
        self.0.profiles().iter().map(ToString::to_string).collect()
    }

    fn __repr__(&self) -> String {
        format!("Rule(id='{}', kind='{}')", self.0.id(), self.0.kind())
    }
}

/// One thing found. It never holds the value itself.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Finding {
    found: scan::Finding,
    start: Position,
    end: Position,
    #[pyo3(get)]
    context_start: usize,
    #[pyo3(get)]
    context_end: usize,
}

#[pymethods]
impl Finding {
    #[getter]
    fn rule(&self) -> Rule {
        Rule(Arc::clone(self.found.rule()))
    }

    #[getter]
    fn kind(&self) -> &str {
        self.found.kind()
    }

    #[getter]
    fn category(&self) -> &'static str {
        category_name(self.found.category())
    }

    #[getter]
    fn severity(&self) -> &'static str {
        severity_name(self.found.rule().severity())
    }

    #[getter]
    fn token(&self) -> &str {
        self.found.rule().token()
    }

    #[getter]
    fn confidence(&self) -> f64 {
        confidence_of(&self.found)
    }

    #[getter]
    fn start(&self) -> usize {
        self.start.char
    }

    #[getter]
    fn end(&self) -> usize {
        self.end.char
    }

    #[getter]
    fn start_byte(&self) -> usize {
        self.start.byte
    }

    #[getter]
    fn end_byte(&self) -> usize {
        self.end.byte
    }

    #[getter]
    fn start_utf16(&self) -> usize {
        self.start.utf16
    }

    #[getter]
    fn end_utf16(&self) -> usize {
        self.end.utf16
    }

    #[getter]
    fn line(&self) -> usize {
        self.start.line
    }

    #[getter]
    fn column(&self) -> usize {
        self.start.column
    }

    #[getter]
    fn why<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        why(py, &self.found)
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("kind", self.kind())?;
        dict.set_item("rule", self.found.rule().id())?;
        dict.set_item("category", self.category())?;
        dict.set_item("severity", self.severity())?;
        places(&dict, &self.start, &self.end)?;
        dict.set_item("confidence", self.confidence())?;
        dict.set_item("why", self.why(py)?)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        format!(
            "Finding(kind='{}', start={}, end={}, confidence={:.2})",
            self.kind(),
            self.start(),
            self.end(),
            self.confidence()
        )
    }
}

/// Sets where a finding is, in every unit, the same for all that reports findings.
pub(crate) fn places(dict: &Bound<'_, PyDict>, start: &Position, end: &Position) -> PyResult<()> {
    dict.set_item("start", start.char)?;
    dict.set_item("end", end.char)?;
    dict.set_item("bytes", [start.byte, end.byte])?;
    dict.set_item("utf16", [start.utf16, end.utf16])?;
    dict.set_item("line", start.line)?;
    dict.set_item("column", start.column)
}

/// Why something was reported, in words of its rule.
pub(crate) fn why<'py>(py: Python<'py>, found: &scan::Finding) -> PyResult<Bound<'py, PyDict>> {
    let evidence = found.evidence();
    let layers: Vec<&str> = evidence.layers.iter().map(scan::Layer::as_str).collect();
    let dict = PyDict::new(py);
    dict.set_item("origin", evidence.origin.as_str())?;
    dict.set_item("what", evidence.what)?;
    dict.set_item("label", evidence.label)?;
    dict.set_item("near", evidence.near)?;
    dict.set_item("check", evidence.check.map(|(name, _)| name))?;
    dict.set_item("verdict", evidence.check.map(|(_, said)| said.as_str()))?;
    dict.set_item("layers", layers)?;
    Ok(dict)
}

/// The confidence as a person would write it: 0.8, where widening the bits would give 0.800000011920929.
pub(crate) fn confidence_of(finding: &scan::Finding) -> f64 {
    (f64::from(finding.confidence()) * 1e4).round() / 1e4
}

/// Translates byte spans to code points, in one pass over the text.
pub(crate) fn findings_of(text: &str, found: Vec<scan::Finding>) -> Vec<Finding> {
    let chars = |part: Range<usize>| text.get(part).map_or(0, |part| part.chars().count());
    let mut places = scan::Positions::of(text);
    found
        .into_iter()
        .map(|found| {
            let (span, context) = (found.span(), found.context());
            let start = places.next_at(span.start);
            let end = places.next_at(span.end);
            Finding {
                found,
                start,
                end,
                context_start: start.char - chars(context.start..span.start),
                context_end: end.char + chars(span.end..context.end),
            }
        })
        .collect()
}

/// A finding of a stream; its places are those in the whole text.
pub(crate) fn located(one: &scan::Located) -> Finding {
    Finding {
        found: one.finding.clone(),
        start: one.start,
        end: one.end,
        context_start: one.context_start.char,
        context_end: one.context_end.char,
    }
}
