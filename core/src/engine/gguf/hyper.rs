//! What the hyper-parameters of a model must be like: llama.cpp divides by some of them, allocates by others, indexes fixed
//! arrays by the next, and ends the process where two of them do not go together.

use super::architectures::{EQUAL_HEADS, GROUPED_STATES, NOT_ALONE, NOT_EXAMINED, ROTATED_WHOLE};
use super::vocabulary::MAX_TOKENS;
use super::{Entries, Value, refuse, text};
use crate::Result;

/// `LLAMA_MAX_LAYERS`.
pub(super) const MAX_LAYERS: i128 = 512;

/// Hyper-parameters, named without the architecture, with the values that a model can have.
const RANGES: [(&str, i128, i128); 43] = [
    ("altup.active_idx", 0, 3),
    ("attention.head_count", 0, 1 << 14),
    ("attention.head_count_kv", 0, 1 << 14),
    ("attention.indexer.head_count", 0, 1 << 14),
    ("attention.indexer.key_length", 0, 1 << 14),
    ("attention.key_length", 1, 1 << 14),
    ("attention.key_length_mla", 1, 1 << 14),
    ("attention.key_length_swa", 1, 1 << 14),
    ("attention.kv_lora_rank", 0, 1 << 16),
    ("attention.q_lora_rank", 0, 1 << 16),
    ("attention.shared_kv_layers", 0, MAX_LAYERS),
    ("attention.sliding_window", 0, 1 << 28),
    ("attention.value_length", 1, 1 << 14),
    ("attention.value_length_mla", 1, 1 << 14),
    ("attention.value_length_swa", 1, 1 << 14),
    ("block_count", 1, MAX_LAYERS),
    ("context_length", 1, 1 << 28),
    ("embedding_length", 1, 1 << 20),
    ("embedding_length_out", 1, 1 << 20),
    ("expert_count", 0, 1024),
    ("expert_feed_forward_length", 0, 1 << 24),
    ("expert_group_count", 0, 1024),
    ("expert_group_used_count", 0, 1024),
    ("expert_shared_count", 0, 1024),
    ("expert_used_count", 0, 1024),
    ("feed_forward_length", 0, 1 << 24),
    ("full_attention_interval", 1, MAX_LAYERS),
    ("interleave_moe_layer_step", 0, MAX_LAYERS),
    ("leading_dense_block_count", 0, MAX_LAYERS),
    ("nextn_predict_layers", 0, MAX_LAYERS),
    ("pooling_type", 0, 4),
    ("rope.dimension_count", 0, 1 << 14),
    ("rope.dimension_count_swa", 0, 1 << 14),
    ("rope.dimension_sections", 0, 1 << 14),
    ("rope.scaling.original_context_length", 0, 1 << 28),
    ("ssm.conv_kernel", 1, 1 << 10),
    ("ssm.group_count", 0, 1 << 14),
    ("ssm.inner_size", 1, 1 << 24),
    ("ssm.state_size", 1, 1 << 16),
    ("ssm.time_step_rank", 1, 1 << 20),
    ("token_shift_count", 1, 2),
    ("vocab_size", 1, MAX_TOKENS as i128),
    ("wkv.head_size", 1, 1 << 14),
];

/// `llama_rope_scaling_type`, by name.
const ROPE_SCALINGS: [&str; 4] = ["linear", "longrope", "none", "yarn"];

/// The hyper-parameters of one architecture.
pub(super) struct Hyper<'a> {
    entries: &'a Entries,
    architecture: &'a str,
}

impl<'a> Hyper<'a> {
    /// Those of the architecture that a header names.
    pub(super) fn of(entries: &'a Entries) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        text(entries, "general.architecture")
            .filter(|name| !name.is_empty() && name.len() <= 64 && name.bytes().all(plain))
            .map(|architecture| Self {
                entries,
                architecture,
            })
            .ok_or_else(|| refuse("it does not name its architecture"))
    }

    /// Whether they are plausible, go together, and describe a whole model.
    pub(super) fn check(&self) -> Result<()> {
        if NOT_ALONE.contains(&self.architecture) {
            return Err(refuse(
                "its architecture is a part of a model, or a kind of model, that neither generates nor embeds text by itself",
            ));
        }
        if NOT_EXAMINED.contains(&self.architecture) {
            return Err(refuse(
                "its architecture takes more for granted than is checked before llama.cpp reads a model; hint: use a model of another one",
            ));
        }
        if matches!(self.entries.get("split.count"), Some(Value::Integer(count)) if *count > 1) {
            return Err(refuse(
                "it is one part of a split model; hint: merge the parts with `gguf-split --merge`",
            ));
        }
        for required in ["block_count", "context_length", "embedding_length"] {
            if self.integer(required).is_none() {
                return Err(refuse(format!("it does not state its `{required}`")));
            }
        }
        self.ranges()?;
        self.layers()?;
        self.heads()?;
        self.rotation()?;
        self.experts()?;
        self.states()?;
        self.assumptions()?;
        self.numbers()
    }

    pub(super) fn architecture(&self) -> &str {
        self.architecture
    }

    /// One number, where the header states one.
    pub(super) fn integer(&self, key: &str) -> Option<u64> {
        match self.entries.get(&format!("{}.{key}", self.architecture)) {
            Some(Value::Integer(value)) => u64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// A number for the layer at `index`: the one for all layers, or its own.
    pub(super) fn of_layer(&self, key: &str, index: usize) -> Option<u64> {
        match self.entries.get(&format!("{}.{key}", self.architecture)) {
            Some(Value::Integer(value)) => u64::try_from(*value).ok(),
            Some(Value::Array(array)) => u64::try_from(*array.integers.get(index)?).ok(),
            _ => None,
        }
    }

    /// How many layers there are.
    pub(super) fn blocks(&self) -> usize {
        self.integer("block_count")
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(0)
    }

    /// Length of the keys and of the values of one head.
    pub(super) fn head_lengths(&self, suffix: &str) -> (u64, u64) {
        let heads = self.of_layer("attention.head_count", 0).unwrap_or(0);
        let even = self
            .integer("embedding_length")
            .unwrap_or(0)
            .checked_div(heads)
            .unwrap_or(0);
        let length = |name: &str| {
            let own = self.integer(&format!("attention.{name}_length{suffix}"));
            own.or_else(|| self.integer(&format!("attention.{name}_length")))
                .unwrap_or(even)
        };
        (length("key"), length("value"))
    }

    fn ranges(&self) -> Result<()> {
        for (key, low, high) in RANGES {
            let inside = match self.entries.get(&format!("{}.{key}", self.architecture)) {
                None => continue,
                Some(Value::Integer(value)) => (low..=high).contains(value),
                // Arrays of more are not kept; none has one per layer or less.
                Some(Value::Array(array)) if array.count == array.integers.len() as u64 => array
                    .integers
                    .iter()
                    .all(|value| (low..=high).contains(&i128::from(*value))),
                Some(_) => return Err(refuse(format!("its `{key}` is not a number"))),
            };
            if !inside {
                return Err(refuse(format!(
                    "its `{key}` is outside the range {low} to {high}"
                )));
            }
        }
        Ok(())
    }

    /// Numbers of layers do not exceed the number of layers.
    fn layers(&self) -> Result<()> {
        let blocks = self.integer("block_count").unwrap_or(0);
        let at_most = |key: &str, most: u64| match self.integer(key) {
            Some(count) if count > most => {
                Err(refuse(format!("its `{key}` is more than it has layers")))
            }
            _ => Ok(()),
        };
        at_most("leading_dense_block_count", blocks)?;
        at_most("nextn_predict_layers", blocks - 1)?;
        at_most("attention.shared_kv_layers", blocks.saturating_sub(2))?;
        // As many numbers are read of an embedding as the header says.
        if self.integer("embedding_length_out") > self.integer("embedding_length") {
            return Err(refuse(
                "its `embedding_length_out` is more than its `embedding_length`",
            ));
        }
        Ok(())
    }

    /// The heads of each layer divide into groups, and have the lengths that the architecture has.
    fn heads(&self) -> Result<()> {
        for layer in 0..self.blocks() {
            let heads = self.of_layer("attention.head_count", layer).unwrap_or(0);
            let groups = self
                .of_layer("attention.head_count_kv", layer)
                .unwrap_or(heads);
            if heads > 0 && groups > 0 && !heads.is_multiple_of(groups) {
                return Err(refuse("its attention heads do not divide into groups"));
            }
        }
        if self.of_layer("attention.head_count", 0).unwrap_or(0) == 0 {
            return Ok(());
        }
        for suffix in ["", "_swa"] {
            let (keys, values) = self.head_lengths(suffix);
            if keys == 0 || values == 0 {
                return Err(refuse("its attention heads have no length"));
            }
            if keys != values && EQUAL_HEADS.contains(&self.architecture) {
                return Err(refuse(
                    "its keys and values have heads of different lengths, which its architecture does not have",
                ));
            }
        }
        Ok(())
    }

    /// What is rotated by position is an even number of dimensions, and not more than there are.
    fn rotation(&self) -> Result<()> {
        if let Some(value) = self
            .entries
            .get(&format!("{}.rope.scaling.type", self.architecture))
            && !matches!(value, Value::Text(name)
                if ROPE_SCALINGS.iter().any(|known| known.as_bytes() == name))
        {
            return Err(refuse("its `rope.scaling.type` is unknown"));
        }
        if let Some(Value::Array(sections)) = self
            .entries
            .get(&format!("{}.rope.dimension_sections", self.architecture))
        {
            let first = sections.integers.iter().take(3).sum::<i64>();
            if sections.count > 4 || first == 0 {
                return Err(refuse("its `rope.dimension_sections` are impossible"));
            }
        }
        if self.of_layer("attention.head_count", 0).unwrap_or(0) == 0 {
            return Ok(());
        }
        for suffix in ["", "_swa"] {
            let (keys, _) = self.head_lengths(suffix);
            let rotated = self
                .integer(&format!("rope.dimension_count{suffix}"))
                .or_else(|| self.integer("rope.dimension_count"))
                .unwrap_or(keys);
            if rotated > keys || !rotated.is_multiple_of(2) {
                return Err(refuse(
                    "its `rope.dimension_count` does not fit its attention heads",
                ));
            }
            if rotated != keys && ROTATED_WHOLE.contains(&self.architecture) {
                return Err(refuse(
                    "its `rope.dimension_count` is not the length of its attention heads, as in its architecture",
                ));
            }
        }
        Ok(())
    }

    /// As many experts are asked as there are, and their groups divide them.
    fn experts(&self) -> Result<()> {
        let experts = self.integer("expert_count").unwrap_or(0);
        if experts <= 1 && ["hunyuan-dense", "hunyuan_vl"].contains(&self.architecture) {
            return Ok(());
        }
        let used = (0..self.blocks())
            .filter_map(|layer| self.of_layer("expert_used_count", layer))
            .max()
            .unwrap_or(0);
        let groups = self.integer("expert_group_count").unwrap_or(0);
        let used_groups = self.integer("expert_group_used_count").unwrap_or(0);
        let possible = if experts == 0 {
            used == 0 && groups == 0
        } else {
            (1..=experts).contains(&used)
                && groups < experts
                && (groups <= 1
                    || experts.is_multiple_of(groups) && (1..groups).contains(&used_groups))
        };
        if possible {
            Ok(())
        } else {
            Err(refuse("its numbers of experts do not go together"))
        }
    }

    /// The channels of a state space divide into its groups and heads.
    fn states(&self) -> Result<()> {
        let [inner, rank, groups] = ["inner_size", "time_step_rank", "group_count"]
            .map(|it| self.integer(&format!("ssm.{it}")));
        if GROUPED_STATES.contains(&self.architecture) {
            let divides = |whole: Option<u64>, part: Option<u64>| match (whole, part) {
                (Some(whole), Some(part)) => part > 0 && whole.is_multiple_of(part),
                _ => false,
            };
            if !divides(inner, rank) || !divides(inner, groups) || !divides(rank, groups) {
                return Err(refuse("its state space does not divide into groups"));
            }
        }
        if let (Some(width), Some(head)) = (
            self.integer("embedding_length"),
            self.integer("wkv.head_size"),
        ) && !width.is_multiple_of(head)
        {
            return Err(refuse("its `wkv.head_size` does not divide its width"));
        }
        Ok(())
    }

    /// No scale or base is infinite or not a number, and no epsilon is negative.
    fn numbers(&self) -> Result<()> {
        let impossible = |key: &str, number: f64| {
            !number.is_finite() || (key.ends_with("epsilon") && !(0.0..=1.0).contains(&number))
        };
        let wrong = |(key, value): (&String, &Value)| match value {
            Value::Float(number) => impossible(key, f64::from(*number)),
            Value::Double(number) => impossible(key, *number),
            _ => false,
        };
        if self.entries.iter().any(wrong) {
            return Err(refuse("a number in its header is impossible"));
        }
        Ok(())
    }
}
