//! `cloister._native`: the core as Python classes. It translates; it decides nothing.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

mod access;
mod attest;
mod audit;
mod backend;
mod chat;
mod cipher;
mod detector;
mod doctor;
#[cfg(feature = "llama")]
mod engine;
mod exceptions;
mod finding;
mod guard;
mod json;
mod model;
mod reply;
mod reply_stream;
mod running;
mod scan_stream;
mod scanner;
mod scrubber;
mod session;
mod store;
#[cfg(feature = "llama")]
mod stream;
mod text;
mod vault;

use pyo3::prelude::*;

/// Overwrites what this library frees. On Linux the linker puts other functions in the place of `free`.
#[cfg(not(target_os = "linux"))]
#[global_allocator]
static ALLOCATOR: cloister_core::isolation::WipingAllocator =
    cloister_core::isolation::WipingAllocator;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    exceptions::install_panic_hook();
    running::install(module)?;
    module.add("__version__", cloister_core::VERSION)?;
    module.add_class::<access::AccessControl>()?;
    module.add_class::<attest::Attestation>()?;
    module.add_class::<audit::AuditLog>()?;
    module.add_class::<audit::Verification>()?;
    module.add_class::<chat::Cancel>()?;
    module.add_class::<chat::ChatOptions>()?;
    module.add_class::<chat::Completion>()?;
    module.add_class::<cipher::Cipher>()?;
    module.add_class::<cipher::Key>()?;
    module.add_class::<cipher::Keyring>()?;
    module.add_class::<cipher::Opened>()?;
    module.add_class::<detector::Detector>()?;
    module.add_class::<detector::Secret>()?;
    module.add_class::<doctor::Report>()?;
    #[cfg(feature = "llama")]
    {
        module.add_class::<engine::Engine>()?;
        module.add_class::<engine::ModelInfo>()?;
        module.add_class::<model::Inspection>()?;
        module.add_class::<model::MemoryEstimate>()?;
        module.add_class::<stream::CompletionStream>()?;
        module.add_class::<stream::TextStream>()?;
    }
    module.add_class::<finding::Finding>()?;
    module.add_class::<finding::Rule>()?;
    module.add_class::<guard::Guard>()?;
    module.add_class::<reply::Reply>()?;
    module.add_class::<reply::Summary>()?;
    module.add_class::<reply_stream::ReplyStream>()?;
    module.add_class::<reply_stream::GuardedStream>()?;
    module.add_class::<scan_stream::ScanStream>()?;
    module.add_class::<scan_stream::ScrubStream>()?;
    module.add_class::<scanner::Scanner>()?;
    module.add_class::<scrubber::Scrubbed>()?;
    module.add_class::<scrubber::Scrubber>()?;
    module.add_class::<session::Session>()?;
    module.add_class::<store::ConversationStore>()?;
    module.add_class::<store::SubjectKeys>()?;
    module.add_class::<vault::Restorer>()?;
    module.add_class::<vault::Vault>()?;
    #[cfg(feature = "llama")]
    module.add_function(wrap_pyfunction!(attest::attest, module)?)?;
    module.add_function(wrap_pyfunction!(attest::is_authentic, module)?)?;
    module.add_function(wrap_pyfunction!(attest::lock_process, module)?)?;
    module.add_function(wrap_pyfunction!(attest::set_wiping, module)?)?;
    module.add_function(wrap_pyfunction!(attest::wipe, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_check_consistency, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_check_proof, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_export, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_prove, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_prove_consistency, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_public_key, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_query, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_query_with_proofs, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_seal, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_signing_key, module)?)?;
    module.add_function(wrap_pyfunction!(audit::audit_verify, module)?)?;
    module.add_function(wrap_pyfunction!(audit::compliance_report, module)?)?;
    module.add_function(wrap_pyfunction!(audit::violation_summary, module)?)?;
    module.add_function(wrap_pyfunction!(doctor::doctor, module)?)?;
    Ok(())
}
