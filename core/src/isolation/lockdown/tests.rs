//! Real threads behind real filters.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use super::*;
use crate::isolation::threads;

/// Runs `work` on a thread that is locked by `rules`, and gives what was refused meanwhile.
fn behind<T: Send + 'static>(
    rules: Rules,
    work: impl FnOnce() -> T + Send + 'static,
) -> (T, Vec<Violation>) {
    let ledger = Arc::new(Ledger::default());
    let gate = Gate::new(Lockdown::Engine, &ledger).expect("a thread to watch");
    let outcome = thread::spawn(move || {
        gate.pass(rules).expect("this kernel confines threads");
        work()
    })
    .join()
    .expect("the thread lives on");
    (outcome, ledger.violations())
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn a_locked_thread_opens_no_connection_and_the_attempt_is_noted() {
    let (outcome, seen) = behind(Rules::Serving, || kind(TcpStream::connect("127.0.0.1:9")));
    assert_eq!(outcome, Some(ErrorKind::PermissionDenied));
    assert_eq!(
        seen,
        [Violation {
            call: "socket".into(),
            grave: true,
            count: 1
        }]
    );
}

#[test]
fn a_locked_thread_starts_no_program() {
    let (outcome, seen) = behind(Rules::Loading, || {
        kind(Command::new("true").stdin(Stdio::null()).status())
    });
    assert_eq!(outcome, Some(ErrorKind::PermissionDenied));
    assert!(seen.iter().any(|it| it.grave), "{seen:?}");
}

#[test]
fn a_thread_that_loads_reads_files_and_writes_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new");
    let (read, written, appended) = behind(Rules::Loading, move || {
        let mut bytes = Vec::new();
        let read = File::open("/proc/self/cmdline").and_then(|mut it| it.read_to_end(&mut bytes));
        let appended = OpenOptions::new().append(true).open("/dev/null");
        (read.is_ok(), kind(File::create(path)), kind(appended))
    })
    .0;
    assert!(read);
    assert_eq!(written, Some(ErrorKind::PermissionDenied));
    assert_eq!(appended, Some(ErrorKind::PermissionDenied));
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
}

#[test]
fn a_thread_that_serves_opens_no_file_at_all() {
    let (outcome, seen) = behind(Rules::Serving, || kind(File::open("/etc/hostname")));
    assert_eq!(outcome, Some(ErrorKind::PermissionDenied));
    assert!(
        seen.iter().all(|it| !it.grave) && seen[0].call == "open",
        "{seen:?}"
    );
}

#[test]
fn a_locked_thread_computes_and_what_it_starts_is_locked_too() {
    let (outcome, seen) = behind(Rules::Serving, || {
        let inner = thread::spawn(|| {
            let sum: u64 = vec![1_u64; 4 << 20].into_iter().sum();
            (sum, kind(TcpListener::bind("127.0.0.1:0")))
        });
        inner.join().expect("the inner thread lives on")
    });
    assert_eq!(outcome, (4 << 20, Some(ErrorKind::PermissionDenied)));
    // Naming a thread and the like may be refused; a connection is the one grave thing here.
    let grave: Vec<_> = seen.iter().filter(|it| it.grave).collect();
    assert_eq!(grave.len(), 1, "{seen:?}");
}

#[test]
fn the_host_keeps_everything_while_another_thread_is_locked() {
    let (locked, _) = behind(Rules::Serving, || thread::current().id());
    assert_ne!(locked, thread::current().id());
    assert!(TcpListener::bind("127.0.0.1:0").is_ok());
    assert!(Command::new("true").status().is_ok_and(|it| it.success()));
}

#[test]
fn the_kernel_tells_that_a_thread_is_locked() {
    let ledger = Arc::new(Ledger::default());
    let gate = Gate::new(Lockdown::Engine, &ledger).expect("a thread to watch");
    let (ready, started) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let locked = thread::Builder::new()
        .name("being-locked".into())
        .spawn(move || {
            gate.pass(Rules::Serving).expect("filters");
            ready.send(()).expect("a test that waits");
            let _ = wait.recv();
        })
        .expect("a thread");
    started.recv().expect("the thread lives on");
    let found = threads();
    let found = found.iter().find(|it| it.name == "being-locked");
    drop(go_on);
    locked.join().expect("the thread lives on");
    let found = found.expect("the kernel lists it");
    assert_eq!(
        (found.seccomp, found.filters, found.no_new_privileges),
        (2, 1, true)
    );
}

#[test]
fn probes_are_refused_and_leave_no_trace() {
    let ledger = Arc::new(Ledger::default());
    let gate = Gate::new(Lockdown::Engine, &ledger).expect("a thread to watch");
    let inner = Arc::clone(&ledger);
    let probes = thread::spawn(move || {
        gate.pass(Rules::Serving).expect("filters");
        inner.expecting(probe_this_thread)
    })
    .join()
    .expect("the thread lives on");
    assert!(probes.len() >= 6);
    assert!(
        probes.iter().all(|it| it.refused == Some(true)),
        "{probes:?}"
    );
    assert_eq!(ledger.violations(), []);
    assert!(ledger.take_breach().is_none());
}

#[test]
fn a_breach_is_told_each_time_and_an_oddity_once() {
    let ledger = Arc::new(Ledger::default());
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    ledger.tell(Box::new(move |violation| {
        heard.lock().push(violation.clone());
        true
    }));
    let gate = Gate::new(Lockdown::Engine, &ledger).expect("a thread to watch");
    thread::spawn(move || {
        gate.pass(Rules::Serving).expect("filters");
        for _ in 0..3 {
            assert!(TcpListener::bind("127.0.0.1:0").is_err());
            assert!(File::open("/dev/null").is_err());
        }
    })
    .join()
    .expect("the thread lives on");
    // Asking for them waits until all is written down and told.
    assert_eq!(ledger.violations().len(), 2);
    let calls: Vec<_> = told.lock().iter().map(|it| it.call.clone()).collect();
    assert_eq!(calls, ["socket", "open", "socket", "socket"]);
    assert_eq!(ledger.take_breach().map(|it| it.count), Some(3));
    assert!(ledger.take_breach().is_none());
}

#[test]
fn without_a_lockdown_nothing_is_refused() {
    let ledger = Arc::new(Ledger::default());
    let gate = Gate::new(Lockdown::Off, &ledger).expect("nothing to do");
    let bound = thread::spawn(move || {
        gate.pass(Rules::Serving).expect("nothing to do");
        (
            TcpListener::bind("127.0.0.1:0").is_ok(),
            probe_this_thread(),
        )
    });
    let (bound, probes) = bound.join().expect("the thread lives on");
    assert!(
        bound && probes.iter().all(|it| it.refused.is_none()),
        "{probes:?}"
    );
}
