//! What a text says in other writing than its own: parts of it that decode to text, each as a view of its own.
//!
//! Only what is written so is read again, with as much around it as labels and values need. A decoded text may hold
//! further ones; [`DEPTH`] and [`Budget`] bound how often a byte is read, so that the cost stays linear in the text.

mod base64;
pub(super) mod blocks;
mod confusable;
mod escape;
mod unicode;

use super::evidence::{Layer, Layers};
use super::view::View;
use escape::{Escape, escapes};

/// How often what was decoded is decoded again.
pub(super) const DEPTH: usize = 3;
/// How much of the text to either side of an escape is read with it, in bytes.
const REACH: usize = 160;
/// The most text that is read at once, in bytes.
const BLOCK: usize = 64 << 10;

/// How many bytes of decoded text are still read.
pub(super) struct Budget(usize);

impl Budget {
    /// Twice the text itself: more than any honest text needs.
    pub(super) fn of(text: &str) -> Self {
        Self(2 * text.len() + 1024)
    }

    /// Whether a text of so many bytes may be read; it is taken off.
    pub(super) fn allows(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// Tells of each part of `text` that decodes to text, and how it is written.
pub(super) fn decoded(text: &str, mut tell: impl FnMut(View, Layers)) {
    spelt_out(text, &mut tell);
    base64::decoded(text, |view| tell(view, Layer::Base64.into()));
}

/// Tells of each stretch with escapes in it, decoded.
fn spelt_out(text: &str, tell: &mut impl FnMut(View, Layers)) {
    let mut stretch: Option<Stretch<'_>> = None;
    for escape in escapes(text) {
        if let Some(done) = stretch.take_if(|open| !open.takes(&escape)) {
            done.close(tell);
        }
        stretch
            .get_or_insert_with(|| Stretch::open(text, &escape))
            .decode(&escape);
    }
    if let Some(last) = stretch {
        last.close(tell);
    }
}

/// Escapes that stand near each other, and the text around them.
struct Stretch<'t> {
    text: &'t str,
    view: View,
    layers: Layers,
    start: usize,
    /// Up to here the text is in the view.
    end: usize,
}

impl<'t> Stretch<'t> {
    fn open(text: &'t str, escape: &Escape) -> Self {
        let start = text.ceil_char_boundary(escape.span.start.saturating_sub(REACH));
        Self {
            text,
            view: View::beginning_at(start),
            layers: Layers::default(),
            start,
            end: start,
        }
    }

    /// Whether an escape is near enough to the last one, and the stretch not too long.
    fn takes(&self, escape: &Escape) -> bool {
        escape.span.start <= self.end + 2 * REACH && escape.span.end - self.start <= BLOCK
    }

    fn decode(&mut self, escape: &Escape) {
        self.view.copy(self.text, self.end..escape.span.start);
        if let Some(c) = escape.reads {
            self.view.replace(&escape.span, c);
        }
        self.end = escape.span.end;
        self.layers = self.layers.with(escape.layer.into());
    }

    fn close(mut self, tell: &mut impl FnMut(View, Layers)) {
        let stop = self.text.floor_char_boundary(self.end + REACH);
        self.view.copy(self.text, self.end..stop);
        tell(self.view, self.layers);
    }
}
