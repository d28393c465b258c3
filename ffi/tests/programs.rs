//! The C and C++ programs of `tests/c` and `tests/cpp`, compiled with every warning an error and run under `ASan` and
//! `UBSan` against the shared library. They are the manual; here they are the test.

#[cfg(feature = "llama")]
#[path = "../../core/tests/support/mod.rs"]
mod models;
mod support;

use std::path::{Path, PathBuf};
#[cfg(feature = "llama")]
use std::process::Command;

use support::sanitizers::{command, sanitized};
use support::{Language, library_dir, root, succeed};

/// What a program gets on its command line beside a scratch directory.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    #[cfg(feature = "llama")]
    TinyModel,
    #[cfg(feature = "llama")]
    RealModel,
}

/// Compiles `tests/<language>/<name>` and runs it.
fn check(language: Language, name: &str, needs: Needs) {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let extension = language.extension();
    let source = format!("tests/{extension}/{name}.{extension}");
    let mut command = command(compile(language, &source, scratch.path()));
    command.arg(scratch.path());
    match needs {
        Needs::Nothing => {
            succeed(&mut command);
        }
        #[cfg(feature = "llama")]
        Needs::TinyModel => {
            let model = scratch.path().join("tiny.gguf");
            std::fs::write(&model, models::tiny_model()).expect("a temporary file");
            succeed(command.arg(model));
        }
        #[cfg(feature = "llama")]
        Needs::RealModel => {
            run_alone(&mut command);
        }
    }
}

/// Runs a program with the real model, one at a time: its threads want the processor to themselves.
#[cfg(feature = "llama")]
fn run_alone(command: &mut Command) -> std::process::Output {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    succeed(command.arg(models::real_model()))
}

/// Compiles and links a program of the repository, and returns where it is.
fn compile(language: Language, source: &str, directory: &Path) -> PathBuf {
    let program = directory.join("program");
    succeed(
        sanitized(language)
            .arg(root().join(source))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(library_dir())
            .arg(format!("-Wl,-rpath,{}", library_dir().display()))
            .args(["-lcloister", "-lm", "-pthread"]),
    );
    program
}

/// Builds an example of `bindings/` and asks it for the referral letter.
#[cfg(feature = "llama")]
fn check_example(language: Language, source: &str) {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let output =
        run_alone(command(compile(language, source, scratch.path())).current_dir(scratch.path()));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("Patient [NAME_1]"), "{printed}");
    assert!(printed.contains("records and is intact"), "{printed}");
    let records = std::fs::read_to_string(scratch.path().join("audit.jsonl"))
        .expect("the example keeps a log");
    assert!(!records.contains("John Doe") && !records.contains("987654"));
}

#[test]
#[cfg(feature = "llama")]
fn the_c_example_answers_a_note() {
    check_example(Language::C11, "bindings/c/main.c");
}

#[test]
#[cfg(feature = "llama")]
fn the_cpp_example_answers_a_note() {
    check_example(Language::Cpp17, "bindings/cpp/main.cpp");
}

#[test]
fn the_layout_is_frozen_in_c() {
    check(Language::C11, "layout", Needs::Nothing);
}

#[test]
fn the_layout_is_the_same_in_cpp() {
    let source = root().join("tests/c/layout.c");
    succeed(
        Language::Cpp17
            .compiler()
            .args(["-fsyntax-only", "-x", "c++"])
            .arg(source),
    );
}

#[test]
fn text_in_c() {
    check(Language::C11, "text", Needs::Nothing);
}

#[test]
fn text_in_cpp() {
    check(Language::Cpp17, "text", Needs::Nothing);
}

#[test]
fn access_in_c() {
    check(Language::C11, "access", Needs::Nothing);
}

#[test]
fn access_in_cpp() {
    check(Language::Cpp17, "access", Needs::Nothing);
}

#[test]
#[cfg(feature = "llama")]
fn attest_in_c() {
    check(Language::C11, "attest", Needs::TinyModel);
}

#[test]
#[cfg(feature = "llama")]
fn attest_in_cpp() {
    check(Language::Cpp17, "attest", Needs::TinyModel);
}

#[test]
fn audit_in_c() {
    check(Language::C11, "audit", Needs::Nothing);
}

#[test]
fn audit_in_cpp() {
    check(Language::Cpp17, "audit", Needs::Nothing);
}

#[test]
fn backend_in_c() {
    check(Language::C11, "backend", Needs::Nothing);
}

#[test]
fn backend_in_cpp() {
    check(Language::Cpp17, "backend", Needs::Nothing);
}

#[test]
fn cancel_in_c() {
    check(Language::C11, "cancel", Needs::Nothing);
}

#[test]
fn cancel_in_cpp() {
    check(Language::Cpp17, "cancel", Needs::Nothing);
}

#[test]
fn cipher_in_c() {
    check(Language::C11, "cipher", Needs::Nothing);
}

#[test]
fn cipher_in_cpp() {
    check(Language::Cpp17, "cipher", Needs::Nothing);
}

#[test]
fn detector_in_c() {
    check(Language::C11, "detector", Needs::Nothing);
}

#[test]
fn detector_in_cpp() {
    check(Language::Cpp17, "detector", Needs::Nothing);
}

#[test]
fn emergency_in_c() {
    check(Language::C11, "emergency", Needs::Nothing);
}

#[test]
fn emergency_in_cpp() {
    check(Language::Cpp17, "emergency", Needs::Nothing);
}

#[test]
#[cfg(feature = "llama")]
fn engine_in_c() {
    check(Language::C11, "engine", Needs::TinyModel);
}

#[test]
#[cfg(feature = "llama")]
fn engine_in_cpp() {
    check(Language::Cpp17, "engine", Needs::TinyModel);
}

#[test]
#[cfg(feature = "llama")]
fn guard_in_c() {
    check(Language::C11, "guard", Needs::RealModel);
}

#[test]
#[cfg(feature = "llama")]
fn guard_in_cpp() {
    check(Language::Cpp17, "guard", Needs::RealModel);
}

#[test]
fn scrub_stream_in_c() {
    check(Language::C11, "scrub_stream", Needs::Nothing);
}

#[test]
fn scrub_stream_in_cpp() {
    check(Language::Cpp17, "scrub_stream", Needs::Nothing);
}

#[test]
fn scrubber_in_c() {
    check(Language::C11, "scrubber", Needs::Nothing);
}

#[test]
fn scrubber_in_cpp() {
    check(Language::Cpp17, "scrubber", Needs::Nothing);
}

#[test]
fn session_in_c() {
    check(Language::C11, "session", Needs::Nothing);
}

#[test]
fn session_in_cpp() {
    check(Language::Cpp17, "session", Needs::Nothing);
}

#[test]
fn store_in_c() {
    check(Language::C11, "store", Needs::Nothing);
}

#[test]
fn store_in_cpp() {
    check(Language::Cpp17, "store", Needs::Nothing);
}

#[test]
fn vault_in_c() {
    check(Language::C11, "vault", Needs::Nothing);
}

#[test]
fn vault_in_cpp() {
    check(Language::Cpp17, "vault", Needs::Nothing);
}

#[test]
fn many_threads_share_what_is_const() {
    check(Language::Cpp17, "threads", Needs::Nothing);
}
