//! Prints precision, recall and F1 of the secret rules on labelled lines, or what they find in a tree of clean code.
//!
//! `cargo run --release --no-default-features -p cloister-core --example secret_quality lines.jsonl`
//! `cargo run --release --no-default-features -p cloister-core --example secret_quality --clean folder [megabytes]`
//!
//! The lines are JSON objects with `text`, `expect` (whether it holds a secret) and `rule` (its kind). With `SHOW=missed` or
//! `SHOW=false` in the environment, the lines of that kind are printed too: use it on public data only.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cloister_core::scan::Scanner;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, folder, rest @ ..] if flag == "--clean" => {
            let megabytes = rest.first().and_then(|n| n.parse().ok()).unwrap_or(40);
            clean(Path::new(folder), megabytes << 20)
        }
        [lines] => labelled(Path::new(lines)),
        _ => Err(io::Error::other("say which file or folder to read")),
    }
}

/// Counts of one kind of line.
#[derive(Default)]
struct Score {
    found: u32,
    missed: u32,
    false_alarms: u32,
}

impl Score {
    /// Precision, recall and F1.
    fn figures(&self) -> [f64; 3] {
        let part = |of: u32| f64::from(self.found) / f64::from(of.max(1));
        let precision = part(self.found + self.false_alarms);
        let recall = part(self.found + self.missed);
        let sum = (precision + recall).max(f64::MIN_POSITIVE);
        [precision, recall, 2.0 * precision * recall / sum]
    }
}

fn labelled(path: &Path) -> io::Result<()> {
    let scanner = Scanner::secrets();
    let show = std::env::var("SHOW").unwrap_or_default();
    let (mut all, mut kinds) = (Score::default(), BTreeMap::<String, Score>::new());
    let mut by_rule = BTreeMap::<String, Score>::new();
    let mut out = io::stdout().lock();
    for line in io::BufReader::new(std::fs::File::open(path)?).lines() {
        let record: serde_json::Value = serde_json::from_str(&line?).map_err(io::Error::other)?;
        let (text, kind) = (
            record["text"].as_str().unwrap_or_default(),
            record["rule"].as_str().unwrap_or_default(),
        );
        let expected = record["expect"].as_bool().unwrap_or_default();
        let findings = scanner.scan(text);
        let found = match record["whole"].as_str() {
            Some(whole) => text.find(whole).is_some_and(|start| {
                findings
                    .iter()
                    .any(|f| f.span().start <= start && f.span().end >= start + whole.len())
            }),
            None => !findings.is_empty(),
        };
        for score in [&mut all, kinds.entry(kind.to_owned()).or_default()] {
            score.found += u32::from(expected && found);
            score.missed += u32::from(expected && !found);
            score.false_alarms += u32::from(!expected && found);
        }
        for finding in &findings {
            let score = by_rule.entry(finding.rule().id().to_owned()).or_default();
            score.found += u32::from(expected);
            score.false_alarms += u32::from(!expected);
        }
        if (show == "missed" && expected && !found) || (show == "false" && !expected && found) {
            let rules: Vec<&str> = findings.iter().map(|f| f.rule().id()).collect();
            writeln!(out, "{kind} {rules:?}: {text}")?;
        }
    }
    writeln!(
        out,
        "{:>28} {:>6} {:>6} {:>6} {:>9} {:>6} {:>5}",
        "", "found", "missed", "false", "precision", "recall", "F1"
    )?;
    let total = [("all".to_owned(), all)];
    for (name, score) in kinds
        .iter()
        .chain(total.iter().map(|(name, score)| (name, score)))
    {
        let [precision, recall, f1] = score.figures();
        writeln!(
            out,
            "{name:>28} {:6} {:6} {:6} {precision:9.3} {recall:6.3} {f1:5.3}",
            score.found, score.missed, score.false_alarms
        )?;
    }
    for (rule, score) in &by_rule {
        writeln!(
            out,
            "{rule:>36} {:6} right {:6} wrong",
            score.found, score.false_alarms
        )?;
    }
    Ok(())
}

fn clean(folder: &Path, limit: usize) -> io::Result<()> {
    let scanner = Scanner::secrets();
    let mut files = Vec::new();
    sources(folder, &mut files);
    files.sort();
    let show = std::env::var("SHOW").unwrap_or_default();
    let (mut read, mut findings, mut seconds) = (0, 0, 0.0);
    let mut out = io::stdout().lock();
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if read + text.len() > limit {
            continue;
        }
        read += text.len();
        let begun = Instant::now();
        let found = scanner.scan(&text);
        seconds += begun.elapsed().as_secs_f64();
        findings += found.len();
        if show == "false" {
            for finding in &found {
                let span = finding.context();
                let shown = text[span.clone()].escape_default().to_string();
                writeln!(
                    out,
                    "{} {}",
                    finding.rule().id(),
                    &shown[..shown.len().min(160)]
                )?;
            }
        }
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "sizes of this program are far below 2^53"
    )]
    let megabytes = read as f64 / 1e6;
    writeln!(
        out,
        "{findings} findings in {megabytes:.1} MB, {:.1} MB/s",
        megabytes / seconds
    )
}

/// Rust sources without the folders that hold tests, examples and benchmarks.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    const LEFT_OUT: &[&str] = &[
        "tests", "test", "testdata", "examples", "benches", "fuzz", "data",
    ];
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if LEFT_OUT.iter().all(|left_out| name != *left_out) {
                sources(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs"
        {
            into.push(path);
        }
    }
}
