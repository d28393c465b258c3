//! The control groups of this process, versions 1 and 2 (Linux, `Documentation/admin-guide/cgroup-*`).

use std::path::{Path, PathBuf};

/// The folders of the group of this process for `controller`, and of the groups around it, innermost first. `proc` and `sys`
/// are where `/proc/self` and `/sys/fs/cgroup` are.
///
/// In a container, the file system shows the group of the container as the root, whatever the kernel calls it: of folders
/// that are named but not there, the root stands.
pub(super) fn folders(proc: &Path, sys: &Path, controller: &str) -> Vec<PathBuf> {
    let groups = std::fs::read_to_string(proc.join("cgroup")).unwrap_or_default();
    let mut found = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let root = if controllers.is_empty() {
            sys.to_owned()
        } else if controllers.split(',').any(|it| it == controller) {
            sys.join(controllers)
        } else {
            continue;
        };
        let mut inside = Path::new(path.trim_start_matches('/'));
        loop {
            let folder = root.join(inside);
            if folder.is_dir() {
                found.push(folder);
            }
            match inside.parent() {
                Some(outer) => inside = outer,
                None => break,
            }
        }
    }
    found
}

/// A number that is all that a file holds.
pub(super) fn number(folder: &Path, name: &str) -> Option<u64> {
    std::fs::read_to_string(folder.join(name))
        .ok()?
        .trim()
        .parse()
        .ok()
}
