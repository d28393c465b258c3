//! Counting what was found, missed and found for nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use cloister_core::scan::Finding;

use crate::labelled::Document;

/// The share of two spans' union that they must have in common to count as one.
const SAME: f64 = 0.75;
/// What taggers of names are judged by, and this table's last line is not.
const NAMES: &[&str] = &["PERSON", "ORGANIZATION", "LOCATION", "GPE", "NRP", "TITLE"];

/// The kinds of findings that a kind of gold goes by; any other is written in capitals.
const ALIASES: &[(&str, &str)] = &[
    ("name", "PERSON"),
    ("organization", "ORGANIZATION"),
    ("organisation", "ORGANIZATION"),
    ("place", "LOCATION"),
    ("city", "LOCATION"),
    ("country", "LOCATION"),
    ("nationality", "NRP"),
    ("phone", "PHONE_NUMBER"),
    ("email", "EMAIL_ADDRESS"),
    ("date", "DATE_TIME"),
    ("dob", "DATE_TIME"),
    ("url", "DOMAIN_NAME"),
    ("domain", "DOMAIN_NAME"),
    ("ssn", "US_SSN"),
    ("ipv4", "IP_ADDRESS"),
    ("ipv6", "IP_ADDRESS"),
    ("license_number", "US_DRIVER_LICENSE"),
    ("zip", "ADDRESS"),
    ("ZIP_CODE", "ADDRESS"),
    ("STREET_ADDRESS", "ADDRESS"),
    ("IBAN_CODE", "IBAN"),
    ("GPE", "LOCATION"),
];

fn known_as(kind: &str) -> String {
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == kind)
        .map_or_else(|| kind.to_uppercase(), |(_, known)| (*known).to_owned())
}

/// Counts of one kind, once for any overlap and once for spans that are nearly the same.
#[derive(Default, Clone, Copy)]
struct Score {
    gold: u32,
    touched: u32,
    matched: u32,
    found: u32,
    touching: u32,
    matching: u32,
}

impl Score {
    fn add(&mut self, other: &Self) {
        self.gold += other.gold;
        self.touched += other.touched;
        self.matched += other.matched;
        self.found += other.found;
        self.touching += other.touching;
        self.matching += other.matching;
    }
}

/// Precision, recall, F1 and F2. What there is none of counts as right.
fn figures(right: u32, found: u32, hit: u32, gold: u32) -> [f64; 4] {
    let share = |part: u32, of: u32| {
        if of == 0 {
            1.0
        } else {
            f64::from(part) / f64::from(of)
        }
    };
    let (precision, recall) = (share(right, found), share(hit, gold));
    let f = |beta: f64| {
        let weighted = beta * beta * precision + recall;
        if weighted > 0.0 {
            (1.0 + beta * beta) * precision * recall / weighted
        } else {
            0.0
        }
    };
    [precision, recall, f(1.0), f(2.0)]
}

/// The figures of all documents so far, and what was wrong in them.
#[derive(Default)]
pub(crate) struct Table {
    kinds: BTreeMap<String, Score>,
    wrong: BTreeMap<String, Vec<String>>,
}

impl Table {
    pub(crate) fn add(&mut self, document: &Document, findings: &[Finding]) {
        let text = &document.text;
        let gold = document.gold.iter();
        let gold = Spans::new(
            text,
            gold.map(|gold| (known_as(&gold.kind), gold.span.clone())),
        );
        let found = findings.iter();
        let found = Spans::new(
            text,
            found.map(|found| (known_as(found.kind()), found.span())),
        );
        for (place, item) in document.gold.iter().enumerate() {
            let kind = known_as(&item.kind);
            let score = self.kinds.entry(kind.clone()).or_default();
            let touched = found
                .single
                .iter()
                .any(|span| overlap(span, &item.span) > 0);
            let matched = gold.has_match(place, &found);
            score.gold += 1;
            score.touched += u32::from(touched);
            score.matched += u32::from(matched);
            if !matched {
                let how = if touched { "in part" } else { "missed" };
                self.note(&kind, how, "", text, &item.span);
            }
        }
        for (place, item) in findings.iter().enumerate() {
            let kind = known_as(item.kind());
            let score = self.kinds.entry(kind.clone()).or_default();
            let touching = gold
                .single
                .iter()
                .any(|span| overlap(span, &item.span()) > 0);
            let matching = found.has_match(place, &gold);
            score.found += 1;
            score.touching += u32::from(touching);
            score.matching += u32::from(matching);
            if !matching {
                let how = if touching { "beyond" } else { "false" };
                self.note(&kind, how, item.rule().id(), text, &item.span());
            }
        }
    }

    fn note(&mut self, kind: &str, how: &str, rule: &str, text: &str, span: &Range<usize>) {
        let from = text.floor_char_boundary(span.start.saturating_sub(30));
        let to = text.ceil_char_boundary(text.len().min(span.end + 30));
        let shown = format!(
            "{how:>8} {rule:<18} {}«{}»{}",
            &text[from..span.start],
            &text[span.clone()],
            &text[span.end..to]
        );
        self.wrong
            .entry(kind.to_owned())
            .or_default()
            .push(shown.replace('\n', "⏎"));
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<20} {:>5} {:>5}  {:^23}  {:^23}",
            "", "", "", "any overlap", "IoU >= .75"
        )?;
        writeln!(
            out,
            "{:<20} {:>5} {:>5}  {:>5} {:>5} {:>5} {:>5}  {:>5} {:>5} {:>5} {:>5}",
            "kind", "gold", "found", "P", "R", "F1", "F2", "P", "R", "F1", "F2"
        )?;
        let (mut all, mut others) = (Score::default(), Score::default());
        for (kind, score) in &self.kinds {
            all.add(score);
            if !NAMES.contains(&kind.as_str()) {
                others.add(score);
            }
            line(out, kind, score)?;
        }
        line(out, "all", &all)?;
        line(out, "all but names", &others)?;
        for (kind, wrong) in &self.wrong {
            writeln!(out, "\n{kind}")?;
            for shown in wrong {
                writeln!(out, "{shown}")?;
            }
        }
        writeln!(out)
    }
}

fn line(out: &mut impl Write, kind: &str, score: &Score) -> io::Result<()> {
    write!(out, "{kind:<20} {:>5} {:>5} ", score.gold, score.found)?;
    for [precision, recall, f1, f2] in [
        figures(score.touching, score.found, score.touched, score.gold),
        figures(score.matching, score.found, score.matched, score.gold),
    ] {
        write!(out, " {precision:5.3} {recall:5.3} {f1:5.3} {f2:5.3} ")?;
    }
    writeln!(out)
}

/// Spans as they are, each with its neighbours of the same kind that only space and punctuation part from it, and each with
/// all such neighbours: whether an address is labelled as one span or as three must not matter.
struct Spans {
    single: Vec<Range<usize>>,
    of_kind: Vec<Range<usize>>,
    joined: Vec<Range<usize>>,
}

impl Spans {
    fn new(text: &str, spans: impl Iterator<Item = (String, Range<usize>)>) -> Self {
        let spans: Vec<(String, Range<usize>)> = spans.collect();
        Self {
            single: spans.iter().map(|(_, span)| span.clone()).collect(),
            of_kind: joined(text, &spans, |a, b| a == b),
            joined: joined(text, &spans, |_, _| true),
        }
    }

    /// Whether one of `other`, alone or joined, is nearly the same as the span at `place`, alone or joined.
    fn has_match(&self, place: usize, other: &Self) -> bool {
        let mine = [
            &self.single[place],
            &self.of_kind[place],
            &self.joined[place],
        ];
        let theirs = other
            .single
            .iter()
            .chain(&other.of_kind)
            .chain(&other.joined);
        theirs
            .into_iter()
            .any(|span| mine.iter().any(|own| same(own, span)))
    }
}

/// For each span the stretch that it makes with its neighbours of a kind that `belongs` to its own.
fn joined(
    text: &str,
    spans: &[(String, Range<usize>)],
    belongs: impl Fn(&str, &str) -> bool,
) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut of = Vec::new();
    for (place, (kind, span)) in spans.iter().enumerate() {
        let touches = stretches.last().is_some_and(|last| {
            let gap = text.get(last.end..span.start);
            belongs(&spans[place - 1].0, kind)
                && gap.is_some_and(|gap| !gap.contains(char::is_alphanumeric))
        });
        match stretches.last_mut() {
            Some(last) if touches => last.end = last.end.max(span.end),
            _ => stretches.push(span.clone()),
        }
        of.push(stretches.len() - 1);
    }
    of.iter().map(|&place| stretches[place].clone()).collect()
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

#[allow(
    clippy::cast_precision_loss,
    reason = "spans are far shorter than 2^53 bytes"
)]
fn same(a: &Range<usize>, b: &Range<usize>) -> bool {
    let common = overlap(a, b);
    let union = a.len() + b.len() - common;
    common > 0 && common as f64 / union as f64 >= SAME
}
