//! Conditions on nested members: `security__pii_scrubbed__gt = 3`.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use serde_json::{Number, Value};

use super::index::nested::{self, Asked};
use crate::{Error, Kind, Result};

#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// One condition. A record without the member does not fulfil it, whatever the comparison.
pub(super) struct Filter {
    path: Vec<String>,
    comparison: Comparison,
    value: Value,
}

impl Filter {
    /// [`Kind::InvalidArgument`] for a path with an empty name, or if greater or less is asked of anything but a number.
    pub(super) fn new(name: &str, value: &Value) -> Result<Self> {
        let mut path: Vec<String> = name.split("__").map(str::to_owned).collect();
        let comparison = match path.last().map(String::as_str) {
            Some("ne") => Comparison::NotEqual,
            Some("gt") => Comparison::Greater,
            Some("gte") => Comparison::GreaterOrEqual,
            Some("lt") => Comparison::Less,
            Some("lte") => Comparison::LessOrEqual,
            _ => Comparison::Equal,
        };
        let ordered = match comparison {
            Comparison::Equal => false,
            Comparison::NotEqual => {
                path.pop();
                false
            }
            _ => {
                path.pop();
                true
            }
        };
        if path.is_empty() || path.iter().any(String::is_empty) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a filter is malformed; hint: write member names joined by `__`, as in `security__pii_scrubbed__gt`",
            ));
        }
        if ordered && !value.is_number() {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a filter with `__gt`, `__gte`, `__lt` or `__lte` needs a number",
            ));
        }
        Ok(Self {
            path,
            comparison,
            value: value.clone(),
        })
    }

    /// The keys of [`super::index::nested`] of which a record that fulfils this has one; nothing if it may have none.
    pub(super) fn keys(&self) -> Option<RangeInclusive<u64>> {
        let asked = match self.comparison {
            Comparison::Equal => Asked::Equal,
            Comparison::NotEqual => Asked::NotEqual,
            Comparison::Greater | Comparison::GreaterOrEqual => Asked::Greater,
            Comparison::Less | Comparison::LessOrEqual => Asked::Less,
        };
        nested::range(&self.path, asked, &self.value)
    }

    pub(super) fn matches(&self, record: &Value) -> bool {
        let member = self
            .path
            .iter()
            .try_fold(record, |value, name| value.as_object()?.get(name));
        let Some(member) = member else {
            return false;
        };
        let order = match (member, &self.value) {
            (Value::Number(member), Value::Number(value)) => order(member, value),
            _ => None,
        };
        let equal = match order {
            Some(order) => order.is_eq(),
            None => *member == self.value,
        };
        match self.comparison {
            Comparison::Equal => equal,
            Comparison::NotEqual => !equal,
            Comparison::Greater => order.is_some_and(Ordering::is_gt),
            Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            Comparison::Less => order.is_some_and(Ordering::is_lt),
            Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        }
    }
}

/// Whole numbers exactly, others as floating point: 3 equals 3.0.
fn order(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
