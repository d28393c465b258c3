//! Characters that look like ASCII, and characters that cannot be seen.

use super::super::view::View;
use super::confusable::look_alike;

/// Decimal digits: where each ten of them begin (Unicode 16, general category Nd).
const TENS: [u32; 65] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// How far a word reaches whose letters are compared, in bytes to either side.
const WORD_REACH: usize = 64;

/// What a character reads as where that is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// It cannot be seen.
    Nothing,
    /// It is another way to write this one.
    As(char),
    /// It reads as this one between ASCII letters or digits.
    Between(char),
    /// It reads as this one between ASCII digits.
    BetweenDigits(char),
    /// It cannot be seen apart from the digit before it.
    OnDigit,
    /// It reads as this letter where the whole word does.
    Letter(char),
}

fn reading(c: char) -> Option<Reading> {
    use Reading::{As, Between, BetweenDigits, Letter, Nothing, OnDigit};
    Some(match c {
        '\0'..='\u{9F}' => return None,
        // Soft hyphen, joiners and fillers, directional marks, variation selectors.
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0100}'..='\u{E01EF}' => Nothing,
        // Tags, which nobody sees but a machine reads.
        '\u{E0020}'..='\u{E007E}' => As(char::from_u32(u32::from(c) - 0xE0000)?),
        '\u{300}'..='\u{36F}' | '\u{20D0}'..='\u{20F0}' => OnDigit,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            As(' ')
        }
        '\u{2028}' | '\u{2029}' => As('\n'),
        '\u{2010}' | '\u{2011}' | '\u{FE63}' | '\u{FF0D}' => As('-'),
        '\u{2012}' | '\u{2013}' | '\u{2043}' | '\u{2212}' => Between('-'),
        '\u{2014}' | '\u{2015}' => BetweenDigits('-'),
        '\u{2024}' | '\u{FF0E}' => As('.'),
        '\u{3002}' | '\u{FF61}' => Between('.'),
        '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' => {
            BetweenDigits('.')
        }
        '\u{2044}' | '\u{2215}' => BetweenDigits('/'),
        '\u{2236}' | '\u{A789}' => Between(':'),
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{FF02}' => As('"'),
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{FF07}' => As('\''),
        '\u{FE6B}' => As('@'),
        // Full-width forms lie 0xFEE0 above ASCII. Other punctuation belongs to the prose around.
        'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '＠'
        | '：'
        | '／'
        | '＿'
        | '＋'
        | '＃'
        | '＝'
        | '（'
        | '）' => As(char::from_u32(u32::from(c) - 0xFEE0)?),
        '\u{2102}'..='\u{2134}' => As(letterlike(c)?),
        '\u{2460}'..='\u{2468}' => As(char::from_digit(u32::from(c) - 0x245F, 10)?),
        '\u{24EA}' => As('0'),
        '\u{24B6}'..='\u{24E9}' => As(letter(u32::from(c) - 0x24B6)?),
        '\u{1D400}'..='\u{1D6A3}' => As(letter(u32::from(c) - 0x1D400)?),
        '\u{1F130}'..='\u{1F149}' => As(letter(u32::from(c) - 0x1F130)?),
        '\u{1F150}'..='\u{1F169}' => As(letter(u32::from(c) - 0x1F150)?),
        '\u{1F170}'..='\u{1F189}' => As(letter(u32::from(c) - 0x1F170)?),
        _ => digit(c).map(As).or_else(|| look_alike(c).map(Letter))?,
    })
}

/// The letter at a place in alphabets of capitals and small letters that follow each other.
fn letter(place: u32) -> Option<char> {
    let place = u8::try_from(place % 52).ok()?;
    Some(char::from(match place {
        0..26 => b'A' + place,
        _ => b'a' + place - 26,
    }))
}

/// The letters that the mathematical alphabets leave out because they were there before.
fn letterlike(c: char) -> Option<char> {
    Some(match c {
        '\u{2102}' | '\u{212D}' => 'C',
        '\u{210A}' => 'g',
        '\u{210B}'..='\u{210D}' => 'H',
        '\u{210E}' => 'h',
        '\u{2110}' | '\u{2111}' => 'I',
        '\u{2112}' => 'L',
        '\u{2113}' => 'l',
        '\u{2115}' => 'N',
        '\u{2119}' => 'P',
        '\u{211A}' => 'Q',
        '\u{211B}'..='\u{211D}' => 'R',
        '\u{2124}' | '\u{2128}' => 'Z',
        '\u{212A}' => 'K',
        '\u{212C}' => 'B',
        '\u{212F}' => 'e',
        '\u{2130}' => 'E',
        '\u{2131}' => 'F',
        '\u{2133}' => 'M',
        '\u{2134}' => 'o',
        _ => return None,
    })
}

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let next = TENS.partition_point(|ten| *ten <= code);
    let ten = TENS[next.checked_sub(1)?];
    char::from_digit(code - ten, 10)
}

impl View {
    /// `text` with what looks like ASCII as ASCII and without what cannot be seen; `None` where it reads as it is written:
    /// plain ASCII always does.
    pub(in crate::scan) fn of(text: &str) -> Option<Self> {
        let mut fold = Fold {
            text,
            view: Self::default(),
            copied: 0,
            word: Word {
                end: 0,
                folds: false,
            },
        };
        let mut at = 0;
        while let Some(next) = next_beyond_ascii(text, at) {
            let c = text[next..].chars().next()?;
            at = next + c.len_utf8();
            if let Some(reading) = reading(c) {
                fold.meet(reading, next, at);
            }
        }
        fold.end()
    }
}

/// Where the next character beyond ASCII is.
fn next_beyond_ascii(text: &str, from: usize) -> Option<usize> {
    const STRIDE: usize = 256;
    let rest = &text.as_bytes()[from..];
    let plain = rest
        .chunks(STRIDE)
        .take_while(|chunk| chunk.is_ascii())
        .count()
        * STRIDE;
    let tail = rest.get(plain..)?;
    let place = tail.iter().position(|byte| !byte.is_ascii())?;
    Some(from + plain + place)
}

/// A view in the making.
struct Fold<'t> {
    text: &'t str,
    view: View,
    /// Up to here the text is in the view.
    copied: usize,
    word: Word,
}

/// Whether the letters of the word that ends at `end` are all ASCII or look like it.
struct Word {
    end: usize,
    folds: bool,
}

impl Fold<'_> {
    fn meet(&mut self, reading: Reading, start: usize, end: usize) {
        let before = self.before(start);
        let after = self.text[end..].chars().next();
        let is = |c: Option<char>, holds: fn(&char) -> bool| c.as_ref().is_some_and(holds);
        let c = match reading {
            Reading::Nothing => None,
            Reading::As(c) => Some(c),
            Reading::Between(c)
                if is(before, char::is_ascii_alphanumeric) && after.is_some_and(reads_as_ascii) =>
            {
                Some(c)
            }
            Reading::BetweenDigits(c)
                if is(before, char::is_ascii_digit) && after.is_some_and(reads_as_digit) =>
            {
                Some(c)
            }
            Reading::OnDigit if is(before, char::is_ascii_digit) => None,
            Reading::Letter(c) if self.word_folds(start) => Some(c),
            _ => return,
        };
        self.view.copy(self.text, self.copied..start);
        self.copied = end;
        if let Some(c) = c {
            self.view.replace(&(start..end), c);
        }
    }

    /// The last character before `start`, as it reads.
    fn before(&self, start: usize) -> Option<char> {
        let copied = self.text[self.copied..start].chars().next_back();
        copied.or_else(|| self.view.text.chars().next_back())
    }

    /// Whether the word around `start` reads as ASCII: all of its letters look like it, and some are, or it is joined to
    /// some. So a word of another script stays what it is.
    fn word_folds(&mut self, start: usize) -> bool {
        if start >= self.word.end {
            self.word = word_around(self.text, start);
        }
        self.word.folds
    }

    fn end(mut self) -> Option<View> {
        if self.copied == 0 {
            return None;
        }
        self.view.copy(self.text, self.copied..self.text.len());
        Some(self.view)
    }
}

fn reads_as_ascii(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(reading(c), Some(Reading::As(c)) if c.is_ascii_alphanumeric())
}

fn reads_as_digit(c: char) -> bool {
    c.is_ascii_digit() || digit(c).is_some()
}

fn word_around(text: &str, at: usize) -> Word {
    let floor = text.ceil_char_boundary(at.saturating_sub(WORD_REACH));
    let ceiling = text.floor_char_boundary(at + WORD_REACH);
    let belongs = |c: char| c.is_alphanumeric() || matches!(reading(c), Some(Reading::Nothing));
    let outside = |c: char| !belongs(c);
    let start = text[floor..at]
        .char_indices()
        .rfind(|(_, c)| outside(*c))
        .map_or(floor, |(place, c)| floor + place + c.len_utf8());
    let end = text[at..ceiling]
        .find(outside)
        .map_or(ceiling, |length| at + length);
    let word = &text[start..end];
    let like_ascii = |c: char| c.is_ascii() || reading(c).is_some();
    let joint = |c: char| matches!(c, '@' | '.' | '-' | '_' | '/' | ':' | '=');
    let joined = |outer: &mut dyn Iterator<Item = char>| {
        outer.next().is_some_and(joint) && outer.next().is_some_and(|c| c.is_ascii_alphanumeric())
    };
    Word {
        end,
        folds: word.chars().all(like_ascii)
            && (word.bytes().any(|byte| byte.is_ascii_alphanumeric())
                || joined(&mut text[..start].chars().rev())
                || joined(&mut text[end..].chars())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        View::of(text).map(|view| view.text)
    }

    #[test]
    fn what_reads_as_it_is_written_has_no_view() {
        for text in [
            "123-45-6789",
            "José, 3 µg/m², 张伟，「x」",
            "Иванов сосёт, оса и хор",
            "10⁹/l – well",
            "a\u{301} and o\u{308}",
            "x · y",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_looks_like_ascii_reads_as_ascii() {
        for (text, reads) in [
            ("é １２\u{200B}３ x\u{AD}y", "é 123 xy"),
            ("５５５–１２３—4567", "555-123-4567"),
            ("555\u{A0}123\u{2009}4567", "555 123 4567"),
            ("555•123·4567", "555.123.4567"),
            ("john＠example。com", "john@example.com"),
            ("“mrn”: ‘7’", "\"mrn\": '7'"),
            ("𝐉𝐨𝐡𝐧 𝕯𝖔𝖊 ℌ𝟙ⓐ①", "John Doe H1a1"),
            ("1\u{336}2\u{336}3\u{FE0F}\u{20E3}", "123"),
            ("\u{E0053}\u{E0053}\u{E004E}", "SSN"),
            ("٠١٢ ۳۴ ५६", "012 34 56"),
        ] {
            assert_eq!(read(text).as_deref(), Some(reads));
        }
    }

    #[test]
    fn letters_are_folded_only_where_the_whole_word_reads_as_ascii() {
        // Cyrillic in "Jоhn", "раура" joined to ASCII, "Dое".
        assert_eq!(
            read("J\u{43E}hn D\u{43E}\u{435}").as_deref(),
            Some("John Doe")
        );
        assert_eq!(
            read("\u{440}\u{430}\u{443}@b.example").as_deref(),
            Some("pay@b.example")
        );
        assert_eq!(read("\u{441}\u{43E}\u{43C}@b.example"), None);
        assert_eq!(read("COVID-19 у Анны"), None);
        assert_eq!(read("5мг оса"), None);
    }
}
