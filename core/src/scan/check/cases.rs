//! How the tests of the checks are written: numbers that are right, and numbers that are wrong.

use std::fmt::Debug;

use super::Verdict;

/// Panics with all the numbers of which `of` says the opposite. Those in `right` may be plausible.
pub(super) fn assert_tells_apart<C: Copy + Debug>(
    of: impl Fn(C, &str) -> Verdict,
    cases: &[(C, &[&str], &[&str])],
) {
    let mut misjudged = Vec::new();
    for &(check, right, wrong) in cases {
        misjudged.extend(
            right
                .iter()
                .filter(|value| of(check, value) == Verdict::Invalid)
                .map(|value| (check, "is refused", *value)),
        );
        misjudged.extend(
            wrong
                .iter()
                .filter(|value| of(check, value) != Verdict::Invalid)
                .map(|value| (check, "passes", *value)),
        );
    }
    assert!(misjudged.is_empty(), "{misjudged:#?}");
}
