//! Functions that a model may call: their description, and a call of one.

use serde_json::Value;
use zeroize::Zeroize;

use crate::{Error, Kind, Result};

/// Longest name of a tool, in bytes.
const MAX_NAME: usize = 64;
/// Longest description and schema of a tool, in bytes of JSON.
const MAX_TOOL: usize = 1 << 20;

/// A function that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// 1 to 64 letters, digits, `_`, `-` and `.`.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments: an object.
    pub parameters: Value,
}

/// Whether a tool can have this name.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain)
}

impl Tool {
    pub(super) fn validate(&self) -> Result<()> {
        if !is_name(&self.name) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the name of a tool is not 1 to 64 letters, digits, `_`, `-` and `.`",
            ));
        }
        if !self.parameters.is_object() {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the parameters of a tool are not a JSON Schema; hint: `{\"type\": \"object\", \"properties\": {}}` takes none",
            ));
        }
        if self.description.len() + self.parameters.to_string().len() > MAX_TOOL {
            return Err(Error::new(
                Kind::TooLarge,
                "the description of a tool is longer than 1 MiB",
            ));
        }
        Ok(())
    }
}

/// Whether the model may, must or must not call a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// It may.
    #[default]
    Auto,
    /// It is told of none.
    None,
    /// It must call one, and writes nothing else.
    Required,
    /// It must call this one, and writes nothing else.
    Named(String),
}

/// A call that a model asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Nine letters and digits, drawn at random: what the answer of the tool is matched by.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// Its arguments, a JSON object. They are the model's words: check them before acting on them.
    pub arguments: String,
}

impl Zeroize for ToolCall {
    fn zeroize(&mut self) {
        self.arguments.zeroize();
    }
}

impl std::fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolCall")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
