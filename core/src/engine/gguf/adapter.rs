//! `LoRA` adapters (Hu et al. 2021, arXiv:2106.09685) in GGUF: pairs of small matrices whose products are added to weights.

use std::collections::HashMap;
use std::io::BufRead;

use super::tensors::Tensor;
use super::{Contents, Entries, Header, Value, refuse, text};
use crate::Result;

/// Types of numbers that both matrices may have: F32, F16, BF16.
const KINDS: [u32; 3] = [0, 1, 30];
const EMBEDDING: &str = "token_embd.weight";

/// The header of an adapter that passed every check.
pub(in super::super) struct AdapterHeader {
    entries: Entries,
    weights: u64,
}

/// The two matrices of one weight.
#[derive(Default)]
struct Pair<'a> {
    a: Option<&'a Tensor>,
    b: Option<&'a Tensor>,
}

impl AdapterHeader {
    /// Reads and checks the header of an adapter in a file of `length` bytes.
    pub(in super::super) fn read(file: impl BufRead, length: u64) -> Result<Self> {
        let Contents {
            entries,
            tensors,
            weights,
        } = Contents::read(file, length)?;
        for (key, wanted) in [("general.type", "adapter"), ("adapter.type", "lora")] {
            if text(&entries, key) != Some(wanted) {
                return Err(refuse(format!("its `{key}` is not `{wanted}`")));
            }
        }
        if text(&entries, "general.architecture").is_none() {
            return Err(refuse("it does not state its architecture"));
        }
        match entries.get("adapter.lora.alpha") {
            None => {}
            Some(Value::Float(alpha)) if alpha.is_finite() => {}
            Some(_) => return Err(refuse("its `adapter.lora.alpha` is not a number")),
        }
        if entries.contains_key("adapter.alora.invocation_tokens") {
            return Err(refuse(
                "it is to be switched on by tokens, which is not supported",
            ));
        }
        check_pairs(&tensors)?;
        Ok(Self { entries, weights })
    }

    /// Refuses an adapter that was made for another architecture. Whether each pair fits its weight, llama.cpp says.
    pub(in super::super) fn must_fit(&self, model: &Header) -> Result<()> {
        let [own, wanted] =
            [&self.entries, &model.entries].map(|entries| text(entries, "general.architecture"));
        if own == wanted {
            Ok(())
        } else {
            Err(refuse("it is an adapter for another architecture"))
        }
    }

    /// Bytes of all its matrices.
    pub(in super::super) fn weights(&self) -> u64 {
        self.weights
    }
}

/// Each weight has both matrices, of a shape and type that can be multiplied.
fn check_pairs(tensors: &[Tensor]) -> Result<()> {
    let mut pairs: HashMap<&str, Pair<'_>> = HashMap::new();
    for tensor in tensors {
        let (name, is_a) = match (
            tensor.name.strip_suffix(".lora_a"),
            tensor.name.strip_suffix(".lora_b"),
        ) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => return Err(refuse("it changes more than products of matrices")),
        };
        // llama.cpp takes these out wherever they stand.
        if name.contains(".lora_") {
            return Err(refuse("a tensor's name is malformed"));
        }
        let flat = tensor.dimensions.iter().skip(2).all(|size| *size == 1);
        if !flat || !KINDS.contains(&tensor.kind) {
            return Err(refuse(
                "a matrix has a shape or type that adapters do not have",
            ));
        }
        let pair = pairs.entry(name).or_default();
        *(if is_a { &mut pair.a } else { &mut pair.b }) = Some(tensor);
    }
    let size = |tensor: &Tensor, index: usize| tensor.dimensions.get(index).copied().unwrap_or(1);
    for (name, pair) in pairs {
        let (Some(a), Some(b)) = (pair.a, pair.b) else {
            return Err(refuse("one of two matrices is missing"));
        };
        let rank = if name.ends_with(EMBEDDING) {
            size(a, 0)
        } else {
            size(a, 1)
        };
        if rank != size(b, 0) {
            return Err(refuse("two matrices cannot be multiplied"));
        }
    }
    Ok(())
}
