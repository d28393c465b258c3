//! JSON on its way to the caller, piece by piece: where its texts are, and values put back into them so that it stays JSON.

use serde_json::Number;

use crate::pii::{RestoreState, Vault};

/// A place in JSON, as far as it has been read.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    in_text: bool,
    /// Behind a backslash.
    escaped: bool,
}

/// What JSON is made of here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// White space, a bracket, a comma, a colon or a quotation mark.
    Sign,
    /// A number, `true`, `false` or `null`, or what is no JSON.
    Word,
    /// A character of a text, or an escape.
    Letter,
}

impl Cursor {
    /// The last comma or bracket between texts that `text` has, of which this takes all.
    pub(super) fn last_comma(&mut self, text: &str) -> Option<usize> {
        let mut last = None;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                b',' | b'{' | b'}' | b'[' | b']' if !self.in_text => last = Some(at),
                _ => {}
            }
        }
        last
    }

    /// What `text` begins with here, its length, and the place behind it. Nothing where its end cuts that in two, unless
    /// nothing follows.
    pub(super) fn unit(self, text: &str, last: bool) -> Option<(Unit, usize, Self)> {
        let first = text.chars().next()?;
        let behind = |in_text| Self {
            in_text,
            escaped: false,
        };
        if !self.in_text {
            let word = |c: char| {
                !(c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"'))
            };
            if !word(first) {
                return Some((Unit::Sign, first.len_utf8(), behind(first == '"')));
            }
            let end = text.find(|c| !word(c));
            let len = end.or_else(|| last.then_some(text.len()))?;
            return Some((Unit::Word, len, self));
        }
        let len = match first {
            '"' => return Some((Unit::Sign, 1, behind(false))),
            '\\' => match escape(text) {
                Escape::Of(_, len) | Escape::Lone(len) => len,
                Escape::Cut if last => text.len(),
                Escape::Cut => return None,
            },
            other => other.len_utf8(),
        };
        Some((Unit::Letter, len, self))
    }
}

/// What an escape at the beginning of a text stands for.
enum Escape {
    /// A character, and the length of its escape.
    Of(char, usize),
    /// Half of a character, or nothing that JSON knows.
    Lone(usize),
    /// The text ends in it.
    Cut,
}

fn escape(text: &str) -> Escape {
    let bytes = text.as_bytes();
    let simple = |c| Escape::Of(c, 2);
    match bytes.get(1) {
        None => Escape::Cut,
        Some(b'u') => unicode(text),
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(&sign @ (b'"' | b'\\' | b'/')) => simple(char::from(sign)),
        // A character may be longer than a byte.
        Some(_) => Escape::Lone(text.chars().take(2).map(char::len_utf8).sum()),
    }
}

/// `\u0041`, or two of them that are one character.
fn unicode(text: &str) -> Escape {
    let unit = |at: usize| {
        let digits = text.get(at + 2..at + 6)?;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    let bytes = text.as_bytes();
    let Some(first) = unit(0) else {
        return if bytes.len() < 6 && bytes[2..].iter().all(u8::is_ascii_hexdigit) {
            Escape::Cut
        } else {
            Escape::Lone(2)
        };
    };
    if let Some(c) = char::from_u32(first) {
        return Escape::Of(c, 6);
    }
    let rest = &bytes[6..];
    if first >= 0xDC00 || !b"\\u".starts_with(&rest[..rest.len().min(2)]) {
        return Escape::Lone(6);
    }
    match unit(6) {
        Some(second @ 0xDC00..=0xDFFF) => {
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            char::from_u32(code).map_or(Escape::Lone(6), |c| Escape::Of(c, 12))
        }
        None if rest.len() < 6 => Escape::Cut,
        _ => Escape::Lone(6),
    }
}

/// Restores the texts of JSON that arrives in chunks.
pub(super) struct JsonRestorer<'a> {
    vault: &'a Vault,
    state: RestoreState,
    place: Cursor,
    /// A unit that the last chunk ended in.
    cut: String,
}

impl<'a> JsonRestorer<'a> {
    pub(super) fn new(vault: &'a Vault) -> Self {
        Self {
            vault,
            state: RestoreState::default(),
            place: Cursor::default(),
            cut: String::new(),
        }
    }

    /// The part of the JSON so far that is certain.
    pub(super) fn push(&mut self, chunk: &str) -> String {
        let mut text = std::mem::take(&mut self.cut);
        text.push_str(chunk);
        self.advance(&text, false)
    }

    /// The rest, also of JSON that ends in the middle.
    pub(super) fn finish(&mut self) -> String {
        let text = std::mem::take(&mut self.cut);
        let mut out = self.advance(&text, true);
        let rest = self.state.finish(self.vault);
        write_escaped(&rest, &mut out);
        out
    }

    fn advance(&mut self, text: &str, last: bool) -> String {
        let mut out = String::with_capacity(text.len());
        // What a text says, since something else was written.
        let mut said = String::new();
        let mut at = 0;
        // Outside of texts nothing is changed, and so nothing waits.
        while let Some((unit, len, behind)) =
            self.place.unit(&text[at..], last || !self.place.in_text)
        {
            let written = &text[at..at + len];
            let meant = match unit {
                Unit::Letter if written.starts_with('\\') => match escape(written) {
                    Escape::Of(c, _) => Some(c),
                    Escape::Lone(_) | Escape::Cut => None,
                },
                Unit::Letter => written.chars().next(),
                Unit::Sign | Unit::Word => None,
            };
            if let Some(c) = meant {
                said.push(c);
            } else {
                let ends = unit == Unit::Sign && self.place.in_text;
                self.say(&mut said, ends || unit == Unit::Letter, &mut out);
                out.push_str(written);
            }
            at += len;
            self.place = behind;
        }
        self.say(&mut said, false, &mut out);
        text[at..].clone_into(&mut self.cut);
        out
    }

    fn say(&mut self, said: &mut String, ends: bool, out: &mut String) {
        write_escaped(&self.state.push(self.vault, said), out);
        said.clear();
        if ends {
            write_escaped(&self.state.finish(self.vault), out);
        }
    }
}

/// Writes another number in place of one, or nothing in place of what is none. `true`, `false` and `null` stay.
pub(super) fn write_other(word: &str, out: &mut String) {
    if matches!(word, "true" | "false" | "null") {
        out.push_str(word);
    } else if serde_json::from_str::<Number>(word).is_ok() {
        let mut figure = '9';
        for c in word.chars() {
            match c {
                '0'..='9' => out.push(figure),
                other => out.push(other),
            }
            if matches!(c, 'e' | 'E') {
                figure = '0';
            }
        }
    }
}

/// Writes a text as it stands between quotation marks.
pub(super) fn write_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                for figure in [u32::from(c) >> 4, u32::from(c) & 15] {
                    out.extend(char::from_digit(figure, 16));
                }
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Values of every kind that needs an escape.
    const VALUE: &str = "Conor \"Con\" O\\Brien\nWard 7\u{1}";

    fn vault() -> Vault {
        let mut vault = Vault::new();
        vault.placeholder("NAME", VALUE).unwrap();
        vault
    }

    fn restored(json: &str, size: usize) -> String {
        let vault = vault();
        let mut restorer = JsonRestorer::new(&vault);
        let chars: Vec<char> = json.chars().collect();
        let mut out: String = chars
            .chunks(size)
            .map(|piece| restorer.push(&piece.iter().collect::<String>()))
            .collect();
        out.push_str(&restorer.finish());
        out
    }

    #[test]
    fn values_are_put_back_so_that_json_stays_json() {
        let json = r#"{ "who": "[NAME_1]", "[NAME_1]": ["a [NAME_1], \u005bNAME_1\u005D", -1.5e3, true], "n": "NAME_1" }"#;
        for size in [1, 2, 3, 5, 1000] {
            let value: Value = serde_json::from_str(&restored(json, size)).unwrap();
            assert_eq!(value["who"], VALUE);
            assert_eq!(value[VALUE][0], format!("a {VALUE}, {VALUE}"));
            assert_eq!(value[VALUE][1], -1500.0);
            assert_eq!(value["n"], VALUE);
        }
    }

    #[test]
    fn what_needs_nothing_stays_to_the_letter() {
        for json in [
            "{\n  \"a\" : 1.50,\t\"b\":[ ]\n}",
            r#"{"half": "\ud83d", "odd": "\q", "cut": "\u00"#,
            r#""[NAME_2] [1] \\""#,
            "[NAME_1]",
        ] {
            for size in [1, 2, 1000] {
                assert_eq!(restored(json, size), json);
            }
        }
    }

    proptest! {
        #[test]
        fn any_json_comes_out_with_the_same_meaning(
            texts in prop::collection::vec(".{0,8}|\\[NAME_1\\]|[\\\\\"/\n\u{1}\u{1f600}]{0,4}", 1..5),
            size in 1usize..9,
            ascii in any::<bool>(),
        ) {
            let mut json = serde_json::to_string(&texts).unwrap();
            if ascii {
                let mut escaped = String::new();
                for c in json.chars() {
                    if c.is_ascii() {
                        escaped.push(c);
                    } else {
                        for unit in c.encode_utf16(&mut [0; 2]) {
                            write!(escaped, "\\u{unit:04X}").unwrap();
                        }
                    }
                }
                json = escaped;
            }
            let back: Vec<String> = serde_json::from_str(&restored(&json, size)).unwrap();
            let vault = vault();
            let meant: Vec<String> = texts.iter().map(|text| vault.restore(text)).collect();
            prop_assert_eq!(back, meant);
        }
    }
}
