//! What the loaded library asks of the system, read from its own file: the import table.

use std::fs;
use std::path::PathBuf;

use base16ct::lower;
use sha2::{Digest as _, Sha256};

/// Patterns of functions that no shared library of Cloister imports, with the reason at its head.
const FORBIDDEN: &str = include_str!("forbidden-symbols.txt");

/// The import table of the file that this code was loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imports {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub file_sha256: String,
    /// SHA-256 of the names in byte order, each followed by a line feed, in lower-case hexadecimal.
    pub names_sha256: String,
    /// How many names.
    pub count: usize,
    /// Those of them that could open a connection, start a program or load code. Empty for a library as it is shipped; a
    /// program that this crate is linked into statically has its own.
    pub forbidden: Vec<String>,
}

/// Reads the table. `None` where there is no such file, or none in the ELF format.
pub fn imports() -> Option<Imports> {
    let bytes = fs::read(own_file()?).ok()?;
    let names = names(&bytes)?;
    let mut digest = Sha256::new();
    for name in &names {
        digest.update(name);
        digest.update(b"\n");
    }
    Some(Imports {
        file_sha256: lower::encode_string(&Sha256::digest(&bytes)),
        names_sha256: lower::encode_string(&digest.finalize()),
        count: names.len(),
        forbidden: names
            .into_iter()
            .filter(|name| is_forbidden(name))
            .collect(),
    })
}

/// Undefined symbols of the dynamic symbol table, sorted, each once.
fn names(bytes: &[u8]) -> Option<Vec<String>> {
    use object::{Object as _, ObjectSymbol as _};

    let file = object::File::parse(bytes).ok()?;
    let mut names: Vec<String> = file
        .dynamic_symbols()
        .filter(object::ObjectSymbol::is_undefined)
        .filter_map(|symbol| Some(symbol.name().ok()?.to_owned()))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    Some(names)
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == pattern,
        })
}

/// The file that holds this very function.
#[cfg(target_os = "linux")]
fn own_file() -> Option<PathBuf> {
    let here = own_file as fn() -> Option<PathBuf> as usize;
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, _) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let start = usize::from_str_radix(start, 16).ok()?;
        let end = usize::from_str_radix(end, 16).ok()?;
        let path = line.get(line.find('/')?..)?;
        (start..end).contains(&here).then(|| PathBuf::from(path))
    })
}

#[cfg(not(target_os = "linux"))]
fn own_file() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_a_name_or_its_beginning() {
        assert!(is_forbidden("socket") && is_forbidden("execvp") && is_forbidden("posix_spawnp"));
        assert!(!is_forbidden("socketless") && !is_forbidden("write") && !is_forbidden("#"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_program_reads_its_own_table() {
        let found = imports().expect("a test is an ELF file");
        assert!(found.count > 10 && found.file_sha256.len() == 64);
        // A Rust test starts processes, so the proof can fail.
        assert!(
            found
                .forbidden
                .iter()
                .any(|name| name == "fork" || name.starts_with("posix_spawn")),
            "{:?}",
            found.forbidden
        );
    }
}
