//! A model in memory: opened once, checked, and then mapped by llama.cpp.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use base16ct::lower;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use sha2::{Digest as _, Sha256};

use super::template::Template;
use super::tokens::Tokenizer;
use super::{EngineOptions, ModelInfo, backend, raw};
use crate::engine::Cancel;
use crate::engine::gguf::Header;
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
        let template = match header.text("tokenizer.chat_template") {
            Some(source) => Template::compile(source, &llama),
            None => Err(Error::new(
                Kind::Model,
                "the model has no chat template; hint: `generate` continues a prompt without one",
            )),
        };
        let architecture = header.text("general.architecture").unwrap_or_default();
        let causal = header.flag(&format!("{architecture}.attention.causal"));
        Ok(Self {
            info: info(&llama, &header, options.context_tokens, template.is_ok())?,
            tokenizer: Tokenizer::new(&llama)?,
            causal: causal.unwrap_or(true),
            longest_token: header.longest_token(),
            template,
            llama,
            file,
        })
    }

    /// The chat template, or why there is none.
    pub(super) fn template(&self) -> Result<&Template> {
        self.template.as_ref().map_err(Clone::clone)
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
