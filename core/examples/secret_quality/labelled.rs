//! Labelled lines of real repositories.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use cloister_core::scan::{Finding, Scanner};

use crate::score::Table;
use crate::variable;

/// Prints the figures of the lines that `input` gives, by kind, and how often each rule was right.
pub(crate) fn report(
    out: &mut impl Write,
    scanner: &Scanner,
    input: impl BufRead,
) -> io::Result<()> {
    let show = variable("SHOW").unwrap_or_default();
    let mut table = Table::default();
    let mut rules = BTreeMap::<String, [u32; 2]>::new();
    let mut count = 0;
    for line in input.lines() {
        let record: serde_json::Value = serde_json::from_str(&line?).map_err(io::Error::other)?;
        let [text, kind, path] =
            ["text", "rule", "path"].map(|field| record[field].as_str().unwrap_or_default());
        let expected = record["expect"].as_bool().unwrap_or_default();
        let findings = scanner.scan(text);
        let found = match record["whole"].as_str() {
            Some(whole) => covers(&findings, text, whole),
            None => !findings.is_empty(),
        };
        let number = record["line_start"].as_u64().unwrap_or(1);
        table.add(kind, expected, found, path, number);
        count += 1;
        for finding in &findings {
            rules.entry(finding.rule().id().to_owned()).or_default()[usize::from(!expected)] += 1;
        }
        if (show == "missed" && expected && !found) || (show == "false" && !expected && found) {
            let by: Vec<&str> = findings.iter().map(|f| f.rule().id()).collect();
            writeln!(out, "{kind} {by:?}: {text}")?;
        }
    }
    writeln!(out, "labelled lines: {count}\n")?;
    table.print(out)?;
    for (rule, [right, wrong]) in &rules {
        writeln!(out, "{rule:<36} {right:6} right {wrong:6} wrong")?;
    }
    writeln!(out)
}

/// Whether one of `findings` covers the first occurrence of `whole`.
fn covers(findings: &[Finding], text: &str, whole: &str) -> bool {
    text.find(whole).is_some_and(|start| {
        findings.iter().any(|finding| {
            finding.span().start <= start && finding.span().end >= start + whole.len()
        })
    })
}
