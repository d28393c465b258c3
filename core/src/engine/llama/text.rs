//! Bytes of tokens to text that may leave the engine: whole code points only, and nothing of a stop text.

use crate::Sensitive;

/// Joins the bytes of tokens to code points. A code point that is not complete is held back; bytes that cannot become
/// one are replaced by U+FFFD, as the Unicode standard recommends (chapter 3.9, maximal subparts).
#[derive(Default)]
pub(super) struct Decoder {
    held: Sensitive<Vec<u8>>,
}

impl Decoder {
    /// Adds bytes and appends the code points that are complete now.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        self.held.extend_from_slice(bytes);
        let mut kept = 0;
        let mut chunks = self.held.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            if chunks.peek().is_none() && incomplete(chunk.invalid()) {
                kept = chunk.invalid().len();
            } else if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        let done = self.held.len() - kept;
        self.held.drain(..done);
    }
}

/// Whether more bytes could make these a code point.
fn incomplete(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.error_len().is_none(),
    }
}

/// Ends an answer before the first stop text, also where tokens cut it. Holds back only what may still become one.
pub(super) struct Stops {
    stops: Vec<Prefix>,
    held: Sensitive<String>,
}

impl Stops {
    /// A matcher for these texts, none of them empty.
    pub(super) fn new(texts: &[String]) -> Self {
        Self {
            stops: texts.iter().map(|text| Prefix::new(text)).collect(),
            held: Sensitive::default(),
        }
    }

    /// Adds text. Returns what may leave, and whether a stop text came up.
    pub(super) fn push(&mut self, text: &str) -> (String, bool) {
        self.held.push_str(text);
        let start = self.held.len() - text.len();
        for (offset, byte) in text.bytes().enumerate() {
            let mut longest = 0;
            for stop in &mut self.stops {
                if stop.step(byte) {
                    longest = longest.max(stop.text.len());
                }
            }
            if longest > 0 {
                self.held.truncate(start + offset + 1 - longest);
                return (self.finish(), true);
            }
        }
        let kept = self
            .stops
            .iter()
            .map(|stop| stop.matched)
            .max()
            .unwrap_or(0);
        let ready = self.held.len() - kept;
        (self.held.drain(..ready).collect(), false)
    }

    /// What was held back, at the end of an answer.
    pub(super) fn finish(&mut self) -> String {
        self.held.drain(..).collect()
    }
}

/// How much of one text the latest bytes spell (Knuth, Morris and Pratt, 1977): constant time per byte.
struct Prefix {
    text: Vec<u8>,
    /// For each length of a prefix, the length of its longest border.
    borders: Vec<usize>,
    matched: usize,
}

impl Prefix {
    fn new(text: &str) -> Self {
        let text = text.as_bytes().to_vec();
        let mut borders = vec![0; text.len() + 1];
        let mut length = 0;
        for index in 1..text.len() {
            while length > 0 && text[index] != text[length] {
                length = borders[length];
            }
            length += usize::from(text[index] == text[length]);
            borders[index + 1] = length;
        }
        Self {
            text,
            borders,
            matched: 0,
        }
    }

    /// Whether the text is complete with this byte.
    fn step(&mut self, byte: u8) -> bool {
        while self.matched > 0 && self.text[self.matched] != byte {
            self.matched = self.borders[self.matched];
        }
        self.matched += usize::from(self.text[self.matched] == byte);
        let complete = self.matched == self.text.len();
        if complete {
            self.matched = self.borders[self.matched];
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped_at(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let stops: Vec<String> = stops.iter().map(ToString::to_string).collect();
        let mut matcher = Stops::new(&stops);
        let mut text = String::new();
        for piece in pieces {
            let (ready, stop) = matcher.push(piece);
            text.push_str(&ready);
            if stop {
                return (text, true);
            }
        }
        text.push_str(&matcher.finish());
        (text, false)
    }

    #[test]
    fn a_code_point_leaves_when_its_last_byte_has_come() {
        let mut decoder = Decoder::default();
        let mut text = String::new();
        for (byte, expected) in
            "é€😀"
                .bytes()
                .zip(["", "é", "é", "é", "é€", "é€", "é€", "é€", "é€😀"])
        {
            decoder.push(&[byte], &mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut decoder = Decoder::default();
        let mut text = String::new();
        decoder.push(b"a\xFFb\xE2\x82", &mut text);
        decoder.push(b"c", &mut text);
        assert_eq!(text, "a\u{FFFD}b\u{FFFD}c");
    }

    #[test]
    fn a_stop_text_is_found_across_pieces() {
        assert_eq!(
            stopped_at(&["END"], &["say E", "N", "D now"]),
            ("say ".into(), true)
        );
        assert_eq!(stopped_at(&["aab"], &["aaa", "ab"]), ("aa".into(), true));
    }

    #[test]
    fn the_stop_text_that_comes_up_first_ends_the_answer() {
        assert_eq!(
            stopped_at(&["dog", "fox"], &["a fox and a dog"]),
            ("a ".into(), true)
        );
        assert_eq!(
            stopped_at(&["fox", "a fox"], &["see a fox"]),
            ("see ".into(), true)
        );
    }

    #[test]
    fn text_that_only_begins_like_a_stop_text_is_not_lost() {
        assert_eq!(stopped_at(&["END"], &["EN", "EN"]), ("ENEN".into(), false));
    }

    #[test]
    fn no_more_is_held_back_than_needed() {
        let mut matcher = Stops::new(&["\n\nUser:".into()]);
        assert_eq!(matcher.push("hello"), ("hello".into(), false));
        assert_eq!(matcher.push("a\n"), ("a".into(), false));
        assert_eq!(matcher.push("é"), ("\né".into(), false));
    }
}
