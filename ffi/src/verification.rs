//! What checking an audit log found.

use cloister_core::audit::Verification;

use crate::boundary::{get, release, shared};
use crate::strings::cloister_strings;

/// The outcome of a verification. Any number of threads may read one at once.
pub struct cloister_verification {
    intact: bool,
    keyed: bool,
    records: u64,
    files: u64,
    covered: u64,
    problems: cloister_strings,
    notes: cloister_strings,
}

const _: () = shared::<cloister_verification>();

impl From<Verification> for cloister_verification {
    fn from(found: Verification) -> Self {
        Self {
            intact: found.is_intact(),
            keyed: found.keyed,
            records: found.records,
            files: found.files,
            covered: found.covered.unwrap_or_default(),
            problems: cloister_strings::new(found.problems),
            notes: cloister_strings::new(found.notes),
        }
    }
}

/// Whether nothing was altered, removed, inserted or reordered. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_is_intact(
    verification: *const cloister_verification,
) -> bool {
    get(false, || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| found.intact)
    })
}

/// Whether the log is chained with a key: without one it shows accidents, not an insider who computes it anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_is_keyed(
    verification: *const cloister_verification,
) -> bool {
    get(false, || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| found.keyed)
    })
}

/// How many records were read. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_records(
    verification: *const cloister_verification,
) -> u64 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| found.records)
    })
}

/// How many files were read. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_files(
    verification: *const cloister_verification,
) -> u64 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| found.files)
    })
}

/// What is wrong, one line each with file name and line number, never content; empty if the log is intact.
///
/// Borrowed until the verification is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_problems(
    verification: *const cloister_verification,
) -> *const cloister_strings {
    get(std::ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| std::ptr::from_ref(&found.problems))
    })
}

/// How many lines the last good checkpoint covers. Zero without a public key, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_covered(
    verification: *const cloister_verification,
) -> u64 {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| found.covered)
    })
}

/// What this result does not say, in plain words; not a sign that anything is wrong.
///
/// Borrowed until the verification is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_notes(
    verification: *const cloister_verification,
) -> *const cloister_strings {
    get(std::ptr::null(), || {
        // SAFETY: the calling contract.
        unsafe { verification.as_ref() }.map(|found| std::ptr::from_ref(&found.notes))
    })
}

/// Frees a verification. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_verification_free(verification: *mut cloister_verification) {
    // SAFETY: the calling contract.
    unsafe { release(verification) }
}
