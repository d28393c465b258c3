//! Whether this build of llama.cpp suits this CPU.
//!
//! llama.cpp is compiled for one set of instructions. On a CPU that lacks one of them it would end the process at the first
//! use; on one that has more, it is slower than it could be.

use std::ffi::c_int;

use llama_cpp_sys_2 as sys;

use crate::{Error, Kind, Result};

/// A set of instructions.
struct Set {
    name: &'static str,
    used: unsafe extern "C" fn() -> c_int,
    available: bool,
}

#[cfg(target_arch = "x86_64")]
fn sets() -> [Set; 10] {
    macro_rules! set {
        ($name:literal, $used:ident, $feature:tt) => {
            Set {
                name: $name,
                used: sys::$used,
                available: std::arch::is_x86_feature_detected!($feature),
            }
        };
    }
    [
        set!("SSSE3", ggml_cpu_has_ssse3, "ssse3"),
        set!("AVX", ggml_cpu_has_avx, "avx"),
        set!("AVX2", ggml_cpu_has_avx2, "avx2"),
        set!("BMI2", ggml_cpu_has_bmi2, "bmi2"),
        set!("F16C", ggml_cpu_has_f16c, "f16c"),
        set!("FMA", ggml_cpu_has_fma, "fma"),
        set!("AVX512", ggml_cpu_has_avx512, "avx512f"),
        set!("AVX512_VBMI", ggml_cpu_has_avx512_vbmi, "avx512vbmi"),
        set!("AVX512_VNNI", ggml_cpu_has_avx512_vnni, "avx512vnni"),
        set!("AVX512_BF16", ggml_cpu_has_avx512_bf16, "avx512bf16"),
    ]
}

#[cfg(target_arch = "aarch64")]
fn sets() -> [Set; 4] {
    macro_rules! set {
        ($name:literal, $used:ident, $feature:tt) => {
            Set {
                name: $name,
                used: sys::$used,
                available: std::arch::is_aarch64_feature_detected!($feature),
            }
        };
    }
    [
        set!("DOTPROD", ggml_cpu_has_dotprod, "dotprod"),
        set!("FP16_VA", ggml_cpu_has_fp16_va, "fp16"),
        set!("MATMUL_INT8", ggml_cpu_has_matmul_int8, "i8mm"),
        set!("SVE", ggml_cpu_has_sve, "sve"),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn sets() -> [Set; 0] {
    []
}

impl Set {
    fn is_used(&self) -> bool {
        // SAFETY: the functions return a number that the compiler chose, and need nothing to be started.
        unsafe { (self.used)() != 0 }
    }
}

/// Refuses a CPU that lacks what llama.cpp was compiled to use.
///
/// # Errors
/// [`Kind::Unsupported`], naming the first that is missing.
pub(super) fn must_suit() -> Result<()> {
    match sets().iter().find(|set| set.is_used() && !set.available) {
        None => Ok(()),
        Some(set) => Err(Error::new(
            Kind::Unsupported,
            format!(
                "this build uses {} instructions, which this CPU does not have; hint: use a build for older CPUs",
                set.name
            ),
        )),
    }
}

/// Instructions that this CPU has and that llama.cpp was compiled without, such as `AVX512`.
pub(crate) fn unused() -> Vec<String> {
    sets()
        .iter()
        .filter(|set| set.available && !set.is_used())
        .map(|set| set.name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_build_suits_this_cpu_and_uses_its_wide_vectors() {
        super::must_suit().expect("the tests run on a CPU that the build is for");
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            assert!(!super::unused().contains(&"AVX2".to_owned()));
        }
    }
}
