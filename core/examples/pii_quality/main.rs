//! Prints precision, recall, F1 and F2 of the identifier rules, per kind, and every miss and every false finding.
//!
//! `cargo run --release --no-default-features -p cloister-core --example pii_quality [profile]`
//!
//! What is read, each left out where it is not there:
//!
//! * `PII_SET`: a file of labelled texts in the JSON form of `presidio-evaluator`;
//! * `tests/quality/notes.toml`: from which notes are generated, the same for the same `SEED`;
//! * `core/tests/clinical_prose`: clinical texts without identifiers, in which the findings per 10 kB are counted;
//! * `PII_PROSE`: a folder of ordinary prose, one token a line (`.conll`), in which they are counted too.
//!
//! Values are printed: use it on public or generated data only.

mod labelled;
mod notes;
mod prose;
mod score;

use std::io::{self, Write};
use std::path::Path;

use cloister_core::scan::{Scanner, ScannerBuilder};

use labelled::Document;
use score::Table;

const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/quality/notes.toml");
const CLINICAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clinical_prose");

fn main() -> io::Result<()> {
    let profile = std::env::args().nth(1).unwrap_or_else(|| "all".into());
    let scanner = Scanner::builder()
        .profile(&profile)
        .and_then(ScannerBuilder::build)
        .map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    writeln!(out, "Profile `{profile}`.\n")?;
    match variable("PII_SET") {
        Some(path) if Path::new(&path).exists() => {
            report(&mut out, &scanner, &path, &labelled::read(&path)?)?;
        }
        Some(path) => writeln!(out, "{path}: not there, left out.\n")?,
        None => writeln!(out, "PII_SET is not set: no labelled texts.\n")?,
    }
    let seed = variable("SEED")
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(1);
    let notes =
        notes::generate(&std::fs::read_to_string(NOTES)?, seed).map_err(io::Error::other)?;
    report(
        &mut out,
        &scanner,
        &format!("generated notes, seed {seed}"),
        &notes,
    )?;
    let title = "clinical prose without identifiers";
    prose::report(&mut out, &scanner, title, (Path::new(CLINICAL), "txt"))?;
    match variable("PII_PROSE") {
        Some(folder) if Path::new(&folder).is_dir() => prose::report(
            &mut out,
            &scanner,
            "ordinary prose",
            (Path::new(&folder), "conll"),
        ),
        Some(folder) => writeln!(out, "{folder}: not there, left out."),
        None => writeln!(out, "PII_PROSE is not set: no ordinary prose."),
    }
}

/// The value of a variable of the environment that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn report(
    out: &mut impl Write,
    scanner: &Scanner,
    title: &str,
    documents: &[Document],
) -> io::Result<()> {
    let mut table = Table::default();
    for document in documents {
        table.add(document, &scanner.scan(&document.text));
    }
    writeln!(out, "{title}: {} texts\n", documents.len())?;
    table.print(out)
}
