//! Writes the tiny random model of the tests: `cargo run --example tiny_gguf -- PATH`.

#[path = "../tests/support/mod.rs"]
mod support;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1);
    let path = path.ok_or_else(|| std::io::Error::other("usage: tiny_gguf PATH"))?;
    std::fs::write(path, support::tiny_model())
}
