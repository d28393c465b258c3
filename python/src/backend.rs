//! A Python object that answers in place of the engine. It receives scrubbed text only.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use cloister_core::engine::{self, Backend};
use cloister_core::{Error, Kind, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use crate::chat::{ChatOptions, Completion, messages_to_python};

thread_local! {
    /// What the backend raised during the chat that runs on this thread.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Takes what the backend raised on this thread since the last call.
pub(crate) fn take_raised() -> Option<PyErr> {
    RAISED.take()
}

/// The engine, or any object with `chat(messages, options)`.
pub(crate) fn backend_of(object: &Bound<'_, PyAny>) -> PyResult<Arc<dyn Backend>> {
    #[cfg(feature = "llama")]
    if let Ok(engine) = object.cast::<crate::engine::Engine>() {
        return Ok(Arc::clone(&engine.get().0) as Arc<dyn Backend>);
    }
    if !object.hasattr("chat")? {
        return Err(PyTypeError::new_err(
            "a backend is an Engine or an object with `chat(messages, options)`",
        ));
    }
    let name = match object.getattr("name").and_then(|name| name.extract()) {
        Ok(name) => name,
        Err(_) => object.get_type().name()?.extract()?,
    };
    Ok(Arc::new(PythonBackend {
        object: object.clone().unbind(),
        name,
    }))
}

struct PythonBackend {
    object: Py<PyAny>,
    name: String,
}

/// What `chat` may return.
enum Answer {
    Completion(engine::Completion),
    Text(String),
    Pieces(Py<PyIterator>),
}

impl PythonBackend {
    fn ask(&self, messages: &[engine::Message], options: &engine::ChatOptions) -> PyResult<Answer> {
        Python::attach(|py| {
            let messages = messages_to_python(py, messages)?;
            let answer = self
                .object
                .bind(py)
                .call_method1("chat", (messages, ChatOptions(options.clone())))?;
            if let Ok(completion) = answer.cast::<Completion>() {
                Ok(Answer::Completion(completion.get().0.clone()))
            } else if answer.is_instance_of::<PyString>() {
                answer.extract().map(Answer::Text)
            } else {
                Ok(Answer::Pieces(answer.try_iter()?.unbind()))
            }
        })
    }

    /// The whole answer, handed on piece by piece. `None` when the receiver stopped it.
    fn answer(
        &self,
        messages: &[engine::Message],
        options: &engine::ChatOptions,
        cancel: &engine::Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> PyResult<Option<engine::Completion>> {
        let started = Instant::now();
        let mut text = String::new();
        let mut hand_on = |piece: &str| {
            let goes_on = !cancel.is_cancelled() && on_text(piece).is_continue();
            text.push_str(piece);
            goes_on
        };
        match self.ask(messages, options)? {
            Answer::Completion(completion) => {
                return Ok(hand_on(&completion.text).then_some(completion));
            }
            Answer::Text(whole) => {
                if !hand_on(&whole) {
                    return Ok(None);
                }
            }
            Answer::Pieces(pieces) => {
                let whole = hand_on_all(&pieces, &mut hand_on);
                // Released here and now, so that a generator that was stopped early ends with the chat.
                Python::attach(|_| drop(pieces));
                if !whole? {
                    return Ok(None);
                }
            }
        }
        Ok(Some(engine::Completion {
            text,
            timings: engine::Timings {
                generation: started.elapsed(),
                ..engine::Timings::default()
            },
            ..engine::Completion::default()
        }))
    }
}

/// Whether the receiver wanted all of it.
fn hand_on_all(pieces: &Py<PyIterator>, hand_on: &mut impl FnMut(&str) -> bool) -> PyResult<bool> {
    while let Some(piece) = next_piece(pieces)? {
        if !hand_on(&piece) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn next_piece(pieces: &Py<PyIterator>) -> PyResult<Option<String>> {
    Python::attach(|py| match pieces.bind(py).clone().next() {
        Some(piece) => piece?.extract().map(Some),
        None => Ok(None),
    })
}

impl Backend for PythonBackend {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn chat(
        &self,
        messages: &[engine::Message],
        options: &engine::ChatOptions,
        cancel: &engine::Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<engine::Completion> {
        match self.answer(messages, options, cancel, on_text) {
            Ok(Some(completion)) => Ok(completion),
            Ok(None) => Err(Error::new(Kind::Cancelled, "the answer was cancelled")),
            Err(raised) => {
                RAISED.set(Some(raised));
                Err(Error::new(Kind::Model, "the backend raised an exception"))
            }
        }
    }
}
