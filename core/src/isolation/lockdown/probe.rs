//! Trying on a locked thread what must be refused there.

use super::Probe;

/// The names, in the order in which they are tried.
#[cfg(target_os = "linux")]
const NAMES: [&str; 6] = [
    "socket",
    "connect",
    "fork",
    "exec",
    "open for writing",
    "open for reading",
];

/// Tries each on the calling thread.
#[cfg(target_os = "linux")]
pub(crate) fn run() -> Vec<Probe> {
    let locked = super::super::threads::this_thread().seccomp == 2;
    NAMES
        .into_iter()
        .map(|name| Probe {
            name,
            refused: locked.then(|| attempt(name)),
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run() -> Vec<Probe> {
    Vec::new()
}

/// Whether the kernel says `EPERM` to a call that would at worst have failed in another way, or had no effect.
#[cfg(target_os = "linux")]
fn attempt(name: &str) -> bool {
    let refused = |result: libc::c_long| {
        result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
    };
    let nothing = c"/dev/null".as_ptr();
    // SAFETY: raw system calls with constants, and with pointers to constants that live for ever. Those that succeed where
    // nothing is refused make a descriptor, which is closed, or a child, which ends at once and is waited for.
    unsafe {
        match name {
            "socket" => {
                let made = libc::syscall(libc::SYS_socket, libc::AF_INET, libc::SOCK_STREAM, 0);
                closed(made);
                refused(made)
            }
            "connect" => refused(libc::syscall(libc::SYS_connect, -1, 0, 0)),
            "fork" => {
                let child = libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0);
                if child == 0 {
                    libc::syscall(libc::SYS_exit_group, 0);
                }
                if child > 0 {
                    libc::syscall(libc::SYS_wait4, child, 0, 0, 0);
                }
                refused(child)
            }
            // Not a program, so nothing can start.
            "exec" => refused(libc::syscall(libc::SYS_execve, nothing, 0, 0)),
            "open for writing" => {
                let opened = libc::syscall(
                    libc::SYS_openat,
                    libc::AT_FDCWD,
                    nothing,
                    libc::O_WRONLY | libc::O_CLOEXEC,
                );
                closed(opened);
                refused(opened)
            }
            _ => {
                let opened = libc::syscall(
                    libc::SYS_openat,
                    libc::AT_FDCWD,
                    nothing,
                    libc::O_RDONLY | libc::O_CLOEXEC,
                );
                closed(opened);
                refused(opened)
            }
        }
    }
}

/// # Safety
/// The result of a call that makes a descriptor.
#[cfg(target_os = "linux")]
unsafe fn closed(made: libc::c_long) {
    if made >= 0 {
        let error = std::io::Error::last_os_error();
        // SAFETY: the caller's.
        unsafe { libc::syscall(libc::SYS_close, made) };
        drop(error);
    }
}
