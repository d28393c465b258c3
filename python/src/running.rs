//! The threads that answer behind streams. They may call Python, so they end before the interpreter does.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloister_core::engine::Cancel;
use pyo3::prelude::*;

/// How often a wait at the end of the interpreter looks for Ctrl-C.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// What stops each thread, by number.
static ALL: Mutex<Option<HashMap<u64, Cancel>>> = Mutex::new(None);
static ENDED: Condvar = Condvar::new();
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The process that imported the module: a forked child has the table, but not the threads.
static PROCESS: LazyLock<u32> = LazyLock::new(std::process::id);

fn all() -> MutexGuard<'static, Option<HashMap<u64, Cancel>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread that may call Python; dropped as the last thing that it does.
pub(crate) struct Running(u64);

impl Running {
    pub(crate) fn new(cancel: Cancel) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        all().get_or_insert_default().insert(number, cancel);
        Self(number)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(table) = all().as_mut() {
            table.remove(&self.0);
        }
        ENDED.notify_all();
    }
}

/// Cancels every answer and waits until its thread has ended. A thread that comes back to an interpreter that is being
/// torn down would bring the process down.
#[pyfunction]
fn end_all(py: Python<'_>) -> PyResult<()> {
    if *PROCESS != std::process::id() {
        return Ok(());
    }
    while py.detach(wait_a_little) {
        py.check_signals()?;
    }
    Ok(())
}

/// Whether a thread still runs.
fn wait_a_little() -> bool {
    let table = all();
    table
        .iter()
        .flat_map(HashMap::values)
        .for_each(Cancel::cancel);
    let busy = |table: &mut Option<HashMap<u64, Cancel>>| {
        table.as_ref().is_some_and(|table| !table.is_empty())
    };
    let (table, _) = ENDED
        .wait_timeout_while(table, SIGNAL_INTERVAL, busy)
        .unwrap_or_else(PoisonError::into_inner);
    table.as_ref().is_some_and(|table| !table.is_empty())
}

/// Has the interpreter call [`end_all`] before it ends.
pub(crate) fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    LazyLock::force(&PROCESS);
    let end_all = wrap_pyfunction!(end_all, module)?;
    let atexit = module.py().import("atexit")?;
    atexit.call_method1("register", (end_all,))?;
    Ok(())
}
