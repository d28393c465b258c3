//! Which build of llama.cpp's CPU backend this CPU gets.
//!
//! llama.cpp is compiled for one set of instructions, and on a CPU that lacks one of them it would end the process at the first
//! use. For CPUs that have more, the library holds the backend compiled for those as well, and takes the best one.

use std::ffi::c_int;

use cloister_cpu::Variant;
use llama_cpp_sys_2 as sys;

use super::raw::cpu_features;
use crate::{Error, Kind, Result};

/// The environment variable that names another variant than the best, to compare them.
const CHOICE: &str = "CLOISTER_CPU";

/// What the variant is called that llama.cpp itself was compiled as.
const BASELINE: &str = "baseline";

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

/// Has llama.cpp compute with the best of its CPU backends, or with the one that `CLOISTER_CPU` names. Before anything else is
/// asked of llama.cpp. Gives its name, for example `avx512_vnni`.
///
/// # Errors
/// [`Kind::Unsupported`] for a CPU that lacks what every variant uses, naming it; [`Kind::InvalidArgument`] when `CLOISTER_CPU` names
/// none that suits.
pub(super) fn choose() -> Result<&'static str> {
    must_suit()?;
    let suitable = || {
        cloister_cpu::variants()
            .iter()
            .filter(|variant| variant.suits())
    };
    let named = std::env::var_os(CHOICE).filter(|name| !name.is_empty());
    let variant = match &named {
        None => suitable().next(),
        Some(name) if name == BASELINE => None,
        Some(name) => Some(
            suitable()
                .find(|variant| name == variant.name())
                .ok_or_else(|| no_such_variant(suitable().map(Variant::name)))?,
        ),
    };
    if let Some(variant) = variant {
        // SAFETY: the variant suits, and this runs before llama.cpp is started.
        unsafe { variant.register() };
    }
    Ok(variant.map_or(BASELINE, Variant::name))
}

/// Whether the backend of this name takes weights of a format from memory once for several rows of a batch.
pub(super) fn multiplies_rows_together(name: &str, format: u32) -> bool {
    let mut variants = cloister_cpu::variants().iter();
    variants.any(|variant| variant.name() == name && variant.multiplies_rows_together(format))
}

fn no_such_variant<'a>(suitable: impl Iterator<Item = &'a str>) -> Error {
    let names: Vec<_> = suitable.chain([BASELINE]).collect();
    Error::new(
        Kind::InvalidArgument,
        format!(
            "`{CHOICE}` names no build that this CPU suits; hint: use one of {}",
            names.join(", ")
        ),
    )
}

/// Refuses a CPU that lacks what llama.cpp was compiled to use.
fn must_suit() -> Result<()> {
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

/// Instructions that this CPU has and that the variant in use was compiled without, such as `AVX512_BF16`; none where llama.cpp does
/// not start.
pub(crate) fn unused() -> Vec<String> {
    let used = cpu_features();
    if used.is_empty() {
        return Vec::new();
    }
    sets()
        .iter()
        .filter(|set| set.available && !used.iter().any(|name| name == set.name))
        .map(|set| set.name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_build_suits_this_cpu_and_uses_its_wide_vectors() {
        super::must_suit().expect("the tests run on a CPU that the build is for");
        #[cfg(target_arch = "x86_64")]
        for (set, available) in [
            ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
            ("AVX512", std::arch::is_x86_feature_detected!("avx512f")),
        ] {
            assert!(
                !available || !super::unused().contains(&set.to_owned()),
                "{set}"
            );
        }
    }
}
