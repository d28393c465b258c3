//! Prints precision, recall, F1 and F2 of the secret rules, per kind, and where they miss or report something for nothing.
//!
//! `cargo run --release --no-default-features -p cloister-core --example secret_quality`
//!
//! What is read, each left out where it is not there:
//!
//! * standard input, unless it is a terminal: labelled lines, JSON objects with `text`, `expect` (whether it holds a secret)
//!   and `rule` (its kind), and perhaps `path`, `line_start` and `whole` (the secret that has to be covered);
//! * generated keys of many kinds in many writings, the same for the same `SEED`;
//! * `CLEAN_SOURCE`: a folder of source code without secrets, of which up to 40 MB are read; crates of cryptography in it,
//!   which hold published test vectors, are left out.
//!
//! Places are printed, not values. `SHOW=missed` and `SHOW=false` print the lines too: use them on public data only.

mod clean;
mod labelled;
mod pasted;
mod score;
#[path = "../../tests/writings/mod.rs"]
mod writings;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use cloister_core::scan::Scanner;

fn main() -> io::Result<()> {
    let scanner = Scanner::secrets();
    let mut out = io::stdout().lock();
    let lines = io::stdin().lock();
    if lines.is_terminal() {
        writeln!(out, "Standard input is a terminal: no labelled lines.\n")?;
    } else {
        labelled::report(&mut out, &scanner, lines)?;
    }
    let seed = variable("SEED")
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(1);
    pasted::report(&mut out, &scanner, seed)?;
    match variable("CLEAN_SOURCE") {
        Some(folder) if Path::new(&folder).is_dir() => {
            clean::report(&mut out, &scanner, Path::new(&folder))
        }
        Some(folder) => writeln!(out, "{folder}: not there, left out."),
        None => writeln!(out, "CLEAN_SOURCE is not set: no clean source code."),
    }
}

/// The value of a variable of the environment that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
