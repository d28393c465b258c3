//! The engine thread's beginning: it loads the model, reports how far it is, and then answers requests.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle, available_parallelism};

use super::EngineOptions;
use super::model::Model;
use super::queue::{Queue, cancelled};
use super::scheduler::Scheduler;
use crate::engine::Cancel;
use crate::{Error, Kind, Result};

/// `GGML_MAX_N_THREADS`.
const MAX_THREADS: u32 = 512;

/// Bytes of stack. llama.cpp builds its graphs recursively.
const STACK: usize = 16 << 20;

enum Loading {
    Progress(f32),
    Done(Result<Arc<Model>>),
}

/// Loads the model on a new thread, which then serves `queue`. `progress` runs on the calling thread.
pub(super) fn start(
    path: &Path,
    options: &EngineOptions,
    queue: &Arc<Queue>,
    mut progress: Option<&mut (dyn FnMut(f32) -> bool + Send)>,
) -> Result<(Arc<Model>, JoinHandle<()>)> {
    let threads = threads(options.threads)?;
    let (events, loading) = channel();
    let abort = Cancel::new();
    let thread = {
        let (path, options) = (path.to_owned(), options.clone());
        let (queue, abort) = (Arc::clone(queue), abort.clone());
        Builder::new()
            .name("cloister-engine".into())
            .stack_size(STACK)
            .spawn(move || main(path, &options, threads, queue, &abort, &events))
            .map_err(|error| Error::io("cannot start the engine thread", &error))?
    };
    let mut panicked = None;
    let mut loaded = Err(Error::new(Kind::Internal, "the engine thread ended"));
    for event in loading {
        match event {
            Loading::Done(result) => {
                loaded = result;
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
    if abort.is_cancelled() {
        loaded = Err(cancelled());
    }
    match loaded {
        Ok(model) => Ok((model, thread)),
        Err(error) => {
            queue.close();
            let _ = thread.join();
            if let Some(panic) = panicked {
                resume_unwind(panic);
            }
            Err(error)
        }
    }
}

fn main(
    path: PathBuf,
    options: &EngineOptions,
    threads: i32,
    queue: Arc<Queue>,
    abort: &Cancel,
    events: &Sender<Loading>,
) {
    let progress = {
        let events = events.clone();
        // The caller waits for `Done`, so the receiver is there.
        move |share| drop(events.send(Loading::Progress(share)))
    };
    let loaded = Model::load(&path, options, abort, progress);
    drop(path);
    match loaded {
        Err(error) => drop(events.send(Loading::Done(Err(error)))),
        Ok(model) => {
            let model = Arc::new(model);
            match Scheduler::new(&model, threads, queue) {
                Err(error) => drop(events.send(Loading::Done(Err(error)))),
                Ok(scheduler) => {
                    drop(events.send(Loading::Done(Ok(Arc::clone(&model)))));
                    scheduler.run();
                }
            }
        }
    }
}

/// As many as asked for, or as CPU affinity and cgroup quota allow.
fn threads(wanted: u32) -> Result<i32> {
    let count = match wanted {
        0 => available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS as usize)),
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
