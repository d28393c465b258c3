//! Text as a reader sees it: figures and letters of other widths and scripts as ASCII, invisible characters left out.

use std::ops::Range;

/// Decimal digits of other scripts: where each ten of them begin (Unicode, general category Nd).
const TENS: [u32; 25] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xA8D0, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6,
];

/// What a character reads as where that is something else.
enum Reading {
    /// It cannot be seen.
    Nothing,
    /// ASCII.
    As(char),
}

fn reading(c: char) -> Option<Reading> {
    let code = u32::from(c);
    match c {
        '\0'..='\u{9F}' => None,
        // Soft hyphen, zero-width spaces and joiners, directional marks, word joiner, byte order mark.
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' => {
            Some(Reading::Nothing)
        }
        '\u{A0}' | '\u{2007}' | '\u{202F}' | '\u{3000}' => Some(Reading::As(' ')),
        '\u{2011}' | '\u{FE63}' => Some(Reading::As('-')),
        // Full-width forms lie 0xFEE0 above ASCII. Other punctuation belongs to the prose around.
        'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '＠'
        | '．'
        | '－'
        | '：'
        | '／'
        | '＿'
        | '＋'
        | '＃'
        | '＝'
        | '（'
        | '）' => char::from_u32(code - 0xFEE0).map(Reading::As),
        _ => {
            let ten = TENS
                .iter()
                .find(|ten| (**ten..**ten + 10).contains(&code))?;
            char::from_digit(code - ten, 10).map(Reading::As)
        }
    }
}

/// A text as it reads, and where each part of it stands in the original.
pub(super) struct View {
    pub(super) text: String,
    parts: Vec<Part>,
}

/// A stretch of the view: as it is in the original where both lengths are equal, else one character for another.
struct Part {
    start: usize,
    length: usize,
    original: Range<usize>,
}

impl View {
    /// `None` where the text reads as it is written: plain ASCII always does.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.is_ascii() {
            return None;
        }
        let first = text.char_indices().find(|(_, c)| reading(*c).is_some())?.0;
        let mut view = Self {
            text: String::with_capacity(text.len()),
            parts: Vec::new(),
        };
        let mut plain = 0;
        for (at, c) in text[first..].char_indices() {
            let Some(reading) = reading(c) else { continue };
            let at = first + at;
            view.push(text, plain..at);
            plain = at + c.len_utf8();
            if let Reading::As(c) = reading {
                view.parts.push(Part {
                    start: view.text.len(),
                    length: c.len_utf8(),
                    original: at..plain,
                });
                view.text.push(c);
            }
        }
        view.push(text, plain..text.len());
        Some(view)
    }

    fn push(&mut self, text: &str, original: Range<usize>) {
        if original.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(&text[original.clone()]);
        self.parts.push(Part {
            start,
            length: original.len(),
            original,
        });
    }

    /// Where a stretch of the view stands in the original, from its first character to its last.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        if span.is_empty() {
            return 0..0;
        }
        let first = self.part(span.start);
        let last = self.part(span.end - 1);
        let start = first.original.start
            + if first.length == first.original.len() {
                span.start - first.start
            } else {
                0
            };
        let end = if last.length == last.original.len() {
            last.original.start + (span.end - last.start)
        } else {
            last.original.end
        };
        start..end
    }

    /// The part in which a byte of the view lies.
    fn part(&self, at: usize) -> &Part {
        let next = self.parts.partition_point(|part| part.start <= at);
        &self.parts[next.saturating_sub(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_it_is_written_has_no_view() {
        assert!(View::of("123-45-6789").is_none());
        assert!(View::of("José, 3 µg/m², 张伟，「x」").is_none());
    }

    #[test]
    fn a_stretch_of_the_view_is_found_in_the_original() {
        let text = "é １２\u{200B}３ x\u{AD}y";
        let view = View::of(text).expect("it reads differently");
        assert_eq!(view.text, "é 123 xy");
        let whole = |part: &str| {
            let at = view.text.find(part).expect("it is in the view");
            &text[view.original(&(at..at + part.len()))]
        };
        assert_eq!(whole("123"), "１２\u{200B}３");
        assert_eq!(whole("12"), "１２");
        assert_eq!(whole("xy"), "x\u{AD}y");
        assert_eq!(whole("é"), "é");
        assert_eq!(whole(" x"), " x");
    }
}
