//! Putting a guard together; what is left out has the safe default.

use std::sync::Arc;

use super::{Guard, OnSecret};
use crate::access::AccessControl;
use crate::audit::AuditLog;
use crate::engine::Backend;
use crate::pii::{Policy, Scrubber, Style};
use crate::scan::{Category, Scanner};
use crate::{Classification, Error, Kind, Result};

/// Tells the model what the square brackets are. Nothing in it depends on the caller.
const SYSTEM_PROMPT: &str = "You are a careful assistant. Words in square brackets such as [NAME_1] stand for real names and \
                             numbers: write them exactly as they are.";

/// Builds a [`Guard`].
pub struct GuardBuilder {
    backend: Arc<dyn Backend>,
    scanner: Option<Scanner>,
    policy: Option<Policy>,
    audit: Option<Arc<AuditLog>>,
    unrecorded: bool,
    access: Option<Arc<AccessControl>>,
    on_secret: OnSecret,
    classification: Classification,
    system_prompt: String,
}

impl GuardBuilder {
    pub(super) fn new(backend: Arc<dyn Backend>) -> Self {
        Self {
            backend,
            scanner: None,
            policy: None,
            audit: None,
            unrecorded: false,
            access: None,
            on_secret: OnSecret::default(),
            classification: Classification::default(),
            system_prompt: SYSTEM_PROMPT.to_owned(),
        }
    }

    /// Other rules than [`Scanner::all`], or than those of the policy's profile and secrets.
    #[must_use]
    pub fn scanner(mut self, scanner: Scanner) -> Self {
        self.scanner = Some(scanner);
        self
    }

    /// What happens to identifiers. Default: each becomes a placeholder that is put back into the answer. What a policy
    /// replaces for good, or by something that no vault can put back, is not restored; what it keeps, the model sees.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Where every call is recorded, before the model is asked and after it has answered.
    #[must_use]
    pub fn audit(mut self, log: Arc<AuditLog>) -> Self {
        self.audit = Some(log);
        self
    }

    /// Says outright that nothing is to be recorded. Without this and without a log, [`GuardBuilder::build`] refuses.
    #[must_use]
    pub fn without_audit(mut self) -> Self {
        self.unrecorded = true;
        self
    }

    /// Checks each call against a table of roles, beside that of the session: a chat needs `read_phi`, about the subject of the
    /// session. Without any table nobody is checked.
    #[must_use]
    pub fn access(mut self, access: Arc<AccessControl>) -> Self {
        self.access = Some(access);
        self
    }

    /// What happens to a secret. Default [`OnSecret::Block`].
    #[must_use]
    pub fn on_secret(mut self, policy: OnSecret) -> Self {
        self.on_secret = policy;
        self
    }

    /// The classification in the records. Default [`Classification::Sensitive`].
    #[must_use]
    pub fn classification(mut self, classification: Classification) -> Self {
        self.classification = classification;
        self
    }

    /// Instructions that stand before every conversation. Empty for none. It is sent as it is, so it may hold neither
    /// identifiers nor secrets; what depends on a person belongs in [`super::Session::set_system_prompt`].
    #[must_use]
    pub fn system_prompt(mut self, text: impl Into<String>) -> Self {
        self.system_prompt = text.into();
        self
    }

    /// The guard.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] if it was not said where to record, if both a log and none were asked for, if the system
    /// prompt holds identifiers or secrets, or if the policy needs a key and has none.
    pub fn build(self) -> Result<Guard> {
        if self.audit.is_some() == self.unrecorded {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a guard needs to know where to record; hint: give it an audit log, or ask for none, but not both",
            ));
        }
        let scanner = match (self.scanner, &self.policy) {
            (Some(scanner), _) => scanner,
            (None, Some(policy)) => policy.scanner()?,
            (None, None) => Scanner::all(),
        };
        if let Some(found) = scanner.scan(&self.system_prompt).first() {
            let what = match found.category() {
                Category::Identifier => "an identifier",
                Category::Secret => "a secret",
            };
            return Err(Error::new(
                Kind::InvalidArgument,
                format!(
                    "the system prompt contains {what} ({}); hint: remove it, or set it on the session",
                    found.kind()
                ),
            ));
        }
        let scrubber = match self.policy {
            Some(policy) => Scrubber::with_policy(Some(scanner.clone()), policy)?,
            None => Scrubber::with_scanner(scanner.clone(), Style::Redact),
        };
        if let Some(log) = &self.audit {
            self.backend.on_violation(log.observer());
        }
        Ok(Guard {
            backend: self.backend,
            scrubber,
            scanner,
            audit: self.audit,
            access: self.access,
            on_secret: self.on_secret,
            classification: self.classification,
            system_prompt: self.system_prompt,
        })
    }
}
