//! A credential that was told by what stands beside it is found wherever else it stands in the same text.

use std::ops::Range;

use memchr::memchr;

use super::boundary::ALPHANUMERIC;
use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::literal::word_at;
use super::rule::Category;
use super::taken::Taken;
use super::word_starts::word_starts;
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
/// So many times as many bits as buckets tell whether any credential begins so, as a power of two, up to 16 KiB of them.
const FINER: u32 = 5;
const MAX_MARK_BITS: u32 = 17;
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
    // Most values are seen to have no space without reading their characters.
    let plain = value.bytes().all(|byte| byte.is_ascii_graphic());
    let one_word = plain || !value.contains(char::is_whitespace);
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
    let credentials = found
        .iter()
        .filter_map(|finding| Some((credential(text, finding)?, finding)));
    let mut credentials = credentials.peekable();
    let mut again = Vec::new();
    // Most texts have none.
    if credentials.peek().is_none() {
        return again;
    }
    let known = Known::of(credentials);
    let mut taken = Taken::by(found);
    known.each_in(text, |start, (value, first)| {
        let hit = start..start + value.len();
        if taken.leaves(&hit) {
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
struct Known<'t> {
    /// A bit for each start, different ones of which share one now and then.
    marks: Vec<u64>,
    mark_bits: u32,
    /// In ascending order of the keys of their starts; nothing of them is copied.
    by_key: Vec<(u64, (&'t str, &'t Finding))>,
    /// Where those begin whose keys have the same first bits, and how many bits these are.
    buckets: Vec<usize>,
    bucket_bits: u32,
    /// So many letters and figures begin each of them.
    run: usize,
}

impl<'t> Known<'t> {
    fn of(credentials: impl Iterator<Item = (&'t str, &'t Finding)>) -> Self {
        let keyed = |(value, finding)| (key(start_of(value)), (value, finding));
        let mut by_key: Vec<_> = credentials.map(keyed).collect();
        // Those that begin alike stay in the order in which they were found.
        by_key.sort_by_key(|(key, _)| *key);
        let mut kept = 0;
        for next in 0..by_key.len() {
            let (key, (value, _)) = by_key[next];
            let alike = by_key[..kept].iter().rev().take(MAX_ALIKE);
            let mut alike = alike.take_while(|(other, _)| *other == key);
            let full = alike.clone().count() == MAX_ALIKE;
            if !full && alike.all(|(_, (other, _))| *other != value) {
                by_key[kept] = by_key[next];
                kept += 1;
            }
        }
        by_key.truncate(kept);
        let run = |(_, (value, _)): &(u64, (&str, &Finding))| {
            let first = value.bytes().take(MIN_LENGTH);
            first.take_while(u8::is_ascii_alphanumeric).count()
        };
        let run = by_key.iter().map(run).min().unwrap_or(0);
        let bucket_bits = kept.max(1).ilog2() + 1;
        let mark_bits = (bucket_bits + FINER).min(MAX_MARK_BITS);
        let mut marks = vec![0; 1 << (mark_bits - u64::BITS.ilog2())];
        let mut buckets = vec![0; (1 << bucket_bits) + 1];
        for (key, _) in &by_key {
            let mark = first_bits(*key, mark_bits);
            marks[mark / 64] |= 1 << (mark % 64);
            buckets[first_bits(*key, bucket_bits) + 1] += 1;
        }
        for bucket in 1..buckets.len() {
            buckets[bucket] += buckets[bucket - 1];
        }
        Self {
            marks,
            mark_bits,
            by_key,
            buckets,
            bucket_bits,
            run,
        }
    }

    /// Tells of each place in `text` where one of them stands, the longest of several.
    fn each_in(&self, text: &str, mut tell: impl FnMut(usize, (&'t str, &'t Finding))) {
        // Apart from what follows, since most texts are told to have none of them here.
        let (bytes, marks) = (text.as_bytes(), self.marks.as_slice());
        let shift = u64::BITS - self.mark_bits;
        let mut places = Vec::new();
        word_starts(bytes, &(0..bytes.len()), self.run, |at| {
            let mark = key(word_at(bytes, at) & START) >> shift;
            let word = usize::try_from(mark / 64).ok();
            let word = word.and_then(|word| marks.get(word));
            if word.is_some_and(|word| word >> (mark % 64) & 1 != 0) {
                places.push(at);
            }
        });
        let mut end = 0;
        for at in places {
            if at < end {
                continue;
            }
            let key = key(word_at(bytes, at) & START);
            let bucket = first_bits(key, self.bucket_bits);
            let bucket = &self.by_key[self.buckets[bucket]..self.buckets[bucket + 1]];
            let from = bucket.partition_point(|(other, _)| *other < key);
            let alike = bucket[from..].iter().take_while(|(other, _)| *other == key);
            let here = alike.filter(|(_, (value, _))| stands(text, at, value));
            if let Some(&(_, known)) = here.max_by_key(|(_, (value, _))| value.len()) {
                end = at + known.0.len();
                tell(at, known);
            }
        }
    }
}

/// How a text begins: as much of it as the shortest credential is long.
pub(super) fn start_of(text: &str) -> u64 {
    word_at(text.as_bytes(), 0) & START
}

/// A number of its own for each start, whose first bits differ more than those of the start.
fn key(start: u64) -> u64 {
    /// The odd number next to 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4).
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    start.wrapping_mul(SPREAD)
}

fn first_bits(key: u64, count: u32) -> usize {
    usize::try_from(key >> (u64::BITS - count)).unwrap_or(0)
}
