//! What this machine enforces, and what it does not.

/// What `cloister doctor` shows. Each line is a statement that holds; none is a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// CPU features that llama.cpp was built with and that this CPU has, for example `AVX2`. Empty without `llama`.
    pub cpu_features: Vec<String>,
    /// Things that hold here, one line each.
    pub enforced: Vec<String>,
    /// Things that do not, one line each.
    pub not_enforced: Vec<String>,
}

/// Statements about the library as it is linked, where the engine is part of it.
const LINKED: [&str; 5] = [
    "no network: the shared library imports no function that opens a socket",
    "no subprocess: the shared library imports neither fork nor exec; llama.cpp's crash handler is cut off from both",
    "no log: llama.cpp writes nothing to stdout or stderr, and is not started where a variable makes it print",
    "model file: header checked before llama.cpp reads it, then mapped read-only",
    "prompt: text of a message never becomes a control token",
];

/// What is not there yet, or not to be had.
const OPEN: [&str; 3] = [
    "kernel lockdown: the engine's threads are not confined by seccomp or Landlock",
    "memory: llama.cpp's own buffers hold tokens of a prompt until they are reused; only the KV cache is overwritten",
    "other code in this process shares its memory and may open sockets of its own",
];

/// Looks at this machine and this build.
pub fn report() -> Report {
    let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    if cfg!(feature = "llama") {
        let mut enforced: Vec<String> = lines(&LINKED);
        if !cfg!(target_os = "linux") {
            // The proof of the first two reads an ELF import table.
            enforced.drain(..2);
        }
        Report {
            cpu_features: cpu_features(),
            enforced,
            not_enforced: lines(&OPEN),
        }
    } else {
        Report {
            cpu_features: Vec::new(),
            enforced: Vec::new(),
            not_enforced: lines(&[
                "this build has no engine; what a backend of the caller's does is up to the caller",
            ]),
        }
    }
}

#[cfg(feature = "llama")]
fn cpu_features() -> Vec<String> {
    crate::engine::cpu_features()
}

#[cfg(not(feature = "llama"))]
fn cpu_features() -> Vec<String> {
    Vec::new()
}
