//! What callers hand in, as tokens that fit the context window.

use zeroize::Zeroize;

use super::model::Model;
use super::tokens;
use crate::engine::Message;
use crate::{Error, Kind, Result, Sensitive};

/// A conversation, rendered by the model's template. No text of a message becomes a control token.
pub(super) fn chat(model: &Model, messages: &[Message]) -> Result<Sensitive<Vec<i32>>> {
    check(messages)?;
    let template = model.template()?;
    fits(messages.iter().map(|it| it.content.len()).sum(), model)?;
    let (mut marked, mark) = model.tokenizer.mark(messages)?;
    // A mark has four bytes and stands at most once per character.
    let limit = model.longest_text().saturating_mul(5);
    let rendered = template.render(&marked, limit);
    for message in &mut marked {
        message.content.zeroize();
    }
    Ok(model
        .tokenizer
        .encode_marked(&model.llama, &rendered?, mark))
}

/// A prompt in which the texts of control tokens stand for those tokens.
pub(super) fn raw(model: &Model, prompt: &str) -> Result<Sensitive<Vec<i32>>> {
    fits(prompt.len(), model)?;
    Ok(tokens::encode_prompt(&model.llama, prompt))
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
    if !messages.iter().all(|message| word(&message.role)) {
        return Err(Error::new(
            Kind::InvalidArgument,
            "a role is not a word of up to 32 letters, digits, `_` and `-`; hint: use `system`, `user` or `assistant`",
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
