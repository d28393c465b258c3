//! Puts the detection rules into a form that is quick to load, cuts llama.cpp off from processes, from loading code and
//! from the environment, and has memory wiped before it is freed, in the shared libraries that are built on this crate.
//!
//! The stand-ins in `src/isolation/sealed.c` and `wiping.c` take effect where the final link says `--wrap`. Which names those are is
//! known here alone: crates that link a shared library read them from `DEP_CLOISTER_WRAP`.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/engine/llama/assertions.cpp");
    for source in ["sealed.c", "wiping.c", "strings.cpp"] {
        println!("cargo::rerun-if-changed=src/isolation/{source}");
    }
    let rules = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("rules");
    pack_rules(&rules, Path::new(&std::env::var("OUT_DIR")?))?;
    #[cfg(feature = "llama")]
    seal();
    Ok(())
}

/// Writes each `rules/<folder>/<name>.toml` as `rules/<folder>/<name>.json` under `out`, without the examples, and those of all
/// rules, which only tests and listings ask for, as `rules/examples.json`.
fn pack_rules(rules: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut examples = Map::new();
    for folder in ["pii", "secrets"] {
        let target = out.join("rules").join(folder);
        fs::create_dir_all(&target)?;
        for entry in fs::read_dir(rules.join(folder))? {
            let path = entry?.path();
            let (Some(stem), Some("toml")) =
                (path.file_stem(), path.extension().and_then(|e| e.to_str()))
            else {
                continue;
            };
            let text = fs::read_to_string(&path)?;
            let mut pack: Value =
                toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            take_examples(&mut pack, &mut examples);
            let target = target.join(stem).with_extension("json");
            fs::write(target, serde_json::to_vec(&pack)?)?;
        }
    }
    fs::write(
        out.join("rules/examples.json"),
        serde_json::to_vec(&examples)?,
    )?;
    Ok(())
}

/// Moves what the rules of `pack` have as `examples` and `counter_examples` to `into`, by their ids.
fn take_examples(pack: &mut Value, into: &mut Map<String, Value>) {
    let rules = pack.get_mut("rule").and_then(Value::as_array_mut);
    for rule in rules.into_iter().flatten().filter_map(Value::as_object_mut) {
        let mut take = |name| rule.shift_remove(name).unwrap_or_else(|| json!([]));
        let both = json!([take("examples"), take("counter_examples")]);
        if let Some(id) = rule.get("id").and_then(Value::as_str) {
            into.insert(id.to_owned(), both);
        }
    }
}

#[cfg(feature = "llama")]
fn seal() {
    /// Each has a stand-in `__wrap_…`.
    const WRAPPED: [&str; 18] = [
        "_ZdaPv",
        "_ZdaPvm",
        "_ZdlPv",
        "_ZdlPvSt11align_val_t",
        "_ZdlPvm",
        "_ZdlPvmSt11align_val_t",
        "dlclose",
        "dlerror",
        "dlopen",
        "dlsym",
        "execlp",
        "fork",
        "free",
        "pipe",
        "prctl",
        "realloc",
        "setenv",
        "waitpid",
    ];

    let mut assertions = cc::Build::new();
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc") {
        assertions.flag("/EHsc");
    }
    assertions
        .cpp(true)
        .std("c++17")
        .file("src/engine/llama/assertions.cpp")
        .warnings_into_errors(true)
        .compile("cloister_assertions");

    // `--wrap` is an ELF linker's; elsewhere the library is built without it, and `isolation::report` says so.
    let linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if linux {
        cc::Build::new()
            .files(["src/isolation/sealed.c", "src/isolation/wiping.c"])
            .warnings_into_errors(true)
            .link_lib_modifier("+whole-archive")
            .compile("cloister_sealed");
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .file("src/isolation/strings.cpp")
            .warnings_into_errors(true)
            .link_lib_modifier("+whole-archive")
            .compile("cloister_strings");
        println!("cargo::metadata=WRAP={}", WRAPPED.join(","));
    }
}
