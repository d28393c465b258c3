//! Writes the table of `core/src/scan/wording.rs` from the words of a tree of sources.
//!
//! `cargo vendor --locked /tmp/sources && cargo run --release --no-default-features -p cloister-core --example wording \
//! /tmp/sources core/src/scan/wording.bin`
//!
//! The sources are those of the dependencies in `Cargo.lock`, all of permissive licences. Each word counts by the
//! logarithm of how often it occurs, so that the table is of the language and not of one author. The same sources give the
//! same table.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const SYMBOLS: usize = 27;
/// Bits that one step of the table stands for.
const STEP: f64 = 0.75;
/// How much the shorter context weighs, in occurrences.
const BACKOFF: f64 = 8.0;
/// Rarer words are taken for identifiers without meaning.
const MIN_OCCURRENCES: u32 = 4;
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=20;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sources, table] = arguments.as_slice() else {
        return Err(io::Error::other(
            "say where the sources are and where the table goes",
        ));
    };
    let mut words = BTreeMap::new();
    read(Path::new(sources), &mut words)?;
    words.retain(|word: &String, count| *count >= MIN_OCCURRENCES && LENGTHS.contains(&word.len()));
    std::fs::write(table, packed(&costs(&words)))
}

/// Counts the words of Rust sources and Markdown, in lower case.
fn read(folder: &Path, words: &mut BTreeMap<String, u32>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, words)?;
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "md")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            for run in text.split(|c: char| !c.is_ascii_alphabetic()) {
                for word in parts(run) {
                    *words.entry(word.to_ascii_lowercase()).or_default() += 1;
                }
            }
        }
    }
    Ok(())
}

/// The words of `camelCase` and `HTTPServer`.
fn parts(run: &str) -> impl Iterator<Item = &str> {
    let bytes = run.as_bytes();
    let mut cuts: Vec<usize> = (1..bytes.len())
        .filter(|&at| {
            bytes[at].is_ascii_uppercase()
                && (bytes[at - 1].is_ascii_lowercase()
                    || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
        })
        .collect();
    cuts.insert(0, 0);
    cuts.push(bytes.len());
    (1..cuts.len()).map(move |place| &run[cuts[place - 1]..cuts[place]])
}

/// The cost in bits of each symbol behind each pair, interpolated with what shorter contexts say (Witten and Bell 1991).
fn costs(words: &BTreeMap<String, u32>) -> Vec<f64> {
    let mut one = vec![1.0; SYMBOLS];
    let mut two = vec![0.0; SYMBOLS * SYMBOLS];
    let mut three = vec![0.0; SYMBOLS * SYMBOLS * SYMBOLS];
    for (word, &count) in words {
        let weight = 1.0 + f64::from(count).ln();
        let (mut before, mut last) = (0, 0);
        for symbol in word
            .bytes()
            .map(|byte| usize::from(byte - b'a' + 1))
            .chain([0])
        {
            one[symbol] += weight;
            two[SYMBOLS * last + symbol] += weight;
            three[SYMBOLS * (SYMBOLS * before + last) + symbol] += weight;
            (before, last) = (last, symbol);
        }
    }
    let all: f64 = one.iter().sum();
    let sums = |counts: &[f64]| -> Vec<f64> {
        counts.chunks(SYMBOLS).map(|row| row.iter().sum()).collect()
    };
    let (two_sums, three_sums) = (sums(&two), sums(&three));
    (0..three.len())
        .map(|place| {
            let (pair, symbol) = (place / SYMBOLS, place % SYMBOLS);
            let last = pair % SYMBOLS;
            let shortest = one[symbol] / all;
            let short =
                (two[SYMBOLS * last + symbol] + BACKOFF * shortest) / (two_sums[last] + BACKOFF);
            -((three[place] + BACKOFF * short) / (three_sums[pair] + BACKOFF)).log2()
        })
        .collect()
}

/// Two costs a byte, the lower half first.
fn packed(costs: &[f64]) -> Vec<u8> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is clamped to four bits"
    )]
    let steps: Vec<u8> = costs
        .iter()
        .map(|cost| (cost / STEP).round().clamp(0.0, 15.0) as u8)
        .collect();
    steps
        .chunks(2)
        .map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 4))
        .collect()
}
