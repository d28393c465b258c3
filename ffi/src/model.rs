//! Model files before they are loaded: what is asked of them, and what is found out.

use std::path::PathBuf;

use cloister_core::engine::{Adapter, Engine, MemoryEstimate, Provenance, Require, Trust};
use serde_json::{Value, json};

use crate::boundary::{call, out};
use crate::engine::{cloister_engine_options, engine_options};
use crate::error::{Result, cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_str};

/// In `require`: nothing. What is given is verified all the same. The default.
pub const CLOISTER_REQUIRE_NONE: u32 = 0;
/// In `require`: a pinned SHA-256, or a signature.
pub const CLOISTER_REQUIRE_HASH: u32 = 1;
/// In `require`: a signature.
pub const CLOISTER_REQUIRE_SIGNATURE: u32 = 2;

/// Does what cloister_engine_new does first, and no more: opens the file, checks its header, verifies what `options` ask for,
/// and adds up the memory.
///
/// `options` may be NULL for the defaults. `report` receives a JSON object, owned by the caller: "name", "architecture",
/// "training_context_tokens", "context_tokens", "sha256", "verified" ("none", "hash" or "signature"), "signer" and "adapter_sha256" (or null),
/// "memory" (an object: "weights_bytes", "cache_bytes", "compute_bytes", "total_bytes"), "available_bytes" (what is free now,
/// or null where the system does not tell). CLOISTER_STATUS_DENIED: the file is not what was pinned or signed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_inspect(
    path: cloister_str,
    options: *const cloister_engine_options,
    report: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let path = path.read("path")?;
            let options = engine_options(options)?;
            let place = out(report, "report")?;
            let found = Engine::inspect(path, &options)?;
            let mut json = json!({
                "name": found.name,
                "architecture": found.architecture,
                "training_context_tokens": found.training_context_tokens,
                "context_tokens": found.context_tokens,
                "available_bytes": found.available_bytes,
            });
            described(&mut json, &found.provenance, &found.memory);
            place.write(cloister_buffer::from_text(json.to_string()));
            Ok(())
        })
    }
}

/// Adds what is found out about every file.
pub(crate) fn described(json: &mut Value, provenance: &Provenance, memory: &MemoryEstimate) {
    json["sha256"] = provenance.sha256.as_str().into();
    json["verified"] = provenance.verified.as_str().into();
    json["signer"] = provenance.signer.as_deref().into();
    json["adapter_sha256"] = provenance.adapter_sha256.as_deref().into();
    json["memory"] = json!({
        "weights_bytes": memory.weights_bytes,
        "cache_bytes": memory.cache_bytes,
        "compute_bytes": memory.compute_bytes,
        "total_bytes": memory.total_bytes(),
    });
}

/// What is asked of the file.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn trust(given: &cloister_engine_options) -> Result<Trust> {
    // SAFETY: the caller's.
    let text = |text: cloister_str, name| unsafe { given_text(text, name) };
    Ok(Trust {
        require: match given.require {
            CLOISTER_REQUIRE_NONE => Require::None,
            CLOISTER_REQUIRE_HASH => Require::Hash,
            CLOISTER_REQUIRE_SIGNATURE => Require::Signature,
            _ => {
                return Err(cloister_error::invalid(
                    "`require` is not one; hint: use `CLOISTER_REQUIRE_NONE`, `CLOISTER_REQUIRE_HASH` or `CLOISTER_REQUIRE_SIGNATURE`",
                ));
            }
        },
        sha256: text(given.sha256, "sha256")?,
        signature: text(given.signature, "signature")?,
        public_key: text(given.public_key, "public_key")?,
        root_certificates: text(given.root_certificates, "root_certificates")?,
    })
}

/// What is to change the model.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn adapter(given: &cloister_engine_options) -> Result<Option<Adapter>> {
    // SAFETY: the caller's.
    let text = |text: cloister_str, name| unsafe { given_text(text, name) };
    let adapter = Adapter::given(
        text(given.adapter, "adapter")?.map(PathBuf::from),
        Some(given.adapter_scale).filter(|scale| *scale != 0.0),
        text(given.adapter_sha256, "adapter_sha256")?,
        text(given.adapter_signature, "adapter_signature")?,
    )?;
    Ok(adapter)
}

/// A text, unless it is empty.
///
/// # Safety
/// The calling contract.
unsafe fn given_text(text: cloister_str, name: &str) -> Result<Option<String>> {
    // SAFETY: the caller's.
    let text = unsafe { text.read(name) }?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
