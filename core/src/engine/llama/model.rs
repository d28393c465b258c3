//! A model in memory: opened once, checked, and then mapped by llama.cpp.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use base16ct::lower;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaModel, RopeType};
use llama_cpp_2::token::LlamaToken;
use once_cell::sync::OnceCell;
use sha2::{Digest as _, Sha256};

use super::constraint::Formats;
use super::template::Template;
use super::tokens::Tokenizer;
use super::{EngineOptions, ModelInfo, backend, raw};
use crate::engine::Cancel;
use crate::engine::gguf::Header;
use crate::engine::tools::Family;
use crate::{Error, Kind, Result};

/// Context window where neither the caller nor the model asks for less, in tokens.
const DEFAULT_CONTEXT: u32 = 8192;

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
    file: File,
}

impl Model {
    /// Loads the model at `path`. `progress` gets 0 to 1; `abort` makes it end with `Cancelled`.
    pub(super) fn load(
        path: &Path,
        options: &EngineOptions,
        abort: &Cancel,
        mut progress: impl FnMut(f32) + 'static,
    ) -> Result<Self> {
        let file = open(path)?;
        let length = file.metadata().map_err(|error| cannot_read(&error))?.len();
        let header = Header::read(BufReader::new(&file), length, raw::block_layout)?;
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
        let llama = LlamaModel::load_from_file(backend, same_file(path, &file), &parameters)
            .map_err(|_| {
                Error::new(
                    Kind::Model,
                    "llama.cpp refused the model file; hint: its architecture may be unknown to this version, or too \
                     little memory is free",
                )
            })?;
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
            info: info(&llama, &header, options.context_tokens, template.is_ok())?,
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
        let mut file = &self.file;
        let mut digest = Sha256::new();
        let mut part = vec![0; 1 << 20];
        // One at a time: all callers share the place in the file.
        let _alone = backend::exclusive();
        file.rewind().map_err(|error| cannot_read(&error))?;
        loop {
            match file.read(&mut part).map_err(|error| cannot_read(&error))? {
                0 => return Ok(lower::encode_string(&digest.finalize())),
                length => digest.update(&part[..length]),
            }
        }
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
) -> Result<ModelInfo> {
    let architecture = header.text("general.architecture").unwrap_or_default();
    let name = header.text("general.name").filter(|name| !name.is_empty());
    let training = llama.n_ctx_train();
    let context_tokens = match context_tokens {
        0 => training.min(DEFAULT_CONTEXT),
        wanted if wanted <= training => wanted,
        wanted => {
            return Err(Error::new(
                Kind::InvalidArgument,
                format!("`context_tokens` is {wanted} and the model was trained on {training}"),
            ));
        }
    };
    Ok(ModelInfo {
        name: name.unwrap_or(architecture).to_owned(),
        architecture: architecture.to_owned(),
        parameters: llama.n_params(),
        size_bytes: llama.size(),
        vocabulary: u32::try_from(llama.n_vocab()).unwrap_or(0),
        training_context_tokens: training,
        context_tokens,
        embedding_length: u32::try_from(llama.n_embd_out()).unwrap_or(0),
        has_chat_template,
    })
}

/// Opens a regular file. Anything else, a pipe for example, could block.
fn open(path: &Path) -> Result<File> {
    let regular = |data: std::fs::Metadata| {
        if data.is_file() {
            Ok(())
        } else {
            Err(Error::new(Kind::Model, "the model is not a regular file"))
        }
    };
    regular(std::fs::metadata(path).map_err(|error| cannot_read(&error))?)?;
    let file = File::open(path).map_err(|error| cannot_read(&error))?;
    regular(file.metadata().map_err(|error| cannot_read(&error))?)?;
    Ok(file)
}

fn cannot_read(source: &std::io::Error) -> Error {
    Error::io("cannot open the model file", source)
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
