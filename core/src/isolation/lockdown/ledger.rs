//! What the kernel refused, and who is told.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// Kinds of refused calls that are remembered. There are fewer system calls than this.
#[cfg(target_os = "linux")]
const MAX_KINDS: usize = 1024;

/// A system call that a locked thread made and that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The name of the call, for example `socket`; of one that no rule names its number, `syscall 123`.
    pub call: String,
    /// Whether nobody makes this call by accident: it would have opened a connection, started a program or a process,
    /// written to a file or reached into another process. The answers in progress fail with [`crate::Kind::Denied`].
    pub grave: bool,
    /// How often it was refused so far, this time included.
    pub count: u64,
}

/// Who is told of a violation, on a thread of its own. False ends it.
pub type Observer = Box<dyn Fn(&Violation) -> bool + Send + Sync>;

/// The violations of one engine, or of the process.
#[derive(Default)]
pub(crate) struct Ledger {
    seen: Mutex<Vec<Violation>>,
    observers: Mutex<Vec<Observer>>,
    breached: AtomicBool,
    /// Refusals that are being written down.
    pending: AtomicU32,
    /// The kernel's id of the thread that is trying things on purpose; 0 where none is.
    probing: AtomicU32,
}

impl Ledger {
    /// Adds somebody who is told.
    pub(crate) fn tell(&self, observer: Observer) {
        self.observers.lock().push(observer);
    }

    /// What was refused so far, one entry per call.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.settle();
        self.seen.lock().clone()
    }

    /// The grave violation since the last question, if there was one.
    pub(crate) fn take_breach(&self) -> Option<Violation> {
        if !self.breached.swap(false, Ordering::AcqRel) {
            return None;
        }
        self.settle();
        self.seen.lock().iter().rfind(|it| it.grave).cloned()
    }

    /// Runs `probe`, whose calls on this thread are expected to be refused and are therefore not noted. One at a time.
    pub(crate) fn expecting<T>(&self, probe: impl FnOnce() -> T) -> T {
        self.probing.store(this_thread(), Ordering::Release);
        let outcome = probe();
        self.probing.store(0, Ordering::Release);
        outcome
    }

    /// Waits until what was refused by now is written down.
    fn settle(&self) {
        while self.pending.load(Ordering::Acquire) > 0 {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    /// Announces a refusal to `thread` before the thread hears of it; true if it is to be noted afterwards. It takes no lock
    /// and no memory: the thread may hold those of the allocator, as `fork` does.
    #[cfg(target_os = "linux")]
    pub(super) fn announce(&self, thread: u32, grave: bool) -> bool {
        if self.probing.load(Ordering::Acquire) == thread {
            return false;
        }
        self.pending.fetch_add(1, Ordering::AcqRel);
        if grave {
            self.breached.store(true, Ordering::Release);
        }
        true
    }

    /// A call that was announced cannot be noted.
    #[cfg(target_os = "linux")]
    pub(super) fn lose(&self) {
        self.pending.fetch_sub(1, Ordering::AcqRel);
    }

    /// Notes a call that was announced. A grave one is told each time, another one the first time only.
    #[cfg(target_os = "linux")]
    pub(super) fn note(&self, call: String, grave: bool) {
        let violation = {
            let mut seen = self.seen.lock();
            let known = seen
                .iter()
                .position(|it| it.call == call && it.grave == grave);
            let mut violation = match known {
                Some(at) => seen.remove(at),
                None => Violation {
                    call,
                    grave,
                    count: 0,
                },
            };
            violation.count += 1;
            if seen.len() < MAX_KINDS {
                seen.push(violation.clone());
            }
            violation
        };
        if grave || violation.count == 1 {
            self.observers
                .lock()
                .retain(|observer| observer(&violation));
        }
        self.pending.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(target_os = "linux")]
fn this_thread() -> u32 {
    // SAFETY: the call takes nothing and touches no memory.
    unsafe { libc::gettid() }.cast_unsigned()
}

#[cfg(not(target_os = "linux"))]
fn this_thread() -> u32 {
    0
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("violations", &self.violations())
            .finish_non_exhaustive()
    }
}
