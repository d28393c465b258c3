//! Sequences of the KV cache: who has which, and those that are kept for a next request.
//!
//! A kept sequence belongs to the name that its request gave, and only requests of the same name continue it: another
//! caller cannot learn from the time to the first token what was asked before. The exception is the beginning of a prompt that
//! was marked as public. Which sequences exist is decided here, what is in them by llama.cpp.

use std::time::{Duration, Instant};

use crate::Sensitive;

/// How long a sequence is kept that nobody uses.
const LIFETIME: Duration = Duration::from_mins(15);

/// Whose a kept sequence is.
#[derive(PartialEq, Eq)]
pub(super) enum Owner {
    Everybody,
    Name(String),
}

/// A sequence that no request uses at the moment.
pub(super) struct Kept {
    pub(super) owner: Owner,
    pub(super) tokens: Sensitive<Vec<i32>>,
    pub(super) sequence: i32,
    used: Instant,
}

impl Kept {
    /// Whether requests of this name may continue it.
    fn belongs_to(&self, name: &str) -> bool {
        matches!(&self.owner, Owner::Name(owner) if owner == name)
    }
}

/// What a request can begin with.
pub(super) enum Beginning {
    /// A kept sequence, taken over; its first tokens are the prompt's first.
    Own {
        sequence: i32,
        common: usize,
        whole: bool,
    },
    /// A copy of this sequence.
    Public {
        sequence: i32,
        common: usize,
    },
    Nothing,
}

/// All sequences of a context.
pub(super) struct Sequences {
    free: Vec<i32>,
    kept: Vec<Kept>,
}

impl Sequences {
    pub(super) fn new(count: i32) -> Self {
        Self {
            free: (0..count).rev().collect(),
            kept: Vec::new(),
        }
    }

    pub(super) fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Places in the context window that kept sequences occupy.
    pub(super) fn tokens(&self) -> usize {
        self.kept.iter().map(|kept| kept.tokens.len()).sum()
    }

    /// A sequence that is neither in use nor kept.
    pub(super) fn take(&mut self) -> Option<i32> {
        self.free.pop()
    }

    /// Whether each sequence is in use or kept.
    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty()
    }

    /// The one under this name that was used last.
    pub(super) fn latest(&self, name: &str) -> Option<&Kept> {
        let own = self.kept.iter().filter(|kept| kept.belongs_to(name));
        own.max_by_key(|kept| kept.used)
    }

    /// After a sequence turned out to be empty.
    pub(super) fn lose(&mut self, sequence: i32) {
        self.kept.retain(|kept| kept.sequence != sequence);
        self.free.push(sequence);
    }

    /// Gives a sequence back that is empty now.
    pub(super) fn give_back(&mut self, sequence: i32) {
        self.free.push(sequence);
    }

    /// Keeps a sequence that holds `tokens`. Returns sequences that this one makes useless.
    pub(super) fn keep(
        &mut self,
        owner: Owner,
        tokens: Sensitive<Vec<i32>>,
        sequence: i32,
    ) -> Vec<i32> {
        let useless = |kept: &Kept| kept.owner == owner && tokens.starts_with(&kept.tokens);
        let removed = self.remove(useless);
        self.kept.push(Kept {
            owner,
            tokens,
            sequence,
            used: Instant::now(),
        });
        removed
    }

    /// The best beginning for `prompt`. At least its last token is left to evaluate, since only that gives logits.
    pub(super) fn begin(&mut self, prompt: &[i32], public: usize, name: Option<&str>) -> Beginning {
        let longest = prompt.len() - 1;
        let common = |kept: &Kept| {
            let pairs = kept.tokens.iter().zip(&prompt[..longest]);
            pairs.take_while(|(a, b)| a == b).count()
        };
        let own = |kept: &Kept| name.is_some_and(|name| kept.belongs_to(name));
        let best = (0..self.kept.len())
            .filter(|index| own(&self.kept[*index]))
            .map(|index| (common(&self.kept[index]), index))
            .max();
        let shared = self.kept.iter_mut().find(|kept| {
            kept.owner == Owner::Everybody
                && kept.tokens.len() == public
                && prompt[..longest].starts_with(&kept.tokens)
        });
        if let Some(shared) = shared
            && best.is_none_or(|(own, _)| own < public)
        {
            shared.used = Instant::now();
            return Beginning::Public {
                sequence: shared.sequence,
                common: public,
            };
        }
        match best {
            Some((common, index)) if common > 0 => {
                let kept = self.kept.swap_remove(index);
                Beginning::Own {
                    sequence: kept.sequence,
                    common,
                    whole: common == kept.tokens.len(),
                }
            }
            _ => Beginning::Nothing,
        }
    }

    /// Whether this public beginning is kept.
    pub(super) fn knows(&self, public: &[i32]) -> bool {
        let same = |kept: &Kept| kept.owner == Owner::Everybody && *kept.tokens == public;
        self.kept.iter().any(same)
    }

    /// Gives up what is kept under a name. Returns the sequences, which still are full.
    pub(super) fn forget(&mut self, name: &str) -> Vec<i32> {
        self.remove(|kept| kept.belongs_to(name))
    }

    /// Gives up what nobody used for a quarter of an hour.
    pub(super) fn expire(&mut self) -> Vec<i32> {
        let now = Instant::now();
        self.remove(|kept| now >= kept.used + LIFETIME)
    }

    /// When the next one expires.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.kept.iter().map(|kept| kept.used + LIFETIME).min()
    }

    /// Gives up the one that was not used for the longest time, but not `spared`.
    pub(super) fn evict(&mut self, spared: Option<i32>) -> Option<i32> {
        let candidates = self.kept.iter().enumerate();
        let (index, _) = candidates
            .filter(|(_, kept)| Some(kept.sequence) != spared)
            .min_by_key(|(_, kept)| kept.used)?;
        Some(self.kept.swap_remove(index).sequence)
    }

    /// Gives up everything.
    pub(super) fn clear(&mut self) -> Vec<i32> {
        self.remove(|_| true)
    }

    fn remove(&mut self, which: impl Fn(&Kept) -> bool) -> Vec<i32> {
        let mut removed = Vec::new();
        self.kept.retain(|kept| {
            let gone = which(kept);
            if gone {
                removed.push(kept.sequence);
            }
            !gone
        });
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Owner {
        Owner::Name(name.to_owned())
    }

    fn common(beginning: &Beginning) -> usize {
        match beginning {
            Beginning::Own { common, .. } | Beginning::Public { common, .. } => *common,
            Beginning::Nothing => 0,
        }
    }

    #[test]
    fn only_the_same_name_continues_a_sequence() {
        let mut sequences = Sequences::new(4);
        let sequence = sequences.take().unwrap();
        sequences.keep(name("ward 1"), vec![1, 2, 3].into(), sequence);
        assert_eq!(common(&sequences.begin(&[1, 2, 3, 4], 0, None)), 0);
        assert_eq!(
            common(&sequences.begin(&[1, 2, 3, 4], 0, Some("ward 2"))),
            0
        );
        assert_eq!(
            common(&sequences.begin(&[1, 2, 3, 4], 0, Some("ward 1"))),
            3
        );
        assert_eq!(
            common(&sequences.begin(&[1, 2, 3, 4], 0, Some("ward 1"))),
            0
        );
    }

    #[test]
    fn the_last_token_of_a_prompt_is_always_left_to_evaluate() {
        let mut sequences = Sequences::new(4);
        sequences.keep(name("a"), vec![1, 2, 3].into(), 0);
        let beginning = sequences.begin(&[1, 2, 3], 0, Some("a"));
        assert!(matches!(
            beginning,
            Beginning::Own {
                common: 2,
                whole: false,
                ..
            }
        ));
    }

    #[test]
    fn a_public_beginning_serves_everybody() {
        let mut sequences = Sequences::new(4);
        sequences.keep(Owner::Everybody, vec![1, 2].into(), 0);
        assert!(sequences.knows(&[1, 2]));
        assert_eq!(common(&sequences.begin(&[1, 2, 9], 2, None)), 2);
        assert_eq!(common(&sequences.begin(&[1, 2, 9], 2, Some("b"))), 2);
        assert_eq!(common(&sequences.begin(&[1, 2, 9], 0, Some("b"))), 0);
        assert_eq!(sequences.kept().len(), 1);
    }

    #[test]
    fn a_longer_sequence_replaces_its_own_beginning() {
        let mut sequences = Sequences::new(4);
        assert!(sequences.keep(name("a"), vec![1, 2].into(), 0).is_empty());
        assert!(sequences.keep(name("b"), vec![1, 2].into(), 1).is_empty());
        assert_eq!(sequences.keep(name("a"), vec![1, 2, 3].into(), 2), [0]);
        assert_eq!(sequences.tokens(), 5);
        assert_eq!(sequences.forget("a"), [2]);
        assert_eq!(sequences.clear(), [1]);
    }

    #[test]
    fn the_oldest_is_given_up_first() {
        let mut sequences = Sequences::new(4);
        for sequence in 0..3 {
            sequences.keep(name("a"), vec![sequence].into(), sequence);
        }
        assert_eq!(sequences.evict(Some(0)), Some(1));
        assert_eq!(sequences.evict(None), Some(0));
        assert!(sequences.expire().is_empty());
        assert!(sequences.next_expiry().is_some());
    }
}
