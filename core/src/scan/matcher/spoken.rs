//! Credentials that a sentence names behind them: `use tiger99 as the password`, `tiger99 is our password`.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_start};

/// The longest and the shortest of them, in bytes.
pub(super) const MAX_LENGTH: usize = 128;
const MIN_LENGTH: usize = 6;

/// The word before `phrase`, which says what it is. It has letters and figures: other words are of the sentence.
pub(super) fn before(text: &str, phrase: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if bytes.get(phrase.end).copied().is_some_and(is_word) || !bytes[..phrase.start].ends_with(b" ")
    {
        return None;
    }
    let end = phrase.start - 1;
    let start = run_start(bytes, end, MAX_LENGTH, |byte| byte.is_ascii_graphic());
    let marks = |c: char| matches!(c, '"' | '\'' | '`' | '*' | '(' | ')' | ',' | ':' | ';');
    let run = text.get(start..end)?;
    let word = run.trim_matches(marks);
    let start = start + (run.len() - run.trim_start_matches(marks).len());
    let made = word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !word.contains("://");
    (made && (MIN_LENGTH..MAX_LENGTH).contains(&word.len())).then(|| start..start + word.len())
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn it_is_the_word_before_the_phrase_without_its_quotes() {
        for (text, found) in [
            ("use `tiger99` as the password", Some("tiger99")),
            ("tiger99, is the password", Some("tiger99")),
            ("this is the password", None),
            ("123456 is the password", None),
            ("tiger99 is the passwordless way", None),
            ("https://example.com/2 is the password", None),
            ("t9 is the password", None),
        ] {
            let at = text.find("is the p").or_else(|| text.find("as the p"));
            let at = at.expect("there is a phrase");
            let span = before(text, &(at..at + "is the password".len()));
            assert_eq!(span.map(|span| &text[span]), found, "{text}");
        }
    }
}
