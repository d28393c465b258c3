//! Drafts of what comes next, from what was written before: prompt lookup decoding.
//!
//! An answer about a text repeats parts of it. Where the last tokens stood before, those that followed them there are evaluated
//! together with the latest one, and the sampler picks at each place as it would have alone; from the first token on that it
//! does not pick, they are dropped. So a draft costs time at most, and the distribution stays that of the model (Leviathan et
//! al., 2023, arXiv:2211.17192; with the prompt as the draft: Saxena, 2023).

use std::collections::HashMap;
use std::ops::Range;

/// Most tokens of a draft: with the latest one, as many rows as a product of matrices computes together.
const LONGEST: usize = 7;

/// How many tokens are looked back for how long a place agrees with the end.
const AGREEMENT: usize = 12;

/// From so many tokens of agreement on, how often the next one is right as well, before anything is known about this answer.
const PRIORS: [(usize, f32); 5] = [(2, 0.3), (3, 0.5), (4, 0.6), (6, 0.75), (10, 0.9)];

/// How many drafts a prior counts for.
const WEIGHT: f32 = 4.0;

/// What a token counts for after the next one.
const FADING: f32 = 0.97;

/// Where the pairs and triples of tokens of a conversation stood last, and how good drafts from there are.
///
/// Time and memory grow with the number of tokens.
pub(super) struct Lookup {
    /// Behind the last two tokens, or three; of two, the first is [`NONE`].
    places: HashMap<[i32; 3], usize>,
    /// How many triples are in `places`.
    read: usize,
    odds: [Odds; PRIORS.len()],
    last: Option<Draft>,
}

/// No token.
const NONE: i32 = -1;

/// How often drafts of one length of agreement were right.
#[derive(Clone, Copy)]
struct Odds {
    right: f32,
    all: f32,
}

/// A draft that is not compared yet.
struct Draft {
    kind: usize,
    /// Which of the tokens were to come next, and behind how many of them.
    next: Range<usize>,
    at: usize,
}

impl Odds {
    fn probability(self) -> f32 {
        self.right / self.all
    }

    fn learn(&mut self, right: bool) {
        self.right = self.right * FADING + f32::from(u8::from(right));
        self.all = self.all * FADING + 1.0;
    }
}

impl Lookup {
    pub(super) fn new() -> Self {
        let odds = PRIORS.map(|(_, prior)| Odds {
            right: prior * WEIGHT,
            all: WEIGHT,
        });
        Self {
            places: HashMap::new(),
            read: 0,
            odds,
            last: None,
        }
    }

    /// Which of `tokens` are worth a try as the next ones, at most `most`; none where nothing is. `tokens` are those of the last
    /// call and what came behind them. `worth` is how likely a token must be right.
    pub(super) fn draft(&mut self, tokens: &[i32], most: usize, worth: f32) -> Range<usize> {
        self.compare(tokens);
        // All but the last: it stands behind itself nowhere.
        self.read(&tokens[..tokens.len().saturating_sub(1)]);
        let Some((place, agreement)) = self.find(tokens) else {
            return 0..0;
        };
        let kind = PRIORS
            .iter()
            .rposition(|(least, _)| *least <= agreement)
            .unwrap_or(0);
        let probability = self.odds[kind].probability();
        let mut count = 0;
        let mut all_right = probability;
        while count < most.min(LONGEST).min(tokens.len() - place) && all_right >= worth {
            count += 1;
            all_right *= probability;
        }
        self.last = Some(Draft {
            kind,
            next: place..place + count,
            at: tokens.len(),
        });
        place..place + count
    }

    /// Learns from what came behind the last draft. One that was not worth a try teaches by its first token.
    fn compare(&mut self, tokens: &[i32]) {
        let Some(Draft { kind, next, at }) = self.last.take() else {
            return;
        };
        let drafted = &tokens[next.start..next.end.max(next.start + 1)];
        for (drafted, token) in drafted.iter().zip(&tokens[at..]) {
            self.odds[kind].learn(drafted == token);
            if drafted != token {
                return;
            }
        }
    }

    /// Where the last three tokens, or two, stood before: behind them, and how many tokens there agree with the end.
    fn find(&self, tokens: &[i32]) -> Option<(usize, usize)> {
        let [.., first, second, third] = *tokens else {
            return None;
        };
        let place = *[[first, second, third], [NONE, second, third]]
            .iter()
            .find_map(|key| self.places.get(key))?;
        let before = tokens[..place].iter().rev().take(AGREEMENT);
        let agreement = before.zip(tokens.iter().rev()).take_while(|(a, b)| a == b);
        Some((place, agreement.count()))
    }

    fn read(&mut self, tokens: &[i32]) {
        // By number: to skip what is read already would take the time of reading it.
        for start in self.read..tokens.len().saturating_sub(2) {
            let [first, second, third] = [tokens[start], tokens[start + 1], tokens[start + 2]];
            self.places.insert([first, second, third], start + 3);
            self.places.insert([NONE, second, third], start + 3);
        }
        self.read = self.read.max(tokens.len().saturating_sub(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_behind_the_same_tokens_is_drafted() {
        let mut lookup = Lookup::new();
        let tokens = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3];
        assert_eq!(lookup.draft(&tokens, 7, 0.4), 3..4);
        assert_eq!(lookup.draft(&tokens, 7, 0.1), 3..6);
        assert_eq!(lookup.draft(&tokens, 2, 0.1), 3..5);
        assert_eq!(lookup.draft(&tokens, 0, 0.1), 3..3);
        assert_eq!(lookup.draft(&tokens, 7, 0.9), 3..3, "not worth it");
    }

    #[test]
    fn the_last_place_is_taken_and_never_the_end_itself() {
        let mut lookup = Lookup::new();
        assert_eq!(
            lookup.draft(&[1, 2, 3, 8, 1, 2, 3, 9, 1, 2, 3], 1, 0.1),
            7..8
        );
        let mut lookup = Lookup::new();
        assert_eq!(lookup.draft(&[1, 2, 3, 4, 5, 6], 7, 0.1), 0..0);
        assert_eq!(lookup.draft(&[], 7, 0.1), 0..0);
        let mut lookup = Lookup::new();
        assert_eq!(lookup.draft(&[5, 5, 5, 5], 7, 0.1), 3..4);
    }

    #[test]
    fn a_pair_is_found_where_the_triple_is_new() {
        let mut lookup = Lookup::new();
        assert_eq!(lookup.draft(&[1, 2, 3, 4, 9, 2, 3], 1, 0.2), 3..4);
    }

    #[test]
    fn drafts_that_are_wrong_are_given_up_and_right_ones_grow() {
        let worth = 0.35;
        let mut tokens = vec![1, 2, 3, 4];
        let mut lookup = Lookup::new();
        let mut last = usize::MAX;
        for wrong in 10..40 {
            tokens.extend([1, 2, 3]);
            last = lookup.draft(&tokens, 7, worth).len();
            tokens.push(wrong);
        }
        assert_eq!(last, 0);
        let period: Vec<i32> = (100..150).collect();
        let mut longest = 0;
        for token in period.iter().cycle().take(200) {
            longest = longest.max(lookup.draft(&tokens, 7, worth).len());
            tokens.push(*token);
        }
        assert_eq!(longest, 7);
    }

    #[test]
    fn a_draft_that_was_not_tried_teaches_too() {
        let mut lookup = Lookup::new();
        let mut tokens: Vec<i32> = (0..20).collect();
        let mut tried = 0;
        for _ in 0..6 {
            for token in 0..20 {
                tried += lookup.draft(&tokens, 7, 0.95).len();
                tokens.push(token);
            }
        }
        assert!(tried > 0, "a hundred right tokens are worth a try");
    }
}
