//! Locking every thread of the process.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
use std::sync::{Arc, OnceLock};

use super::{Observer, Violation};
use crate::Result;

/// How a process is locked.
#[derive(Default)]
pub struct ProcessOptions {
    /// Directories and files that may still be written to, the audit log's directory for example. They must exist.
    pub writable: Vec<PathBuf>,
    /// Who is told what was refused.
    pub observer: Option<Observer>,
}

/// What holds since [`lock_process`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessLock {
    /// Threads that were there already: what writes to files is refused to the calling thread and to those that it starts,
    /// but not to these. Everything else holds for all. 1 is the calling thread alone.
    pub threads: usize,
    /// Whether refused calls are noted. Not so where a container's supervisor listens already.
    pub noted: bool,
}

/// Locks all threads of this process, for good: no new connection (`socket`, `connect`, `accept`, …), no other program, no
/// other process, no access to the memory of others (seccomp, all threads at once), and no file written, made or removed
/// but in `writable` (Landlock: the calling thread and those that it starts). Reading files, and connections that are open
/// already, go on. A refused call fails with `EPERM` or `EACCES`; the process lives on.
///
/// Call it at the beginning of a program, when it has one thread, and before a model is loaded.
///
/// # Errors
///
/// [`crate::Kind::Unsupported`] where the kernel lacks seccomp filters or Landlock, and after a model was loaded with a
/// lockdown of its own; [`crate::Kind::NotFound`] and [`crate::Kind::Io`] for a path that cannot be opened;
/// [`crate::Kind::InvalidArgument`] the second time. Nothing is locked then.
pub fn lock_process(options: ProcessOptions) -> Result<ProcessLock> {
    #[cfg(target_os = "linux")]
    return lock(options);
    #[cfg(not(target_os = "linux"))]
    {
        drop(options);
        Err(crate::Error::new(
            crate::Kind::Unsupported,
            "a process can be locked on Linux only",
        ))
    }
}

/// What was refused to the process since it was locked.
pub(crate) fn violations() -> Vec<Violation> {
    #[cfg(target_os = "linux")]
    if let Some(ledger) = LOCKED.get() {
        return ledger.violations();
    }
    Vec::new()
}

/// Whether [`lock_process`] has succeeded.
pub(crate) fn is_locked() -> bool {
    #[cfg(target_os = "linux")]
    return LOCKED.get().is_some();
    #[cfg(not(target_os = "linux"))]
    false
}

#[cfg(target_os = "linux")]
static LOCKED: OnceLock<Arc<super::Ledger>> = OnceLock::new();

#[cfg(target_os = "linux")]
fn lock(options: ProcessOptions) -> Result<ProcessLock> {
    use super::filter::Refusal;
    use crate::isolation::threads;
    use crate::{Error, Kind};

    if is_locked() {
        return Err(Error::new(
            Kind::InvalidArgument,
            "the process is locked already",
        ));
    }
    let files = file_wall(&options.writable)?;
    let threads = threads().len().max(1);
    let ledger = Arc::new(super::Ledger::default());
    if let Some(observer) = options.observer {
        ledger.tell(observer);
    }
    let watch = super::watch::start(Arc::clone(&ledger))?;
    let noted = match refuse(Refusal::Noted)? {
        Some(listener) => watch.send(listener).is_ok(),
        None => false,
    };
    let _ = LOCKED.set(ledger);
    // Checked before: what can still go wrong here is the kernel.
    files
        .restrict_self()
        .map_err(|_| Error::new(Kind::Unsupported, "this kernel did not enforce Landlock"))?;
    Ok(ProcessLock { threads, noted })
}

/// Installs the filter in all threads.
#[cfg(target_os = "linux")]
fn refuse(refusal: super::filter::Refusal) -> Result<Option<std::os::fd::OwnedFd>> {
    use super::filter::{Meaning, Refusal, compile, install, unsupported};
    use super::rules::refused_to_a_process;
    use crate::{Error, Kind};

    let program = compile(refused_to_a_process()?, Meaning::Refused, refusal)?;
    let all = libc::SECCOMP_FILTER_FLAG_TSYNC | libc::SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
    match (install(&program, refusal, all), refusal) {
        (Ok(listener), _) => Ok(listener),
        (Err(error), Refusal::Noted) if error.raw_os_error() == Some(libc::EBUSY) => {
            refuse(Refusal::Silent)
        }
        (Err(error), _) if error.raw_os_error() == Some(libc::ESRCH) => Err(Error::new(
            Kind::Unsupported,
            "a thread of this process has filters of its own already; hint: lock the process before a model is loaded",
        )),
        (Err(_), _) => Err(unsupported()),
    }
}

/// Everything that changes files is refused but beneath `writable`. Takes effect with `restrict_self`.
#[cfg(target_os = "linux")]
fn file_wall(writable: &[PathBuf]) -> Result<landlock::RulesetCreated> {
    use landlock::{
        ABI, AccessFs, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
        RulesetAttr as _, RulesetCreatedAttr as _,
    };

    use crate::{Error, Kind};

    let missing = |_| {
        Error::new(
            Kind::Unsupported,
            "this kernel has no Landlock that knows about truncation (Linux 6.2, and `landlock` among the security \
             modules); hint: the lockdown of an engine needs none",
        )
    };
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V3) | AccessFs::Execute)
        .and_then(Ruleset::create)
        .map_err(missing)?
        .no_new_privs(false);
    for path in writable {
        let metadata = std::fs::metadata(path)
            .map_err(|error| Error::io("cannot open a path that stays writable", &error))?;
        let opened = PathFd::new(path)
            .map_err(|_| Error::new(Kind::Io, "cannot open a path that stays writable"))?;
        let access = if metadata.is_dir() {
            AccessFs::from_write(ABI::V3)
        } else {
            AccessFs::WriteFile | AccessFs::Truncate
        };
        ruleset = ruleset
            .add_rule(PathBeneath::new(opened, access))
            .map_err(missing)?;
    }
    Ok(ruleset)
}
