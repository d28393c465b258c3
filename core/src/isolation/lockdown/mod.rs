//! Which system calls a thread may still make, enforced by the kernel (Linux: seccomp, and Landlock for a whole process).
//!
//! | file | what it is for |
//! |---|---|
//! | `ledger` | what was refused, and who is told |
//! | `rules` | which calls are allowed, and which ones nobody makes by accident |
//! | `filter` | rules as a program for the kernel |
//! | `watch` | the thread that answers for the kernel, and notes what was refused |
//! | `gate` | locking one thread |
//! | `process` | locking all of them |
//! | `probe` | trying what must be refused |
//!
//! What this cannot do: threads share memory. A lockdown of some threads stops their own calls, and with it accidents and
//! most payloads; code that runs on them and corrupts the memory of an unlocked thread gets around it. The lockdown of
//! the whole process leaves no such thread.

#![cfg_attr(
    not(feature = "llama"),
    allow(
        dead_code,
        reason = "without an engine, only the lock of the process is left"
    )
)]

#[cfg(target_os = "linux")]
mod filter;
#[cfg(any(feature = "llama", test))]
mod gate;
mod ledger;
#[cfg(any(feature = "llama", test))]
mod probe;
mod process;
#[cfg(target_os = "linux")]
mod rules;
#[cfg(all(test, target_os = "linux"))]
mod tests;
#[cfg(target_os = "linux")]
mod watch;

#[cfg(any(feature = "llama", test))]
pub(crate) use gate::{Gate, Rules};
#[cfg(any(feature = "llama", test, target_os = "linux"))]
pub(crate) use ledger::Ledger;
pub use ledger::{Observer, Violation};
#[cfg(any(feature = "llama", test))]
pub(crate) use probe::run as probe_this_thread;
pub use process::{ProcessLock, ProcessOptions, lock_process};
pub(crate) use process::{is_locked as process_is_locked, violations as process_violations};

/// One thing that was tried on a locked thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What was tried, for example `socket`.
    pub name: &'static str,
    /// Whether the kernel refused it. `None` where it was not tried, because the thread is not locked and it would have
    /// had an effect.
    pub refused: Option<bool>,
}

/// Whether the threads of an engine are confined by the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lockdown {
    /// They are, before they touch llama.cpp, and so are the workers that they start: no socket, no other program, no other
    /// process, no file opened for writing, and once the model is loaded no file opened at all. What they try
    /// nevertheless fails with `EPERM` and is recorded; the process lives on. The host's threads keep everything.
    ///
    /// Linux on x86-64, ARM64 and RISC-V (64 bits). Elsewhere nothing is confined, and [`super::report`] says so.
    #[default]
    Engine,
    /// They are not. Every record of a guarded call says so.
    Off,
}

impl Lockdown {
    /// `engine` or `off`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Off => "off",
        }
    }

    /// [`Lockdown::as_str`] backwards.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::InvalidArgument`] for another text.
    pub fn parse(text: &str) -> crate::Result<Self> {
        match text {
            "engine" => Ok(Self::Engine),
            "off" => Ok(Self::Off),
            _ => Err(crate::Error::new(
                crate::Kind::InvalidArgument,
                "`lockdown` is neither `engine` nor `off`",
            )),
        }
    }

    /// Whether this machine can do it: the operating system and the processor, not the kernel's version.
    pub const fn is_supported() -> bool {
        cfg!(all(
            target_os = "linux",
            any(
                target_arch = "x86_64",
                target_arch = "aarch64",
                target_arch = "riscv64"
            )
        ))
    }
}
