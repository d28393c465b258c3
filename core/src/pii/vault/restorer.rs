//! Putting values back into a text that arrives in chunks.

use super::Vault;
use super::placeholder::{self, Bare, MAX_BARE, Reading};

/// What is held back of a text whose end is not known yet. Belongs to no vault, so that it can outlive a borrow of one.
#[derive(Default)]
pub struct RestoreState {
    pending: String,
    /// The last character of the text so far, as it was before anything was put back.
    previous: Option<char>,
}

impl RestoreState {
    /// Takes a chunk and gives what is certain, with the values of `vault`.
    ///
    /// Holds back at most one unfinished placeholder, about 100 bytes, or one unfinished surrogate, 256 bytes.
    pub fn push(&mut self, vault: &Vault, chunk: &str) -> String {
        self.pending.push_str(chunk);
        self.advance(vault, false)
    }

    /// The rest. The state is as new after it.
    pub fn finish(&mut self, vault: &Vault) -> String {
        let rest = self.advance(vault, true);
        self.previous = None;
        rest
    }

    fn advance(&mut self, vault: &Vault, last: bool) -> String {
        let text = std::mem::take(&mut self.pending);
        if vault.is_expired() {
            self.previous = text.chars().next_back().or(self.previous);
            return text;
        }
        let mut walk = Walk {
            vault,
            text: &text,
            last,
            out: String::with_capacity(text.len()),
            copied: 0,
            previous: self.previous,
        };
        let end = walk.run();
        let Walk { out, previous, .. } = walk;
        self.previous = previous;
        text[end..].clone_into(&mut self.pending);
        out
    }
}

/// Restores a text that arrives in chunks; see [`Vault::restorer`].
pub struct Restorer<'a> {
    vault: &'a Vault,
    state: RestoreState,
}

impl<'a> Restorer<'a> {
    pub(super) fn new(vault: &'a Vault) -> Self {
        Self {
            vault,
            state: RestoreState::default(),
        }
    }

    /// The part of the text so far that is certain.
    pub fn push(&mut self, chunk: &str) -> String {
        self.state.push(self.vault, chunk)
    }

    /// Bytes that are held back.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.state.pending.len()
    }

    /// The rest.
    pub fn finish(mut self) -> String {
        self.state.finish(self.vault)
    }
}

/// One way through a text, from its beginning.
struct Walk<'a> {
    vault: &'a Vault,
    text: &'a str,
    last: bool,
    out: String,
    /// How much of the text has been written.
    copied: usize,
    previous: Option<char>,
}

/// What to do at a place.
enum Step {
    /// Go on behind so many bytes, which stay.
    Keep(usize),
    /// So many bytes were replaced.
    Replaced(usize),
    /// The text ends before it is decided.
    Wait,
}

impl Walk<'_> {
    /// Gives how far it came.
    fn run(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let step = if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.word(at)
            } else if placeholder::may_open(byte) {
                self.bracket(at)
            } else {
                Step::Keep(width(byte))
            };
            match step {
                Step::Keep(len) => {
                    at += len;
                    self.previous = self.text[..at].chars().next_back();
                }
                Step::Replaced(len) => {
                    at += len;
                    self.copied = at;
                    self.previous = self.text[..at].chars().next_back();
                }
                Step::Wait => break,
            }
        }
        self.out.push_str(&self.text[self.copied..at]);
        at
    }

    fn write(&mut self, at: usize, parts: &[&str]) {
        self.out.push_str(&self.text[self.copied..at]);
        for part in parts {
            self.out.push_str(part);
        }
    }

    fn bracket(&mut self, at: usize) -> Step {
        match placeholder::bracketed(self.text, at, self.last) {
            Reading::Incomplete => Step::Wait,
            Reading::None { len } => Step::Keep(if len == 0 {
                width(self.text.as_bytes()[at])
            } else {
                len
            }),
            Reading::Whole { name, end } => {
                let vault = self.vault;
                let value = vault.value_of(&name).or_else(|| {
                    placeholder::rejoined(&name).and_then(|name| vault.value_of(&name))
                });
                match value {
                    Some(value) => {
                        self.write(at, &[value]);
                        Step::Replaced(end - at)
                    }
                    // What is inside may be one without brackets, behind something else.
                    None => Step::Keep(width(self.text.as_bytes()[at])),
                }
            }
        }
    }

    fn word(&mut self, at: usize) -> Step {
        let run = placeholder::run(self.text, at);
        let len = (run.end - at).max(1);
        let written = &self.text[at..run.end];
        let escaped = written.starts_with('_');
        let inside = self
            .previous
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || (c == '\\' && escaped));
        if inside {
            return Step::Keep(len);
        }
        let open = !self.last && (run.end == self.text.len() || run.cut);
        if open && self.vault.may_begin(written) {
            return Step::Wait;
        }
        if !open
            && let Some(bare) = placeholder::bare(written)
            && let Some(value) = self.vault.value_of(&bare.name)
        {
            match self.stands_alone(run.end, &bare) {
                Some(true) => {
                    self.write(at, &[bare.emphasis, value, bare.suffix, bare.emphasis]);
                    return Step::Replaced(len);
                }
                Some(false) => {}
                None => return Step::Wait,
            }
        }
        let surrogates = &self.vault.surrogates;
        if surrogates.is_empty() || written.starts_with('_') {
            return Step::Keep(len);
        }
        match surrogates.at(self.text, at, self.last) {
            Err(()) => Step::Wait,
            Ok(None) => Step::Keep(len),
            Ok(Some(hit)) => {
                let value = self.vault.value_at(hit);
                self.write(at, &[value]);
                Step::Replaced(hit.len)
            }
        }
    }

    /// Whether what stands around a placeholder without brackets lets it be one; `None` if that is not known yet.
    ///
    /// In capitals it need only be a word of its own. In small letters `name_1` may be a variable, so that it is left
    /// alone where the caller has written it, and beside the signs of a program.
    fn stands_alone(&self, end: usize, bare: &Bare<'_>) -> Option<bool> {
        let mut behind = self.text[end..].chars();
        let next = behind.next();
        if next.is_some_and(char::is_alphanumeric) {
            return Some(false);
        }
        if bare.capitals {
            return Some(true);
        }
        let assigned = match (next, behind.next()) {
            (Some(' '), None) if !self.last => return None,
            (Some(' '), second) => second == Some('='),
            (next, _) => next.is_some_and(|c| matches!(c, '=' | '(' | '[' | '{' | '$')),
        };
        let member = self
            .previous
            .is_some_and(|c| matches!(c, '.' | '$' | '/' | '@' | '#' | '-' | '&'));
        Some(!assigned && !member && !self.vault.is_written_small(&bare.name))
    }
}

/// How many bytes a character has that begins with `byte`.
fn width(byte: u8) -> usize {
    match byte {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

const _: () = assert!(
    MAX_BARE < 100,
    "the doc comment of `RestoreState::push` says so"
);
