//! What this machine enforces, and what it does not.
//!
//! | module | what it is for |
//! |---|---|
//! | `lockdown` | system calls that threads may no longer make |
//! | `threads` | what the kernel says about them |
//! | `imports` | what the library asks of the system |
//! | `memory` | overwriting what is given back |
//! | `locked` | memory that is neither swapped out nor dumped nor inherited |
//! | `process` | which process this is |
//! | `elsewhere` | what holds on other systems than Linux |

#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod imports;
mod lockdown;
mod locked;
mod memory;
mod process;
mod threads;

pub use imports::{Imports, imports};
#[cfg(feature = "llama")]
pub(crate) use lockdown::{Gate, Ledger, Rules, probe_this_thread};
pub use lockdown::{
    Lockdown, Observer, Probe, ProcessLock, ProcessOptions, Violation, lock_process,
};
pub(crate) use lockdown::{process_is_locked, process_violations};
pub(crate) use locked::{
    Block, Locked, LockedText, locked_bytes, with_clean_deep_stack, with_clean_stack,
};
use memory::covers_rust;
pub use memory::{WipingAllocator, covers_llama, is_wiping, set_wiping};
pub(crate) use process::process_id;
pub use threads::{Thread, threads};

/// What `cloister doctor` shows. Each line is a statement that holds; none is a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The build of llama.cpp's CPU backend that this process computes with, the best of those in the library that this CPU
    /// suits: `baseline`, `avx512` or `avx512_vnni`, or what the environment variable `CLOISTER_CPU` names. Empty
    /// without `llama`, and where llama.cpp did not start.
    pub cpu_variant: String,
    /// CPU features that this build was compiled for and that this CPU has, for example `AVX2`. Empty without `llama`.
    pub cpu_features: Vec<String>,
    /// CPU features that this CPU has and that this build was compiled without. `AVX2` among them costs most of the speed.
    pub cpu_features_unused: Vec<String>,
    /// Things that hold here, one line each.
    pub enforced: Vec<String>,
    /// Things that do not, one line each.
    pub not_enforced: Vec<String>,
}

/// Statements about the library as it is linked, on Linux, where the engine is part of it.
const LINKED: [&str; 2] = [
    "no network: the shared library imports no function that opens a socket",
    "no subprocess: the shared library imports neither fork nor exec; llama.cpp's crash handler is cut off from both",
];

/// Statements about the engine.
const ENGINE: [&str; 3] = [
    "no log: llama.cpp writes nothing to stdout or stderr, and is not started where a variable makes it print",
    "model file: header checked before llama.cpp reads it, then mapped read-only",
    "prompt: text of a message never becomes a control token",
];

const CONFINED: &str = "kernel lockdown: the threads of an engine are confined by seccomp before they touch llama.cpp; `cloister doctor \
                        --attest` tries it";
const UNCONFINED: &str = "kernel lockdown: this system does not confine threads";
const WIPED: &str =
    "memory: what the library frees is overwritten first, llama.cpp's memory included";
const WIPED_IN_RUST: &str = "memory: what the library itself frees is overwritten first";
const UNWIPED: &str = "memory: what llama.cpp frees is not overwritten in this build";
const SHARED: &str = "other code in this process shares its memory and may open sockets of its own";

/// Looks at this machine and this build.
pub fn report() -> Report {
    let mut enforced = Vec::new();
    let mut not_enforced = Vec::new();
    if cfg!(feature = "llama") {
        // The proof of these two reads an ELF import table.
        if cfg!(target_os = "linux") {
            enforced.extend(LINKED);
        }
        enforced.extend(ENGINE);
        if Lockdown::is_supported() {
            enforced.push(CONFINED);
        } else {
            not_enforced.push(UNCONFINED);
        }
        if is_wiping() && covers_llama() {
            enforced.push(WIPED);
        } else {
            if is_wiping() && covers_rust() {
                enforced.push(WIPED_IN_RUST);
            }
            not_enforced.push(UNWIPED);
        }
        if !process_is_locked() {
            not_enforced.push(SHARED);
        }
    } else {
        not_enforced.push(
            "this build has no engine; what a backend of the caller's does is up to the caller",
        );
    }
    #[cfg(not(target_os = "linux"))]
    elsewhere::tell(&mut enforced, &mut not_enforced);
    let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut not_enforced = owned(not_enforced);
    not_enforced.extend(obstacle());
    Report {
        cpu_features: cpu_features(),
        cpu_variant: cpu_variant(),
        cpu_features_unused: cpu_features_unused(),
        enforced: owned(enforced),
        not_enforced,
    }
}

#[cfg(feature = "llama")]
fn cpu_features() -> Vec<String> {
    crate::engine::cpu_features()
}

/// Why the engine does not start here.
#[cfg(feature = "llama")]
fn obstacle() -> Option<String> {
    let error = crate::engine::obstacle()?;
    Some(format!("engine: {error}"))
}

#[cfg(not(feature = "llama"))]
fn obstacle() -> Option<String> {
    None
}

#[cfg(feature = "llama")]
fn cpu_variant() -> String {
    crate::engine::cpu_variant().to_owned()
}

#[cfg(not(feature = "llama"))]
fn cpu_variant() -> String {
    String::new()
}

#[cfg(feature = "llama")]
fn cpu_features_unused() -> Vec<String> {
    crate::engine::unused_cpu_features()
}

#[cfg(not(feature = "llama"))]
fn cpu_features() -> Vec<String> {
    Vec::new()
}

#[cfg(not(feature = "llama"))]
fn cpu_features_unused() -> Vec<String> {
    Vec::new()
}
