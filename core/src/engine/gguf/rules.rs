//! What the entries and tensors of a header must be like, so that no reader behind this one can be led astray.

use std::collections::{HashMap, HashSet};

use super::{Array, Tensor, Value, kind, refuse, text};
use crate::Result;

/// The vocabulary.
pub(super) const TOKENS: &str = "tokenizer.ggml.tokens";

/// One type per entry of the vocabulary.
pub(super) const TOKEN_TYPES: &str = "tokenizer.ggml.token_type";

/// Elements in the largest vocabulary that is accepted.
const MAX_VOCABULARY: u64 = 4 << 20;

/// Tokenizers whose vocabularies are checked here for all that llama.cpp takes for granted.
const TOKENIZERS: [&str; 5] = ["bert", "gemma4", "gpt2", "llama", "t5"];

/// `ggml_type`s that occur in computations only, or in none with weights: `Q8_1`, `Q8_K`, I8, I16, I64,
/// F64.
const NOT_STORED: [u32; 6] = [9, 15, 24, 25, 27, 28];

/// Hyper-parameters, named without the architecture, with the values that a model can have. llama.cpp divides by some
/// of them, allocates by others, and indexes fixed arrays by the first.
const RANGES: [(&str, i128, i128); 16] = [
    ("block_count", 1, 512),
    ("context_length", 1, 1 << 28),
    ("embedding_length", 1, 1 << 20),
    ("feed_forward_length", 0, 1 << 24),
    ("attention.head_count", 0, 1 << 14),
    ("attention.head_count_kv", 0, 1 << 14),
    ("attention.key_length", 1, 1 << 14),
    ("attention.value_length", 1, 1 << 14),
    ("attention.sliding_window", 0, 1 << 28),
    ("rope.dimension_count", 0, 1 << 14),
    ("rope.scaling.original_context_length", 0, 1 << 28),
    ("expert_count", 0, 1024),
    ("expert_used_count", 0, 1024),
    ("vocab_size", 1, MAX_VOCABULARY as i128),
    ("leading_dense_block_count", 0, 512),
    ("pooling_type", 0, 4),
];

/// `general.alignment`, or its default.
pub(super) fn alignment(entries: &HashMap<String, Value>) -> Result<u64> {
    match entries.get("general.alignment") {
        None => Ok(32),
        Some(Value::Integer(value)) => u64::try_from(*value)
            .ok()
            .filter(|value| value.is_power_of_two() && *value <= 1 << 20)
            .ok_or_else(|| refuse("its alignment is not a power of two up to 1 MiB")),
        Some(_) => Err(refuse("its alignment is not a number")),
    }
}

/// Every tensor lies inside the `available` bytes behind the header, aligned, in whole blocks, and on its own.
pub(super) fn extents(
    tensors: &[Tensor],
    available: u64,
    alignment: u64,
    layout: impl Fn(u32) -> Option<(u64, u64)>,
) -> Result<()> {
    if tensors.is_empty() {
        return Err(refuse("it has no weights"));
    }
    let mut used = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let (elements, bytes) =
            layout(tensor.kind).ok_or_else(|| refuse("a tensor has an unknown type"))?;
        // Norms and biases are added and multiplied as they are; ggml ends the process where they are quantised.
        let vector = tensor.dimensions.iter().skip(1).all(|size| *size == 1);
        if NOT_STORED.contains(&tensor.kind) || (vector && elements > 1) {
            return Err(refuse("a tensor has a type that weights do not have"));
        }
        let total = tensor
            .dimensions
            .iter()
            .try_fold(1_u64, |total, dimension| total.checked_mul(*dimension))
            .filter(|total| (1..1 << 48).contains(total))
            .ok_or_else(|| refuse("a tensor has an impossible size"))?;
        if tensor.dimensions[0] % elements != 0 {
            return Err(refuse("a tensor does not consist of whole blocks"));
        }
        let end = (total / elements)
            .checked_mul(bytes)
            .and_then(|size| size.checked_add(tensor.offset))
            .filter(|end| *end <= available)
            .ok_or_else(|| {
                refuse("a tensor reaches beyond its end; hint: copy or download it again")
            })?;
        if tensor.offset % alignment != 0 {
            return Err(refuse("a tensor is not aligned"));
        }
        used.push((tensor.offset, end));
    }
    used.sort_unstable();
    if used.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(refuse("two tensors overlap"));
    }
    Ok(())
}

/// The architecture has a plain name, its sizes are plausible, and the file is the whole model.
pub(super) fn architecture(entries: &HashMap<String, Value>) -> Result<()> {
    let name = text(entries, "general.architecture")
        .filter(|name| !name.is_empty() && name.len() <= 64)
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        })
        .ok_or_else(|| refuse("it does not name its architecture"))?;
    let integer = |key: &str| match entries.get(&format!("{name}.{key}")) {
        Some(Value::Integer(value)) => Some(*value),
        _ => None,
    };
    for required in ["block_count", "context_length", "embedding_length"] {
        if integer(required).is_none() {
            return Err(refuse(format!("it does not state its `{required}`")));
        }
    }
    for (key, low, high) in RANGES {
        let values: &[i128] = match entries.get(&format!("{name}.{key}")) {
            None => continue,
            Some(Value::Integer(value)) => std::slice::from_ref(value),
            Some(Value::Array(array)) if array.count <= 1024 => &array.integers,
            Some(_) => return Err(refuse(format!("its `{key}` is not a number"))),
        };
        if values.iter().any(|value| !(low..=high).contains(value)) {
            return Err(refuse(format!(
                "its `{key}` is outside the range {low} to {high}"
            )));
        }
    }
    if matches!(entries.get("split.count"), Some(Value::Integer(count)) if *count > 1) {
        return Err(refuse(
            "it is one part of a split model; hint: merge the parts with `gguf-split --merge`",
        ));
    }
    if let Some(heads) = integer("attention.head_count") {
        let groups = integer("attention.head_count_kv").unwrap_or(heads);
        if heads > 0 && groups > 0 && heads % groups != 0 {
            return Err(refuse("its attention heads do not divide into groups"));
        }
    }
    finite(entries)
}

/// No scale or base is infinite or not a number, and no epsilon is negative.
fn finite(entries: &HashMap<String, Value>) -> Result<()> {
    let wrong = |(key, value): (&String, &Value)| match value {
        Value::Float(number) => {
            !number.is_finite() || (key.ends_with("epsilon") && !(0.0..=1.0).contains(number))
        }
        _ => false,
    };
    if entries.iter().any(wrong) {
        return Err(refuse("a number in its header is impossible"));
    }
    Ok(())
}

/// The arrays of the vocabulary have the right types and one length, and every id that the header names is in it.
/// Returns the bytes of the longest token.
pub(super) fn vocabulary(entries: &HashMap<String, Value>) -> Result<usize> {
    let model = text(entries, "tokenizer.ggml.model")
        .filter(|model| TOKENIZERS.contains(model))
        .ok_or_else(|| refuse("it does not name a tokenizer that is supported"))?;
    let array = |key: &str| match entries.get(key) {
        Some(Value::Array(array)) => Ok(Some(array)),
        Some(_) => Err(refuse(format!("its `{key}` is not an array"))),
        None => Ok(None),
    };
    let tokens = array(TOKENS)?
        .filter(|tokens| tokens.kind == kind::STRING && !tokens.texts.is_empty())
        .ok_or_else(|| refuse("it has no vocabulary"))?;
    if tokens.count > MAX_VOCABULARY {
        return Err(refuse("its vocabulary has more than 4,194,304 entries"));
    }
    for (key, wanted) in [
        ("tokenizer.ggml.scores", kind::F32),
        (TOKEN_TYPES, kind::I32),
    ] {
        if array(key)?.is_some_and(|it| it.kind != wanted || it.count != tokens.count) {
            return Err(refuse(format!("its `{key}` does not match the vocabulary")));
        }
    }
    if array("tokenizer.ggml.merges")?.is_some_and(|merges| merges.kind != kind::STRING) {
        return Err(refuse("its merges are not strings"));
    }
    for (key, value) in entries {
        let names_a_token = key.starts_with("tokenizer.ggml.") && key.ends_with("_token_id");
        // Converters write u32::MAX for a token that the model does not have.
        let inside = matches!(value, Value::Integer(id)
            if (0..i128::from(tokens.count)).contains(id) || *id == i128::from(u32::MAX));
        if names_a_token && !inside {
            return Err(refuse("it names a token that is not in its vocabulary"));
        }
    }
    let known = distinct(tokens)?;
    if let Some(types) = array(TOKEN_TYPES)? {
        bytes_are_spelled(tokens, types)?;
    }
    if model == "llama" {
        every_byte_has_a_token(&known)?;
    }
    Ok(tokens.texts.iter().map(Vec::len).max().unwrap_or(1).max(1))
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
    const BYTE: i128 = 6;
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
