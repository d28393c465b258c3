//! What the model writes, on its way to the caller: secrets taken out, identifiers put back, chunk by chunk.

use std::ops::Range;

use super::json::{Cursor, JsonRestorer, Unit, write_escaped, write_other};
use crate::pii::{Restorer, Vault};
use crate::scan::{Category, Finding, Origin, Scanner};

/// How much text before a chunk the scanner sees again, so that `password:` explains the word after it.
const CONTEXT: usize = 512;

/// How much it sees again where a secret stands in that, so that `passwords:` explains the last line of the list below. No list or
/// map is read farther than half of this behind its name.
const CONTEXT_OF_SECRETS: usize = 4 * 1024;

/// A word, or an unfinished secret, longer than this is not waited for.
const MAX_PENDING: usize = 16 * 1024;

/// Text passes once the word that it belongs to has ended and the scanner has seen that word in its context.
pub(super) struct Outflow<'a> {
    scanner: &'a Scanner,
    target: Target<'a>,
    /// Up to [`CONTEXT_OF_SECRETS`] bytes that have passed, then what is held back.
    window: String,
    passed: usize,
    /// Where the last secret in the window ends.
    last_secret: Option<usize>,
    /// Whether the end of what passed lies inside a secret whose token has been written.
    inside_secret: bool,
}

/// What the model writes.
enum Target<'a> {
    Text(Restorer<'a>),
    /// It stays JSON: nothing but the inside of its texts changes.
    Json(Box<Json<'a>>),
}

struct Json<'a> {
    restorer: JsonRestorer<'a>,
    /// Where in the JSON the text is that has passed.
    passed: Cursor,
    /// Where the end of the window is.
    end: Cursor,
}

impl<'a> Outflow<'a> {
    pub(super) fn new(scanner: &'a Scanner, vault: &'a Vault) -> Self {
        Self::to(scanner, Target::Text(vault.restorer()))
    }

    /// For an answer that is JSON.
    pub(super) fn json(scanner: &'a Scanner, vault: &'a Vault) -> Self {
        let json = Json {
            restorer: JsonRestorer::new(vault),
            passed: Cursor::default(),
            end: Cursor::default(),
        };
        Self::to(scanner, Target::Json(Box::new(json)))
    }

    fn to(scanner: &'a Scanner, target: Target<'a>) -> Self {
        Self {
            scanner,
            target,
            window: String::new(),
            passed: 0,
            last_secret: None,
            inside_secret: false,
        }
    }

    /// The whole of `text`.
    pub(super) fn of(mut self, text: &str) -> String {
        let mut out = self.push(text);
        out.push_str(&self.finish());
        out
    }

    /// Takes what the model wrote and gives what the caller may see so far.
    pub(super) fn push(&mut self, chunk: &str) -> String {
        let known = self.window.len();
        self.window.push_str(chunk);
        let overfull = self.window.len() - self.passed > MAX_PENDING;
        let ended = self.window[known..].rfind(char::is_whitespace);
        let ended = match &mut self.target {
            Target::Text(_) => ended,
            // Between the members of an object there need be no white space.
            Target::Json(json) => ended.max(json.end.last_comma(chunk)),
        };
        let cut = match ended {
            _ if overfull => self.window.len(),
            Some(at) => known + at,
            None => return String::new(),
        };
        let text = self.release(cut, overfull);
        match &mut self.target {
            Target::Text(restorer) => restorer.push(&text),
            Target::Json(json) => json.restorer.push(&text),
        }
    }

    /// The rest.
    pub(super) fn finish(mut self) -> String {
        let text = self.release(self.window.len(), true);
        match self.target {
            Target::Text(mut restorer) => {
                let mut rest = restorer.push(&text);
                rest.push_str(&restorer.finish());
                rest
            }
            Target::Json(mut json) => {
                let mut rest = json.restorer.push(&text);
                rest.push_str(&json.restorer.finish());
                rest
            }
        }
    }

    /// Lets the window pass up to `cut`, or, unless `all`, up to the beginning of a secret that may go on behind it.
    fn release(&mut self, cut: usize, all: bool) -> String {
        let mut cut = cut;
        let from = self.explained_from();
        let secrets: Vec<(Range<usize>, Finding)> = self
            .scanner
            .scan(&self.window[from..])
            .into_iter()
            .filter(|finding| {
                // What another place gave away counts only where that place is in the window, which the chunks decide.
                let itself = finding.evidence().origin != Origin::Repeat;
                finding.category() == Category::Secret && itself
            })
            .map(|finding| {
                let Range { start, end } = finding.span();
                (from + start..from + end, finding)
            })
            .filter(|(span, _)| span.end > self.passed)
            .collect();
        if !all && let Some((open, _)) = secrets.iter().find(|(span, _)| span.end >= cut) {
            cut = cut.min(open.start.max(self.passed));
        }

        let json = match &self.target {
            Target::Text(_) => None,
            Target::Json(json) => Some(json.passed),
        };
        let out = match json {
            None => self.redact(cut, &secrets),
            Some(place) => self.redact_json(place, &mut cut, all, &secrets),
        };
        let last = secrets.last().map(|(span, _)| span.end);
        self.last_secret = last.or(self.last_secret);
        self.keep_context(cut);
        out
    }

    /// What has not passed, up to `cut`, without the secrets in it.
    fn redact(&mut self, cut: usize, secrets: &[(Range<usize>, Finding)]) -> String {
        let mut out = String::with_capacity(cut - self.passed);
        let mut at = self.passed;
        for (span, secret) in secrets {
            let Range { start, end } = span.clone();
            if start >= cut {
                break;
            }
            if start >= self.passed {
                out.push_str(&self.window[at..start]);
            }
            // Of a secret whose beginning passed before the scanner could know it, the rest still does not pass.
            if start >= self.passed || !self.inside_secret {
                out.push_str(&secret.redaction());
            }
            at = end.min(cut);
            self.inside_secret = end > cut;
        }
        out.push_str(&self.window[at..cut]);
        if secrets.iter().all(|(span, _)| span.end <= cut) {
            self.inside_secret = false;
        }
        out
    }

    /// [`Outflow::redact`] in JSON, which it stays. `cut` moves to before what is neither whole nor, with `all`, the last.
    fn redact_json(
        &mut self,
        mut place: Cursor,
        cut: &mut usize,
        all: bool,
        secrets: &[(Range<usize>, Finding)],
    ) -> String {
        let mut out = String::with_capacity(*cut - self.passed);
        let mut secrets = secrets.iter().peekable();
        let mut at = self.passed;
        while at < *cut {
            let unit = place.unit(&self.window[at..], all);
            let Some((unit, len, behind)) = unit.filter(|(_, len, _)| at + len <= *cut) else {
                *cut = at;
                break;
            };
            while secrets.next_if(|(span, _)| span.end <= at).is_some() {}
            let secret = secrets.peek().filter(|(span, _)| span.start < at + len);
            let written = &self.window[at..at + len];
            match (secret, unit) {
                (None, _) | (_, Unit::Sign) => {
                    out.push_str(written);
                    self.inside_secret = false;
                }
                (Some((_, secret)), Unit::Letter) => {
                    if !self.inside_secret {
                        write_escaped(&secret.redaction(), &mut out);
                    }
                    self.inside_secret = true;
                }
                (Some(_), Unit::Word) => write_other(written, &mut out),
            }
            at += len;
            place = behind;
        }
        if let Target::Json(json) = &mut self.target {
            json.passed = place;
        }
        out
    }

    /// Where the text begins that the scanner sees.
    fn explained_from(&self) -> usize {
        let near = self.before(self.passed, CONTEXT);
        match self.last_secret {
            Some(end) if end > near => 0,
            _ => near,
        }
    }

    /// The beginning of a character so many bytes before a place, or somewhat more.
    fn before(&self, at: usize, bytes: usize) -> usize {
        self.window.floor_char_boundary(at.saturating_sub(bytes))
    }

    fn keep_context(&mut self, cut: usize) {
        let from = self.before(cut, CONTEXT_OF_SECRETS);
        self.window.drain(..from);
        self.passed = cut - from;
        self.last_secret = self.last_secret.and_then(|end| end.checked_sub(from));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vault() -> Vault {
        let mut vault = Vault::new();
        vault.placeholder("NAME", "John Doe").unwrap();
        vault
    }

    fn streamed<'a>(chunks: impl IntoIterator<Item = &'a str>) -> String {
        let vault = vault();
        let scanner = Scanner::all();
        let mut outflow = Outflow::new(&scanner, &vault);
        let mut out = String::new();
        for chunk in chunks {
            out.push_str(&outflow.push(chunk));
        }
        out.push_str(&outflow.finish());
        out
    }

    #[test]
    fn ordinary_text_lags_by_one_word_only() {
        let (vault, scanner) = (vault(), Scanner::all());
        let mut outflow = Outflow::new(&scanner, &vault);
        assert_eq!(outflow.push("The pat"), "The");
        assert_eq!(outflow.push("ient re"), " patient");
        assert_eq!(outflow.push("sts. [NAME"), " rests.");
        assert_eq!(outflow.push("_1] too"), " John Doe");
        assert_eq!(outflow.finish(), " too");
    }

    #[test]
    fn a_name_explains_the_last_line_of_the_list_below_it() {
        let key = |place: u64| {
            format!(
                "{:032x}",
                (u128::from(place) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
            )
        };
        let keys: Vec<_> = (0..24).map(key).collect();
        let lines = keys.join("\n  - ");
        let text = format!("api_keys:\n  - {lines}\nThat is all of them.");
        let pieces = text.as_bytes().chunks(5);
        let out = streamed(pieces.map(|piece| std::str::from_utf8(piece).unwrap()));
        assert!(!keys.iter().any(|key| out.contains(key)), "{out}");
        assert!(out.ends_with("That is all of them."), "{out}");
    }

    #[test]
    fn a_word_without_end_is_not_waited_for_for_ever() {
        let text = "x".repeat(3 * MAX_PENDING);
        assert_eq!(
            streamed(
                text.as_bytes()
                    .chunks(7)
                    .map(|c| std::str::from_utf8(c).unwrap())
            ),
            text
        );
    }

    proptest! {
        #[test]
        fn chunks_give_the_same_text_as_the_whole(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "Use ", "the key ", "[NAME_1]", " sk_live_51HxJ1234567890abcdefghijklm.", ". ", " (AKIA1234567890ABCDEF), ", ", ",
                    "\n", "é", "password: ", "hunter2secret", " and ", " ghp_012345678901234567890123456789012345。", "日本 ",
                ]),
                0..14,
            ),
            cuts in prop::collection::vec(0usize..300, 0..20),
        ) {
            let text = parts.concat();
            let mut cuts: Vec<usize> =
                cuts.into_iter().map(|cut| cut.min(text.len())).filter(|&cut| text.is_char_boundary(cut)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let chunked = streamed(cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]));
            for value in ["51HxJ", "AKIA12", "ghp_0123"] {
                prop_assert!(!chunked.contains(value), "{chunked}");
            }
            prop_assert_eq!(chunked, streamed([text.as_str()]));
        }
    }
}
