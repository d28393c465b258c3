//! Finding credentials and saying what to do about them.

use std::fmt;

use super::snippet::Snippets;
use crate::pii::replace;
use crate::scan::{Category, Finding, Position, Positions, Scanner, Severity};
use crate::{Error, Kind, Result};

/// One credential in a text.
#[derive(Clone)]
pub struct Secret {
    /// The rule and the place.
    pub finding: Finding,
    /// How bad it is when it leaks.
    pub severity: Severity,
    /// Where it begins.
    pub start: Position,
    /// Where it ends, on its own last line.
    pub end: Position,
    /// The line around it with every secret in it as `[REDACTED]`, at most `max_context_chars` long.
    pub snippet: String,
}

impl Secret {
    /// For example `openai_api_key`.
    pub fn kind(&self) -> &str {
        self.finding.kind()
    }

    /// What to do about it, in a sentence or two.
    pub fn remediation(&self) -> &str {
        self.finding.rule().remediation()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("kind", &self.kind())
            .field("severity", &self.severity)
            .field("line", &self.start.line)
            .field("column", &self.start.column)
            .finish_non_exhaustive()
    }
}

/// Finds credentials. Any number of threads may use one detector.
#[derive(Clone, Debug)]
pub struct Detector {
    scanner: Scanner,
    max_context_chars: usize,
    alert_from: f32,
    redact_from: f32,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// All built-in secrets; snippets of at most 50 characters.
    pub fn new() -> Self {
        Self::with_scanner(Scanner::secrets())
    }

    /// A scanner of one's own. Identifiers that it finds are passed over.
    pub fn with_scanner(scanner: Scanner) -> Self {
        Self {
            scanner,
            max_context_chars: 50,
            alert_from: 0.0,
            redact_from: 0.0,
        }
    }

    /// The longest snippet, in code points, without the dots that show a cut; 0 for no snippets.
    #[must_use]
    pub fn max_context_chars(mut self, chars: usize) -> Self {
        self.max_context_chars = chars;
        self
    }

    /// The least confidence, 0 to 1, with which [`Detector::detect`] reports a credential: all of them unless set.
    ///
    /// An alert costs somebody's time: 0.7 leaves out what may be a mere word, and random strings without a name.
    /// `InvalidArgument` beyond 0 to 1.
    pub fn alert_from(mut self, confidence: f32) -> Result<Self> {
        self.alert_from = threshold(confidence)?;
        Ok(self)
    }

    /// The least confidence, 0 to 1, with which [`Detector::redact`] replaces a credential: all of them unless set.
    ///
    /// What stays in a text cannot be taken back, so that this is usually lower than [`Detector::alert_from`].
    /// `InvalidArgument` beyond 0 to 1.
    pub fn redact_from(mut self, confidence: f32) -> Result<Self> {
        self.redact_from = threshold(confidence)?;
        Ok(self)
    }

    /// The credentials in `text` that are worth an alert, ascending and non-overlapping.
    ///
    /// No snippet shows a credential, be it worth an alert or not.
    pub fn detect(&self, text: &str) -> Vec<Secret> {
        let mut secrets = self.all(text);
        secrets.retain(|secret| secret.finding.confidence() >= self.alert_from);
        secrets
    }

    /// All credentials in `text`, ascending and non-overlapping.
    fn all(&self, text: &str) -> Vec<Secret> {
        let mut findings = self.scanner.scan(text);
        findings.retain(|finding| finding.category() == Category::Secret);
        let mut places = Positions::of(text);
        let mut snippets = Snippets::new(text, &findings, self.max_context_chars);
        let shown: Vec<_> = findings
            .iter()
            .enumerate()
            .map(|(place, finding)| {
                let span = finding.span();
                let start = places.next_at(span.start);
                (start, places.next_at(span.end), snippets.next_for(place))
            })
            .collect();
        findings
            .into_iter()
            .zip(shown)
            .map(|(finding, (start, end, snippet))| Secret {
                severity: finding.rule().severity(),
                start,
                end,
                finding,
                snippet,
            })
            .collect()
    }

    /// `text` with every secret, whole and each occurrence, as `[OPENAI_API_KEY]` (the rule's token), and the secrets that
    /// were replaced.
    pub fn redact(&self, text: &str) -> (String, Vec<Secret>) {
        let mut secrets = self.all(text);
        secrets.retain(|secret| secret.finding.confidence() >= self.redact_from);
        let findings: Vec<Finding> = secrets
            .iter()
            .map(|secret| secret.finding.clone())
            .collect();
        let redacted = replace(text, &findings, |finding, _, out| {
            out.push_str(&finding.redaction());
        });
        (redacted, secrets)
    }
}

fn threshold(confidence: f32) -> Result<f32> {
    if (0.0..=1.0).contains(&confidence) {
        Ok(confidence)
    } else {
        Err(Error::new(Kind::InvalidArgument, "a confidence is 0 to 1"))
    }
}
