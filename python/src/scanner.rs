//! The scanner: which rules, and what is let through.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloister_core::scan::{self, Entry, Field, Format, Refusal};
use cloister_core::{Error, Kind, Result};
use pyo3::prelude::*;

use crate::exceptions::detached;
use crate::finding::{Finding, Rule, findings_of};
use crate::scan_stream::ScanStream;
use crate::text::Text;

/// Compiled rules. Any number of threads may use one scanner.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Scanner(pub(crate) scan::Scanner, Vec<Refusal>);

#[pymethods]
impl Scanner {
    #[new]
    #[pyo3(signature = (
        *, identifiers = true, secrets = true, profile = None, rules = None, rules_format = "toml",
        without = Vec::new(), allow = Vec::new(), allow_patterns = Vec::new(), deny = BTreeMap::new(),
        deny_patterns = BTreeMap::new(), ignore_case = false, min_confidence = None,
        min_confidence_of = BTreeMap::new(), gitleaks = None,
    ))]
    #[allow(
        clippy::too_many_arguments,
        reason = "keyword arguments of Python are parameters here"
    )]
    fn new(
        py: Python<'_>,
        identifiers: bool,
        secrets: bool,
        profile: Option<String>,
        rules: Option<Text>,
        rules_format: &str,
        without: Vec<String>,
        allow: Vec<String>,
        allow_patterns: Vec<String>,
        deny: BTreeMap<String, Vec<String>>,
        deny_patterns: BTreeMap<String, Vec<String>>,
        ignore_case: bool,
        min_confidence: Option<f32>,
        min_confidence_of: BTreeMap<String, f32>,
        gitleaks: Option<Text>,
    ) -> PyResult<Self> {
        let changed = profile.is_some()
            || rules.is_some()
            || gitleaks.is_some()
            || !(without.is_empty() && allow.is_empty() && allow_patterns.is_empty())
            || !(deny.is_empty() && deny_patterns.is_empty())
            || min_confidence.is_some()
            || !min_confidence_of.is_empty();
        let given = Given {
            identifiers: identifiers.then(|| profile.unwrap_or_else(|| "default".to_owned())),
            secrets,
            rules,
            rules_format: rules_format.to_owned(),
            without,
            allow,
            allow_patterns,
            deny,
            deny_patterns,
            ignore_case,
            min_confidence,
            min_confidence_of,
            gitleaks,
        };
        detached(py, move || match (identifiers, secrets, changed) {
            (true, true, false) => Ok((scan::Scanner::all(), Vec::new())),
            (true, false, false) => Ok((scan::Scanner::identifiers(), Vec::new())),
            (false, true, false) => Ok((scan::Scanner::secrets(), Vec::new())),
            _ => given.build(),
        })
        .map(|(scanner, refusals)| Self(scanner, refusals))
    }

    fn stream(&self) -> ScanStream {
        ScanStream::new(self.0.stream())
    }

    fn scan(&self, py: Python<'_>, text: Text) -> PyResult<Vec<Finding>> {
        detached(py, || {
            let text = text.get()?;
            Ok(findings_of(text, self.0.scan(text)))
        })
    }

    fn scan_record(
        &self,
        py: Python<'_>,
        fields: Vec<(Text, Text)>,
    ) -> PyResult<Vec<Vec<Finding>>> {
        detached(py, || {
            let fields = fields
                .iter()
                .map(|(name, value)| {
                    Ok(Field {
                        name: name.get()?,
                        value: value.get()?,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let found = self.0.scan_record(&fields).into_iter();
            let placed = found.zip(&fields);
            Ok(placed
                .map(|(found, field)| findings_of(field.value, found))
                .collect())
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

    #[getter]
    fn refusals(&self) -> Vec<(&str, &str)> {
        self.1
            .iter()
            .map(|refusal| (refusal.rule.as_str(), refusal.reason.as_str()))
            .collect()
    }

    fn __repr__(&self) -> String {
        format!("Scanner(rules={})", self.0.rules().len())
    }
}

/// What the caller asks for.
struct Given {
    /// The profile of the built-in rules for identifiers, where these are wanted.
    identifiers: Option<String>,
    secrets: bool,
    rules: Option<Text>,
    rules_format: String,
    without: Vec<String>,
    allow: Vec<String>,
    allow_patterns: Vec<String>,
    deny: BTreeMap<String, Vec<String>>,
    deny_patterns: BTreeMap<String, Vec<String>>,
    ignore_case: bool,
    min_confidence: Option<f32>,
    min_confidence_of: BTreeMap<String, f32>,
    gitleaks: Option<Text>,
}

impl Given {
    fn build(&self) -> Result<(scan::Scanner, Vec<Refusal>)> {
        let mut builder = scan::Scanner::builder();
        if let Some(profile) = &self.identifiers {
            builder = builder.profile(profile)?;
        }
        if self.secrets {
            builder = builder.secrets();
        }
        for name in &self.without {
            builder = builder.without(name)?;
        }
        let mut refusals = Vec::new();
        if let Some(config) = &self.gitleaks {
            (builder, refusals) = builder.gitleaks_toml(config.get()?)?;
        }
        if let Some(rules) = &self.rules {
            let format = Format::named(&self.rules_format).ok_or_else(|| {
                let message = "there is no such format of rules; hint: toml, yaml or json";
                Error::new(Kind::InvalidArgument, message)
            })?;
            builder = builder.rules_in(format, rules.get()?)?;
        }
        for value in &self.allow {
            builder = builder.allow_entry(self.value(value))?;
        }
        for pattern in &self.allow_patterns {
            builder = builder.allow_entry(Entry::Pattern(pattern))?;
        }
        for (kind, values) in &self.deny {
            for value in values {
                builder = builder.deny(kind, self.value(value))?;
            }
        }
        for (kind, patterns) in &self.deny_patterns {
            for pattern in patterns {
                builder = builder.deny(kind, Entry::Pattern(pattern))?;
            }
        }
        if let Some(confidence) = self.min_confidence {
            builder = builder.min_confidence(confidence)?;
        }
        for (kind, confidence) in &self.min_confidence_of {
            builder = builder.min_confidence_of(kind, *confidence)?;
        }
        Ok((builder.build()?, refusals))
    }

    fn value<'v>(&self, value: &'v str) -> Entry<'v> {
        if self.ignore_case {
            Entry::AnyCase(value)
        } else {
            Entry::Exact(value)
        }
    }
}
