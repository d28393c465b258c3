//! JSON text of records (RFC 8259), byte for byte as `serde_json` writes it: records are made of short texts, and searching
//! those eight bytes at a time takes a third of the time.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// A byte of each lane.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// `,"name":`
pub(super) fn name(out: &mut Vec<u8>, name: &str) {
    out.push(b',');
    text(out, name);
    out.push(b':');
}

/// `,"name":"value"`, where the name has nothing to escape.
pub(super) fn member(out: &mut Vec<u8>, name: &'static str, value: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    text(out, value);
}

/// A number of any kind.
pub(super) fn any_number(out: &mut Vec<u8>, it: &Number) {
    match it.as_u64() {
        Some(whole) => number(out, whole),
        None => {
            // Writing into a `Vec` cannot fail.
            let _ = serde_json::to_writer(out, it);
        }
    }
}

/// A whole number in decimal digits.
pub(super) fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        let [digit, ..] = (number % 10).to_le_bytes();
        number /= 10;
        start -= 1;
        digits[start] = b'0' + digit;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// A value in which arrays and objects lie in each other `depth` deep at most; false if they lie deeper, and then something of
/// it is written.
pub(super) fn value(out: &mut Vec<u8>, value: &Value, depth: usize) -> bool {
    let Some(inside) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(it) => any_number(out, it),
        Value::String(it) => text(out, it),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                if !self::value(out, item, inside) {
                    return false;
                }
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                text(out, name);
                out.push(b':');
                if !self::value(out, member, inside) {
                    return false;
                }
            }
            out.push(b'}');
        }
    }
    true
}

/// A text in quotation marks.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let plain = plain(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(escaped) = rest.get(plain) else {
            break;
        };
        escape(out, *escaped);
        rest = &rest[plain + 1..];
    }
    out.push(b'"');
}

/// How many bytes come before the first that must be escaped.
fn plain(bytes: &[u8]) -> usize {
    let (lanes, tail) = bytes.as_chunks::<8>();
    for (index, lane) in lanes.iter().enumerate() {
        let lane = u64::from_le_bytes(*lane);
        // The lowest mark of each is exact, and only the lowest counts.
        let marks = below(lane, b' ') | below(lane ^ of(b'"'), 1) | below(lane ^ of(b'\\'), 1);
        if marks != 0 {
            return index * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let in_tail = tail.iter().position(|byte| is_special(*byte));
    in_tail.map_or(bytes.len(), |at| bytes.len() - tail.len() + at)
}

/// The byte in each lane.
const fn of(byte: u8) -> u64 {
    byte as u64 * ONES
}

/// A mark in each lane whose byte is less than `limit`, which is 128 at most.
fn below(lanes: u64, limit: u8) -> u64 {
    lanes.wrapping_sub(of(limit)) & !lanes & HIGH
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        _ => {
            let mut digits = String::with_capacity(6);
            // Writing into a `String` cannot fail.
            let _ = write!(digits, "\\u{byte:04x}");
            out.extend_from_slice(digits.as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn written(it: &Value, depth: usize) -> Option<String> {
        let mut out = Vec::new();
        value(&mut out, it, depth).then(|| String::from_utf8(out).unwrap())
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(|it| Number::from_f64(it).map_or(Value::Null, Value::Number)),
            any::<String>().prop_map(Value::from),
            "[ -~\\\\\"\n\r\t\u{8}\u{c}\u{0}-\u{1f}\u{7f}\u{80}é€😀]{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| Value::Object(Map::from_iter(members))),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_serde_writes_it(value in values()) {
            prop_assert_eq!(written(&value, 64).unwrap(), serde_json::to_string(&value).unwrap());
        }

        #[test]
        fn a_number_is_written_in_digits(number in any::<u64>()) {
            let mut out = Vec::new();
            super::number(&mut out, number);
            prop_assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn every_byte_is_escaped_as_serde_escapes_it_wherever_it_stands() {
        for character in (0..0x180_u32).filter_map(char::from_u32) {
            for before in 0..17 {
                let text = format!("{}{character}{}", "x".repeat(before), "\"y");
                let value = Value::from(text);
                assert_eq!(
                    written(&value, 1).unwrap(),
                    serde_json::to_string(&value).unwrap()
                );
            }
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let value = json!([[{"a": []}]]);
        assert_eq!(written(&value, 4).unwrap(), r#"[[{"a":[]}]]"#);
        assert_eq!(written(&value, 3), None);
    }
}
