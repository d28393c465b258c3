//! The way back: which placeholder or surrogate stands for which value.

mod codec;
mod file;
mod known;
mod options;
mod placeholder;
mod restorer;
mod surrogates;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use options::MAX_PLACES;
pub use options::VaultOptions;
use placeholder::Reading;
pub use restorer::{RestoreState, Restorer};
pub(super) use surrogates::Nature;
use surrogates::{Hit, Surrogates, chunks, core_of, runs, words};

use super::keyed::Pseudonyms;
use crate::isolation::LockedText;
use crate::lifetime::Lifetime;
use crate::scan::Known;
use crate::{Error, Kind, Result};

/// How often another surrogate or tag is tried for a value before a counted placeholder takes its place.
const MAX_ATTEMPTS: u8 = 32;

/// Remembers which placeholder stands for which value. Wiped when dropped; `Debug` shows only how many there are.
///
/// A placeholder is a token and a number in square brackets, `[NAME_1]`, or, under a key, a token and a tag that depends
/// on the value alone, `[NAME_k7q2m9bc]`. The same token and value get the same placeholder as long as the vault lives,
/// and a number is never given out twice.
///
/// A vault may have an end ([`VaultOptions::ttl`]). From that moment on nothing is restored: placeholders stay in the text
/// as they are, and to remember anything more is [`Kind::Closed`]. The values are wiped by the first call that takes the
/// vault by `&mut` after it, by [`Vault::sweep`] if by nothing else, and when the vault is dropped.
///
/// One thread at a time may scrub with it; any number may restore meanwhile only if nobody scrubs.
pub struct Vault {
    entries: Vec<Entry>,
    /// Entries by a keyed hash of form, token and value, so that no second copy of a value is kept.
    by_value: HashMap<u64, Vec<usize>>,
    by_name: HashMap<String, usize>,
    known: known::Known,
    surrogates: Surrogates,
    tokens: BTreeSet<String>,
    counters: HashMap<String, u32>,
    reserved: HashSet<String>,
    /// What the caller wrote as `name_1`, without brackets.
    written_small: HashSet<String>,
    /// Hashes of the words of the caller's texts, which no surrogate may be.
    written: HashSet<u64>,
    hasher: RandomState,
    options: VaultOptions,
    lifetime: Lifetime,
    /// The state of the file that the vault was read from or written to last.
    saved: Option<file::State>,
}

/// What stands in the text instead of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// `[NAME_1]`
    Placeholder,
    /// Another value of the same form.
    Surrogate(Nature),
}

struct Entry {
    form: Form,
    token: String,
    value: LockedText,
    /// What stands in the text: the placeholder with its brackets, or the surrogate.
    written: String,
}

impl Default for Vault {
    fn default() -> Self {
        Self::with_options(VaultOptions::default())
    }
}

impl Vault {
    /// An empty vault without an end.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty vault.
    pub fn with_options(options: VaultOptions) -> Self {
        Self {
            entries: Vec::new(),
            by_value: HashMap::new(),
            by_name: HashMap::new(),
            known: known::Known::default(),
            surrogates: Surrogates::default(),
            tokens: BTreeSet::new(),
            counters: HashMap::new(),
            reserved: HashSet::new(),
            written_small: HashSet::new(),
            written: HashSet::new(),
            hasher: RandomState::new(),
            options,
            lifetime: Lifetime::starting_now(options.ttl),
            saved: None,
        }
    }

    /// Keeps what looks like a placeholder in the caller's own text from being given out: otherwise a user who writes
    /// `[SSN_1]` would be shown somebody's number. Call it with raw text before scrubbing it.
    pub fn reserve(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = bytes[at..]
            .iter()
            .position(|&byte| byte == b'_' || placeholder::may_open(byte))
        {
            let place = at + found;
            at = place + 1;
            if bytes[place] == b'_' {
                at = at.max(self.reserve_bare(text, place));
            } else if let Reading::Whole { name, .. } = placeholder::bracketed(text, place, true) {
                self.reserve_name(placeholder::rejoined(&name).unwrap_or(name));
            }
        }
    }

    /// Reserves the word around the underscore at `place`, and gives its end.
    fn reserve_bare(&mut self, text: &str, place: usize) -> usize {
        let before = text[..place]
            .bytes()
            .rev()
            .take_while(u8::is_ascii_alphanumeric)
            .take(placeholder::MAX_BARE)
            .count();
        let start = place - before;
        let end = placeholder::run(text, start).end;
        if let Some(bare) = placeholder::bare(&text[start..end]) {
            if bare.capitals {
                self.reserve_name(bare.name);
            } else if self.written_small.len() < MAX_PLACES {
                self.written_small.insert(bare.name);
            }
        }
        end
    }

    fn reserve_name(&mut self, name: String) {
        let free = placeholder::is_counted(&name) && !self.by_name.contains_key(&name);
        if free && self.reserved.len() < MAX_PLACES {
            self.reserved.insert(name);
        }
    }

    /// Keeps the words of the caller's text from becoming surrogates: the answer may hold them as well.
    pub(super) fn reserve_words(&mut self, text: &str) {
        for word in text.split_whitespace() {
            if self.written.len() >= MAX_PLACES {
                return;
            }
            for chunk in chunks(word) {
                self.written.insert(self.hasher.hash_one(&chunk));
                for run in runs(&chunk).filter(|run| run.len() < chunk.len()) {
                    self.written.insert(self.hasher.hash_one(run));
                }
            }
        }
    }

    /// Whether a surrogate stands in the caller's text already: of a name any word, of others all of it.
    fn is_written(&self, surrogate: &str, nature: Nature) -> bool {
        let known = |text: &str| self.written.contains(&self.hasher.hash_one(text));
        match nature {
            Nature::Name => runs(surrogate).any(|run| run.len() > 1 && known(&run.to_lowercase())),
            Nature::Other => chunks(surrogate).all(|chunk| known(&chunk)),
            Nature::Date => false,
        }
    }

    /// The placeholder of `value`, for example `[SSN_1]` for the token `SSN`.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] once the vault has expired, [`Kind::TooLarge`] if it is full.
    pub fn placeholder(&mut self, token: &str, value: &str) -> Result<String> {
        match self.known(Form::Placeholder, token, value)? {
            Some(index) => Ok(self.entries[index].written.clone()),
            None => Ok(self.counted(token, value)),
        }
    }

    /// The placeholder of `value` under a key, for example `[SSN_k7q2m9bc]`: the same in every vault.
    pub(super) fn tagged(
        &mut self,
        token: &str,
        value: &str,
        keyed: &Pseudonyms,
    ) -> Result<String> {
        if let Some(index) = self.known(Form::Placeholder, token, value)? {
            return Ok(self.entries[index].written.clone());
        }
        for attempt in 0..4 {
            let written = tagged(token, &keyed.tag(token, value, attempt));
            let name = written[1..written.len() - 1].to_ascii_uppercase();
            if !self.by_name.contains_key(&name) {
                self.name(token, name);
                self.remember(Form::Placeholder, token, value, written.clone());
                return Ok(written);
            }
        }
        Ok(self.counted(token, value))
    }

    /// The surrogate of `value`; `make` gives another one for each attempt. A placeholder where none can be restored.
    pub(super) fn surrogate(
        &mut self,
        token: &str,
        value: &str,
        nature: Nature,
        mut make: impl FnMut(u8) -> Option<String>,
    ) -> Result<String> {
        let form = Form::Surrogate(nature);
        if let Some(index) = self.known(form, token, value)? {
            return Ok(self.entries[index].written.clone());
        }
        for attempt in 0..MAX_ATTEMPTS {
            let Some(written) = make(attempt) else {
                break;
            };
            let free =
                self.surrogates.can_be(&written, nature) && !self.is_written(&written, nature);
            if free || self.is_other_writing(&written, value) {
                self.remember(form, token, value, written.clone());
                return Ok(written);
            }
        }
        self.placeholder(token, value)
    }

    /// Remembers that the date `written` stands for `value`. `false` where another value has become the same date.
    ///
    /// A date with less than five letters and figures is too short to be put back, and not remembered.
    pub(super) fn moved(&mut self, token: &str, value: &str, written: &str) -> Result<bool> {
        let form = Form::Surrogate(Nature::Date);
        self.known(form, token, value)?;
        if let Some(index) = self.surrogates.entry_of(written) {
            let known = super::keyed::fold(self.entries[index].value.as_str());
            return Ok(known == super::keyed::fold(value));
        }
        if self.surrogates.can_be(written, Nature::Date) {
            self.remember(form, token, value, written.to_owned());
        }
        Ok(true)
    }

    /// Whether `written` is, in other letters, the surrogate of `value` in other letters: `JOHN DOE` beside `John Doe`.
    fn is_other_writing(&self, written: &str, value: &str) -> bool {
        let entry = self.surrogates.entry_of(written);
        entry.is_some_and(|index| {
            let same =
                super::keyed::fold(self.entries[index].value.as_str()) == super::keyed::fold(value);
            same && !self.surrogates.has_exactly(written)
        })
    }

    /// The entry of a value that has one. Wipes a vault that has expired.
    fn known(&mut self, form: Form, token: &str, value: &str) -> Result<Option<usize>> {
        if self.sweep() {
            return Err(Error::new(
                Kind::Closed,
                "the vault has expired and remembers nothing; hint: begin a new one",
            ));
        }
        let hash = self.hasher.hash_one((form, token, value));
        let known = self.by_value.get(&hash).and_then(|candidates| {
            candidates.iter().copied().find(|&index| {
                let entry = &self.entries[index];
                entry.form == form && entry.token == token && entry.value.as_str() == value
            })
        });
        if known.is_none() && self.entries.len() >= self.options.capacity {
            return Err(Error::new(
                Kind::TooLarge,
                "the vault is full; hint: give it a larger capacity, or use one vault for each conversation",
            ));
        }
        Ok(known)
    }

    fn counted(&mut self, token: &str, value: &str) -> String {
        let counter = self.counters.entry(token.to_owned()).or_default();
        let name = loop {
            *counter += 1;
            let name = format!("{token}_{counter}").to_ascii_uppercase();
            if !self.reserved.contains(&name) && !self.by_name.contains_key(&name) {
                break name;
            }
        };
        let written = format!("[{token}_{counter}]");
        self.name(token, name);
        self.remember(Form::Placeholder, token, value, written.clone());
        written
    }

    /// `name` will be that of the next entry.
    fn name(&mut self, token: &str, name: String) {
        self.by_name.insert(name, self.entries.len());
        self.tokens.insert(token.to_ascii_uppercase());
    }

    fn remember(&mut self, form: Form, token: &str, value: &str, written: String) {
        self.insert(Entry {
            form,
            token: token.to_owned(),
            value: LockedText::new(value),
            written,
        });
    }

    /// Takes over an entry of a vault that was stored.
    fn adopt(&mut self, entry: Entry) {
        if entry.form == Form::Placeholder {
            let name = entry.written.trim_matches(['[', ']']).to_ascii_uppercase();
            self.name(&entry.token, name);
        }
        self.insert(entry);
    }

    fn insert(&mut self, entry: Entry) {
        let index = self.entries.len();
        let value = entry.value.as_str();
        if let Form::Surrogate(nature) = entry.form {
            let entries = &self.entries;
            let same = |entry: usize, word: usize, original: &str| {
                words(entries[entry].value.as_str()).nth(word) == Some(original)
            };
            self.surrogates
                .insert(&entry.written, value, index, nature, same);
        }
        let entries = &self.entries;
        self.known
            .insert(index, &entry.token, value, |known, text| {
                let other = &entries[known.entry];
                other.token == entry.token
                    && other.value.as_str().get(known.part.clone()) == Some(text)
            });
        let hash = self.hasher.hash_one((entry.form, &*entry.token, value));
        self.by_value.entry(hash).or_default().push(index);
        self.entries.push(entry);
    }

    /// The value of a placeholder, by its canonical name.
    fn value_of(&self, name: &str) -> Option<&str> {
        self.by_name
            .get(name)
            .map(|&index| &self.entries[index].value)
            .filter(|value| !value.is_lost())
            .map(LockedText::as_str)
    }

    /// Where values that are remembered stand in `text`: whole, or of a name the family name alone. A name in any case,
    /// words as they are remembered, and what holds figures or signs in any case again.
    pub(super) fn known_in(&self, text: &str) -> Vec<Known<'_>> {
        if self.is_empty() || self.is_expired() {
            return Vec::new();
        }
        let hits = self.known.find(text, |part, span| {
            let entry = &self.entries[part.entry];
            let value = entry.value.as_str().get(part.part.clone());
            value.is_some_and(|value| {
                let here = &text[span.clone()];
                let words = entry.token != known::NAME
                    && value.chars().all(|c| c.is_alphabetic() || c == ' ');
                here == value || (!words && here.eq_ignore_ascii_case(value))
            })
        });
        let known = hits.into_iter().map(|(index, mut span)| {
            let entry = &self.entries[index];
            let value = entry.value.as_str();
            let (signs, _) = value.split_at(value.len() - core_of(value).len());
            if text[..span.start].ends_with(signs) {
                span.start -= signs.len();
            }
            let token = &*entry.token;
            Known { token, span }
        });
        known.collect()
    }

    /// What a surrogate in a text stands for.
    fn value_at(&self, hit: Hit) -> &str {
        let entry = &self.entries[hit.entry];
        if entry.value.is_lost() {
            return &entry.written;
        }
        let value = entry.value.as_str();
        match hit.word {
            Some(word) => words(value).nth(word).unwrap_or(value),
            None if core_of(&entry.written).len() < entry.written.len() => core_of(value),
            None => value,
        }
    }

    /// Whether a run that the end of a chunk cuts off may be the beginning of a placeholder.
    fn may_begin(&self, run: &str) -> bool {
        let name = run
            .trim_start_matches('_')
            .replace('\\', "")
            .to_ascii_uppercase();
        run.len() <= placeholder::MAX_BARE
            && self.tokens.iter().any(|token| {
                token.starts_with(&name)
                    || name
                        .strip_prefix(token.as_str())
                        .is_some_and(|rest| rest.starts_with('_'))
            })
    }

    fn is_written_small(&self, name: &str) -> bool {
        self.written_small.contains(name)
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no value is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts every value back. Understands what models and markup do to placeholders: another case, another kind of
    /// brackets or none, escaped brackets and underscores, spaces or hyphens for underscores, emphasis, a genitive.
    ///
    /// Without brackets a placeholder is met as a word of its own, `NAME_1`; in small letters only where the caller has
    /// not written it himself and where it does not look like a variable of a program. A surrogate is met as a whole
    /// word, the longest first; a word of a surrogate name, its family name for example, stands for the same word of the
    /// value.
    pub fn restore(&self, text: &str) -> String {
        let mut restorer = self.restorer();
        let mut whole = restorer.push(text);
        whole.push_str(&restorer.finish());
        whole
    }

    /// The placeholders that were given out, at most so many.
    pub(crate) fn placeholders(&self, most: usize) -> Vec<&str> {
        self.given_out().take(most).map(|it| &*it.written).collect()
    }

    /// The tokens that they begin with.
    pub(crate) fn tokens(&self) -> BTreeSet<&str> {
        self.given_out().map(|entry| &*entry.token).collect()
    }

    fn given_out(&self) -> impl Iterator<Item = &Entry> {
        let all = self.entries.iter();
        all.filter(|entry| entry.form == Form::Placeholder)
    }

    /// Restores a text that arrives in chunks.
    pub fn restorer(&self) -> Restorer<'_> {
        Restorer::new(self)
    }

    /// When the vault ends, if it does.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.lifetime.ends_at()
    }

    /// Whether the vault has ended, or this is a forked child of the process that filled it: that has none of its values.
    pub fn is_expired(&self) -> bool {
        let lost = self.entries.first().is_some_and(|it| it.value.is_lost());
        lost || self.lifetime.is_over()
    }

    /// Wipes a vault that has ended, and says whether it has.
    pub fn sweep(&mut self) -> bool {
        let expired = self.is_expired();
        if expired && !self.entries.is_empty() {
            let lifetime = self.lifetime;
            self.clear();
            self.lifetime = lifetime;
        }
        expired
    }

    /// Forgets and wipes everything, the numbering too. A time to live begins anew. A file that it was saved to stays as it
    /// is until the next [`Vault::save`].
    pub fn clear(&mut self) {
        let saved = self.saved;
        *self = Self::with_options(self.options);
        self.saved = saved;
    }
}

/// A keyed placeholder: `[SSN_k7q2m9bc]`.
pub(super) fn tagged(token: &str, tag: &str) -> String {
    format!("[{token}_{tag}]")
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
