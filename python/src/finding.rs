//! What a scan found, with offsets in code points, as Python counts.

use std::sync::Arc;

use cloister_core::scan::{self, Category, Severity};
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

    fn __repr__(&self) -> String {
        format!("Rule(id='{}', kind='{}')", self.0.id(), self.0.kind())
    }
}

/// One thing found. It never holds the value itself.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Finding {
    rule: Arc<scan::Rule>,
    #[pyo3(get)]
    confidence: f64,
    #[pyo3(get)]
    start: usize,
    #[pyo3(get)]
    end: usize,
    #[pyo3(get)]
    context_start: usize,
    #[pyo3(get)]
    context_end: usize,
    #[pyo3(get)]
    line: usize,
    #[pyo3(get)]
    column: usize,
}

#[pymethods]
impl Finding {
    #[getter]
    fn rule(&self) -> Rule {
        Rule(Arc::clone(&self.rule))
    }

    #[getter]
    fn kind(&self) -> &str {
        self.rule.kind()
    }

    #[getter]
    fn category(&self) -> &'static str {
        category_name(self.rule.category())
    }

    #[getter]
    fn severity(&self) -> &'static str {
        severity_name(self.rule.severity())
    }

    #[getter]
    fn token(&self) -> &str {
        self.rule.token()
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("kind", self.kind())?;
        dict.set_item("rule", self.rule.id())?;
        dict.set_item("category", self.category())?;
        dict.set_item("severity", self.severity())?;
        dict.set_item("start", self.start)?;
        dict.set_item("end", self.end)?;
        dict.set_item("line", self.line)?;
        dict.set_item("column", self.column)?;
        dict.set_item("confidence", self.confidence)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        format!(
            "Finding(kind='{}', start={}, end={}, confidence={:.2})",
            self.kind(),
            self.start,
            self.end,
            self.confidence
        )
    }
}

/// The confidence as a person would write it: 0.8, where widening the bits would give 0.800000011920929.
pub(crate) fn confidence_of(finding: &scan::Finding) -> f64 {
    (f64::from(finding.confidence()) * 1e4).round() / 1e4
}

/// Translates byte spans to code points, in one pass over the text.
pub(crate) fn findings_of(text: &str, found: &[scan::Finding]) -> Vec<Finding> {
    let mut offsets: Vec<usize> = found
        .iter()
        .flat_map(|finding| {
            let (span, context) = (finding.span(), finding.context());
            [span.start, span.end, context.start, context.end]
        })
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    let positions = scan::positions(text, &offsets);
    let at = |byte: usize| {
        offsets
            .binary_search(&byte)
            .ok()
            .and_then(|index| positions.get(index).copied())
            .unwrap_or_default()
    };
    found
        .iter()
        .map(|finding| {
            let (span, context) = (finding.span(), finding.context());
            let start = at(span.start);
            Finding {
                rule: Arc::clone(finding.rule()),
                confidence: confidence_of(finding),
                start: start.char,
                end: at(span.end).char,
                context_start: at(context.start).char,
                context_end: at(context.end).char,
                line: start.line,
                column: start.column,
            }
        })
        .collect()
}

/// A finding of a stream; its places are those in the whole text.
pub(crate) fn located(one: &scan::Located) -> Finding {
    Finding {
        rule: Arc::clone(one.finding.rule()),
        confidence: confidence_of(&one.finding),
        start: one.start.char,
        end: one.end.char,
        context_start: one.context_start.char,
        context_end: one.context_end.char,
        line: one.start.line,
        column: one.start.column,
    }
}
