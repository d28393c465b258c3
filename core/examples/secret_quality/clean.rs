//! Source code without secrets: every finding in it is a false one.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cloister_core::scan::Scanner;

use crate::variable;

/// How much is read, in bytes.
const LIMIT: usize = 40 << 20;
/// What source code is called.
const EXTENSIONS: [&str; 10] = ["c", "go", "h", "hpp", "java", "js", "py", "rb", "rs", "ts"];
/// Folders in which made-up secrets are expected.
const LEFT_OUT: [&str; 9] = [
    "benches",
    "data",
    "examples",
    "fuzz",
    "idle_test",
    "test",
    "testdata",
    "tests",
    "vectors",
];

/// Native libraries of cryptography, as `links` names them in the manifest of a crate that brings their sources.
const CRYPTOGRAPHY: [&str; 6] = [
    "aws_lc",
    "boringssl",
    "crypto",
    "mbedtls",
    "openssl",
    "sodium",
];

/// Prints how many findings there are in the sources under `folder`, by rule, and how fast they were read.
pub(crate) fn report(out: &mut impl Write, scanner: &Scanner, folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    sources(folder, &mut files);
    files.sort();
    let show = variable("SHOW").unwrap_or_default();
    let (mut read, mut seconds, mut rules) = (0, 0.0, BTreeMap::<String, u32>::new());
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if read + text.len() > LIMIT {
            continue;
        }
        read += text.len();
        let begun = Instant::now();
        let found = scanner.scan(&text);
        seconds += begun.elapsed().as_secs_f64();
        for finding in &found {
            *rules.entry(finding.rule().id().to_owned()).or_default() += 1;
            if show == "false" {
                let shown = text[finding.context()].escape_debug().to_string();
                writeln!(out, "{} {shown:.160}", finding.rule().id())?;
            }
        }
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "sizes of this program are far below 2^53"
    )]
    let megabytes = read as f64 / 1e6;
    let count: u32 = rules.values().sum();
    writeln!(
        out,
        "clean source code: {count} findings in {megabytes:.1} MB, {:.0} MB/s",
        megabytes / seconds
    )?;
    for (rule, count) in &rules {
        writeln!(out, "{rule:<36} {count:6}")?;
    }
    Ok(())
}

/// Whether `folder` is a crate of cryptography, which checks itself with the keys of published test vectors: its manifest has
/// the word among its categories or keywords, or links one of [`CRYPTOGRAPHY`].
fn is_of_cryptography(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.contains("\"cryptography\"")
        || manifest
            .lines()
            .filter_map(|line| line.strip_prefix("links = \""))
            .any(|links| CRYPTOGRAPHY.iter().any(|known| links.starts_with(known)))
}

/// The source files under `folder`, without the folders [`LEFT_OUT`] and the crates of cryptography.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    if is_of_cryptography(folder) {
        return;
    }
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
        } else if path
            .extension()
            .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
            && name != "tests.rs"
        {
            into.push(path);
        }
    }
}
