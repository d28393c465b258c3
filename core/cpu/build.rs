//! Compiles the CPU backend of ggml once more for each of [`VARIANTS`].
//!
//! The commands are those that compiled llama.cpp, as `CMake` wrote them down, with the flags of the variant behind them. A
//! variant is linked into one object in which every symbol is local but the function that hands out the backend: what the
//! C++ compiler puts into several objects, such as the code of `std::vector`, could otherwise be taken from a variant for
//! code that every CPU runs.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// Each with the names of its instruction sets, which GCC, Clang and Rust share. The first that a CPU suits is used.
const VARIANTS: [(&str, &[&str]); 2] = [
    (
        "avx512_vnni",
        &[
            "avx512f",
            "avx512bw",
            "avx512cd",
            "avx512dq",
            "avx512vl",
            "avx512vbmi",
            "avx512vnni",
        ],
    ),
    (
        "avx512",
        &["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
    ),
];

/// Sources of ggml, a line of each, and what stands there instead in the variants.
///
/// * ggml unpacks weights of the K types into tiles for 8 rows and more. On Zen 4 that pays from 32 rows on; eight conversations
///   at once, which are eight rows, go 1.2 times as fast without it.
/// * ggml copies `Q4_K` weights into another order. Where `src/product` multiplies them as they lie in the file, they stay
///   there, shared by all processes that map the model.
const CHANGES: [(&str, &str, &str); 2] = [
    (
        "/ggml-cpu/tiled/tiled.cpp",
        "    return rows >= 8 || ggml_tiled_matmul_forced();",
        "    return rows >= 32 || ggml_tiled_matmul_forced();",
    ),
    (
        "/ggml-cpu/repack.cpp",
        "    } else if (cur->type == GGML_TYPE_Q4_K) {",
        "    } else if (cur->type == GGML_TYPE_Q4_K && CLOISTER_REPACKS_Q4_K) {",
    ),
];

/// What a backend is made by, in the sources of ggml.
const ENTRY: &str = "ggml_backend_cpu_reg";

/// The function that ggml asks for a matrix product, and what it is called in the variants, where ours is asked before it.
const SGEMM: (&str, &str) = ("llamafile_sgemm", "ggml_llamafile_sgemm");

/// Where the source of ggml ends that has it.
const SGEMM_SOURCE: &str = "/ggml-cpu/llamafile/sgemm.cpp";

/// The variable with our function for matrix products, in `src/product.cpp`.
const PRODUCT: &str = "cloister_product";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/product.cpp");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    // Linking into one object with local symbols is done by the tools of ELF.
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let variants: &[_] =
        if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
            &VARIANTS
        } else {
            &[]
        };
    fs::write(out.join("variants.rs"), table(variants)?)?;
    if is("CARGO_CFG_TARGET_OS", "windows") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        link_archives_without_prefix()?;
    }
    if variants.is_empty() {
        return Ok(());
    }

    let commands = commands(&out)?;
    let mut archive = cc::Build::new();
    for (name, sets) in variants {
        archive.object(variant(&commands, name, sets, &out)?);
    }
    archive.compile("cloister_cpu");
    Ok(())
}

/// Names the archives of ggml to the linker. For MinGW ggml takes the `lib` off their names, and llama-cpp-sys-2 finds only those
/// that have it. As wholes: a linker reads them before the archive of llama.cpp, which needs them.
fn link_archives_without_prefix() -> Result<()> {
    let folder = PathBuf::from(std::env::var("DEP_LLAMA_GGML_CMAKE_DIR")?);
    let folder = folder
        .parent()
        .ok_or("llama.cpp was installed in the root folder")?;
    println!("cargo::rustc-link-search=native={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".a") && !name.starts_with("lib") {
            println!("cargo::rustc-link-lib=static:+whole-archive,+verbatim={name}");
        }
    }
    // With a shared C++ library there are two copies of what it keeps for each thread, that of its libgcc and the program's own.
    let compiler = std::env::var("CXX_x86_64_pc_windows_gnu")
        .unwrap_or_else(|_| "x86_64-w64-mingw32-g++".to_owned());
    let said = Command::new(compiler)
        .arg("-print-file-name=libstdc++.a")
        .output()?;
    let library = PathBuf::from(String::from_utf8(said.stdout)?.trim());
    if let Some(folder) = library.parent().filter(|it| it.is_absolute()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static:+whole-archive,+verbatim=libstdc++.a");
        println!("cargo::rustc-link-lib=pthread");
    }
    // Where ggml reads what the CPU is called.
    println!("cargo::rustc-link-lib=advapi32");
    Ok(())
}

/// The Rust source of the table of variants.
fn table(variants: &[(&str, &[&str])]) -> std::result::Result<String, std::fmt::Error> {
    let mut source = String::new();
    for (name, _) in variants {
        let [backend, product] = [ENTRY, PRODUCT].map(|symbol| of_variant(symbol, name));
        writeln!(
            source,
            "unsafe extern \"C\" {{ fn {backend}() -> ggml_backend_reg_t; static mut {product}: Option<Product>; }}"
        )?;
    }
    let count = variants.len();
    writeln!(source, "static VARIANTS: [Variant; {count}] = [")?;
    for (name, sets) in variants {
        let [backend, product] = [ENTRY, PRODUCT].map(|symbol| of_variant(symbol, name));
        let own = if has_own_product(sets) {
            "Some(product::product)"
        } else {
            "None"
        };
        write!(
            source,
            "Variant {{ name: \"{name}\", backend: {backend}, start: || unsafe {{ {product} = {own} }}, suits: || ["
        )?;
        for set in *sets {
            write!(source, "std::arch::is_x86_feature_detected!(\"{set}\"), ")?;
        }
        writeln!(source, "].iter().all(|has| *has) }},")?;
    }
    writeln!(source, "];")?;
    Ok(source)
}

/// Whether a variant with these instructions asks `src/product` for matrix products.
fn has_own_product(sets: &[&str]) -> bool {
    sets.contains(&"avx512vnni")
}

/// What a symbol is called in a variant.
fn of_variant(symbol: &str, name: &str) -> String {
    format!("{symbol}_{name}")
}

/// The commands that compiled the CPU backend of llama.cpp, the changed source in place of its original.
fn commands(out: &Path) -> Result<Vec<Vec<String>>> {
    let cmake = PathBuf::from(std::env::var("DEP_LLAMA_GGML_CMAKE_DIR")?);
    let list = cmake
        .ancestors()
        .nth(2)
        .ok_or("llama.cpp was built in the root folder")?
        .join("build/compile_commands.json");
    println!("cargo::rerun-if-changed={}", list.display());
    let list: Value = serde_json::from_str(&fs::read_to_string(list)?)?;
    let mut commands: Vec<_> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entry| {
            entry["file"]
                .as_str()
                .is_some_and(|file| file.contains("/ggml-cpu/"))
        })
        .filter_map(|entry| shlex::split(entry["command"].as_str()?))
        .collect();
    if commands.is_empty() {
        return Err("CMake wrote down no command of ggml's CPU backend".into());
    }
    change(&mut commands, out)?;
    ask_first(&mut commands)?;
    Ok(commands)
}

/// Has the commands compile what [`CHANGES`] says.
fn change(commands: &mut [Vec<String>], out: &Path) -> Result<()> {
    for (file, line, instead) in CHANGES {
        let command = compiles(commands, file)?;
        let original = PathBuf::from(command.pop().unwrap_or_default());
        let source = fs::read_to_string(&original)?;
        if source.matches(line).count() != 1 {
            return Err(format!("ggml's {file} has changed; look at it again").into());
        }
        let changed = out.join(original.file_name().unwrap_or_default());
        fs::write(&changed, source.replace(line, instead))?;
        include_beside(command, &original)?;
        command.push(changed.display().to_string());
    }
    Ok(())
}

/// The command whose source, its last word, ends so.
fn compiles<'a>(commands: &'a mut [Vec<String>], file: &str) -> Result<&'a mut Vec<String>> {
    commands
        .iter_mut()
        .find(|command| command.last().is_some_and(|word| word.ends_with(file)))
        .ok_or_else(|| format!("CMake names no {file} any more, or elsewhere than last").into())
}

/// Has a command find the headers that lie beside a source.
fn include_beside(command: &mut Vec<String>, source: &Path) -> Result<()> {
    let folder = source.parent().ok_or("a source without a folder")?;
    command.insert(1, format!("-I{}", folder.display()));
    Ok(())
}

/// Has the commands compile `src/product.cpp` too, and give the function that it stands before another name.
fn ask_first(commands: &mut Vec<Vec<String>>) -> Result<()> {
    let sgemm = compiles(commands, SGEMM_SOURCE)?;
    let mut ours = sgemm.clone();
    let (name, instead) = SGEMM;
    sgemm.insert(1, format!("-D{name}={instead}"));
    let original = PathBuf::from(ours.pop().unwrap_or_default());
    include_beside(&mut ours, &original)?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/product.cpp");
    ours.push(own.display().to_string());
    commands.push(ours);
    Ok(())
}

/// Compiles one variant and gives its object.
fn variant(commands: &[Vec<String>], name: &str, sets: &[&str], out: &Path) -> Result<PathBuf> {
    let folder = out.join(name);
    fs::create_dir_all(&folder)?;
    let objects: Vec<_> = (0..commands.len())
        .map(|number| folder.join(format!("{number}.o")))
        .collect();
    let mut flags: Vec<_> = sets.iter().map(|set| format!("-m{set}")).collect();
    // Unique symbols of GCC would stay global.
    flags.push("-fno-gnu-unique".to_owned());
    let repacks = u8::from(!has_own_product(sets));
    flags.push(format!("-DCLOISTER_REPACKS_Q4_K={repacks}"));
    let next = AtomicUsize::new(0);
    let jobs = std::env::var("NUM_JOBS").map_or(Ok(1), |jobs| jobs.parse())?;
    let compile = || -> std::result::Result<(), String> {
        while let Some((command, object)) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            commands.get(number).zip(objects.get(number))
        } {
            run(&mut compilation(command, &flags, object, out)).map_err(|e| e.to_string())?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(compile)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a compilation panicked")?)
    })?;

    let linked = folder.join("linked.o");
    run(cc::Build::new()
        .get_compiler()
        .to_command()
        .args(["-r", "-nostdlib", "-Wl,--force-group-allocation", "-o"])
        .arg(&linked)
        .args(&objects))?;
    let local = folder.join("local.o");
    let objcopy = || Command::new(std::env::var_os("OBJCOPY").unwrap_or_else(|| "objcopy".into()));
    let kept = [ENTRY, PRODUCT];
    run(objcopy()
        .args(kept.map(|symbol| format!("--keep-global-symbol={symbol}")))
        .args([&linked, &local]))?;
    let object = folder.join(format!("{}.o", of_variant(ENTRY, name)));
    run(objcopy()
        .args(kept.map(|symbol| format!("--redefine-sym={symbol}={}", of_variant(symbol, name))))
        .args([&local, &object]))?;
    Ok(object)
}

/// `command` with other flags and for another object. Its paths are absolute but that of its object.
fn compilation(command: &[String], flags: &[String], object: &Path, folder: &Path) -> Command {
    let output = command.iter().position(|word| word == "-o");
    let kept = command
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(at, _)| output.is_none_or(|output| *at != output && *at != output + 1))
        .map(|(_, word)| word);
    let mut compilation = Command::new(&command[0]);
    compilation
        .current_dir(folder)
        .args(kept)
        .args(flags)
        .arg("-o")
        .arg(object);
    compilation
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let status = command
        .status()
        .map_err(|error| format!("`{program}` did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{program}` failed: {status}").into())
    }
}
