//! Finding credentials and saying what to do about them.

use std::fmt;

use super::snippet::Snippets;
use crate::pii::replace;
use crate::scan::{Category, Finding, Position, Scanner, Severity, positions};

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
        }
    }

    /// The longest snippet, in code points, without the dots that show a cut; 0 for no snippets.
    #[must_use]
    pub fn max_context_chars(mut self, chars: usize) -> Self {
        self.max_context_chars = chars;
        self
    }

    /// The credentials in `text`, ascending and non-overlapping.
    pub fn detect(&self, text: &str) -> Vec<Secret> {
        let mut findings = self.scanner.scan(text);
        findings.retain(|finding| finding.category() == Category::Secret);
        let offsets: Vec<usize> = findings
            .iter()
            .flat_map(|finding| [finding.span().start, finding.span().end])
            .collect();
        let places = positions(text, &offsets);
        let mut snippets = Snippets::new(text, &findings, self.max_context_chars);
        let shown: Vec<String> = (0..findings.len())
            .map(|place| snippets.next_for(place))
            .collect();
        findings
            .into_iter()
            .zip(places.chunks_exact(2))
            .zip(shown)
            .map(|((finding, place), snippet)| Secret {
                severity: finding.rule().severity(),
                start: place[0],
                end: place[1],
                finding,
                snippet,
            })
            .collect()
    }

    /// `text` with every secret, whole and each occurrence, as `[OPENAI_API_KEY]` (the rule's token), and the secrets.
    pub fn redact(&self, text: &str) -> (String, Vec<Secret>) {
        let secrets = self.detect(text);
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
