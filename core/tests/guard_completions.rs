//! Requests of `OpenAI`'s API within the guard's walls, with a backend that keeps what it was given and answers as told.

use std::ops::ControlFlow;
use std::sync::Arc;

use cloister_core::access::{AccessControl, Identity};
use cloister_core::audit::{AuditLog, AuditOptions, Query};
use cloister_core::engine::{
    Backend, Cancel, ChatOptions, Completion, FinishReason, Format, Message, TokenLogprob,
    ToolCall, Usage,
};
use cloister_core::guard::{Guard, GuardBuilder, OnSecret, Session};
use cloister_core::pii::Vault;
use cloister_core::{Error, Kind, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = "sk_live_51HxJ1234567890abcdefghijklm";
/// Needs every kind of escape.
const ODD: &str = "Conor \"Con\" O\\Brien\nWard 7";

/// Answers with fixed pieces and calls, and remembers what it was handed.
#[derive(Default)]
struct Scripted {
    pieces: Vec<String>,
    calls: Vec<(String, String)>,
    plain: bool,
    seen: Mutex<Vec<(Vec<Message>, ChatOptions)>>,
}

impl Scripted {
    fn answering(pieces: &[&str]) -> Self {
        Self {
            pieces: pieces.iter().map(|&piece| piece.to_owned()).collect(),
            ..Self::default()
        }
    }

    fn calling(name: &str, arguments: &str) -> Self {
        Self {
            calls: vec![(name.to_owned(), arguments.to_owned())],
            ..Self::default()
        }
    }

    /// The messages and options of the last request.
    fn last(&self) -> (Vec<Message>, ChatOptions) {
        self.seen.lock().last().expect("a request").clone()
    }
}

impl Backend for Scripted {
    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn takes_formats(&self) -> bool {
        !self.plain
    }

    fn chat(
        &self,
        messages: &[Message],
        options: &ChatOptions,
        _cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        self.seen.lock().push((messages.to_vec(), options.clone()));
        for piece in &self.pieces {
            if on_text(piece).is_break() {
                return Err(Error::new(Kind::Cancelled, "cancelled"));
            }
        }
        let call = |(name, arguments): &(String, String)| ToolCall {
            id: "abcdefghi".into(),
            name: name.clone(),
            arguments: arguments.clone(),
        };
        let token = |piece: &String| TokenLogprob {
            bytes: piece.clone().into_bytes(),
            logprob: -0.5,
            top: Vec::new(),
        };
        let told = options.top_logprobs.is_some();
        Ok(Completion {
            text: self.pieces.concat(),
            tool_calls: self.calls.iter().map(call).collect(),
            logprobs: self.pieces.iter().filter(|_| told).map(token).collect(),
            finish_reason: if self.calls.is_empty() {
                FinishReason::Stop
            } else {
                FinishReason::ToolCalls
            },
            usage: Usage {
                prompt_tokens: 10,
                cached_tokens: 3,
                completion_tokens: 5,
            },
            ..Completion::default()
        })
    }
}

fn session() -> Session {
    Session::new(Identity {
        user: "doctor@hospital.example".into(),
        role: "physician".into(),
    })
    .expect("random bytes for a session")
}

/// A session that knows [`ODD`] as `[NAME_1]`.
fn session_with_odd_name() -> Session {
    let mut session = session();
    let mut vault = Vault::new();
    vault.placeholder("NAME", ODD).expect("an empty vault");
    session.set_vault(vault).expect("a session that goes on");
    session
}

fn unrecorded(backend: &Arc<Scripted>) -> GuardBuilder {
    Guard::builder(backend.clone()).without_audit()
}

fn complete(guard: &Guard, session: &mut Session, request: &Value) -> Result<Value> {
    let answer = guard.complete(session, &request.to_string(), &Cancel::new(), &mut |_| {
        panic!("nothing was to be streamed")
    })?;
    Ok(serde_json::from_str(&answer).expect("the answer is JSON"))
}

/// All parts of a stream.
fn stream(guard: &Guard, session: &mut Session, request: &Value) -> Vec<Value> {
    let mut request = request.clone();
    request["stream"] = true.into();
    let mut parts = Vec::new();
    let last = guard
        .complete(session, &request.to_string(), &Cancel::new(), &mut |part| {
            parts.push(serde_json::from_str(part).expect("a part is JSON"));
            ControlFlow::Continue(())
        })
        .expect("an answer");
    assert_eq!(
        parts.last(),
        Some(&serde_json::from_str(&last).expect("it is JSON"))
    );
    parts
}

fn asking(content: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": content }] })
}

#[test]
fn every_text_of_a_request_is_scrubbed_in_one_pass() {
    let backend = Arc::new(Scripted::answering(&["Ask [NAME_1]."]));
    let guard = unrecorded(&backend).build().unwrap();
    let mut session = session();
    let answer = complete(
        &guard,
        &mut session,
        &json!({
            "messages": [
                { "role": "system", "content": "You assist Dr. Ann Smith." },
                { "role": "user", "content": [
                    { "type": "text", "text": "Patient John Doe, SSN 123-" }, { "type": "text", "text": "45-6789." } ] },
                { "role": "assistant", "content": null, "tool_calls": [{ "id": "call_of_john", "type": "function", "function": {
                    "name": "look_up",
                    "arguments": "{\"patient\": \"John \\u0044oe\", \"ssn\": 123456789, \"notes\": [\"a \\\"b\\\"\", 7], \"Ann Smith\": true}" } }] },
                { "role": "tool", "tool_call_id": "call_of_john", "name": "look_up", "content": "{\"mail\": \"john@doe.example\"}" },
            ],
            "tools": [{ "type": "function", "function": {
                "name": "look_up",
                "description": "Looks up patients of Dr. Ann Smith",
                "parameters": { "type": "object", "properties": { "patient": { "type": "string", "enum": ["John Doe"] } } } } }],
            "stop": ["Yours, Dr. Ann Smith"],
        }),
    )
    .unwrap();
    let (messages, options) = backend.last();
    assert_eq!(messages[0].content, "You assist Dr. [NAME_1].");
    assert_eq!(messages[1].content, "Patient [NAME_2], SSN [SSN_1].");
    let call = &messages[2].tool_calls[0];
    assert_eq!(call.name, "look_up");
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
    assert_eq!(
        arguments,
        json!({ "patient": "[NAME_2]", "ssn": "[SSN_2]", "notes": ["a \"b\"", 7], "[NAME_1]": true })
    );
    assert_eq!(messages[3].content, "{\"mail\": \"[EMAIL_1]\"}");
    // The id is the caller's text too, and still says which call is answered.
    let (id, name) = messages[3].answers.clone().unwrap();
    assert_eq!((id, name.as_str()), (call.id.clone(), "look_up"));
    assert!(!call.id.contains("john"));
    assert_eq!(
        options.tools[0].description,
        "Looks up patients of Dr. [NAME_1]"
    );
    assert_eq!(
        options.tools[0].parameters["properties"]["patient"]["enum"],
        json!(["[NAME_2]"])
    );
    assert_eq!(options.stop, ["Yours, Dr. [NAME_1]"]);

    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "scripted");
    assert_eq!(answer["choices"][0]["message"]["content"], "Ask Ann Smith.");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"]["cached_tokens"], 3);
    assert_eq!(answer["guard"]["request"]["secrets"], 0);
    assert_eq!(
        answer["guard"]["request"]["identifier_kinds"],
        json!(["name", "ssn", "email"])
    );
    // The conversation is the caller's to keep.
    assert_eq!(session.turns(), 0);
}

#[test]
fn records_stand_before_and_behind_the_model_as_in_a_chat() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = Arc::new(AuditLog::open(&path, AuditOptions::default()).unwrap());
    let access = Arc::new(AccessControl::new());
    access.add_role("physician", &["read_phi"]).unwrap();
    let backend = Arc::new(Scripted::answering(&["Hello [NAME_1]."]));
    let guard = Guard::builder(backend.clone())
        .audit(log.clone())
        .access(access)
        .build()
        .unwrap();
    let answer = complete(&guard, &mut session(), &asking("I am John Doe.")).unwrap();
    let secret = complete(
        &guard,
        &mut session(),
        &json!({ "messages": [
            { "role": "user", "content": "Go on." },
            { "role": "assistant", "content": "", "tool_calls": [{ "id": "1", "function": {
                "name": "use", "arguments": json!({ "key": KEY }).to_string() } }] },
        ] }),
    );
    assert_eq!(secret.unwrap_err().kind(), Kind::Blocked);
    let mut clerk = Session::new(Identity {
        user: "x".into(),
        role: "clerk".into(),
    })
    .unwrap();
    let denied = complete(&guard, &mut clerk, &asking("I am John Doe."));
    assert_eq!(denied.unwrap_err().kind(), Kind::Denied);
    assert_eq!(backend.seen.lock().len(), 1);

    let records = log.query(&Query::default()).unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record["event_type"].as_str().unwrap(),
                record["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("llm_request", "success"),
            ("llm_response", "success"),
            ("security_violation", "blocked"),
            ("security_violation", "denied"),
        ]
    );
    assert_eq!(records[0]["security"]["pii_types"], json!(["name"]));
    assert_eq!(records[1]["performance"]["tokens_used"], 15);
    assert_eq!(answer["guard"]["event_ids"][0], records[0]["event_id"]);
    assert_eq!(answer["guard"]["event_ids"][1], records[1]["event_id"]);
    let raw = std::fs::read_to_string(&path).unwrap();
    assert!(!raw.contains("John") && !raw.contains("51HxJ"));
}

#[test]
fn answers_in_json_stay_json_with_any_value_in_them() {
    let text = r#"{"who":"[NAME_1]","said":"\"Hi\", \\ [NAME_1]\u0021","[NAME_1]":[1,"NAME_1"]}"#;
    let pieces: Vec<String> = text.chars().map(String::from).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let request = json!({
        "messages": [{ "role": "user", "content": "Who is it?" }],
        "response_format": { "type": "json_object" },
    });
    for pieces in [&[text][..], &pieces] {
        let backend = Arc::new(Scripted::answering(pieces));
        let guard = unrecorded(&backend).build().unwrap();
        let whole = complete(&guard, &mut session_with_odd_name(), &request).unwrap();
        let whole = whole["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .to_owned();
        let value: Value = serde_json::from_str(&whole).unwrap();
        let expected = json!({ "who": ODD, "said": format!("\"Hi\", \\ {ODD}!"), ODD: [1, ODD] });
        assert_eq!(value, expected);

        let parts = stream(&guard, &mut session_with_odd_name(), &request);
        let texts = parts
            .iter()
            .filter_map(|part| part["choices"][0]["delta"]["content"].as_str());
        assert_eq!(texts.collect::<String>(), whole);
        assert_eq!(parts[0]["choices"][0]["delta"]["role"], "assistant");
        let last = parts.last().unwrap();
        assert_eq!(last["choices"][0]["finish_reason"], "stop");
        assert_eq!(last["usage"]["total_tokens"], 15);
        assert!(last["guard"]["response"].is_object());
    }
}

#[test]
fn a_json_answer_comes_member_by_member_without_white_space_too() {
    let backend = Arc::new(Scripted::answering(&[
        r#"{"a":"one","b":"tw"#,
        r#"o","c":3"#,
        "}",
    ]));
    let guard = unrecorded(&backend).build().unwrap();
    let mut request = asking("Count.");
    request["response_format"] = json!({ "type": "json_object" });
    let parts = stream(&guard, &mut session(), &request);
    let texts: Vec<_> = parts
        .iter()
        .filter_map(|part| part["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(
        texts,
        ["", r#"{"a":"one""#, r#","b":"two""#, r#","c":3"#, "}"]
    );
}

#[test]
fn calls_get_their_values_back_and_stay_json() {
    let backend = Arc::new(Scripted::calling(
        "look_up",
        r#"{"patient":"[NAME_1]","about":["[NAME_1]'s knee", 1.0]}"#,
    ));
    let guard = unrecorded(&backend).build().unwrap();
    let mut request = asking("Look it up.");
    request["tools"] = json!([{ "type": "function", "function": { "name": "look_up" } }]);
    let answer = complete(&guard, &mut session_with_odd_name(), &request).unwrap();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(call["id"], "abcdefghi");
    let arguments: Value =
        serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(
        arguments,
        json!({ "patient": ODD, "about": [format!("{ODD}'s knee"), 1.0] })
    );
    let parts = stream(&guard, &mut session_with_odd_name(), &request);
    assert_eq!(parts.len(), 2);
    let delta = &parts[1]["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!(
        (&delta["index"], &delta["function"]),
        (&json!(0), &call["function"])
    );
}

#[test]
fn a_tool_that_is_called_like_a_placeholder_is_called() {
    let mut request = asking("Go on.");
    request["tools"] = json!([{ "type": "function", "function": { "name": "NAME_1" } }]);
    for (name, told) in [
        ("NAME_1", "NAME_1"),
        ("call [NAME_1]", &*format!("call {ODD}")),
    ] {
        let guard = unrecorded(&Arc::new(Scripted::calling(name, "{}")))
            .build()
            .unwrap();
        let answer = complete(&guard, &mut session_with_odd_name(), &request).unwrap();
        let function = &answer["choices"][0]["message"]["tool_calls"][0]["function"];
        assert_eq!(function, &json!({ "name": told, "arguments": "{}" }));
    }
}

/// A conversation that goes on: the caller sends back what it was given.
#[test]
fn an_answer_that_is_sent_back_is_scrubbed_again_with_the_same_placeholders() {
    let backend = Arc::new(Scripted::answering(&[
        r#"{"who": "[NAME_1]", "ssn": "[SSN_1]"}"#,
    ]));
    let guard = unrecorded(&backend).build().unwrap();
    let mut session = session();
    let mut request = asking("Patient John Doe, SSN 123-45-6789.");
    request["response_format"] = json!({ "type": "json_object" });
    let answer = complete(&guard, &mut session, &request).unwrap();
    let message = answer["choices"][0]["message"].clone();
    assert_eq!(
        message["content"],
        "{\"who\": \"John Doe\", \"ssn\": \"123-45-6789\"}"
    );
    let turns = request["messages"].as_array_mut().unwrap();
    turns.push(message);
    turns.push(json!({ "role": "user", "content": "And what does Doe have?" }));
    complete(&guard, &mut session, &request).unwrap();
    let (messages, _) = backend.last();
    assert_eq!(messages[1].content, "Patient [NAME_1], SSN [SSN_1].");
    assert_eq!(
        messages[2].content,
        "{\"who\": \"[NAME_1]\", \"ssn\": \"[SSN_1]\"}"
    );
    assert_eq!(messages[3].content, "And what does [NAME_2] have?");
}

#[test]
fn secrets_in_json_answers_are_taken_out_however_they_are_cut() {
    let answer = json!({
        "key": KEY,
        "text": format!("first\n{KEY}\tlast"),
        "config": { "password": "hunter2secret!", "api_key": 8.372_615_049_382_717e19 },
        "pem": format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\nygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI\n".repeat(4)),
        "fine": [true, null, 42, "word"],
    })
    .to_string();
    let mut request = asking("Show it.");
    request["response_format"] = json!({ "type": "json_object" });
    for size in [1, 2, 3, 7, 16, 4096] {
        let pieces: Vec<&str> = answer
            .as_bytes()
            .chunks(size)
            .map(|piece| std::str::from_utf8(piece).unwrap())
            .collect();
        let backend = Arc::new(Scripted::answering(&pieces));
        let guard = unrecorded(&backend).build().unwrap();
        let told = complete(&guard, &mut session(), &request).unwrap();
        let text = told["choices"][0]["message"]["content"].as_str().unwrap();
        let value: Value = serde_json::from_str(text)
            .unwrap_or_else(|_| panic!("no JSON in pieces of {size}: {text}"));
        for secret in ["51HxJ", "hunter2", "MIIE", "ygWyF8"] {
            assert!(
                !text.contains(secret),
                "{secret} in pieces of {size}: {text}"
            );
        }
        assert_eq!(value["text"], "first\n[STRIPE_KEY]\tlast");
        assert_eq!(value["fine"], json!([true, null, 42, "word"]));
        assert!(
            told["guard"]["response"]["secrets"].as_u64().unwrap() >= 4,
            "{told}"
        );
    }
}

#[test]
fn a_secret_in_a_calls_arguments_is_taken_out() {
    let backend = Arc::new(Scripted::calling(
        "use",
        &json!({ "key": KEY, "n": 1 }).to_string(),
    ));
    let guard = unrecorded(&backend).build().unwrap();
    let mut request = asking("Use it.");
    request["tools"] = json!([{ "type": "function", "function": { "name": "use" } }]);
    let answer = complete(&guard, &mut session(), &request).unwrap();
    let function = &answer["choices"][0]["message"]["tool_calls"][0]["function"];
    assert_eq!(function["arguments"], "{\"key\":\"[STRIPE_KEY]\",\"n\":1}");
    assert_eq!(
        answer["guard"]["response"]["secret_kinds"],
        json!(["stripe_key"])
    );
}

#[test]
fn a_schema_holds_placeholders_instead_of_identifiers() {
    let backend = Arc::new(Scripted::answering(&[r#"{"who": "[NAME_2]"}"#]));
    let guard = unrecorded(&backend).build().unwrap();
    let answer = complete(
        &guard,
        &mut session(),
        &json!({
            "messages": [{ "role": "user", "content": "Is it Dr. Ann Smith or Dr. Jane Roe? SSN 123-45-6789" }],
            "response_format": { "type": "json_schema", "json_schema": { "name": "choice", "schema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": {
                    "who": { "enum": ["Ann Smith", "Jane Roe"] },
                    "ssn": { "type": "string", "pattern": "^[0-9]{3}-[0-9]{2}-[0-9]{4}$" },
                    "born": { "type": ["string", "null"], "format": "date" },
                    "age": { "type": "integer", "maximum": 123 },
                    "note": { "type": "string" },
                },
                "required": ["who"],
            } } },
        }),
    )
    .unwrap();
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "{\"who\": \"Jane Roe\"}"
    );
    let Format::JsonSchema(schema) = backend.last().1.format else {
        panic!("the format is gone")
    };
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let properties = &schema["properties"];
    assert_eq!(
        properties["who"],
        json!({ "enum": ["[NAME_1]", "[NAME_2]"] })
    );
    // What the model has never seen it need not make up.
    let placeholders = json!({ "enum": ["[NAME_1]", "[NAME_2]", "[SSN_1]"] });
    assert_eq!(
        properties["ssn"]["anyOf"],
        json!([{ "type": "string", "pattern": "^[0-9]{3}-[0-9]{2}-[0-9]{4}$" }, placeholders])
    );
    assert_eq!(properties["born"]["anyOf"][1], placeholders);
    assert_eq!(
        properties["age"],
        json!({ "type": "integer", "maximum": 123 })
    );
    assert_eq!(properties["note"], json!({ "type": "string" }));
}

#[test]
fn what_cannot_be_scrubbed_is_refused_without_quoting_it() {
    let backend = Arc::new(Scripted::default());
    let guard = unrecorded(&backend).build().unwrap();
    for members in [
        json!({ "grammar": "root ::= \"Dr. Ann Smith\" | \"SSN 123-45-6789\"" }),
        json!({ "regex": "Dr\\. Ann Smith|jane@roe\\.example|123-45-6789" }),
        json!({ "response_format": { "type": "json_object", "schema": { "type": "string", "pattern": "^SSN 123-45-6789$" } } }),
        json!({ "response_format": { "type": "json_object", "schema": { "patternProperties": { "^SSN 123-45-6789$": {} } } } }),
        json!({ "messages": [{ "role": "123-45-6789", "content": "Hello" }] }),
        json!({ "messages": [] }),
        json!({ "tools": [{ "function": { "name": "ssn_123-45-6789" } }] }),
    ] {
        let mut request = asking("Hello");
        request
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let Err(error) = complete(&guard, &mut session(), &request) else {
            panic!("{members} went through")
        };
        assert_eq!(error.kind(), Kind::InvalidArgument, "{members}");
        for value in ["Smith", "6789", "roe"] {
            assert!(!error.message().contains(value), "{error}");
        }
    }
    assert!(backend.seen.lock().is_empty());
}

#[test]
fn common_names_of_tools_and_grammars_pass() {
    let backend = Arc::new(Scripted::answering(&["ok"]));
    let guard = unrecorded(&backend).build().unwrap();
    let names = [
        "get_current_weather",
        "search",
        "look_up_patient_by_ssn",
        "send_email",
        "web.search",
        "run-python-3.12",
        "get_patient_name",
        "read_file",
        "mcp__github__create_issue",
        "lookup_icd10_E11",
        "functions.get_user_by_phone",
        "jordan_lookup",
        "set_password",
        "rotate_api_key",
        "book_flight_LH400",
        "Martin",
        "getUserById",
        "f1",
    ];
    let tools: Vec<_> = names
        .iter()
        .map(|name| json!({ "type": "function", "function": { "name": name } }))
        .collect();
    let mut request = asking("Hello");
    request["tools"] = tools.into();
    request["grammar"] = json!(
        "root ::= object\nvalue ::= object | array | string | number | (\"true\" | \"false\" | \"null\") ws\n\
         object ::= \"{\" ws ( string \":\" ws value (\",\" ws string \":\" ws value)* )? \"}\" ws\n\
         array ::= \"[\" ws ( value (\",\" ws value)* )? \"]\" ws\n\
         string ::= \"\\\"\" ( [^\"\\\\\\x7F\\x00-\\x1F] | \"\\\\\" ([\"\\\\bfnrt] | \"u\" [0-9a-fA-F]{4}) )* \"\\\"\" ws\n\
         number ::= (\"-\"? ([0-9] | [1-9] [0-9]{0,15})) (\".\" [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws\nws ::= | \" \" | \"\\n\" [ \\t]{0,20}"
    );
    complete(&guard, &mut session(), &request).unwrap();
    let patterns = [
        "^[0-9]{3}-[0-9]{2}-[0-9]{4}$",
        "^(\\+1)?[ -]?\\(?\\d{3}\\)?[ -]?\\d{3}-\\d{4}$",
        "^[A-Z]{2}[0-9]{6}$",
        "^[\\w.+-]+@[\\w-]+\\.[a-z]{2,}$",
        "^\\d{4}-\\d{2}-\\d{2}$",
        "^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$",
        "^(Mr|Mrs|Dr)\\. [A-Z][a-z]+$",
    ];
    for pattern in patterns {
        let mut request = asking("Hello");
        request["regex"] = pattern.into();
        complete(&guard, &mut session(), &request)
            .unwrap_or_else(|error| panic!("{pattern}: {error}"));
    }
}

#[test]
fn a_backend_that_takes_no_formats_is_not_asked_for_them() {
    let backend = Arc::new(Scripted {
        plain: true,
        ..Scripted::answering(&["Hello [NAME_1]."])
    });
    let guard = unrecorded(&backend).build().unwrap();
    for members in [
        json!({ "response_format": { "type": "json_object" } }),
        json!({ "tools": [{ "function": { "name": "look_up" } }] }),
        json!({ "regex": "[0-9]+" }),
    ] {
        let mut request = asking("I am John Doe.");
        request
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let error = complete(&guard, &mut session(), &request).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        assert!(error.message().contains("hint:"));
    }
    assert!(backend.seen.lock().is_empty());
    let answer = complete(&guard, &mut session(), &asking("I am John Doe.")).unwrap();
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "Hello John Doe."
    );
}

#[test]
fn logprobs_are_of_the_models_own_words_and_withheld_with_a_secret() {
    let mut request = asking("I am John Doe.");
    request["logprobs"] = true.into();
    let backend = Arc::new(Scripted::answering(&["Hello ", "[NAME_1]", "."]));
    let guard = unrecorded(&backend).build().unwrap();
    let answer = complete(&guard, &mut session(), &request).unwrap();
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "Hello John Doe."
    );
    assert_eq!(
        answer["choices"][0]["logprobs"]["content"][1]["token"],
        "[NAME_1]"
    );
    let parts = stream(&guard, &mut session(), &request);
    let (last, others) = parts.split_last().unwrap();
    assert_eq!(
        last["choices"][0]["logprobs"]["content"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert!(
        others
            .iter()
            .all(|part| part["choices"][0]["logprobs"].is_null())
    );

    let backend = Arc::new(Scripted::answering(&["Use ", KEY, "."]));
    let guard = unrecorded(&backend).build().unwrap();
    let answer = complete(&guard, &mut session(), &request).unwrap();
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "Use [STRIPE_KEY]."
    );
    assert_eq!(answer["choices"][0]["logprobs"], Value::Null);
}

#[test]
fn the_guards_instructions_stand_before_a_request_without_any() {
    let backend = Arc::new(Scripted::answering(&["ok"]));
    let guard = unrecorded(&backend)
        .system_prompt("Be brief.")
        .build()
        .unwrap();
    let mut session = session();
    let first = |backend: &Scripted| backend.last().0[0].clone();
    complete(&guard, &mut session, &asking("Hello")).unwrap();
    assert_eq!(first(&backend).content, "Be brief.");
    session
        .set_system_prompt("You assist Dr. Ann Smith.")
        .unwrap();
    complete(&guard, &mut session, &asking("Hello")).unwrap();
    assert_eq!(first(&backend).content, "You assist Dr. [NAME_1].");
    for role in ["system", "developer"] {
        let request = json!({ "messages": [{ "role": role, "content": "Be long." }, { "role": "user", "content": "Hello" }] });
        complete(&guard, &mut session, &request).unwrap();
        assert_eq!(
            (first(&backend).role.as_str(), backend.last().0.len()),
            (role, 2)
        );
    }
}

#[test]
fn redacted_secrets_of_a_request_are_gone_for_good() {
    let backend = Arc::new(Scripted::answering(&["You wrote [STRIPE_KEY]."]));
    let guard = unrecorded(&backend)
        .on_secret(OnSecret::Redact)
        .build()
        .unwrap();
    let request = json!({ "messages": [
        { "role": "assistant", "content": "", "tool_calls": [{ "id": "1", "function": {
            "name": "use", "arguments": json!({ "key": KEY }).to_string() } }] },
        { "role": "tool", "tool_call_id": "1", "content": "done" },
    ] });
    let answer = complete(&guard, &mut session(), &request).unwrap();
    let (messages, _) = backend.last();
    assert_eq!(
        messages[1].tool_calls[0].arguments,
        "{\"key\":\"[STRIPE_KEY]\"}"
    );
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "You wrote [STRIPE_KEY]."
    );
}

#[test]
fn whoever_stops_a_stream_cancels_it() {
    let backend = Arc::new(Scripted::answering(&["one ", "two ", "three "]));
    let guard = unrecorded(&backend).build().unwrap();
    let mut request = asking("Count.");
    request["stream"] = true.into();
    for wanted in 1..5 {
        let mut heard = 0;
        let ended = guard.complete(
            &mut session(),
            &request.to_string(),
            &Cancel::new(),
            &mut |_| {
                heard += 1;
                if heard < wanted {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
        );
        assert_eq!(ended.unwrap_err().kind(), Kind::Cancelled);
        assert_eq!(heard, wanted);
    }
}

#[test]
fn a_chat_with_tools_is_scrubbed_and_restored_too() {
    let backend = Arc::new(Scripted::calling("look_up", r#"{"patient": "[NAME_1]"}"#));
    let guard = unrecorded(&backend).build().unwrap();
    let tool = cloister_core::engine::Tool {
        name: "look_up".into(),
        description: "For Dr. Ann Smith".into(),
        parameters: json!({ "type": "object" }),
    };
    let options = ChatOptions {
        tools: vec![tool],
        ..ChatOptions::default()
    };
    let reply = guard
        .chat(
            &mut session_with_odd_name(),
            "Look it up.",
            &options,
            &Cancel::new(),
            &mut |_| ControlFlow::Continue(()),
        )
        .unwrap();
    assert_eq!(backend.last().1.tools[0].description, "For Dr. [NAME_2]");
    let arguments: Value = serde_json::from_str(&reply.tool_calls[0].arguments).unwrap();
    assert_eq!(arguments["patient"], ODD);
    assert_eq!(
        reply.completion.tool_calls[0].arguments,
        r#"{"patient": "[NAME_1]"}"#
    );
}
