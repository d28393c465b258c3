//! What the scanner reports: where, what and how sure, never the value.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::check::Verdict;
use super::confirm::Value;
use super::evidence::{Evidence, Layers, Why};
use super::rule::{Category, Rule};
use super::view::View;

/// One thing found. Never holds or shows the value itself.
#[derive(Clone)]
pub struct Finding {
    pub(super) rule: Arc<Rule>,
    pub(super) span: Range<usize>,
    pub(super) context: Range<usize>,
    pub(super) confidence: f32,
    pub(super) why: Why,
}

impl Finding {
    /// What `rule` has found and its checks let pass.
    pub(super) fn of(rule: &Arc<Rule>, value: Value, confidence: f32, why: Why) -> Self {
        Self {
            rule: Arc::clone(rule),
            span: value.span,
            context: value.context,
            confidence,
            why,
        }
    }

    /// Moves what was found in a view to where it is written, under `layers`.
    pub(super) fn read_in(&mut self, view: &View, layers: Layers) {
        if view.alters(&self.span) {
            self.why.layers = self.why.layers.with(layers);
        }
        self.span = view.original(&self.span);
        self.context = view.original(&self.context);
    }

    /// The rule that found it.
    pub fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }

    /// The kind of value, for example `ssn`.
    pub fn kind(&self) -> &str {
        self.rule.kind()
    }

    /// Identifier or secret.
    pub fn category(&self) -> Category {
        self.rule.category()
    }

    /// The value, in bytes of the text: what is replaced.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Label and value, in bytes of the text (`MRN: 987654`); equals `span` where there is no label.
    pub fn context(&self) -> Range<usize> {
        self.context.clone()
    }

    /// What stands in the text instead of a value that is not to come back, for example `[SSN]`.
    pub fn redaction(&self) -> String {
        format!("[{}]", self.rule.token())
    }

    /// Appends [`Finding::redaction`].
    pub(crate) fn write_redaction(&self, out: &mut String) {
        out.push('[');
        out.push_str(self.rule.token());
        out.push(']');
    }

    /// How sure the rule is, 0 to 1.
    pub fn confidence(&self) -> f32 {
        self.confidence
    }

    /// Whether a checksum or a decoder confirmed the value, rather than its looks alone.
    pub fn validated(&self) -> bool {
        self.why.verdict == Verdict::Valid
    }

    /// Why it was reported.
    pub fn evidence(&self) -> Evidence<'_> {
        self.why.evidence(&self.rule)
    }

    /// What was taken off to read the value. Where there are any, the text at `span` is not the value itself.
    pub fn layers(&self) -> Layers {
        self.why.layers
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("rule", &self.rule.id())
            .field("span", &self.span)
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}
