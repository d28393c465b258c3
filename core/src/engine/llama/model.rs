//! A model in memory: opened once, checked, and then mapped by llama.cpp.

use std::fs::File;
use std::path::{Path, PathBuf};

use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaModel, RopeType};
use llama_cpp_2::token::LlamaToken;
use once_cell::sync::OnceCell;

use super::constraint::Formats;
use super::template::Template;
use super::tokens::Tokenizer;
use super::{EngineOptions, ModelInfo, backend, inspect};
use crate::engine::calls::Family;
use crate::engine::gguf::Header;
use crate::engine::{Cancel, MemoryEstimate, ModelFile, Provenance};
use crate::{Error, Kind, Result};

/// Mebibytes that are verified between two reports of progress.
const REPORT: u32 = 64;

/// Everything that can be asked of a model without evaluating it. Shared by all threads.
pub(super) struct Model {
    pub(super) llama: LlamaModel,
    pub(super) info: ModelInfo,
    pub(super) tokenizer: Tokenizer,
    /// Whether each token sees only the ones before it, so that text can be generated.
    pub(super) causal: bool,
    /// Upper bound of the bytes that one token stands for.
    pub(super) longest_token: usize,
    template: Result<Template>,
    /// Control tokens that begin or part a call of a tool.
    markers: Vec<LlamaToken>,
    formats: OnceCell<Formats>,
    file: ModelFile,
}

impl Model {
    /// Loads the model at `path`. `progress` gets 0 to 1; `abort` makes it end with `Cancelled`.
    pub(super) fn load(
        path: &Path,
        options: &EngineOptions,
        abort: &Cancel,
        mut progress: impl FnMut(f32) + 'static,
    ) -> Result<Self> {
        let file = ModelFile::open(path)?;
        let context_tokens = file.context_tokens(options.context_tokens)?;
        let memory = inspect::memory(&file, context_tokens);
        inspect::must_fit(&memory, options)?;
        let mut read = 0_u32;
        let provenance = file.verify(&options.trust, &mut || {
            if read.is_multiple_of(REPORT) {
                progress(0.0);
            }
            read = read.wrapping_add(1);
            !abort.is_cancelled()
        })?;
        let backend = backend::start()?;
        let go_on = {
            let abort = abort.clone();
            move |share| {
                progress(share);
                !abort.is_cancelled()
            }
        };
        let parameters = LlamaModelParams::default()
            .with_n_gpu_layers(options.gpu_layers)
            .with_progress_callback(go_on);
        let llama = LlamaModel::load_from_file(backend, same_file(path, file.file()), &parameters)
            .map_err(|_| {
                Error::new(
                    Kind::Model,
                    "llama.cpp refused the model file; hint: its architecture may be unknown to this version, or too \
                     little memory is free",
                )
            })?;
        file.must_still_be(&provenance)?;
        let header = file.header();
        let own = header.text("tokenizer.chat_template");
        let template = match options.chat_template.as_deref().or(own) {
            Some(source) => Template::compile(source, &llama),
            None => Err(Error::new(
                Kind::Model,
                "the model has no chat template; hint: load it with `chat_template`, or continue a prompt with `generate`",
            )),
        };
        let family = template.as_ref().ok().and_then(|template| template.family);
        let architecture = header.text("general.architecture").unwrap_or_default();
        let causal = header.flag(&format!("{architecture}.attention.causal"));
        Ok(Self {
            info: info(
                &llama,
                header,
                context_tokens,
                template.is_ok(),
                provenance,
                memory,
            ),
            tokenizer: Tokenizer::new(&llama)?,
            causal: causal.unwrap_or(true),
            longest_token: header.longest_token(),
            markers: family.map_or_else(Vec::new, |family| markers(&llama, family)),
            formats: OnceCell::new(),
            template,
            llama,
            file,
        })
    }

    /// The chat template, or why there is none.
    pub(super) fn template(&self) -> Result<&Template> {
        self.template.as_ref().map_err(Clone::clone)
    }

    /// How the model writes calls of tools, where it was trained to.
    pub(super) fn family(&self) -> Option<Family> {
        self.template
            .as_ref()
            .ok()
            .and_then(|template| template.family)
    }

    /// Whether a token belongs to the writing of a call, although it is a control token.
    pub(super) fn is_marker(&self, token: LlamaToken) -> bool {
        self.markers.contains(&token)
    }

    /// Whether tokens can be dropped from the middle of a sequence and those behind them moved.
    pub(super) fn shifts(&self) -> bool {
        let one_position = matches!(
            self.llama.rope_type(),
            Some(RopeType::Norm | RopeType::NeoX)
        );
        one_position && !self.llama.is_recurrent() && !self.llama.is_hybrid()
    }

    /// What keeps answers to a format.
    pub(super) fn formats(&self) -> Result<&Formats> {
        self.formats.get_or_try_init(|| Formats::new(&self.llama))
    }

    /// SHA-256 of the file that is mapped, whatever its name leads to by now, in lower-case hexadecimal.
    pub(super) fn digest(&self) -> Result<String> {
        // One at a time: all callers share the place in the file.
        let _alone = backend::exclusive();
        self.file.sha256()
    }

    /// Bytes of text beyond which it cannot fit the context window, whatever it says.
    pub(super) fn longest_text(&self) -> usize {
        self.longest_token
            .saturating_mul(self.info.context_tokens as usize)
    }
}

fn markers(llama: &LlamaModel, family: Family) -> Vec<LlamaToken> {
    let vocabulary = llama.vocab();
    let markers = family.markers().iter();
    markers
        .filter_map(|marker| {
            <[LlamaToken; 1]>::try_from(vocabulary.tokenize(marker.as_bytes(), false, true)).ok()
        })
        .filter_map(|[token]| vocabulary.is_control(token).then_some(token))
        .collect()
}

fn info(
    llama: &LlamaModel,
    header: &Header,
    context_tokens: u32,
    has_chat_template: bool,
    provenance: Provenance,
    memory: MemoryEstimate,
) -> ModelInfo {
    let architecture = header.text("general.architecture").unwrap_or_default();
    let name = header.text("general.name").filter(|name| !name.is_empty());
    ModelInfo {
        name: name.unwrap_or(architecture).to_owned(),
        architecture: architecture.to_owned(),
        parameters: llama.n_params(),
        size_bytes: llama.size(),
        vocabulary: u32::try_from(llama.n_vocab()).unwrap_or(0),
        training_context_tokens: llama.n_ctx_train(),
        context_tokens,
        embedding_length: u32::try_from(llama.n_embd_out()).unwrap_or(0),
        has_chat_template,
        provenance,
        memory,
    }
}

/// A name under which llama.cpp finds the very file that was checked, even if another one took its place since.
/// Where the system has no such name, that is the path itself.
#[cfg(target_os = "linux")]
fn same_file(path: &Path, file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;

    let open = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    if open.exists() { open } else { path.into() }
}

#[cfg(not(target_os = "linux"))]
fn same_file(path: &Path, _file: &File) -> PathBuf {
    path.into()
}
