//! Messages, options, answers and receivers: what every chat needs, whichever object gives it.

use std::ops::ControlFlow;
use std::time::Duration;

use cloister_core::engine;
use cloister_core::{Error, Kind};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyDict, PyMapping};

use crate::exceptions::exception;
use crate::text::Text;

/// How an answer is generated.
#[pyclass(frozen, eq, module = "cloister._native")]
#[derive(PartialEq)]
pub(crate) struct ChatOptions(pub(crate) engine::ChatOptions);

/// One text or several.
#[derive(FromPyObject)]
enum Stop {
    One(String),
    Several(Vec<String>),
}

/// A count that a caller may get wrong by its sign or its size.
fn count(py: Python<'_>, name: &str, value: i64) -> PyResult<u32> {
    u32::try_from(value).map_err(|_| {
        let message = format!("`{name}` is outside 0 to 4294967295");
        exception(py, &Error::new(Kind::InvalidArgument, message))
    })
}

/// A time that a caller may get wrong.
fn seconds(py: Python<'_>, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| {
        let message = "`timeout` is not a number of seconds";
        exception(py, &Error::new(Kind::InvalidArgument, message))
    })
}

#[pymethods]
impl ChatOptions {
    #[new]
    #[pyo3(signature = (*, max_tokens = None, temperature = None, top_p = None, top_k = None, min_p = None, typical_p = None, repeat_penalty = None, repeat_last_n = None, frequency_penalty = None, presence_penalty = None, seed = None, stop = None, cache = None, public_system = false, timeout = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the sampling options, by keyword"
    )]
    fn new(
        py: Python<'_>,
        max_tokens: Option<i64>,
        temperature: Option<f32>,
        top_p: Option<f32>,
        top_k: Option<i64>,
        min_p: Option<f32>,
        typical_p: Option<f32>,
        repeat_penalty: Option<f32>,
        repeat_last_n: Option<i64>,
        frequency_penalty: Option<f32>,
        presence_penalty: Option<f32>,
        seed: Option<i64>,
        stop: Option<Stop>,
        cache: Option<String>,
        public_system: bool,
        timeout: Option<f64>,
    ) -> PyResult<Self> {
        let defaults = engine::ChatOptions::default();
        let number = |name, value: Option<i64>, default| match value {
            Some(value) => count(py, name, value),
            None => Ok(default),
        };
        let options = engine::ChatOptions {
            max_tokens: number("max_tokens", max_tokens, defaults.max_tokens)?,
            temperature: temperature.unwrap_or(defaults.temperature),
            top_p: top_p.unwrap_or(defaults.top_p),
            top_k: number("top_k", top_k, defaults.top_k)?,
            min_p: min_p.unwrap_or(defaults.min_p),
            typical_p: typical_p.unwrap_or(defaults.typical_p),
            repeat_penalty: repeat_penalty.unwrap_or(defaults.repeat_penalty),
            repeat_last_n: number("repeat_last_n", repeat_last_n, defaults.repeat_last_n)?,
            frequency_penalty: frequency_penalty.unwrap_or(defaults.frequency_penalty),
            presence_penalty: presence_penalty.unwrap_or(defaults.presence_penalty),
            seed: seed.map(|seed| count(py, "seed", seed)).transpose()?,
            stop: match stop {
                None => defaults.stop,
                Some(Stop::One(text)) => vec![text],
                Some(Stop::Several(texts)) => texts,
            },
            cache,
            public_system,
            timeout: timeout.map(|time| seconds(py, time)).transpose()?,
            ..engine::ChatOptions::default()
        };
        options.validate().map_err(|error| exception(py, &error))?;
        Ok(Self(options))
    }

    #[getter]
    fn max_tokens(&self) -> u32 {
        self.0.max_tokens
    }

    #[getter]
    fn temperature(&self) -> f32 {
        self.0.temperature
    }

    #[getter]
    fn top_p(&self) -> f32 {
        self.0.top_p
    }

    #[getter]
    fn top_k(&self) -> u32 {
        self.0.top_k
    }

    #[getter]
    fn min_p(&self) -> f32 {
        self.0.min_p
    }

    #[getter]
    fn typical_p(&self) -> f32 {
        self.0.typical_p
    }

    #[getter]
    fn cache(&self) -> Option<&str> {
        self.0.cache.as_deref()
    }

    #[getter]
    fn public_system(&self) -> bool {
        self.0.public_system
    }

    #[getter]
    fn timeout(&self) -> Option<f64> {
        self.0.timeout.map(|time| time.as_secs_f64())
    }

    #[getter]
    fn repeat_penalty(&self) -> f32 {
        self.0.repeat_penalty
    }

    #[getter]
    fn repeat_last_n(&self) -> u32 {
        self.0.repeat_last_n
    }

    #[getter]
    fn frequency_penalty(&self) -> f32 {
        self.0.frequency_penalty
    }

    #[getter]
    fn presence_penalty(&self) -> f32 {
        self.0.presence_penalty
    }

    #[getter]
    fn seed(&self) -> Option<u32> {
        self.0.seed
    }

    #[getter]
    fn stop(&self) -> Vec<String> {
        self.0.stop.clone()
    }

    fn __repr__(&self) -> String {
        format!(
            "ChatOptions(max_tokens={}, temperature={})",
            self.0.max_tokens, self.0.temperature
        )
    }
}

/// The options given, or the defaults.
pub(crate) fn options_of(options: Option<&Py<ChatOptions>>) -> engine::ChatOptions {
    options.map_or_else(engine::ChatOptions::default, |options| {
        options.get().0.clone()
    })
}

/// Stops an operation from another thread.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Cancel(pub(crate) engine::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(engine::Cancel::new())
    }

    fn cancel(&self) {
        self.0.cancel();
    }

    #[getter]
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> &'static str {
        if self.0.is_cancelled() {
            "Cancel(cancelled=True)"
        } else {
            "Cancel(cancelled=False)"
        }
    }
}

/// The flag given, or one that nobody sets.
pub(crate) fn cancel_of(cancel: Option<&Py<Cancel>>) -> engine::Cancel {
    cancel.map_or_else(engine::Cancel::new, |cancel| cancel.get().0.clone())
}

/// A message: a mapping with `role` and `content`.
pub(crate) struct Message(engine::Message);

impl<'py> FromPyObject<'_, 'py> for Message {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let member = |name: &str| -> PyResult<String> {
            let text: Text = object
                .cast::<PyMapping>()
                .ok()
                .and_then(|mapping| mapping.get_item(name).ok())
                .ok_or_else(|| {
                    PyTypeError::new_err("a message is a mapping with `role` and `content`")
                })?
                .extract()?;
            text.get()
                .map(str::to_owned)
                .map_err(|error| exception(py, &error))
        };
        Ok(Self(engine::Message::new(
            member("role")?,
            member("content")?,
        )))
    }
}

/// The messages as the core takes them.
pub(crate) fn messages_of(messages: Vec<Message>) -> Vec<engine::Message> {
    messages.into_iter().map(|message| message.0).collect()
}

/// The messages as Python takes them.
pub(crate) fn messages_to_python<'py>(
    py: Python<'py>,
    messages: &[engine::Message],
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    messages
        .iter()
        .map(|message| {
            let dict = PyDict::new(py);
            dict.set_item("role", &message.role)?;
            dict.set_item("content", &message.content)?;
            Ok(dict)
        })
        .collect()
}

/// A finished answer.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct Completion(pub(crate) engine::Completion);

#[pymethods]
impl Completion {
    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    fn buffer<'py>(&self, py: Python<'py>) -> Bound<'py, PyByteArray> {
        PyByteArray::new(py, self.0.text.as_bytes())
    }

    #[getter]
    fn finish_reason(&self) -> &'static str {
        self.0.finish_reason.as_str()
    }

    #[getter]
    fn prompt_tokens(&self) -> u32 {
        self.0.usage.prompt_tokens
    }

    #[getter]
    fn cached_tokens(&self) -> u32 {
        self.0.usage.cached_tokens
    }

    #[getter]
    fn completion_tokens(&self) -> u32 {
        self.0.usage.completion_tokens
    }

    #[getter]
    fn prompt_seconds(&self) -> f64 {
        self.0.timings.prompt.as_secs_f64()
    }

    #[getter]
    fn generation_seconds(&self) -> f64 {
        self.0.timings.generation.as_secs_f64()
    }

    fn __str__(&self) -> &str {
        &self.0.text
    }

    fn __repr__(&self) -> String {
        format!(
            "Completion(finish_reason='{}', prompt_tokens={}, completion_tokens={})",
            self.finish_reason(),
            self.prompt_tokens(),
            self.completion_tokens()
        )
    }
}

/// Hands pieces of an answer to a Python callable, and lets Ctrl-C stop the answer.
///
/// The callable stops the answer by returning `False` or by raising; what it raised is kept for the caller.
pub(crate) struct Receiver {
    callback: Option<Py<PyAny>>,
    raised: Option<PyErr>,
}

impl Receiver {
    pub(crate) fn new(callback: Option<Py<PyAny>>) -> Self {
        Self {
            callback,
            raised: None,
        }
    }

    pub(crate) fn receive(&mut self, piece: &str) -> ControlFlow<()> {
        let verdict = Python::try_attach(|py| -> PyResult<bool> {
            py.check_signals()?;
            match &self.callback {
                None => Ok(true),
                Some(callback) => {
                    let answer = callback.bind(py).call1((piece,))?;
                    Ok(!answer.is(PyBool::new(py, false)))
                }
            }
        });
        match verdict {
            Some(Ok(true)) => ControlFlow::Continue(()),
            // Without an interpreter, nobody is left to receive the rest.
            Some(Ok(false)) | None => ControlFlow::Break(()),
            Some(Err(raised)) => {
                self.raised = Some(raised);
                ControlFlow::Break(())
            }
        }
    }

    /// What the callable raised, or else the outcome.
    pub(crate) fn outcome<T>(self, outcome: PyResult<T>) -> PyResult<T> {
        self.raised.map_or(outcome, Err)
    }
}
