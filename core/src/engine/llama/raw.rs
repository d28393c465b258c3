//! The few facts that `llama-cpp-2` does not hand out, asked of `llama-cpp-sys-2` directly.

use std::ffi::CStr;

use llama_cpp_sys_2 as sys;

use super::backend;

/// Elements and bytes per block of a tensor type; `None` where ggml does not know the type or dropped it.
pub(super) fn block_layout(kind: u32) -> Option<(u64, u64)> {
    if kind >= sys::GGML_TYPE_COUNT {
        return None;
    }
    // SAFETY: both functions read a constant table of `GGML_TYPE_COUNT` rows, and `kind` was checked to be one of them.
    let (elements, bytes) = unsafe { (sys::ggml_blck_size(kind), sys::ggml_type_size(kind)) };
    let elements = u64::try_from(elements).ok().filter(|it| *it > 0)?;
    let bytes = u64::try_from(bytes).ok().filter(|it| *it > 0)?;
    Some((elements, bytes))
}

/// CPU features that this build of llama.cpp uses and that this CPU has, such as `AVX2`.
pub(crate) fn cpu_features() -> Vec<String> {
    if backend::start().is_err() {
        return Vec::new();
    }
    let _alone = backend::exclusive();
    // SAFETY: the backend was started. The function returns a pointer to a static, NUL-terminated string that it
    // rewrites on each call; the lock above, taken by every caller, keeps it unchanged while it is copied.
    let text = unsafe { CStr::from_ptr(sys::llama_print_system_info()) }.to_string_lossy();
    let (_, features) = text.split_once(" : ").unwrap_or_default();
    features
        .split('|')
        .filter_map(|feature| feature.trim().strip_suffix(" = 1"))
        .map(str::to_owned)
        .collect()
}
