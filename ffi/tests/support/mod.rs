//! Where things are, and the host's C and C++ compilers.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod sanitizers;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the repository")
        .to_owned()
}

/// The directory of the shared library that was built together with this test.
pub(crate) fn library_dir() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    test.parent().expect("it lies in a directory").to_owned()
}

/// The shared library that was built together with this test.
pub(crate) fn library() -> PathBuf {
    let path = library_dir().join("libcloister.so");
    assert!(path.is_file(), "{} was not built", path.display());
    path
}

/// A file of the repository, as text.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The languages that the headers promise to work in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    C11,
    Cpp17,
}

impl Language {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::C11 => "c",
            Self::Cpp17 => "cpp",
        }
    }

    /// The compiler, with every warning an error. `CC` and `CXX` choose another one.
    pub(crate) fn compiler(self) -> Command {
        let (variable, default, standard) = match self {
            Self::C11 => ("CC", "cc", "-std=c11"),
            Self::Cpp17 => ("CXX", "c++", "-std=c++17"),
        };
        let name = std::env::var_os(variable).unwrap_or_else(|| default.into());
        let mut command = Command::new(name);
        command
            .args([standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
            .arg(root().join("include"));
        command
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
}

/// Runs a command that must succeed, showing what it printed if it does not.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = run(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
