//! The road: scan, policy, record, answer, scan again, restore, record.
//!
//! [`Guard::chat`] is the main job of this library, and [`Guard::complete`] the same for a whole request of `OpenAI`'s API.
//! Secrets are searched in the raw text together with identifiers,
//! never after scrubbing, which would cut a key in two and hide it. A record is written before the model is asked and
//! another one after it has answered; where one cannot be written, the call fails.
//!
//! # Who is asked
//!
//! A guard, a store, a log and a session may each have a table ([`crate::access`]). Whatever is done with any of them takes a
//! session, and every table that is there is asked first; a refusal is recorded. What concerns one person is asked for within
//! the scope that is the person's id.
//!
//! | operation | permission | scope |
//! |---|---|---|
//! | [`Guard::chat`], [`Guard::complete`], [`Guard::preview`] | `read_phi` | the subject of the session |
//! | [`Session::restore`], [`Session::vault`], [`Session::set_vault`], a bound vault that is read or filled | `read_phi` | the subject of the session |
//! | a bound vault that is saved or exported | `write_phi` | the subject of the session |
//! | [`ConversationStore::load`], [`ConversationStore::list`] | `read_phi` | whose they are |
//! | [`ConversationStore::save`] | `write_phi` | whose it is |
//! | [`ConversationStore::delete`], [`ConversationStore::erase_subject`] | `erase_phi` | whose they are |
//! | [`Session::record`] | `write_audit_logs` | everywhere |
//! | [`Session::query_log`] | `view_audit_logs` | everywhere, or the subject of the session for the records about that subject |
//! | [`Session::verify_log`] | `view_audit_logs` | everywhere |
//! | [`Session::checkpoint_log`], [`Session::hold_log`] | `manage_audit_logs` | everywhere |
//! | [`Session::break_glass`] | `break_glass` | everywhere |
//! | [`Session::emergencies_to_review`], [`Session::review_emergency`] | `review_break_glass` | everywhere |
//!
//! Nobody needs a permission to end or clear a session, to count what is in it, or to let time pass
//! ([`ConversationStore::expire`]). A table guards what is done through these objects. Whoever opens a file by its path, an
//! auditor or the command line for example, is asked by nobody: there the key, and the permissions of the file, are the
//! authority, as they are for a [`crate::pii::Vault`] that is not bound to a session and for
//! [`crate::subjects::SubjectKeys`].

mod bound;
mod builder;
mod complete;
mod draft;
mod emergency;
mod json;
mod ledger;
mod limits;
mod record;
mod road;
mod session;
mod store;
mod stream;
mod watch;

use std::ops::ControlFlow;
use std::sync::Arc;

pub use bound::{BoundVault, VaultUse};
pub use builder::GuardBuilder;
use draft::Draft;
pub use limits::{Occasion, Reauthenticate, SessionOptions};
pub use record::Summary;
use road::Question;
pub use session::Session;
use session::{Door, State};
pub use store::{ConversationStore, Erasure, SaveOptions, Saved};

#[cfg(doc)]
use crate::Kind;
use crate::access::{AccessControl, Decision, permission};
use crate::audit::AuditLog;
use crate::engine::{Backend, Cancel, ChatOptions, Completion, Message, ToolCall};
use crate::isolation::with_clean_deep_stack;
use crate::pii::{Scrubbed, Scrubber};
use crate::scan::{Finding, Scanner};
use crate::{Classification, Result};

/// What happens to a secret in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSecret {
    /// The text is refused with [`Kind::Blocked`].
    #[default]
    Block,
    /// The secret is replaced by its kind, `[OPENAI_API_KEY]`, for good: it is never restored.
    Redact,
}

/// An answer and what happened on the way.
pub struct Reply {
    /// The answer with the caller's identifiers put back. A secret in it is replaced by its kind.
    pub text: String,
    /// The calls of tools that the model asks for, likewise. [`Reply::completion`] has them with placeholders.
    pub tool_calls: Vec<ToolCall>,
    /// The user's message as the model saw it.
    pub prompt: String,
    /// The answer as the model gave it, with placeholders.
    pub raw_text: String,
    /// What was found in the user's message and the system prompt.
    pub request: Summary,
    /// What was found in the model's answer.
    pub response: Summary,
    /// Tokens, time and the reason for the end. Its text is the same as `raw_text`.
    pub completion: Completion,
    /// The ids of the request and the response record; empty without an audit log.
    pub event_ids: Vec<String>,
}

/// The walls around a backend. Any number of threads may use one guard, each with its own [`Session`].
pub struct Guard {
    backend: Arc<dyn Backend>,
    scanner: Scanner,
    scrubber: Scrubber,
    audit: Option<Arc<AuditLog>>,
    access: Option<Arc<AccessControl>>,
    on_secret: OnSecret,
    classification: Classification,
    system_prompt: String,
}

impl Guard {
    /// A guard around `backend`, which only ever receives scrubbed text.
    pub fn builder(backend: Arc<dyn Backend>) -> GuardBuilder {
        GuardBuilder::new(backend)
    }

    /// Sends `input` to the model and gives the answer: the main job.
    ///
    /// `on_text` gets the restored answer as it comes, in whole code points; it may lag behind the model by one word. What the
    /// model evaluated is kept for the next turn, for this session alone, until that ends or is cleared; a
    /// [`ChatOptions::cache`] of the caller's is the caller's to forget.
    /// When the call fails, the conversation is as it was before, and the failure is in the log.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`; [`Kind::Blocked`] for a secret, if policy says so;
    /// [`Kind::Closed`] once the session or its vault has ended and [`Kind::TooLarge`] if it is full;
    /// [`Kind::Audit`] if a record could not be written, in which case the model was not asked or its answer is not
    /// returned; [`Kind::Cancelled`]; and whatever the backend reports.
    pub fn chat(
        &self,
        session: &mut Session,
        input: &str,
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply> {
        options.validate()?;
        with_clean_deep_stack(|| self.converse(&*session, input, options, cancel, on_text))
    }

    fn converse(
        &self,
        session: &Session,
        input: &str,
        options: &ChatOptions,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply> {
        let mut state = session.enter()?;
        let decision = self.check_access(session, &mut state)?;
        let question = Question {
            draft: Draft {
                messages: vec![Message::new("user", input)],
                options: options.clone(),
            },
            bytes: input.len(),
            goes_on: true,
        };
        let mut answer = self.ask(session, &mut state, decision, question, cancel, on_text)?;
        let prompt = std::mem::take(&mut answer.prompt);
        let completion = std::mem::take(&mut answer.completion);
        let raw_text = completion.text.clone();
        state.history.push(Message::new("user", prompt.clone()));
        state
            .history
            .push(Message::new("assistant", raw_text.clone()));
        Ok(Reply {
            text: std::mem::take(&mut *answer.text),
            tool_calls: std::mem::take(&mut answer.tool_calls),
            prompt,
            raw_text,
            request: std::mem::take(&mut answer.request),
            response: std::mem::take(&mut answer.response),
            completion,
            event_ids: std::mem::take(&mut answer.event_ids),
        })
    }

    /// What [`Guard::chat`] would send for `input`, and what it would find: nothing is sent and nothing is recorded.
    /// The placeholders are those of the session.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`; [`Kind::Closed`] and [`Kind::TooLarge`] as [`Guard::chat`].
    pub fn preview(&self, session: &mut Session, input: &str) -> Result<(String, Vec<Finding>)> {
        with_clean_deep_stack(|| {
            let mut state = session.enter()?;
            self.check_access(session, &mut state)?;
            let scrubbed = self.scrub(&mut state, input)?;
            Ok((scrubbed.text, scrubbed.findings))
        })
    }

    /// Asks the tables of the guard and of the session; nothing where there is none.
    fn check_access(&self, session: &Session, state: &mut State) -> Result<Option<Decision>> {
        if let Some(table) = &self.access {
            state.adopt(table, self.audit.as_ref());
        }
        let door = Door {
            access: self.access.as_ref(),
            audit: self.audit.as_deref(),
        };
        let asked = state.about(permission::READ_PHI);
        session.shared.admit(state, door, asked)
    }

    fn scrub(&self, state: &mut State, text: &str) -> Result<Scrubbed> {
        let subject = state.subject.as_deref().unwrap_or_default();
        self.scrubber
            .pseudonymize_of(subject, text, &mut state.vault)
    }
}
