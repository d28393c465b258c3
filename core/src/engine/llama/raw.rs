//! The few facts that `llama-cpp-2` does not hand out, asked of `llama-cpp-sys-2` directly.

use std::ffi::CStr;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::LlamaStateSeqFlags;
use llama_cpp_sys_2 as sys;

use super::backend;
use crate::{Error, Kind, Result, Sensitive};

/// The version of what [`sequence_state`] returns: that of `llama-cpp-sys-2`, which is pinned.
pub(super) const STATE_VERSION: &str = "0.1.161";

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

/// What llama.cpp keeps of a sequence, as bytes that only [`set_sequence_state`] understands.
pub(super) fn sequence_state(
    context: &LlamaContext<'_>,
    sequence: i32,
) -> Result<Sensitive<Vec<u8>>> {
    let flags = LlamaStateSeqFlags::empty();
    let size = context.state_seq_get_size_ext(sequence, flags);
    let mut state = Sensitive::new(vec![0; size]);
    // SAFETY: `state` has as many bytes as llama.cpp just asked for, and no evaluation ran since.
    let written = unsafe { context.state_seq_get_data_ext(state.as_mut_ptr(), sequence, flags) };
    if written != size {
        return Err(Error::new(
            Kind::Internal,
            "the state of a conversation has another size than was told",
        ));
    }
    Ok(state)
}

/// Writes such bytes into an empty sequence of a context of the same model.
///
/// llama.cpp trusts them: they come from [`sequence_state`], in this process or through an authenticated envelope.
pub(super) fn set_sequence_state(
    context: &mut LlamaContext<'_>,
    sequence: i32,
    state: &[u8],
) -> Result<()> {
    // SAFETY: the bytes are what `state_seq_get_data_ext` wrote, as this function's contract says.
    let read =
        unsafe { context.state_seq_set_data_ext(state, sequence, LlamaStateSeqFlags::empty()) };
    if !read {
        return Err(Error::new(
            Kind::Unsupported,
            "the state of a conversation does not fit the context window; hint: load the model with more `context_tokens`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::STATE_VERSION;

    #[test]
    fn the_version_of_a_state_is_the_version_that_is_linked() {
        let pinned = format!("llama-cpp-sys-2 = {{ version = \"={STATE_VERSION}\"");
        assert!(include_str!("../../../../Cargo.toml").contains(&pinned));
    }
}
