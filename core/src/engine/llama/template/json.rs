//! The `tojson` filter as Python writes it: `json.dumps(value, ensure_ascii=False)`, with its separators and key order.

use std::io::{self, Write};

use minijinja::value::Kwargs;
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

/// `value | tojson` and `value | tojson(indent=2)`. Other keywords are accepted and have no effect.
#[expect(clippy::needless_pass_by_value, reason = "the signature of a filter")]
pub(super) fn dumps(value: Value, options: Kwargs) -> Result<String, Error> {
    let mut text = Vec::new();
    let written = match options.get::<Option<usize>>("indent").unwrap_or(None) {
        None => value.serialize(&mut Serializer::with_formatter(&mut text, Spaced)),
        Some(width) => {
            let indent = vec![b' '; width.min(16)];
            let formatter = PrettyFormatter::with_indent(&indent);
            value.serialize(&mut Serializer::with_formatter(&mut text, formatter))
        }
    };
    written
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not a JSON value"))
}

/// One line, with a space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.begin_array_value(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
