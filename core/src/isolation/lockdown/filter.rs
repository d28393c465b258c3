//! A table of rules as a program for the kernel, and handing it over.

use std::io;
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};

use libc::{c_int, c_long, c_uint, c_ulong};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, sock_filter};

use super::rules::Table;
use crate::{Error, Kind, Result};

/// `BPF_LD | BPF_W | BPF_ABS`
const LOAD: u16 = 0x20;
/// `BPF_JMP | BPF_JEQ | BPF_K`
const JUMP_IF_EQUAL: u16 = 0x15;
/// `BPF_JMP | BPF_JGE | BPF_K`
const JUMP_IF_AT_LEAST: u16 = 0x35;
/// `BPF_RET | BPF_K`
const RETURN: u16 = 0x06;

/// `__X32_SYSCALL_BIT`: the calls of x86-64's second ABI repeat all others under other numbers.
const SECOND_ABI: u32 = 0x4000_0000;

/// What happens to a refused call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A listener is asked, which answers `EPERM` and notes the call.
    Noted,
    /// The kernel itself answers `EPERM`.
    Silent,
}

/// Which of two meanings a table has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What is in it is allowed, and nothing else.
    Allowed,
    /// What is in it is refused, and nothing else.
    Refused,
}

/// Compiles a table.
pub(super) fn compile(table: Table, meaning: Meaning, refusal: Refusal) -> Result<BpfProgram> {
    let broken = || Error::new(Kind::Internal, "the rules of the lockdown do not compile");
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let (other, listed) = match meaning {
        Meaning::Allowed => (refuse, SeccompAction::Allow),
        Meaning::Refused => (SeccompAction::Allow, refuse),
    };
    let processor = std::env::consts::ARCH
        .try_into()
        .map_err(|_| unsupported())?;
    let compiled: BpfProgram = SeccompFilter::new(table, other, listed, processor)
        .and_then(TryInto::try_into)
        .map_err(|_| broken())?;
    let refused = match refusal {
        Refusal::Noted => libc::SECCOMP_RET_USER_NOTIF,
        Refusal::Silent => errno(libc::EPERM),
    };
    let mut program = beginning(refused)?;
    // Also a call from a foreign ABI, for which the compiler would end the process: it is refused like any other.
    program.extend(compiled.into_iter().map(|mut step| {
        if step.code == RETURN && step.k != libc::SECCOMP_RET_ALLOW {
            step.k = refused;
        }
        step
    }));
    Ok(program)
}

/// `clone3` and `openat2` hide their flags behind a pointer, which a filter cannot follow: without them, the C library uses
/// `clone` and `openat`.
fn beginning(refused: u32) -> Result<BpfProgram> {
    let number = |call: c_long| {
        u32::try_from(call).map_err(|_| Error::new(Kind::Internal, "a system call has no number"))
    };
    let step = |code, k, jt, jf| sock_filter { code, jt, jf, k };
    Ok(vec![
        // The number of the call is the first field of `struct seccomp_data`.
        step(LOAD, 0, 0, 0),
        step(JUMP_IF_EQUAL, number(libc::SYS_clone3)?, 2, 0),
        step(JUMP_IF_EQUAL, number(libc::SYS_openat2)?, 1, 0),
        step(JUMP_IF_AT_LEAST, SECOND_ABI, 1, 2),
        step(RETURN, errno(libc::ENOSYS), 0, 0),
        step(RETURN, refused, 0, 0),
    ])
}

fn errno(code: c_int) -> u32 {
    libc::SECCOMP_RET_ERRNO | (code.cast_unsigned() & libc::SECCOMP_RET_DATA)
}

/// Puts a program in force, for this thread and those that it will start, or with `SECCOMP_FILTER_FLAG_TSYNC` among
/// `flags` for all threads. Irreversible. With `Refusal::Noted` it gives the listener.
pub(super) fn install(
    program: &BpfProgram,
    refusal: Refusal,
    flags: c_ulong,
) -> io::Result<Option<OwnedFd>> {
    let length = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let described = libc::sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut().cast(),
    };
    let flags = match refusal {
        Refusal::Noted => flags | libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
        Refusal::Silent => flags,
    };
    // Not by `prctl`, which is linked away for the sake of llama.cpp.
    // SAFETY: the call takes five numbers and touches no memory.
    let promised = unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    if promised != 0 {
        return Err(io::Error::last_os_error());
    }
    let mode: c_uint = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: `described` and the program that it points to live until the call has returned; the kernel copies both.
    let given = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const described) };
    match (refusal, RawFd::try_from(given)) {
        (Refusal::Silent, Ok(0)) => Ok(None),
        (Refusal::Noted, Ok(listener)) if listener >= 0 => {
            // SAFETY: the kernel has just made this descriptor, and nobody else knows of it.
            Ok(Some(unsafe { OwnedFd::from_raw_fd(listener) }))
        }
        // With TSYNC, a positive number is a thread that has filters of its own.
        (Refusal::Silent, Ok(1..)) => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The error of a processor or a kernel without this.
pub(super) fn unsupported() -> Error {
    Error::new(
        Kind::Unsupported,
        "this kernel does not confine threads (seccomp filters are missing or forbidden); hint: `lockdown = off` goes \
         without, and every record says so",
    )
}
