//! What callers hand in, as tokens that fit the context window.

use serde_json::{Map, Value};

use super::conversation::Conversation;
use super::model::Model;
use super::tokens;
use crate::engine::{Message, ToolCall};
use crate::{Error, Kind, Result, Sensitive};

/// Tokens to continue.
#[derive(Default)]
pub(super) struct Prompt {
    pub(super) tokens: Sensitive<Vec<i32>>,
    /// How many of them, from the first, come from a system message that is the same for everybody.
    pub(super) public: usize,
}

/// A conversation, rendered by the model's template. No text of a message becomes a control token. `public` says that the
/// system message, which is the first, is no secret.
pub(super) fn chat(model: &Model, conversation: &Conversation, public: bool) -> Result<Prompt> {
    check(&conversation.messages)?;
    let tokens = render(model, conversation, true)?;
    let mut prompt = Prompt { tokens, public: 0 };
    if let Some(system) = conversation.messages.first()
        && public
        && system.role == "system"
    {
        let system = Conversation {
            messages: vec![system.clone()],
            tools: conversation.tools.clone(),
        };
        // A template that refuses a system message alone has no part that could be shared.
        if let Ok(system) = render(model, &system, false) {
            let pairs = system.iter().zip(prompt.tokens.iter());
            let common = pairs.take_while(|(a, b)| a == b).count();
            prompt.public = common.min(prompt.tokens.len().saturating_sub(1));
        }
    }
    Ok(prompt)
}

fn render(model: &Model, conversation: &Conversation, answer: bool) -> Result<Sensitive<Vec<i32>>> {
    let template = model.template()?;
    fits(conversation.len(), model)?;
    let (marked, mark) = model.tokenizer.mark(conversation)?;
    // A mark has four bytes and stands at most once per character.
    let limit = model.longest_text().saturating_mul(5);
    let rendered = template.render(&marked, answer, limit)?;
    Ok(model.tokenizer.encode_marked(&model.llama, &rendered, mark))
}

/// A prompt in which the texts of control tokens stand for those tokens.
pub(super) fn raw(model: &Model, prompt: &str) -> Result<Prompt> {
    fits(prompt.len(), model)?;
    Ok(Prompt {
        tokens: tokens::encode_prompt(&model.llama, prompt),
        public: 0,
    })
}

/// A plain text to embed.
pub(super) fn text(model: &Model, text: &str) -> Result<Sensitive<Vec<i32>>> {
    fits(text.len(), model)?;
    let tokens = tokens::encode_text(&model.llama, text, true);
    if text.is_empty() || tokens.is_empty() {
        return Err(Error::new(Kind::InvalidArgument, "the text is empty"));
    }
    room_for(tokens.len(), 0, model)?;
    Ok(tokens)
}

/// Roles are the one part of a message that a template writes between control tokens, so they are plain words.
pub(super) fn check(messages: &[Message]) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let word = |role: &str| (1..=32).contains(&role.len()) && role.bytes().all(plain);
    if messages.is_empty() {
        return Err(Error::new(
            Kind::InvalidArgument,
            "the conversation is empty",
        ));
    }
    let json =
        |call: &ToolCall| serde_json::from_str::<Map<String, Value>>(&call.arguments).is_ok();
    if !messages
        .iter()
        .flat_map(|message| &message.tool_calls)
        .all(json)
    {
        return Err(Error::new(
            Kind::InvalidArgument,
            "the arguments of a tool call are not a JSON object",
        ));
    }
    if !messages.iter().all(|message| word(&message.role)) {
        return Err(Error::new(
            Kind::InvalidArgument,
            "a role is not a word of up to 32 letters, digits, `_` and `-`; hint: use `system`, `user`, `assistant` or `tool`",
        ));
    }
    Ok(())
}

/// Tokens that the context window has left beside `tokens`, at least `wanted`.
pub(super) fn room_for(tokens: usize, wanted: u32, model: &Model) -> Result<u32> {
    let context = model.info.context_tokens;
    u32::try_from(tokens)
        .ok()
        .and_then(|tokens| context.checked_sub(tokens))
        .filter(|room| *room >= wanted)
        .ok_or_else(|| {
            Error::new(
                Kind::TooLarge,
                format!(
                    "the prompt has at least {tokens} tokens and the context window {context}; hint: shorten it, or \
                     load the model with more `context_tokens`"
                ),
            )
        })
}

/// Refuses a text that is too long whatever it says, before anything looks at it.
fn fits(bytes: usize, model: &Model) -> Result<()> {
    if bytes <= model.longest_text() {
        return Ok(());
    }
    room_for(bytes / model.longest_token, 1, model).map(drop)
}
