//! What holds on other systems than Linux, beside what holds everywhere.

use super::locked::can_be_locked;

const KEPT: &str = "keys and vaults: locked in memory, so that they are not swapped out, as far as the system's limit goes";
const SWAPPED: &str =
    "keys and vaults: this system does not lock them in memory, so that they may be swapped out";

#[cfg(windows)]
const DUMPED: &str = "keys and vaults: a dump of this process holds them";
#[cfg(not(windows))]
const DUMPED: &str = "keys and vaults: a core dump holds them, and so does a forked child";

#[cfg(windows)]
const RIGHTS: &str = "files: new ones have the rights that their folder gives them, and those of key files are not read";

#[cfg(all(windows, feature = "models"))]
const HELD: &str = "model file: while it is loaded, nobody can write to it, rename it or remove it";
#[cfg(all(not(windows), feature = "llama"))]
const REOPENED: &str = "model file: llama.cpp opens it by its name a second time";

/// Adds the statements to those that hold and those that do not.
pub(super) fn tell(enforced: &mut Vec<&str>, not_enforced: &mut Vec<&str>) {
    if can_be_locked() {
        enforced.push(KEPT);
    } else {
        not_enforced.push(SWAPPED);
    }
    not_enforced.push(DUMPED);
    #[cfg(windows)]
    not_enforced.push(RIGHTS);
    #[cfg(all(windows, feature = "models"))]
    enforced.push(HELD);
    #[cfg(all(not(windows), feature = "llama"))]
    not_enforced.push(REOPENED);
}
