//! A request, from JSON to messages and options.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::{ChatOptions, Format, Message, Mirostat, Tool, ToolCall, ToolChoice};
use crate::{Error, Kind, Result};

/// Longest request in bytes.
const MAX_REQUEST: usize = 64 << 20;

/// A request, read.
#[derive(Debug)]
pub(crate) struct CompletionRequest {
    pub(crate) messages: Vec<Message>,
    pub(crate) options: ChatOptions,
    pub(crate) stream: bool,
}

impl CompletionRequest {
    /// Reads a request.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        if json.len() > MAX_REQUEST {
            return Err(Error::new(
                Kind::TooLarge,
                "the request is longer than 64 MiB",
            ));
        }
        let request: Request = serde_json::from_str(json).map_err(|error| malformed(&error))?;
        if request.n.unwrap_or(1) != 1 {
            return Err(invalid("`n` is not 1; hint: ask once for each answer"));
        }
        let options = request.options()?;
        options.validate()?;
        Ok(Self {
            messages: request
                .messages
                .into_iter()
                .map(WireMessage::read)
                .collect(),
            options,
            stream: request.stream.unwrap_or(false),
        })
    }
}

/// Where the text stops being a request, but nothing of it: it is the caller's.
fn malformed(error: &serde_json::Error) -> Error {
    let what = match error.classify() {
        serde_json::error::Category::Data => "has a member that is not known or not of its type",
        _ => "is not JSON",
    };
    Error::new(
        Kind::InvalidArgument,
        format!(
            "the request {what}, at line {} column {}; hint: its members are those of OpenAI's chat completions and of \
             llama.cpp's server",
            error.line(),
            error.column()
        ),
    )
}

fn invalid(what: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, what)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    messages: Vec<WireMessage>,
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "user")]
    _user: Option<String>,
    n: Option<u32>,
    stream: Option<bool>,
    #[serde(rename = "stream_options")]
    _stream_options: Option<Value>,
    #[serde(rename = "parallel_tool_calls")]
    _parallel_tool_calls: Option<bool>,
    #[serde(alias = "max_completion_tokens")]
    max_tokens: Option<u32>,
    temperature: Option<f32>,
    dynatemp_range: Option<f32>,
    dynatemp_exponent: Option<f32>,
    top_p: Option<f32>,
    top_k: Option<u32>,
    min_p: Option<f32>,
    typical_p: Option<f32>,
    repeat_penalty: Option<f32>,
    repeat_last_n: Option<u32>,
    frequency_penalty: Option<f32>,
    presence_penalty: Option<f32>,
    dry_multiplier: Option<f32>,
    dry_base: Option<f32>,
    dry_allowed_length: Option<u32>,
    dry_penalty_last_n: Option<u32>,
    dry_sequence_breakers: Option<Vec<String>>,
    xtc_probability: Option<f32>,
    xtc_threshold: Option<f32>,
    mirostat: Option<u8>,
    mirostat_tau: Option<f32>,
    mirostat_eta: Option<f32>,
    logit_bias: Option<BTreeMap<String, f32>>,
    logprobs: Option<bool>,
    top_logprobs: Option<u32>,
    seed: Option<u32>,
    stop: Option<OneOrMany>,
    response_format: Option<ResponseFormat>,
    grammar: Option<String>,
    regex: Option<String>,
    lark: Option<String>,
    tools: Option<Vec<WireTool>>,
    tool_choice: Option<WireChoice>,
    n_keep: Option<u32>,
    prompt_cache_key: Option<String>,
    public_system: Option<bool>,
    timeout: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum ResponseFormat {
    Text,
    JsonObject { schema: Option<Value> },
    JsonSchema { json_schema: JsonSchema },
}

#[derive(Deserialize)]
struct JsonSchema {
    schema: Value,
}

#[derive(Deserialize)]
struct WireTool {
    function: WireFunction,
}

#[derive(Deserialize)]
struct WireFunction {
    name: String,
    #[serde(default)]
    description: String,
    parameters: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireChoice {
    Word(String),
    Function { function: ChosenFunction },
}

#[derive(Deserialize)]
struct ChosenFunction {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMessage {
    role: String,
    content: Option<Content>,
    name: Option<String>,
    tool_calls: Option<Vec<WireCall>>,
    tool_call_id: Option<String>,
    #[serde(rename = "refusal")]
    _refusal: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part {
    Text { text: String },
}

#[derive(Deserialize)]
struct WireCall {
    #[serde(default)]
    id: String,
    function: CalledFunction,
}

#[derive(Deserialize)]
struct CalledFunction {
    name: String,
    arguments: String,
}

impl WireMessage {
    fn read(self) -> Message {
        let content = match self.content {
            None => String::new(),
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => {
                parts.into_iter().map(|Part::Text { text }| text).collect()
            }
        };
        let mut message = Message::new(self.role, content);
        let calls = self.tool_calls.unwrap_or_default().into_iter();
        message.tool_calls = calls
            .map(|call| ToolCall {
                id: call.id,
                name: call.function.name,
                arguments: call.function.arguments,
            })
            .collect();
        message.answers = self
            .tool_call_id
            .map(|id| (id, self.name.unwrap_or_default()));
        message
    }
}

/// Sets an option that the request has.
fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

impl Request {
    fn options(&self) -> Result<ChatOptions> {
        let mut options = ChatOptions::default();
        set(&mut options.max_tokens, self.max_tokens.as_ref());
        set(&mut options.temperature, self.temperature.as_ref());
        set(&mut options.dynatemp_range, self.dynatemp_range.as_ref());
        set(
            &mut options.dynatemp_exponent,
            self.dynatemp_exponent.as_ref(),
        );
        set(&mut options.top_p, self.top_p.as_ref());
        set(&mut options.top_k, self.top_k.as_ref());
        set(&mut options.min_p, self.min_p.as_ref());
        set(&mut options.typical_p, self.typical_p.as_ref());
        set(&mut options.repeat_penalty, self.repeat_penalty.as_ref());
        set(&mut options.repeat_last_n, self.repeat_last_n.as_ref());
        set(
            &mut options.frequency_penalty,
            self.frequency_penalty.as_ref(),
        );
        set(
            &mut options.presence_penalty,
            self.presence_penalty.as_ref(),
        );
        set(&mut options.dry.multiplier, self.dry_multiplier.as_ref());
        set(&mut options.dry.base, self.dry_base.as_ref());
        set(
            &mut options.dry.allowed_length,
            self.dry_allowed_length.as_ref(),
        );
        set(&mut options.dry.last_n, self.dry_penalty_last_n.as_ref());
        set(
            &mut options.dry.sequence_breakers,
            self.dry_sequence_breakers.as_ref(),
        );
        set(&mut options.xtc.probability, self.xtc_probability.as_ref());
        set(&mut options.xtc.threshold, self.xtc_threshold.as_ref());
        options.mirostat = self.mirostat()?;
        options.logit_bias = self.logit_bias()?;
        options.top_logprobs = match (self.logprobs, self.top_logprobs) {
            (Some(true), top) => Some(top.unwrap_or(0)),
            (_, None | Some(0)) => None,
            _ => return Err(invalid("`top_logprobs` is set without `logprobs`")),
        };
        options.seed = self.seed;
        options.stop = match &self.stop {
            None => Vec::new(),
            Some(OneOrMany::One(text)) => vec![text.clone()],
            Some(OneOrMany::Many(texts)) => texts.clone(),
        };
        options.format = self.format()?;
        options.tools = self.tools.iter().flatten().map(WireTool::read).collect();
        options.tool_choice = self.tool_choice()?;
        options.n_keep = self.n_keep;
        options.cache.clone_from(&self.prompt_cache_key);
        options.public_system = self.public_system.unwrap_or(false);
        options.timeout = self
            .timeout
            .map(|seconds| {
                Duration::try_from_secs_f64(seconds)
                    .map_err(|_| invalid("`timeout` is not a number of seconds"))
            })
            .transpose()?;
        Ok(options)
    }

    fn mirostat(&self) -> Result<Option<Mirostat>> {
        let second = match self.mirostat.unwrap_or(0) {
            0 => return Ok(None),
            1 => false,
            2 => true,
            _ => return Err(invalid("`mirostat` is not 0, 1 or 2")),
        };
        Ok(Some(Mirostat {
            second,
            tau: self.mirostat_tau.unwrap_or(5.0),
            eta: self.mirostat_eta.unwrap_or(0.1),
        }))
    }

    fn logit_bias(&self) -> Result<Vec<(u32, f32)>> {
        self.logit_bias
            .iter()
            .flatten()
            .map(|(token, bias)| {
                let token = token
                    .parse()
                    .map_err(|_| invalid("`logit_bias` has a name that is not a token's number"))?;
                Ok((token, *bias))
            })
            .collect()
    }

    fn format(&self) -> Result<Format> {
        let response = match &self.response_format {
            None | Some(ResponseFormat::Text) => None,
            Some(ResponseFormat::JsonObject { schema: None }) => Some(Format::JsonObject),
            Some(
                ResponseFormat::JsonObject {
                    schema: Some(schema),
                }
                | ResponseFormat::JsonSchema {
                    json_schema: JsonSchema { schema },
                },
            ) => Some(Format::JsonSchema(schema.to_string())),
        };
        let formats = [
            response,
            self.grammar.clone().map(Format::Gbnf),
            self.regex.clone().map(Format::Regex),
            self.lark.clone().map(Format::Lark),
        ];
        let mut given = formats.into_iter().flatten();
        match (given.next(), given.next()) {
            (format, None) => Ok(format.unwrap_or_default()),
            _ => Err(invalid(
                "`response_format`, `grammar`, `regex` and `lark` exclude one another",
            )),
        }
    }

    fn tool_choice(&self) -> Result<ToolChoice> {
        match &self.tool_choice {
            None => Ok(ToolChoice::Auto),
            Some(WireChoice::Function { function }) => Ok(ToolChoice::Named(function.name.clone())),
            Some(WireChoice::Word(word)) => match word.as_str() {
                "auto" => Ok(ToolChoice::Auto),
                "none" => Ok(ToolChoice::None),
                "required" => Ok(ToolChoice::Required),
                _ => Err(invalid(
                    "`tool_choice` is not `auto`, `none`, `required` or a function's name",
                )),
            },
        }
    }
}

impl WireTool {
    fn read(&self) -> Tool {
        let function = &self.function;
        let none = || json!({ "type": "object", "properties": {} });
        Tool {
            name: function.name.clone(),
            description: function.description.clone(),
            parameters: function.parameters.clone().unwrap_or_else(none),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(members: &str) -> Result<ChatOptions> {
        let json =
            format!("{{\"messages\": [{{\"role\": \"user\", \"content\": \"hi\"}}], {members}}}");
        CompletionRequest::parse(&json).map(|request| request.options)
    }

    #[test]
    fn every_member_finds_its_option() {
        let read = options(
            "\"max_completion_tokens\": 7, \"temperature\": 0.5, \"top_k\": 3, \"typical_p\": 0.9, \"dry_multiplier\": 0.8, \
             \"xtc_probability\": 0.25, \"mirostat\": 2, \"logit_bias\": {\"5\": -100}, \"logprobs\": true, \"top_logprobs\": 2, \
             \"stop\": \"END\", \"n_keep\": 4, \"prompt_cache_key\": \"ward\", \"public_system\": true, \"timeout\": 1.5, \
             \"response_format\": {\"type\": \"json_object\"}",
        )
        .unwrap();
        assert_eq!(read.max_tokens, 7);
        assert_eq!(read.top_k, 3);
        assert!(read.mirostat.unwrap().second);
        assert_eq!(read.logit_bias, [(5, -100.0)]);
        assert_eq!(read.top_logprobs, Some(2));
        assert_eq!(read.stop, ["END"]);
        assert_eq!(read.n_keep, Some(4));
        assert_eq!(read.cache.as_deref(), Some("ward"));
        assert!(read.public_system);
        assert_eq!(read.timeout, Some(Duration::from_millis(1500)));
        assert_eq!(read.format, Format::JsonObject);
    }

    #[test]
    fn tools_and_their_calls_are_read() {
        let request = CompletionRequest::parse(
            r#"{"messages": [
                {"role": "user", "content": [{"type": "text", "text": "How"}, {"type": "text", "text": " much?"}]},
                {"role": "assistant", "content": null,
                 "tool_calls": [{"id": "abc", "type": "function", "function": {"name": "dose", "arguments": "{\"mg\": 5}"}}]},
                {"role": "tool", "tool_call_id": "abc", "name": "dose", "content": "5 mg"}],
                "tools": [{"type": "function", "function": {"name": "dose"}}],
                "tool_choice": {"type": "function", "function": {"name": "dose"}}, "stream": true}"#,
        )
        .unwrap();
        assert!(request.stream);
        assert_eq!(request.messages[0].content, "How much?");
        assert_eq!(request.messages[1].tool_calls[0].arguments, "{\"mg\": 5}");
        assert_eq!(
            request.messages[2].answers,
            Some(("abc".into(), "dose".into()))
        );
        assert_eq!(
            request.options.tool_choice,
            ToolChoice::Named("dose".into())
        );
        assert!(request.options.tools[0].parameters.is_object());
    }

    #[test]
    fn what_is_not_known_is_refused_without_quoting_it() {
        for members in [
            "\"secret_member\": 1",
            "\"temperature\": \"secret\"",
            "\"n\": 2",
            "\"mirostat\": 3",
            "\"top_logprobs\": 2",
            "\"tool_choice\": \"secret\"",
            "\"logit_bias\": {\"secret\": 1}",
            "\"grammar\": \"root ::= \\\"a\\\"\", \"regex\": \"a\"",
            "\"timeout\": -1",
            "\"response_format\": {\"type\": \"secret\"}",
            "\"tool_choice\": \"required\"",
        ] {
            let error = options(members).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidArgument, "{members}");
            assert!(!error.message().contains("secret"), "{members}");
        }
        assert_eq!(
            CompletionRequest::parse("{").unwrap_err().kind(),
            Kind::InvalidArgument
        );
    }
}
