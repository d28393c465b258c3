//! A text as it reads, and where each part of it stands in the text as it is written.

use std::ops::Range;

/// What reads as something else, and where it is written.
#[derive(Default)]
pub(super) struct View {
    pub(super) text: String,
    parts: Vec<Part>,
    /// Where the last part ends in the original.
    end: usize,
}

/// A stretch of the view in which every `read` bytes stand for `written` bytes of the original; one for one where it is
/// copied. It ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    original: usize,
    read: u8,
    written: u8,
}

impl View {
    /// A view that begins at `start` of the original.
    pub(super) fn beginning_at(start: usize) -> Self {
        Self {
            end: start,
            ..Self::default()
        }
    }

    /// The view whose parts were told by [`View::group`], and whose text is this.
    pub(super) fn with_text(mut self, text: String) -> Self {
        self.text = text;
        self
    }

    /// What stands at `original` in `text` reads as it is written.
    pub(super) fn copy(&mut self, text: &str, original: Range<usize>) {
        if !original.is_empty() {
            self.part(self.text.len(), original.start, 1, 1);
            self.text.push_str(&text[original.clone()]);
            self.end = original.end;
        }
    }

    /// What is written at `original` reads as `c`.
    pub(super) fn replace(&mut self, original: &Range<usize>, c: char) {
        let written = u8::try_from(original.len()).unwrap_or(u8::MAX);
        let read = u8::try_from(c.len_utf8()).unwrap_or(u8::MAX);
        self.part(self.text.len(), original.start, read, written);
        self.text.push(c);
        self.end = original.end;
    }

    /// What is written at `original` reads as the `read` bytes at `at` of the text that [`View::with_text`] is given.
    pub(super) fn group(&mut self, at: usize, original: &Range<usize>, read: u8) {
        let written = u8::try_from(original.len()).unwrap_or(u8::MAX);
        self.part(at, original.start, read, written);
        self.end = original.end;
    }

    /// Begins a part, unless the last one goes on in the same way. What no part has of the original reads as nothing.
    fn part(&mut self, start: usize, original: usize, read: u8, written: u8) {
        let goes_on = self.parts.last().is_some_and(|last| {
            last.read == read
                && last.written == written
                && self.end == original
                && (start - last.start).is_multiple_of(usize::from(read))
                && last.written_up_to(start) == original
        });
        if !goes_on {
            self.parts.push(Part {
                start,
                original,
                read,
                written,
            });
        }
    }

    /// Where a stretch of the view stands in the original, from its first character to its last.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        if span.is_empty() {
            return 0..0;
        }
        let start = self.part_at(span.start);
        let (first, last) = (&self.parts[start], self.part_at(span.end - 1));
        let end =
            self.parts[last].written_up_to(span.end - 1) + usize::from(self.parts[last].written);
        let limit = self
            .parts
            .get(last + 1)
            .map_or(self.end, |next| next.original);
        first.written_up_to(span.start)..end.min(limit)
    }

    /// Whether any of a stretch of the view is written otherwise than it reads.
    pub(super) fn alters(&self, span: &Range<usize>) -> bool {
        let part = self.part_at(span.start);
        let ends = self
            .parts
            .get(part + 1)
            .is_none_or(|next| span.end <= next.start);
        !ends || self.parts[part].read != self.parts[part].written
    }

    /// The place of the part in which a byte of the view lies.
    fn part_at(&self, at: usize) -> usize {
        let next = self.parts.partition_point(|part| part.start <= at);
        next.saturating_sub(1)
    }
}

impl Part {
    /// Where the group of bytes that `at` belongs to begins in the original.
    fn written_up_to(&self, at: usize) -> usize {
        let groups = (at - self.start) / usize::from(self.read);
        self.original + groups * usize::from(self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_the_view_is_found_in_the_original() {
        let text = "ab%41%42cd=\nef%C3%A9";
        let mut view = View::beginning_at(0);
        view.copy(text, 0..2);
        view.replace(&(2..5), 'A');
        view.replace(&(5..8), 'B');
        view.copy(text, 8..10);
        view.copy(text, 12..14);
        view.replace(&(14..20), 'é');
        assert_eq!(view.text, "abABcdefé");
        let whole = |part: &str| {
            let at = view.text.find(part).expect("it is in the view");
            &text[view.original(&(at..at + part.len()))]
        };
        assert_eq!(whole("b"), "b");
        assert_eq!(whole("bA"), "b%41");
        assert_eq!(whole("B"), "%42");
        assert_eq!(whole("cd"), "cd");
        assert_eq!(whole("de"), "d=\ne");
        assert_eq!(whole("fé"), "f%C3%A9");
        assert_eq!(view.parts.len(), 5);
        assert!(!view.alters(&(0..2)) && view.alters(&(1..3)) && view.alters(&(4..7)));
    }

    #[test]
    fn a_byte_of_a_group_stands_for_the_whole_of_it() {
        let mut view = View::beginning_at(10);
        view.group(0, &(10..14), 3);
        view.group(3, &(14..18), 3);
        view.group(6, &(18..20), 1);
        let view = view.with_text("abcdefg".to_owned());
        assert_eq!(view.original(&(0..1)), 10..14);
        assert_eq!(view.original(&(2..4)), 10..18);
        assert_eq!(view.original(&(5..7)), 14..20);
    }
}
