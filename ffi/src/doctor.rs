//! What this machine enforces, for C.

use cloister_core::isolation;
use serde_json::json;

use crate::boundary::{call, out};
use crate::error::{cloister_error, cloister_status};
use crate::text::cloister_buffer;

/// Says what this machine and this build enforce, and what they do not.
///
/// `report` receives a JSON object with "version", "cpu_variant" (the build of the CPU backend in use, such as "avx512"; the
/// environment variable `CLOISTER_CPU` names another), "cpu_features" (in use), "cpu_features_unused" (this CPU has them and that
/// build does not use them), "enforced" and "not_enforced", owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_doctor(
    report: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let place = out(report, "report")?;
            let found = isolation::report();
            let json = json!({
                "version": cloister_core::VERSION,
                "cpu_variant": found.cpu_variant,
                "cpu_features": found.cpu_features,
                "cpu_features_unused": found.cpu_features_unused,
                "enforced": found.enforced,
                "not_enforced": found.not_enforced,
            });
            place.write(cloister_buffer::from_text(json.to_string()));
            Ok(())
        })
    }
}
