//! The writing end of each process: a forked child has one of its own.

use std::sync::{Arc, Mutex, OnceLock};

use super::commit::Queue;
use super::flusher::Flusher;
use super::id::Ids;
use super::writer::{Config, Writer};

/// A writer with the process it belongs to, and the one of a forked child. A mutex that another thread held during the
/// fork stays locked in the child for ever, so the child must not wait for the one that it inherited.
///
/// `std::sync::Mutex` and not `parking_lot`'s: it has no state outside of itself that a fork could copy half-changed.
pub(super) struct WritingEnd {
    process: u32,
    pub(super) writer: Mutex<Writer>,
    pub(super) queue: Queue,
    pub(super) ids: Mutex<Ids>,
    pub(super) flusher: OnceLock<Flusher>,
    child: OnceLock<Box<WritingEnd>>,
}

impl WritingEnd {
    pub(super) fn new(process: u32, config: Arc<Config>) -> Self {
        Self {
            process,
            writer: Mutex::new(Writer::new(config)),
            queue: Queue::default(),
            ids: Mutex::default(),
            flusher: OnceLock::new(),
            child: OnceLock::new(),
        }
    }

    /// The writing end of `process`, made anew if that is a child that has not written yet.
    pub(super) fn of_process(&self, process: u32, config: &Arc<Config>) -> &Self {
        let mut end = self;
        while end.process != process {
            end = end.child.get_or_init(|| {
                // The parent's descriptors share its lock: while they are open here, its death would not release it.
                if let Ok(mut inherited) = end.writer.try_lock() {
                    inherited.close();
                }
                Box::new(Self::new(process, Arc::clone(config)))
            });
        }
        end
    }

    pub(super) fn existing(&self, process: u32) -> Option<&Self> {
        let mut end = self;
        while end.process != process {
            end = end.child.get()?;
        }
        Some(end)
    }
}
