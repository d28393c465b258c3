//! The header of a model file, as hostile as it likes: checking it neither panics nor takes memory out of proportion. Seed the
//! corpus with the tiny model of the tests: `cargo run --example tiny_gguf -- corpus/tiny.gguf`.
#![no_main]

use cloister_core::engine::gguf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = gguf::check(data, data.len() as u64);
    // A file of which only the beginning was read so far.
    let _ = gguf::check(data, 1 << 40);
});
