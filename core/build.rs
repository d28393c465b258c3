//! Cuts llama.cpp off from processes, from loading code and from the environment, in the shared libraries that are built
//! on this crate.
//!
//! The stand-ins in `src/isolation/sealed.c` take effect where the final link says `--wrap`. Which names those are is
//! known here alone: crates that link a shared library read them from `DEP_CLOISTER_WRAP`.

fn main() {
    println!("cargo::rerun-if-changed=src/isolation/sealed.c");
    #[cfg(feature = "llama")]
    seal();
}

#[cfg(feature = "llama")]
fn seal() {
    /// Each has a stand-in `__wrap_…`.
    const WRAPPED: [&str; 10] = [
        "dlclose", "dlerror", "dlopen", "dlsym", "execlp", "fork", "pipe", "prctl", "setenv",
        "waitpid",
    ];

    // `--wrap` is an ELF linker's; elsewhere the library is built without it, and `isolation::report` says so.
    let linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if linux {
        cc::Build::new()
            .file("src/isolation/sealed.c")
            .warnings_into_errors(true)
            .link_lib_modifier("+whole-archive")
            .compile("cloister_sealed");
        println!("cargo::metadata=WRAP={}", WRAPPED.join(","));
    }
}
