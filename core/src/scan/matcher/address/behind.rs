//! The street before a house number: `Musterstraße 12`, `Via Roma 10`, `Karl Johans gate 5`, `Am Alten Markt 5`.

use super::street::{self, Sureness};
use super::tables::{BEHIND, CUES, LEADS, NOT_PLACES, NOT_STREETS, SMALL, SURE_LEADS};
use super::words::{is_abbreviation, is_proper, word_before};
use crate::scan::boundary::run_start;
use crate::scan::matcher::word_list::{Asked, WordList};

/// The most words of the name of a street.
const MAX_WORDS: usize = 6;
/// What may stand between the name and the number.
const NUMBER_SIGNS: &[&str] = &["no", "nr", "num", "numero", "número", "nº", "n°"];
/// Words for streets that are other things too.
static DOUBTFUL: &WordList = &WordList::of(&[
    "berg", "damm", "graben", "hof", "lei", "mah", "markt", "pad", "plan", "pot", "pr", "ring",
    "sor", "steig", "tie", "top", "trg", "u", "ul", "wall", "zeile",
]);

/// What words of a name are written with.
static LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut byte = 0_u8;
    loop {
        letters[byte as usize] =
            byte.is_ascii_alphabetic() || !byte.is_ascii() || matches!(byte, b'-' | b'\'');
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    letters
};

/// A street that ends before a number.
pub(super) struct Before {
    pub(super) start: usize,
    pub(super) sureness: Sureness,
}

/// Whether what stands before the number at `number` can be the name of a street: a word with a capital, or one behind a word
/// with a capital, as in `Karl Johans gate 5`. Most numbers of a clinical note end here.
pub(super) fn may_be(bytes: &[u8], number: usize) -> bool {
    let letter = |byte: u8| LETTERS[usize::from(byte)];
    let Some(end) = number.checked_sub(1).filter(|&at| bytes[at] == b' ') else {
        return false;
    };
    let end = run_start(bytes, end, 2, |byte| matches!(byte, b'.' | b',' | b':'));
    let start = run_start(bytes, end, 40, letter);
    let named = |at: usize| bytes[at].is_ascii_uppercase() || bytes[at] >= 0x80;
    if start == end {
        return false;
    }
    if named(start) {
        return end - start > 1;
    }
    let Some(gap) = start.checked_sub(1).filter(|&at| bytes[at] == b' ') else {
        return false;
    };
    let gap = run_start(bytes, gap, 1, |byte| matches!(byte, b'.' | b','));
    let before = run_start(bytes, gap, 40, letter);
    before < gap && named(before)
}

/// Reads the street before the number at `number`.
pub(super) fn read(text: &str, number: usize) -> Option<Before> {
    let bytes = text.as_bytes();
    let mut end = number.checked_sub(1).filter(|&at| bytes[at] == b' ')?;
    end -= usize::from(bytes[..end].ends_with(b":"));
    let mut last = word_before(text, end);
    if NUMBER_SIGNS
        .iter()
        .any(|sign| sign.eq_ignore_ascii_case(last))
    {
        end = start_of(last, text, end)
            .checked_sub(1)
            .filter(|&at| text.is_char_boundary(at))?;
        last = word_before(text, end);
    }
    let comma = bytes[..end].ends_with(b",");
    if comma {
        end -= 1;
        last = word_before(text, end);
    }
    let proper = is_proper(last);
    let asked = Asked::of(last);
    let kind = last.len() > 1 && !comma && asked.is_in(BEHIND);
    if last.is_empty() || !(proper || kind) || asked.is_in(NOT_STREETS) {
        return None;
    }
    // `Na 140` and `, HR 72` are no streets, `Vittorio Emanuele II 29` is one.
    let at = start_of(last, text, end);
    let follows = bytes[..at].ends_with(b" ") && at > 1 && bytes[at - 2].is_ascii_alphabetic();
    if last.len() < 3 && !kind && !follows {
        return None;
    }
    let words = Words::back(text, end, last);
    if let Some((start, sureness)) = words.lead {
        return Some(Before { start, sureness });
    }
    let start = words.start?;
    if comma {
        return None;
    }
    let joined = if proper { street::joined(last) } else { None };
    let sureness = match joined {
        Some(sureness) => sureness,
        None if kind && words.count > 1 => {
            if asked.is_in(DOUBTFUL) {
                Sureness::Likely
            } else {
                Sureness::Sure
            }
        }
        None if words.count == 1 && is_abbreviation(last) => return None,
        None => Sureness::Name,
    };
    Some(Before { start, sureness })
}

fn start_of(word: &str, text: &str, end: usize) -> usize {
    end - word.len() - usize::from(text[..end].ends_with('.'))
}

/// The words of a name, read backwards.
struct Words {
    /// Where the first capitalised one begins.
    start: Option<usize>,
    /// How many capitalised ones there are, the last counted in any case.
    count: usize,
    /// Where a word begins that says that a street follows, and how sure it is.
    lead: Option<(usize, Sureness)>,
}

impl Words {
    fn back(text: &str, mut end: usize, last: &str) -> Self {
        let bytes = text.as_bytes();
        let mut words = Self {
            start: None,
            count: 0,
            lead: None,
        };
        let mut word = last;
        for place in 0..MAX_WORDS {
            let at = start_of(word, text, end);
            let proper = is_proper(word);
            let asked = Asked::of(word);
            if place > 0 {
                // `C/ de Alcalá`, `ul. Długa`.
                let slashed = text[..end].ends_with("C/") || text[..end].ends_with("c/");
                if slashed && words.count > 0 {
                    words.lead = Some((end - 2, Sureness::Sure));
                    break;
                }
                let sure = asked.is_in(SURE_LEADS) && word != "via" && word != "calle";
                // `al.` and `os.` are written in small letters.
                let dotted = text[at + word.len()..].starts_with('.');
                if words.count > 0 && (sure || (proper || dotted) && asked.is_in(LEADS)) {
                    words.lead = Some((
                        at,
                        if sure || dotted {
                            Sureness::Sure
                        } else {
                            Sureness::Likely
                        },
                    ));
                    break;
                }
            }
            let belongs = place == 0
                || if proper {
                    !(asked.is_in(CUES) || asked.is_in(NOT_PLACES))
                } else {
                    asked.is_in(SMALL)
                };
            if word.is_empty() || !belongs {
                break;
            }
            if proper || place == 0 {
                words.start = Some(at);
                words.count += 1;
            }
            if at == 0 || bytes[at - 1] != b' ' {
                break;
            }
            end = at - 1;
            // A full stop before a word ends a sentence, unless it is that of an abbreviation.
            word = word_before(text, end);
            let numbered = word.bytes().any(|byte| byte.is_ascii_digit());
            if bytes[..end].ends_with(b".") && (word.len() > 4 || numbered) {
                break;
            }
        }
        words
    }
}
