//! Which rules a scrubber, a detector or a guard works with.

use cloister_core::scan::Scanner;

use crate::boundary::{Options, elements, options, reserved};
use crate::error::{Result, cloister_error};
use crate::text::cloister_str;

/// In `packs`: rules for what tells who a person is.
pub const CLOISTER_PACK_IDENTIFIERS: u32 = 1;
/// In `packs`: rules for what opens a door.
pub const CLOISTER_PACK_SECRETS: u32 = 2;

/// Which rules apply. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_scanner_options {
    /// Set by CLOISTER_SCANNER_OPTIONS_INIT.
    pub struct_size: usize,
    /// CLOISTER_PACK_... added up. Default: what the object that takes these options is for.
    pub packs: u32,
    /// Findings below this confidence are dropped, 0 to 1.
    pub min_confidence: f32,
    /// Further rules, in TOML, of the same form as the built-in ones.
    pub rules_toml: cloister_str,
    /// Rule ids or whole kinds that are left out.
    pub without: *const cloister_str,
    /// How many.
    pub without_count: usize,
    /// Values that are never reported.
    pub allow: *const cloister_str,
    /// How many.
    pub allow_count: usize,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers, a float and pointers.
unsafe impl Options for cloister_scanner_options {}

/// The scanner of `given`, or one of `packs` where it is NULL or leaves them open.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn scanner(
    given: *const cloister_scanner_options,
    packs: u32,
) -> Result<Scanner> {
    if given.is_null() {
        return Ok(whole(packs));
    }
    // SAFETY: the caller's.
    let given = unsafe { options(given, "scanner") }?;
    let packs = if given.packs == 0 { packs } else { given.packs };
    reserved(
        packs & !(CLOISTER_PACK_IDENTIFIERS | CLOISTER_PACK_SECRETS),
        "scanner",
    )?;

    let mut builder = Scanner::builder();
    if packs & CLOISTER_PACK_IDENTIFIERS != 0 {
        builder = builder.identifiers();
    }
    if packs & CLOISTER_PACK_SECRETS != 0 {
        builder = builder.secrets();
    }
    // SAFETY: the caller's, here and below.
    if let Some(toml) = unsafe { given.rules_toml.read_optional("rules_toml") }? {
        builder = builder.rules_toml(toml)?;
    }
    // SAFETY: as above.
    for name in unsafe { texts(given.without, given.without_count, "without") }? {
        builder = builder.without(name)?;
    }
    // SAFETY: as above.
    for value in unsafe { texts(given.allow, given.allow_count, "allow") }? {
        builder = builder.allow(value);
    }
    Ok(builder.min_confidence(given.min_confidence)?.build()?)
}

/// The scanners that are built once per process and shared.
fn whole(packs: u32) -> Scanner {
    match packs {
        CLOISTER_PACK_IDENTIFIERS => Scanner::identifiers(),
        CLOISTER_PACK_SECRETS => Scanner::secrets(),
        _ => Scanner::all(),
    }
}

/// # Safety
/// The calling contract.
pub(crate) unsafe fn texts<'a>(
    pointer: *const cloister_str,
    count: usize,
    name: &str,
) -> Result<Vec<&'a str>> {
    // SAFETY: the caller's.
    unsafe { elements(pointer, count, name) }?
        .iter()
        // SAFETY: the caller's.
        .map(|text| unsafe { text.read(name) })
        .collect::<std::result::Result<_, cloister_error>>()
}
