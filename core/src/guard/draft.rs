//! What is to be asked, and every text in it that is the caller's.

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::engine::{ChatOptions, Dry, Format, Message};
use crate::pii::{Scrubber, Vault};
use crate::scan::{Field, Finding};
use crate::{Error, Kind, Result};

/// Members of a JSON Schema whose schemas are about the property around them.
const OF_PROPERTY: [&str; 10] = [
    "items",
    "prefixItems",
    "contains",
    "anyOf",
    "oneOf",
    "allOf",
    "if",
    "then",
    "else",
    "not",
];
/// Those that hold values of it.
const VALUES: [&str; 5] = ["enum", "const", "default", "example", "examples"];

/// Most placeholders that a schema lists one by one.
const MAX_LISTED: usize = 64;

/// Messages and options, before anything is taken out of them.
pub(super) struct Draft {
    pub(super) messages: Vec<Message>,
    pub(super) options: ChatOptions,
}

/// What may be done with a text where something is found.
#[derive(Clone, Copy)]
enum Slot {
    /// It is replaced.
    Text,
    /// Nothing: with anything else in it, it would be no such thing any more.
    Fixed(&'static str),
}

/// Gets each text, with the name of what it is the value of, and may change it.
type Visit<'v> = dyn FnMut(Slot, &str, &mut String) + 'v;

/// The findings of each text, in the order in which [`Draft::each_text`] comes to them.
pub(super) struct Found(Vec<Vec<Finding>>);

impl Found {
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Finding]> {
        self.0.iter().map(Vec::as_slice)
    }
}

impl Draft {
    /// Looks for identifiers and secrets in all texts at once, and for what `vault` remembers from others.
    pub(super) fn find(&mut self, scrubber: &Scrubber, vault: &Vault) -> Found {
        let mut texts: Vec<(String, Zeroizing<String>)> = Vec::new();
        self.each_text(&mut |_, name, text| {
            texts.push((name.to_owned(), Zeroizing::new(text.clone())));
        });
        let fields: Vec<_> = texts
            .iter()
            .map(|(name, value)| Field { name, value })
            .collect();
        let found = scrubber.find_in_record(&fields).into_iter();
        let texts = fields.iter().map(|field| field.value);
        let all = texts.zip(found);
        Found(
            all.map(|(text, found)| scrubber.with_known(text, found, vault))
                .collect(),
        )
    }

    /// Replaces what was found, by what `vault` can put back.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] where something stands in what cannot be changed; else as [`Scrubber::pseudonymize_of`].
    pub(super) fn scrub(
        &mut self,
        found: Found,
        scrubber: &Scrubber,
        subject: &str,
        vault: &mut Vault,
    ) -> Result<()> {
        self.each_text(&mut |_, _, text| scrubber.reserve(text, vault));
        let mut found = found.0.into_iter();
        let mut outcome = Ok(());
        self.each_text(&mut |slot, _, text| {
            let findings = found.next().unwrap_or_default();
            if outcome.is_err() || findings.is_empty() {
                return;
            }
            let replaced = match slot {
                Slot::Text => scrubber.pseudonymize_found(subject, text, findings, vault),
                Slot::Fixed(what) => Err(fixed(what, &findings)),
            };
            match replaced {
                Ok(done) => *text = done.text,
                Err(error) => outcome = Err(error),
            }
        });
        outcome?;
        if let Some(placeholder) = any_of(vault) {
            let options = &mut self.options;
            for tool in &mut options.tools {
                let_through(&mut tool.parameters, &placeholder);
            }
            if let Format::JsonSchema(source) = &mut options.format
                && let Ok(mut schema) = serde_json::from_str::<Value>(source)
            {
                let_through(&mut schema, &placeholder);
                *source = schema.to_string();
            }
        }
        Ok(())
    }

    fn each_text(&mut self, visit: &mut Visit<'_>) {
        for message in &mut self.messages {
            for call in &mut message.tool_calls {
                visit(Slot::Text, "", &mut call.name);
                match serde_json::from_str::<Value>(&call.arguments) {
                    Ok(mut arguments) => {
                        each_value("", &mut arguments, visit);
                        call.arguments = arguments.to_string();
                    }
                    Err(_) => visit(Slot::Text, "", &mut call.arguments),
                }
            }
            let tool = match &mut message.answers {
                Some((_, name)) => {
                    visit(Slot::Text, "", name);
                    name.as_str()
                }
                None => "",
            };
            visit(Slot::Text, tool, &mut message.content);
        }
        let options = &mut self.options;
        for tool in &mut options.tools {
            let spaced = tool.name.replace(['_', '.'], " ");
            visit(Slot::Fixed("the name of a tool"), "", &mut { spaced });
            visit(Slot::Text, "", &mut tool.description);
            each_in_schema("", &mut tool.parameters, visit);
        }
        match &mut options.format {
            Format::Text | Format::JsonObject => {}
            Format::JsonSchema(source) => match serde_json::from_str::<Value>(source) {
                Ok(mut schema) => {
                    each_in_schema("", &mut schema, visit);
                    *source = schema.to_string();
                }
                Err(_) => visit(Slot::Fixed("the schema of the answer"), "", source),
            },
            Format::Gbnf(source) | Format::Regex(source) | Format::Lark(source) => {
                visit(
                    Slot::Fixed("the grammar or pattern of the answer"),
                    "",
                    source,
                );
            }
        }
        for stop in &mut options.stop {
            visit(Slot::Text, "", stop);
        }
        if options.dry.sequence_breakers != Dry::default().sequence_breakers {
            for breaker in &mut options.dry.sequence_breakers {
                visit(Slot::Text, "", breaker);
            }
        }
    }
}

fn fixed(what: &str, findings: &[Finding]) -> Error {
    let kind = findings.first().map_or("", Finding::kind);
    Error::new(
        Kind::InvalidArgument,
        format!(
            "{what} holds what must not reach the model ({kind}) and cannot be changed; hint: leave it out, or write it as a \
             value of `enum` or `const`, which is replaced and put back"
        ),
    )
}

/// The texts of plain JSON, its numbers among them: one that is replaced becomes a text.
fn each_value(name: &str, value: &mut Value, visit: &mut Visit<'_>) {
    match value {
        Value::String(text) => visit(Slot::Text, name, text),
        Value::Number(number) => {
            let digits = number.to_string();
            let mut text = digits.clone();
            visit(Slot::Text, name, &mut text);
            if text != digits {
                *value = Value::String(text);
            }
        }
        Value::Array(values) => {
            for value in values {
                each_value(name, value, visit);
            }
        }
        Value::Object(members) => each_member(members, visit, &each_value),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The texts of a JSON Schema that describes what is called `name`.
fn each_in_schema(name: &str, schema: &mut Value, visit: &mut Visit<'_>) {
    match schema {
        Value::String(text) => visit(Slot::Text, name, text),
        Value::Array(schemas) => {
            for schema in schemas {
                each_in_schema(name, schema, visit);
            }
        }
        Value::Object(members) => {
            each_member(members, visit, &|key, member, visit| match member {
                _ if VALUES.contains(&key) => each_value(name, member, visit),
                Value::String(url) if key == "$schema" && url.contains("//json-schema.org/") => {}
                Value::String(pattern) if key == "pattern" => {
                    each_in_pattern("a `pattern` of a schema", name, pattern, visit);
                }
                Value::Object(patterns) if key == "patternProperties" => {
                    for (pattern, member) in patterns.iter_mut() {
                        let slot = Slot::Fixed("`patternProperties` of a schema");
                        visit(slot, "", &mut pattern.clone());
                        each_in_schema(name, member, visit);
                    }
                }
                _ if OF_PROPERTY.contains(&key) => each_in_schema(name, member, visit),
                _ => each_in_schema(key, member, visit),
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A pattern or a grammar, as it is written and without its escapes.
fn each_in_pattern(what: &'static str, name: &str, pattern: &str, visit: &mut Visit<'_>) {
    visit(Slot::Fixed(what), name, &mut pattern.to_owned());
    if pattern.contains('\\') {
        visit(Slot::Fixed(what), name, &mut pattern.replace('\\', ""));
    }
}

/// A schema of the placeholders of `vault`, if there are any.
fn any_of(vault: &Vault) -> Option<Value> {
    let placeholders = vault.placeholders(MAX_LISTED + 1);
    match placeholders.len() {
        0 => return None,
        1..=MAX_LISTED => return Some(json!({ "enum": placeholders })),
        _ => {}
    }
    let tokens: Vec<_> = vault.tokens().into_iter().map(regex::escape).collect();
    let tokens = tokens.join("|");
    Some(json!({ "type": "string", "pattern": format!("^\\[({tokens})_[0-9a-z]{{1,16}}\\]$") }))
}

/// Lets each restrained text of a schema be a placeholder as well: the model has never seen what it stands for, and would
/// otherwise have to make a value up.
fn let_through(schema: &mut Value, placeholder: &Value) {
    match schema {
        Value::Array(schemas) => {
            for schema in schemas {
                let_through(schema, placeholder);
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if !VALUES.contains(&name.as_str()) {
                    let_through(member, placeholder);
                }
            }
            if is_restrained(members) {
                let restrained = schema.take();
                *schema = json!({ "anyOf": [restrained, placeholder] });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether this is the schema of a text that may not be just any.
fn is_restrained(schema: &Map<String, Value>) -> bool {
    let has = |name| schema.get(name).is_some_and(Value::is_string);
    let counts = |name| schema.get(name).is_some_and(Value::is_number);
    let shaped = has("pattern") || has("format");
    match schema.get("type") {
        None => shaped,
        Some(Value::String(only)) if only != "string" => false,
        Some(Value::Array(types)) if !types.iter().any(|it| it == "string") => false,
        Some(Value::String(_) | Value::Array(_)) => {
            shaped || counts("minLength") || counts("maxLength")
        }
        Some(_) => false,
    }
}

/// The names of the members of an object, and what `inner` finds in their values.
fn each_member(
    members: &mut Map<String, Value>,
    visit: &mut Visit<'_>,
    inner: &dyn Fn(&str, &mut Value, &mut Visit<'_>),
) {
    let mut names = Vec::with_capacity(members.len());
    let mut changed = false;
    for (name, value) in members.iter_mut() {
        let mut written = name.clone();
        visit(Slot::Text, "", &mut written);
        changed |= written != *name;
        names.push(written);
        inner(name, value, visit);
    }
    if changed {
        let values = std::mem::take(members).into_iter().map(|(_, value)| value);
        *members = names.into_iter().zip(values).collect();
    }
}
