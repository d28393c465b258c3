//! An answer, whole or in parts, as JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::engine::{Completion, TokenLogprob, ToolCall};
use crate::{Error, Kind, Result};

/// A member of an object.
pub(crate) type Member = (String, Value);

/// What all parts of one answer have in common.
pub(crate) struct Head {
    id: String,
    created: u64,
    model: String,
}

impl Head {
    pub(crate) fn new(model: &str) -> Result<Self> {
        let mut id = [0; 12];
        getrandom::fill(&mut id)
            .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Self {
            id: format!("chatcmpl-{}", base16ct::lower::encode_string(&id)),
            created: now.map_or(0, |time| time.as_secs()),
            model: model.to_owned(),
        })
    }

    fn object(&self, object: &str, choice: &Value) -> Map<String, Value> {
        let Value::Object(members) = json!({
            "id": self.id,
            "object": object,
            "created": self.created,
            "model": self.model,
            "choices": [choice],
        }) else {
            return Map::new();
        };
        members
    }

    /// The whole answer, with a further member.
    pub(crate) fn completion(&self, completion: &Completion, more: Option<Member>) -> String {
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        let silent = completion.text.is_empty() && !completion.tool_calls.is_empty();
        let content = (!silent).then_some(completion.text.as_str());
        message.insert("content".into(), content.into());
        if !completion.tool_calls.is_empty() {
            message.insert("tool_calls".into(), calls(completion, false));
        }
        let mut object = self.object(
            "chat.completion",
            &json!({
                "index": 0,
                "message": message,
                "logprobs": logprobs(&completion.logprobs),
                "finish_reason": completion.finish_reason.as_str(),
            }),
        );
        totals(&mut object, completion);
        object.extend(more);
        Value::Object(object).to_string()
    }

    /// The first part of a stream.
    pub(crate) fn first(&self) -> String {
        self.chunk(
            &json!({ "role": "assistant", "content": "" }),
            &[],
            &Value::Null,
        )
    }

    /// A piece of text.
    pub(crate) fn text(&self, text: &str, logprobs: &[TokenLogprob]) -> String {
        self.chunk(&json!({ "content": text }), logprobs, &Value::Null)
    }

    /// The last part: calls, reason and totals, with a further member.
    pub(crate) fn last(&self, completion: &Completion, more: Option<Member>) -> String {
        let mut delta = Map::new();
        if !completion.tool_calls.is_empty() {
            delta.insert("tool_calls".into(), calls(completion, true));
        }
        let choice = choice(
            &Value::Object(delta),
            &completion.logprobs,
            &completion.finish_reason.as_str().into(),
        );
        let mut object = self.object("chat.completion.chunk", &choice);
        totals(&mut object, completion);
        object.extend(more);
        Value::Object(object).to_string()
    }

    fn chunk(&self, delta: &Value, logprobs: &[TokenLogprob], reason: &Value) -> String {
        let choice = choice(delta, logprobs, reason);
        Value::Object(self.object("chat.completion.chunk", &choice)).to_string()
    }
}

fn choice(delta: &Value, told: &[TokenLogprob], reason: &Value) -> Value {
    json!({ "index": 0, "delta": delta, "logprobs": logprobs(told), "finish_reason": reason })
}

fn calls(completion: &Completion, numbered: bool) -> Value {
    let call = |(index, call): (usize, &ToolCall)| {
        let mut value = json!({
            "id": call.id,
            "type": "function",
            "function": { "name": call.name, "arguments": call.arguments },
        });
        if numbered {
            value["index"] = index.into();
        }
        value
    };
    completion.tool_calls.iter().enumerate().map(call).collect()
}

fn logprobs(told: &[TokenLogprob]) -> Value {
    if told.is_empty() {
        return Value::Null;
    }
    let one = |bytes: &[u8], logprob: f32| json!({ "token": String::from_utf8_lossy(bytes), "logprob": finite(logprob), "bytes": bytes });
    let content: Vec<Value> = told
        .iter()
        .map(|token| {
            let mut value = one(&token.bytes, token.logprob);
            let top = token
                .top
                .iter()
                .map(|(bytes, logprob)| one(bytes, *logprob));
            value["top_logprobs"] = top.collect();
            value
        })
        .collect();
    json!({ "content": content })
}

/// JSON has no infinity; `OpenAI` writes -9999 for a probability of zero.
fn finite(logprob: f32) -> f32 {
    if logprob.is_finite() {
        logprob
    } else {
        -9999.0
    }
}

fn totals(object: &mut Map<String, Value>, completion: &Completion) {
    let (usage, timings) = (completion.usage, completion.timings);
    let fresh = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
    let rate = |tokens: u32, time: Duration| {
        let seconds = time.as_secs_f64();
        if seconds > 0.0 {
            f64::from(tokens) / seconds
        } else {
            0.0
        }
    };
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    object.insert(
        "usage".into(),
        json!({
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens.saturating_add(usage.completion_tokens),
            "cached_tokens": usage.cached_tokens,
            "prompt_tokens_details": { "cached_tokens": usage.cached_tokens },
        }),
    );
    object.insert(
        "timings".into(),
        json!({
            "cache_n": usage.cached_tokens,
            "prompt_n": fresh,
            "prompt_ms": milliseconds(timings.prompt),
            "prompt_per_second": rate(fresh, timings.prompt),
            "predicted_n": usage.completion_tokens,
            "predicted_ms": milliseconds(timings.generation),
            "predicted_per_second": rate(usage.completion_tokens, timings.generation),
            "draft_n": timings.drafted,
            "draft_n_accepted": timings.accepted,
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_members_that_clients_read() {
        let completion = Completion {
            tool_calls: vec![ToolCall {
                id: "abc".into(),
                name: "dose".into(),
                arguments: "{}".into(),
            }],
            logprobs: vec![TokenLogprob {
                bytes: vec![0xC3],
                logprob: -0.5,
                top: vec![(b"a".to_vec(), f32::NEG_INFINITY)],
            }],
            ..Completion::default()
        };
        let head = Head::new("model").unwrap();
        let answer: Value = serde_json::from_str(&head.completion(&completion, None)).unwrap();
        assert_eq!(answer["object"], "chat.completion");
        assert_eq!(answer["choices"][0]["message"]["content"], Value::Null);
        assert_eq!(
            answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
            "dose"
        );
        let token = &answer["choices"][0]["logprobs"]["content"][0];
        assert_eq!(token["bytes"], json!([0xC3]));
        assert_eq!(token["top_logprobs"][0]["logprob"], -9999.0);
        assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
        let last: Value = serde_json::from_str(&head.last(&completion, None)).unwrap();
        assert_eq!(last["choices"][0]["delta"]["tool_calls"][0]["index"], 0);
        assert!(last["timings"]["prompt_ms"].is_number());
    }
}
