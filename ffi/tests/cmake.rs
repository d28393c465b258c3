//! The `CMake` package as it is installed, and the examples of `bindings/` that are built with it: the C++ program, and the
//! window, which is driven with the real model where Qt 6 is found.
#![cfg(all(feature = "llama", unix))]

#[path = "../../core/tests/support/mod.rs"]
mod models;
mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{library, root, run, sanitizers, succeed, text};

/// What a `CMake` project finds Qt by.
const PROBE: &str = "cmake_minimum_required(VERSION 3.16)
project(probe LANGUAGES CXX)
find_package(Qt6 6.2 REQUIRED COMPONENTS Widgets Test)
";

/// A prefix with what `make install` puts there, of the library that was built together with this test.
fn install(prefix: &Path) {
    let package = prefix.join("lib/cmake/cloister");
    fs::create_dir_all(&package).expect("a temporary directory");
    let name = library().file_name().expect("it has a name").to_owned();
    symlink(library(), prefix.join("lib").join(&name)).expect("a link to the library");
    symlink(root().join("include"), prefix.join("include")).expect("a link to the headers");
    for file in ["cloister-config.cmake", "cloister-config-version.cmake"] {
        let filled = text(&format!("ffi/packaging/{file}.in"))
            .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
            .replace("@SONAME@", &name.to_string_lossy());
        fs::write(package.join(file), filled).expect("a temporary file");
    }
}

/// Configures and builds a project with every warning an error, under the sanitizers.
fn build(project: &str, scratch: &Path) -> PathBuf {
    let (prefix, folder) = (scratch.join("prefix"), scratch.join("build"));
    install(&prefix);
    let flags = format!("-Werror {}", sanitizers::FLAGS.join(" "));
    succeed(
        configure(&root().join(project), &folder)
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
            .arg("-DCMAKE_BUILD_TYPE=RelWithDebInfo")
            .arg(format!("-DCMAKE_CXX_FLAGS={flags}")),
    );
    succeed(Command::new("cmake").arg("--build").arg(&folder));
    folder
}

fn configure(project: &Path, folder: &Path) -> Command {
    let mut command = Command::new("cmake");
    command.arg("-S").arg(project).arg("-B").arg(folder);
    command
}

/// Whether `CMake` is there; says so if it is not.
fn cmake_is_there() -> bool {
    let found = Command::new("cmake").arg("--version").output();
    found.is_ok_and(|it| it.status.success()) || not_tested("there is no CMake")
}

/// Whether `CMake` finds Qt 6; says so if it does not.
fn qt_is_there(scratch: &Path) -> bool {
    let project = scratch.join("probe");
    fs::create_dir(&project).expect("a temporary directory");
    fs::write(project.join("CMakeLists.txt"), PROBE).expect("a temporary file");
    let found = run(&mut configure(&project, &project.join("build")));
    found.status.success() || not_tested("there is no Qt 6 (Widgets and Test)")
}

/// Told past the test harness, which shows what a test prints only where it fails.
fn not_tested(why: &str) -> bool {
    writeln!(std::io::stderr(), "not tested: {why}").expect("standard error");
    false
}

#[test]
fn the_cpp_example_is_built_by_the_installed_package() {
    if !cmake_is_there() {
        return;
    }
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let program = build("bindings/cpp", scratch.path()).join("note");
    let usage = run(&mut sanitizers::command(program));
    assert_eq!(usage.status.code(), Some(2), "{usage:?}");
}

#[test]
fn the_window_answers_a_note_and_stays_responsive() {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let scratch = scratch.path();
    if !cmake_is_there() || !qt_is_there(scratch) {
        return;
    }
    let tests = build("tests/qt", scratch).join("window-test");
    let home = scratch.join("home");
    fs::create_dir(&home).expect("a temporary directory");
    let output = succeed(
        sanitizers::command(tests)
            .current_dir(scratch)
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", &home)
            .env("QT_QPA_PLATFORM", "offscreen")
            .env("CLOISTER_TEST_MODEL", models::real_model()),
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("11 passed, 0 failed, 0 skipped"), "{said}");
}
