//! Programs under `ASan` and `UBSan`.

use std::ffi::OsStr;
use std::process::Command;
use std::sync::OnceLock;

use super::{Language, run, succeed};

/// What the compiler and the linker are given.
pub(crate) const FLAGS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// A compiler whose programs watch themselves.
pub(crate) fn sanitized(language: Language) -> Command {
    let mut compiler = language.compiler();
    compiler.arg("-g").args(FLAGS);
    compiler
}

/// A program under the sanitizers, with leaks as errors where this machine lets `LeakSanitizer` work.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let leaks = u8::from(leaks_can_be_found());
    command
        // Cargo's own search path comes before the one that was linked in.
        .env_remove("LD_LIBRARY_PATH")
        .env("ASAN_OPTIONS", format!("detect_leaks={leaks}"))
        .env("UBSAN_OPTIONS", "print_stacktrace=1");
    command
}

/// Whether `LeakSanitizer` finds a leak here: it cannot where a process may not trace itself.
fn leaks_can_be_found() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let scratch = tempfile::tempdir().expect("a temporary directory");
        let source = scratch.path().join("leak.c");
        let program = scratch.path().join("leak");
        let leak = "#include <stdlib.h>\nint main(void) { return malloc(7) == 0; }\n";
        std::fs::write(&source, leak).expect("a temporary file");
        succeed(
            sanitized(Language::C11)
                .arg(&source)
                .arg("-o")
                .arg(&program),
        );
        let output = run(Command::new(&program).env("ASAN_OPTIONS", "detect_leaks=1"));
        let found = String::from_utf8_lossy(&output.stderr).contains("7 byte(s) leaked");
        if !found {
            eprintln!("LeakSanitizer does not work on this machine: leaks are not looked for");
        }
        found
    })
}
