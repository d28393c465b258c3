//! Characters spelt out in ASCII: HTML references, percent-encoding, quoted-printable, backslash escapes.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use super::super::boundary::is_word;
use super::super::evidence::Layer;
use super::blocks::Blocks;

/// One character that is spelt out; `None` for what reads as nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Escape {
    pub(super) span: Range<usize>,
    pub(super) reads: Option<char>,
    pub(super) layer: Layer,
}

/// The escapes of a text, in ascending order and without overlaps.
pub(super) fn escapes(text: &str) -> impl Iterator<Item = Escape> {
    let bytes = text.as_bytes();
    let mut blocks = Blocks::from(bytes, 0);
    let (mut begin, mut signs) = (0, 0);
    let mut quoted = QuotedPrintable::default();
    let mut end = 0;
    std::iter::from_fn(move || {
        loop {
            while signs == 0 {
                (begin, signs) = blocks.next(is_sign)?;
            }
            let at = begin + signs.trailing_zeros() as usize;
            signs &= signs - 1;
            let begins = bytes
                .get(at + 1)
                .is_some_and(|next| goes_on(bytes[at], *next));
            if at < end || !begins {
                continue;
            }
            let escape = match bytes[at] {
                b'&' => reference(text, at),
                b'%' => percent(bytes, at),
                b'\\' => backslash(bytes, at),
                _ => quoted_printable(bytes, at).filter(|_| quoted.is_around(bytes, at)),
            };
            if let Some(escape) = escape {
                end = escape.span.end;
                return Some(escape);
            }
        }
    })
}

/// Whether an escape may begin with `byte`.
fn is_sign(byte: u8) -> bool {
    byte == b'&' || byte == b'%' || byte == b'\\' || byte == b'='
}

/// Whether the second byte of an escape may be `next`, whose first is `sign`.
fn goes_on(sign: u8, next: u8) -> bool {
    const REFERENCE: u8 = 1;
    const PERCENT: u8 = 2;
    const BACKSLASH: u8 = 4;
    const QUOTED: u8 = 8;
    // Looked up, since most signs are of code and begin none.
    static SECONDS: [u8; 128] = {
        let mut seconds = [0; 128];
        let mut second = 0_u8;
        while second.is_ascii() {
            let byte = second as usize;
            if second == b'#' || second.is_ascii_alphabetic() {
                seconds[byte] |= REFERENCE;
            }
            if second.is_ascii_hexdigit() {
                seconds[byte] |= PERCENT;
            }
            // Lines with others than capitals are none of mail.
            if second.is_ascii_digit() || matches!(second, b'A'..=b'F') {
                seconds[byte] |= QUOTED;
            }
            if matches!(second, b'\\' | b'/' | b'x' | b'u') {
                seconds[byte] |= BACKSLASH;
            }
            if matches!(second, b'\r' | b'\n') {
                seconds[byte] |= QUOTED;
            }
            second += 1;
        }
        seconds
    };
    let kind = match sign {
        b'&' => REFERENCE,
        b'%' => PERCENT,
        b'\\' => BACKSLASH,
        _ => QUOTED,
    };
    SECONDS
        .get(usize::from(next))
        .is_some_and(|kinds| kinds & kind != 0)
}

fn escape(layer: Layer, span: Range<usize>, reads: char) -> Option<Escape> {
    let readable = !reads.is_control() || matches!(reads, '\n' | '\t' | '\r');
    readable.then_some(Escape {
        span,
        reads: Some(reads),
        layer,
    })
}

/// The character references that stand for what values and labels consist of.
const NAMED: [(&str, char); 44] = [
    ("NewLine", '\n'),
    ("NoBreak", '\u{2060}'),
    ("NonBreakingSpace", '\u{A0}'),
    ("Tab", '\t'),
    ("UnderBar", '_'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("bull", '\u{2022}'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dash", '\u{2010}'),
    ("dollar", '$'),
    ("emsp", '\u{2003}'),
    ("ensp", '\u{2002}'),
    ("equals", '='),
    ("excl", '!'),
    ("gt", '>'),
    ("hyphen", '\u{2010}'),
    ("lbrack", '['),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("mdash", '\u{2014}'),
    ("middot", '\u{B7}'),
    ("minus", '\u{2212}'),
    ("nbsp", '\u{A0}'),
    ("ndash", '\u{2013}'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quot", '"'),
    ("rpar", ')'),
    ("semi", ';'),
    ("shy", '\u{AD}'),
    ("sol", '/'),
    ("thinsp", '\u{2009}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
];

/// `&#45;`, `&#x2D;`, `&commat;`; a number may do without its semicolon, as browsers let it.
fn reference(text: &str, at: usize) -> Option<Escape> {
    /// The longest name, or number with as many zeros before it as people write.
    const REACH: usize = 18;
    let bytes = text.as_bytes();
    let stop = bytes.len().min(at + 1 + REACH);
    let body = &bytes[at + 1..stop];
    let run = |from: usize, belongs: fn(&u8) -> bool| {
        let rest = body.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| belongs(byte)).count()
    };
    let (length, reads) = match body {
        [b'#', b'x' | b'X', ..] => {
            let digits = run(2, u8::is_ascii_hexdigit);
            (
                2 + digits,
                u32::from_str_radix(text.get(at + 3..at + 3 + digits)?, 16).ok()?,
            )
        }
        [b'#', ..] => {
            let digits = run(1, u8::is_ascii_digit);
            (1 + digits, text.get(at + 2..at + 2 + digits)?.parse().ok()?)
        }
        _ => {
            let length = run(0, u8::is_ascii_alphabetic);
            if body.get(length) != Some(&b';') {
                return None;
            }
            let name = text.get(at + 1..at + 1 + length)?;
            let place = NAMED.binary_search_by_key(&name, |(name, _)| name).ok()?;
            (length, u32::from(NAMED[place].1))
        }
    };
    let semicolon = usize::from(body.get(length) == Some(&b';'));
    let span = at..at + 1 + length + semicolon;
    escape(Layer::Html, span, char::from_u32(reads)?)
}

/// `%40`, and as many of them as one character takes.
fn percent(bytes: &[u8], at: usize) -> Option<Escape> {
    let (reads, triples) = character(|place| {
        let at = at + 3 * place;
        (bytes.get(at) == Some(&b'%')).then(|| hex_pair(bytes, at + 1))?
    })?;
    escape(Layer::Percent, at..at + 3 * triples, reads)
}

/// `=40`, or `=` at the end of a line, which joins it to the next.
fn quoted_printable(bytes: &[u8], at: usize) -> Option<Escape> {
    let line_end = match &bytes[at + 1..] {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    };
    if line_end > 0 {
        return Some(Escape {
            span: at..at + 1 + line_end,
            reads: None,
            layer: Layer::QuotedPrintable,
        });
    }
    let pair = |place: usize| {
        let at = at + 3 * place;
        (bytes.get(at) == Some(&b'=')).then(|| hex_pair(bytes, at + 1))?
    };
    // What is not UTF-8 is taken for Latin-1.
    let (reads, triples) = character(pair).or_else(|| pair(0).map(|byte| (char::from(byte), 1)))?;
    escape(Layer::QuotedPrintable, at..at + 3 * triples, reads)
}

/// The one character of UTF-8 that the bytes make up which `byte` gives one by one, and how many they are.
fn character(byte: impl Fn(usize) -> Option<u8>) -> Option<(char, usize)> {
    let first = byte(0)?;
    let length = match first {
        0x00..0x80 => 1,
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => return None,
    };
    let mut encoded = [first, 0, 0, 0];
    for (place, slot) in encoded.iter_mut().enumerate().take(length).skip(1) {
        *slot = byte(place)?;
    }
    let reads = std::str::from_utf8(&encoded[..length])
        .ok()?
        .chars()
        .next()?;
    Some((reads, length))
}

/// `\u0040`, `\u{40}`, `\x40` and `\/`, and the further backslashes of a string in a string.
fn backslash(bytes: &[u8], at: usize) -> Option<Escape> {
    const NESTED: usize = 8;
    let signs = bytes[at..]
        .iter()
        .take(NESTED)
        .take_while(|byte| **byte == b'\\')
        .count();
    let sign = at + signs;
    let (length, reads) = match bytes.get(sign)? {
        b'/' => (1, '/'),
        b'x' => (3, char::from(hex_pair(bytes, sign + 1)?)),
        b'u' if bytes.get(sign + 1) == Some(&b'{') => {
            let rest = &bytes[sign + 2..bytes.len().min(sign + 9)];
            let digits = &rest[..memchr(b'}', rest)?];
            (digits.len() + 3, char::from_u32(hex(digits)?)?)
        }
        b'u' => utf16(bytes, sign, signs)?,
        _ => return None,
    };
    escape(Layer::Backslash, at..sign + length, reads)
}

/// One character from one or two `u0040`, and how long they are; `signs` backslashes stand between.
fn utf16(bytes: &[u8], at: usize, signs: usize) -> Option<(usize, char)> {
    let unit = |at: usize| {
        let digits = (bytes.get(at) == Some(&b'u')).then(|| bytes.get(at + 1..at + 5))??;
        u16::try_from(hex(digits)?).ok()
    };
    let first = unit(at)?;
    if let Some(reads) = char::from_u32(u32::from(first)) {
        return Some((5, reads));
    }
    let second = unit(at + 5 + signs)?;
    let reads = char::decode_utf16([first, second]).next()?.ok()?;
    Some((10 + signs, reads))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let mut value = 0;
    for digit in digits {
        value = value * 16 + char::from(*digit).to_digit(16)?;
    }
    (!digits.is_empty()).then_some(value)
}

fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digits = bytes.get(at..at + 2)?;
    u8::try_from(hex(digits)?).ok()
}

/// Whether a line can be quoted-printable: its every `=` is followed by two capital hexadecimal digits or its end, and one of
/// them is more than an assignment such as `workers=55` or `password=`.
#[derive(Default)]
struct QuotedPrintable {
    line_end: usize,
    fits: bool,
}

impl QuotedPrintable {
    /// The longest line that mail may have, in bytes (RFC 5322).
    const MAX_LINE: usize = 998;
    /// From so many bytes on a line is broken (RFC 2045: at 76), with room for a word that did not fit.
    const BROKEN: usize = 50;

    /// Asked with ascending places.
    fn is_around(&mut self, bytes: &[u8], at: usize) -> bool {
        if at >= self.line_end {
            let start = memrchr(b'\n', &bytes[at.saturating_sub(Self::MAX_LINE)..at]);
            let start = at.saturating_sub(Self::MAX_LINE) + start.map_or(0, |place| place + 1);
            let rest = &bytes[at..bytes.len().min(at + Self::MAX_LINE)];
            self.line_end = at + memchr(b'\n', rest).map_or(rest.len(), |place| place + 1);
            self.fits = Self::fits(bytes, start..self.line_end);
        }
        self.fits
    }

    fn fits(bytes: &[u8], line: Range<usize>) -> bool {
        let mut telling = false;
        let mut end = line.start;
        for place in memchr_iter(b'=', &bytes[line.clone()]) {
            let at = line.start + place;
            match &bytes[at + 1..] {
                [] | [b'\n', ..] | [b'\r', b'\n', ..] => {
                    telling |= place >= Self::BROKEN || is_prose(&bytes[line.start..at]);
                }
                [
                    high @ (b'0'..=b'9' | b'A'..=b'F'),
                    low @ (b'0'..=b'9' | b'A'..=b'F'),
                    ..,
                ] => {
                    // No mail program spells out letters, figures or spaces within a line, unless all of them.
                    let ordinary = match high {
                        b'2' => *low == b'0',
                        b'3' => low.is_ascii_digit(),
                        b'4' | b'6' => *low != b'0',
                        b'5' | b'7' => *low <= b'9' || *low == b'A',
                        _ => false,
                    };
                    telling |= !ordinary || at == end && at > line.start;
                    end = at + 3;
                }
                _ => return false,
            }
        }
        telling && !is_setting(bytes[line].trim_ascii())
    }
}

/// Whether a line is one setting, whose value may begin like an escape: `SEED_KEY=A8f…`.
fn is_setting(line: &[u8]) -> bool {
    let sign = memrchr(b'=', line);
    let (name, value) = line.split_at(sign.unwrap_or(line.len()));
    let plain = name.iter().all(|byte| is_word(*byte)) && name.contains(&b'_');
    plain && value.iter().all(u8::is_ascii_graphic)
}

/// Whether a line that ends in `=` is of words, and not a name without a value or the last of something in base64.
fn is_prose(line: &[u8]) -> bool {
    let word = line.rsplit(|byte| *byte == b' ').next();
    word.is_some_and(|word| word.len() < line.len() && !(word.len() + 1).is_multiple_of(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut read = String::new();
        let mut at = 0;
        for escape in escapes(text) {
            read += &text[at..escape.span.start];
            read.extend(escape.reads);
            at = escape.span.end;
        }
        read + &text[at..]
    }

    #[test]
    fn the_names_are_in_order() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn what_is_spelt_out_is_read() {
        for (text, reads) in [
            ("123&#45;45&#x2d;6789", "123-45-6789"),
            ("john&commat;example&period;com", "john@example.com"),
            ("&#0000045;&#45 &amp;#45;", "-- &#45;"),
            (
                "john%40example.com %C3%A9 %F0%9F%98%80",
                "john@example.com é 😀",
            ),
            (
                "=53=53=4E =3D 123=2D45-=\r\n6789 =C3=A9 =E9",
                "SSN = 123-45-6789 é é",
            ),
            (
                r"john\u0040example.com \uD83D\uDE00 \x2d \u{2D}",
                "john@example.com 😀 - -",
            ),
            (r"01\/15\/1980 \\u0040 \\\\u0040", "01/15/1980 @ @"),
        ] {
            assert_eq!(read(text), reads);
        }
    }

    #[test]
    fn what_only_looks_alike_is_left_alone() {
        for text in [
            "98% of R&D; AT&T &nosuch; & &; &#; &#x; &#99999999999;",
            "%zz %E9x %00 %8 100%",
            "if a == b { c=41 }; x=\"4\"\n",
            "WORKERS=55\nRETRIES=20\nPASSWORD=\n",
            "SEED_KEY=A8f3\nEXTRA_KEY=E9\n",
            "password: c2VjcmV0cyE=\n",
            r"\users \uD83D \x4 \n \u{} \u{110000} \\",
            "&#0;",
        ] {
            assert_eq!(read(text), text);
        }
    }
}
