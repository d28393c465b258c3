//! Values that a stream has shown so far, each of which is looked for behind the place where it was found first.

use std::collections::{HashMap, VecDeque};
use std::hash::RandomState;
use std::ops::Range;

use zeroize::Zeroizing;

/// So many values are looked for; a new one takes the place of the oldest.
const MAX_LIVE: usize = 256;

/// Values by a key: a hash, under [`Remembered::hasher`], of how they begin.
pub(super) struct Remembered<T> {
    /// In the order in which they were found.
    known: VecDeque<Known<T>>,
    /// How many came before those.
    forgotten: usize,
    by_key: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
    /// How many of them may still be found.
    live: usize,
}

/// One value, and what is kept with it.
pub(super) struct Known<T> {
    pub(super) value: Zeroizing<String>,
    pub(super) with: T,
    key: u64,
    /// Where it is looked for, in bytes of the whole text.
    stretch: Range<usize>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            known: VecDeque::new(),
            forgotten: 0,
            by_key: HashMap::new(),
            hasher: RandomState::new(),
            live: 0,
        }
    }
}

impl<T> Remembered<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What keys are made with, so that no text can choose them alike.
    pub(super) fn hasher(&self) -> &RandomState {
        &self.hasher
    }

    /// Looks for `value` from `from` on, unless it does so already. `with` gives what is kept with it.
    pub(super) fn add(&mut self, key: u64, value: &str, from: usize, with: impl FnOnce() -> T) {
        let places = self.by_key.entry(key).or_default();
        let live = |place: &usize| {
            let known = &self.known[*place - self.forgotten];
            known.stretch.end == usize::MAX && *known.value == value
        };
        if places.iter().any(live) {
            return;
        }
        places.push(self.forgotten + self.known.len());
        self.known.push_back(Known {
            value: Zeroizing::new(value.to_owned()),
            with: with(),
            key,
            stretch: from..usize::MAX,
        });
        self.live += 1;
        if self.live > MAX_LIVE {
            let oldest = self.known.len() - self.live;
            self.known[oldest].stretch.end = from;
            self.live -= 1;
        }
    }

    /// Those with this key that are looked for at `at` of the whole text.
    pub(super) fn at(&self, key: u64, at: usize) -> impl Iterator<Item = &Known<T>> {
        let places = self.by_key.get(&key).into_iter().flatten();
        let known = places.map(|place| &self.known[*place - self.forgotten]);
        known.filter(move |known| known.stretch.contains(&at))
    }

    /// Lets go of those that are no longer looked for from `at` on.
    pub(super) fn forget(&mut self, at: usize) {
        let over = |known: &Known<T>| known.stretch.end <= at;
        while self.known.front().is_some_and(over) {
            let Some(known) = self.known.pop_front() else {
                return;
            };
            if let Some(places) = self.by_key.get_mut(&known.key) {
                places.retain(|place| *place != self.forgotten);
                if places.is_empty() {
                    self.by_key.remove(&known.key);
                }
            }
            self.forgotten += 1;
        }
    }
}
