//! What this machine lets the process have: memory and cores, with the limits of its control group.

mod cgroup;
mod cores;
mod memory;

#[cfg(feature = "llama")]
pub(super) use cores::threads;
#[cfg(feature = "llama")]
pub(super) use memory::available;
