//! How many threads evaluate a model best: one per core. Two on the two halves of one core take turns, and more than a quota
//! pays for stand still for most of each period.

use std::collections::BTreeSet;
use std::path::Path;

/// Threads for this process: by CPU affinity, by the quota of its control group, and by cores where the system tells which
/// CPUs share one.
#[cfg(feature = "llama")]
pub(in super::super) fn threads() -> usize {
    // Knows affinity, and the quotas of both versions of control groups.
    let usable = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores_at(
        Path::new("/proc/self"),
        Path::new("/sys/devices/system/cpu"),
    )
    .map_or(usable, |cores| usable.min(cores))
}

/// Cores of the CPUs that the process may run on.
fn cores_at(own: &Path, sys: &Path) -> Option<usize> {
    let status = std::fs::read_to_string(own.join("status")).ok()?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let mut cores = BTreeSet::new();
    for cpu in list(allowed)? {
        let topology = sys.join(format!("cpu{cpu}/topology"));
        let siblings = ["core_cpus_list", "thread_siblings_list"]
            .into_iter()
            .find_map(|name| std::fs::read_to_string(topology.join(name)).ok())?;
        // The first of those that share a core stands for it.
        cores.insert(list(&siblings)?.next()?);
    }
    Some(cores.len()).filter(|count| *count > 0)
}

/// The numbers of a list such as `0-3,8`.
fn list(text: &str) -> Option<impl Iterator<Item = u32>> {
    let mut numbers = BTreeSet::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if last.checked_sub(first)? > 4096 {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers.into_iter())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn cores(allowed: &str, siblings: &[(u32, &str)]) -> Option<usize> {
        let root = TempDir::new().expect("a folder");
        let status = format!("Name:\tx\nCpus_allowed_list:\t{allowed}\n");
        fs::write(root.path().join("status"), status).expect("a file");
        for (cpu, text) in siblings {
            let folder = root.path().join(format!("cpu{cpu}/topology"));
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("thread_siblings_list"), text).expect("a file");
        }
        cores_at(root.path(), root.path())
    }

    #[test]
    fn the_two_halves_of_a_core_count_as_one() {
        let halves = [(0, "0,2\n"), (1, "1,3\n"), (2, "0,2\n"), (3, "1,3\n")];
        assert_eq!(cores("0-3", &halves), Some(2));
        assert_eq!(cores("0,2", &halves), Some(1));
        assert_eq!(cores("0-1", &halves), Some(2));
    }

    #[test]
    fn what_the_system_does_not_tell_is_not_guessed() {
        assert_eq!(cores("0-3", &[(0, "0\n")]), None);
        assert_eq!(cores("", &[]), None);
        assert_eq!(cores("x-y", &[]), None);
        assert_eq!(cores("7-3", &[]), None);
    }
}
