//! The top-level domains of the root zone (IANA, Root Zone Database, 2025), without those in other scripts.

use once_cell::sync::Lazy;

/// One a line, ascending.
static LIST: &str = include_str!("../../../data/tld/tlds.txt");
static LINES: Lazy<Vec<&[u8]>> = Lazy::new(|| LIST.lines().map(str::as_bytes).collect());
/// Those with which names of files end more often.
const EXTENSIONS: &[&str] = &[
    "cc", "md", "ml", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip",
];

/// Whether `label`, in small letters, is a top-level domain and hardly the end of a name of a file.
pub(super) fn is_top_level(label: &[u8]) -> bool {
    listed(label) && !EXTENSIONS.iter().any(|known| known.as_bytes() == label)
}

fn listed(label: &[u8]) -> bool {
    LINES.binary_search(&label).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_between_them() {
        let mut count = 0;
        for line in LIST.lines() {
            assert!(listed(line.as_bytes()), "{line}");
            assert!(
                !listed(&line.as_bytes()[..line.len() - 1])
                    || LIST.contains(&format!("\n{}\n", &line[..line.len() - 1]))
            );
            count += 1;
        }
        assert!(count > 1000);
        for other in ["", "a", "zzz", "example", "com\n", "com\nde"] {
            assert!(!listed(other.as_bytes()), "{other}");
        }
    }
}
