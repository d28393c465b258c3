//! Which calls a locked thread may make, and what the others are called.

use std::collections::BTreeMap;

use libc::{c_int, c_long};
use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{SeccompCondition, SeccompRule};

use crate::{Error, Kind, Result};

/// Calls with what must hold for their arguments: one of the rules, or nothing where there is none.
pub(super) type Table = BTreeMap<c_long, Vec<SeccompRule>>;

/// What llama.cpp, the allocator and the threading libraries need to compute, whatever the arguments are.
const COMPUTING: [c_long; 28] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    // Whoever lets go of a model last closes its file.
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// What reading a model file needs beyond that.
const READING: [c_long; 18] = [
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_lseek,
    libc::SYS_mlock,
    libc::SYS_munlock,
    libc::SYS_newfstatat,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_read,
    libc::SYS_readahead,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_statx,
];

#[cfg(target_arch = "x86_64")]
const READING_ON_THIS_PROCESSOR: [c_long; 5] = [
    libc::SYS_access,
    // AMX registers are asked for by it, once per process.
    libc::SYS_arch_prctl,
    libc::SYS_lstat,
    libc::SYS_readlink,
    libc::SYS_stat,
];
#[cfg(not(target_arch = "x86_64"))]
const READING_ON_THIS_PROCESSOR: [c_long; 0] = [];

/// Flags of `open` with which more can be done than read.
const WRITING: c_int = libc::O_ACCMODE
    | libc::O_CREAT
    | libc::O_TRUNC
    | libc::O_APPEND
    | (libc::O_TMPFILE & !libc::O_DIRECTORY);

/// Flags of `clone` that make a new name space. A thread that shares everything has none of them.
const NAMESPACES: c_int = libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS;

/// Calls that nobody makes by accident: connections, programs and processes, other processes' memory, the kernel's own
/// machinery. No locked process may make them, and on an engine's thread they are grave.
const HOSTILE: [(c_long, &str); 36] = [
    (libc::SYS_accept, "accept"),
    (libc::SYS_accept4, "accept4"),
    (libc::SYS_add_key, "add_key"),
    (libc::SYS_bind, "bind"),
    (libc::SYS_bpf, "bpf"),
    (libc::SYS_chroot, "chroot"),
    (libc::SYS_connect, "connect"),
    (libc::SYS_delete_module, "delete_module"),
    (libc::SYS_execve, "execve"),
    (libc::SYS_execveat, "execveat"),
    (libc::SYS_finit_module, "finit_module"),
    (libc::SYS_init_module, "init_module"),
    (libc::SYS_io_uring_enter, "io_uring_enter"),
    (libc::SYS_io_uring_register, "io_uring_register"),
    (libc::SYS_io_uring_setup, "io_uring_setup"),
    (libc::SYS_kexec_load, "kexec_load"),
    (libc::SYS_keyctl, "keyctl"),
    (libc::SYS_listen, "listen"),
    (libc::SYS_memfd_create, "memfd_create"),
    (libc::SYS_mount, "mount"),
    (libc::SYS_open_by_handle_at, "open_by_handle_at"),
    (libc::SYS_perf_event_open, "perf_event_open"),
    (libc::SYS_pidfd_getfd, "pidfd_getfd"),
    (libc::SYS_pidfd_open, "pidfd_open"),
    (libc::SYS_pivot_root, "pivot_root"),
    (libc::SYS_process_vm_readv, "process_vm_readv"),
    (libc::SYS_process_vm_writev, "process_vm_writev"),
    (libc::SYS_ptrace, "ptrace"),
    (libc::SYS_request_key, "request_key"),
    (libc::SYS_setns, "setns"),
    (libc::SYS_socket, "socket"),
    (libc::SYS_swapon, "swapon"),
    (libc::SYS_umount2, "umount2"),
    (libc::SYS_unshare, "unshare"),
    (libc::SYS_userfaultfd, "userfaultfd"),
    (libc::SYS_vmsplice, "vmsplice"),
];

#[cfg(target_arch = "x86_64")]
const HOSTILE_ON_THIS_PROCESSOR: [(c_long, &str); 2] =
    [(libc::SYS_fork, "fork"), (libc::SYS_vfork, "vfork")];
#[cfg(not(target_arch = "x86_64"))]
const HOSTILE_ON_THIS_PROCESSOR: [(c_long, &str); 0] = [];

/// Further calls that are grave on an engine's thread: they write, send, or touch other processes.
const WRITING_CALLS: [(c_long, &str); 30] = [
    (libc::SYS_clone, "clone"),
    (libc::SYS_copy_file_range, "copy_file_range"),
    (libc::SYS_fallocate, "fallocate"),
    (libc::SYS_fchmodat, "fchmodat"),
    (libc::SYS_fchownat, "fchownat"),
    (libc::SYS_ftruncate, "ftruncate"),
    (libc::SYS_kill, "kill"),
    (libc::SYS_linkat, "linkat"),
    (libc::SYS_mkdirat, "mkdirat"),
    (libc::SYS_mknodat, "mknodat"),
    (libc::SYS_pwrite64, "pwrite64"),
    (libc::SYS_pwritev, "pwritev"),
    (libc::SYS_recvfrom, "recvfrom"),
    (libc::SYS_recvmmsg, "recvmmsg"),
    (libc::SYS_recvmsg, "recvmsg"),
    (libc::SYS_renameat2, "renameat2"),
    (libc::SYS_sendfile, "sendfile"),
    (libc::SYS_sendmmsg, "sendmmsg"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_setsockopt, "setsockopt"),
    (libc::SYS_shutdown, "shutdown"),
    (libc::SYS_socketpair, "socketpair"),
    (libc::SYS_splice, "splice"),
    (libc::SYS_symlinkat, "symlinkat"),
    (libc::SYS_tgkill, "tgkill"),
    (libc::SYS_tkill, "tkill"),
    (libc::SYS_truncate, "truncate"),
    (libc::SYS_unlinkat, "unlinkat"),
    (libc::SYS_writev, "writev"),
];

#[cfg(target_arch = "x86_64")]
const WRITING_CALLS_ON_THIS_PROCESSOR: [(c_long, &str); 8] = [
    (libc::SYS_chmod, "chmod"),
    (libc::SYS_creat, "creat"),
    (libc::SYS_link, "link"),
    (libc::SYS_mkdir, "mkdir"),
    (libc::SYS_mknod, "mknod"),
    (libc::SYS_rename, "rename"),
    (libc::SYS_symlink, "symlink"),
    (libc::SYS_unlink, "unlink"),
];
#[cfg(not(target_arch = "x86_64"))]
const WRITING_CALLS_ON_THIS_PROCESSOR: [(c_long, &str); 0] = [];

/// Calls whose name is worth telling although they are no more than out of place, with the argument that holds the flags of
/// `open`, where they have one.
const ORDINARY: [(c_long, &str); 5] = [
    (libc::SYS_ioctl, "ioctl"),
    (libc::SYS_openat, "openat"),
    (libc::SYS_prctl, "prctl"),
    (libc::SYS_read, "read"),
    (libc::SYS_seccomp, "seccomp"),
];

/// What a thread may do that loads a model: compute, and read files.
pub(super) fn loading() -> Result<Table> {
    let mut table = serving()?;
    for call in READING.into_iter().chain(READING_ON_THIS_PROCESSOR) {
        table.insert(call, Vec::new());
    }
    table.insert(
        libc::SYS_mmap,
        vec![rule(&[(2, Dword, MaskedEq(bits(libc::PROT_EXEC)), 0)])?],
    );
    let read_only = |flags| rule(&[(flags, Dword, MaskedEq(bits(WRITING)), bits(libc::O_RDONLY))]);
    table.insert(libc::SYS_openat, vec![read_only(2)?]);
    #[cfg(target_arch = "x86_64")]
    table.insert(libc::SYS_open, vec![read_only(1)?]);
    table.insert(
        libc::SYS_fcntl,
        vec![
            rule(&[(1, Dword, Eq, bits(libc::F_GETFD))])?,
            rule(&[(1, Dword, Eq, bits(libc::F_GETFL))])?,
            rule(&[(1, Dword, Eq, bits(libc::F_DUPFD_CLOEXEC))])?,
            rule(&[(1, Dword, Eq, bits(libc::F_SETFD))])?,
        ],
    );
    Ok(table)
}

/// What a thread may do that evaluates a model: compute, and say on stderr that it failed. It opens nothing, reads nothing,
/// and no memory of its becomes a program.
pub(super) fn serving() -> Result<Table> {
    let mut table: Table = COMPUTING
        .into_iter()
        .map(|call| (call, Vec::new()))
        .collect();
    let no_code = (2, Dword, MaskedEq(bits(libc::PROT_EXEC)), 0);
    let anonymous = bits(libc::MAP_ANONYMOUS);
    table.insert(
        libc::SYS_mmap,
        vec![rule(&[
            no_code.clone(),
            (3, Dword, MaskedEq(anonymous), anonymous),
        ])?],
    );
    table.insert(libc::SYS_mprotect, vec![rule(&[no_code])?]);
    table.insert(libc::SYS_mremap, Vec::new());
    let thread = bits(libc::CLONE_THREAD | libc::CLONE_VM);
    table.insert(
        libc::SYS_clone,
        vec![rule(&[(
            0,
            Qword,
            MaskedEq(thread | bits(NAMESPACES)),
            thread,
        )])?],
    );
    // Which processors the OpenMP library may use: of this process alone.
    table.insert(
        libc::SYS_sched_setaffinity,
        vec![rule(&[(0, Dword, Eq, 0)])?],
    );
    // Asking for limits, not setting them.
    table.insert(libc::SYS_prlimit64, vec![rule(&[(2, Qword, Eq, 0)])?]);
    let stderr = |call| {
        Ok::<_, Error>((
            call,
            vec![rule(&[(0, Dword, Eq, bits(libc::STDERR_FILENO))])?],
        ))
    };
    table.extend([stderr(libc::SYS_write)?, stderr(libc::SYS_writev)?]);
    // How `abort` ends the process.
    let abort = bits(libc::SIGABRT);
    table.insert(libc::SYS_tgkill, vec![rule(&[(2, Dword, Eq, abort)])?]);
    table.insert(
        libc::SYS_rt_sigaction,
        vec![rule(&[(0, Dword, Eq, abort)])?],
    );
    Ok(table)
}

/// What no thread of a locked process may do: here a call that is in the table is refused.
pub(super) fn refused_to_a_process() -> Result<Table> {
    let mut table: Table = HOSTILE
        .into_iter()
        .chain(HOSTILE_ON_THIS_PROCESSOR)
        .map(|(call, _)| (call, Vec::new()))
        .collect();
    let not_a_thread = (0, Qword, MaskedEq(bits(libc::CLONE_THREAD)), 0);
    table.insert(libc::SYS_clone, vec![rule(&[not_a_thread])?]);
    Ok(table)
}

/// What a refused call is called; nothing for one that no rule names.
pub(super) type Name = Option<&'static str>;

/// Whether a refused call is grave: nobody makes it by accident.
pub(super) fn is_grave(call: c_long, arguments: &[u64; 6]) -> bool {
    match flags_of_open(call) {
        Some(flags) => arguments[flags] & bits(WRITING) != bits(libc::O_RDONLY),
        None => grave_name(call).is_some(),
    }
}

/// The name of a refused call.
pub(super) fn name(call: c_long, grave: bool) -> Name {
    if flags_of_open(call).is_some() {
        return Some(if grave { "open for writing" } else { "open" });
    }
    let ordinary = || ORDINARY.iter().find(|(number, _)| *number == call);
    grave_name(call).or_else(|| ordinary().map(|(_, name)| *name))
}

/// Which argument has the flags of a call that opens a file.
fn flags_of_open(call: c_long) -> Option<usize> {
    match call {
        libc::SYS_openat => Some(2),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => Some(1),
        _ => None,
    }
}

fn grave_name(call: c_long) -> Name {
    HOSTILE
        .iter()
        .chain(&HOSTILE_ON_THIS_PROCESSOR)
        .chain(&WRITING_CALLS)
        .chain(&WRITING_CALLS_ON_THIS_PROCESSOR)
        .chain(&[(libc::SYS_write, "write")])
        .find(|(number, _)| *number == call)
        .map(|(_, name)| *name)
}

type Condition = (
    u8,
    seccompiler::SeccompCmpArgLen,
    seccompiler::SeccompCmpOp,
    u64,
);

fn rule(conditions: &[Condition]) -> Result<SeccompRule> {
    let conditions = conditions
        .iter()
        .map(|(argument, length, operator, value)| {
            SeccompCondition::new(*argument, length.clone(), operator.clone(), *value)
        })
        .collect::<std::result::Result<_, _>>();
    conditions
        .and_then(SeccompRule::new)
        .map_err(|_| Error::new(Kind::Internal, "a rule of the lockdown is malformed"))
}

/// The bits of a constant of the C library, as the kernel sees them in an argument.
fn bits(constant: c_int) -> u64 {
    u64::from(constant.cast_unsigned())
}
