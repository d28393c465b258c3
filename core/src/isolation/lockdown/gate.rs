//! Locking one thread.

use std::sync::Arc;

use super::{Ledger, Lockdown};
use crate::Result;

/// What a locked thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Loading a model: it may read files.
    Loading,
    /// Everything after that: it may compute.
    Serving,
}

/// Made by a thread that is not locked, taken along by one that will be.
pub(crate) struct Gate {
    #[cfg(target_os = "linux")]
    watch: Option<std::sync::mpsc::Sender<std::os::fd::OwnedFd>>,
}

impl Gate {
    /// A gate that notes in `ledger` what will be refused behind it.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(
            clippy::unnecessary_wraps,
            reason = "on Linux it starts a thread, which may fail"
        )
    )]
    pub(crate) fn new(lockdown: Lockdown, ledger: &Arc<Ledger>) -> Result<Self> {
        #[cfg(target_os = "linux")]
        return Ok(Self {
            watch: match lockdown {
                Lockdown::Off => None,
                Lockdown::Engine => Some(super::watch::start(Arc::clone(ledger))?),
            },
        });
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (lockdown, ledger);
            Ok(Self {})
        }
    }

    /// Locks this thread and all that it will start, for good. Signals go to other threads from now on: their handlers may
    /// want calls that are refused here.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Unsupported`] where the kernel has no filters or does not let this process install one.
    #[cfg(target_os = "linux")]
    pub(crate) fn pass(self, rules: Rules) -> Result<()> {
        use super::filter::{Meaning, Refusal, compile, install, unsupported};
        use super::rules::{loading, refused_to_a_process, serving};

        let Some(watch) = self.watch else {
            return Ok(());
        };
        block_signals();
        let table = match rules {
            Rules::Loading => loading()?,
            Rules::Serving => serving()?,
        };
        let noted = compile(table.clone(), Meaning::Allowed, Refusal::Noted)?;
        match install(&noted, Refusal::Noted, 0) {
            Ok(Some(listener)) => {
                // The watching thread waits for it.
                drop(watch.send(listener));
                Ok(())
            }
            // Only one filter of a thread may have a listener. Where the whole process is locked by this library, or by a
            // container's supervisor, that one exists: what it refuses is left to it, so that it is noted there.
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
                let mut table = table;
                if super::process::is_locked() {
                    table.extend(
                        refused_to_a_process()?
                            .into_keys()
                            .map(|call| (call, Vec::new())),
                    );
                }
                let silent = compile(table, Meaning::Allowed, Refusal::Silent)?;
                install(&silent, Refusal::Silent, 0)
                    .map(drop)
                    .map_err(|_| unsupported())
            }
            _ => Err(unsupported()),
        }
    }

    /// Nothing can be locked here.
    #[cfg(not(target_os = "linux"))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "on Linux it has something to do"
    )]
    pub(crate) fn pass(self, _rules: Rules) -> Result<()> {
        Ok(())
    }
}

/// All but those that a fault of this very thread raises.
#[cfg(target_os = "linux")]
fn block_signals() {
    // SAFETY: the set is initialised by `sigfillset` before it is used, and the calls touch nothing else.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&raw mut set);
        for fault in [
            libc::SIGABRT,
            libc::SIGBUS,
            libc::SIGFPE,
            libc::SIGILL,
            libc::SIGSEGV,
            libc::SIGSYS,
            libc::SIGTRAP,
        ] {
            libc::sigdelset(&raw mut set, fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
    }
}
