//! The model's own chat template: jinja, as `transformers` runs it, without access to anything and with a budget.
//!
//! A template is code that came with a model. It sees the messages and nothing else, and is stopped after
//! [`FUEL`] instructions or when its text has outgrown the context window.

mod json;

use std::io::{self, Write};

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use minijinja::{AutoEscape, Environment, ErrorKind, Value, context};
use once_cell::sync::Lazy;
use regex::Regex;

use super::conversation::Conversation;
use crate::engine::calls::Family;
use crate::engine::{Message, Tool, ToolCall};
use crate::{Error, Kind, Result, Sensitive};

/// Instructions for one rendering; the templates in the field need a few hundred per message.
const FUEL: u64 = 10_000_000;

const NAME: &str = "chat";
const RAISED: &str = "raised by the template";

/// `{% generation %}` marks the assistant's text for training and changes nothing in the prompt.
static GENERATION: Lazy<Regex> = Lazy::new(|| {
    Regex::new(r"\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}").expect("the pattern is a constant")
});

/// A compiled template.
pub(super) struct Template {
    environment: Environment<'static>,
    /// How the model writes calls of tools; `None` where the template knows none.
    pub(super) family: Option<Family>,
    bos: String,
    eos: String,
}

impl Template {
    /// Compiles the template of a model.
    pub(super) fn compile(source: &str, model: &LlamaModel) -> Result<Self> {
        let vocabulary = model.vocab();
        let text = |token: LlamaToken| {
            (token.0 >= 0)
                .then(|| vocabulary.text(token))
                .flatten()
                .map(|text| text.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        Ok(Self {
            environment: environment(source)?,
            family: Family::of(source),
            bos: text(vocabulary.bos()),
            eos: text(vocabulary.eos()),
        })
    }

    /// The prompt of a conversation, at most `limit` bytes long, up to where an answer begins if `answer` says so.
    pub(super) fn render(
        &self,
        conversation: &Conversation,
        answer: bool,
        limit: usize,
    ) -> Result<Sensitive<String>> {
        let messages: Vec<Value> = conversation.messages.iter().map(message).collect();
        let tools: Vec<Value> = conversation.tools.iter().map(tool).collect();
        if !tools.is_empty() && self.family.is_none() {
            return Err(Error::new(
                Kind::Unsupported,
                "the model's chat template knows no tools; hint: use a model that was trained to call them, or set a \
                 `chat_template` that writes them",
            ));
        }
        let variables = context! {
            messages => messages,
            tools => if tools.is_empty() { Value::UNDEFINED } else { Value::from(tools) },
            add_generation_prompt => answer,
            bos_token => self.bos,
            eos_token => self.eos,
        };
        let mut prompt = Bounded {
            text: Sensitive::new(Vec::new()),
            limit,
            full: false,
        };
        self.environment
            .get_template(NAME)
            .and_then(|template| {
                template
                    .render_captured_to(variables, &mut prompt)
                    .map(drop)
            })
            .map_err(|error| prompt.explain(&error))?;
        let Ok(text) = String::from_utf8(std::mem::take(&mut prompt.text)) else {
            return Err(Error::new(Kind::Internal, "a prompt is not UTF-8"));
        };
        Ok(Sensitive::new(text))
    }
}

/// A message as templates expect it, which is as the API of `OpenAI` has it but for the arguments: an object.
fn message(message: &Message) -> Value {
    let mut members = vec![
        ("role", Value::from(message.role.as_str())),
        ("content", Value::from(message.content.as_str())),
    ];
    if !message.tool_calls.is_empty() {
        let call = |call: &ToolCall| {
            let arguments: serde_json::Value =
                serde_json::from_str(&call.arguments).unwrap_or_default();
            let function =
                context! { name => call.name, arguments => Value::from_serialize(arguments) };
            context! { id => call.id, r#type => "function", function => function }
        };
        let calls: Vec<Value> = message.tool_calls.iter().map(call).collect();
        members.push(("tool_calls", Value::from(calls)));
    }
    if let Some((id, name)) = &message.answers {
        members.push(("tool_call_id", Value::from(id.as_str())));
        members.push(("name", Value::from(name.as_str())));
    }
    members.into_iter().collect()
}

/// A tool as templates expect it.
fn tool(tool: &Tool) -> Value {
    let function = context! {
        name => tool.name,
        description => tool.description,
        parameters => Value::from_serialize(&tool.parameters),
    };
    context! { r#type => "function", function => function }
}

/// The environment of `transformers.apply_chat_template`.
fn environment(source: &str) -> Result<Environment<'static>> {
    let source = GENERATION.replace_all(source, |found: &regex::Captures<'_>| {
        let tag = if found.get(2).is_some() {
            "endif"
        } else {
            "if true"
        };
        format!("{{%{} {tag} {}%}}", &found[1], &found[3])
    });
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", json::dumps);
    environment.add_function("raise_exception", |_: Value| {
        Err::<Value, _>(minijinja::Error::new(ErrorKind::InvalidOperation, RAISED))
    });
    environment.add_function("strftime_now", |format: &str| {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
        jiff::fmt::strtime::format(format, &now)
            .map_err(|_| minijinja::Error::new(ErrorKind::InvalidOperation, "unknown date format"))
    });
    environment
        .add_template_owned(NAME, source.into_owned())
        .map_err(|_| Error::new(Kind::Model, "the model's chat template is malformed"))?;
    Ok(environment)
}

/// Text that is wiped when it is dropped and that refuses to outgrow its limit.
struct Bounded {
    text: Sensitive<Vec<u8>>,
    limit: usize,
    full: bool,
}

impl Bounded {
    /// What went wrong, without the template's own words: they may quote a message.
    fn explain(&self, error: &minijinja::Error) -> Error {
        if self.full {
            return Error::new(
                Kind::TooLarge,
                "the conversation is longer than the context window; hint: drop its oldest turns",
            );
        }
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(current) = cause {
            if let Some(current) = current.downcast_ref::<minijinja::Error>() {
                if current.detail() == Some(RAISED) {
                    return Error::new(
                        Kind::InvalidArgument,
                        "the model's chat template refused the conversation; hint: let the roles `user` and \
                         `assistant` alternate, `user` first, and at most one `system` before them",
                    );
                }
                if current.kind() == ErrorKind::OutOfFuel {
                    return Error::new(Kind::Model, "the model's chat template ran for too long");
                }
            }
            cause = current.source();
        }
        Error::new(
            Kind::Model,
            "the model's chat template failed; hint: `generate` takes a prompt that is already rendered",
        )
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit - self.text.len() {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str) -> Result<String> {
        let template = Template {
            environment: environment(source)?,
            family: Family::of(source),
            bos: "<s>".into(),
            eos: "</s>".into(),
        };
        let conversation = Conversation {
            messages: vec![Message::new("user", "  a \"quoted\" word\n")],
            tools: Vec::new(),
        };
        template
            .render(&conversation, true, 1 << 16)
            .map(Sensitive::into_inner)
    }

    #[test]
    fn python_methods_and_filters_work() {
        let text = render(
            "{{ bos_token }}{% for m in messages %}{{ m.content.strip() }}|{{ m | tojson }}{% endfor %}",
        );
        assert_eq!(
            text.unwrap(),
            "<s>a \"quoted\" word|{\"role\": \"user\", \"content\": \"  a \\\"quoted\\\" word\\n\"}"
        );
    }

    #[test]
    fn training_marks_change_nothing() {
        let text = render("a\n{%- generation %}b{% endgeneration -%}\nc").unwrap();
        assert_eq!(text, "abc");
    }

    #[test]
    fn a_date_is_formatted() {
        let text = render("{{ strftime_now('%d %B %Y') }}").unwrap();
        assert_eq!(text.split(' ').count(), 3);
        assert!(text.ends_with(char::is_numeric));
    }

    #[test]
    fn an_endless_template_is_stopped() {
        let source = "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = b %}{% endfor %}{% endfor %}";
        assert_eq!(render(source).unwrap_err().kind(), Kind::Model);
    }

    #[test]
    fn a_template_that_writes_without_end_is_stopped() {
        let source = "{% for a in range(99999) %}{{ messages[0].content }}{% endfor %}";
        assert_eq!(render(source).unwrap_err().kind(), Kind::TooLarge);
    }

    #[test]
    fn a_refusal_of_the_template_does_not_quote_it() {
        let error = render("{{ raise_exception(messages[0].content) }}").unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
        assert!(!error.message().contains("quoted"));
    }

    #[test]
    fn a_malformed_template_is_an_error() {
        assert_eq!(render("{% for %}").unwrap_err().kind(), Kind::Model);
    }
}
