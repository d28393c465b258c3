//! Assertions of llama.cpp: while a model is loaded or a context made, one that fails is an error and not the end of the process.
//!
//! What is known to fail one is refused before, by the checks of `gguf`. This is for what is not known: numbers and tensors of a
//! hostile file that go together in a way that nobody has thought of. While a batch is evaluated an assertion still ends the
//! process, because llama.cpp's threads wait for each other there.

use crate::{Error, Kind, Result};

unsafe extern "C" {
    fn cloister_assertions_take();
    fn cloister_assertions_throw();
    fn cloister_assertions_failed() -> bool;
}

/// From now on this module decides what becomes of an assertion that fails.
pub(super) fn take() {
    // SAFETY: it sets one pointer of llama.cpp's, before anything else of it runs.
    unsafe { cloister_assertions_take() };
}

/// Runs `work`, of which the failure is `refused` unless it was an assertion's.
///
/// All that `work` may call of llama.cpp are functions that catch C++ exceptions and return a failure: those that load a model or
/// an adapter, and the one that makes a context.
pub(super) fn as_errors<T, E>(
    work: impl FnOnce() -> std::result::Result<T, E>,
    refused: &'static str,
) -> Result<T> {
    // SAFETY: it sets two flags of this thread.
    unsafe { cloister_assertions_throw() };
    let outcome = work();
    // SAFETY: as above.
    let failed = unsafe { cloister_assertions_failed() };
    outcome.map_err(|_| {
        let why = if failed {
            "the model file is unusable: an assertion of llama.cpp fails over it; hint: use another file, this one is damaged or made \
             to do harm"
        } else {
            refused
        };
        Error::new(Kind::Model, why)
    })
}

#[cfg(test)]
#[path = "../../../tests/support/mod.rs"]
mod support;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use llama_cpp_2::context::params::LlamaContextParams;
    use llama_cpp_2::model::LlamaModel;
    use llama_cpp_2::model::params::LlamaModelParams;

    use super::super::backend;
    use super::as_errors;
    use super::support::gguf::{Value, Writer};
    use super::support::tiny_model_with;
    use crate::{Kind, Result};

    /// Loads a model without any check, and makes a context.
    fn load(change: impl FnOnce(&mut Writer)) -> Result<()> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.gguf");
        std::fs::write(&path, tiny_model_with(change)).expect("a file");
        let backend = backend::start()?;
        let parameters = LlamaModelParams::default();
        let load = || LlamaModel::load_from_file(backend, &path, &parameters);
        let model = as_errors(load, "not loaded")?;
        let parameters = LlamaContextParams::default().with_n_ctx(NonZeroU32::new(64));
        as_errors(|| model.new_context(backend, parameters), "no context").map(drop)
    }

    #[test]
    fn an_assertion_over_a_file_is_an_error_and_the_process_goes_on() {
        load(|_| {}).unwrap();
        let failing: [fn(&mut Writer); 2] = [
            // In C, while the graph is built: four heads share three.
            |file| {
                file.set("llama.attention.head_count_kv", Value::U32(3));
                for tensor in &mut file.tensors {
                    if tensor.name.contains("attn_k.") || tensor.name.contains("attn_v.") {
                        tensor.dimensions[1] = 24;
                        tensor.values.resize(32 * 24, 0.5);
                    }
                }
            },
            // In C++, while the numbers of the model are read.
            |file| file.set("llama.expert_count", Value::U32(4)),
        ];
        for change in failing {
            let error = load(change).unwrap_err();
            assert_eq!(error.kind(), Kind::Model);
            assert!(error.message().contains("assertion"), "{error}");
        }
        let error = load(|file| file.set("general.architecture", Value::text("none"))).unwrap_err();
        assert_eq!(error.message(), "not loaded");
        load(|_| {}).unwrap();
    }
}
