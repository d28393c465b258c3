//! Labelled texts: what is an identifier in them is known.

use std::io;
use std::ops::Range;

/// A text and the identifiers in it.
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) gold: Vec<Gold>,
}

/// One identifier.
pub(crate) struct Gold {
    /// For example `PHONE_NUMBER`.
    pub(crate) kind: String,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
}

/// Reads a list of objects with `full_text` and `spans`, whose positions count code points.
pub(crate) fn read(path: &str) -> io::Result<Vec<Document>> {
    let records: serde_json::Value =
        serde_json::from_reader(io::BufReader::new(std::fs::File::open(path)?))
            .map_err(io::Error::other)?;
    let records = records.as_array().ok_or_else(|| malformed("not a list"))?;
    records.iter().map(document).collect()
}

fn document(record: &serde_json::Value) -> io::Result<Document> {
    let text = record["full_text"]
        .as_str()
        .ok_or_else(|| malformed("an object without `full_text`"))?;
    let mut places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    places.push(text.len());
    let place = |value: &serde_json::Value| {
        let at = value.as_u64().and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| places.get(at).copied())
            .ok_or_else(|| malformed("a span beyond its text"))
    };
    let spans = record["spans"].as_array().map_or(&[][..], Vec::as_slice);
    let gold: io::Result<Vec<Gold>> = spans
        .iter()
        .map(|span| {
            Ok(Gold {
                kind: span["entity_type"].as_str().unwrap_or_default().to_owned(),
                span: place(&span["start_position"])?..place(&span["end_position"])?,
            })
        })
        .collect();
    let mut gold = gold?;
    gold.sort_by_key(|gold| gold.span.start);
    Ok(Document {
        text: text.to_owned(),
        gold,
    })
}

fn malformed(what: &str) -> io::Error {
    io::Error::other(format!(
        "the labelled texts are not what is expected: {what}"
    ))
}
