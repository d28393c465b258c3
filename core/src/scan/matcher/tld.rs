//! The top-level domains of the root zone (IANA, Root Zone Database, 2025); those in other scripts as they are written and in
//! the form of RFC 5890.

use once_cell::sync::Lazy;

/// One a line, ascending.
static LIST: &str = include_str!("../../../data/tld/tlds.txt");
static LINES: Lazy<Vec<&[u8]>> = Lazy::new(|| LIST.lines().map(str::as_bytes).collect());
/// Those with which names of files end more often.
const EXTENSIONS: &[&str] = &[
    "cc", "md", "ml", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip",
];

/// Ends of names of files that are no top-level domains.
const FILES: &[&str] = &[
    "bak", "bmp", "conf", "cpp", "css", "csv", "dll", "doc", "docx", "exe", "gif", "gz", "hpp",
    "htm", "html", "ini", "jar", "java", "jpeg", "jpg", "js", "json", "jsx", "lock", "log", "mjs",
    "pdf", "php", "png", "rb", "scss", "sql", "svg", "tar", "tgz", "tmp", "toml", "ts", "tsx",
    "txt", "vue", "webp", "whl", "xls", "xlsx", "xml", "yaml", "yml",
];
/// The longest top-level domain, in bytes.
const LONGEST: usize = 33;

/// Whether `label`, in small letters, is a top-level domain and hardly the end of a name of a file.
pub(super) fn is_top_level(label: &[u8]) -> bool {
    listed(label) && !EXTENSIONS.iter().any(|known| known.as_bytes() == label)
}

/// Whether `label`, in either case, is a top-level domain.
pub(super) fn is_listed(label: &str) -> bool {
    label.len() <= LONGEST && listed(label.to_lowercase().as_bytes())
}

/// Whether `name` ends as the name of a file does.
pub(super) fn is_extension(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default();
    FILES.iter().any(|known| end.eq_ignore_ascii_case(known))
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
            assert!(line.len() <= LONGEST, "{line}");
            let shorter = &line[..line.floor_char_boundary(line.len() - 1)];
            assert!(!listed(shorter.as_bytes()) || LIST.contains(&format!("\n{shorter}\n")));
            count += 1;
        }
        assert!(count > 1000);
        for other in ["", "a", "zzz", "example", "com\n", "com\nde"] {
            assert!(!listed(other.as_bytes()), "{other}");
        }
    }
}
