//! How much memory there is for a model.

use std::path::Path;

use super::cgroup;

/// Bytes that the process can still take before the system swaps or kills: what the kernel calls available, or less where a
/// control group leaves less. `None` where the system does not tell.
#[cfg(feature = "llama")]
pub(in super::super) fn available() -> Option<u64> {
    available_at(
        Path::new("/proc"),
        Path::new("/proc/self"),
        Path::new("/sys/fs/cgroup"),
    )
}

fn available_at(proc: &Path, own: &Path, sys: &Path) -> Option<u64> {
    let whole = std::fs::read_to_string(proc.join("meminfo"))
        .ok()
        .and_then(|text| member(&text, "MemAvailable:"))
        .map(|kibibytes| kibibytes.saturating_mul(1024));
    let groups = cgroup::folders(own, sys, "memory");
    groups
        .iter()
        .filter_map(|folder| left(folder))
        .chain(whole)
        .min()
}

/// What a group may still take: pages of files that it can give up count as free.
fn left(folder: &Path) -> Option<u64> {
    let number = |names: [&str; 2]| {
        names
            .into_iter()
            .find_map(|name| cgroup::number(folder, name))
    };
    // `max`, which is no number, is no limit; version 1 states one of about 2^63.
    let limit = number(["memory.max", "memory.limit_in_bytes"])?;
    let used = number(["memory.current", "memory.usage_in_bytes"])?;
    let pages = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let reclaimable: u64 = ["inactive_file", "active_file"]
        .into_iter()
        .filter_map(|name| {
            member(&pages, &format!("total_{name}")).or_else(|| member(&pages, name))
        })
        .sum();
    Some(limit.saturating_sub(used.saturating_sub(reclaimable)))
}

/// The number after a name at the beginning of a line.
fn member(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .find_map(|rest| rest.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn machine(files: &[(&str, &str)]) -> TempDir {
        let root = TempDir::new().expect("a folder");
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        root
    }

    fn available_in(files: &[(&str, &str)]) -> Option<u64> {
        let root = machine(files);
        let root = root.path();
        available_at(
            &root.join("proc"),
            &root.join("proc/self"),
            &root.join("sys"),
        )
    }

    const MEMINFO: (&str, &str) = (
        "proc/meminfo",
        "MemTotal:       8000000 kB\nMemFree: 1000 kB\nMemAvailable:    4000000 kB\n",
    );

    #[test]
    fn without_a_group_it_is_what_the_kernel_calls_available() {
        assert_eq!(available_in(&[MEMINFO]), Some(4_096_000_000));
    }

    #[test]
    fn a_group_of_version_2_leaves_less_and_its_file_pages_count_as_free() {
        let left = available_in(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/a/b/memory.max", "max\n"),
            ("sys/a/memory.max", "1000000\n"),
            ("sys/a/memory.current", "700000\n"),
            (
                "sys/a/memory.stat",
                "anon 400000\ninactive_file 200000\nactive_file 100000\n",
            ),
        ]);
        assert_eq!(left, Some(600_000));
    }

    #[test]
    fn a_group_of_version_1_in_a_container_is_found_at_the_root() {
        let left = available_in(&[
            MEMINFO,
            (
                "proc/self/cgroup",
                "4:memory:/docker/0123\n3:cpu,cpuacct:/\n",
            ),
            ("sys/memory/memory.limit_in_bytes", "1000000\n"),
            ("sys/memory/memory.usage_in_bytes", "900000\n"),
            (
                "sys/memory/memory.stat",
                "inactive_file 1\ntotal_inactive_file 50000\n",
            ),
        ]);
        assert_eq!(left, Some(150_000));
    }

    #[test]
    fn an_unlimited_group_leaves_what_there_is() {
        let left = available_in(&[
            MEMINFO,
            ("proc/self/cgroup", "4:memory:/\n"),
            ("sys/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/memory/memory.usage_in_bytes", "900000\n"),
        ]);
        assert_eq!(left, Some(4_096_000_000));
    }

    #[test]
    fn a_system_that_does_not_tell_is_no_obstacle() {
        assert_eq!(available_in(&[]), None);
    }
}
