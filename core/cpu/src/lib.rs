//! The CPU backend of ggml, compiled for several sets of instructions.
//!
//! llama.cpp is compiled for one set of instructions, the oldest that the library supports. This crate holds the same
//! backend compiled for newer ones, all in the same library, and has a process use one of them: nothing is loaded at run
//! time. On Linux on x86-64 there are two; elsewhere there is none, and llama.cpp keeps its own.

use llama_cpp_sys_2::{
    ggml_backend_cpu_reg, ggml_backend_reg_t, ggml_backend_register, ggml_backend_unload,
};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod product;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use product::Product;

include!(concat!(env!("OUT_DIR"), "/variants.rs"));

/// The CPU backend for one set of instructions.
#[derive(Debug)]
pub struct Variant {
    name: &'static str,
    suits: fn() -> bool,
    backend: unsafe extern "C" fn() -> ggml_backend_reg_t,
    start: unsafe fn(),
}

/// All that were compiled, the best first.
#[must_use]
pub fn variants() -> &'static [Variant] {
    &VARIANTS
}

impl Variant {
    /// Its name, for example `avx512_vnni`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether this CPU, and the system on it, has its instructions.
    #[must_use]
    pub fn suits(&self) -> bool {
        (self.suits)()
    }

    /// Whether it takes weights of this format from memory once for several rows of a batch: a further row then costs little.
    #[must_use]
    pub fn multiplies_rows_together(&self, format: u32) -> bool {
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        return self.name == "avx512_vnni" && product::knows(format);
        #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
        {
            let _ = format;
            false
        }
    }

    /// Has llama.cpp use this backend in place of its own, for the rest of the process.
    ///
    /// # Safety
    /// The CPU must suit ([`suits`](Self::suits)), and no other function of llama.cpp or ggml may run or have run: what was
    /// made with one backend cannot be used with another.
    pub unsafe fn register(&self) {
        // SAFETY: the list of backends is changed by this call alone, as the caller promises, and both functions hand out what
        // lives as long as the process.
        unsafe {
            ggml_backend_unload(ggml_backend_cpu_reg());
            (self.start)();
            ggml_backend_register((self.backend)());
        }
    }
}
