//! Pages from the operating system that are kept out of the swap, and on Linux out of core dumps, where it can do that.

#[cfg_attr(unix, path = "pages/unix.rs")]
#[cfg_attr(windows, path = "pages/windows.rs")]
mod system;

pub(super) use system::{give_back, take};

/// What a forked child finds in the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fork {
    /// Zeros, on Linux. Elsewhere a copy.
    Emptied,
    /// A copy, which is neither dumped; the kernel passes on no lock, so the child's may be swapped out.
    Kept,
}
