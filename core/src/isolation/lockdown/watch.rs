//! The thread that the kernel asks about refused calls. It says no, and notes who wanted what.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, Thread, park};

use libc::{c_int, c_long, c_short};

use super::ledger::Ledger;
use super::rules::{is_grave, name};
use crate::{Error, Result};

/// Starts a watching thread, which is not locked itself, and the one that writes down what it has refused. They begin when
/// they are sent a listener, and end when the last thread that is locked by that listener's filter has ended, or when the sender
/// is dropped unused.
pub(super) fn start(ledger: Arc<Ledger>) -> Result<Sender<OwnedFd>> {
    let (listener, given) = channel();
    let notes = Arc::new(Notes::new());
    let writer = {
        let (notes, ledger) = (Arc::clone(&notes), Arc::clone(&ledger));
        spawn("cloister-notes", move || notes.write_down(&ledger))?
    };
    let watching = {
        let (notes, writer) = (Arc::clone(&notes), writer.clone());
        spawn("cloister-watch", move || {
            if let Ok(listener) = given.recv() {
                watch(&listener, &ledger, &notes, &writer);
            }
            notes.close(&writer);
        })
    };
    watching.inspect_err(|_| notes.close(&writer))?;
    Ok(listener)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<Thread> {
    Builder::new()
        .name(name.into())
        .spawn(work)
        .map(|handle| handle.thread().clone())
        .map_err(|error| Error::io("cannot start the thread that watches", &error))
}

/// Answers. It takes no lock and no memory: whoever asks may hold those of the allocator, as `fork` does.
fn watch(listener: &OwnedFd, ledger: &Ledger, notes: &Notes, writer: &Thread) {
    while wait(listener) {
        if let Some(asked) = receive(listener) {
            let grave = is_grave(c_long::from(asked.data.nr), &asked.data.args);
            let counts = ledger.announce(asked.pid, grave);
            refuse(listener, asked.id);
            if counts && !notes.push(asked.data.nr, grave) {
                ledger.lose();
            }
            writer.unpark();
        }
    }
}

/// Refusals on their way from the thread that answers to the one that writes them down, which may have to wait for memory.
struct Notes {
    slots: [AtomicU64; Notes::SLOTS],
    pushed: AtomicUsize,
    taken: AtomicUsize,
    closed: AtomicBool,
}

impl Notes {
    /// More refusals than there are threads that could make them at one time.
    const SLOTS: usize = 1024;
    const GRAVE: u64 = 1 << 32;

    fn new() -> Self {
        Self {
            slots: [const { AtomicU64::new(0) }; Self::SLOTS],
            pushed: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// For the thread that answers alone. False: there is no room.
    fn push(&self, call: c_int, grave: bool) -> bool {
        let pushed = self.pushed.load(Ordering::Relaxed);
        if pushed.wrapping_sub(self.taken.load(Ordering::Acquire)) == Self::SLOTS {
            return false;
        }
        let note = u64::from(call.cast_unsigned()) | if grave { Self::GRAVE } else { 0 };
        self.slots[pushed % Self::SLOTS].store(note, Ordering::Relaxed);
        self.pushed.store(pushed.wrapping_add(1), Ordering::Release);
        true
    }

    fn close(&self, writer: &Thread) {
        self.closed.store(true, Ordering::Release);
        writer.unpark();
    }

    /// The life of the thread that writes down.
    fn write_down(&self, ledger: &Ledger) {
        loop {
            let closed = self.closed.load(Ordering::Acquire);
            while let Some((call, grave)) = self.take() {
                let name = name(c_long::from(call), grave);
                let name = name.map_or_else(|| format!("syscall {call}"), str::to_owned);
                ledger.note(name, grave);
            }
            if closed {
                return;
            }
            park();
        }
    }

    /// For the thread that writes down alone.
    fn take(&self) -> Option<(c_int, bool)> {
        let taken = self.taken.load(Ordering::Relaxed);
        if taken == self.pushed.load(Ordering::Acquire) {
            return None;
        }
        let note = self.slots[taken % Self::SLOTS].load(Ordering::Relaxed);
        self.taken.store(taken.wrapping_add(1), Ordering::Release);
        let call = u32::try_from(note & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        Some((call.cast_signed(), note & Self::GRAVE != 0))
    }
}

/// Waits for a question. False: there is nobody left who could ask.
fn wait(listener: &OwnedFd) -> bool {
    loop {
        let mut one = libc::pollfd {
            fd: listener.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: `one` is one valid entry, writable until the call has returned.
        let ready = unsafe { libc::poll(&raw mut one, 1, -1) };
        let gone: c_short = libc::POLLHUP | libc::POLLERR | libc::POLLNVAL;
        match ready {
            1 if one.revents & libc::POLLIN != 0 => return true,
            1 if one.revents & gone != 0 => return false,
            -1 if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted => {
                return false;
            }
            _ => {}
        }
    }
}

/// The question; `None` where the thread that asked has ended meanwhile.
fn receive(listener: &OwnedFd) -> Option<libc::seccomp_notif> {
    // SAFETY: the structure consists of integers, for which zero is a value; the kernel demands zeros.
    let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the request takes a pointer to exactly this structure, writable until the call has returned.
    let received = unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_RECV,
            &raw mut asked,
        )
    };
    (received == 0).then_some(asked)
}

fn refuse(listener: &OwnedFd, id: u64) {
    let mut answer = libc::seccomp_notif_resp {
        id,
        val: 0,
        error: -libc::EPERM,
        flags: 0,
    };
    // SAFETY: the request takes a pointer to exactly this structure. A thread that is gone needs no answer.
    let _ = unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SEND,
            &raw mut answer,
        )
    };
}
