//! What a vocabulary must be like, for all that llama.cpp takes for granted about it.

use std::collections::HashSet;

use super::value::{Array, kind};
use super::{Entries, Value, charsmap, refuse, text};
use crate::Result;

/// The tokens.
pub(super) const TOKENS: &str = "tokenizer.ggml.tokens";
/// One type per token.
pub(super) const TOKEN_TYPES: &str = "tokenizer.ggml.token_type";
/// How a unigram vocabulary normalises text.
pub(super) const CHARSMAP: &str = "tokenizer.ggml.precompiled_charsmap";

/// Tokens of the largest vocabulary that is accepted.
pub(super) const MAX_TOKENS: u64 = 4 << 20;

/// Tokenizers whose vocabularies are checked here, each with the tokens that it must have at least: the special tokens that
/// llama.cpp assumes where a file names none.
const TOKENIZERS: [(&str, u64); 5] = [
    ("bert", 104),
    ("gemma4", 1),
    ("gpt2", 12),
    ("llama", 3),
    ("t5", 3),
];

/// The arrays have the right types and one length, and every id that the header names is in the vocabulary. Returns the bytes
/// of the longest token, and how many tokens there are.
pub(super) fn check(entries: &Entries) -> Result<(usize, u64)> {
    let (model, least) = text(entries, "tokenizer.ggml.model")
        .and_then(|model| TOKENIZERS.into_iter().find(|it| it.0 == model))
        .ok_or_else(|| refuse("it does not name a tokenizer that is supported"))?;
    let tokens = array(entries, TOKENS)?
        .filter(|tokens| tokens.kind == kind::STRING && !tokens.texts.is_empty())
        .ok_or_else(|| refuse("it has no vocabulary"))?;
    if tokens.count > MAX_TOKENS {
        return Err(refuse("its vocabulary has more than 4,194,304 entries"));
    }
    if tokens.count < least {
        return Err(refuse("its vocabulary is too small for its tokenizer"));
    }
    for (key, wanted) in [
        ("tokenizer.ggml.scores", kind::F32),
        (TOKEN_TYPES, kind::I32),
    ] {
        if array(entries, key)?.is_some_and(|it| it.kind != wanted || it.count != tokens.count) {
            return Err(refuse(format!("its `{key}` does not match the vocabulary")));
        }
    }
    if array(entries, "tokenizer.ggml.merges")?.is_some_and(|it| it.kind != kind::STRING) {
        return Err(refuse("its merges are not strings"));
    }
    named_tokens(entries, tokens.count)?;
    let known = distinct(tokens)?;
    if let Some(types) = array(entries, TOKEN_TYPES)? {
        bytes_are_spelled(tokens, types)?;
    }
    if model == "llama" {
        every_byte_has_a_token(&known)?;
    }
    if let Some(table) = array(entries, CHARSMAP)? {
        if ![kind::U8, kind::I8].contains(&table.kind) {
            return Err(refuse("its normalisation table does not consist of bytes"));
        }
        charsmap::check(&table.bytes)?;
    }
    let longest = tokens.texts.iter().map(Vec::len).max().unwrap_or(1).max(1);
    Ok((longest, tokens.count))
}

fn array<'a>(entries: &'a Entries, key: &str) -> Result<Option<&'a Array>> {
    match entries.get(key) {
        Some(Value::Array(array)) => Ok(Some(array)),
        Some(_) => Err(refuse(format!("its `{key}` is not an array"))),
        None => Ok(None),
    }
}

/// Every token that the header names by its id is one of `count`, and every text about the vocabulary is text.
fn named_tokens(entries: &Entries, count: u64) -> Result<()> {
    for (key, value) in entries {
        let Some(name) = key.strip_prefix("tokenizer.ggml.") else {
            continue;
        };
        // Converters write u32::MAX for a token that the model does not have.
        let inside = matches!(value, Value::Integer(id)
            if (0..i128::from(count)).contains(id) || *id == i128::from(u32::MAX));
        if name.ends_with("_token_id") && !inside {
            return Err(refuse("it names a token that is not in its vocabulary"));
        }
        let wanted = match name {
            "add_bos_token"
            | "add_eos_token"
            | "add_sep_token"
            | "add_space_prefix"
            | "remove_extra_whitespaces" => matches!(value, Value::Bool(_)),
            "pre" => matches!(value, Value::Text(_)),
            _ => true,
        };
        if !wanted {
            return Err(refuse(format!("its `{key}` has the wrong type")));
        }
    }
    Ok(())
}

/// llama.cpp ends the process where two tokens have the same text, which for it ends at a NUL.
fn distinct(tokens: &Array) -> Result<HashSet<Vec<u8>>> {
    let mut known = HashSet::with_capacity(tokens.texts.len());
    for (index, text) in tokens.texts.iter().enumerate() {
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = if text.is_empty() {
            format!("[EMPTY_{index}]").into_bytes()
        } else {
            text.to_vec()
        };
        if !known.insert(text) {
            return Err(refuse("a token appears twice in its vocabulary"));
        }
    }
    Ok(known)
}

/// A token for a byte says which: `<0x0A>`.
fn bytes_are_spelled(tokens: &Array, types: &Array) -> Result<()> {
    /// `LLAMA_TOKEN_TYPE_BYTE`.
    const BYTE: i64 = 6;
    let spelled = |text: &[u8]| {
        text.len() == 6
            && text.starts_with(b"<0x")
            && text.ends_with(b">")
            && text[3..5].iter().all(u8::is_ascii_hexdigit)
    };
    let mut bytes = tokens.texts.iter().zip(&types.integers);
    if bytes.any(|(text, kind)| *kind == BYTE && !spelled(text)) {
        return Err(refuse("a token for a byte does not say which byte"));
    }
    Ok(())
}

/// A `SentencePiece` vocabulary falls back to one token per byte; llama.cpp ends the process where one is missing.
fn every_byte_has_a_token(known: &HashSet<Vec<u8>>) -> Result<()> {
    let missing = |byte: u8| {
        !known.contains(format!("<0x{byte:02X}>").as_bytes()) && !known.contains(&[byte][..])
    };
    if (0..=u8::MAX).any(missing) {
        return Err(refuse("its vocabulary lacks a token for some byte"));
    }
    Ok(())
}
