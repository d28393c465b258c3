//! Credentials: found whole, reported without being repeated.

use crate::scan::{Finding, Position, Scanner, Severity};

/// One credential in a text.
#[derive(Clone)]
pub struct Secret {
    pub finding: Finding,
    pub severity: Severity,
    pub start: Position,
    pub end: Position,
    /// The line around it with every secret in it as `[REDACTED]`, at most `max_context_chars` long.
    pub snippet: String,
}

impl Secret {
    /// For example `openai_api_key`.
    pub fn kind(&self) -> &str {
        todo!()
    }
    pub fn remediation(&self) -> &str {
        todo!()
    }
}

/// Finds credentials. Any number of threads may use one detector.
#[derive(Clone)]
pub struct Detector {}

impl Detector {
    pub fn new() -> Self {
        todo!()
    }
    pub fn with_scanner(_scanner: Scanner) -> Self {
        todo!()
    }
    pub fn detect(&self, _text: &str) -> Vec<Secret> {
        todo!()
    }
    /// `text` with every secret, whole and each occurrence, as `[OPENAI_API_KEY]` (the rule's token).
    pub fn redact(&self, _text: &str) -> (String, Vec<Secret>) {
        todo!()
    }
}
