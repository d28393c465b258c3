//! What an attestation says.

use base16ct::lower;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::{Evidence, Require};
use crate::isolation::{self, Imports, Lockdown, Probe, Thread};
use crate::{Error, Kind, Result};

/// Name and version of the format.
const FORMAT: &str = "cloister-attestation/1";

/// The document without its MAC.
pub(super) fn statement(engine: Option<&Evidence>) -> Result<Value> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    let imports = isolation::imports();
    let threads = isolation::threads();
    let (enforced, not_enforced) = words(engine, imports.as_ref(), &threads);
    let refused = engine.is_none_or(|it| {
        it.lockdown == Lockdown::Engine
            && !it.probes.is_empty()
            && it.probes.iter().all(|probe| probe.refused == Some(true))
    });
    let clean = imports.as_ref().is_some_and(|it| it.forbidden.is_empty());
    Ok(json!({
        "format": FORMAT,
        "created": Timestamp::now().to_string(),
        "nonce": lower::encode_string(&nonce),
        "holds": refused && clean,
        "library": {
            "version": crate::VERSION,
            "file_sha256": imports.as_ref().map(|it| it.file_sha256.clone()),
            "imports": imports.as_ref().map(|it| json!({
                "count": it.count,
                "names_sha256": it.names_sha256,
                "forbidden": it.forbidden,
            })),
        },
        "system": {
            "os": std::env::consts::OS,
            "processor": std::env::consts::ARCH,
            "kernel": kernel(),
        },
        "process": {
            "locked": isolation::process_is_locked(),
            "violations": violations(&isolation::process_violations()),
            "threads": threads.iter().map(thread).collect::<Vec<_>>(),
        },
        "engine": engine.map(|it| json!({
            "model": it.model,
            "model_sha256": it.model_sha256,
            "verified": it.verified.as_str(),
            "signer": it.signer,
            "adapter_sha256": it.adapter_sha256,
            "lockdown": it.lockdown.as_str(),
            "tried": it.probes.iter().map(|probe| json!({
                "what": probe.name,
                "refused": probe.refused,
            })).collect::<Vec<_>>(),
            "violations": violations(&it.violations),
        })),
        "memory": {
            "wiped_before_free": isolation::is_wiping(),
            "wiped_in_llama": isolation::is_wiping() && isolation::covers_llama(),
            "locked_bytes": isolation::locked_bytes().0,
            "not_locked_bytes": isolation::locked_bytes().1,
        },
        "enforced": enforced,
        "not_enforced": not_enforced,
    }))
}

fn violations(found: &[isolation::Violation]) -> Vec<Value> {
    found
        .iter()
        .map(|it| json!({ "call": it.call, "grave": it.grave, "count": it.count }))
        .collect()
}

fn thread(it: &Thread) -> Value {
    json!({
        "name": it.name,
        "seccomp": it.seccomp,
        "filters": it.filters,
        "no_new_privileges": it.no_new_privileges,
    })
}

/// What is enforced and what is not, from what was found just now.
fn words(
    engine: Option<&Evidence>,
    imports: Option<&Imports>,
    threads: &[Thread],
) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let mut say =
        |holds: bool, yes: String, no: String| lines.push((holds, if holds { yes } else { no }));
    match imports {
        Some(found) => say(
            found.forbidden.is_empty(),
            format!(
                "import table: none of its {} names opens a connection, starts a process or loads code",
                found.count
            ),
            format!(
                "import table: the file that this code was loaded from also imports {}",
                found.forbidden.join(", ")
            ),
        ),
        None => say(
            false,
            String::new(),
            "import table: not read on this system".to_owned(),
        ),
    }
    if let Some(engine) = engine {
        engine_words(engine, &mut say);
    }
    if let Some((holds, line)) = threads_of_engines(threads) {
        say(holds, line.clone(), line);
    }
    let all = threads.len();
    let locked = threads.iter().filter(|it| it.seccomp == 2).count();
    say(
        isolation::process_is_locked(),
        format!(
            "process: {locked} of {all} threads behind seccomp filters; files written only where it was allowed"
        ),
        if threads.is_empty() {
            "process: all of its threads may make any system call".to_owned()
        } else {
            format!(
                "process: {} of {all} threads, those of the host, may make any system call",
                all - locked
            )
        },
    );
    say(
        isolation::is_wiping() && isolation::covers_llama(),
        "memory: overwritten before it is freed, llama.cpp's included; the context is given up when no conversation is in \
         progress"
            .to_owned(),
        if isolation::is_wiping() {
            "memory: llama.cpp's is not overwritten before it is freed (only in the shared library and the wheel, on Linux)"
        } else {
            "memory: overwriting before it is freed is switched off"
        }
        .to_owned(),
    );
    let (locked, unlocked) = isolation::locked_bytes();
    say(
        cfg!(target_os = "linux") && unlocked == 0,
        format!(
            "keys and vaults: in {locked} bytes that are neither swapped out nor dumped, and that a forked child finds empty"
        ),
        if cfg!(target_os = "linux") {
            format!(
                "keys and vaults: {unlocked} bytes may be swapped out (RLIMIT_MEMLOCK); none are dumped or inherited"
            )
        } else {
            format!(
                "keys and vaults: {locked} bytes are not swapped out, {unlocked} may be; a dump of this process holds them"
            )
        },
    );
    let shared =
        "threads share memory: code that takes over an unconfined thread sees what the engine sees";
    say(false, String::new(), shared.to_owned());
    let pick = |wanted: bool| {
        let lines = lines.iter().filter(|(holds, _)| *holds == wanted);
        lines.map(|(_, line)| line.clone()).collect()
    };
    (pick(true), pick(false))
}

/// The model's file, and what was tried on the engine's thread.
fn engine_words(engine: &Evidence, say: &mut impl FnMut(bool, String, String)) {
    let by = engine.signer.as_deref().unwrap_or("a pinned SHA-256");
    say(
        engine.verified != Require::None,
        format!("model: the file was vouched for by {by} before it was loaded"),
        "model: nothing vouches for the file; hint: load it with a digest or a signature"
            .to_owned(),
    );
    for Probe { name, refused } in &engine.probes {
        say(
            *refused == Some(true),
            format!("engine's thread: {name} was tried and refused by the kernel"),
            match refused {
                None => format!("engine's thread: {name} is not refused (it is not confined)"),
                Some(_) => format!("engine's thread: {name} was tried and NOT refused"),
            },
        );
    }
    if engine.probes.is_empty() {
        say(
            false,
            String::new(),
            "engine's threads: this system does not confine them".to_owned(),
        );
    }
}

/// Whether all threads of engines are behind filters, in words; nothing where there are none.
fn threads_of_engines(threads: &[Thread]) -> Option<(bool, String)> {
    let ours: Vec<&Thread> = threads
        .iter()
        .filter(|it| matches!(it.name.as_str(), "cloister-engine" | "cloister-text"))
        .collect();
    let locked = ours.iter().filter(|it| it.seccomp == 2).count();
    let line = format!(
        "threads of engines: {locked} of {} run behind seccomp filters",
        ours.len()
    );
    (!ours.is_empty()).then_some((locked == ours.len(), line))
}

/// The release of the running kernel; empty where it has none to tell.
fn kernel() -> String {
    #[cfg(unix)]
    return rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    String::new()
}
