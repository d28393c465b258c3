//! Keys as people paste them: 36 kinds in 25 writing contexts, the whole key covered.

mod writings;

use cloister_core::scan::Scanner;

use writings::{Digits, writings};

#[test]
fn keys_in_all_writings_are_covered_from_the_first_to_the_last_character() {
    const ROUNDS: usize = 8;
    let scanner = Scanner::secrets();
    let mut digits = Digits(2026);
    let (mut cases, mut failures) = (0_u32, Vec::new());
    for _ in 0..ROUNDS {
        for writing in writings(&mut digits) {
            let found = scanner.scan(&writing.text);
            for (start, _) in writing.text.match_indices(&writing.secret) {
                cases += 1;
                let end = start + writing.secret.len();
                let whole = found
                    .iter()
                    .any(|finding| finding.span().start <= start && finding.span().end >= end);
                // Nor may a finding take in what follows the key.
                let tidy = found.iter().all(|finding| {
                    let span = finding.span();
                    span.end <= start || span.start >= end || span.end == end
                });
                if !whole || !tidy {
                    failures.push(format!("{} in {:?}", writing.kind, writing.context));
                }
            }
        }
    }
    failures.sort();
    failures.dedup();
    assert!(cases >= 36 * 25, "{cases} cases");
    assert!(
        failures.is_empty(),
        "of {cases} cases:\n{}",
        failures.join("\n")
    );
}
