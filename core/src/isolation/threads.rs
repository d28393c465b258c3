//! What the kernel says about the threads of this process.

/// One thread, as `/proc/self/task/*/status` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its name, at most 15 bytes.
    pub name: String,
    /// 0 = not confined, 1 = strict, 2 = by filters. See `proc_pid_status(5)`, `Seccomp`.
    pub seccomp: u8,
    /// How many filters it has.
    pub filters: u32,
    /// Whether it can no longer gain privileges by starting a program.
    pub no_new_privileges: bool,
}

/// All threads. Empty where the system does not tell.
pub fn threads() -> Vec<Thread> {
    let Ok(entries) = std::fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| read(&entry.ok()?.path().join("status")))
        .collect()
}

/// The calling thread, which may be locked: it asks without opening a file.
#[cfg(all(target_os = "linux", any(feature = "llama", test)))]
pub(super) fn this_thread() -> Thread {
    // SAFETY: both take numbers and touch no memory.
    let (mode, promised) = unsafe {
        (
            libc::syscall(libc::SYS_prctl, libc::PR_GET_SECCOMP, 0, 0, 0, 0),
            libc::syscall(libc::SYS_prctl, libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
        )
    };
    Thread {
        name: String::new(),
        // A filter that refuses the question answers it as well.
        seccomp: u8::try_from(mode).unwrap_or(2),
        filters: 0,
        no_new_privileges: promised != 0,
    }
}

fn read(path: &std::path::Path) -> Option<Thread> {
    let status = std::fs::read_to_string(path).ok()?;
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"))
    };
    Some(Thread {
        name: field("Name")?.to_owned(),
        seccomp: field("Seccomp")?.trim().parse().ok()?,
        filters: field("Seccomp_filters")
            .and_then(|count| count.trim().parse().ok())
            .unwrap_or(0),
        no_new_privileges: field("NoNewPrivs").is_some_and(|it| it.trim() == "1"),
    })
}
