//! Telephone numbers: North American ones, international ones, national ones of many countries, and whatever a word such as
//! `call` or `fax` announces.

use std::ops::Range;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use super::number::Number;
use super::word_list::WordList;
use crate::scan::boundary::{is_word, run_end};
use crate::scan::disguise::blocks::bits_before;

/// Whose national numbers are known without a country code: countries that write a 0 before the area code.
const REGIONS: &[Region] = &[
    Region::GB,
    Region::DE,
    Region::FR,
    Region::AU,
    Region::NL,
    Region::BE,
    Region::CH,
    Region::AT,
    Region::SE,
    Region::IT,
    Region::IN,
    Region::JP,
    Region::IL,
    Region::KR,
    Region::NG,
    Region::PH,
    Region::TR,
    Region::ZA,
];

/// Words before a number that say that it is to be called.
static BEFORE: WordList = WordList::of(&[
    "beeper",
    "call",
    "called",
    "calling",
    "calls",
    "cell",
    "cellphone",
    "cellulare",
    "celular",
    "contact",
    "desk",
    "dial",
    "fax",
    "gsm",
    "handy",
    "hotline",
    "landline",
    "line",
    "mob",
    "mobil",
    "mobile",
    "movil",
    "móvil",
    "pager",
    "ph",
    "phone",
    "phoned",
    "puh",
    "puhelin",
    "reach",
    "ring",
    "sms",
    "tel",
    "telefax",
    "telefon",
    "telefone",
    "telefono",
    "telefoon",
    "telephone",
    "teléfono",
    "text",
    "tlf",
    "tél",
    "téléphone",
    "whatsapp",
    "моб",
    "тел",
    "телефон",
    "факс",
]);
/// The same behind a number.
static BEHIND: WordList = WordList::of(&[
    "cell", "direct", "fax", "home", "landline", "mob", "mobil", "mobile", "office", "pager",
    "tel", "work",
]);
/// How far before a number such a word counts, in bytes and in words.
const REACH: usize = 48;
const MAX_WORDS: usize = 6;

/// Whether `number` begins with a 0 and is a valid one in one of [`REGIONS`].
pub(in crate::scan) fn is_national(number: &str) -> bool {
    let leading = number.trim_start_matches('(').starts_with('0') && !number.starts_with("00");
    leading
        && REGIONS.iter().any(|&region| {
            let parsed = PHONE_NUMBER_UTIL.parse(number, Some(region));
            parsed.is_ok_and(|parsed| PHONE_NUMBER_UTIL.is_valid_number_for_region(&parsed, region))
        })
}

impl Number<'_> {
    pub(super) fn phone(&self) -> Option<Range<usize>> {
        let before = &self.bytes[..self.start()];
        if before.ends_with(b"+") {
            return self.international();
        }
        let open = before.ends_with(b"(") && self.joints[0] == b')';
        let lead = usize::from(matches!(self.text(1), "1" | "001") && self.joints[0] != b'/');
        let national =
            self.length(lead) == 3 && self.length(lead + 1) == 3 && self.length(lead + 2) == 4;
        let joined = self.joints[lead..lead + 2]
            .iter()
            .all(|&joint| matches!(joint, b'-' | b'.' | b' ' | b'/' | b')'));
        // `012/345/6789` is no telephone number, and two different joints need a parenthesis or a slash for area code.
        let (first, second) = (self.joints[lead], self.joints[lead + 1]);
        let usual = matches!(second, b'-' | b'.' | b' ')
            && (first == second || matches!(first, b')' | b'/' | b' '));
        if !national
            || !joined
            || !usual
            || !(open || self.starts_clean())
            || !self.ends_clean(lead + 3)
        {
            return None;
        }
        let start = self.start() - usize::from(open);
        Some(start..self.extension(self.groups[lead + 2].1))
    }

    /// `+` and eight to fifteen digits (ITU-T E.164), however grouped.
    fn international(&self) -> Option<Range<usize>> {
        let mut digits = 0;
        let mut best = None;
        for group in 0..self.count {
            digits += self.length(group);
            if (8..=15).contains(&digits) && self.ends_clean(group + 1) {
                best = Some(self.groups[group].1);
            }
        }
        let plus = self.start() - 1;
        let clean = !self.bytes[..plus].last().copied().is_some_and(is_word);
        best.filter(|_| clean).map(|end| plus..self.extension(end))
    }

    pub(super) fn phone_compact(&self) -> Option<Range<usize>> {
        let lead = match (self.length(0), self.bytes[self.start()]) {
            (10, _) => 0,
            (11, b'1') => 1,
            _ => return None,
        };
        let area = self.bytes[self.start() + lead];
        (area >= b'2').then(|| self.whole(1)).flatten()
    }

    /// The end of ` ext. 123` or ` x123` behind a telephone number.
    fn extension(&self, end: usize) -> usize {
        let bytes = self.bytes;
        let at = run_end(bytes, end, 2, |byte| matches!(byte, b' ' | b','));
        let word = run_end(bytes, at, 9, |byte| byte.is_ascii_alphabetic());
        let known = [&b"x"[..], b"ext", b"extension"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&bytes[at..word]));
        let from = run_end(bytes, word, 3, |byte| matches!(byte, b' ' | b'.' | b':'));
        let to = run_end(bytes, from, 6, |byte| byte.is_ascii_digit());
        if known && to > from { to } else { end }
    }

    /// A national number that begins with a 0 and is a valid one in one of [`REGIONS`].
    pub(super) fn phone_national(&self) -> Option<Range<usize>> {
        let bytes = self.bytes;
        if bytes[self.start()] != b'0' || self.count < 2 || !(2..=6).contains(&self.length(0)) {
            return None;
        }
        let (count, digits) = self.plausible()?;
        let span = self.with_parenthesis(count)?;
        if !(9..=11).contains(&digits) || bytes.get(self.start() + 1) == Some(&b'0') {
            return None;
        }
        let written = std::str::from_utf8(&bytes[span.clone()]).ok()?;
        is_national(written).then_some(span)
    }

    /// Seven to fifteen digits, however grouped, that a word before or behind them says are a telephone number.
    pub(super) fn phone_announced(&self) -> Option<Range<usize>> {
        if self.end() - self.start() < 7 {
            return None;
        }
        let (count, digits) = self.plausible()?;
        if !(7..=15).contains(&digits) || count == 1 && digits > 12 {
            return None;
        }
        let span = self.with_parenthesis(count)?;
        (behind_word(self.bytes, span.start) || before_word(self.bytes, span.end)).then(|| {
            let end = self.extension(span.end);
            span.start..end
        })
    }

    /// How many groups can be those of one telephone number, and their digits: no date, no time, no amount.
    fn plausible(&self) -> Option<(usize, usize)> {
        let slashes = self.joints[1..self.count].contains(&b'/');
        let dated = match (self.length(0), self.length(1), self.length(2)) {
            (4, 1 | 2, 1 | 2) => matches!(self.joints[0], b'-' | b'.' | b'/'),
            (1 | 2, 1 | 2, 4) => self.joints[0] == self.joints[1],
            _ => false,
        };
        let digits: usize = (0..self.count).map(|group| self.length(group)).sum();
        let grouped = self.count == 1 || (0..self.count).all(|group| self.length(group) <= 9);
        let long = (0..self.count).any(|group| self.length(group) >= 3) || self.count >= 4;
        (!slashes && !dated && grouped && long && digits >= 7 && self.ipv4().is_none())
            .then_some((self.count, digits))
    }

    /// The first `count` groups with the plus sign or parenthesis before them.
    fn with_parenthesis(&self, count: usize) -> Option<Range<usize>> {
        let before = &self.bytes[..self.start()];
        let open = before.ends_with(b"(") && self.joints[0] == b')';
        let lead = usize::from(open || before.ends_with(b"+"));
        let clean = (lead == 1 || self.starts_clean()) && self.ends_clean(count);
        clean.then(|| self.start() - lead..self.groups[count - 1].1)
    }
}

/// Whether one of [`BEFORE`] is among the last words of the line before `start`.
fn behind_word(bytes: &[u8], start: usize) -> bool {
    let mut words = bits_before(bytes, start, |byte| {
        (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10 || byte >= 0x80
    });
    let mut lines = bits_before(bytes, start, |byte| byte == b'\n');
    let from = start.saturating_sub(REACH);
    let mut at = start;
    for _ in 0..MAX_WORDS {
        let gap = (words | lines).leading_zeros() as usize;
        let end = from.max(at.saturating_sub(gap));
        (words, lines) = (words << (at - end), lines << (at - end));
        let length = words.leading_ones() as usize;
        at = from.max(end.saturating_sub(length));
        (words, lines) = (words << (end - at), lines << (end - at));
        let word = &bytes[at..end];
        // Behind another number the word tells of that one.
        if word.first().is_none_or(u8::is_ascii_digit) {
            return false;
        }
        if BEFORE.has_bytes(word) {
            return true;
        }
    }
    false
}

/// Whether one of [`BEHIND`] is the next word behind `end`.
fn before_word(bytes: &[u8], end: usize) -> bool {
    let at = run_end(bytes, end, 2, |byte| matches!(byte, b' ' | b'(' | b','));
    let stop = run_end(bytes, at, 10, |byte| byte.is_ascii_alphabetic());
    at > end && BEHIND.has_bytes(&bytes[at..stop])
}
