//! The members of records as keys by which filters find them, in the index and in a line that is not worth reading as a whole.
//!
//! A key has 64 bits: 24 of a hash of the path, 2 that say what kind of value stands there, and 38 of the value. Of a number
//! these are the highest of its floating-point form, turned so that keys are in the order of numbers; of a text they are a
//! hash. What fulfils a filter has a key in the range of the filter. What has one need not fulfil it: it is read and compared.

mod reading;

use std::ops::RangeInclusive;

use serde_json::{Number, Value};

pub(in crate::audit) use self::reading::each_key;

use super::Field;

/// Every record has another one, or they say nothing: the number of a record, its time, which is indexed by minutes, …
const WITHOUT_KEYS: [&str; 4] = ["timestamp", "event_id", "version", "chain"];
/// Bits of the value.
const VALUE_BITS: u32 = 38;
/// Bits of the path.
const PATH_BITS: u32 = 24;
/// Of no member: no kind of value has both bits.
pub(in crate::audit) const ANY: u64 = u64::MAX;

/// What kind of value a member has.
#[derive(Clone, Copy)]
enum Sort {
    Number,
    Text,
    /// `null`, `false`, `true`, any array, any object.
    Other,
}

/// The names from the record down to a member.
#[derive(Clone, Copy)]
struct Path {
    hash: u64,
    depth: u32,
    /// A text there is indexed by records.
    by_record: bool,
}

impl Path {
    const RECORD: Self = Self {
        hash: 0xCBF2_9CE4_8422_2325,
        depth: 0,
        by_record: false,
    };

    /// The member of this name; nothing if it has no key.
    fn member(self, name: &str) -> Option<Self> {
        let is_top = self.depth == 0;
        if is_top && WITHOUT_KEYS.contains(&name) {
            return None;
        }
        Some(Self {
            // No name has this byte.
            hash: hash(self.hash, name.bytes().chain([0xFF])),
            depth: self.depth + 1,
            by_record: is_top && Field::of_member(name).is_some(),
        })
    }

    fn key(self, sort: Sort, value: u64) -> u64 {
        let path = mixed(self.hash) >> (64 - PATH_BITS);
        (path << (64 - PATH_BITS)) | ((sort as u64) << VALUE_BITS) | value
    }

    fn number(self, number: f64) -> u64 {
        self.key(Sort::Number, in_order(number) >> (64 - VALUE_BITS))
    }

    fn text(self, text: &str) -> u64 {
        let hash = mixed(hash(Self::RECORD.hash, text.bytes()));
        self.key(Sort::Text, hash >> (64 - VALUE_BITS))
    }

    fn value(self, value: &Value) -> u64 {
        match value {
            Value::Number(number) => self.number(float(number)),
            Value::String(text) => self.text(text),
            Value::Null => self.key(Sort::Other, 0),
            Value::Bool(value) => self.boolean(*value),
            Value::Array(_) => self.array(),
            Value::Object(_) => self.object(),
        }
    }

    fn boolean(self, value: bool) -> u64 {
        self.key(Sort::Other, 1 + u64::from(value))
    }

    fn array(self) -> u64 {
        self.key(Sort::Other, 3)
    }

    fn object(self) -> u64 {
        self.key(Sort::Other, 4)
    }
}

/// What a filter asks of a member.
#[derive(Clone, Copy)]
pub(in crate::audit) enum Asked {
    Equal,
    NotEqual,
    /// Or equal.
    Greater,
    /// Or equal.
    Less,
}

/// The keys of which a member that fulfils a filter has one; nothing if such members may have none.
pub(in crate::audit) fn range(
    names: &[String],
    asked: Asked,
    value: &Value,
) -> Option<RangeInclusive<u64>> {
    let path = names
        .iter()
        .try_fold(Path::RECORD, |path, name| path.member(name))?;
    let may_be_text = match asked {
        Asked::Equal => value.is_string(),
        Asked::NotEqual => true,
        Asked::Greater | Asked::Less => false,
    };
    if path.by_record && may_be_text {
        return None;
    }
    let (first, last) = (0, (1 << VALUE_BITS) - 1);
    Some(match asked {
        Asked::Equal => path.value(value)..=path.value(value),
        Asked::NotEqual => path.key(Sort::Number, first)..=path.key(Sort::Other, last),
        Asked::Greater => path.value(value)..=path.key(Sort::Number, last),
        Asked::Less => path.key(Sort::Number, first)..=path.value(value),
    })
}

/// As comparisons have it, which is finite.
fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

/// Bits that ascend with the number.
fn in_order(number: f64) -> u64 {
    // There are two zeros, which are equal.
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    }
}

/// FNV-1a, going on from `start`.
pub(in crate::audit) fn hash(start: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Every bit of the hash has its part in the highest ones.
fn mixed(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::super::filter::Filter;
    use super::*;

    fn keys(line: &str) -> Vec<u64> {
        let mut keys = Vec::new();
        each_key(line.as_bytes(), |key| keys.push(key));
        keys
    }

    /// Few of each, so that filters are often fulfilled.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-3..4_i64).prop_map(Value::from),
            (-3..4_i32).prop_map(|n| json!(f64::from(n))),
            (-6..7_i32).prop_map(|n| json!(f64::from(n) / 2.0)),
            prop_oneof![
                Just(json!(u64::MAX)),
                Just(json!(i64::MIN)),
                Just(json!((1_u64 << 53) + 1)),
                Just(json!(1_u64 << 53)),
                Just(json!(-0.0)),
                Just(json!(1e300)),
                Just(json!(-1e-300)),
            ],
            "[ab]{0,2}".prop_map(Value::from),
            Just(json!([])),
            Just(json!([1, "a"])),
        ]
    }

    fn name() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "a",
            "b",
            "c",
            "subject_id",
            "user_id",
            "error",
            "chain",
            "gt",
            "a_b",
        ])
    }

    fn record() -> impl Strategy<Value = Value> {
        value().prop_recursive(3, 24, 6, |inner| {
            prop::collection::vec((name(), inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect())
            })
        })
    }

    fn asked() -> impl Strategy<Value = (String, Value)> {
        let endings = vec!["", "__ne", "__gt", "__gte", "__lt", "__lte"];
        let path = prop::collection::vec(name(), 1..4);
        (path, prop::sample::select(endings), value())
            .prop_map(|(path, ending, value)| (path.join("__") + ending, value))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn what_fulfils_a_filter_has_one_of_its_keys(
            record in record(),
            filters in prop::collection::vec(asked(), 20),
        ) {
            let line = record.to_string();
            // As it is read again: the last digit of a floating-point number may be another one.
            let record: Value = serde_json::from_str(&line).unwrap();
            let keys = keys(&line);
            for (name, value) in filters {
                let Ok(filter) = Filter::new(&name, &value) else { continue };
                if let Some(range) = filter.keys() && filter.matches(&record) {
                    prop_assert!(keys.iter().any(|key| range.contains(key)), "{name} {value} {record}");
                }
            }
        }
    }

    #[test]
    fn a_filter_has_the_keys_of_hardly_anything_else() {
        let line =
            r#"{"a":{"n":3,"t":"x","b":true,"l":[1]},"n":4,"chain":{"seq":1},"user_id":"u"}"#;
        let found = keys(line);
        let count = |name: &str, value: Value| {
            let filter = Filter::new(name, &value).unwrap();
            let range = filter.keys().unwrap();
            found.iter().filter(|key| range.contains(key)).count()
        };
        for (name, value, expected) in [
            ("a__n", json!(3), 1),
            ("a__n", json!(3.5), 0),
            ("a__n", json!("3"), 0),
            ("a__n__gt", json!(4), 0),
            ("a__n__gt", json!(-4), 1),
            ("a__n__lt", json!(-2), 0),
            ("a__n__lt", json!(1e9), 1),
            ("a__t", json!("x"), 1),
            ("a__t", json!("y"), 0),
            ("a__t__ne", json!("y"), 1),
            ("a__b", json!(true), 1),
            ("a__b", json!(false), 0),
            ("a__l", json!([2]), 1),
            ("a__x__ne", json!(1), 0),
            ("t", json!("x"), 0),
            ("n", json!(4), 1),
            ("a", json!({}), 1),
        ] {
            assert_eq!(count(name, value), expected, "{name}");
        }
        assert_eq!(found.len(), 6);
        for name in ["chain__seq", "event_id", "user_id", "subject_id__ne"] {
            assert!(
                Filter::new(name, &json!("x")).unwrap().keys().is_none(),
                "{name}"
            );
        }
    }
}
