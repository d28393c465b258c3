//! Headers that other readers of GGUF fell for: each is refused by safe Rust, before anything else reads the file, and
//! without taking more memory than the file is long, many times over.
#![cfg(feature = "models")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::File;
use std::io::Read as _;

use cloister_core::engine::gguf::check;
use cloister_core::{Kind, Result};
use proptest::prelude::*;
use support::gguf::{Value, Writer};
use support::{Noise, tiny_model, tiny_model_with};

/// Counts what each thread has and had at most.
struct Counting;

thread_local! {
    static HAS: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let _ = HAS.try_with(|has| {
        has.set(has.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(has.get())));
    });
}

// SAFETY: the system's allocator does the work; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Checks a header and that it took memory in proportion to what was there to read.
fn bounded(bytes: &[u8], length: u64) -> Result<()> {
    let before = HAS.get();
    MOST.set(before);
    let outcome = check(bytes, length);
    let took = MOST.get() - before;
    let limit = (256 << 10) + 64 * bytes.len().cast_signed();
    assert!(took <= limit, "{took} bytes for {} bytes", bytes.len());
    outcome
}

fn outcome(bytes: &[u8]) -> Result<()> {
    bounded(bytes, bytes.len() as u64)
}

/// What is wrong with the tiny model after `change`.
fn refusal(change: impl FnOnce(&mut Writer)) -> String {
    let error = outcome(&tiny_model_with(change)).expect_err("the header should be refused");
    assert_eq!(error.kind(), Kind::Model, "{error}");
    let message = error.message().strip_prefix("the model file is unusable: ");
    message.expect("one way of saying no").to_owned()
}

fn refused(change: impl FnOnce(&mut Writer), why: &str) {
    let message = refusal(change);
    assert!(message.contains(why), "{message:?} is not about {why:?}");
}

fn accepted(change: impl FnOnce(&mut Writer)) {
    outcome(&tiny_model_with(change)).expect("the header should be accepted");
}

/// A header that says how many tensors and entries follow, and what then follows.
fn beginning(version: u32, tensors: u64, entries: u64, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(version.to_le_bytes());
    bytes.extend(tensors.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(rest);
    bytes
}

/// An array with a count of its own.
fn array(kind: u32, count: u64, rest: &[u8]) -> Value {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend(count.to_le_bytes());
    bytes.extend(rest);
    Value::Raw(9, bytes)
}

fn set(key: &'static str, value: Value) -> impl FnOnce(&mut Writer) {
    move |writer| writer.set(key, value)
}

#[test]
fn the_tiny_model_is_accepted() {
    outcome(&tiny_model()).unwrap();
}

#[test]
fn other_versions_and_byte_orders_are_refused() {
    for version in [0, 1, 4, 0x0300_0000, u32::MAX] {
        outcome(&beginning(version, 0, 0, &[0; 64])).unwrap_err();
    }
}

#[test]
fn counts_that_no_file_can_hold_are_refused_before_anything_is_allocated() {
    for (tensors, entries) in [
        (u64::MAX, 0),
        (0, u64::MAX),
        (1 << 32, 1 << 32),
        (65_537, 1),
        (1, 65_537),
        (65_536, 65_536),
    ] {
        outcome(&beginning(3, tensors, entries, &[0; 136])).unwrap_err();
    }
}

#[test]
fn a_string_that_is_longer_than_the_file_is_refused() {
    for length in [u64::MAX, u64::MAX - 7, 1 << 63, 1 << 30, 16 << 20, 4096] {
        let mut rest = length.to_le_bytes().to_vec();
        rest.extend([b'a'; 100]);
        outcome(&beginning(3, 1, 1, &rest)).unwrap_err();
        // The same as a value, a token, and the name of a tensor.
        let mut text = length.to_le_bytes().to_vec();
        text.extend([b'a'; 16]);
        refusal(set("general.name", Value::Raw(8, text.clone())));
        refusal(set("tokenizer.ggml.tokens", array(8, 1, &text)));
    }
}

#[test]
fn an_array_that_is_longer_than_the_file_is_refused() {
    for kind in 0..13 {
        for count in [u64::MAX, 1 << 61, 1 << 62, (1 << 62) + 1, 1 << 40, 1 << 24] {
            refusal(set("general.tags", array(kind, count, &[0; 64])));
            refusal(set("tokenizer.ggml.tokens", array(kind, count, &[0; 64])));
        }
    }
}

#[test]
fn arrays_of_arrays_and_unknown_types_are_refused() {
    refused(
        set("general.tags", array(9, 1, &[9, 0, 0, 0])),
        "unknown type",
    );
    for kind in [13, 255, u32::MAX] {
        refused(set("general.tags", array(kind, 1, &[0; 8])), "unknown type");
        refused(
            set("general.tags", Value::Raw(kind, vec![0; 8])),
            "unknown type",
        );
    }
    refused(set("general.flag", Value::Raw(7, vec![2])), "flag");
}

#[test]
fn keys_that_are_no_keys_are_refused() {
    for key in ["", "a\0b", &"k".repeat(257)] {
        let key = key.to_owned();
        refused(
            |writer| writer.entries.push((key, Value::U32(1))),
            "a key in its header is malformed",
        );
    }
    refused(
        |writer| {
            let again = ("general.name".to_owned(), Value::text("again"));
            writer.entries.push(again);
        },
        "twice",
    );
}

#[test]
fn tensors_outside_the_file_on_top_of_each_other_or_out_of_line_are_refused() {
    type Change = fn(&mut Writer);
    let cases: [(Change, &str); 12] = [
        (|it| it.tensors[0].shift = 1 << 40, "beyond its end"),
        (|it| it.tensors[0].shift = u64::MAX - 31, "beyond its end"),
        (|it| it.tensors[0].shift = 1 << 63, "beyond its end"),
        (|it| it.tensors[0].shift = 4, "not aligned"),
        (|it| it.tensors[0].shift = 32, "overlap"),
        (
            |it| it.tensors[1].name = it.tensors[0].name.clone(),
            "twice",
        ),
        (|it| it.tensors[0].name = "n".repeat(64), "name"),
        (|it| it.tensors[0].name = String::new(), "name"),
        (|it| it.tensors[0].name = "a\0b".into(), "name"),
        (|it| it.tensors.clear(), "no weights"),
        (|it| it.tensors[0].dimensions.clear(), "dimensions"),
        (|it| it.tensors[0].dimensions = vec![1; 5], "dimensions"),
    ];
    for (change, why) in cases {
        refused(change, why);
    }
}

#[test]
fn sizes_that_wrap_around_are_refused() {
    for dimensions in [
        vec![u64::MAX, 2],
        vec![1 << 32, 1 << 32],
        vec![1 << 62, 4],
        vec![1 << 31, 1 << 31, 4],
        vec![0, 277],
        vec![1 << 16, 1 << 16, 1 << 16, 1 << 16],
        vec![(1 << 62) + 8],
        vec![1 << 50],
        vec![u64::MAX / 4 + 2],
    ] {
        let message = refusal(|writer| writer.tensors[0].dimensions = dimensions);
        assert!(
            message.contains("impossible size") || message.contains("beyond its end"),
            "{message}"
        );
    }
}

#[test]
fn types_that_weights_do_not_have_are_refused() {
    for kind in [4, 5, 31, 32, 33, 36, 37, 38, 43, 255, 1 << 31, u32::MAX] {
        refused(|it| it.tensors[0].kind = kind, "unknown type");
    }
    for kind in [9, 15, 24, 25, 27, 28] {
        refused(|it| it.tensors[0].kind = kind, "weights do not have");
    }
    // A norm is added as it is.
    refused(|it| it.tensors[1].kind = 8, "weights do not have");
    // Blocks of 256 in rows of 32.
    refused(|it| it.tensors[0].kind = 12, "whole blocks");
}

#[test]
fn an_alignment_that_is_none_is_refused() {
    for alignment in [0, 3, 48, 1 << 21, 1 << 31] {
        refused(
            set("general.alignment", Value::U32(alignment)),
            "power of two",
        );
    }
    refused(set("general.alignment", Value::text("32")), "not a number");
    let wide = Value::Raw(10, u64::MAX.to_le_bytes().to_vec());
    refused(set("general.alignment", wide), "power of two");
}

#[test]
fn token_arrays_of_another_type_or_length_are_refused() {
    refused(
        set("tokenizer.ggml.tokens", Value::I32s(vec![1; 277])),
        "no vocabulary",
    );
    refused(
        set("tokenizer.ggml.tokens", Value::U32(277)),
        "not an array",
    );
    refused(
        set("tokenizer.ggml.tokens", Value::Texts(vec![])),
        "no vocabulary",
    );
    refused(
        set("tokenizer.ggml.tokens", Value::Texts(vec!["a".into(); 277])),
        "twice",
    );
    for value in [
        Value::F32s(vec![0.0; 276]),
        Value::F32s(vec![0.0; 278]),
        Value::I32s(vec![0; 277]),
        Value::Bytes(vec![0; 277]),
    ] {
        refused(
            set("tokenizer.ggml.scores", value),
            "does not match the vocabulary",
        );
    }
    for value in [
        Value::I32s(vec![1; 276]),
        Value::F32s(vec![1.0; 277]),
        Value::Bytes(vec![1; 277]),
        array(4, 277, &[1; 4 * 277]),
    ] {
        refused(
            set("tokenizer.ggml.token_type", value),
            "does not match the vocabulary",
        );
    }
    refused(
        set("tokenizer.ggml.merges", Value::I32s(vec![1])),
        "not strings",
    );
}

#[test]
fn tokens_for_bytes_that_name_no_byte_are_refused() {
    for text in [
        "<0x-1>", "<0x+1>", "<0x 1>", "<0x1>", "<0x100>", "<0xG0>", "0x0A",
    ] {
        refused(
            |writer| {
                for (key, value) in &mut writer.entries {
                    if let ("tokenizer.ggml.tokens", Value::Texts(texts)) = (&key[..], value) {
                        texts[5] = text.to_owned();
                    }
                }
            },
            "which byte",
        );
    }
}

#[test]
fn ids_that_are_not_in_the_vocabulary_are_refused() {
    for value in [
        Value::U32(277),
        Value::U32(u32::MAX - 1),
        Value::Raw(5, (-1_i32).to_le_bytes().to_vec()),
        Value::Raw(11, i64::MIN.to_le_bytes().to_vec()),
        Value::text("1"),
    ] {
        refused(
            set("tokenizer.ggml.eot_token_id", value),
            "not in its vocabulary",
        );
    }
    // What converters write for a token that there is not.
    accepted(set("tokenizer.ggml.eot_token_id", Value::U32(u32::MAX)));
}

#[test]
fn switches_of_the_tokenizer_are_switches() {
    refused(
        set("tokenizer.ggml.add_bos_token", Value::U32(1)),
        "wrong type",
    );
    refused(set("tokenizer.ggml.pre", Value::U32(1)), "wrong type");
    refused(
        set("tokenizer.ggml.model", Value::text("plamo2")),
        "tokenizer",
    );
    refused(set("tokenizer.ggml.model", Value::Bool(true)), "tokenizer");
}

/// A normalisation table with one rule: `a` becomes what is at an offset of the replacements.
fn table(change: impl FnOnce(&mut [u32], &mut Vec<u8>)) -> Value {
    let mut nodes = vec![0_u32; 1024];
    // The root has its children in the second block.
    nodes[0] = 256 << 10;
    let child = 256 ^ usize::from(b'a');
    // LCHECK is `a`, it is a leaf, and its own children are in the third block.
    nodes[child] = u32::from(b'a') | 1 << 8 | 512 << 10;
    nodes[child ^ 512] = 2;
    let mut replacements = b"x\0yz\0".to_vec();
    change(&mut nodes, &mut replacements);
    let mut bytes = u32::try_from(4 * nodes.len())
        .unwrap()
        .to_le_bytes()
        .to_vec();
    bytes.extend(nodes.iter().flat_map(|node| node.to_le_bytes()));
    bytes.extend(replacements);
    Value::Bytes(bytes)
}

#[test]
fn a_normalisation_table_that_leads_out_of_itself_is_refused() {
    type Change = fn(&mut [u32], &mut Vec<u8>);
    const KEY: &str = "tokenizer.ggml.precompiled_charsmap";
    accepted(set(KEY, table(|_, _| {})));
    let changes: [Change; 6] = [
        |nodes, _| nodes[0] = 4096 << 10,
        |nodes, _| nodes[0] = (1 << 22 | 1) << 9,
        |nodes, _| nodes[256 ^ usize::from(b'a')] |= 1 << 31 >> 1,
        |nodes, _| nodes[256 ^ usize::from(b'a') ^ 512] = 5,
        |_, replacements| *replacements.last_mut().unwrap() = b'!',
        |_, replacements| replacements.clear(),
    ];
    for change in changes {
        refused(set(KEY, table(change)), "normalisation table");
    }
    for bytes in [
        &b""[..],
        b"\x01\0\0",
        b"\xFF\xFF\xFF\xFFabc",
        b"\x03\0\0\0abcd",
    ] {
        refused(set(KEY, Value::Bytes(bytes.into())), "normalisation table");
    }
    refused(set(KEY, Value::I32s(vec![0; 9])), "normalisation table");
    refused(set(KEY, Value::text("table")), "not an array");
}

#[test]
fn what_llama_cpp_divides_or_indexes_by_is_in_range() {
    for (key, value) in [
        ("llama.block_count", Value::U32(0)),
        ("llama.block_count", Value::U32(513)),
        ("llama.block_count", Value::text("2")),
        ("llama.context_length", Value::U32(0)),
        ("llama.embedding_length", Value::U32(0)),
        ("llama.embedding_length", Value::U32(u32::MAX)),
        ("llama.attention.head_count", Value::U32(u32::MAX)),
        ("llama.attention.head_count", Value::I32s(vec![4, -4])),
        ("llama.attention.head_count_kv", Value::U32(3)),
        ("llama.attention.head_count_kv", Value::I32s(vec![2, 3])),
        ("llama.attention.key_length", Value::U32(0)),
        ("llama.wkv.head_size", Value::U32(0)),
        ("llama.wkv.head_size", Value::U32(5)),
        ("llama.full_attention_interval", Value::U32(0)),
        ("llama.ssm.time_step_rank", Value::U32(0)),
        ("llama.nextn_predict_layers", Value::U32(2)),
        ("llama.leading_dense_block_count", Value::U32(3)),
        ("llama.attention.shared_kv_layers", Value::U32(1)),
        ("llama.vocab_size", Value::U32(0)),
        ("llama.pooling_type", Value::U32(9)),
    ] {
        let message = refusal(set(key, value));
        assert!(!message.is_empty(), "{key}");
    }
}

#[test]
fn heads_that_llama_cpp_ends_the_process_over_are_refused() {
    refused(
        set("llama.attention.value_length", Value::U32(4)),
        "different lengths",
    );
    refused(
        set("llama.rope.dimension_count", Value::U32(4)),
        "not the length",
    );
    refused(
        set("llama.rope.dimension_count", Value::U32(7)),
        "does not fit",
    );
    refused(
        set("llama.rope.dimension_count", Value::U32(10)),
        "does not fit",
    );
    refused(
        set("llama.attention.head_count", Value::U32(64)),
        "no length",
    );
    refused(
        set("llama.rope.scaling.type", Value::text("su")),
        "rope.scaling.type",
    );
    refused(
        set("llama.rope.scaling.type", Value::U32(1)),
        "rope.scaling.type",
    );
    for sections in [vec![0, 0, 0, 8], vec![8, 8, 8, 8, 8], vec![-8, 8, 8]] {
        refused(
            set("llama.rope.dimension_sections", Value::I32s(sections)),
            "rope.dimension_sections",
        );
    }
}

#[test]
fn experts_that_do_not_go_together_are_refused() {
    let experts = |count: u32, used: u32, groups: u32, used_groups: u32| {
        move |writer: &mut Writer| {
            for (name, value) in [
                ("expert_count", count),
                ("expert_used_count", used),
                ("expert_group_count", groups),
                ("expert_group_used_count", used_groups),
            ] {
                writer.set(&format!("llama.{name}"), Value::U32(value));
            }
        }
    };
    accepted(experts(0, 0, 0, 0));
    accepted(experts(8, 2, 0, 0));
    accepted(experts(8, 2, 1, 1));
    accepted(experts(8, 2, 4, 2));
    for (count, used, groups, used_groups) in [
        (1025, 2, 0, 0),
        (8, 0, 0, 0),
        (8, 9, 0, 0),
        (0, 2, 0, 0),
        (0, 0, 2, 1),
        (8, 2, 8, 1),
        (8, 2, 3, 1),
        (8, 2, 4, 0),
        (8, 2, 4, 4),
    ] {
        refused(experts(count, used, groups, used_groups), "expert");
    }
}

/// An architecture, numbers that it can have and that it cannot, and the one that is wrong.
const ASSUMED: [[&str; 4]; 21] = [
    [
        "bailingmoe2",
        "expert_count=4 expert_used_count=2",
        "",
        "expert_count",
    ],
    [
        "glm4moe",
        "expert_count=4 expert_used_count=2",
        "",
        "expert_count",
    ],
    [
        "lfm2moe",
        "expert_count=4 expert_used_count=2",
        "",
        "expert_count",
    ],
    [
        "llada-moe",
        "expert_count=4 expert_used_count=2",
        "",
        "expert_count",
    ],
    [
        "smallthinker",
        "expert_count=4 expert_used_count=2",
        "",
        "expert_count",
    ],
    [
        "grovemoe",
        "expert_count=4 expert_used_count=2 experts_per_group=2",
        "expert_count=4 expert_used_count=2 experts_per_group=0",
        "experts_per_group",
    ],
    [
        "ernie4_5-moe",
        "interleave_moe_layer_step=1",
        "interleave_moe_layer_step=0",
        "interleave_moe_layer_step",
    ],
    [
        "gemma-embedding",
        "dense_2_feat_in=32 dense_3_feat_out=32",
        "dense_2_feat_in=33",
        "dense_2_feat_in",
    ],
    [
        "gemma-embedding",
        "",
        "dense_3_feat_out=64",
        "dense_3_feat_out",
    ],
    [
        "jamba",
        "ssm.inner_size=64",
        "ssm.inner_size=32",
        "ssm.inner_size",
    ],
    [
        "granitehybrid",
        "ssm.inner_size=64 ssm.time_step_rank=4 ssm.group_count=2",
        "ssm.inner_size=96 ssm.time_step_rank=4 ssm.group_count=2",
        "ssm.inner_size",
    ],
    [
        "qwen3next",
        "ssm.inner_size=64 ssm.state_size=16 ssm.time_step_rank=4 ssm.group_count=2",
        "ssm.inner_size=64 ssm.state_size=8 ssm.time_step_rank=4 ssm.group_count=2",
        "ssm.inner_size",
    ],
    [
        "plamo2",
        "ssm.inner_size=64 ssm.time_step_rank=4 ssm.group_count=0",
        "ssm.inner_size=64 ssm.time_step_rank=4 ssm.group_count=1",
        "ssm.group_count",
    ],
    [
        "plamo2",
        "ssm.inner_size=64 ssm.time_step_rank=4 ssm.group_count=0",
        "ssm.inner_size=64 ssm.time_step_rank=5 ssm.group_count=0",
        "ssm.inner_size",
    ],
    [
        "lfm2",
        "shortconv.l_cache=3",
        "shortconv.l_cache=1",
        "shortconv.l_cache",
    ],
    [
        "rwkv7",
        "token_shift_count=2",
        "token_shift_count=1",
        "token_shift_count",
    ],
    ["arwkv7", "token_shift_count=1", "", "token_shift_count"],
    [
        "deepseek2",
        "attention.key_length_mla=8 rope.dimension_count=4",
        "attention.key_length_mla=4 rope.dimension_count=4",
        "attention.key_length_mla",
    ],
    [
        "glm-dsa",
        "attention.indexer.key_length=8",
        "attention.indexer.key_length=4",
        "attention.indexer.key_length",
    ],
    ["nanbeige", "num_loops=256", "num_loops=257", "num_loops"],
    ["nanbeige", "", "num_loops=0", "num_loops"],
];

#[test]
fn numbers_that_one_architecture_takes_for_granted_are_checked() {
    for [architecture, good, bad, key] in ASSUMED {
        // 32 wide, with two layers of heads of 8.
        let tiny = "block_count=2 context_length=128 embedding_length=32 attention.head_count=4";
        let with = |numbers: &'static str| {
            move |writer: &mut Writer| {
                writer.set("general.architecture", Value::text(architecture));
                let all = tiny.split_whitespace().chain(numbers.split_whitespace());
                for (name, number) in all.filter_map(|it| it.split_once('=')) {
                    let number = Value::U32(number.parse().unwrap());
                    writer.set(&format!("{architecture}.{name}"), number);
                }
            }
        };
        accepted(with(good));
        refused(with(bad), &format!("`{key}`"));
    }
}

#[test]
fn tensors_that_one_architecture_takes_for_granted_are_checked() {
    let with = |architecture: &'static str, name: &'static str, rows: u64| {
        move |file: &mut Writer| {
            file.set("general.architecture", Value::text(architecture));
            for (key, number) in [
                ("block_count", 2),
                ("context_length", 128),
                ("embedding_length", 32),
                ("feed_forward_length", 64),
                ("attention.head_count", 4),
                ("token_shift_count", 2),
            ] {
                file.set(&format!("{architecture}.{key}"), Value::U32(number));
            }
            for tensor in &mut file.tensors {
                tensor.name = tensor.name.replace("ffn_up", name);
                if tensor.name.contains(name) {
                    tensor.dimensions = vec![32, rows];
                    tensor.values = vec![0.5; 32 * usize::try_from(rows).unwrap()];
                }
            }
        }
    };
    for rows in [64, 128] {
        accepted(with("jina-bert-v2", "ffn_up", rows));
    }
    for rows in [32, 96, 256] {
        refused(with("jina-bert-v2", "ffn_up", rows), "`ffn_up`");
    }
    for name in ["time_mix_lerp_w", "time_mix_lerp_fused"] {
        accepted(with("rwkv6", name, 64));
    }
    refused(
        with("rwkv6", "time_mix_lerp_x", 64),
        "`time_mix_lerp_fused`",
    );
}

#[test]
fn architectures_that_do_not_run_alone_and_parts_of_models_are_refused() {
    for name in [
        "clip",
        "t5",
        "eagle3",
        "wavtokenizer-dec",
        "deepseek4",
        "laguna",
    ] {
        refused(
            set("general.architecture", Value::text(name)),
            "architecture",
        );
    }
    for name in ["../../etc", "", "a b", &"x".repeat(65)] {
        let name = Value::text(name);
        refused(set("general.architecture", name), "architecture");
    }
    refused(set("split.count", Value::U32(2)), "split model");
    refused(
        set("llama.rope.freq_base", Value::F32(f32::INFINITY)),
        "impossible",
    );
    refused(
        set("llama.attention.layer_norm_rms_epsilon", Value::F32(-1.0)),
        "impossible",
    );
}

#[test]
fn mutated_headers_never_panic_and_never_take_much() {
    let model = tiny_model();
    let mut noise = Noise(11);
    for _ in 0..4000 {
        let mut bytes = model[..16 << 10].to_vec();
        for _ in 0..=noise.below(6) {
            let place = noise.below(bytes.len());
            match noise.below(5) {
                0 => bytes[place] ^= 1 << noise.below(8),
                1 => bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][noise.below(5)],
                2 => bytes.truncate(place.max(1)),
                3 => drop(bytes.splice(place..place, [0xFF; 8])),
                _ => {
                    let end = (place + 8).min(bytes.len());
                    bytes[place..end].fill(0xFF);
                }
            }
        }
        let _ = bounded(&bytes, model.len() as u64);
    }
}

#[test]
fn mutated_headers_of_a_real_model_never_panic_and_never_take_much() {
    let mut file = File::open(support::real_model()).unwrap();
    let length = file.metadata().unwrap().len();
    let mut header = vec![0; 4 << 20];
    file.read_exact(&mut header).unwrap();
    bounded(&header, length).unwrap();
    let mut noise = Noise(12);
    for _ in 0..40 {
        let mut bytes = header.clone();
        // The first part holds the sizes, the last one the tensors.
        for _ in 0..=noise.below(3) {
            let part = [4096, bytes.len()][noise.below(2)];
            let place = noise.below(part);
            bytes[place] ^= 1 << noise.below(8);
        }
        let _ = bounded(&bytes, length);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048), claimed in any::<u64>()) {
        let _ = outcome(&bytes);
        let _ = bounded(&bytes, claimed);
        let _ = outcome(&beginning(3, 1, 1 + bytes.len() as u64 % 3, &bytes));
    }
}
