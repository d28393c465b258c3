//! Writing something else where findings are.

use crate::scan::Finding;

/// Replaces the given findings of `text`, ascending and non-overlapping, by what `replacement` writes.
///
/// `replacement` gets the finding, its value, and the text so far, to which it appends. A finding that does not lie in
/// `text`, or that begins before its predecessor ends, is passed over.
pub fn replace(
    text: &str,
    findings: &[Finding],
    mut replacement: impl FnMut(&Finding, &str, &mut String),
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        let span = finding.span();
        let (Some(between), Some(value)) = (text.get(at..span.start), text.get(span.clone()))
        else {
            continue;
        };
        out.push_str(between);
        replacement(finding, value, &mut out);
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}
