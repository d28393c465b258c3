//! The one scanner: identifiers and secrets, found together in one pass over the raw text.

use std::ops::Range;
use std::sync::Arc;

use crate::Result;

/// Which side of the house a rule belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Something that tells who a person is.
    Identifier,
    /// Something that opens a door.
    Secret,
}

/// How bad it is when the finding leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// One detection rule, as loaded from rule data.
pub struct Rule {}

impl Rule {
    pub fn id(&self) -> &str {
        todo!()
    }
    pub fn kind(&self) -> &str {
        todo!()
    }
    pub fn token(&self) -> &str {
        todo!()
    }
    pub fn what(&self) -> &str {
        todo!()
    }
    pub fn category(&self) -> Category {
        todo!()
    }
    pub fn severity(&self) -> Severity {
        todo!()
    }
    pub fn remediation(&self) -> &str {
        todo!()
    }
}

/// One thing found. Never holds or shows the value itself.
#[derive(Clone)]
pub struct Finding {/* rule: Arc<Rule>, span, context, confidence, evidence */}

impl Finding {
    pub fn rule(&self) -> &Arc<Rule> {
        todo!()
    }
    pub fn kind(&self) -> &str {
        todo!()
    }
    pub fn category(&self) -> Category {
        todo!()
    }
    /// The value, in bytes of the text: what is replaced.
    pub fn span(&self) -> Range<usize> {
        todo!()
    }
    /// Label and value, in bytes of the text (`MRN: 987654`); equals `span` where there is no label.
    pub fn context(&self) -> Range<usize> {
        todo!()
    }
    pub fn confidence(&self) -> f32 {
        todo!()
    }
}

/// A place in a text in every unit that callers count in. Lines are 1-based, the rest 0-based.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub byte: usize,
    pub char: usize,
    pub utf16: usize,
    pub line: usize,
    /// Code points since the last line feed.
    pub column: usize,
}

/// The positions of ascending byte offsets, in one pass over the text.
pub fn positions(_text: &str, _ascending: &[usize]) -> Vec<Position> {
    todo!()
}

/// Compiled rules. Cheap to clone; any number of threads may scan at once.
#[derive(Clone)]
pub struct Scanner {}

impl Scanner {
    /// Identifiers and secrets. Built once per process and shared.
    pub fn all() -> Self {
        todo!()
    }
    pub fn identifiers() -> Self {
        todo!()
    }
    pub fn secrets() -> Self {
        todo!()
    }
    pub fn builder() -> ScannerBuilder {
        todo!()
    }
    /// Non-overlapping findings in ascending order.
    pub fn scan(&self, _text: &str) -> Vec<Finding> {
        todo!()
    }
    pub fn rules(&self) -> &[Arc<Rule>] {
        todo!()
    }
}

/// Chooses rules, adds rules, sets what is let through.
pub struct ScannerBuilder {}

impl ScannerBuilder {
    #[must_use]
    pub fn identifiers(self) -> Self {
        todo!()
    }
    #[must_use]
    pub fn secrets(self) -> Self {
        todo!()
    }
    /// Adds rules of the same form as the built-in ones. InvalidArgument names the rule and the reason.
    pub fn rules_toml(self, _toml: &str) -> Result<Self> {
        todo!()
    }
    /// Leaves out a rule id or a whole kind. InvalidArgument if there is none of that name.
    pub fn without(self, _id_or_kind: &str) -> Result<Self> {
        todo!()
    }
    /// Drops findings below this confidence, 0 to 1.
    pub fn min_confidence(self, _confidence: f32) -> Result<Self> {
        todo!()
    }
    /// A value that is never reported.
    #[must_use]
    pub fn allow(self, _value: &str) -> Self {
        todo!()
    }
    pub fn build(self) -> Result<Scanner> {
        todo!()
    }
}
