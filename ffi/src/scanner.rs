//! Which rules a scrubber, a detector or a guard works with.

use cloister_core::scan::{Entry, Format, Scanner, ScannerBuilder};

use crate::boundary::{Options, call, elements, options, out, reserved};
use crate::error::{Result, cloister_error, cloister_status};
use crate::text::{cloister_buffer, cloister_str};

/// In `packs`: rules for what tells who a person is.
pub const CLOISTER_PACK_IDENTIFIERS: u32 = 1;
/// In `packs`: rules for what opens a door.
pub const CLOISTER_PACK_SECRETS: u32 = 2;

/// In `flags`: the value in any case.
pub const CLOISTER_ENTRY_ANY_CASE: u32 = 1;
/// In `flags`: `text` is a regular expression, of the whole value that is allowed or of the part of a line that is denied.
pub const CLOISTER_ENTRY_PATTERN: u32 = 2;

/// A value that is never reported, or always. Values are compared as they read, through all layers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_list_entry {
    /// Empty for a value that is never reported; else what kind of finding it is wherever it stands.
    pub kind: cloister_str,
    /// The value.
    pub text: cloister_str,
    /// CLOISTER_ENTRY_...; 0 for the value in the same case.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

/// How sure a finding of one kind has to be.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_kind_confidence {
    /// The kind, for example "phone".
    pub kind: cloister_str,
    /// Findings of it below this confidence are dropped, 0 to 1.
    pub min_confidence: f32,
    /// Zero.
    pub reserved: u32,
}

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
    /// Which identifiers: "default", "us", "hipaa", "gdpr", "pci" or "all".
    pub profile: cloister_str,
    /// Further rules, in YAML.
    pub rules_yaml: cloister_str,
    /// Further rules, in JSON.
    pub rules_json: cloister_str,
    /// What is never reported, and what always is.
    pub entries: *const cloister_list_entry,
    /// How many.
    pub entry_count: usize,
    /// What holds for single kinds instead of `min_confidence`.
    pub min_confidences: *const cloister_kind_confidence,
    /// How many.
    pub min_confidence_count: usize,
    /// Further rules for secrets: a configuration of gitleaks, in TOML. What of it cannot be applied to a text in linear
    /// time is left out; cloister_gitleaks_refusals tells which rules and why.
    pub gitleaks_toml: cloister_str,
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
    // SAFETY: the caller's, here and below.
    let profile = unsafe { given.profile.read_optional("profile") }?;
    if packs & CLOISTER_PACK_IDENTIFIERS != 0 {
        builder = builder.profile(profile.unwrap_or("default"))?;
    }
    if packs & CLOISTER_PACK_SECRETS != 0 {
        builder = builder.secrets();
    }
    for (rules, format, name) in [
        (given.rules_toml, Format::Toml, "rules_toml"),
        (given.rules_yaml, Format::Yaml, "rules_yaml"),
        (given.rules_json, Format::Json, "rules_json"),
    ] {
        // SAFETY: as above.
        if let Some(rules) = unsafe { rules.read_optional(name) }? {
            builder = builder.rules_in(format, rules)?;
        }
    }
    // SAFETY: as above.
    if let Some(config) = unsafe { given.gitleaks_toml.read_optional("gitleaks_toml") }? {
        builder = builder.gitleaks_toml(config)?.0;
    }
    // SAFETY: as above.
    for name in unsafe { texts(given.without, given.without_count, "without") }? {
        builder = builder.without(name)?;
    }
    // SAFETY: as above.
    for value in unsafe { texts(given.allow, given.allow_count, "allow") }? {
        builder = builder.allow(value);
    }
    // SAFETY: as above.
    for entry in unsafe { elements(given.entries, given.entry_count, "entries") }? {
        // SAFETY: as above.
        builder = unsafe { entry.add_to(builder) }?;
    }
    let kinds = given.min_confidences;
    // SAFETY: as above.
    for of_kind in unsafe { elements(kinds, given.min_confidence_count, "min_confidences") }? {
        reserved(of_kind.reserved, "min_confidences")?;
        // SAFETY: as above.
        let kind = unsafe { of_kind.kind.read("kind") }?;
        builder = builder.min_confidence_of(kind, of_kind.min_confidence)?;
    }
    Ok(builder.min_confidence(given.min_confidence)?.build()?)
}

/// Tells which rules of a gitleaks configuration are not taken.
///
/// `refusals` receives one line for each, of its id and the reason: "by-path: it is for files of certain paths, and a text
/// has no path". It is empty where all are taken, and owned by the caller. Rules whose ids are taken by built-in ones are
/// taken under another id.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_gitleaks_refusals(
    gitleaks_toml: cloister_str,
    refusals: *mut cloister_buffer,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let config = gitleaks_toml.read("gitleaks_toml")?;
            let refusals = out(refusals, "refusals")?;
            let (_, refused) = Scanner::builder().gitleaks_toml(config)?;
            let lines = refused.iter().map(|refusal| format!("{refusal}\n"));
            refusals.write(cloister_buffer::from_text(lines.collect::<String>()));
            Ok(())
        })
    }
}

impl cloister_list_entry {
    /// # Safety
    /// The calling contract.
    unsafe fn add_to(&self, builder: ScannerBuilder) -> Result<ScannerBuilder> {
        reserved(self.reserved, "entries")?;
        // SAFETY: the caller's, here and below.
        let text = unsafe { self.text.read("text") }?;
        let entry = match self.flags {
            0 => Entry::Exact(text),
            CLOISTER_ENTRY_ANY_CASE => Entry::AnyCase(text),
            CLOISTER_ENTRY_PATTERN => Entry::Pattern(text),
            _ => {
                return Err(cloister_error::invalid(
                    "`flags` of an entry is 0 or one of CLOISTER_ENTRY_...",
                ));
            }
        };
        // SAFETY: as above.
        Ok(match unsafe { self.kind.read_optional("kind") }? {
            Some(kind) => builder.deny(kind, entry)?,
            None => builder.allow_entry(entry)?,
        })
    }
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
