//! The pass over the text: from literals to candidates, from candidates to values.

use std::sync::Arc;

use super::confirm::{self, Attempt, Value};
use super::finding::Finding;
use super::index::{Index, Landmark};
use super::literal::Literal;
use super::matcher::{self, Number};
use super::rule::Rule;
use super::scanner::Effort;

/// One scan in progress.
pub(super) struct Sweep<'s> {
    text: &'s str,
    rules: &'s [Arc<Rule>],
    /// For each rule, where it goes on looking.
    resume: Vec<usize>,
    /// Behind the last run of digits.
    digits_end: usize,
    found: Vec<Finding>,
    effort: Effort,
}

impl<'s> Sweep<'s> {
    pub(super) fn new(text: &'s str, rules: &'s [Arc<Rule>]) -> Self {
        Self {
            text,
            rules,
            resume: vec![0; rules.len()],
            digits_end: 0,
            found: Vec::new(),
            effort: Effort::default(),
        }
    }

    /// Reads the text once. What comes back may overlap and is in no particular order.
    pub(super) fn run(mut self, index: &Index) -> (Vec<Finding>, Effort) {
        let text = self.text;
        index.find(text.as_bytes(), |at, landmark| match landmark {
            Landmark::Digits if at >= self.digits_end => self.digits(index, at),
            Landmark::Digits => {}
            Landmark::Literal(literal) => self.literal(literal, at),
        });
        (self.found, self.effort)
    }

    fn literal(&mut self, literal: &Literal, start: usize) {
        if start >= self.resume[literal.rule] {
            let rule = &self.rules[literal.rule];
            let attempt = confirm::attempt(rule, self.text, start..start + literal.length);
            self.settle(literal.rule, attempt);
        }
    }

    /// A run of digits begins at `start`: its shape is read once for all rules that ask for it.
    fn digits(&mut self, index: &Index, start: usize) {
        let number = Number::read(self.text.as_bytes(), start);
        self.digits_end = number.first_end();
        self.effort.bytes += number.end() - start;
        for &place in index.number_rules(&number) {
            self.number(place, &number);
        }
        let digits = start..self.digits_end;
        let bytes = self.text.as_bytes();
        let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        if joins(bytes[..start].last()) || joins(bytes.get(digits.end)) {
            for &place in &index.word_rules {
                self.number(place, &number);
            }
        }
        index.shapes.around(bytes, &digits, |place, span| {
            if span.start >= self.resume[place] {
                let (resume, read) = (self.resume[place], span.len());
                // Where the check refuses one form, another of the rule's may begin at the same place.
                if !self.settle(place, Attempt::found(Value::bare(span), read)) {
                    self.resume[place] = resume;
                }
            }
        });
    }

    fn number(&mut self, place: usize, number: &Number<'_>) {
        if number.start() >= self.resume[place] {
            let attempt = matcher::attempt_number(&self.rules[place], self.text, number);
            self.settle(place, attempt);
        }
    }

    /// Whether the attempt came to a finding.
    fn settle(&mut self, place: usize, attempt: Attempt) -> bool {
        self.effort.candidates += 1;
        self.effort.bytes += attempt.read;
        self.resume[place] = attempt.resume;
        let rule = &self.rules[place];
        let Some(value) = attempt.value else {
            return false;
        };
        let Some((confidence, why)) = confirm::judge(rule, self.text, &value) else {
            return false;
        };
        self.found.push(Finding::of(rule, value, confidence, why));
        true
    }
}
