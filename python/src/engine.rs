//! The engine: a GGUF model in this process.

use std::path::PathBuf;
use std::sync::Arc;

use cloister_core::engine::{self, Adapter, EmbedOptions, EngineOptions, Pooling};
use cloister_core::isolation::Lockdown;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::chat::{
    Cancel, ChatOptions, Completion, Message, Receiver, cancel_of, messages_of, options_of,
};
use crate::cipher::Cipher;
use crate::exceptions::{detached, exception};
use crate::model::{Inspection, MemoryEstimate, trust_of};
use crate::stream::{CompletionStream, TextStream};
use crate::text::Text;

/// What a model file says about itself.
#[pyclass(frozen, module = "cloister._native")]
pub(crate) struct ModelInfo(engine::ModelInfo);

#[pymethods]
impl ModelInfo {
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn architecture(&self) -> &str {
        &self.0.architecture
    }

    #[getter]
    fn parameters(&self) -> u64 {
        self.0.parameters
    }

    #[getter]
    fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }

    #[getter]
    fn vocabulary(&self) -> u32 {
        self.0.vocabulary
    }

    #[getter]
    fn training_context_tokens(&self) -> u32 {
        self.0.training_context_tokens
    }

    #[getter]
    fn context_tokens(&self) -> u32 {
        self.0.context_tokens
    }

    #[getter]
    fn embedding_length(&self) -> u32 {
        self.0.embedding_length
    }

    #[getter]
    fn has_chat_template(&self) -> bool {
        self.0.has_chat_template
    }

    #[getter]
    fn sha256(&self) -> &str {
        &self.0.provenance.sha256
    }

    #[getter]
    fn verified(&self) -> &'static str {
        self.0.provenance.verified.as_str()
    }

    #[getter]
    fn signer(&self) -> Option<&str> {
        self.0.provenance.signer.as_deref()
    }

    #[getter]
    fn adapter_sha256(&self) -> Option<&str> {
        self.0.provenance.adapter_sha256.as_deref()
    }

    #[getter]
    fn memory(&self) -> MemoryEstimate {
        self.0.memory.into()
    }

    fn __repr__(&self) -> String {
        format!(
            "ModelInfo(architecture='{}', parameters={}, context_tokens={})",
            self.0.architecture, self.0.parameters, self.0.context_tokens
        )
    }
}

/// Calls a Python callable with the share that is loaded; what it raises ends the loading.
struct Progress {
    callback: Py<PyAny>,
    raised: Option<PyErr>,
}

impl Progress {
    fn report(&mut self, share: f32) -> bool {
        let called = Python::attach(|py| -> PyResult<()> {
            py.check_signals()?;
            self.callback.call1(py, (share,)).map(drop)
        });
        match called {
            Ok(()) => true,
            Err(raised) => {
                self.raised = Some(raised);
                false
            }
        }
    }
}

/// A loaded model. Any number of threads may use one engine.
#[pyclass(frozen, subclass, module = "cloister._native")]
pub(crate) struct Engine(pub(crate) Arc<engine::Engine>);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (path, *, context_tokens = None, threads = None, gpu_layers = None, queue = None, lockdown = None, chat_template = None, require = None, sha256 = None, signature = None, public_key = None, root_certificates = None, adapter = None, adapter_scale = None, adapter_sha256 = None, adapter_signature = None, unchecked_memory = false, speculation = true, progress = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the options of loading, by keyword"
    )]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        context_tokens: Option<u32>,
        threads: Option<u32>,
        gpu_layers: Option<u32>,
        queue: Option<u32>,
        lockdown: Option<&str>,
        chat_template: Option<String>,
        require: Option<&str>,
        sha256: Option<String>,
        signature: Option<String>,
        public_key: Option<String>,
        root_certificates: Option<String>,
        adapter: Option<PathBuf>,
        adapter_scale: Option<f32>,
        adapter_sha256: Option<String>,
        adapter_signature: Option<String>,
        unchecked_memory: bool,
        speculation: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mut options = EngineOptions::default();
        options.context_tokens = context_tokens.unwrap_or(options.context_tokens);
        options.threads = threads.unwrap_or(options.threads);
        options.gpu_layers = gpu_layers.unwrap_or(options.gpu_layers);
        options.queue = queue.unwrap_or(options.queue);
        options.chat_template = chat_template;
        if let Some(lockdown) = lockdown {
            options.lockdown = Lockdown::parse(lockdown).map_err(|error| exception(py, &error))?;
        }
        options.trust = trust_of(
            py,
            require,
            sha256,
            signature,
            public_key,
            root_certificates,
        )?;
        options.adapter = Adapter::given(adapter, adapter_scale, adapter_sha256, adapter_signature)
            .map_err(|error| exception(py, &error))?;
        options.unchecked_memory = unchecked_memory;
        options.no_speculation = !speculation;
        let mut progress = progress.map(|callback| Progress {
            callback,
            raised: None,
        });
        let loaded = detached(py, || match &mut progress {
            Some(progress) => {
                engine::Engine::load(path, &options, Some(&mut |share| progress.report(share)))
            }
            None => engine::Engine::load(path, &options, None),
        });
        match progress.and_then(|progress| progress.raised) {
            Some(raised) => Err(raised),
            None => Ok(Self(Arc::new(loaded?))),
        }
    }

    #[staticmethod]
    #[pyo3(signature = (path, *, context_tokens = None, require = None, sha256 = None, signature = None, public_key = None, root_certificates = None, adapter = None, adapter_scale = None, adapter_sha256 = None, adapter_signature = None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the options of loading, by keyword"
    )]
    fn inspect(
        py: Python<'_>,
        path: PathBuf,
        context_tokens: Option<u32>,
        require: Option<&str>,
        sha256: Option<String>,
        signature: Option<String>,
        public_key: Option<String>,
        root_certificates: Option<String>,
        adapter: Option<PathBuf>,
        adapter_scale: Option<f32>,
        adapter_sha256: Option<String>,
        adapter_signature: Option<String>,
    ) -> PyResult<Inspection> {
        let options = EngineOptions {
            context_tokens: context_tokens.unwrap_or_default(),
            adapter: Adapter::given(adapter, adapter_scale, adapter_sha256, adapter_signature)
                .map_err(|error| exception(py, &error))?,
            trust: trust_of(
                py,
                require,
                sha256,
                signature,
                public_key,
                root_certificates,
            )?,
            ..EngineOptions::default()
        };
        detached(py, || engine::Engine::inspect(path, &options)).map(Inspection)
    }

    #[getter]
    fn info(&self) -> ModelInfo {
        ModelInfo(self.0.info().clone())
    }

    #[pyo3(signature = (messages, options = None, *, on_text = None, cancel = None))]
    fn chat(
        &self,
        py: Python<'_>,
        messages: Vec<Message>,
        options: Option<Py<ChatOptions>>,
        on_text: Option<Py<PyAny>>,
        cancel: Option<Py<Cancel>>,
    ) -> PyResult<Completion> {
        let messages = messages_of(messages);
        let (options, cancel) = (options_of(options.as_ref()), cancel_of(cancel.as_ref()));
        let mut receiver = Receiver::new(on_text);
        let answer = detached(py, || {
            self.0.chat(&messages, &options, &cancel, &mut |piece| {
                receiver.receive(piece)
            })
        });
        receiver.outcome(answer.map(Completion))
    }

    #[pyo3(signature = (prompt, options = None, *, on_text = None, cancel = None))]
    fn generate(
        &self,
        py: Python<'_>,
        prompt: Text,
        options: Option<Py<ChatOptions>>,
        on_text: Option<Py<PyAny>>,
        cancel: Option<Py<Cancel>>,
    ) -> PyResult<Completion> {
        let (options, cancel) = (options_of(options.as_ref()), cancel_of(cancel.as_ref()));
        let mut receiver = Receiver::new(on_text);
        let answer = detached(py, || {
            self.0
                .generate(prompt.get()?, &options, &cancel, &mut |piece| {
                    receiver.receive(piece)
                })
        });
        receiver.outcome(answer.map(Completion))
    }

    #[pyo3(signature = (messages, options = None))]
    fn stream(
        &self,
        py: Python<'_>,
        messages: Vec<Message>,
        options: Option<Py<ChatOptions>>,
    ) -> PyResult<TextStream> {
        let messages = messages_of(messages);
        let options = options_of(options.as_ref());
        detached(py, || self.0.chat_stream(&messages, &options)).map(TextStream::new)
    }

    #[pyo3(signature = (prompt, options = None))]
    fn generate_stream(
        &self,
        py: Python<'_>,
        prompt: Text,
        options: Option<Py<ChatOptions>>,
    ) -> PyResult<TextStream> {
        let options = options_of(options.as_ref());
        detached(py, || self.0.generate_stream(prompt.get()?, &options)).map(TextStream::new)
    }

    #[pyo3(signature = (request, *, on_part = None, cancel = None))]
    fn complete(
        &self,
        py: Python<'_>,
        request: Text,
        on_part: Option<Py<PyAny>>,
        cancel: Option<Py<Cancel>>,
    ) -> PyResult<String> {
        let cancel = cancel_of(cancel.as_ref());
        let mut receiver = Receiver::new(on_part);
        let answer = detached(py, || {
            self.0
                .complete(request.get()?, &cancel, &mut |part| receiver.receive(part))
        });
        receiver.outcome(answer)
    }

    fn complete_stream(&self, py: Python<'_>, request: Text) -> PyResult<CompletionStream> {
        detached(py, || self.0.complete_stream(request.get()?)).map(CompletionStream::new)
    }

    fn forget(&self, py: Python<'_>, cache: &str) -> PyResult<()> {
        detached(py, || self.0.forget(cache))
    }

    fn save<'py>(
        &self,
        py: Python<'py>,
        cache: &str,
        cipher: &Cipher,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let envelope = detached(py, || self.0.save(cache, &cipher.0))?;
        Ok(PyBytes::new(py, &envelope))
    }

    fn restore(
        &self,
        py: Python<'_>,
        cache: &str,
        cipher: &Cipher,
        envelope: Text,
    ) -> PyResult<()> {
        detached(py, || self.0.restore(cache, &cipher.0, envelope.bytes()))
    }

    #[pyo3(signature = (text, *, pooling = "mean", normalize = true))]
    fn embed(
        &self,
        py: Python<'_>,
        text: Text,
        pooling: &str,
        normalize: bool,
    ) -> PyResult<Vec<f32>> {
        detached(py, || {
            let pooling = Pooling::parse(pooling)?;
            let options = EmbedOptions { pooling, normalize };
            self.0.embed_with(text.get()?, options)
        })
    }

    fn count_tokens(&self, py: Python<'_>, text: Text) -> PyResult<usize> {
        detached(py, || self.0.count_tokens(text.get()?))
    }

    fn render(&self, py: Python<'_>, messages: Vec<Message>) -> PyResult<String> {
        let messages = messages_of(messages);
        detached(py, || self.0.render(&messages))
    }

    fn chat_tokens(&self, py: Python<'_>, messages: Vec<Message>) -> PyResult<Vec<i32>> {
        let messages = messages_of(messages);
        detached(py, || self.0.chat_tokens(&messages))
    }

    fn violations(&self) -> Vec<(String, bool, u64)> {
        let found = self.0.violations().into_iter();
        found.map(|it| (it.call, it.grave, it.count)).collect()
    }

    fn unload(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.0.unload();
            Ok(())
        })
    }

    #[getter]
    fn loaded(&self) -> bool {
        self.0.is_loaded()
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exc))]
    fn __exit__(&self, py: Python<'_>, _exc: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        self.unload(py)
    }
}
