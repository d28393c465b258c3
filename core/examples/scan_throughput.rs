//! Prints how many megabytes per second of one thread's time the scanner reads: clinical notes, code, hostile texts.
//!
//! `cargo run --release --no-default-features -p cloister-core --example scan_throughput [megabytes]`

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use cloister_core::scan::Scanner;

#[path = "../tests/hostile_inputs/mod.rs"]
mod hostile_inputs;

use hostile_inputs::hostile_inputs;

fn main() -> io::Result<()> {
    let megabytes: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(16);
    let mut out = io::stdout().lock();
    let begun = Instant::now();
    let all = Scanner::all();
    writeln!(
        out,
        "{} rules compiled in {:.1} ms",
        all.rules().len(),
        begun.elapsed().as_secs_f64() * 1e3
    )?;
    let (notes, code) = (notes(8 << 20), code(8 << 20));
    for (name, scanner) in [
        ("all", all.clone()),
        ("identifiers", Scanner::identifiers()),
        ("secrets", Scanner::secrets()),
    ] {
        for (kind, text) in [("clinical notes", &notes), ("source code", &code)] {
            let (speed, findings) = measure(&scanner, text);
            let (_, effort) = scanner.scan_measured(text);
            writeln!(
                out,
                "{name:>12} {kind:>15} {speed:8.1} MB/s {findings:8} findings, {:.2} bytes looked at again per byte",
                per(effort.bytes, text.len())
            )?;
        }
    }
    let short = &notes[..notes.floor_char_boundary(1024)];
    let begun = Instant::now();
    for _ in 0..2000 {
        std::hint::black_box(all.scan(std::hint::black_box(short)));
    }
    writeln!(
        out,
        "one call on 1 KB: {:.1} us",
        begun.elapsed().as_secs_f64() * 1e6 / 2000.0
    )?;
    writeln!(
        out,
        "{:>22} {:>9} {:>9} {:>6}",
        "hostile, MB/s",
        "1 MB",
        format!("{megabytes} MB"),
        "ratio"
    )?;
    let large = hostile_inputs(megabytes << 20);
    for ((name, small), (_, large)) in hostile_inputs(1 << 20).iter().zip(&large) {
        let (one, many) = (measure(&all, small).0, measure(&all, large).0);
        writeln!(out, "{name:>22} {one:9.1} {many:9.1} {:6.2}", many / one)?;
    }
    Ok(())
}

/// Megabytes per second, the best of three, and the number of findings.
fn measure(scanner: &Scanner, text: &str) -> (f64, usize) {
    let mut best = f64::MAX;
    let mut findings = 0;
    for _ in 0..3 {
        let begun = Instant::now();
        findings = scanner.scan(text).len();
        best = best.min(begun.elapsed().as_secs_f64());
    }
    (per(text.len(), 1) / 1e6 / best, findings)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "sizes of this program are far below 2^53"
)]
fn per(bytes: usize, of: usize) -> f64 {
    bytes as f64 / of as f64
}

/// Notes in the manner of a hospital, with an identifier in every second line.
fn notes(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    let mut n = 0;
    while text.len() < bytes {
        let (a, b, c) = (n % 9 + 1, n % 89 + 10, n % 8999 + 1000);
        let _ = write!(
            text,
            "DISCHARGE SUMMARY\nPatient: John Doe{b}  MRN: 98{c}1  DOB: 0{a}/1{a}/19{b}\n\
             Attending: Dr. Maria Keller. The patient is a {b}-year-old woman with a history of type 2 diabetes, hypertension and \
             chronic kidney disease stage 3 who presented with two days of worsening shortness of breath and a productive cough. \
             On arrival the blood pressure was 1{b}/8{a}, the pulse 9{a} and regular, and oxygen saturation 9{a} per cent on room air. \
             Lungs: crackles at both bases, no wheeze. Heart: regular rate and rhythm without murmur. Abdomen soft and not tender. \
             Laboratory data: sodium 13{a}, potassium 4.{a}, creatinine 1.{a}, white cell count 12.{a}, haemoglobin 1{a}.2.\n\
             She was started on ceftriaxone 1 g daily and azithromycin 500 mg, and improved over the following 4{a} hours. \
             Metformin 500 mg twice a day was held during the stay and resumed at discharge. She tolerated a regular diet, walked \
             in the hallway without assistance, and understands the plan. Follow-up in 2 weeks with her primary care physician; \
             call 555-{b}{a}-{c} with fever, chest pain or confusion. Copies were sent to jane{b}@example.com.\n\n"
        );
        n += 1;
    }
    text
}

/// This crate's own source, as often as it takes.
fn code(bytes: usize) -> String {
    let mut source = String::new();
    read_tree(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut source,
    );
    source.repeat(bytes.div_ceil(source.len().max(1)))
}

fn read_tree(folder: &Path, into: &mut String) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_tree(&path, into);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            into.push_str(&text);
        }
    }
}
