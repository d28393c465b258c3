//! The only generic `unsafe` code of this layer: a C caller's pointers become references, slices, options and outputs.
//!
//! # The calling contract
//!
//! Every exported function is `unsafe`, because it trusts its caller with what no library can check. "The calling
//! contract" in a `SAFETY` comment means these four points, and the functions below turn them into Rust references:
//!
//! * a pointer that is not NULL points to a live, aligned object of its type, for as long as the call lasts;
//! * a handle comes from this library and was not freed;
//! * a pointer with a length points to that many readable elements, which nobody writes meanwhile;
//! * what stands behind a `*mut` is used by one thread at a time.

use std::mem::{MaybeUninit, align_of, size_of};
use std::ptr::{self, NonNull};
use std::slice;

use crate::error::{Result, cloister_error, cloister_status};
use crate::panics;

/// No options struct will ever be larger: a size above it is an uninitialised variable.
const MAX_OPTIONS_BYTES: usize = 4096;

/// Runs a fallible function: hands its failure, or NULL, to `error` and returns the status.
///
/// # Safety
/// `error` keeps the calling contract.
pub(crate) unsafe fn call(
    error: *mut *mut cloister_error,
    body: impl FnOnce() -> Result<()>,
) -> cloister_status {
    let failure = panics::caught(body)
        .unwrap_or_else(|panic| Err(panic.into()))
        .err();
    let status = failure
        .as_ref()
        .map_or(cloister_status::Ok, cloister_error::status);
    if !error.is_null() {
        let object = failure.map_or(ptr::null_mut(), |failure| Box::into_raw(Box::new(failure)));
        // SAFETY: not NULL, so writable by the calling contract.
        unsafe { error.write(object) };
    }
    status
}

/// Runs an accessor: `otherwise` stands in for the value of a NULL handle.
pub(crate) fn get<T>(otherwise: T, body: impl FnOnce() -> Option<T>) -> T {
    panics::caught(body).ok().flatten().unwrap_or(otherwise)
}

/// The object behind a required pointer; `name` is the parameter's.
///
/// # Safety
/// The calling contract; the reference is not kept after the exported function has returned.
pub(crate) unsafe fn borrow<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: NULL or live, by the calling contract.
    unsafe { pointer.as_ref() }.ok_or_else(|| cloister_error::null(name))
}

/// A required pointer that is not read as one object: an options struct, or an array to write to.
pub(crate) fn required<T>(pointer: *mut T, name: &str) -> Result<NonNull<T>> {
    NonNull::new(pointer).ok_or_else(|| cloister_error::null(name))
}

/// A place for a result, written once and only on success.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// Writes without reading or dropping what was there.
    pub(crate) fn write(self, value: T) {
        // SAFETY: made by `out` or `optional_out` only, whose callers vouch for the pointer.
        unsafe { self.0.write(value) };
    }
}

impl<T> Out<*mut T> {
    /// Hands an object over to the caller, who frees it.
    pub(crate) fn give(self, object: T) {
        self.write(Box::into_raw(Box::new(object)));
    }
}

/// A required output.
///
/// # Safety
/// The calling contract; written before the exported function returns.
pub(crate) unsafe fn out<T>(pointer: *mut T, name: &str) -> Result<Out<T>> {
    required(pointer, name).map(Out)
}

/// An output that the caller may leave out by giving NULL.
///
/// # Safety
/// As for [`out`].
pub(crate) unsafe fn optional_out<T>(pointer: *mut T) -> Option<Out<T>> {
    NonNull::new(pointer).map(Out)
}

/// An array; NULL with a count of zero is an empty one.
///
/// # Safety
/// The calling contract; the slice is not kept after the exported function has returned.
pub(crate) unsafe fn elements<'a, T>(
    pointer: *const T,
    count: usize,
    name: &str,
) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(cloister_error::null(name));
    }
    if count > isize::MAX.unsigned_abs() / size_of::<T>() {
        return Err(cloister_error::invalid(format!(
            "the length of `{name}` is larger than memory"
        )));
    }
    // SAFETY: not NULL and `count` elements long, by the calling contract; the size was checked above.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// A struct of the caller's that begins with its own size and grows at its end.
///
/// # Safety
/// `#[repr(C)]`, beginning with `struct_size: usize`, and valid for whatever bytes a C caller stores:
/// integers, floats, pointers and optional functions only. All zero means the defaults.
pub(crate) unsafe trait Options: Copy {}

/// Reads options of an older, the same or a newer caller; NULL gives the defaults.
///
/// # Safety
/// The calling contract, with as many bytes behind `pointer` as its first field says.
pub(crate) unsafe fn options<T: Options>(pointer: *const T, name: &str) -> Result<T> {
    let mut read = MaybeUninit::<T>::zeroed();
    if !pointer.is_null() {
        // SAFETY: an options struct begins with its size.
        let given = unsafe { pointer.cast::<usize>().read() };
        let plausible = (size_of::<usize>()..=MAX_OPTIONS_BYTES).contains(&given);
        if !plausible || !given.is_multiple_of(align_of::<T>()) {
            return Err(cloister_error::invalid(format!(
                "`struct_size` of `{name}` is not a size; hint: begin with the struct's `_INIT` macro"
            )));
        }
        let known = given.min(size_of::<T>());
        // SAFETY: `given` bytes are readable by the calling contract, and `known` is not more.
        let unknown =
            unsafe { slice::from_raw_parts(pointer.cast::<u8>().add(known), given - known) };
        if unknown.iter().any(|&byte| byte != 0) {
            return Err(cloister_error::new(
                cloister_status::UnsupportedVersion,
                format!(
                    "`{name}` sets a field that this version does not know; hint: update the library"
                ),
            ));
        }
        // SAFETY: `known` bytes are readable there and writable here.
        unsafe {
            ptr::copy_nonoverlapping(pointer.cast::<u8>(), read.as_mut_ptr().cast::<u8>(), known);
        }
    }
    // SAFETY: zeroed, then overwritten by bytes of the caller's; `Options` promises that any bytes are a value.
    Ok(unsafe { read.assume_init() })
}

/// An option that is off or on.
pub(crate) fn flag(value: u32, name: &str) -> Result<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(cloister_error::invalid(format!(
            "`{name}` is neither 0 nor 1"
        ))),
    }
}

/// Refuses a field that is kept for later versions.
pub(crate) fn reserved(value: u32, name: &str) -> Result<()> {
    if value == 0 {
        return Ok(());
    }
    Err(cloister_error::new(
        cloister_status::UnsupportedVersion,
        format!("`reserved` of `{name}` is not zero; hint: begin with the struct's `_INIT` macro"),
    ))
}

/// Frees a handle; NULL does nothing.
///
/// # Safety
/// The calling contract; the handle is not used again.
pub(crate) unsafe fn release<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: made by `Out::give`, and freed once by the calling contract.
        let object = unsafe { Box::from_raw(handle) };
        get((), || {
            drop(object);
            None
        });
    }
}

/// Compiles only where `const T *` may be shared by threads and a handle may be freed on another one than made it.
pub(crate) const fn shared<T: Send + Sync>() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_its_message_stays_inside() {
        let mut error = ptr::null_mut();
        // SAFETY: an output of this function's.
        let status = unsafe { call(&raw mut error, || panic!("Patient John Doe")) };
        assert_eq!(status, cloister_status::Panic);
        // SAFETY: made by `call`, owned here.
        let error = unsafe { Box::from_raw(error) };
        assert!(!format!("{error:?}").contains("John"));
    }

    #[test]
    fn a_panicking_accessor_gives_the_value_of_null() {
        assert_eq!(get(7, || panic!("Patient John Doe")), 7);
    }
}
