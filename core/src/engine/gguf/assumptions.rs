//! Numbers and tensors that llama.cpp takes for granted in single architectures, as the assertions about them say.

use super::architectures::OF_EXPERTS;
use super::hyper::{Hyper, MAX_LAYERS};
use super::refuse;
use super::tensors::Tensor;
use crate::Result;

impl Hyper<'_> {
    /// Whether this architecture has the numbers that it must have.
    pub(super) fn assumptions(&self) -> Result<()> {
        let number = |key: &str| self.integer(key);
        let positive = |key: &str| number(key) != Some(0);
        let width = number("embedding_length").unwrap_or(0);
        let as_wide = |key: &str| number(key).is_none_or(|it| it == 0 || it == width);
        let (keys, _) = self.head_lengths("");
        let (latent, _) = self.head_lengths("_mla");
        let rotated = number("rope.dimension_count").unwrap_or(keys);
        let [inner, state, heads] = ["inner_size", "state_size", "time_step_rank"]
            .map(|key| number(&format!("ssm.{key}")).unwrap_or(0));
        let loops = number("num_loops").unwrap_or(1);
        let passed = (self.blocks() as u64).saturating_mul(loops);

        let assumptions: [(&[&str], &str, bool); 15] = [
            (
                &OF_EXPERTS,
                "expert_count",
                number("expert_count") > Some(0),
            ),
            (
                &["grovemoe"],
                "experts_per_group",
                positive("experts_per_group"),
            ),
            (
                &["ernie4_5-moe"],
                "interleave_moe_layer_step",
                positive("interleave_moe_layer_step"),
            ),
            (
                &["gemma-embedding"],
                "dense_2_feat_in",
                as_wide("dense_2_feat_in"),
            ),
            (
                &["gemma-embedding"],
                "dense_3_feat_out",
                as_wide("dense_3_feat_out"),
            ),
            (
                &["granitehybrid", "jamba"],
                "ssm.inner_size",
                inner == 2 * width,
            ),
            (
                &["qwen3next", "qwen35", "qwen35moe"],
                "ssm.inner_size",
                inner == state.saturating_mul(heads),
            ),
            (
                &["plamo2"],
                "ssm.inner_size",
                heads > 0 && inner.is_multiple_of(heads),
            ),
            (
                &["plamo2"],
                "ssm.group_count",
                number("ssm.group_count") == Some(0),
            ),
            (
                &["lfm2", "lfm2moe"],
                "shortconv.l_cache",
                number("shortconv.l_cache").is_none_or(|it| it > 1),
            ),
            (
                &["rwkv6", "rwkv7"],
                "token_shift_count",
                number("token_shift_count").is_none_or(|it| it == 2),
            ),
            (
                &["arwkv7", "rwkv6qwen2"],
                "token_shift_count",
                number("token_shift_count") == Some(1),
            ),
            (&["deepseek2"], "attention.key_length_mla", latent > rotated),
            (
                &["deepseek32", "dots3note", "glm-dsa"],
                "attention.indexer.key_length",
                number("attention.indexer.key_length") >= Some(rotated),
            ),
            (
                &["nanbeige"],
                "num_loops",
                loops > 0 && i128::from(passed) <= MAX_LAYERS,
            ),
        ];
        for (architectures, key, holds) in assumptions {
            if !holds && architectures.contains(&self.architecture()) {
                return Err(refuse(format!(
                    "its `{key}` is not one that its architecture can have"
                )));
            }
        }
        Ok(())
    }

    /// Whether each layer has the tensors that llama.cpp asserts.
    pub(super) fn assumed_tensors(&self, tensors: &[Tensor]) -> Result<()> {
        let lacking = |name: &str| {
            Err(refuse(format!(
                "a layer's `{name}` is missing, or not as wide as its architecture can have it"
            )))
        };
        let tensor = |layer: usize, name: &str| {
            let name = format!("blk.{layer}.{name}.weight");
            tensors.iter().find(|tensor| tensor.name == name)
        };
        let mut layers = 0..self.blocks();
        match self.architecture() {
            "rwkv6" => {
                let mixes = |layer| {
                    let mut ways = ["time_mix_lerp_fused", "time_mix_lerp_w"].into_iter();
                    ways.any(|name| tensor(layer, name).is_some())
                };
                if !layers.all(mixes) {
                    return lacking("time_mix_lerp_fused");
                }
            }
            "jina-bert-v2" => {
                let fits = |layer| {
                    let hidden = self.of_layer("feed_forward_length", layer).unwrap_or(0);
                    let up = tensor(layer, "ffn_up");
                    let rows = up.and_then(|up| up.dimensions.get(1)).copied();
                    up.is_none() || [Some(hidden), hidden.checked_mul(2)].contains(&rows)
                };
                if !layers.all(fits) {
                    return lacking("ffn_up");
                }
            }
            _ => {}
        }
        Ok(())
    }
}
