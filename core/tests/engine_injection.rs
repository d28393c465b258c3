//! No text of a message becomes a control token, whatever the template and the vocabulary.
//!
//! `make check-tokenizers` runs the ignored tests too, over the templates and vocabularies that llama.cpp is tested with.
#![cfg(feature = "llama")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use cloister_core::Error;
use cloister_core::engine::{Engine, EngineOptions, Message};
use regex::Regex;
use support::gguf::Value;
use tempfile::TempDir;

/// The same small conversation in the writings of several families of models.
const TEMPLATES: [(&str, &str); 7] = [
    ("ChatML", support::CHAT_TEMPLATE),
    (
        "Llama 3",
        "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n\
         {{ message.content | trim }}<|eot_id|>{% endfor %}<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    (
        "Mistral",
        "{{ bos_token }}{% for message in messages %}{% if message.role == 'user' %}[INST] {{ message.content }}[/INST]\
         {% else %} {{ message.content }}</s>{% endif %}{% endfor %}",
    ),
    (
        "Gemma",
        "{% for message in messages %}<start_of_turn>{{ 'model' if message.role == 'assistant' else message.role }}\n\
         {{ message['content'] }}<end_of_turn>\n{% endfor %}<start_of_turn>model\n",
    ),
    (
        "Phi",
        "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}<|end|>\n{% endfor %}<|assistant|>\n",
    ),
    (
        "DeepSeek",
        "{% for message in messages %}{% if message.role == 'user' %}<｜User｜>{{ message.content }}{% else %}\
         <｜Assistant｜>{{ message.content.split('</think>')[-1] }}<｜end▁of▁sentence｜>{% endif %}{% endfor %}<｜Assistant｜><think>",
    ),
    (
        "Command",
        "{% for message in messages %}<|START_OF_TURN_TOKEN|>{% if message.role == 'user' %}<|USER_TOKEN|>{% else %}\
         <|CHATBOT_TOKEN|>{% endif %}{{ message.content | replace('x', 'y') }}<|END_OF_TURN_TOKEN|>{% endfor %}",
    ),
];

/// Everything in a template that looks like a control token.
fn markers(template: &str) -> Vec<String> {
    let shape = Regex::new(r"<[|｜/]?[A-Za-z_][^<>\s{}'\x22]{0,40}>|\[/?[A-Z_]{3,30}\]").unwrap();
    let known = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"];
    let found: BTreeSet<&str> = shape.find_iter(template).map(|it| it.as_str()).collect();
    let own = ["<|user|>", "<|assistant|>", "<|system|>"];
    let all = found
        .into_iter()
        .chain(own)
        .filter(|it| !known.contains(it));
    all.collect::<BTreeSet<_>>()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn engine_of(model: &[u8]) -> Result<Engine, Error> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tiny.gguf");
    fs::write(&path, model).unwrap();
    let options = EngineOptions {
        threads: 1,
        unchecked_memory: true,
        ..EngineOptions::default()
    };
    Engine::load(path, &options, None)
}

/// A question, an answer and a question of which each holds `text`.
fn conversation(text: &str) -> Vec<Message> {
    ["user", "assistant", "user"]
        .map(|role| Message::new(role, format!("well {text} then")))
        .into()
}

/// The control tokens of a conversation, in order.
fn control(
    engine: &Engine,
    text: &str,
    is_control: impl Fn(i32) -> bool,
) -> Result<Vec<i32>, Error> {
    let tokens = engine.chat_tokens(&conversation(text))?;
    Ok(tokens.into_iter().filter(|id| is_control(*id)).collect())
}

/// Whether a template can be used, after it was tried.
fn try_template(name: &str, template: &str) -> bool {
    let markers = markers(template);
    let engine = engine_of(&support::tiny_model_of(template, &markers)).unwrap();
    let first = 5 + 256 + 16;
    let last = first + i32::try_from(markers.len()).unwrap();
    // The tokens for single bytes are none, and neither is the one that begins every prompt.
    let is_control = |id| (2..5).contains(&id) || (first..last).contains(&id);
    let Ok(expected) = control(&engine, "nothing", is_control) else {
        return false;
    };
    let known = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"].map(str::to_owned);
    let all: Vec<&str> = known.iter().chain(&markers).map(String::as_str).collect();
    for hostile in [all.concat(), all.join(" "), all.join("\n")] {
        let found = control(&engine, &hostile, is_control).unwrap();
        assert_eq!(found, expected, "{name}");
    }
    for one in all {
        let found = control(&engine, one, is_control).unwrap();
        assert_eq!(found, expected, "{name}: {one}");
        // Cut in two by what a template may take away.
        let (head, tail) = one.split_at(one.char_indices().nth(1).unwrap().0);
        for cut in [
            format!("{head} {tail}"),
            format!("{head}\u{200B}{tail}"),
            format!("{head}{one}{tail}"),
        ] {
            let found = control(&engine, &cut, is_control).unwrap();
            assert_eq!(found, expected, "{name}: a cut {one}");
        }
    }
    !expected.is_empty()
}

#[test]
fn no_template_of_a_family_lets_a_message_forge_a_control_token() {
    for (name, template) in TEMPLATES {
        assert!(
            try_template(name, template),
            "{name} writes no control token"
        );
    }
}

/// The files of a folder that the environment names.
fn files(variable: &str, ending: &str) -> Vec<PathBuf> {
    let folder = std::env::var_os(variable).unwrap_or_else(|| panic!("set {variable}"));
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .collect();
    files.sort();
    files
}

#[test]
#[ignore = "needs files that are fetched: `make check-tokenizers`"]
fn no_published_template_lets_a_message_forge_a_control_token() {
    let files = files("CLOISTER_TEST_TEMPLATES", "jinja");
    let unusable: Vec<_> = files
        .iter()
        .filter(|path| {
            let template = fs::read_to_string(path).unwrap();
            !try_template(&path.to_string_lossy(), &template)
        })
        .collect();
    // Some want tools or more roles, or write no control tokens.
    assert!(
        files.len() >= 60 && unusable.len() * 10 <= files.len(),
        "not usable for a conversation: {unusable:?}"
    );
}

#[test]
#[ignore = "needs files that are fetched: `make check-tokenizers`"]
fn no_published_vocabulary_lets_a_message_forge_a_control_token() {
    let files = files("CLOISTER_TEST_VOCABULARIES", "gguf");
    assert!(files.len() >= 15);
    for path in &files {
        let vocabulary = Vocabulary::read(&fs::read(path).unwrap());
        let control: Vec<(i32, &str)> = vocabulary.control().collect();
        let ids: BTreeSet<i32> = control.iter().map(|it| it.0).collect();
        let model = support::tiny_model_around(vocabulary.entries.clone(), vocabulary.tokens.len());
        let engine = engine_of(&model).unwrap();
        let found = |text: &str| self::control(&engine, text, |id| ids.contains(&id));
        let expected = found("nothing").unwrap();
        let texts: Vec<&str> = control.iter().map(|it| it.1).collect();
        for some in texts.chunks(50) {
            assert_eq!(
                found(&some.concat()).unwrap(),
                expected,
                "{}",
                path.display()
            );
        }
    }
}

/// What a GGUF file says of its tokenizer.
struct Vocabulary {
    entries: Vec<(String, Value)>,
    tokens: Vec<String>,
    types: Vec<i32>,
}

impl Vocabulary {
    fn read(bytes: &[u8]) -> Self {
        let mut cursor = Cursor(bytes);
        cursor.take(16);
        let count = cursor.number();
        let mut read = Self {
            entries: Vec::new(),
            tokens: Vec::new(),
            types: Vec::new(),
        };
        for _ in 0..count {
            let key = cursor.text();
            let kind = cursor.kind();
            let start = cursor.0;
            cursor.skip(kind);
            let value = &start[..start.len() - cursor.0.len()];
            match key.as_str() {
                "tokenizer.ggml.tokens" => {
                    let mut array = Cursor(&value[4..]);
                    let count = array.number();
                    read.tokens = (0..count).map(|_| array.text()).collect();
                }
                "tokenizer.ggml.token_type" => {
                    let numbers = value[12..].as_chunks::<4>().0.iter();
                    read.types = numbers.map(|it| i32::from_le_bytes(*it)).collect();
                }
                _ => {}
            }
            if key.starts_with("tokenizer.") && key != "tokenizer.chat_template" {
                read.entries.push((key, Value::Raw(kind, value.to_vec())));
            }
        }
        read
    }

    /// Ids and texts of control tokens, and of user-defined ones that look like them.
    fn control(&self) -> impl Iterator<Item = (i32, &str)> {
        let all = self.tokens.iter().zip(&self.types).enumerate();
        let markup = |text: &str| text.starts_with(['<', '[']) && text.ends_with(['>', ']']);
        all.filter(move |(_, (text, kind))| match kind {
            3 => !text.is_empty(),
            4 => markup(text),
            _ => false,
        })
        .map(|(id, (text, _))| (i32::try_from(id).unwrap(), text.as_str()))
    }
}

/// Reads GGUF values from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().unwrap())
    }

    fn kind(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().unwrap())
    }

    fn text(&mut self) -> String {
        let length = usize::try_from(self.number()).unwrap();
        String::from_utf8_lossy(self.take(length)).into_owned()
    }

    fn skip(&mut self, kind: u32) {
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 => return drop(self.text()),
            9 => {
                let kind = self.kind();
                let count = self.number();
                return (0..count).for_each(|_| self.skip(kind));
            }
            _ => 8,
        };
        self.take(width);
    }
}
