//! `cloister_scrubber`: identifiers out of a text.

use cloister_core::pii::{Scrubber, Style};
use cloister_core::scan::{Field, Scanner};

use crate::boundary::{
    Options, borrow, call, elements, optional_out, options, out, release, reserved, shared,
};
use crate::error::{Result, cloister_error, cloister_status};
use crate::findings::cloister_findings;
use crate::policy::policy;
use crate::scanner::{CLOISTER_PACK_IDENTIFIERS, cloister_scanner_options, scanner};
use crate::text::{cloister_buffer, cloister_bytes, cloister_str};

/// In `style`: the value becomes its token, "[SSN]". The default.
pub const CLOISTER_STYLE_REDACT: u32 = 0;
/// In `style`: letters and digits become "*", but for the last four of a value of eight or more: "***-**-6789".
pub const CLOISTER_STYLE_MASK: u32 = 1;

/// How a scrubber works. Zero in a field means its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_scrubber_options {
    /// Set by CLOISTER_SCRUBBER_OPTIONS_INIT.
    pub struct_size: usize,
    /// Which rules; NULL for the built-in ones for identifiers.
    pub scanner: *const cloister_scanner_options,
    /// CLOISTER_STYLE_...
    pub style: u32,
    /// Zero.
    pub reserved: u32,
    /// What is done with each kind, instead of `style`: TOML, JSON, or the name of a ready-made policy ("redact", "mask",
    /// "pseudonymise", "surrogates", "hipaa-safe-harbor", "limited-data-set"). Empty for the style. Where `scanner` is
    /// NULL, the policy chooses the rules: identifiers and secrets.
    pub policy: cloister_str,
    /// 32 bytes, under which the policy makes hashes, tags, surrogates and shifts. Copied.
    pub key: cloister_bytes,
}

// SAFETY: `#[repr(C)]`, beginning with its size; integers and pointers.
unsafe impl Options for cloister_scrubber_options {}

/// Finds and replaces identifiers. Any number of threads may use one scrubber at once.
pub struct cloister_scrubber(pub(crate) Scrubber);

const _: () = shared::<cloister_scrubber>();

/// Makes a scrubber.
///
/// `options` may be NULL for the defaults. `scrubber` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_new(
    options: *const cloister_scrubber_options,
    scrubber: *mut *mut cloister_scrubber,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = out(scrubber, "scrubber")?;
            let given = self::options(options, "options")?;
            reserved(given.reserved, "options")?;
            let style = match given.style {
                CLOISTER_STYLE_REDACT => Style::Redact,
                CLOISTER_STYLE_MASK => Style::Mask,
                _ => {
                    return Err(cloister_error::invalid(
                        "`style` is not one; hint: use `CLOISTER_STYLE_REDACT` or `CLOISTER_STYLE_MASK`",
                    ));
                }
            };
            let made = match policy(given.policy, given.key)? {
                None => {
                    let rules = scanner(given.scanner, CLOISTER_PACK_IDENTIFIERS)?;
                    Scrubber::with_scanner(rules, style)
                }
                Some(_) if given.style != CLOISTER_STYLE_REDACT => {
                    return Err(cloister_error::invalid(
                        "`style` and `policy` are both set; hint: use one of them",
                    ));
                }
                Some(policy) => {
                    let rules: Option<Scanner> = if given.scanner.is_null() {
                        None
                    } else {
                        Some(scanner(given.scanner, CLOISTER_PACK_IDENTIFIERS)?)
                    };
                    Scrubber::with_policy(rules, policy)?
                }
            };
            scrubber.give(cloister_scrubber(made));
            Ok(())
        })
    }
}

/// Replaces every identifier of `text`, for good.
///
/// `scrubbed` receives the text without them, owned by the caller. `findings`, which may be NULL, receives what was
/// found in the original, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_scrub(
    scrubber: *const cloister_scrubber,
    text: cloister_str,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let text = text.read("text")?;
            let scrubbed = out(scrubbed, "scrubbed")?;
            scrubber.0.expect_key()?;
            let result = scrubber.0.scrub(text);
            if let Some(findings) = optional_out(findings) {
                findings.give(cloister_findings::of(text, result.findings));
            }
            scrubbed.write(cloister_buffer::from_text(result.text));
            Ok(())
        })
    }
}

/// Replaces every identifier of a text about `subject`, the id of a patient for example, for good.
///
/// As cloister_scrubber_scrub; a policy that moves dates moves all those of one subject alike.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_scrub_of(
    scrubber: *const cloister_scrubber,
    subject: cloister_str,
    text: cloister_str,
    scrubbed: *mut cloister_buffer,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let subject = subject.read("subject")?;
            let text = text.read("text")?;
            let scrubbed = out(scrubbed, "scrubbed")?;
            scrubber.0.expect_key()?;
            let result = scrubber.0.scrub_of(subject, text);
            if let Some(findings) = optional_out(findings) {
                findings.give(cloister_findings::of(text, result.findings));
            }
            scrubbed.write(cloister_buffer::from_text(result.text));
            Ok(())
        })
    }
}

/// Finds the identifiers of `text` without replacing them.
///
/// `findings` receives them, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_find(
    scrubber: *const cloister_scrubber,
    text: cloister_str,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let text = text.read("text")?;
            let findings = out(findings, "findings")?;
            findings.give(cloister_findings::of(text, scrubber.0.find(text)));
            Ok(())
        })
    }
}

/// A field of a record: of a row of a table, a form or an object.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_field {
    /// The name of the column or the member, which is the label of the value; empty where there is none.
    pub name: cloister_str,
    /// What stands in it.
    pub value: cloister_str,
}

/// Finds the identifiers of one record, each of whose `fields` is read with its name before it and apart from the others.
///
/// `findings` receives them, owned by the caller, in the order of the fields: `field` tells which one, and the places count
/// from the beginning of its value.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_find_in_record(
    scrubber: *const cloister_scrubber,
    fields: *const cloister_field,
    field_count: usize,
    findings: *mut *mut cloister_findings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let scrubber = borrow(scrubber, "scrubber")?;
            let fields = elements(fields, field_count, "fields")?
                .iter()
                .map(|field| {
                    Ok(Field {
                        name: field.name.read("name")?,
                        value: field.value.read("value")?,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let findings = out(findings, "findings")?;
            let found = scrubber.0.find_in_record(&fields);
            findings.give(cloister_findings::of_record(&fields, found));
            Ok(())
        })
    }
}

/// Frees a scrubber. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_scrubber_free(scrubber: *mut cloister_scrubber) {
    // SAFETY: the calling contract.
    unsafe { release(scrubber) }
}
