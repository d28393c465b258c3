//! The scanner's part in `make bench`; nothing here passes or fails.
//!
//! `serve` works on request: for each line `task repeats path` on standard input it scans the file so often and answers
//! with the seconds of processor time that it took and the number of findings. `hostile`, `threads` and `start` print
//! JSON lines.

#![allow(
    clippy::print_stdout,
    reason = "printing the figures is what this program is for"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::io::BufRead;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use cloister_core::scan::Scanner;
use rustix::time::{ClockId, clock_gettime};

#[path = "../tests/hostile_inputs/mod.rs"]
mod hostile_inputs;

use hostile_inputs::{hostile_inputs, hostile_text};

/// Stands between the documents of a file.
const SEPARATOR: char = '\x1e';
/// The texts of the hostile table, and the sizes of each in MiB.
const HOSTILE: [&str; 9] = [
    "a.a.a.",
    "eyJ-",
    "@",
    "digits",
    "BEGIN",
    "key=",
    "https://a:",
    "base64",
    "mixed",
];
const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).next() {
        Some("serve") => serve(),
        Some("hostile") => {
            hostile();
            Ok(())
        }
        Some("threads") => threads(arguments.get(1).map_or("", String::as_str)),
        Some("start") => start(),
        _ => {
            println!("this is a part of `make bench`");
            Ok(())
        }
    }
}

/// Processor time of this process so far.
fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
    .as_secs_f64()
}

/// Processor time of `work`.
fn cost(work: impl FnOnce()) -> f64 {
    let start = cpu_time();
    work();
    cpu_time() - start
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn serve() -> io::Result<()> {
    let mut texts: HashMap<String, String> = HashMap::new();
    let rules = || {
        Scanner::builder()
            .profile("hipaa")
            .map_err(io::Error::other)
    };
    let hipaa = rules()?.build().map_err(io::Error::other)?;
    let hipaa_secrets = rules()?.secrets().build().map_err(io::Error::other)?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut parts = line.splitn(3, ' ');
        let (Some(task), Some(repeats), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let scanner = match task {
            "identifiers" => Scanner::identifiers(),
            "secrets" => Scanner::secrets(),
            "hipaa" => hipaa.clone(),
            "hipaa-secrets" => hipaa_secrets.clone(),
            _ => Scanner::all(),
        };
        if !texts.contains_key(path) {
            texts.insert(path.to_owned(), fs::read_to_string(path)?);
        }
        let documents: Vec<&str> = texts[path].split(SEPARATOR).collect();
        let repeats: usize = repeats.parse().unwrap_or(1);
        let mut findings = 0;
        let seconds = cost(|| {
            for _ in 0..repeats {
                findings = documents
                    .iter()
                    .map(|text| black_box(scanner.scan(text)).len())
                    .sum();
            }
        });
        println!("{seconds} {findings}");
    }
    Ok(())
}

/// Megabytes per second for each hostile text at each size.
fn hostile() {
    let scanner = Scanner::all();
    let small = hostile_inputs(SIZES[0] << 20);
    for name in HOSTILE {
        let rates: Vec<f64> = SIZES
            .iter()
            .map(|&size| {
                let whole = small.iter().find(|(known, _)| *known == name);
                let text = match whole {
                    Some((_, text)) if size == SIZES[0] => text.clone(),
                    _ => hostile_text(name, size << 20),
                };
                let rounds = (8 / size).clamp(1, 5);
                let seconds = (0..rounds)
                    .map(|_| cost(|| drop(black_box(scanner.scan(&text)))))
                    .collect();
                rate(text.len(), median(seconds))
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({ "name": name, "sizes": SIZES, "rates": rates })
        );
    }
}

/// Two threads with one scanner against one, by the clock and by processor time.
fn threads(path: &str) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let scanner = Scanner::all();
    let run = |threads: usize| {
        let (clock, cpu) = (Instant::now(), cpu_time());
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| drop(black_box(scanner.scan(&text))));
            }
        });
        (clock.elapsed().as_secs_f64(), cpu_time() - cpu)
    };
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        one.push(run(1));
        two.push(run(2));
    }
    let least = |runs: &[(f64, f64)]| runs.iter().map(|run| run.0).fold(f64::MAX, f64::min);
    let middle = |runs: &[(f64, f64)]| median(runs.iter().map(|run| run.1).collect());
    println!(
        "{}",
        serde_json::json!({
            "clock": 2.0 * least(&one) / least(&two),
            "processor": 4.0 * middle(&one) / middle(&two),
        })
    );
    Ok(())
}

/// What the default scanner costs a fresh process.
fn start() -> io::Result<()> {
    let before = resident()?;
    let seconds = cost(|| drop(black_box(Scanner::all())));
    println!(
        "{}",
        serde_json::json!({ "milliseconds": seconds * 1e3, "megabytes": resident()? - before })
    );
    Ok(())
}

/// Resident memory of this process in megabytes (proc(5), `VmRSS`).
fn resident() -> io::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    Ok(kibibytes.unwrap_or(0.0) * 1024.0 / 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "a figure of three digits")]
fn rate(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e6
}
