//! How an answer is generated.

use std::time::Duration;

use super::tools::{Tool, ToolChoice};
use crate::{Error, Kind, Result};

/// Most stop texts of a request.
const MAX_STOPS: usize = 16;
/// Most texts that break a repetition for [`Dry`], and the bytes of one of them.
const MAX_BREAKERS: usize = 16;
const MAX_BREAKER: usize = 64;
/// Most tokens with a bias.
const MAX_BIASES: usize = 1024;
/// Most alternatives that are told for each token.
const MAX_TOP_LOGPROBS: u32 = 20;
/// Longest schema, grammar or pattern, in bytes.
const MAX_FORMAT: usize = 1 << 20;
/// Longest name of a [`ChatOptions::cache`], in bytes.
const MAX_CACHE_NAME: usize = 256;
/// Longest time that a request can be given.
const MAX_TIMEOUT: Duration = Duration::from_hours(24);

/// How an answer is generated. Names and defaults follow `llama_cpp.Llama.create_chat_completion`.
#[derive(Clone, PartialEq)]
pub struct ChatOptions {
    /// At most this many tokens are generated; 0 means until the context window is full.
    pub max_tokens: u32,
    /// 0 picks the likeliest token each time. Range 0 to 10.
    pub temperature: f32,
    /// Dynamic temperature: it moves by up to this much up and down with the entropy of the choice. 0 is none; 0 to 10.
    pub dynatemp_range: f32,
    /// How the entropy moves it, 0 to 10; 1 is in proportion.
    pub dynatemp_exponent: f32,
    /// Nucleus sampling, above 0 to 1.
    pub top_p: f32,
    /// Sample among this many likeliest tokens; 0 means all.
    pub top_k: u32,
    /// Drop tokens less likely than this share of the likeliest, 0 to 1.
    pub min_p: f32,
    /// Locally typical sampling, above 0 to 1; 1 is none.
    pub typical_p: f32,
    /// Penalty on tokens among the last `repeat_last_n`; 1 is none. Range 0.1 to 10.
    pub repeat_penalty: f32,
    /// How many tokens back the penalties look.
    pub repeat_last_n: u32,
    /// Range -2 to 2.
    pub frequency_penalty: f32,
    /// Range -2 to 2.
    pub presence_penalty: f32,
    /// Penalty on repeated sequences.
    pub dry: Dry,
    /// Exclusion of the likeliest choices.
    pub xtc: Xtc,
    /// Sampling at a constant surprise. Where it is on, `top_k`, `top_p`, `min_p`, `typical_p` and `xtc` do nothing.
    pub mirostat: Option<Mirostat>,
    /// Added to the logits of these tokens, -100 to 100, at most 1024. Minus infinity forbids a token.
    pub logit_bias: Vec<(u32, f32)>,
    /// Whether to tell the logarithm of each token's probability, and of how many of the likeliest besides: 0 to 20.
    pub top_logprobs: Option<u32>,
    /// The same seed, model, prompt and options give the same answer. `None` draws one.
    pub seed: Option<u32>,
    /// The answer ends before the first of these; at most 16, none empty.
    pub stop: Vec<String>,
    /// What the answer must look like.
    pub format: Format,
    /// Functions that the model may call.
    pub tools: Vec<Tool>,
    /// Whether it may, must or must not call one.
    pub tool_choice: ToolChoice,
    /// Where the context window is full: `None` ends the answer, a number keeps so many tokens from the beginning, drops
    /// half of those behind them, and goes on.
    pub n_keep: Option<u32>,
    /// Keeps what was evaluated for the next request of the same name, 1 to 256 bytes: for one conversation, user or
    /// tenant. `None` keeps nothing. See [`super::Engine::forget`].
    pub cache: Option<String>,
    /// Whether the system message is the same for everybody and no secret. It is then evaluated once for all requests
    /// that say so of the same text.
    pub public_system: bool,
    /// Ends the request with [`Kind::Timeout`], also while it waits; at most one day.
    pub timeout: Option<Duration>,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self {
            max_tokens: 512,
            temperature: 0.2,
            dynatemp_range: 0.0,
            dynatemp_exponent: 1.0,
            top_p: 0.95,
            top_k: 40,
            min_p: 0.05,
            typical_p: 1.0,
            repeat_penalty: 1.0,
            repeat_last_n: 64,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            dry: Dry::default(),
            xtc: Xtc::default(),
            mirostat: None,
            logit_bias: Vec::new(),
            top_logprobs: None,
            seed: None,
            stop: Vec::new(),
            format: Format::Text,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            n_keep: None,
            cache: None,
            public_system: false,
            timeout: None,
        }
    }
}

impl std::fmt::Debug for ChatOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatOptions")
            .field("max_tokens", &self.max_tokens)
            .field("temperature", &self.temperature)
            .field("stop", &self.stop.len())
            .field("tools", &self.tools.len())
            .finish_non_exhaustive()
    }
}

impl ChatOptions {
    /// Refuses what no model can be asked for.
    pub fn validate(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::new(Kind::InvalidArgument, what.to_owned()));
        if !(0.0..=10.0).contains(&self.temperature) {
            return wrong("`temperature` is outside 0 to 10");
        }
        let ten = 0.0..=10.0;
        if !ten.contains(&self.dynatemp_range) || !ten.contains(&self.dynatemp_exponent) {
            return wrong("`dynatemp_range` or `dynatemp_exponent` is outside 0 to 10");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return wrong("`top_p` is outside the range above 0 to 1");
        }
        if !(0.0..=1.0).contains(&self.min_p) {
            return wrong("`min_p` is outside 0 to 1");
        }
        if !(self.typical_p > 0.0 && self.typical_p <= 1.0) {
            return wrong("`typical_p` is outside the range above 0 to 1");
        }
        if !(0.1..=10.0).contains(&self.repeat_penalty) {
            return wrong("`repeat_penalty` is outside 0.1 to 10");
        }
        if !(-2.0..=2.0).contains(&self.frequency_penalty) {
            return wrong("`frequency_penalty` is outside -2 to 2");
        }
        if !(-2.0..=2.0).contains(&self.presence_penalty) {
            return wrong("`presence_penalty` is outside -2 to 2");
        }
        if self.stop.len() > MAX_STOPS || self.stop.iter().any(String::is_empty) {
            return wrong("`stop` takes at most 16 texts, none of them empty");
        }
        let bias =
            |(_, bias): &(u32, f32)| (-100.0..=100.0).contains(bias) || *bias == f32::NEG_INFINITY;
        if self.logit_bias.len() > MAX_BIASES || !self.logit_bias.iter().all(bias) {
            return wrong("`logit_bias` takes at most 1024 tokens, with -100 to 100 for each");
        }
        if self.top_logprobs.is_some_and(|top| top > MAX_TOP_LOGPROBS) {
            return wrong("`top_logprobs` is outside 0 to 20");
        }
        let named = |name: &String| (1..=MAX_CACHE_NAME).contains(&name.len());
        if !self.cache.as_ref().is_none_or(named) {
            return wrong("the name of a cache is outside 1 to 256 bytes");
        }
        if self
            .timeout
            .is_some_and(|time| time.is_zero() || time > MAX_TIMEOUT)
        {
            return wrong("`timeout` is outside the range above zero to one day");
        }
        self.dry.validate()?;
        self.xtc.validate()?;
        self.mirostat.as_ref().map_or(Ok(()), Mirostat::validate)?;
        self.format.validate()?;
        self.validate_tools()
    }

    fn validate_tools(&self) -> Result<()> {
        let wrong = |what: &'static str| Err(Error::new(Kind::InvalidArgument, what));
        for tool in &self.tools {
            tool.validate()?;
        }
        let forced = match &self.tool_choice {
            ToolChoice::Auto | ToolChoice::None => false,
            ToolChoice::Required => {
                if self.tools.is_empty() {
                    return wrong("`tool_choice` requires a tool, and there is none in `tools`");
                }
                true
            }
            ToolChoice::Named(name) => {
                if !self.tools.iter().any(|tool| tool.name == *name) {
                    return wrong("`tool_choice` names a tool that is not in `tools`");
                }
                true
            }
        };
        if forced && self.format != Format::Text {
            return wrong(
                "`tool_choice` asks for a call and the format for something else; hint: use one of them",
            );
        }
        Ok(())
    }
}

/// Penalty on sequences that were there before (`DRY`): the longer the repeated sequence, the stronger.
#[derive(Clone, Debug, PartialEq)]
pub struct Dry {
    /// 0 is none. Range 0 to 100.
    pub multiplier: f32,
    /// Growth with each token of the repeated sequence, 1 to 10.
    pub base: f32,
    /// Sequences up to this many tokens may repeat, 1 to 1,000,000.
    pub allowed_length: u32,
    /// How many tokens back it looks; 0 means the whole context window.
    pub last_n: u32,
    /// Texts that end a sequence; at most 16 of 64 bytes.
    pub sequence_breakers: Vec<String>,
}

impl Default for Dry {
    fn default() -> Self {
        Self {
            multiplier: 0.0,
            base: 1.75,
            allowed_length: 2,
            last_n: 0,
            sequence_breakers: ["\n", ":", "\"", "*"].map(str::to_owned).to_vec(),
        }
    }
}

impl Dry {
    fn validate(&self) -> Result<()> {
        let breaker =
            |text: &String| (1..=MAX_BREAKER).contains(&text.len()) && !text.contains('\0');
        let valid = (0.0..=100.0).contains(&self.multiplier)
            && (1.0..=10.0).contains(&self.base)
            && (1..=1_000_000).contains(&self.allowed_length)
            && self.sequence_breakers.len() <= MAX_BREAKERS
            && self.sequence_breakers.iter().all(breaker);
        if valid {
            return Ok(());
        }
        Err(Error::new(
            Kind::InvalidArgument,
            "DRY is out of range; hint: multiplier 0 to 100, base 1 to 10, allowed length from 1, at most 16 breakers of \
             1 to 64 bytes",
        ))
    }
}

/// Exclude top choices (`XTC`): drops all but the least likely of the tokens above a threshold, at times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xtc {
    /// How often, 0 to 1; 0 is never.
    pub probability: f32,
    /// 0 to 1; above 0.5 it does nothing.
    pub threshold: f32,
}

impl Default for Xtc {
    fn default() -> Self {
        Self {
            probability: 0.0,
            threshold: 0.1,
        }
    }
}

impl Xtc {
    fn validate(self) -> Result<()> {
        let share = 0.0..=1.0;
        if share.contains(&self.probability) && share.contains(&self.threshold) {
            return Ok(());
        }
        Err(Error::new(Kind::InvalidArgument, "XTC is outside 0 to 1"))
    }
}

/// Sampling that keeps the surprise per token near a target (Basu et al., 2020, arXiv:2007.14966).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mirostat {
    /// Whether it is the second version of the algorithm.
    pub second: bool,
    /// The target, in bits per token, above 0 to 100.
    pub tau: f32,
    /// The rate of learning, above 0 to 1.
    pub eta: f32,
}

impl Mirostat {
    fn validate(&self) -> Result<()> {
        if self.tau > 0.0 && self.tau <= 100.0 && self.eta > 0.0 && self.eta <= 1.0 {
            return Ok(());
        }
        Err(Error::new(
            Kind::InvalidArgument,
            "mirostat is out of range; hint: tau above 0 to 100, eta above 0 to 1",
        ))
    }
}

/// What an answer must look like. Every token that would leave the format is excluded before one is picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Whatever the model writes.
    #[default]
    Text,
    /// One JSON object (RFC 8259).
    JsonObject,
    /// JSON that fits this JSON Schema (draft 2020-12; references within the schema only).
    JsonSchema(String),
    /// Text that fits this grammar in llama.cpp's GBNF, from the rule `root`.
    Gbnf(String),
    /// Text that the whole of this regular expression matches (syntax of the `regex` crate, without look-around).
    Regex(String),
    /// Text that fits this grammar in llguidance's variant of Lark, from the rule `start`.
    Lark(String),
}

impl Format {
    fn validate(&self) -> Result<()> {
        let source = match self {
            Self::Text | Self::JsonObject => return Ok(()),
            Self::JsonSchema(source)
            | Self::Gbnf(source)
            | Self::Regex(source)
            | Self::Lark(source) => source,
        };
        if source.is_empty() || source.len() > MAX_FORMAT {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the schema, grammar or pattern of the answer is empty or longer than 1 MiB",
            ));
        }
        Ok(())
    }
}
