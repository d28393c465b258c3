//! Prose in which nearly nothing is an identifier: what is found there for nothing.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use cloister_core::scan::Scanner;

/// How many findings of each rule are shown, of more than [`ALL`].
const SHOWN: usize = 12;
/// As many findings of a rule are all shown.
const ALL: usize = 64;
/// Kinds that are left out of the sum: the prose has dates and ages.
const TIMES: &[&str] = &["date", "dob", "age"];

/// Counts the findings of each rule per 10 kB of all files below `folder` that end in `extension`: `txt`, or `conll` with one
/// token a line.
pub(crate) fn report(
    out: &mut impl Write,
    scanner: &Scanner,
    title: &str,
    (folder, extension): (&Path, &str),
) -> io::Result<()> {
    let mut files = Vec::new();
    collect(folder, extension, &mut files)?;
    files.sort();
    let mut found: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let (mut bytes, mut but_times) = (0, 0);
    for path in &files {
        let text = match extension {
            "conll" => prose(path)?,
            _ => std::fs::read_to_string(path)?,
        };
        bytes += text.len();
        for finding in scanner.scan(&text) {
            let (count, shown) = found.entry(finding.rule().id().to_owned()).or_default();
            *count += 1;
            but_times += usize::from(!TIMES.contains(&finding.kind()));
            // Every so many, so that not all of them come from the first file.
            if *count <= ALL || count.is_power_of_two() {
                let span = finding.span();
                let from = text.floor_char_boundary(span.start.saturating_sub(20));
                let to = text.ceil_char_boundary(text.len().min(span.end + 20));
                let (before, behind) = (&text[from..span.start], &text[span.end..to]);
                shown.push(format!("{before}«{}»{behind}", &text[span]).replace('\n', "⏎"));
            }
        }
    }
    writeln!(
        out,
        "{title}: {} files, {bytes} bytes; findings per 10 kB and rule, without dates and ages {:.3}\n",
        files.len(),
        per_10_kb(but_times, bytes)
    )?;
    for (rule, (count, shown)) in found {
        writeln!(out, "{rule:<24} {:8.3}", per_10_kb(count, bytes))?;
        let step = if count > ALL {
            shown.len().div_ceil(SHOWN)
        } else {
            1
        };
        for shown in shown.iter().step_by(step) {
            writeln!(out, "    {shown}")?;
        }
    }
    writeln!(out)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "sizes of this program are far below 2^53"
)]
fn per_10_kb(count: usize, bytes: usize) -> f64 {
    count as f64 * 1e4 / (bytes as f64).max(1.0)
}

fn collect(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, into)?;
        } else if path.extension().is_some_and(|known| known == extension) {
            into.push(path);
        }
    }
    Ok(())
}

/// The tokens of a file as running text: a sentence a line, no space before what closes.
fn prose(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    for line in io::BufReader::new(std::fs::File::open(path)?).lines() {
        let line = line?;
        let token = line.split(['\t', ' ']).next().unwrap_or_default();
        if token.is_empty() {
            text.push('\n');
            continue;
        }
        let closes = matches!(
            token,
            "," | "." | ";" | ":" | "!" | "?" | ")" | "]" | "%" | "'s"
        );
        if !closes && !text.is_empty() && !text.ends_with(['\n', '(', '[']) {
            text.push(' ');
        }
        text.push_str(token);
    }
    Ok(text)
}
