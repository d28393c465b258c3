//! Pages from the operating system that are kept out of the swap, and on Linux out of core dumps, where it can do that.

#[cfg_attr(unix, path = "pages/unix.rs")]
#[cfg_attr(windows, path = "pages/windows.rs")]
mod system;

pub(super) use system::{give_back, take};
