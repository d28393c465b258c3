//! Which surrogate stands for which value, and where one stands in a text.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

/// The longest surrogate that can be put back, in bytes.
pub(super) const MAX_SURROGATE: usize = 256;
/// The fewest letters and figures of a surrogate that is put back, unless it is a name: fewer stand in a text by chance.
const MIN_LETTERS: usize = 5;

/// What a surrogate is, as far as finding it again goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::pii) enum Nature {
    /// A name, whose words may be met alone.
    Name,
    /// A date, all others of which are replaced as well.
    Date,
    /// A number or an address.
    Other,
}

/// What a surrogate in a text stands for: a part of the value of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) entry: usize,
    /// Which word of the value; `None` for all of it.
    pub(super) word: Option<usize>,
    /// Bytes of the text that are replaced.
    pub(super) len: usize,
}

/// The surrogates that were given out.
#[derive(Default)]
pub(super) struct Surrogates {
    /// As written.
    exact: HashMap<Box<str>, usize>,
    /// In small letters.
    folded: HashMap<Box<str>, usize>,
    /// Words of names: which word of which entry. `None` where they are not the same for all entries.
    words: HashMap<Box<str>, Option<(usize, usize)>>,
    /// By the first run of letters and figures, in small letters: the lengths of all that begin with it, descending.
    heads: BTreeMap<Box<str>, Vec<usize>>,
}

impl Surrogates {
    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }

    /// Whether `surrogate` can stand for a value: it can be found again, and nothing else is called so.
    pub(super) fn can_be(&self, surrogate: &str, nature: Nature) -> bool {
        let core = core_of(surrogate);
        let letters = core.chars().filter(|c| c.is_alphanumeric()).count();
        let least = if nature == Nature::Name {
            2
        } else {
            MIN_LETTERS
        };
        letters >= least
            && core.len() <= MAX_SURROGATE
            && core.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !self.exact.contains_key(core)
            && !self.folded.contains_key(core.to_lowercase().as_str())
    }

    /// Whether this text, in any case, is a surrogate of another writing of the same value.
    pub(super) fn entry_of(&self, surrogate: &str) -> Option<usize> {
        let core = core_of(surrogate);
        let exact = self.exact.get(core);
        exact
            .or_else(|| self.folded.get(core.to_lowercase().as_str()))
            .copied()
    }

    /// Whether exactly this text is one.
    pub(super) fn has_exactly(&self, surrogate: &str) -> bool {
        self.exact.contains_key(core_of(surrogate))
    }

    /// Remembers that `surrogate` stands for `value`, the value of `entry`. `same` says whether a word of an earlier entry
    /// is a text.
    pub(super) fn insert(
        &mut self,
        surrogate: &str,
        value: &str,
        entry: usize,
        nature: Nature,
        same: impl Fn(usize, usize, &str) -> bool,
    ) {
        let core = core_of(surrogate);
        self.exact.insert(core.into(), entry);
        self.folded
            .entry(core.to_lowercase().into())
            .or_insert(entry);
        self.head(core);
        if nature != Nature::Name {
            return;
        }
        let (ours, theirs): (Vec<_>, Vec<_>) = (words(surrogate).collect(), words(value).collect());
        if ours.len() != theirs.len() || ours.len() < 2 {
            return;
        }
        for (index, (word, original)) in ours.iter().zip(&theirs).enumerate() {
            let stands = word != original
                && word.len() > 2
                && word.starts_with(|c: char| c.is_ascii_uppercase());
            if !stands {
                continue;
            }
            match self.words.get_mut(*word) {
                None => {
                    self.words.insert((*word).into(), Some((entry, index)));
                }
                Some(known) => {
                    let agrees = known.is_some_and(|(entry, index)| same(entry, index, original));
                    if !agrees {
                        *known = None;
                    }
                }
            }
            self.head(word);
        }
    }

    fn head(&mut self, surrogate: &str) {
        let Some(first) = runs(surrogate).next() else {
            return;
        };
        let lengths = self.heads.entry(first.to_lowercase().into()).or_default();
        if let Err(place) = lengths.binary_search_by(|known| surrogate.len().cmp(known)) {
            lengths.insert(place, surrogate.len());
        }
    }

    /// The longest surrogate at `start`, where a word begins. `Err` if the text may end inside one.
    pub(super) fn at(&self, text: &str, start: usize, last: bool) -> Result<Option<Hit>, ()> {
        let first = runs(&text[start..]).next().unwrap_or_default();
        let touches_end = start + first.len() == text.len();
        let Some(lengths) = self.heads.get(first.to_lowercase().as_str()) else {
            return if touches_end && !last && self.may_begin(first) {
                Err(())
            } else {
                Ok(None)
            };
        };
        for &len in lengths {
            let end = start + len;
            if end >= text.len() && !last {
                return Err(());
            }
            let Some(found) = text.get(start..end) else {
                continue;
            };
            let inside = found.ends_with(char::is_alphanumeric)
                && text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if inside {
                continue;
            }
            if let Some(hit) = self.named(found) {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    fn named(&self, found: &str) -> Option<Hit> {
        let len = found.len();
        let whole = |entry: &usize| Hit {
            entry: *entry,
            word: None,
            len,
        };
        if let Some(entry) = self.exact.get(found) {
            return Some(whole(entry));
        }
        // `mark` is a word, `Mark` a name.
        let capital = found.starts_with(|c: char| c.is_ascii_uppercase());
        if (capital || runs(found).count() > 1)
            && let Some(entry) = self.folded.get(found.to_lowercase().as_str())
        {
            return Some(whole(entry));
        }
        let (entry, word) = (*self.words.get(found)?)?;
        Some(Hit {
            entry,
            word: Some(word),
            len,
        })
    }

    fn may_begin(&self, run: &str) -> bool {
        let run = run.to_lowercase();
        let from: (Bound<&str>, Bound<&str>) = (Bound::Included(&run), Bound::Unbounded);
        let next = self.heads.range::<str, _>(from).next();
        next.is_some_and(|(head, _)| head.starts_with(&run))
    }
}

/// A surrogate without the brackets or signs before its first letter or figure: the value has the same ones.
pub(super) fn core_of(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_alphanumeric())
}

/// The runs of letters and figures.
pub(super) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|run| !run.is_empty())
}

/// What stands between white space, in small letters and without the punctuation around it.
pub(super) fn chunks(text: &str) -> impl Iterator<Item = String> {
    words(text).map(str::to_lowercase)
}

/// The words of a name, without the commas and stops behind them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
}
