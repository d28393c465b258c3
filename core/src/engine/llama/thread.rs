//! The beginning of the engine's threads: one loads the model and reports how far it is, another answers requests.
//!
//! Each is locked before it touches llama.cpp, by rules of its own: the one that loads may read files, the one that answers
//! may not open any.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{Builder, JoinHandle};

use super::EngineOptions;
use super::model::Model;
use super::queue::{Queue, breached, cancelled};
use super::scheduler::Scheduler;
use crate::engine::{Cancel, machine};
use crate::isolation::{Gate, Ledger, Rules};
use crate::{Error, Kind, Result};

/// `GGML_MAX_N_THREADS`.
const MAX_THREADS: u32 = 512;

/// Bytes of stack. llama.cpp builds its graphs recursively.
pub(super) const STACK: usize = 16 << 20;

enum Loading {
    Progress(f32),
    Done(Box<Result<Model>>),
}

/// Loads the model on a thread of its own, and starts the one that then serves `queue`. `progress` runs on the calling
/// thread.
pub(super) fn start(
    path: &Path,
    options: &EngineOptions,
    queue: &Arc<Queue>,
    ledger: &Arc<Ledger>,
    progress: Option<&mut (dyn FnMut(f32) -> bool + Send)>,
) -> Result<(Arc<Model>, JoinHandle<()>)> {
    let threads = threads(options.threads)?;
    let model = Arc::new(load(path, options, ledger, progress)?);
    let gate = Gate::new(options.lockdown, ledger)?;
    let (ready, begun) = channel();
    let thread = {
        let (model, queue, ledger) = (Arc::clone(&model), Arc::clone(queue), Arc::clone(ledger));
        spawn("cloister-engine", move || {
            let scheduler = gate
                .pass(Rules::Serving)
                .and_then(|()| Scheduler::new(&model, threads, queue, ledger));
            match scheduler {
                Err(error) => drop(ready.send(Err(error))),
                Ok(scheduler) => {
                    drop(ready.send(Ok(())));
                    scheduler.run();
                }
            }
        })?
    };
    match begun.recv().unwrap_or_else(|_| Err(ended())) {
        Ok(()) => Ok((model, thread)),
        Err(error) => {
            queue.close();
            let _ = thread.join();
            Err(error)
        }
    }
}

fn load(
    path: &Path,
    options: &EngineOptions,
    ledger: &Arc<Ledger>,
    mut progress: Option<&mut (dyn FnMut(f32) -> bool + Send)>,
) -> Result<Model> {
    let gate = Gate::new(options.lockdown, ledger)?;
    let (events, loading) = channel();
    let abort = Cancel::new();
    let thread = {
        let (path, options, abort) = (path.to_owned(), options.clone(), abort.clone());
        spawn("cloister-load", move || {
            let progress = {
                let events = events.clone();
                // The caller waits for `Done`, so the receiver is there.
                move |share| drop(events.send(Loading::Progress(share)))
            };
            let loaded = gate
                .pass(Rules::Loading)
                .and_then(|()| Model::load(&path, &options, &abort, progress));
            drop(path);
            drop(events.send(Loading::Done(Box::new(loaded))));
        })?
    };
    let mut panicked = None;
    let mut loaded = Err(ended());
    for event in loading {
        match event {
            Loading::Done(result) => {
                loaded = *result;
                break;
            }
            Loading::Progress(share) if !abort.is_cancelled() => {
                let Some(progress) = progress.as_mut() else {
                    continue;
                };
                // The thread must have ended before a panic of the caller's code goes on.
                match catch_unwind(AssertUnwindSafe(|| progress(share))) {
                    Ok(true) => {}
                    Ok(false) => abort.cancel(),
                    Err(panic) => {
                        abort.cancel();
                        panicked = Some(panic);
                    }
                }
            }
            Loading::Progress(_) => {}
        }
    }
    let _ = thread.join();
    if let Some(panic) = panicked {
        resume_unwind(panic);
    }
    if abort.is_cancelled() {
        return Err(cancelled());
    }
    match ledger.take_breach() {
        Some(violation) => Err(breached(&violation)),
        None => loaded,
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    Builder::new()
        .name(name.into())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| Error::io("cannot start the engine thread", &error))
}

fn ended() -> Error {
    Error::new(Kind::Internal, "the engine thread ended")
}

/// As many as asked for, or one per core that CPU affinity and cgroup quota leave.
fn threads(wanted: u32) -> Result<i32> {
    let count = match wanted {
        0 => machine::threads().min(MAX_THREADS as usize),
        1..=MAX_THREADS => wanted as usize,
        _ => {
            return Err(Error::new(
                Kind::InvalidArgument,
                "`threads` is more than 512",
            ));
        }
    };
    Ok(i32::try_from(count).unwrap_or(1))
}
