//! Records: rows of a table, forms and objects, where the name of a field is the label of its value.

use std::fmt;
use std::ops::Range;

use super::finding::Finding;
use super::scanner::Scanner;

/// A field of a record.
#[derive(Clone, Copy, Default)]
pub struct Field<'t> {
    /// The name of the column or the member, for example `date_of_birth`; empty where there is none.
    pub name: &'t str,
    /// What stands in it.
    pub value: &'t str,
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").finish_non_exhaustive()
    }
}

/// Between the fields of a record, so that none goes on in the next.
const BETWEEN: &str = "\n\n";
/// Between a name and its value.
const SIGN: &str = ": ";

impl Scanner {
    /// What stands in the fields of one record: for each field, in their order, what [`Scanner::scan`] would give for its value
    /// behind its name, and beside the other fields. Spans count the bytes of the value; the context does not reach into
    /// the name.
    ///
    /// A value of one word in which nothing is found so is also read as the whole text that it is.
    pub fn scan_record(&self, fields: &[Field<'_>]) -> Vec<Vec<Finding>> {
        let (text, places) = written(fields);
        let mut found = vec![Vec::new(); fields.len()];
        for finding in self.scan(&text) {
            let span = finding.span();
            let first = places.partition_point(|place| place.end <= span.start);
            // What reaches into the next field is found in both.
            let reached = places[first..]
                .iter()
                .zip(&mut found[first..])
                .take_while(|(place, _)| place.start < span.end);
            for (place, of_field) in reached {
                of_field.extend(finding.within(place));
            }
        }
        for (field, of_field) in fields.iter().zip(&mut found) {
            if of_field.is_empty() && !field.value.contains(' ') {
                *of_field = self.scan(field.value);
            }
        }
        found
    }
}

/// The record as a text, and where the values stand in it.
fn written(fields: &[Field<'_>]) -> (String, Vec<Range<usize>>) {
    let length =
        |field: &Field<'_>| field.name.len() + field.value.len() + SIGN.len() + BETWEEN.len();
    let mut text = String::with_capacity(fields.iter().map(length).sum());
    let mut places = Vec::with_capacity(fields.len());
    for field in fields {
        let spaced = |c: char| if c == '_' || c.is_control() { ' ' } else { c };
        text.extend(field.name.chars().map(spaced));
        if !field.name.is_empty() {
            text.push_str(SIGN);
        }
        let start = text.len();
        text.push_str(field.value);
        places.push(start..text.len());
        text.push_str(BETWEEN);
    }
    (text, places)
}

impl Finding {
    /// As much of it as lies in `place`, counted from there.
    fn within(&self, place: &Range<usize>) -> Option<Self> {
        let part = |range: &Range<usize>| {
            let start = range.start.clamp(place.start, place.end) - place.start;
            let end = range.end.clamp(place.start, place.end) - place.start;
            start..end
        };
        let inside = Self {
            span: part(&self.span),
            context: part(&self.context),
            ..self.clone()
        };
        (!inside.span.is_empty()).then_some(inside)
    }
}
