//! A thread for what llama.cpp does with a caller's text before it is evaluated: text to tokens, behind the same walls as the
//! evaluation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

use parking_lot::Mutex;

use super::queue::{breached, closed};
use super::thread::STACK;
use crate::isolation::{Gate, Ledger, Lockdown, Rules};
use crate::{Error, Kind, Result};

type Work = Box<dyn FnOnce() + Send>;

/// The thread. Its work is short, and it does one thing after the other.
pub(super) struct Clerk {
    desk: Mutex<Option<(Sender<Work>, JoinHandle<()>)>>,
    ledger: Arc<Ledger>,
    process: u32,
}

impl Clerk {
    /// Starts the thread, which locks itself before it does anything else.
    pub(super) fn new(lockdown: Lockdown, ledger: &Arc<Ledger>) -> Result<Self> {
        let gate = Gate::new(lockdown, ledger)?;
        let (ready, locked) = channel();
        let (works, waiting) = channel::<Work>();
        let thread = Builder::new()
            .name("cloister-text".into())
            .stack_size(STACK)
            .spawn(move || {
                let passed = gate.pass(Rules::Serving);
                let go_on = passed.is_ok();
                drop(ready.send(passed));
                if go_on {
                    for work in waiting {
                        work();
                    }
                }
            })
            .map_err(|error| Error::io("cannot start a thread", &error))?;
        locked.recv().unwrap_or_else(|_| Err(ended()))?;
        Ok(Self {
            desk: Mutex::new(Some((works, thread))),
            ledger: Arc::clone(ledger),
            process: std::process::id(),
        })
    }

    /// Has `work` done there, and waits for what it gives.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, given) = channel();
        {
            let desk = self.desk.lock();
            let (works, _) = desk.as_ref().ok_or_else(closed)?;
            let work = move || {
                let outcome = catch_unwind(AssertUnwindSafe(work));
                drop(answer.send(outcome.unwrap_or_else(|_| Err(ended()))));
            };
            works.send(Box::new(work)).map_err(|_| ended())?;
        }
        let outcome = given.recv().unwrap_or_else(|_| Err(ended()));
        match self.ledger.take_breach() {
            Some(violation) => Err(breached(&violation)),
            None => outcome,
        }
    }

    /// Ends the thread after what it is doing. Twice is once. A forked child has no such thread to wait for.
    pub(super) fn stop(&self) {
        if std::process::id() != self.process {
            return;
        }
        let Some((works, thread)) = self.desk.lock().take() else {
            return;
        };
        drop(works);
        let _ = thread.join();
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.stop();
    }
}

fn ended() -> Error {
    Error::new(Kind::Internal, "the thread that reads texts ended")
}
