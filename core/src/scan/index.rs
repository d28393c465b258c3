//! Which rules look at which places of a text.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::literal::{Literal, Start, word_at};
use super::matcher::{Matcher, Number, Opening};
use super::near::NearWords;
use super::rule::Rule;
use super::shape::Shapes;
use super::trigram::{Cursor, Trigrams};

/// All literals of all rules, and the rules that look at runs of digits.
pub(super) struct Index {
    literals: Vec<Literal>,
    trigrams: Trigrams,
    numbers: NumberRules,
    /// Rules that look at runs of digits which have letters next to them.
    pub(super) word_rules: Vec<usize>,
    /// The forms of rules that have such.
    pub(super) shapes: Shapes,
    pub(super) near_words: NearWords,
}

impl Index {
    pub(super) fn build(rules: &[Arc<Rule>]) -> Self {
        let mut literals = Vec::with_capacity(4 * rules.len());
        let mut number_rules = Vec::new();
        let mut word_rules = Vec::new();
        let mut shapes = Shapes::default();
        for (place, rule) in rules.iter().enumerate() {
            if rule.spec.anchors.iter().any(|anchor| anchor == "#") {
                match rule.spec.matcher {
                    Some(matcher) if matcher.joins_letters() => word_rules.push(place),
                    matcher => number_rules.push((place, matcher)),
                }
            }
            for form in &rule.spec.shapes {
                shapes.add(place, form);
            }
            literals.extend(literals_of(rule).iter().map(|text| {
                let behind = rule.spec.matcher.and_then(|matcher| matcher.behind(rule));
                Literal::new(place, text, start_of(rule, text), rule.spec.exact_case).before(behind)
            }));
        }
        let numbers = NumberRules::of(&number_rules);
        // Shorter ones are told first where several begin at one place, and then the rules in their order.
        literals.sort_by_key(|literal| (literal.length, literal.rule));
        let digits = !(numbers.is_empty() && word_rules.is_empty() && shapes.is_empty());
        Self {
            trigrams: Trigrams::build(&literals, digits),
            literals,
            numbers,
            word_rules,
            shapes,
            near_words: NearWords::of(rules),
        }
    }

    /// Tells of each place in `stretch` where a run of digits or a literal begins, in ascending order, until `tell` breaks.
    ///
    /// Digits within a run may be told again.
    #[inline]
    pub(super) fn find(
        &self,
        bytes: &[u8],
        stretch: Range<usize>,
        mut tell: impl FnMut(usize, Landmark<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut cursor = Cursor::at(stretch.start);
        while let Some(hit) = self.trigrams.next(bytes, &mut cursor) {
            let at = hit.at;
            if at >= stretch.end {
                break;
            }
            if hit.digits {
                tell(at, Landmark::Digits)?;
            }
            let word = word_at(bytes, at);
            for places in hit.places {
                for place in places.iter().filter(|place| place.head.stands(word)) {
                    let literal = &self.literals[place.literal as usize];
                    if literal.goes_on(bytes, at) {
                        tell(at, Landmark::Literal(literal))?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The rules that have a use for the number, of those that look at every run of digits.
    pub(super) fn number_rules(&self, number: &Number<'_>) -> &[usize] {
        self.numbers.at(&number.opening())
    }
}

/// What begins at a place.
pub(super) enum Landmark<'i> {
    Digits,
    Literal(&'i Literal),
}

/// Rules that look at runs of digits, by how the number opens.
#[derive(Default)]
struct NumberRules {
    /// For each opening the place of its list.
    cells: Vec<u16>,
    /// Lists of rules, which many openings share.
    lists: Vec<Vec<usize>>,
}

impl NumberRules {
    fn of(rules: &[(usize, Option<Matcher>)]) -> Self {
        let mut numbers = Self::default();
        if rules.is_empty() {
            return numbers;
        }
        let mut places = HashMap::new();
        for opening in Opening::all() {
            let opens = |matcher: Option<Matcher>| matcher.is_none_or(|own| own.opens(&opening));
            let opening = rules.iter().filter(|(_, matcher)| opens(*matcher));
            let list: Vec<usize> = opening.map(|(rule, _)| *rule).collect();
            let next = numbers.lists.len();
            let place = *places.entry(list).or_insert_with_key(|list| {
                numbers.lists.push(list.clone());
                next
            });
            let place = u16::try_from(place).expect("there are fewer lists than openings");
            numbers.cells.push(place);
        }
        numbers
    }

    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn at(&self, opening: &Opening) -> &[usize] {
        let list = self.cells.get(opening.place());
        list.map_or(&[], |list| &self.lists[usize::from(*list)])
    }
}

fn start_of(rule: &Rule, literal: &str) -> Start {
    match literal.len() {
        _ if rule.spec.offset > 0 || rule.spec.around => Start::Anywhere,
        _ if !literal.as_bytes()[0].is_ascii_alphanumeric() => Start::Anywhere,
        _ if !rule.spec.assigned && !rule.spec.vendor => Start::Token,
        ..=4 => Start::Part,
        _ => Start::Anywhere,
    }
}

/// The literals of a rule, spelt out: a `#` at the end for each digit, the spaces of a label in the ways names are joined.
fn literals_of(rule: &Rule) -> Vec<String> {
    let mut literals: Vec<String> = Vec::new();
    for anchor in &rule.spec.anchors {
        match anchor.strip_suffix('#') {
            Some("") => {}
            Some(stem) => literals.extend(('0'..='9').map(|digit| format!("{stem}{digit}"))),
            None => literals.push(anchor.clone()),
        }
    }
    for label in &rule.spec.labels {
        literals.push(label.clone());
        if label.contains(' ') {
            literals.extend(["_", "-", "", "  "].map(|joint| label.replace(' ', joint)));
        }
    }
    literals.sort();
    literals.dedup();
    literals
}
