//! The thread that the kernel asks about refused calls. It says no, and notes who wanted what.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;

use libc::{c_long, c_short};

use super::ledger::Ledger;
use super::rules::judge;
use crate::{Error, Result};

/// Starts a watching thread, which is not locked itself. It begins when it is sent a listener, and ends when the last thread
/// that is locked by that listener's filter has ended, or when the sender is dropped unused.
pub(super) fn start(ledger: Arc<Ledger>) -> Result<Sender<OwnedFd>> {
    let (listener, given) = channel();
    Builder::new()
        .name("cloister-watch".into())
        .spawn(move || {
            if let Ok(listener) = given.recv() {
                watch(&listener, &ledger);
            }
        })
        .map_err(|error| Error::io("cannot start the thread that watches", &error))?;
    Ok(listener)
}

fn watch(listener: &OwnedFd, ledger: &Ledger) {
    while wait(listener) {
        if let Some(asked) = receive(listener) {
            let call = c_long::from(asked.data.nr);
            let (name, grave) = judge(call, &asked.data.args);
            // First the answer, then the note: whoever was refused may hold locks that the note needs.
            let noted = ledger.announce(asked.pid, grave);
            refuse(listener, asked.id);
            if noted {
                let name = name.map_or_else(|| format!("syscall {call}"), str::to_owned);
                ledger.note(name, grave);
            }
        }
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
