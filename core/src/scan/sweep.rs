//! The pass over the text: from literals to candidates, from candidates to values.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::confirm::{self, Attempt, Value};
use super::finding::Finding;
use super::horizon::Horizon;
use super::index::{Index, Landmark};
use super::literal::Literal;
use super::matcher::{self, Number};
use super::near::Surroundings;
use super::rule::Rule;
use super::scanner::Effort;

/// As many findings as most texts with any have.
const FEW: usize = 18;

/// One scan in progress.
pub(super) struct Sweep<'s> {
    text: &'s str,
    rules: &'s [Arc<Rule>],
    index: &'s Index,
    progress: Progress,
    /// Where the text is known to, if it goes on.
    horizon: Option<Horizon<'s>>,
    surroundings: Surroundings<'s>,
    found: Vec<Finding>,
    effort: Effort,
}

/// How far a text has been scanned, in bytes of it.
#[derive(Clone, Default)]
pub(super) struct Progress {
    /// What begins before here has been looked at.
    pub(super) at: usize,
    resume: Resume,
    /// Behind the last run of digits.
    digits_end: usize,
}

impl Progress {
    /// At the start of a text.
    pub(super) fn new(rules: usize) -> Self {
        Self {
            resume: Resume::new(rules),
            ..Self::default()
        }
    }

    /// The same places as another text counts them. Those well before `at` are all alike.
    pub(super) fn translated(&self, at: usize, place: impl Fn(usize) -> usize) -> Self {
        /// More than a value has before the place at which its rule is tried.
        const LEAD: usize = 64;
        let near = self.at.saturating_sub(LEAD);
        let floor = place(near).min(at);
        let later = |from: usize| if from <= near { floor } else { place(from) };
        Self {
            at,
            resume: self.resume.translated(later),
            digits_end: later(self.digits_end),
        }
    }

    /// The text has lost its first `bytes` bytes.
    pub(super) fn forget(&mut self, bytes: usize) {
        self.at -= bytes;
        self.digits_end = self.digits_end.saturating_sub(bytes);
        self.resume = self.resume.translated(|from| from.saturating_sub(bytes));
    }
}

/// Where each rule goes on looking. Most rules are never tried in a text, so that only the others have a place of their own.
#[derive(Clone, Default)]
struct Resume {
    /// For each rule which of the places is its own, counted from one; zero for a rule that has none.
    slots: Vec<u32>,
    places: Vec<usize>,
    /// Where all others go on.
    others: usize,
}

impl Resume {
    /// As many rules as are tried in most texts.
    const USUAL: usize = 32;

    fn new(rules: usize) -> Self {
        Self {
            slots: vec![0; rules],
            places: Vec::new(),
            others: 0,
        }
    }

    #[inline]
    fn of(&self, rule: usize) -> usize {
        let place = self.places.get((self.slots[rule] as usize).wrapping_sub(1));
        place.copied().unwrap_or(self.others)
    }

    #[inline]
    fn set(&mut self, rule: usize, place: usize) {
        let slot = self.slots[rule] as usize;
        match self.places.get_mut(slot.wrapping_sub(1)) {
            Some(own) => *own = place,
            None => self.add(rule, place),
        }
    }

    #[cold]
    fn add(&mut self, rule: usize, place: usize) {
        if self.places.is_empty() {
            self.places.reserve(Self::USUAL);
        }
        self.places.push(place);
        let slot = u32::try_from(self.places.len());
        self.slots[rule] = slot.expect("rules are counted in 32 bits");
    }

    fn translated(&self, later: impl Fn(usize) -> usize) -> Self {
        Self {
            slots: self.slots.clone(),
            places: self.places.iter().map(|place| later(*place)).collect(),
            others: later(self.others),
        }
    }
}

impl<'s> Sweep<'s> {
    /// Over a whole text.
    pub(super) fn new(text: &'s str, rules: &'s [Arc<Rule>], index: &'s Index) -> Self {
        Self::resumed(text, rules, index, Progress::new(rules.len()), None)
    }

    /// Over a text that was scanned before as far as `progress` says, and that goes on behind `horizon`.
    pub(super) fn resumed(
        text: &'s str,
        rules: &'s [Arc<Rule>],
        index: &'s Index,
        progress: Progress,
        horizon: Option<Horizon<'s>>,
    ) -> Self {
        Self {
            text,
            rules,
            index,
            progress,
            horizon,
            surroundings: Surroundings::new(text, &index.near_words),
            found: Vec::new(),
            effort: Effort::default(),
        }
    }

    /// Reads the text once. What comes back may overlap and is in no particular order.
    pub(super) fn run(mut self) -> (Vec<Finding>, Effort) {
        let end = self.text.len();
        let _ = self.advance(end);
        (self.found, self.effort)
    }

    /// Reads the text up to `end`, or to what cannot be decided yet.
    pub(super) fn run_to(mut self, end: usize) -> (Vec<Finding>, Effort, Progress) {
        let end = end.max(self.progress.at);
        if self.advance(end).is_continue() {
            self.progress.at = end;
        }
        (self.found, self.effort, self.progress)
    }

    fn advance(&mut self, end: usize) -> ControlFlow<()> {
        let (text, index) = (self.text, self.index);
        index.find(text.as_bytes(), self.progress.at..end, |at, landmark| {
            let going = match landmark {
                Landmark::Digits if at >= self.progress.digits_end => self.digits(at),
                Landmark::Digits => ControlFlow::Continue(()),
                Landmark::Literal(literal) => self.literal(literal, at),
            };
            if going.is_break() {
                self.progress.at = at;
            }
            going
        })
    }

    fn literal(&mut self, literal: &Literal, start: usize) -> ControlFlow<()> {
        if start >= self.progress.resume.of(literal.rule) {
            let rule = &self.rules[literal.rule];
            let attempt = confirm::attempt(rule, self.text, start..start + literal.length);
            if let Some(horizon) = &self.horizon
                && !horizon.decides(rule, &(start..start + literal.length), &attempt)
            {
                return ControlFlow::Break(());
            }
            let found = self.settle(literal.rule, Some((literal, start)), attempt);
            if found && !rule.lists.except_members.is_empty() {
                self.take_others(literal.rule, &(start..start + literal.length));
            }
        }
        ControlFlow::Continue(())
    }

    /// A run of digits begins at `start`: its shape is read once for all rules that ask for it.
    fn digits(&mut self, start: usize) -> ControlFlow<()> {
        let number = Number::read(self.text.as_bytes(), start);
        if let Some(horizon) = &self.horizon
            && !horizon.decides_number(start, number.end())
        {
            return ControlFlow::Break(());
        }
        let before = std::mem::replace(&mut self.progress.digits_end, number.first_end());
        let going = self.number_rules(&number);
        if going.is_break() {
            self.progress.digits_end = before;
        }
        going
    }

    fn number_rules(&mut self, number: &Number<'_>) -> ControlFlow<()> {
        let index = self.index;
        let start = number.start();
        self.effort.bytes += number.end() - start;
        for &place in index.number_rules(number) {
            self.number(place, number)?;
        }
        let digits = start..number.first_end();
        let bytes = self.text.as_bytes();
        let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        if joins(bytes[..start].last()) || joins(bytes.get(digits.end)) {
            for &place in &index.word_rules {
                self.number(place, number)?;
            }
        }
        let rules = self.rules;
        index.shapes.around(number, |place, span| {
            if span.start >= self.progress.resume.of(place) {
                if confirm::lacks_words(&rules[place], self.text, &span, &mut self.surroundings) {
                    self.effort.candidates += 1;
                    self.effort.bytes += span.len();
                    return;
                }
                let (resume, read) = (self.progress.resume.of(place), span.len());
                // Where the check refuses one form, another of the rule's may begin at the same place.
                if !self.settle(place, None, Attempt::found(Value::bare(span), read)) {
                    self.progress.resume.set(place, resume);
                }
            }
        });
        ControlFlow::Continue(())
    }

    fn number(&mut self, place: usize, number: &Number<'_>) -> ControlFlow<()> {
        if number.start() >= self.progress.resume.of(place) {
            let rule = &self.rules[place];
            let attempt = matcher::attempt_number(rule, self.text, number);
            if let Some(horizon) = &self.horizon
                && !horizon.decides(rule, &(number.start()..number.end()), &attempt)
            {
                return ControlFlow::Break(());
            }
            self.settle(place, None, attempt);
        }
        ControlFlow::Continue(())
    }

    /// Whether the attempt came to a finding.
    #[inline]
    fn settle(
        &mut self,
        place: usize,
        literal: Option<(&Literal, usize)>,
        attempt: Attempt,
    ) -> bool {
        self.effort.candidates += 1;
        self.effort.bytes += attempt.read;
        self.progress.resume.set(place, attempt.resume);
        let value = attempt.value;
        value.is_some_and(|value| self.take(place, literal, value))
    }

    /// The members of a list or a map behind the first one, which was found at `literal`.
    #[cold]
    fn take_others(&mut self, place: usize, literal: &Range<usize>) {
        let rules = self.rules;
        for value in matcher::others(&rules[place], self.text, literal) {
            self.take(place, None, value);
        }
    }

    /// Whether the rule's checks and the words around it let a value through.
    #[inline(never)]
    fn take(&mut self, place: usize, literal: Option<(&Literal, usize)>, value: Value) -> bool {
        let rule = &self.rules[place];
        let judged = confirm::judge(rule, self.text, &value, literal, &mut self.surroundings);
        let Some((confidence, why)) = judged else {
            return false;
        };
        if self.found.is_empty() {
            self.found.reserve(FEW);
        }
        self.found.push(Finding::of(rule, value, confidence, why));
        true
    }
}
