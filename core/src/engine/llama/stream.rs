//! The receiving end of an answer.

use std::sync::mpsc::Receiver;

use super::foreign;
use super::queue::Event;
use crate::engine::{Cancel, Completion};
use crate::{Error, Kind, Result};

/// An answer as it comes, in pieces of whole code points. After the last piece comes `None`; an error is the last item.
///
/// Dropping it cancels what is left. It may be sent to another thread, and [`TextStream::cancel`] works from any.
pub struct TextStream {
    events: Receiver<Event>,
    cancel: Cancel,
    text: String,
    completion: Option<Completion>,
    ended: bool,
    process: u32,
}

impl TextStream {
    pub(super) fn new(events: Receiver<Event>, cancel: Cancel) -> Self {
        Self {
            events,
            cancel,
            text: String::new(),
            completion: None,
            ended: false,
            process: std::process::id(),
        }
    }

    /// The flag that stops this answer.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// The whole answer, once the iterator has ended without an error.
    pub fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// [`TextStream::completion`], owned.
    pub fn into_completion(mut self) -> Option<Completion> {
        self.completion.take()
    }

    fn fail(&mut self, error: Error) -> Result<String> {
        self.ended = true;
        Err(error)
    }
}

impl Iterator for TextStream {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        // A forked child has the channel, but no thread that will ever write to it.
        if self.process != std::process::id() {
            return Some(self.fail(foreign()));
        }
        match self.events.recv() {
            Ok(Event::Text(text)) => {
                self.text.push_str(&text);
                Some(Ok(text))
            }
            Ok(Event::Done(finish_reason, usage, timings)) => {
                self.ended = true;
                self.completion = Some(Completion {
                    text: std::mem::take(&mut self.text),
                    finish_reason,
                    usage,
                    timings,
                });
                None
            }
            Ok(Event::Failed(error)) => Some(self.fail(error)),
            Err(_) => Some(self.fail(Error::new(Kind::Internal, "the engine thread ended"))),
        }
    }
}

impl Drop for TextStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl std::fmt::Debug for TextStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
