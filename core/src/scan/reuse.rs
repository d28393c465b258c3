//! A credential that was told by what stands beside it is found wherever else it stands in the same text.

use std::collections::HashMap;
use std::ops::Range;

use super::boundary::ALPHANUMERIC;
use memchr::memchr;

use super::confirm::Value;
use super::disguise::blocks::Blocks;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::literal::word_at;
use super::rule::Category;
use super::wording::randomness;

/// The shortest credential that is looked for, in bytes, and the longest; longer ones have a form of their own.
const MIN_LENGTH: usize = 6;
pub(super) const MAX_LENGTH: usize = 256;
/// From this confidence on a credential is looked for elsewhere.
const SURE: f32 = 0.7;
/// From so many bits on a value without figures is no word that may stand elsewhere for something else.
const NO_WORD: f32 = 8.0;
/// So many that begin alike are looked for: no place costs more, whatever the text says.
const MAX_ALIKE: usize = 8;
/// A bit for each start, different ones of which share one now and then.
const MARK_BITS: u32 = 15;
const MARKS: usize = 1 << MARK_BITS;
/// The first bytes that are compared at once.
const START: u64 = (1 << (8 * MIN_LENGTH)) - 1;

/// The part of what `finding` has found that is looked for elsewhere: of a URL its password, of others all from the first letter
/// or figure on. `None` where the value has a form of its own, by which it is found anyway, or may be a word.
pub(super) fn credential<'t>(text: &'t str, finding: &Finding) -> Option<&'t str> {
    let sure = finding.confidence >= SURE && finding.layers().is_empty();
    if finding.category() != Category::Secret || !sure {
        return None;
    }
    let value = text.get(finding.span.clone())?;
    let sign = memchr(b':', value.as_bytes()).filter(|sign| value[*sign..].starts_with("://"));
    let value = match sign {
        Some(sign) => password_of(&value[sign + 3..])?,
        None if finding.rule.spec.generic || finding.context != finding.span => value,
        None => return None,
    };
    let value = value.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let figures = value.bytes().filter(u8::is_ascii_digit).count();
    let telling = figures > 0 && figures < value.len() || randomness(value) >= NO_WORD;
    let one_word = !value.contains(char::is_whitespace);
    ((MIN_LENGTH..=MAX_LENGTH).contains(&value.len()) && telling && one_word).then_some(value)
}

/// The password before the `@` of a URL without its scheme.
fn password_of(rest: &str) -> Option<&str> {
    let authority = rest.split('/').next()?;
    let (credentials, _) = authority.rsplit_once('@')?;
    credentials.split_once(':').map(|(_, password)| password)
}

/// Whether `value` stands at `start` as a whole word.
pub(super) fn stands(text: &str, start: usize, value: &str) -> bool {
    let bytes = text.as_bytes();
    let inside = |byte: Option<&u8>| byte.is_some_and(|byte| ALPHANUMERIC[usize::from(*byte)]);
    let end = start + value.len();
    let goes_on = inside(value.as_bytes().last()) && inside(bytes.get(end));
    bytes.get(start..end) == Some(value.as_bytes()) && !inside(bytes[..start].last()) && !goes_on
}

/// Further occurrences, outside of `found`, of the credentials among `found`, in ascending order.
pub(super) fn reuses(text: &str, found: &[Finding]) -> Vec<Finding> {
    let mut known = Known::default();
    for finding in found {
        if let Some(value) = credential(text, finding) {
            known.add(value, finding);
        }
    }
    let mut again = Vec::new();
    let mut taken = found.iter().peekable();
    known.each_in(text, |start, (value, first)| {
        let hit = start..start + value.len();
        while taken
            .next_if(|finding| finding.span.end <= hit.start)
            .is_some()
        {}
        let free = taken
            .peek()
            .is_none_or(|finding| finding.span.start >= hit.end);
        if free {
            again.push(first.again(hit));
        }
    });
    again
}

impl Finding {
    /// The same value at another place.
    pub(super) fn again(&self, span: Range<usize>) -> Self {
        let why = Why::because(Origin::Repeat);
        Self::of(&self.rule, Value::bare(span), self.confidence, why)
    }
}

/// Credentials by how they begin.
#[derive(Default)]
struct Known<'t> {
    marks: Option<Box<[u64; MARKS / 64]>>,
    /// By their first [`MIN_LENGTH`] bytes where they stand: nothing of them is copied.
    by_start: HashMap<&'t [u8], Vec<(&'t str, &'t Finding)>>,
    /// So many letters and figures begin each of them.
    run: usize,
}

impl<'t> Known<'t> {
    fn add(&mut self, value: &'t str, finding: &'t Finding) {
        let start = start_of(value);
        let alike = self.by_start.entry(&value.as_bytes()[..MIN_LENGTH]);
        let alike = alike.or_default();
        if alike.len() < MAX_ALIKE && alike.iter().all(|(other, _)| *other != value) {
            alike.push((value, finding));
            let run = value
                .bytes()
                .take(MIN_LENGTH)
                .take_while(u8::is_ascii_alphanumeric);
            let least = if self.marks.is_some() {
                self.run
            } else {
                MIN_LENGTH
            };
            self.run = least.min(run.count());
            let marks = self.marks.get_or_insert_with(|| Box::new([0; MARKS / 64]));
            marks[mark(start) / 64] |= 1 << (mark(start) % 64);
        }
    }

    /// Tells of each place in `text` where one of them stands, the longest of several.
    fn each_in(&self, text: &str, mut tell: impl FnMut(usize, (&'t str, &'t Finding))) {
        let Some(marks) = &self.marks else {
            return;
        };
        let mut end = 0;
        word_starts(text.as_bytes(), 0, self.run, |at| {
            let start = word_at(text.as_bytes(), at) & START;
            let marked = marks[mark(start) / 64 % marks.len()] >> (mark(start) % 64) & 1 != 0;
            if !marked || at < end {
                return;
            }
            let alike = text.as_bytes().get(at..at + MIN_LENGTH);
            let alike = alike.and_then(|start| self.by_start.get(start));
            let alike = alike.into_iter().flatten();
            let here = alike.filter(|(value, _)| stands(text, at, value));
            if let Some(&known) = here.max_by_key(|(value, _)| value.len()) {
                end = at + known.0.len();
                tell(at, known);
            }
        });
    }
}

/// How a text begins: as much of it as the shortest credential is long.
pub(super) fn start_of(text: &str) -> u64 {
    word_at(text.as_bytes(), 0) & START
}

/// Tells of each place from `from` on at which `run` letters and figures begin; near the end of a block, of which fewer are
/// there, of some that are shorter.
pub(super) fn word_starts(bytes: &[u8], from: usize, run: usize, mut tell: impl FnMut(usize)) {
    let inside = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10;
    let mut blocks = Blocks::from(bytes, from);
    let mut before = u64::from(bytes[..from].last().is_some_and(|last| inside(*last)));
    while let Some((at, words)) = blocks.next(inside) {
        let mut starts = words & !(words << 1 | before);
        before = words >> (u64::BITS - 1);
        for place in 1..run {
            starts &= !(!words >> place);
        }
        while starts != 0 {
            tell(at + starts.trailing_zeros() as usize);
            starts &= starts - 1;
        }
    }
}

/// Where the bit of a start is.
fn mark(start: u64) -> usize {
    /// The odd number next to 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    usize::try_from(start.wrapping_mul(SPREAD) >> (u64::BITS - MARK_BITS)).unwrap_or(0)
}
