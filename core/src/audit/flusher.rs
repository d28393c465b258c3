//! The thread that brings records to the disk in intervals.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::log::Shared;

/// Ends its thread when it is stopped, or when the log is gone.
pub(super) struct Flusher {
    signal: Arc<Signal>,
}

#[derive(Default)]
struct Signal {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Flusher {
    /// Without a thread, which only a machine without memory refuses, records are written by their writers as the queue
    /// fills, and on closing.
    pub(super) fn start(shared: Weak<Shared>, interval: Duration) -> Self {
        let signal = Arc::new(Signal::default());
        let seen = Arc::clone(&signal);
        let _ = std::thread::Builder::new()
            .name("cloister-audit".to_owned())
            .spawn(move || {
                while !seen.wait(interval) {
                    let Some(shared) = shared.upgrade() else {
                        return;
                    };
                    // The next writer hears of a failure: the queue remembers it.
                    let _ = shared.flush(true);
                }
            });
        Self { signal }
    }

    pub(super) fn stop(&self) {
        *self.signal.lock() = true;
        self.signal.changed.notify_all();
    }
}

impl Signal {
    fn lock(&self) -> std::sync::MutexGuard<'_, bool> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was stopped within `interval`.
    fn wait(&self, interval: Duration) -> bool {
        let stopped = self.lock();
        let waited = self
            .changed
            .wait_timeout_while(stopped, interval, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
