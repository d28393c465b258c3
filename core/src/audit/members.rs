//! Further members of a record as JSON text, for callers whose data have another form than a map of values: from Python, the
//! map would take longer to make and to give back than the record takes to write.

use serde_json::{Map, Number, Value};

use super::json;

/// Arrays and objects inside each other. JSON readers give up at 128, and a record must be readable.
pub(super) const MAX_DEPTH: usize = 64;

/// Members that [`super::AuditLog::record_with`] puts behind those of the event: built value by value, and text from then on.
///
/// A value follows each name; what is begun is ended. What does not come out as JSON, nests more than 64 arrays and objects in
/// each other, or has a name twice at the top, is refused when it is recorded.
#[derive(Default)]
pub struct Members {
    text: Vec<u8>,
    /// What is open, the innermost last: an object, or else an array.
    open: Vec<bool>,
    /// Where the names of the top stand in `text`, with their quotation marks.
    names: Vec<(usize, usize)>,
    /// A name waits for its value.
    named: bool,
    /// Something stands in the innermost object or array already.
    filled: bool,
    broken: bool,
}

impl Members {
    /// None so far.
    pub fn new() -> Self {
        Self {
            text: Vec::with_capacity(512),
            ..Self::default()
        }
    }

    /// The name of what comes next, in an object or at the top.
    pub fn name(&mut self, name: &str) {
        let in_object = self.open.last().copied().unwrap_or(true);
        self.broken |= !in_object || self.named;
        // At the top each has a comma, because other members stand before it.
        if self.filled || self.open.is_empty() {
            self.text.push(b',');
        }
        let start = self.text.len();
        json::text(&mut self.text, name);
        if self.open.is_empty() {
            self.names.push((start, self.text.len()));
        }
        self.text.push(b':');
        self.named = true;
    }

    /// `null`
    pub fn null(&mut self) {
        self.begin_value();
        self.text.extend_from_slice(b"null");
    }

    /// `true` or `false`
    pub fn boolean(&mut self, value: bool) {
        self.begin_value();
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.text.extend_from_slice(text);
    }

    /// A number.
    pub fn number(&mut self, value: &Number) {
        self.begin_value();
        json::any_number(&mut self.text, value);
    }

    /// A text.
    pub fn text(&mut self, value: &str) {
        self.begin_value();
        json::text(&mut self.text, value);
    }

    /// Begins an object.
    pub fn begin_object(&mut self) {
        self.begin(true, b'{');
    }

    /// Ends the object that was begun last.
    pub fn end_object(&mut self) {
        self.end(true, b'}');
    }

    /// Begins an array.
    pub fn begin_array(&mut self) {
        self.begin(false, b'[');
    }

    /// Ends the array that was begun last.
    pub fn end_array(&mut self) {
        self.end(false, b']');
    }

    fn begin(&mut self, object: bool, bracket: u8) {
        self.begin_value();
        self.text.push(bracket);
        self.open.push(object);
        self.filled = false;
    }

    fn end(&mut self, object: bool, bracket: u8) {
        self.broken |= self.open.pop() != Some(object) || self.named;
        self.text.push(bracket);
        self.filled = true;
    }

    fn begin_value(&mut self) {
        let in_array = self.open.last() == Some(&false);
        self.broken |= in_array == self.named || self.open.len() >= MAX_DEPTH;
        if in_array && self.filled {
            self.text.push(b',');
        }
        self.named = false;
        self.filled = true;
    }

    /// The names of the top, as they stand in quotation marks, in the order of their bytes; nothing if this is no JSON.
    pub(super) fn names(&self) -> Option<Vec<&[u8]>> {
        let is_whole = self.open.is_empty() && !self.named && !self.broken;
        let text = |(start, end): &(usize, usize)| &self.text[*start..*end];
        let mut names: Vec<_> = self.names.iter().map(text).collect();
        names.sort_unstable();
        let is_once = names.windows(2).all(|pair| pair[0] != pair[1]);
        (is_whole && is_once).then_some(names)
    }

    /// `,"name":value` for each.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// As a map.
    pub(super) fn to_map(&self) -> Option<Map<String, Value>> {
        let inside = self.text.strip_prefix(b",").unwrap_or_default();
        let object = [b"{", inside, b"}"].concat();
        serde_json::from_slice(&object).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Members {
        let mut members = Members::new();
        members.name("a");
        members.begin_object();
        members.name("x\"");
        members.begin_array();
        members.null();
        members.boolean(true);
        members.begin_object();
        members.end_object();
        members.number(&Number::from(-7));
        members.end_array();
        members.name("y");
        members.text("\n");
        members.end_object();
        members.name("b");
        members.boolean(false);
        members
    }

    #[test]
    fn what_is_built_is_json() {
        let members = sample();
        assert_eq!(members.names().unwrap(), [br#""a""#, br#""b""#]);
        let expected = json!({"a": {"x\"": [null, true, {}, -7], "y": "\n"}, "b": false});
        assert_eq!(Value::Object(members.to_map().unwrap()), expected);
        assert_eq!(Members::new().to_map().unwrap(), Map::new());
    }

    #[test]
    fn what_would_not_be_json_is_noticed() {
        let wrongs: [fn(&mut Members); 11] = [
            |it| it.null(),
            |it| it.name("a"),
            |it| it.begin_object(),
            |it| it.end_object(),
            |it| {
                it.name("c");
                it.begin_object();
            },
            |it| {
                it.name("c");
                it.begin_object();
                it.end_array();
            },
            |it| {
                it.name("c");
                it.begin_object();
                it.name("d");
                it.end_object();
            },
            |it| {
                it.name("c");
                it.begin_array();
                it.name("d");
                it.null();
                it.end_array();
            },
            |it| {
                it.name("c");
                it.name("d");
                it.null();
            },
            |it| {
                it.name("c");
                it.null();
                it.null();
            },
            |it| {
                it.name("b");
                it.null();
            },
        ];
        for (index, wrong) in wrongs.into_iter().enumerate() {
            let mut members = sample();
            wrong(&mut members);
            assert!(members.names().is_none(), "{index}");
        }
    }

    #[test]
    fn arrays_in_arrays_end_somewhere() {
        let nested = |depth| {
            let mut members = Members::new();
            members.name("a");
            for _ in 0..depth {
                members.begin_array();
            }
            for _ in 0..depth {
                members.end_array();
            }
            members.names().is_some()
        };
        assert!(nested(MAX_DEPTH));
        assert!(!nested(MAX_DEPTH + 1));
    }
}
