//! The languages in which rules may be written; the rules are the same in each.

use serde::de::DeserializeOwned;

/// A language in which rules may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// TOML 1.0.
    #[default]
    Toml,
    /// YAML 1.2, one document, without anchors, aliases and tags of its own: what is written is what is read.
    Yaml,
    /// JSON (RFC 8259).
    Json,
}

impl Format {
    /// The format of that name: `toml`, `yaml` or `json`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "toml" => Some(Self::Toml),
            "yaml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// As people write it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }

    /// That of a text that is TOML or JSON: JSON begins with `{`.
    pub(crate) fn of(text: &str) -> Self {
        if text.starts_with('{') {
            Self::Json
        } else {
            Self::Toml
        }
    }

    /// Reads `text`, or gives the line, from 1, on which it cannot be read.
    pub(crate) fn read<T: DeserializeOwned>(self, text: &str) -> Result<T, u64> {
        match self {
            Self::Toml => toml::from_str(text).map_err(|error| line_of(text, error.span())),
            Self::Yaml => yaml(text),
            Self::Json => serde_json::from_str(text).map_err(|error| error.line().max(1) as u64),
        }
    }
}

fn line_of(text: &str, span: Option<std::ops::Range<usize>>) -> u64 {
    let start = span.map_or(0, |span| span.start).min(text.len());
    let before = &text.as_bytes()[..start];
    1 + memchr::memchr_iter(b'\n', before).count() as u64
}

fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, u64> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_depth: 32,
            max_documents: 1,
        },
        // `no` is a country before it is an answer.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| error.location().map_or(1, |place| place.line().max(1)))
}
