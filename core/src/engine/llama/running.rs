//! The engine threads of this process, and stopping them: one by one, or all when the process ends.
//!
//! A process may end (`exit`, the end of `main` or of a Python script) while a model answers. The destructors of
//! llama.cpp's statics then run beside the thread that uses them, so the threads are stopped first.

use std::ffi::c_int;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::clerk::Clerk;
use super::queue::Queue;

static ALL: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

/// The process that started the threads in [`ALL`]. A forked child inherits the list, but not the threads.
static PROCESS: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" {
    /// C11 7.22.4.2.
    safe fn atexit(handler: extern "C" fn()) -> c_int;
}

/// The threads of an engine.
pub(super) struct Running {
    queue: Arc<Queue>,
    pub(super) clerk: Clerk,
    thread: Mutex<Option<JoinHandle<()>>>,
    process: u32,
}

impl Running {
    /// Takes charge of a thread that serves `queue` and that has loaded its model.
    pub(super) fn new(queue: Arc<Queue>, clerk: Clerk, thread: JoinHandle<()>) -> Arc<Self> {
        let running = Arc::new(Self {
            queue,
            clerk,
            thread: Mutex::new(Some(thread)),
            process: std::process::id(),
        });
        let mut all = ALL.lock();
        all.retain(|it| it.strong_count() > 0);
        all.push(Arc::downgrade(&running));
        PROCESS.store(running.process, Ordering::Relaxed);
        // Again for each: what was registered last runs first, and loading a model may have made new statics. Where
        // there is no room for another, the earlier ones still do it.
        let _ = atexit(stop_all);
        running
    }

    /// Whether this process is a forked child of the one that loaded the model.
    pub(super) fn is_foreign(&self) -> bool {
        std::process::id() != self.process
    }

    /// Closes the queue and waits until the thread has ended. Safe from any thread but the engine's own, twice too.
    pub(super) fn stop(&self) {
        if self.is_foreign() {
            return;
        }
        self.queue.close();
        // Held while waiting, so that a second caller returns no earlier than the first.
        let mut thread = self.thread.lock();
        if let Some(thread) = thread.take() {
            // A thread that panicked has nothing left to say.
            let _ = thread.join();
        }
        self.clerk.stop();
    }
}

/// Runs when the process ends.
extern "C" fn stop_all() {
    if PROCESS.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    let all = std::mem::take(&mut *ALL.lock());
    for running in all.iter().filter_map(Weak::upgrade) {
        running.stop();
    }
}
