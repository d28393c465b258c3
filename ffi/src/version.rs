//! The version, once for the header and once for the library that was loaded.

use std::ffi::c_char;

/// The first part of the version of this header.
pub const CLOISTER_VERSION_MAJOR: u32 = 0;
/// The second part of the version of this header.
pub const CLOISTER_VERSION_MINOR: u32 = 1;
/// The third part of the version of this header.
pub const CLOISTER_VERSION_PATCH: u32 = 0;
/// Counts changes after which a program must be compiled again. Additions do not count.
pub const CLOISTER_ABI_VERSION: u32 = 1;

const _: () = {
    assert!(CLOISTER_VERSION_MAJOR == number(env!("CARGO_PKG_VERSION_MAJOR")));
    assert!(CLOISTER_VERSION_MINOR == number(env!("CARGO_PKG_VERSION_MINOR")));
    assert!(CLOISTER_VERSION_PATCH == number(env!("CARGO_PKG_VERSION_PATCH")));
};

const fn number(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("a part of the version is not a number"),
    }
}

/// The version of the library that was loaded, for example "0.1.0": NUL-terminated, for as long as the program lives.
#[unsafe(no_mangle)]
pub extern "C" fn cloister_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The ABI version of the library that was loaded. A program works with it if it equals CLOISTER_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn cloister_abi_version() -> u32 {
    CLOISTER_ABI_VERSION
}
