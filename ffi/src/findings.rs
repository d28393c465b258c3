//! What was found in a text, and where, in every unit that callers count in.

use std::ops::Range;

use cloister_core::scan::{
    Category, Field, Finding, Layer, Located, Origin, Position, Positions, Severity, Verdict,
};

use crate::boundary::{get, release, shared};
use crate::text::cloister_str;

/// Which side of the house a rule belongs to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_category {
    /// Something that tells who a person is.
    Identifier = 1,
    /// Something that opens a door.
    Secret = 2,
}

impl From<Category> for cloister_category {
    fn from(category: Category) -> Self {
        match category {
            Category::Identifier => Self::Identifier,
            Category::Secret => Self::Secret,
        }
    }
}

/// How bad it is when a finding leaks.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_severity {
    /// Tells little by itself.
    Low = 1,
    /// Tells something together with other data.
    Medium = 2,
    /// Identifies a person or opens a service.
    High = 3,
    /// Opens a service or an account outright.
    Critical = 4,
}

impl From<Severity> for cloister_severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

/// What led to a finding.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_origin {
    /// The pattern of the rule.
    Pattern = 1,
    /// One of the written forms that the rule lists.
    Shape = 2,
    /// A function that reads values of this kind.
    Matcher = 3,
    /// A name that was found elsewhere in the same text.
    Repeat = 4,
    /// A statistical model of names.
    Tagger = 5,
    /// The deny list.
    DenyList = 6,
    /// A vault that remembers the value from another text.
    Vault = 7,
}

impl From<Origin> for cloister_origin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Pattern => Self::Pattern,
            Origin::Shape => Self::Shape,
            Origin::Matcher => Self::Matcher,
            Origin::Repeat => Self::Repeat,
            Origin::Tagger => Self::Tagger,
            Origin::DenyList => Self::DenyList,
            Origin::Vault => Self::Vault,
        }
    }
}

/// What a check said about a value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum cloister_verdict {
    /// There was no check.
    None = 0,
    /// A checksum or a decoder confirms it.
    Valid = 1,
    /// Nothing speaks against it.
    Plausible = 2,
    /// It failed, and is reported all the same because of what stands around it.
    Invalid = 3,
}

impl From<Verdict> for cloister_verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Self::Valid,
            Verdict::Plausible => Self::Plausible,
            Verdict::Invalid => Self::Invalid,
        }
    }
}

/// In `layers`: characters that look like ASCII or cannot be seen.
pub const CLOISTER_LAYER_UNICODE: u32 = 1;
/// In `layers`: HTML character references.
pub const CLOISTER_LAYER_HTML: u32 = 2;
/// In `layers`: percent-encoding.
pub const CLOISTER_LAYER_PERCENT: u32 = 4;
/// In `layers`: quoted-printable.
pub const CLOISTER_LAYER_QUOTED_PRINTABLE: u32 = 8;
/// In `layers`: backslash escapes, as in JSON.
pub const CLOISTER_LAYER_BACKSLASH: u32 = 16;
/// In `layers`: base64.
pub const CLOISTER_LAYER_BASE64: u32 = 32;

const _: () = {
    assert!(CLOISTER_LAYER_UNICODE == Layer::Unicode as u32);
    assert!(CLOISTER_LAYER_HTML == Layer::Html as u32);
    assert!(CLOISTER_LAYER_PERCENT == Layer::Percent as u32);
    assert!(CLOISTER_LAYER_QUOTED_PRINTABLE == Layer::QuotedPrintable as u32);
    assert!(CLOISTER_LAYER_BACKSLASH == Layer::Backslash as u32);
    assert!(CLOISTER_LAYER_BASE64 == Layer::Base64 as u32);
};

/// A part of a text: from `start` up to, but without, `end`, counted from zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct cloister_span {
    /// The first unit.
    pub start: usize,
    /// One past the last unit.
    pub end: usize,
}

impl From<Range<usize>> for cloister_span {
    fn from(range: Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

/// One thing found in a text. Never the value itself. Later versions may add fields at the end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct cloister_finding {
    /// What it is, for example "ssn".
    pub kind: cloister_str,
    /// The rule that found it.
    pub rule_id: cloister_str,
    /// What a placeholder for it is called, for example "SSN".
    pub token: cloister_str,
    /// Where the value is, in bytes of the text.
    pub bytes: cloister_span,
    /// The same in Unicode code points.
    pub code_points: cloister_span,
    /// The same in UTF-16 units, as Java, JavaScript, C# and Qt count.
    pub utf16: cloister_span,
    /// Label and value, in bytes; the same as `bytes` where there is no label.
    pub context: cloister_span,
    /// The line in which the value begins, counted from one.
    pub line: usize,
    /// Code points before the value in its line.
    pub column: usize,
    /// Identifier or secret.
    pub category: cloister_category,
    /// How bad it is when it leaks.
    pub severity: cloister_severity,
    /// How sure the rule is, 0 to 1.
    pub confidence: f32,
    /// CLOISTER_LAYER_... added up: what was taken off to read the value. Zero where it reads as it is written.
    pub layers: u32,
    /// What the rule looks for, in a few words.
    pub what: cloister_str,
    /// The label before the value, as the rule has it; empty where there is none.
    pub label: cloister_str,
    /// The word near the value that the rule wants there; empty where there is none.
    pub near_word: cloister_str,
    /// The name of the check that was made; empty where there was none.
    pub check: cloister_str,
    /// What that check said.
    pub verdict: cloister_verdict,
    /// What led to the finding.
    pub origin: cloister_origin,
    /// Which field of a record the value is in, counted from zero. Zero where a text was scanned.
    pub field: usize,
}

impl cloister_finding {
    /// The texts are borrowed from the rule of `finding`.
    pub(crate) fn describe(finding: &Finding, start: &Position, end: &Position) -> Self {
        let rule = finding.rule();
        let why = finding.evidence();
        let optional = |text: Option<&str>| cloister_str::borrowed(text.unwrap_or_default());
        Self {
            kind: cloister_str::borrowed(rule.kind()),
            rule_id: cloister_str::borrowed(rule.id()),
            token: cloister_str::borrowed(rule.token()),
            bytes: finding.span().into(),
            code_points: (start.char..end.char).into(),
            utf16: (start.utf16..end.utf16).into(),
            context: finding.context().into(),
            line: start.line,
            column: start.column,
            category: rule.category().into(),
            severity: rule.severity().into(),
            confidence: finding.confidence(),
            layers: why.layers.bits().into(),
            what: cloister_str::borrowed(why.what),
            label: optional(why.label),
            near_word: optional(why.near),
            check: optional(why.check.map(|(name, _)| name)),
            verdict: why
                .check
                .map_or(cloister_verdict::None, |(_, verdict)| verdict.into()),
            origin: why.origin.into(),
            field: 0,
        }
    }
}

/// The findings of one text, in ascending order, none overlapping. Any number of threads may read one list at once.
pub struct cloister_findings {
    described: Vec<cloister_finding>,
    /// Keeps the rules alive from which `described` borrows.
    findings: Vec<Finding>,
}

// SAFETY: the pointers in `described` lead to immutable text of rules that this object keeps alive.
unsafe impl Send for cloister_findings {}
// SAFETY: as above; nothing here changes after it was made.
unsafe impl Sync for cloister_findings {}

const _: () = shared::<cloister_findings>();

impl cloister_findings {
    /// The findings of `text`.
    pub(crate) fn of(text: &str, findings: Vec<Finding>) -> Self {
        let mut places = Positions::of(text);
        let described = findings
            .iter()
            .map(|finding| {
                let span = finding.span();
                let start = places.next_at(span.start);
                cloister_finding::describe(finding, &start, &places.next_at(span.end))
            })
            .collect();
        Self {
            described,
            findings,
        }
    }

    /// The findings of the fields of a record.
    pub(crate) fn of_record(fields: &[Field<'_>], found: Vec<Vec<Finding>>) -> Self {
        let mut all = Self {
            described: Vec::new(),
            findings: Vec::new(),
        };
        for (field, found) in found.into_iter().enumerate() {
            let value = fields.get(field).map_or("", |field| field.value);
            let mut of_field = Self::of(value, found);
            for described in &mut of_field.described {
                described.field = field;
            }
            all.described.append(&mut of_field.described);
            all.findings.append(&mut of_field.findings);
        }
        all
    }

    /// The findings of a stream.
    pub(crate) fn located(found: Vec<Located>) -> Self {
        Self {
            described: found
                .iter()
                .map(|one| cloister_finding::describe(&one.finding, &one.start, &one.end))
                .collect(),
            findings: found.into_iter().map(|one| one.finding).collect(),
        }
    }
}

/// How many findings a list has. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_findings_count(findings: *const cloister_findings) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        unsafe { findings.as_ref() }.map(|findings| findings.described.len())
    })
}

/// The finding at `index`, borrowed until the list is freed. NULL beyond the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_findings_at(
    findings: *const cloister_findings,
    index: usize,
) -> *const cloister_finding {
    get(std::ptr::null(), || {
        // SAFETY: the calling contract.
        let finding = unsafe { findings.as_ref() }?.described.get(index)?;
        Some(std::ptr::from_ref(finding))
    })
}

/// Frees a list. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_findings_free(findings: *mut cloister_findings) {
    // SAFETY: the calling contract.
    unsafe { release(findings) }
}
