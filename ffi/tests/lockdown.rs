//! Whole programs behind the walls: what they open, what they try, and what becomes of them.
#![cfg(all(feature = "llama", target_os = "linux"))]

#[path = "../../core/tests/support/mod.rs"]
mod models;
mod support;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Language, library_dir, root, succeed};

const PROMPT: &str = "Name one colour.";

/// Calls that open or change files, open connections or start something; `?` is for processors that lack one.
const TRACED: &str = "trace=?open,openat,openat2,?creat,?mkdir,mkdirat,?mknod,mknodat,?rename,?renameat,renameat2,?link,linkat,\
                      ?symlink,symlinkat,?unlink,unlinkat,truncate,ftruncate,socket,socketpair,connect,bind,listen,accept,\
                      accept4,sendto,sendmsg,execve,execveat,?fork,?vfork,clone,clone3,memfd_create,io_uring_setup";

fn compile(source: &str, directory: &Path) -> PathBuf {
    let program = directory.join("program");
    succeed(
        Language::C11
            .compiler()
            .args(["-D_GNU_SOURCE"])
            .arg(root().join(source))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(library_dir())
            .arg(format!("-Wl,-rpath,{}", library_dir().display()))
            .args(["-lcloister", "-lm", "-pthread"]),
    );
    program
}

fn tiny_model(directory: &Path) -> PathBuf {
    let model = directory.join("tiny.gguf");
    fs::write(&model, models::tiny_model()).expect("a temporary file");
    model
}

#[test]
fn an_engine_that_tries_to_break_out_gets_an_error_and_a_record() {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let program = compile("tests/lockdown/breached.c", scratch.path());
    let breach = scratch.path().join("breach.so");
    succeed(
        Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-std=gnu11", "-fno-builtin", "-shared", "-fPIC", "-o"])
            .arg(&breach)
            .arg(root().join("tests/lockdown/breach.c"))
            .arg("-lm"),
    );
    succeed(
        Command::new(program)
            .env_remove("LD_LIBRARY_PATH")
            .env("LD_PRELOAD", &breach)
            .arg(scratch.path())
            .arg(tiny_model(scratch.path())),
    );
}

#[test]
fn a_locked_process_chats_on_and_can_do_nothing_else() {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(scratch.path().join("log")).expect("a folder");
    let program = compile("tests/lockdown/process.c", scratch.path());
    succeed(
        Command::new(program)
            .env_remove("LD_LIBRARY_PATH")
            .arg(scratch.path())
            .arg(tiny_model(scratch.path())),
    );
    let files: Vec<_> = fs::read_dir(scratch.path())
        .expect("the folder")
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .collect();
    assert!(!files.iter().any(|it| it == "other"), "{files:?}");
}

/// Runs a command under `strace` with `input`, and gives its trace.
fn trace(before: &[&str], command: &[&OsStr], input: &[u8]) -> String {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let log = scratch.path().join("trace");
    let mut words: Vec<&OsStr> = before.iter().map(OsStr::new).collect();
    words.extend(["strace", "-f", "-q", "-e", TRACED, "-o"].map(OsStr::new));
    words.push(log.as_os_str());
    words.extend(command);
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .env_remove("LD_LIBRARY_PATH")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("strace is installed");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input).expect("the program reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    fs::read_to_string(log).expect("a trace")
}

/// Lines of a trace that must not be there, where only files whose name begins with `log` may be written.
fn escapes(trace: &str, log: &Path) -> Vec<String> {
    let log = log.to_string_lossy().into_owned();
    let mut programs = 0;
    trace
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, call)| call.trim_start())
        .filter(|call| {
            let Some((name, arguments)) = call.split_once('(') else {
                return false;
            };
            if name.contains(' ') || name.starts_with(['+', '-', '<']) {
                return false;
            }
            let own = arguments
                .split('"')
                .nth(1)
                .is_some_and(|path| path.starts_with(&log));
            match name {
                // The program itself.
                "execve" => {
                    programs += 1;
                    programs > 1
                }
                "clone" | "clone3" => !arguments.contains("CLONE_THREAD"),
                "open" | "openat" => {
                    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
                    writes.iter().any(|flag| arguments.contains(flag)) && !own
                }
                // Of a file that was opened under this rule.
                "ftruncate" => false,
                "rename" | "renameat" | "renameat2" | "unlink" | "unlinkat" => !own,
                _ => true,
            }
        })
        .map(str::to_owned)
        .collect()
}

/// The program of `tests/memory` holds a whole guarded conversation with a key and a record.
fn conversation(before: &[&str]) -> Vec<String> {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let program = compile("tests/memory/residue.c", scratch.path());
    let model = models::real_model();
    let length = PROMPT.len().to_string();
    let logs = scratch.path().join("logs");
    fs::create_dir(&logs).expect("a folder");
    let command = [
        program.as_os_str(),
        logs.as_os_str(),
        model.as_os_str(),
        OsStr::new(&length),
        OsStr::new("on"),
    ];
    let input = [
        b"k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA".as_slice(),
        PROMPT.as_bytes(),
    ]
    .concat();
    let trace = trace(before, &command, &input);
    assert!(
        trace.contains("audit.jsonl"),
        "the conversation was recorded"
    );
    escapes(&trace, &logs.join("audit.jsonl"))
}

#[test]
fn a_conversation_writes_nothing_but_the_log_and_opens_no_connection() {
    assert_eq!(conversation(&[]), [""; 0]);
}

#[test]
fn a_conversation_needs_no_network_interface() {
    let alone = ["unshare", "--map-root-user", "--net"];
    let possible = Command::new(alone[0])
        .args(&alone[1..])
        .arg("true")
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        eprintln!(
            "SKIPPED: this kernel lets nobody make a network name space, so nothing was shown about one"
        );
        return;
    }
    assert_eq!(conversation(&alone), [""; 0]);
}

#[test]
fn the_trace_shows_what_a_program_does() {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let script = format!(
        "echo x > {}; true | true",
        scratch.path().join("other").display()
    );
    let command = ["sh", "-c", &script].map(OsStr::new);
    let found = escapes(
        &trace(&[], &command, b""),
        &scratch.path().join("audit.jsonl"),
    );
    assert!(found.iter().any(|it| it.contains("other")), "{found:?}");
    assert!(
        found
            .iter()
            .any(|it| it.starts_with("clone") || it.contains("fork")),
        "{found:?}"
    );
}
