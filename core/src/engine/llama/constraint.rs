//! Answers that keep to a format: which tokens may follow, told by llguidance in safe Rust.

mod gbnf;

use std::sync::Arc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};

use crate::engine::Format;
use crate::engine::Tool;
use crate::engine::calls::Family;
use crate::{Error, Kind, Result};

/// A vocabulary as the formats need it: each token's bytes, in a trie. Built once per model, at first use.
pub(super) struct Formats {
    parsers: ParserFactory,
}

impl Formats {
    pub(super) fn new(model: &LlamaModel) -> Result<Self> {
        let failed = || {
            Error::new(
                Kind::Model,
                "the model's vocabulary cannot be used with a format",
            )
        };
        let vocabulary = model.vocab();
        let size = u32::try_from(model.n_vocab()).map_err(|_| failed())?;
        let ends: Vec<u32> = vocabulary
            .tokens()
            .filter(|token| vocabulary.is_eog(*token))
            .filter_map(|token| u32::try_from(token.0).ok())
            .collect();
        let end = *ends.first().ok_or_else(|| {
            Error::new(
                Kind::Model,
                "the model has no token that ends an answer, so none can be made to keep to a format",
            )
        })?;
        let words: Vec<Vec<u8>> = vocabulary
            .tokens()
            .map(|token| {
                let mut bytes = vocabulary.token_to_piece(token, false, None);
                if bytes.is_empty() {
                    bytes = vocabulary.token_to_piece(token, true, None);
                    if !bytes.is_empty() {
                        bytes.insert(0, TokTrie::SPECIAL_TOKEN_MARKER);
                    }
                }
                bytes
            })
            .collect();
        let trie = TokTrie::from(&TokRxInfo::new(size, end), &words).with_eos_tokens(&ends);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let mut parsers = ParserFactory::new_simple(&environment).map_err(|_| failed())?;
        parsers.quiet();
        parsers.limits_mut().verbose_errors = false;
        Ok(Self { parsers })
    }

    /// What keeps an answer to `format`; `None` for plain text.
    pub(super) fn constraint(&self, format: &Format) -> Result<Option<Constraint>> {
        let grammar = match format {
            Format::Text => return Ok(None),
            Format::JsonObject => TopLevelGrammar::from_tagged_str("json_object", ""),
            Format::JsonSchema(schema) => TopLevelGrammar::from_tagged_str("json_schema", schema),
            Format::Gbnf(source) => Ok(TopLevelGrammar::from_lark(gbnf::to_lark(source)?)),
            Format::Regex(pattern) => Ok(TopLevelGrammar::from_regex(pattern)),
            Format::Lark(source) => Ok(TopLevelGrammar::from_lark(source.clone())),
        };
        self.start(grammar.map_err(|_| malformed())?).map(Some)
    }

    /// What makes an answer one call to one of `tools`.
    pub(super) fn call(
        &self,
        family: Family,
        tools: &[&Tool],
        model: &LlamaModel,
    ) -> Result<Constraint> {
        let token = |marker: &str| {
            let found = model.vocab().tokenize(marker.as_bytes(), false, true);
            match found.as_slice() {
                [token] if model.vocab().is_control(*token) => format!("<[{}]>", token.0),
                _ => format!("\"{marker}\""),
            }
        };
        self.start(TopLevelGrammar::from_lark(family.grammar(tools, token)))
    }

    fn start(&self, grammar: TopLevelGrammar) -> Result<Constraint> {
        let matcher = Matcher::new(self.parsers.create_parser(grammar));
        if matcher.is_error() {
            return Err(malformed());
        }
        Ok(Constraint(matcher))
    }
}

/// Where one answer is in its format.
pub(super) struct Constraint(Matcher);

impl Constraint {
    /// Puts the tokens that may come next into `candidates`, with their logits.
    pub(super) fn allowed(
        &mut self,
        logits: &[f32],
        candidates: &mut Vec<LlamaTokenData>,
    ) -> Result<()> {
        let mask = self.0.compute_mask_or_eos().map_err(|_| too_complex())?;
        candidates.extend((0..).zip(logits).filter_map(|(token, logit)| {
            let allowed = logit.is_finite() && mask.is_allowed(token);
            let token = LlamaToken::new(i32::try_from(token).ok()?);
            allowed.then(|| LlamaTokenData::new(token, *logit, 0.0))
        }));
        Ok(())
    }

    /// Goes on by a token that was allowed.
    pub(super) fn consume(&mut self, token: LlamaToken) -> Result<()> {
        let token = u32::try_from(token.0).map_err(|_| too_complex())?;
        self.0.consume_token(token).map_err(|_| too_complex())
    }

    /// Whether nothing can follow.
    pub(super) fn is_complete(&self) -> bool {
        self.0.is_stopped()
    }
}

fn malformed() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "the schema, grammar or pattern of the answer is malformed or uses what is not supported; hint: references must \
         stay inside the schema, and patterns have no look-around",
    )
}

fn too_complex() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "the format of the answer became too complex to follow; hint: use a simpler schema, grammar or pattern",
    )
}
