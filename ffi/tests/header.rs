//! The header is what the sources say, compiles everywhere, and declares exactly what the library exports.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use support::{Language, library, root, run, succeed, text};

#[test]
fn the_header_is_what_the_sources_say() {
    let crate_dir = root().join("ffi");
    let config = cbindgen::Config::from_file(crate_dir.join("cbindgen.toml"))
        .expect("cbindgen.toml is valid");
    let mut generated = Vec::new();
    cbindgen::Builder::new()
        .with_crate(&crate_dir)
        .with_config(config)
        .generate()
        .expect("the sources are valid")
        .write(&mut generated);
    let generated = String::from_utf8(generated).expect("a header is UTF-8");

    let path = root().join("include/cloister.h");
    if std::env::var_os("CLOISTER_UPDATE_HEADER").is_some() {
        fs::write(&path, &generated).expect("include/ is writable");
    }
    assert!(
        fs::read_to_string(&path).ok().as_ref() == Some(&generated),
        "include/cloister.h is not what the sources give; run `make header` and commit the result"
    );
}

#[test]
fn every_header_compiles_alone_and_twice_in_c_and_cpp() {
    compile(Language::C11, "cloister.h");
    let mut headers = vec!["cloister.h".to_owned(), "cloister.hpp".to_owned()];
    for entry in fs::read_dir(root().join("include/cloister")).expect("include/cloister exists") {
        let name = entry.expect("a readable directory").file_name();
        headers.push(format!("cloister/{}", name.to_string_lossy()));
    }
    assert!(headers.len() > 10, "the list of headers is not complete");
    for header in headers {
        compile(Language::Cpp17, &header);
    }
}

/// Compiles a program of nothing but `header`, twice.
fn compile(language: Language, header: &str) {
    let include = format!("#include <{header}>\n");
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join(format!("alone.{}", language.extension()));
    fs::write(&path, format!("{include}{include}")).expect("a temporary file");
    succeed(language.compiler().arg("-fsyntax-only").arg(&path));
}

/// Function names that the header declares: those at the beginning of a declaration, before their parameters.
fn declared() -> BTreeSet<String> {
    let header = text("include/cloister.h");
    let code: String = header
        .lines()
        .filter(|line| {
            !line.starts_with("//") && !line.starts_with('#') && !line.starts_with("typedef")
        })
        .flat_map(|line| [line.split("//").next().unwrap_or_default(), "\n"])
        .collect();
    code.split(';')
        .filter_map(|declaration| {
            let before = declaration.split_once('(')?.0;
            let name = before.rsplit([' ', '*', '\n']).next()?;
            name.starts_with("cloister_").then(|| name.to_owned())
        })
        .collect()
}

/// Symbols that the shared library defines for others.
fn exported() -> BTreeSet<String> {
    let output = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only", "--format=posix"])
            .arg(library()),
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
#[cfg_attr(not(feature = "llama"), ignore = "a part of the header is left out")]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let checked_in: BTreeSet<String> = text("tests/vectors/exports.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    for (what, names) in [
        ("include/cloister.h declares", declared()),
        ("libcloister.so exports", exported()),
    ] {
        let more: Vec<_> = names.difference(&checked_in).collect();
        let less: Vec<_> = checked_in.difference(&names).collect();
        assert!(
            more.is_empty() && less.is_empty(),
            "{what} {more:?} more and {less:?} less than tests/vectors/exports.txt"
        );
    }
}

#[test]
fn forgetting_a_status_is_a_warning() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("forgets.c");
    let source = "#include <cloister.h>\nvoid f(void) { cloister_doctor(NULL, NULL); }\n";
    fs::write(&path, source).expect("a temporary file");
    let output = run(Language::C11
        .compiler()
        .args(["-c", "-o", "/dev/null"])
        .arg(&path));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cloister_doctor"));
}
