//! What is kept for a conversation, as bytes: to survive a new context, or to be saved.

use llama_cpp_2::context::LlamaContext;

use super::raw;
use crate::{Error, Kind, Result, Sensitive};

/// First bytes of a saved state.
const MAGIC: &[u8; 8] = b"cloistKV";
/// The layout of these bytes.
const VERSION: u32 = 1;

/// Tokens, and what the model computed of them.
pub(super) struct Saved {
    pub(super) tokens: Sensitive<Vec<i32>>,
    state: Sensitive<Vec<u8>>,
}

impl Saved {
    /// Copies a sequence that holds `tokens`.
    pub(super) fn copy(context: &LlamaContext<'_>, sequence: i32, tokens: &[i32]) -> Result<Self> {
        Ok(Self {
            tokens: Sensitive::new(tokens.to_vec()),
            state: raw::sequence_state(context, sequence)?,
        })
    }

    /// Writes it into an empty sequence.
    pub(super) fn put(&self, context: &mut LlamaContext<'_>, sequence: i32) -> Result<()> {
        raw::set_sequence_state(context, sequence, &self.state)
    }

    /// Its bytes: magic, versions, the model's digest, tokens, state. Only [`Saved::decode`] understands them.
    pub(super) fn encode(&self, model: &str) -> Sensitive<Vec<u8>> {
        let head = head(model);
        let mut bytes =
            Vec::with_capacity(head.len() + 8 + self.tokens.len() * 4 + self.state.len());
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(&(self.tokens.len() as u64).to_le_bytes());
        for token in self.tokens.iter() {
            bytes.extend_from_slice(&token.to_le_bytes());
        }
        bytes.extend_from_slice(&self.state);
        Sensitive::new(bytes)
    }

    /// Reads what [`Saved::encode`] wrote for the same model.
    ///
    /// The state is for llama.cpp, which trusts it. So these bytes must come from an envelope that proves them.
    pub(super) fn decode(bytes: &[u8], model: &str, vocabulary: u32) -> Result<Self> {
        let foreign = || {
            Error::new(
                Kind::Unsupported,
                "the saved conversation belongs to another model or another version; hint: begin a new one",
            )
        };
        let rest = bytes
            .strip_prefix(head(model).as_slice())
            .ok_or_else(foreign)?;
        let (count, rest) = rest.split_first_chunk().ok_or_else(foreign)?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok();
        let length = length.and_then(|count| count.checked_mul(4));
        let (tokens, state) = length
            .and_then(|length| rest.split_at_checked(length))
            .ok_or_else(foreign)?;
        let tokens: Vec<i32> = tokens
            .as_chunks()
            .0
            .iter()
            .map(|token| i32::from_le_bytes(*token))
            .collect();
        let known = |token: &i32| u32::try_from(*token).is_ok_and(|token| token < vocabulary);
        if tokens.is_empty() || !tokens.iter().all(known) {
            return Err(foreign());
        }
        Ok(Self {
            tokens: Sensitive::new(tokens),
            state: Sensitive::new(state.to_vec()),
        })
    }
}

fn head(model: &str) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&VERSION.to_le_bytes());
    for part in [raw::STATE_VERSION, model] {
        head.extend_from_slice(part.as_bytes());
        head.push(0);
    }
    head
}
