//! One conversation of one user, and what must be wiped when it ends.

use std::fmt;

use zeroize::Zeroize;

use crate::access::Identity;
use crate::engine::Message;
use crate::pii::Vault;
use crate::{Error, Kind, Result};

/// A conversation: identity, history and vault. One thread at a time.
///
/// The history holds the conversation as the model saw it, with placeholders; only the vault knows the values. Both are
/// wiped when the session is cleared or dropped.
pub struct Session {
    id: String,
    identity: Identity,
    system_prompt: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) history: Vec<Message>,
    pub(super) vault: Vault,
}

impl Session {
    /// A new conversation of `identity`.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`] if the operating system gives no random bytes for the session id.
    pub fn new(identity: Identity) -> Result<Self> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|_| {
            Error::new(
                Kind::Internal,
                "the operating system gave no random bytes for a session id",
            )
        })?;
        Ok(Self {
            id: format!("ses_{:016x}", u64::from_be_bytes(random)),
            identity,
            system_prompt: None,
            subject: None,
            history: Vec::new(),
            vault: Vault::new(),
        })
    }

    /// `ses_` and 16 hexadecimal digits; it stands in the audit records of this conversation.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who is asking.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Replaces the guard's system prompt in this conversation. The text takes the same road as the user's: it is
    /// scanned and scrubbed before the model sees it, each time.
    pub fn set_system_prompt(&mut self, text: impl Into<String>) {
        self.system_prompt.zeroize();
        self.system_prompt = Some(text.into());
    }

    pub(super) fn system_prompt(&self) -> Option<&str> {
        self.system_prompt.as_deref()
    }

    /// Whom the conversation is about, the id of a patient for example: a policy that moves dates moves all those of one
    /// subject alike. It is not sent to the model and not recorded.
    pub fn set_subject(&mut self, subject: impl Into<String>) {
        self.subject.zeroize();
        self.subject = Some(subject.into());
    }

    /// Goes on with a vault that other conversations or documents have filled; the one so far is wiped.
    pub fn set_vault(&mut self, vault: Vault) {
        self.vault = vault;
    }

    /// The vault of this conversation, to save it for example.
    pub fn vault(&mut self) -> &mut Vault {
        &mut self.vault
    }

    /// Turns so far: a question with its answer is one.
    pub fn turns(&self) -> usize {
        self.history.len() / 2
    }

    /// Puts identifiers back into a text that holds placeholders of this conversation.
    pub fn restore(&self, text: &str) -> String {
        self.vault.restore(text)
    }

    /// How many values the vault of this conversation remembers.
    pub fn remembered(&self) -> usize {
        self.vault.len()
    }

    /// Forgets the history and the vault, wiping both. Identity, id, subject and system prompt stay.
    pub fn clear(&mut self) {
        for message in &mut self.history {
            message.content.zeroize();
        }
        self.history.clear();
        self.vault.clear();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.clear();
        self.system_prompt.zeroize();
        self.subject.zeroize();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("turns", &self.turns())
            .field("remembered", &self.remembered())
            .finish_non_exhaustive()
    }
}
