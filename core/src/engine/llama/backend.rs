//! The state that llama.cpp keeps for the whole process: started once, silent, and never stopped.

use std::ffi::OsStr;

use llama_cpp_2::llama_backend::LlamaBackend;
use once_cell::sync::OnceCell;
use parking_lot::{Mutex, MutexGuard};

use super::{assertions, cpu};
use crate::{Error, Kind, Result};

static STARTED: OnceCell<Started> = OnceCell::new();
static EXCLUSIVE: Mutex<()> = Mutex::new(());

/// llama.cpp, and the variant of its CPU backend that it computes with.
struct Started {
    backend: LlamaBackend,
    cpu: &'static str,
}

/// Environment variables that make llama.cpp print tokens or load code from a path.
///
/// Clearing them would be `setenv` in a process with threads, which POSIX leaves undefined; so a set one is refused.
/// `GGML_NO_BACKTRACE` needs no such care: the crash handler that it governs can neither fork nor exec in the shared
/// library, where both are linked away (see `isolation`).
const FORBIDDEN_VARIABLES: [&str; 10] = [
    "GGML_BACKEND_PATH",
    "GGML_META_DEBUG",
    "GGML_SCHED_DEBUG",
    "GGML_SCHED_DEBUG_REALLOC",
    "LLAMA_BATCH_DEBUG",
    "LLAMA_DSV4_COMPRESS_DEBUG",
    "LLAMA_GRAPH_INPUT_DEBUG",
    "LLAMA_GRAPH_RESULT_DEBUG",
    "LLAMA_KV_CACHE_DEBUG",
    "LLAMA_TRACE",
];

/// Starts llama.cpp in this process, if that has not happened yet. Its log goes nowhere.
pub(super) fn start() -> Result<&'static LlamaBackend> {
    started().map(|started| &started.backend)
}

fn started() -> Result<&'static Started> {
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| value != OsStr::new(""));
    if let Some(name) = FORBIDDEN_VARIABLES.into_iter().find(set) {
        return Err(Error::new(
            Kind::Denied,
            format!(
                "the environment variable `{name}` would make llama.cpp print or load what must stay inside; hint: \
                 unset it"
            ),
        ));
    }
    STARTED.get_or_try_init(|| {
        let cpu = cpu::choose()?;
        let _alone = exclusive();
        let mut backend = LlamaBackend::init().map_err(|_| {
            Error::new(
                Kind::Unsupported,
                "llama.cpp was already started by other code in this process",
            )
        })?;
        backend.void_logs();
        assertions::take();
        Ok(Started { backend, cpu })
    })
}

/// The variant of the CPU backend that this process computes with; empty where llama.cpp does not start.
pub(crate) fn cpu_variant() -> &'static str {
    started().map_or("", |started| started.cpu)
}

/// Why llama.cpp does not start in this process, if it does not.
pub(crate) fn obstacle() -> Option<Error> {
    start().err()
}

/// Gives memory that was freed back to the system, which the allocator of glibc would keep for later in one part per thread.
pub(super) fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the function only looks at what the allocator itself has, under its own locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Held while doing what llama.cpp does not allow from two threads at once: making a context writes to its model, and
/// the list of CPU features is one static string.
pub(super) fn exclusive() -> MutexGuard<'static, ()> {
    EXCLUSIVE.lock()
}
