//! The top-level domains of the root zone (IANA, Root Zone Database, 2025), without those in other scripts.

/// One a line, ascending.
static LIST: &str = include_str!("../../../data/tld/tlds.txt");
/// Those with which names of files end more often.
const EXTENSIONS: &[&str] = &[
    "cc", "md", "ml", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip",
];

/// Whether `label`, in small letters, is a top-level domain and hardly the end of a name of a file.
pub(super) fn is_top_level(label: &[u8]) -> bool {
    listed(label) && !EXTENSIONS.iter().any(|known| known.as_bytes() == label)
}

/// Binary search over lines: `low` and `high` are always the beginnings of lines.
fn listed(label: &[u8]) -> bool {
    let list = LIST.as_bytes();
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let before = &list[low..middle];
        let line = before.iter().rposition(|&byte| byte == b'\n');
        let start = line.map_or(low, |at| low + at + 1);
        let rest = &list[start..high];
        let length = rest.iter().position(|&byte| byte == b'\n');
        let length = length.unwrap_or(rest.len());
        match rest[..length].cmp(label) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + length + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
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
