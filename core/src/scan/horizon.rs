//! What can be decided in a text whose end is not known yet.

use std::ops::Range;

use memchr::memmem;

use super::confirm::Attempt;
use super::matcher::Matcher;
use super::matcher::pem;
use super::rule::{MAX_WINDOW, Rule};

/// A rule that reads no run without end looks at no more than so many bytes behind the place at which it is tried: a label and
/// its tail, the longest window, and what stands behind a value.
pub(super) const AHEAD: usize = MAX_WINDOW + 1024;
/// A rule looks at no more than so many bytes before the place at which it is tried.
pub(super) const BEHIND: usize = 1024;
/// The end of a value that is farther than this from the last byte known does not depend on what follows.
pub(super) const MARGIN: usize = 256;
/// For so many bytes behind the start of a value its end is waited for. No block of armour is longer.
pub(super) const PATIENCE: usize = 128 << 10;

/// The last byte known of a text that goes on.
pub(super) struct Horizon<'s> {
    bytes: &'s [u8],
}

impl<'s> Horizon<'s> {
    /// At the end of `text`.
    pub(super) fn of(text: &'s str) -> Self {
        Self {
            bytes: text.as_bytes(),
        }
    }

    /// Whether what `rule` came to at `literal` stays the same whatever follows, or is not waited for any longer.
    pub(super) fn decides(&self, rule: &Rule, literal: &Range<usize>, attempt: &Attempt) -> bool {
        if self.bytes.len() - literal.start >= PATIENCE {
            return true;
        }
        let value_end = attempt.value.as_ref().map_or(0, |value| value.span.end);
        let end = attempt
            .resume
            .max(value_end)
            .max(literal.start + attempt.read);
        if rule.spec.matcher == Some(Matcher::Pem) {
            // Its END line may be where no dashes were seen yet.
            let body = &self.bytes[literal.end..];
            let known = &body[..body.len().saturating_sub(MARGIN)];
            let bounded = known.len() >= pem::MAX_BLOCK || memmem::find(known, b"-----").is_some();
            return bounded && self.passes(end);
        }
        self.passes(end)
    }

    /// Whether a number that begins at `start` and was read up to `end` is a whole one.
    pub(super) fn decides_number(&self, start: usize, end: usize) -> bool {
        self.bytes.len() - start >= PATIENCE || end + MARGIN <= self.bytes.len()
    }

    /// Whether something other than marks, which may be trimmed from the end of a value, stands between `end` and here.
    fn passes(&self, end: usize) -> bool {
        let rest = self.bytes.get(end..).unwrap_or_default();
        let telling = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        rest.len() > MARGIN && rest[..rest.len() - MARGIN].iter().any(telling)
    }
}
