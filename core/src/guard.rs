//! The road: scan, policy, record, answer, scan again, restore, record.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::access::{AccessControl, Identity};
use crate::audit::AuditLog;
use crate::engine::{Backend, Cancel, ChatOptions, Completion};
use crate::scan::{Finding, Scanner};
use crate::{Classification, Result};

/// What happens to a secret in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSecret {
    /// The text is refused with [`crate::Kind::Blocked`].
    #[default]
    Block,
    /// The secret is replaced by `[OPENAI_API_KEY]`, for good: it is never restored.
    Redact,
}

/// Builds a [`Guard`].
pub struct GuardBuilder {}

impl GuardBuilder {
    /// Default [`Scanner::all`].
    #[must_use] pub fn scanner(self, _scanner: Scanner) -> Self { todo!() }
    /// Without a log there are no records: say so with [`GuardBuilder::without_audit`], else `build` refuses.
    #[must_use] pub fn audit(self, _log: Arc<AuditLog>) -> Self { todo!() }
    #[must_use] pub fn without_audit(self) -> Self { todo!() }
    /// With a table, a chat needs `read_phi`, and an unknown role is refused. Without one, everybody may.
    #[must_use] pub fn access(self, _access: Arc<AccessControl>) -> Self { todo!() }
    #[must_use] pub fn on_secret(self, _policy: OnSecret) -> Self { todo!() }
    #[must_use] pub fn classification(self, _class: Classification) -> Self { todo!() }
    #[must_use] pub fn system_prompt(self, _text: &str) -> Self { todo!() }
    pub fn build(self) -> Result<Guard> { todo!() }
}

/// The walls around a backend. Any number of threads may use one guard.
pub struct Guard {}

/// What was found in a text, by kind and number. Never a value.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub identifiers: usize,
    pub secrets: usize,
    /// Distinct kinds in order of first appearance.
    pub identifier_kinds: Vec<String>,
    pub secret_kinds: Vec<String>,
}

/// An answer with everything that happened on the way.
pub struct Reply {
    /// The answer with the caller's identifiers put back.
    pub text: String,
    /// The user's message as the model saw it.
    pub prompt: String,
    /// The answer as the model gave it, with placeholders.
    pub raw_text: String,
    pub request: Summary,
    pub response: Summary,
    pub completion: Completion,
    /// Event ids of the request and response records; empty without an audit log.
    pub event_ids: Vec<String>,
}

/// A conversation of one user: history, vault, identity. One thread at a time. Wiped when dropped.
pub struct Session {}

impl Session {
    pub fn new(_identity: Identity) -> Self { todo!() }
    /// `ses_` + 16 hex digits.
    pub fn id(&self) -> &str { todo!() }
    pub fn identity(&self) -> &Identity { todo!() }
    /// Forgets the history and the vault, wiping both.
    pub fn clear(&mut self) { todo!() }
    /// Turns so far (a question with its answer is one).
    pub fn turns(&self) -> usize { todo!() }
    /// Puts identifiers back into a text that holds this session's placeholders.
    pub fn restore(&self, _text: &str) -> String { todo!() }
}

impl Guard {
    pub fn builder(_backend: Arc<dyn Backend>) -> GuardBuilder { todo!() }
    /// The main job. `on_text` gets the restored answer as it comes, in whole code points.
    pub fn chat(&self, _session: &mut Session, _input: &str, _options: &ChatOptions, _cancel: &Cancel, _on_text: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Reply> { todo!() }
    /// What `chat` would find and send, without sending or recording: scrubbed text and findings.
    pub fn preview(&self, _session: &mut Session, _input: &str) -> Result<(String, Vec<Finding>)> { todo!() }
}
