//! What the shared library asks of the system, and which variables of the environment it listens to.
//!
//! Without the engine nothing is linked away, and the standard library looks up symbols by name.
#![cfg(all(target_os = "linux", feature = "llama"))]

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use support::{library, succeed, text};

/// Variables that llama.cpp reads and that can neither print nor load anything, and names that are no variables.
const HARMLESS: [&str; 11] = [
    "GGML_BACKTRACE_LLDB",
    "GGML_CPU_DISABLE_FUSION",
    "GGML_CPU_TILED_MM",
    "GGML_CPU_TILED_MM_FORCE",
    "GGML_NO_BACKTRACE",
    "LLAMA_ATTN_ROT_DISABLE",
    "LLAMA_GRAPH_REUSE_DISABLE",
    "LLAMA_SWA_TYPE_CHUNKED",
    "LLAMA_SWA_TYPE_NONE",
    "LLAMA_SWA_TYPE_STANDARD",
    "LLAMA_SWA_TYPE_SYMMETRIC",
];

fn imported() -> BTreeSet<String> {
    let output = succeed(
        Command::new("nm")
            .args(["-D", "--undefined-only", "--format=posix"])
            .arg(library()),
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(|symbol| symbol.split('@').next().unwrap_or(symbol).to_owned())
        .collect()
}

fn is_forbidden(name: &str, patterns: &str) -> bool {
    patterns
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .any(|pattern| match pattern.split_once('*') {
            Some((beginning, _)) => name.starts_with(beginning),
            None => name == pattern,
        })
}

#[test]
fn the_library_needs_no_network_no_other_process_and_no_plug_in() {
    let patterns = text("core/src/isolation/forbidden-symbols.txt");
    for name in ["socket", "execvp", "posix_spawnp", "dlopen", "fork"] {
        assert!(is_forbidden(name, &patterns), "{name} is not in the list");
    }
    let found = imported();
    assert!(
        found.contains("malloc"),
        "the list of symbols is not complete"
    );
    let forbidden: Vec<_> = found
        .iter()
        .filter(|name| is_forbidden(name, &patterns))
        .collect();
    assert!(forbidden.is_empty(), "libcloister.so needs {forbidden:?}");
}

/// Strings of the C++ library free memory by themselves, so they are compiled into this one.
#[test]
fn no_text_is_freed_past_the_wiping_functions() {
    let own: Vec<_> = imported()
        .into_iter()
        .filter(|name| {
            name.contains("basic_string")
                && (name.contains("_M_mutate") || name.contains("_M_append"))
        })
        .collect();
    assert!(own.is_empty(), "{own:?}");
}

/// Every variable whose name the library holds is either refused when it is set, or known to be harmless.
#[test]
fn every_variable_that_llama_reads_is_known() {
    let refused = text("core/src/engine/llama/backend.rs");
    let library = std::fs::read(library()).expect("the library");
    let names: BTreeSet<&str> = library
        .split(|byte| *byte == 0)
        .filter_map(|text| std::str::from_utf8(text).ok())
        .filter(|text| {
            let plain = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
            ["GGML_", "LLAMA_"].iter().any(|it| text.starts_with(it)) && text.bytes().all(plain)
        })
        .collect();
    assert!(names.contains("GGML_BACKEND_PATH"), "{names:?}");
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| !HARMLESS.contains(name) && !refused.contains(&format!("\"{name}\"")))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
