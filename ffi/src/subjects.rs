//! `cloister_subjects`: one key for each person, which can be destroyed.

use std::sync::Arc;

use cloister_core::cipher::Key;
use cloister_core::subjects::SubjectKeys;

use crate::boundary::{borrow, call, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// The keys of persons in a directory. Any number of threads, and several processes, may use one directory at once. A log
/// and a store share the object, which may be freed before them.
pub struct cloister_subjects(pub(crate) Arc<SubjectKeys>);

const _: () = shared::<cloister_subjects>();

/// Opens the directory of the keys of persons, or makes it, mode 0700; its parent must exist.
///
/// `master` is a key of 32 bytes, copied; CLOISTER_STATUS_INVALID_KEY if the directory belongs to another. `subjects`
/// receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_subjects_new(
    directory: cloister_str,
    master: cloister_bytes,
    subjects: *mut *mut cloister_subjects,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let directory = directory.read("directory")?;
            let place = out(subjects, "subjects")?;
            let master = Key::from_bytes(master.read("master")?)?;
            let keys = SubjectKeys::open(directory, &master)?;
            place.give(cloister_subjects(Arc::new(keys)));
            Ok(())
        })
    }
}

/// The pseudonym of a person, who gets a key if there is none: "psn_" and 24 hexadecimal digits.
///
/// `subject` is the person's id. `pseudonym` receives the text, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_subjects_pseudonym(
    subjects: *const cloister_subjects,
    subject: cloister_str,
    pseudonym: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let subjects = borrow(subjects, "subjects")?;
            let subject = subject.read("subject")?;
            let place = out(pseudonym, "pseudonym")?;
            let text = subjects.0.pseudonym(subject)?;
            place.write(cloister_buffer::from_text(text));
            Ok(())
        })
    }
}

/// Destroys the key of a person for ever: what was encrypted with it can be read by nobody. CLOISTER_STATUS_NOT_FOUND if
/// there is none. cloister_store_erase_subject does this and records it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_subjects_destroy(
    subjects: *const cloister_subjects,
    subject: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let subjects = borrow(subjects, "subjects")?;
            if subjects.0.destroy(subject.read("subject")?)? {
                return Ok(());
            }
            Err(cloister_error::new(
                cloister_status::NotFound,
                "there is no key of this person",
            ))
        })
    }
}

/// Wipes the keys from memory and frees the object; those in the directory stay. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_subjects_free(subjects: *mut cloister_subjects) {
    // SAFETY: the calling contract.
    unsafe { release(subjects) }
}
