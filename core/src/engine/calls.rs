//! The calls of tools in what a model writes.
//!
//! | family | a call |
//! |---|---|
//! | Hermes, Qwen | `<tool_call>{"name": …, "arguments": {…}}</tool_call>` |
//! | Mistral | `[TOOL_CALLS][{"name": …, "arguments": {…}}]`, or `[TOOL_CALLS]name[ARGS]{…}` |
//! | Llama 3 | `{"name": …, "parameters": {…}}` as the whole answer, after `<\|python_tag\|>` or not |

use serde_json::{Map, Value, json};
use zeroize::Zeroize;

use super::tools::{Tool, is_name};

/// How a model writes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Hermes,
    Mistral,
    Llama,
}

const HERMES: (&str, &str) = ("<tool_call>", "</tool_call>");
const MISTRAL: &str = "[TOOL_CALLS]";
const MISTRAL_ARGUMENTS: &str = "[ARGS]";
const LLAMA: &str = "<|python_tag|>";

impl Family {
    /// The family of a chat template; `None` for one that knows no tools.
    pub(super) fn of(template: &str) -> Option<Self> {
        let has = |text: &str| template.contains(text);
        if !has("tools") {
            None
        } else if has(MISTRAL) {
            Some(Self::Mistral)
        } else if has(HERMES.0) {
            Some(Self::Hermes)
        } else {
            (has(LLAMA) || has("\"parameters\"") || has("ipython")).then_some(Self::Llama)
        }
    }

    /// Texts that begin, end or part a call, some of which are control tokens.
    pub(super) fn markers(self) -> &'static [&'static str] {
        match self {
            Self::Hermes => &[HERMES.0, HERMES.1],
            Self::Mistral => &[MISTRAL, MISTRAL_ARGUMENTS],
            Self::Llama => &[LLAMA],
        }
    }

    /// A grammar in llguidance's variant of Lark of exactly one call to one of `tools`. `token` gives a marker as the grammar
    /// writes it.
    pub(super) fn grammar(self, tools: &[&Tool], token: impl Fn(&str) -> String) -> String {
        let arguments = match self {
            Self::Hermes | Self::Mistral => "arguments",
            Self::Llama => "parameters",
        };
        let calls: Vec<Value> = tools
            .iter()
            .map(|tool| {
                json!({
                    "type": "object",
                    "properties": { "name": { "const": tool.name }, arguments: tool.parameters },
                    "required": ["name", arguments],
                    "additionalProperties": false,
                })
            })
            .collect();
        let schema = match <[Value; 1]>::try_from(calls) {
            Ok([only]) => only,
            Err(calls) => json!({ "anyOf": calls }),
        };
        let start = match self {
            Self::Hermes => format!(
                "{} \"\\n\" call \"\\n\" {}",
                token(HERMES.0),
                token(HERMES.1)
            ),
            Self::Mistral => format!("{} \"[\" call \"]\"", token(MISTRAL)),
            Self::Llama => "call".to_owned(),
        };
        format!("start: {start}\ncall: %json {schema}\n")
    }
}

/// Parts an answer, as it comes, into what the caller reads and the calls.
pub(super) struct CallReader {
    family: Family,
    /// What may still become a call, from its first byte on.
    held: String,
    /// Whether `held` begins a call.
    inside: bool,
    /// Whether nothing came since a call: line feeds between calls are no text.
    behind_call: bool,
    /// Whether nothing but white space was written so far.
    untouched: bool,
    calls: Vec<(String, String)>,
}

impl CallReader {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            held: String::new(),
            inside: false,
            behind_call: false,
            untouched: true,
            calls: Vec::new(),
        }
    }

    /// Adds text; returns what is no part of a call.
    pub(super) fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let mut visible = String::new();
        loop {
            if self.inside {
                if !self.close(&mut visible) {
                    return visible;
                }
            } else if !self.open(&mut visible) {
                return visible;
            }
        }
    }

    /// Looks for the beginning of a call. False when more text is needed.
    fn open(&mut self, visible: &mut String) -> bool {
        if self.behind_call {
            self.held = self.held.trim_start_matches('\n').to_owned();
            self.behind_call = self.held.is_empty();
        }
        if self.family == Family::Llama && self.untouched {
            let begun = self.held.trim_start();
            if begun.is_empty() {
                return false;
            }
            if begun.starts_with('{') {
                self.inside = true;
                return true;
            }
        }
        let marker = self.family.markers()[0];
        if let Some(place) = self.held.find(marker) {
            let rest = self.held.split_off(place);
            self.show(visible);
            self.held = rest;
            self.inside = true;
            return true;
        }
        let kept = longest_beginning(&self.held, marker);
        let rest = self.held.split_off(self.held.len() - kept);
        self.show(visible);
        self.held = rest;
        false
    }

    /// Looks for the end of a call. False when more text is needed: only Hermes marks it.
    fn close(&mut self, visible: &mut String) -> bool {
        if self.family != Family::Hermes {
            return false;
        }
        let Some(end) = self.held.find(HERMES.1) else {
            return false;
        };
        let rest = self.held.split_off(end + HERMES.1.len());
        self.behind_call = self.take(visible);
        self.held = rest;
        self.inside = false;
        true
    }

    fn show(&mut self, visible: &mut String) {
        self.untouched = self.untouched && self.held.trim().is_empty();
        visible.push_str(&self.held);
        self.held.zeroize();
    }

    /// Reads `held` as calls. What cannot be read is text: nothing is lost. Whether it was calls.
    fn take(&mut self, visible: &mut String) -> bool {
        let Some(calls) = read(self.family, &self.held) else {
            self.show(visible);
            return false;
        };
        self.calls.extend(calls);
        self.held.zeroize();
        true
    }

    /// The end of the answer: what was held back, and the calls as name and arguments.
    pub(super) fn finish(&mut self) -> (String, Vec<(String, String)>) {
        let mut visible = String::new();
        if self.inside {
            self.take(&mut visible);
        } else {
            self.show(&mut visible);
        }
        (visible, std::mem::take(&mut self.calls))
    }
}

impl Drop for CallReader {
    fn drop(&mut self) {
        self.held.zeroize();
        for (_, arguments) in &mut self.calls {
            arguments.zeroize();
        }
    }
}

/// How many bytes at the end of `text` could begin `marker`, which is ASCII.
fn longest_beginning(text: &str, marker: &str) -> usize {
    (1..marker.len())
        .rev()
        .find(|length| text.as_bytes().ends_with(&marker.as_bytes()[..*length]))
        .unwrap_or(0)
}

/// The calls that a text from its first marker on is, or `None` where it is something else.
fn read(family: Family, text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    let body = text
        .strip_prefix(family.markers()[0])
        .unwrap_or(text)
        .trim();
    let body = body.strip_suffix(HERMES.1).unwrap_or(body).trim();
    if family == Family::Mistral && !body.starts_with('[') {
        return body.split(MISTRAL).map(named).collect();
    }
    let value: Value = serde_json::from_str(body).ok()?;
    let calls = match value {
        Value::Array(calls) => calls,
        one @ Value::Object(_) => vec![one],
        _ => return None,
    };
    let calls: Option<Vec<_>> = calls.into_iter().map(call).collect();
    calls.filter(|calls| !calls.is_empty())
}

/// `name[ARGS]{…}` or `name{…}`.
fn named(text: &str) -> Option<(String, String)> {
    let brace = text.find('{')?;
    let name = text[..brace].trim().strip_suffix(MISTRAL_ARGUMENTS);
    let name = name.unwrap_or(&text[..brace]).trim();
    let arguments: Map<String, Value> = serde_json::from_str(text[brace..].trim()).ok()?;
    is_name(name).then(|| (name.to_owned(), Value::Object(arguments).to_string()))
}

/// `{"name": …, "arguments": …}`, whatever the family calls the arguments. They may be a text of JSON themselves.
fn call(value: Value) -> Option<(String, String)> {
    let Value::Object(mut members) = value else {
        return None;
    };
    let name = members.get("name")?.as_str()?.to_owned();
    if !is_name(&name) {
        return None;
    }
    let arguments = members
        .remove("arguments")
        .or_else(|| members.remove("parameters"));
    let arguments = match arguments {
        None => Value::Object(Map::new()),
        Some(Value::String(text)) => serde_json::from_str(&text).ok()?,
        Some(value) => value,
    };
    arguments.is_object().then(|| (name, arguments.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a text in pieces of `size` characters.
    fn read_in(family: Family, text: &str, size: usize) -> (String, Vec<(String, String)>) {
        let mut reader = CallReader::new(family);
        let chars: Vec<char> = text.chars().collect();
        let mut visible: String = chars
            .chunks(size)
            .map(|piece| reader.push(&piece.iter().collect::<String>()))
            .collect();
        let (rest, calls) = reader.finish();
        visible.push_str(&rest);
        (visible, calls)
    }

    fn assert_reads(family: Family, text: &str, visible: &str, calls: &[(&str, &str)]) {
        let calls: Vec<_> = calls
            .iter()
            .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
            .collect();
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(
                read_in(family, text, size),
                (visible.to_owned(), calls.clone()),
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn calls_of_hermes_and_qwen_are_taken_out_of_the_text() {
        let text = "Let me look.\n<tool_call>\n{\"name\": \"dose\", \"arguments\": {\"drug\": \"a</b>\"}}\n</tool_call>\n\
                    <tool_call>{\"name\": \"list\", \"arguments\": {}}</tool_call> Done <b>";
        assert_reads(
            Family::Hermes,
            text,
            "Let me look.\n Done <b>",
            &[("dose", "{\"drug\":\"a</b>\"}"), ("list", "{}")],
        );
    }

    #[test]
    fn both_writings_of_mistral_are_read() {
        assert_reads(
            Family::Mistral,
            "[TOOL_CALLS] [{\"name\": \"dose\", \"arguments\": {\"mg\": 5}}, {\"name\": \"list\", \"arguments\": {}}]",
            "",
            &[("dose", "{\"mg\":5}"), ("list", "{}")],
        );
        assert_reads(
            Family::Mistral,
            "[TOOL_CALLS]dose[ARGS]{\"mg\": 5}[TOOL_CALLS]list[ARGS]{}",
            "",
            &[("dose", "{\"mg\":5}"), ("list", "{}")],
        );
    }

    #[test]
    fn calls_of_llama_are_the_whole_answer() {
        assert_reads(
            Family::Llama,
            "\n{\"name\": \"dose\", \"parameters\": {\"mg\": 5}}",
            "",
            &[("dose", "{\"mg\":5}")],
        );
        assert_reads(
            Family::Llama,
            "<|python_tag|>{\"name\": \"dose\", \"parameters\": {}}",
            "",
            &[("dose", "{}")],
        );
        assert_reads(Family::Llama, "Take {5} mg.", "Take {5} mg.", &[]);
    }

    #[test]
    fn what_is_no_call_stays_text() {
        for text in [
            "<tool_call>{\"name\": 5}</tool_call>",
            "<tool_call>{\"name\": \"a b\", \"arguments\": {}}</tool_call>",
            "<tool_call>{\"name\": \"dose\", \"arg",
            "a < b, and <tool",
        ] {
            assert_reads(Family::Hermes, text, text, &[]);
        }
        for text in [
            "{\"dose\": 5}",
            "{not json",
            "{\"name\": \"a\", \"parameters\": 5}",
        ] {
            assert_reads(Family::Llama, text, text, &[]);
        }
        for text in [
            "[TOOL_CALLS] nothing",
            "[TOOL_CALLS]<tool_call>{}",
            "[TOOL_CALLS]a b{}",
        ] {
            assert_reads(Family::Mistral, text, text, &[]);
        }
        assert_reads(Family::Mistral, "[TOOL_CALLS]a{}", "", &[("a", "{}")]);
    }

    #[test]
    fn a_template_says_how_its_model_writes_calls() {
        assert_eq!(Family::of("{{ messages }}"), None);
        assert_eq!(
            Family::of("{% if tools %}<tool_call>{% endif %}"),
            Some(Family::Hermes)
        );
        assert_eq!(
            Family::of("{% if tools %}[TOOL_CALLS]{% endif %}"),
            Some(Family::Mistral)
        );
        assert_eq!(
            Family::of("{% if tools %}Environment: ipython{% endif %}"),
            Some(Family::Llama)
        );
    }

    proptest! {
        /// Without a letter outside of the marks no tool is named.
        #[test]
        fn text_that_is_no_call_comes_out_as_it_was(text in "(<tool_call>|</tool_call>|[\\[\\]{}<>\u{e9}\n ]|\\[TOOL_CALLS\\]){0,20}", size in 1usize..9) {
            for family in [Family::Hermes, Family::Mistral, Family::Llama] {
                let (whole, calls) = read_in(family, &text, 1000);
                prop_assert_eq!((&whole, &calls), (&text, &Vec::new()));
                prop_assert_eq!(read_in(family, &text, size), (whole, calls));
            }
        }
    }
}
