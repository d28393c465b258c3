//! The name that a value is assigned to, and what its words say about the value.

use std::ops::Range;

use crate::scan::boundary::{is_word, run_end, run_start};
use crate::scan::rule::Rule;

/// The longest part of a name on either side of the keyword, in bytes.
const MAX_SIDE: usize = 40;

/// What a name says of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is a credential.
    Plain,
    /// It may be the caption, the message or the test of one.
    Doubtful,
}

/// Whether the word goes on behind the keyword: `passport`, `remote_login_passwordfile`; a plural does not count.
pub(super) fn is_inside_word(bytes: &[u8], keyword: &Range<usize>) -> bool {
    let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let plural = bytes.get(keyword.end) == Some(&b's') && !lower(keyword.end + 1);
    lower(keyword.end - 1) && lower(keyword.end) && !plural
}

/// The whole name around the keyword, with the dashes of a command-line option; `None` when it is too long for one.
pub(super) fn around(bytes: &[u8], keyword: &Range<usize>) -> Option<Range<usize>> {
    let belongs = |byte: u8| is_word(byte) || byte == b'-';
    let mut end = run_end(bytes, keyword.end, MAX_SIDE, belongs);
    if end == keyword.end + MAX_SIDE {
        return None;
    }
    // `password.length`, but not the end of a sentence.
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic) {
        end = run_end(bytes, end + 1, MAX_SIDE, belongs);
    }
    while end > keyword.end && bytes[end - 1] == b'-' {
        end -= 1;
    }
    let start = run_start(bytes, keyword.start, MAX_SIDE, |byte| {
        belongs(byte) || byte == b'.'
    });
    Some(start..end)
}

/// What the words of the name say, or `None` where one says that the value is no credential.
pub(super) fn meaning(
    text: &str,
    name: &Range<usize>,
    keyword: &Range<usize>,
    rule: &Rule,
) -> Option<Meaning> {
    let before = text.get(name.start..keyword.start).unwrap_or_default();
    let behind = text.get(keyword.end..name.end).unwrap_or_default();
    let mut meaning = Meaning::Plain;
    for (part, refused) in [
        (behind, &rule.lists.except_names),
        (before, &rule.lists.except_before),
    ] {
        for word in words(part) {
            if Rule::lists_have(refused, word) {
                return None;
            }
            if Rule::lists_have(&rule.lists.doubtful_names, word) {
                meaning = Meaning::Doubtful;
            }
        }
    }
    Some(meaning)
}

/// What the name of a member of a map says of its value, or `None` where one of its words says that it is no credential.
pub(super) fn of_member(name: &str, rule: &Rule) -> Option<Meaning> {
    let mut meaning = Meaning::Plain;
    for word in words(name) {
        let lists = &rule.lists;
        if Rule::lists_have(&lists.except_members, word)
            || Rule::lists_have(&lists.except_names, word)
        {
            return None;
        }
        if Rule::lists_have(&lists.doubtful_names, word) {
            meaning = Meaning::Doubtful;
        }
    }
    Some(meaning)
}

/// The words of a part of a name: `_`, `-`, `.` and a capital begin one.
pub(in crate::scan::matcher) fn words(part: &str) -> impl Iterator<Item = &str> {
    part.split(['_', '-', '.']).flat_map(|piece| {
        let bytes = piece.as_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at;
            if start == bytes.len() {
                return None;
            }
            at += 1;
            while at < bytes.len()
                && !(bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
            {
                at += 1;
            }
            piece.get(start..at)
        })
    })
}
