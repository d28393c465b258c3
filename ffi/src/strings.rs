//! A list of texts, where a function has several to give.

use crate::boundary::{get, release, shared};
use crate::text::cloister_str;

/// A list of texts. Any number of threads may read one list at once.
pub struct cloister_strings(Vec<String>);

const _: () = shared::<cloister_strings>();

impl cloister_strings {
    pub(crate) fn new(texts: Vec<String>) -> Self {
        Self(texts)
    }
}

/// How many texts a list has. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_strings_count(strings: *const cloister_strings) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { strings.as_ref() }.map(|strings| strings.0.len())
    })
}

/// The text at `index`, borrowed until the list, or the object that it belongs to, is freed. Empty beyond the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_strings_at(
    strings: *const cloister_strings,
    index: usize,
) -> cloister_str {
    get(cloister_str::EMPTY, || {
        // SAFETY: the calling contract.
        let text = unsafe { strings.as_ref() }?.0.get(index)?;
        Some(cloister_str::borrowed(text))
    })
}

/// Frees a list that the caller owns. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_strings_free(strings: *mut cloister_strings) {
    // SAFETY: the calling contract.
    unsafe { release(strings) }
}
