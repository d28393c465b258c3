//! The place for a statistical model of names beside the rules.

use std::ops::Range;

/// One span that a [`Tagger`] takes for a person's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// Bytes of the text, on code point boundaries. Spans that are not are ignored.
    pub span: Range<usize>,
    /// How sure the tagger is, 0 to 1.
    pub confidence: f32,
}

/// Finds person names by other means than rules. Its spans compete with the rules' findings under the rule `name-tagged`.
pub trait Tagger: Send + Sync {
    /// The names in `text`, in any order. Must take time linear in the length of `text`.
    fn tag(&self, text: &str) -> Vec<Tagged>;
}
