//! Keys as people paste them: of many kinds, in many writings.

use std::io::{self, Write};

use cloister_core::scan::Scanner;

use crate::score::Table;
use crate::writings::{Digits, writings};

/// So often each kind is made anew.
const ROUNDS: usize = 8;

/// Prints in how many writings each kind of key is covered from its first to its last character.
pub(crate) fn report(out: &mut impl Write, scanner: &Scanner, seed: u64) -> io::Result<()> {
    let mut digits = Digits(seed);
    let mut table = Table::default();
    for round in 1..=ROUNDS {
        for writing in writings(&mut digits) {
            let found = scanner.scan(&writing.text);
            let whole = writing
                .text
                .match_indices(&writing.secret)
                .all(|(start, secret)| {
                    found.iter().any(|finding| {
                        finding.span().start <= start && finding.span().end >= start + secret.len()
                    })
                });
            let place = writing.context.escape_debug().to_string();
            table.add(writing.kind, true, whole, &place, round as u64);
        }
    }
    writeln!(out, "keys in writings, seed {seed}\n")?;
    table.print(out)
}
