//! Requests of `OpenAI`'s API within the guard's walls, answered by a real model.
#![cfg(feature = "llama")]

mod support;

use std::ops::ControlFlow;
use std::sync::Arc;

use cloister_core::access::Identity;
use cloister_core::engine::{Cancel, Engine, EngineOptions};
use cloister_core::guard::{Guard, Session};
use cloister_core::pii::Vault;
use serde_json::{Value, json};
use support::real_model;

/// A template that knows tools as Hermes and Qwen write them.
const TEMPLATE: &str = "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}<tool_call></tool_call>{% endif %}\
                        {% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}\
                        <|im_start|>assistant\n";
/// Needs every kind of escape.
const ODD: &str = "Conor \"Con\" O\\Brien\nWard 7";

fn guard(template: Option<&str>) -> Guard {
    let options = EngineOptions {
        context_tokens: 1024,
        threads: 1,
        chat_template: template.map(str::to_owned),
        ..EngineOptions::default()
    };
    let engine = Engine::load(real_model(), &options, None).expect("the real model loads");
    Guard::builder(Arc::new(engine))
        .without_audit()
        .build()
        .expect("it works")
}

/// A session that knows [`ODD`] as `[NAME_1]`.
fn session() -> Session {
    let mut session = Session::new(Identity {
        user: "doctor".into(),
        role: "physician".into(),
    })
    .expect("it works");
    let mut vault = Vault::new();
    vault.placeholder("NAME", ODD).expect("it works");
    session.set_vault(vault).expect("it works");
    session
}

/// The answer, and the text of its parts.
fn complete(guard: &Guard, request: &Value) -> (Value, String) {
    let mut text = String::new();
    let answer = guard
        .complete(
            &mut session(),
            &request.to_string(),
            &Cancel::new(),
            &mut |part| {
                let part: Value = serde_json::from_str(part).expect("a part is JSON");
                text.push_str(
                    part["choices"][0]["delta"]["content"]
                        .as_str()
                        .unwrap_or_default(),
                );
                ControlFlow::Continue(())
            },
        )
        .expect("it works");
    (
        serde_json::from_str(&answer).expect("the answer is JSON"),
        text,
    )
}

#[test]
fn a_schema_is_kept_and_its_values_come_back_escaped() {
    let guard = guard(None);
    let request = json!({
        "messages": [{ "role": "user", "content": "Patient [NAME_1], born 03/14/1962, was seen by Dr. Ann Smith. Who saw whom?" }],
        "response_format": { "type": "json_schema", "json_schema": { "name": "seen", "schema": {
            "type": "object",
            "properties": {
                "patient": { "const": "[NAME_1]" },
                "doctor": { "enum": ["Ann Smith"] },
                "born": { "type": "string", "pattern": "^x{400}$" },
            },
            "required": ["patient", "doctor", "born"],
            "additionalProperties": false,
        } } },
        "temperature": 0, "seed": 1, "max_tokens": 200,
    });
    let (answer, _) = complete(&guard, &request);
    assert_eq!(answer["choices"][0]["finish_reason"], "stop", "{answer}");
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    let value: Value = serde_json::from_str(content).expect("an answer in JSON");
    assert_eq!(value["patient"], ODD);
    assert_eq!(value["doctor"], "Ann Smith");
    assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() > 10);
    assert_eq!(answer["guard"]["request"]["identifiers"], 3, "{answer}");

    let mut request = request;
    request["stream"] = true.into();
    let (last, text) = complete(&guard, &request);
    assert_eq!(text, content);
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
}

#[test]
fn a_call_of_a_tool_has_the_callers_values() {
    let guard = guard(Some(TEMPLATE));
    let request = json!({
        "messages": [
            { "role": "user", "content": "Call Dr. Ann Smith." },
            { "role": "assistant", "content": "", "tool_calls": [{ "id": "call_1", "function": { "name": "call", "arguments": "{\"who\": \"Ann Smith\"}" } }] },
            { "role": "tool", "tool_call_id": "call_1", "name": "call", "content": "Ann Smith does not answer." },
        ],
        "tools": [{ "type": "function", "function": { "name": "call", "description": "Calls Ann Smith", "parameters": {
            "type": "object",
            "properties": { "who": { "enum": ["[NAME_1]", "Ann Smith"] }, "again": { "const": "Ann Smith" } },
            "required": ["who", "again"],
            "additionalProperties": false,
        } } }],
        "tool_choice": "required",
        "temperature": 0, "seed": 1, "logprobs": true,
    });
    let (answer, _) = complete(&guard, &request);
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls", "{answer}");
    let call = &choice["message"]["tool_calls"][0]["function"];
    assert_eq!(call["name"], "call");
    let arguments: Value = serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap();
    assert!(
        arguments["who"] == ODD || arguments["who"] == "Ann Smith",
        "{arguments}"
    );
    assert_eq!(arguments["again"], "Ann Smith");
    // The model never had the name, and so its tokens have it not.
    let tokens = choice["logprobs"]["content"].as_array().unwrap();
    let written: String = tokens
        .iter()
        .filter_map(|token| token["token"].as_str())
        .collect();
    assert!(
        written.contains("[NAME_2]") && !written.contains("Smith"),
        "{written}"
    );

    let mut request = request;
    request["stream"] = true.into();
    let (last, text) = complete(&guard, &request);
    assert_eq!(text, "");
    let delta = &last["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!((&delta["index"], &delta["function"]), (&json!(0), call));
}
