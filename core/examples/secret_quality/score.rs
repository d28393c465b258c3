//! Counting what was found, missed and found for nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};

/// Counts of one kind.
#[derive(Default)]
struct Score {
    found: u32,
    missed: u32,
    false_alarms: u32,
}

impl Score {
    fn add(&mut self, expected: bool, found: bool) {
        self.found += u32::from(expected && found);
        self.missed += u32::from(expected && !found);
        self.false_alarms += u32::from(!expected && found);
    }

    /// Precision, recall, F1 and F2. What there is none of counts as right.
    fn figures(&self) -> [f64; 4] {
        let share = |of: u32| match of {
            0 => 1.0,
            of => f64::from(self.found) / f64::from(of),
        };
        let precision = share(self.found + self.false_alarms);
        let recall = share(self.found + self.missed);
        let f = |beta: f64| {
            let weighted = (beta * beta * precision + recall).max(f64::MIN_POSITIVE);
            (1.0 + beta * beta) * precision * recall / weighted
        };
        [precision, recall, f(1.0), f(2.0)]
    }
}

/// The figures of all cases so far, and the places of those that went wrong.
#[derive(Default)]
pub(crate) struct Table {
    kinds: BTreeMap<String, Score>,
    all: Score,
    /// Places by what went wrong, the kind and the file or writing.
    wrong: BTreeMap<(&'static str, String, String), Vec<u64>>,
}

impl Table {
    /// `place` is a file or a writing, `line` a line in it from 1 on.
    pub(crate) fn add(&mut self, kind: &str, expected: bool, found: bool, place: &str, line: u64) {
        self.kinds
            .entry(kind.to_owned())
            .or_default()
            .add(expected, found);
        self.all.add(expected, found);
        if expected != found {
            let how = if expected { "missed" } else { "false" };
            let key = (how, kind.to_owned(), place.to_owned());
            self.wrong.entry(key).or_default().push(line);
        }
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<36} {:>6} {:>6} {:>6}  {:>5} {:>5} {:>5} {:>5}",
            "kind", "found", "missed", "false", "P", "R", "F1", "F2"
        )?;
        for (kind, score) in &self.kinds {
            line(out, kind, score)?;
        }
        line(out, "all", &self.all)?;
        writeln!(out)?;
        for ((how, kind, place), lines) in &self.wrong {
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            writeln!(out, "{how:>6} {kind}: {place} {}", lines.join(" "))?;
        }
        writeln!(out)
    }
}

fn line(out: &mut impl Write, kind: &str, score: &Score) -> io::Result<()> {
    let [precision, recall, f1, f2] = score.figures();
    writeln!(
        out,
        "{kind:<36} {:>6} {:>6} {:>6}  {precision:5.3} {recall:5.3} {f1:5.3} {f2:5.3}",
        score.found, score.missed, score.false_alarms
    )
}
