//! A model in memory: opened once, checked, and then mapped by llama.cpp.

use std::path::Path;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaLoraAdapter, LlamaModel, RopeType};
use llama_cpp_2::token::LlamaToken;
use once_cell::sync::OnceCell;
use parking_lot::Mutex;

use super::constraint::Formats;
use super::files::Files;
use super::template::Template;
use super::tokens::Tokenizer;
use super::{EngineOptions, ModelInfo, assertions, backend, cpu};
use crate::engine::adapter::{AdapterFile, of_adapter};
use crate::engine::calls::Family;
use crate::engine::gguf::Header;
use crate::engine::{Adapter, Cancel, ModelFile, Provenance};
use crate::{Error, Kind, Result};

/// Mebibytes that are verified between two reports of progress.
const REPORT: u32 = 64;

/// What a further row of a batch costs over the first, where weights are read once for several rows: .1 to .35 was measured for
/// `Q4_K` and .15 to .2 for `Q4_1`, by how fast the memory is.
const CHEAP_ROW: f32 = 0.25;
/// And where they are not: .6 to .7.
const DEAR_ROW: f32 = 0.65;

/// Everything that can be asked of a model without evaluating it. Shared by all threads.
pub(super) struct Model {
    pub(super) llama: LlamaModel,
    pub(super) info: ModelInfo,
    pub(super) tokenizer: Tokenizer,
    /// Whether each token sees only the ones before it, so that text can be generated.
    pub(super) causal: bool,
    /// What a further row of a batch costs, over the first.
    pub(super) row_cost: f32,
    /// Upper bound of the bytes that one token stands for.
    pub(super) longest_token: usize,
    template: Result<Template>,
    /// Control tokens that begin or part a call of a tool.
    markers: Vec<LlamaToken>,
    formats: OnceCell<Formats>,
    file: ModelFile,
    adapted: Option<Adapted>,
}

/// An adapter in memory. llama.cpp frees it with its model.
struct Adapted {
    adapter: Mutex<LlamaLoraAdapter>,
    scale: f32,
}

impl Model {
    /// Loads the model at `path`. `progress` gets 0 to 1; `abort` makes it end with `Cancelled`.
    pub(super) fn load(
        path: &Path,
        options: &EngineOptions,
        abort: &Cancel,
        mut progress: impl FnMut(f32) + 'static,
    ) -> Result<Self> {
        let files = Files::open(path, options)?;
        files.must_fit(options)?;
        let mut read = 0_u32;
        let provenance = files.verify(options, &mut || {
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
        let name = files.model.opened().name(path);
        let mut llama = assertions::as_errors(
            || LlamaModel::load_from_file(backend, name, &parameters),
            "llama.cpp refused the model file; hint: its architecture may be unknown to this version, or too little memory \
             is free",
        )?;
        files.model.opened().must_still_be(&provenance.sha256)?;
        let adapted = match (&files.adapter, &options.adapter) {
            (Some(file), Some(adapter)) => {
                Some(Adapted::load(&mut llama, file, adapter, &provenance)?)
            }
            _ => None,
        };
        let header = files.model.header();
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
        let together = |format| cpu::multiplies_rows_together(backend::cpu_variant(), format);
        let row_cost = if header.share_of_matrices(together) > 0.9 {
            CHEAP_ROW
        } else {
            DEAR_ROW
        };
        let causal = header.flag(&format!("{architecture}.attention.causal"));
        Ok(Self {
            info: info(&llama, &files, template.is_ok(), provenance),
            tokenizer: Tokenizer::new(&llama)?,
            causal: causal.unwrap_or(true),
            row_cost,
            longest_token: header.longest_token(),
            markers: family.map_or_else(Vec::new, |family| markers(&llama, family)),
            formats: OnceCell::new(),
            template,
            llama,
            file: files.model,
            adapted,
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
        one_position && self.can_go_back()
    }

    /// Whether the last tokens of a sequence can be taken back.
    pub(super) fn can_go_back(&self) -> bool {
        !self.llama.is_recurrent() && !self.llama.is_hybrid()
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

    /// Makes a new context evaluate the model as its adapter changes it.
    pub(super) fn adapt(&self, context: &mut LlamaContext<'_>) -> Result<()> {
        let Some(Adapted { adapter, scale }) = &self.adapted else {
            return Ok(());
        };
        context
            .lora_adapter_set(&mut adapter.lock(), *scale)
            .map_err(|_| Error::new(Kind::Internal, "an adapter was not taken by its own model"))
    }

    /// What evaluates alike: digests of the files, and how much of the adapter is added.
    pub(super) fn identity(&self) -> String {
        let Provenance {
            sha256,
            adapter_sha256,
            ..
        } = &self.info.provenance;
        match (adapter_sha256, &self.adapted) {
            (Some(adapter), Some(Adapted { scale, .. })) => {
                format!("{sha256} {adapter} {:08x}", scale.to_bits())
            }
            _ => sha256.clone(),
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

impl Adapted {
    fn load(
        llama: &mut LlamaModel,
        file: &AdapterFile,
        adapter: &Adapter,
        provenance: &Provenance,
    ) -> Result<Self> {
        let name = file.opened().name(&adapter.path);
        let loaded = assertions::as_errors(
            || llama.lora_adapter_init(name),
            "the adapter does not fit the model; hint: it changes the weights of the very model that it was trained on",
        )?;
        let sha256 = provenance.adapter_sha256.as_deref().unwrap_or_default();
        file.opened()
            .must_still_be(sha256)
            .map_err(|error| of_adapter(&error))?;
        Ok(Self {
            adapter: Mutex::new(loaded),
            scale: adapter.scale,
        })
    }
}

fn info(
    llama: &LlamaModel,
    files: &Files,
    has_chat_template: bool,
    provenance: Provenance,
) -> ModelInfo {
    let header: &Header = files.model.header();
    let architecture = header.text("general.architecture").unwrap_or_default();
    let name = header.text("general.name").filter(|name| !name.is_empty());
    ModelInfo {
        name: name.unwrap_or(architecture).to_owned(),
        architecture: architecture.to_owned(),
        parameters: llama.n_params(),
        size_bytes: llama.size(),
        vocabulary: u32::try_from(llama.n_vocab()).unwrap_or(0),
        training_context_tokens: llama.n_ctx_train(),
        context_tokens: files.context_tokens,
        embedding_length: u32::try_from(llama.n_embd_out()).unwrap_or(0),
        has_chat_template,
        provenance,
        memory: files.memory,
    }
}
