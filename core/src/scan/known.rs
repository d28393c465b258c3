//! Values that a vault remembers from other texts.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::confirm::Value;
use super::evidence::{Origin, Why};
use super::finding::Finding;
use super::repeat::{is_name, is_no_word};
use super::resolve::resolve;
use super::rule::Rule;
use super::scanner::Scanner;

/// A value that a vault remembers stands there.
pub(crate) struct Known<'v> {
    /// What it is.
    pub(crate) token: &'v str,
    /// In bytes of the text.
    pub(crate) span: Range<usize>,
}

impl Scanner {
    /// `found` in `text`, and what is `known` there, as far as this scanner has rules for such values.
    pub(crate) fn with_known(
        &self,
        text: &str,
        mut found: Vec<Finding>,
        known: Vec<Known<'_>>,
    ) -> Vec<Finding> {
        let mut rules = HashMap::new();
        let mut again = Vec::new();
        for Known { token, span } in known {
            // What the text itself says of a value goes before what is remembered.
            let place = found.partition_point(|finding| finding.span.end <= span.start);
            let covers = |by: &Finding| by.span.start <= span.start && span.end <= by.span.end;
            if found.get(place).is_some_and(covers) {
                continue;
            }
            let rule = rules.entry(token).or_insert_with(|| self.rule_of(token));
            let Some(rule) = *rule else {
                continue;
            };
            let repeats = |names: &Arc<Rule>| Arc::ptr_eq(names, rule);
            let mut confidence = 1.0;
            if self.repeated().is_some_and(repeats) {
                let here = &text[span.clone()];
                let alone = !here.contains(char::is_whitespace);
                if alone && (!is_name(text, &span) || !is_no_word(here, rule)) {
                    continue;
                }
                confidence = rule.spec.confidence;
            }
            let why = Why::because(Origin::Vault);
            again.push(Finding::of(rule, Value::bare(span), confidence, why));
        }
        self.retain(text, &mut again);
        if again.is_empty() {
            return found;
        }
        found.append(&mut again);
        resolve(text, found)
    }

    /// The rule that speaks for values with this token.
    fn rule_of(&self, token: &str) -> Option<&Arc<Rule>> {
        let of_token = |rule: &&Arc<Rule>| rule.token() == token;
        let names = self.repeated().filter(of_token);
        names.or_else(|| self.rules().iter().find(of_token))
    }
}
