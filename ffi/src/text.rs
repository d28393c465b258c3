//! Text and bytes: in as borrowed pairs of pointer and length, out as buffers that are wiped.

use std::ffi::{CStr, c_char};
use std::{ptr, slice, str};

use zeroize::Zeroize;

use crate::boundary::{elements, get};
use crate::error::{Result, cloister_error, cloister_status};

/// Text of the caller, or borrowed from an object: UTF-8 of `len` bytes, not NUL-terminated.
///
/// {NULL, 0} is the empty text; {NULL, n} is an error. The library copies what it keeps.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// Bytes, not characters.
    pub len: usize,
}

impl cloister_str {
    /// The empty text.
    pub const EMPTY: Self = Self {
        ptr: ptr::null(),
        len: 0,
    };

    /// The same bytes, for as long as `text` lives.
    pub fn borrowed(text: &str) -> Self {
        Self {
            ptr: text.as_ptr().cast(),
            len: text.len(),
        }
    }

    /// The text; `name` is the parameter's.
    ///
    /// # Safety
    /// The calling contract; the text is not kept after the exported function has returned.
    pub(crate) unsafe fn read<'a>(self, name: &str) -> Result<&'a str> {
        // SAFETY: the caller's.
        let bytes = unsafe { elements(self.ptr.cast::<u8>(), self.len, name) }?;
        str::from_utf8(bytes).map_err(|error| {
            cloister_error::new(
                cloister_status::InvalidUtf8,
                format!("`{name}` is not UTF-8 at byte {}", error.valid_up_to()),
            )
        })
    }

    /// The text, or nothing where it is empty: an option that was left out.
    ///
    /// # Safety
    /// As for [`cloister_str::read`].
    pub(crate) unsafe fn read_optional<'a>(self, name: &str) -> Result<Option<&'a str>> {
        // SAFETY: the caller's.
        Ok(Some(unsafe { self.read(name) }?).filter(|text| !text.is_empty()))
    }
}

/// Bytes of the caller: `len` of them, of any value. {NULL, 0} is none; {NULL, n} is an error.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl cloister_bytes {
    /// The same bytes, for as long as `bytes` lives.
    pub fn borrowed(bytes: &[u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// The bytes; `name` is the parameter's.
    ///
    /// # Safety
    /// As for [`cloister_str::read`].
    pub(crate) unsafe fn read<'a>(self, name: &str) -> Result<&'a [u8]> {
        // SAFETY: the caller's.
        unsafe { elements(self.ptr, self.len, name) }
    }
}

/// Text or bytes that the caller owns and gives back with cloister_buffer_free, which wipes them.
///
/// Start with CLOISTER_BUFFER_INIT. Do not change the fields. A NUL byte that `len` does not count follows the last
/// byte, so that text without NULs is also a C string.
#[repr(C)]
pub struct cloister_buffer {
    /// The first byte; NULL once freed.
    pub ptr: *mut c_char,
    /// Bytes, not characters; the NUL at the end not counted.
    pub len: usize,
}

impl cloister_buffer {
    /// Nothing, as `CLOISTER_BUFFER_INIT` has it.
    pub const EMPTY: Self = Self {
        ptr: ptr::null_mut(),
        len: 0,
    };

    /// Copies `bytes` into memory of their exact size, which is never moved and so leaves no traces, and wipes them.
    pub(crate) fn from_bytes(mut bytes: Vec<u8>) -> Self {
        let mut exact = Vec::with_capacity(bytes.len() + 1);
        exact.extend_from_slice(&bytes);
        exact.push(0);
        bytes.zeroize();
        let owned = exact.into_boxed_slice();
        let len = owned.len() - 1;
        Self {
            ptr: Box::into_raw(owned).cast(),
            len,
        }
    }

    pub(crate) fn from_text(text: String) -> Self {
        Self::from_bytes(text.into_bytes())
    }
}

/// A NUL-terminated C string as a cloister_str, without copying. {NULL, 0} for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_str_from(text: *const c_char) -> cloister_str {
    if text.is_null() {
        return cloister_str::EMPTY;
    }
    // SAFETY: not NULL, so NUL-terminated by the calling contract.
    let len = unsafe { CStr::from_ptr(text) }.count_bytes();
    cloister_str { ptr: text, len }
}

/// Wipes a buffer, frees it, and makes it empty, so that freeing it twice is safe. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_buffer_free(buffer: *mut cloister_buffer) {
    get((), || {
        // SAFETY: NULL or a buffer of the caller's, used by this thread alone.
        let buffer = unsafe { buffer.as_mut() }?;
        let owned = std::mem::replace(buffer, cloister_buffer::EMPTY);
        if !owned.ptr.is_null() {
            // SAFETY: made by `from_bytes`, which allocated one byte more than `len`.
            let mut bytes = unsafe {
                Box::from_raw(ptr::from_mut(slice::from_raw_parts_mut(
                    owned.ptr.cast::<u8>(),
                    owned.len + 1,
                )))
            };
            bytes.zeroize();
        }
        None
    });
}
