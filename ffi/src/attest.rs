//! Attestations, the lock of the whole process, and the wiping of memory, for C.

use std::path::PathBuf;

use cloister_core::attest;
#[cfg(feature = "llama")]
use cloister_core::engine::Backend;
use cloister_core::isolation;
use serde_json::json;

use crate::audit::cloister_audit;
use crate::boundary::{borrow, call, elements, get, optional_out, out};
#[cfg(feature = "llama")]
use crate::engine::cloister_engine;
use crate::error::{cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_str};

/// Proves what is enforced now: tries on the engine's own thread what its lockdown must refuse, asks the kernel about every
/// thread, and hashes the import table and the model.
///
/// `engine` may be NULL for the library and the process alone. With `audit`, which may be NULL, the attestation is recorded,
/// and where the log has a key it is authenticated by that. `json` receives the document and `html` a page for people,
/// each owned by the caller; either may be NULL. `holds`, which may be NULL, receives whether everything that was tried was
/// refused and the import table is clean.
#[cfg(feature = "llama")]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_attest(
    engine: *const cloister_engine,
    audit: *const cloister_audit,
    json: *mut cloister_buffer,
    html: *mut cloister_buffer,
    holds: *mut bool,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = engine.as_ref().map(|engine| -> &dyn Backend { &*engine.0 });
            let log = audit.as_ref().map(|audit| &*audit.0);
            let attestation = attest::attest(engine, log)?;
            if let Some(place) = optional_out(json) {
                place.write(cloister_buffer::from_text(attestation.to_json()));
            }
            if let Some(place) = optional_out(html) {
                place.write(cloister_buffer::from_text(attestation.to_html()));
            }
            if let Some(place) = optional_out(holds) {
                place.write(attestation.holds());
            }
            Ok(())
        })
    }
}

/// Checks an attestation against the key of the log that it was made with. `authentic` receives whether nobody without that key
/// has made or altered it.
///
/// CLOISTER_STATUS_INVALID_ARGUMENT: `json` is no attestation, or was made without a key.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_attestation_check(
    audit: *const cloister_audit,
    json: cloister_str,
    authentic: *mut bool,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let log = borrow(audit, "audit")?;
            let json = json.read("json")?;
            let place = out(authentic, "authentic")?;
            place.write(attest::is_authentic(json, &log.0)?);
            Ok(())
        })
    }
}

/// Locks every thread of this process, for good: no new connection, no other program or process, and no file written but
/// beneath the `count` paths of `writable` and the directory of `audit`. Reading goes on, and so do connections that are open.
/// What is refused fails with EPERM or EACCES, and is recorded in `audit`, which may be NULL.
///
/// Linux only. Call it first, before other threads are there and before a model is loaded: threads that are there already
/// are locked too, but may still write to files. `report`, which may be NULL, receives a JSON object, owned by the caller:
/// "threads" that were there, and whether refused calls are "noted".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_lock_process(
    audit: *const cloister_audit,
    writable: *const cloister_str,
    count: usize,
    report: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let writable = elements(writable, count, "writable")?
                .iter()
                .map(|path| path.read("writable").map(PathBuf::from))
                .collect::<Result<_, _>>()?;
            let log = audit.as_ref().map(|audit| &audit.0);
            let lock = attest::lock_process(log, writable)?;
            if let Some(place) = optional_out(report) {
                let json = json!({ "threads": lock.threads, "noted": lock.noted });
                place.write(cloister_buffer::from_text(json.to_string()));
            }
            Ok(())
        })
    }
}

/// Switches the overwriting of freed memory off or on, for the whole process. It is on from the start; while it is off, records
/// say so.
#[unsafe(no_mangle)]
pub extern "C" fn cloister_set_wiping(on: bool) {
    get((), || {
        isolation::set_wiping(on);
        None
    });
}
