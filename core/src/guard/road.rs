//! The part of the road that every question takes: policy, record, model, scan, restore, record.

use std::ops::ControlFlow;
use std::time::Instant;

use zeroize::{Zeroize, Zeroizing};

use super::draft::Draft;
use super::record::{Caller, Outcome, Summary};
use super::stream::Outflow;
use super::{Guard, OnSecret, Session, State, ledger};
use crate::access::{Decision, permission};
use crate::engine::{Cancel, Completion, Format, Message, Tool, ToolCall};
use crate::pii::Vault;
use crate::{Error, Kind, Result};

/// A question on its way in.
pub(super) struct Question {
    pub(super) draft: Draft,
    /// Of what the caller wrote.
    pub(super) bytes: usize,
    /// Whether the conversation of the session stands before its last message.
    pub(super) goes_on: bool,
}

/// What came back.
pub(super) struct Answer {
    /// The last message as the model saw it.
    pub(super) prompt: String,
    /// The text with the caller's identifiers in it.
    pub(super) text: Zeroizing<String>,
    /// The calls, likewise.
    pub(super) tool_calls: Vec<ToolCall>,
    /// As the model gave it.
    pub(super) completion: Completion,
    pub(super) request: Summary,
    pub(super) response: Summary,
    pub(super) event_ids: Vec<String>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.tool_calls.zeroize();
    }
}

impl Guard {
    /// Asks the model. `on_text` gets the restored text as it comes.
    pub(super) fn ask(
        &self,
        session: &Session,
        state: &mut State,
        decision: Option<Decision>,
        question: Question,
        cancel: &Cancel,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Answer> {
        let Question {
            mut draft,
            bytes,
            goes_on,
        } = question;
        let _others = session.shared.calling_out();
        self.check_backend(&draft)?;
        let first = draft.messages.first().map(|message| &*message.role);
        let mut instructed = matches!(first, Some("system" | "developer"));
        if !instructed && let Some(own) = state.system_prompt() {
            instructed = true;
            if !own.is_empty() {
                draft.messages.insert(0, Message::new("system", own));
            }
        }

        let found = draft.find(&self.scrubber, &state.vault);
        let mut request = Summary::default();
        found.iter().for_each(|findings| request.add(findings));
        let asked = state.about(permission::READ_PHI);
        let log = self.audit.as_deref();
        let about = log.and_then(|log| ledger::about_whom(log, asked));
        let caller = Caller { session, about };
        self.check_policy(&caller, bytes, &request)?;
        let subject = Zeroizing::new(state.subject.clone().unwrap_or_default());
        draft.scrub(found, &self.scrubber, &subject, &mut state.vault)?;
        let access = decision.map(|it| session.access_member(state, it, permission::READ_PHI));
        let request_id = self.record_request(&caller, bytes, &request, access)?;

        let Draft {
            mut messages,
            mut options,
        } = draft;
        let prompt = messages
            .last()
            .map_or_else(String::new, |last| last.content.clone());
        if goes_on {
            let last = messages.len().saturating_sub(1);
            messages.splice(last..last, state.history.iter().cloned());
        }
        if !instructed && !self.system_prompt.is_empty() {
            messages.insert(0, Message::new("system", self.system_prompt.clone()));
        }
        if options.cache.is_none() {
            options.cache = Some(session.cache());
            state.kept_by(&self.backend);
        }

        let start = Instant::now();
        let mut text = Zeroizing::new(String::new());
        let mut outflow = self.outflow(&options.format, &state.vault);
        let answer = self
            .backend
            .chat(&messages, &options, cancel, &mut |chunk| {
                let visible = outflow.push(chunk);
                text.push_str(&visible);
                if visible.is_empty() {
                    ControlFlow::Continue(())
                } else {
                    on_text(&visible)
                }
            });
        let answer = answer.and_then(|completion| {
            let rest = outflow.finish();
            text.push_str(&rest);
            if !rest.is_empty() && on_text(&rest).is_break() {
                return Err(Error::new(Kind::Cancelled, "the caller stopped the answer"));
            }
            Ok(completion)
        });
        let completion = match answer {
            Ok(completion) => completion,
            Err(error) => {
                self.record_response(
                    &caller,
                    request_id.as_deref(),
                    start.elapsed(),
                    &Outcome::Failed(&error),
                )?;
                return Err(error);
            }
        };
        let response = self.summary(&completion);
        let outcome = Outcome::Answered(&completion, &response);
        let response_id =
            self.record_response(&caller, request_id.as_deref(), start.elapsed(), &outcome)?;
        state.limits.touch();
        let tool_calls = completion.tool_calls.iter();
        Ok(Answer {
            prompt,
            text,
            tool_calls: tool_calls
                .map(|call| self.restored(call, &options.tools, &state.vault))
                .collect(),
            request,
            response,
            event_ids: request_id.into_iter().chain(response_id).collect(),
            completion,
        })
    }

    /// What is found in what the model wrote.
    fn summary(&self, completion: &Completion) -> Summary {
        let mut found = Summary::of(&self.scanner.scan(&completion.text));
        for call in &completion.tool_calls {
            found.add(&self.scanner.scan(&call.name));
            found.add(&self.scanner.scan(&call.arguments));
        }
        found
    }

    /// Refuses what the backend would pass over in silence.
    fn check_backend(&self, draft: &Draft) -> Result<()> {
        let Draft { messages, options } = draft;
        let plain = options.format == Format::Text
            && options.tools.is_empty()
            && messages.iter().all(|it| it.tool_calls.is_empty());
        if plain || self.backend.takes_formats() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Unsupported,
            "the backend takes neither formats nor tools; hint: use an engine of this library, or leave `response_format`, \
             grammars and `tools` out",
        ))
    }

    fn outflow<'a>(&'a self, format: &Format, vault: &'a Vault) -> Outflow<'a> {
        match format {
            Format::JsonObject | Format::JsonSchema(_) => Outflow::json(&self.scanner, vault),
            Format::Text | Format::Gbnf(_) | Format::Regex(_) | Format::Lark(_) => {
                Outflow::new(&self.scanner, vault)
            }
        }
    }

    fn restored(&self, call: &ToolCall, tools: &[Tool], vault: &Vault) -> ToolCall {
        // A tool may be called what reads as a placeholder.
        let known = tools.iter().any(|tool| tool.name == call.name);
        ToolCall {
            id: call.id.clone(),
            name: if known {
                call.name.clone()
            } else {
                Outflow::new(&self.scanner, vault).of(&call.name)
            },
            arguments: Outflow::json(&self.scanner, vault).of(&call.arguments),
        }
    }

    fn check_policy(&self, caller: &Caller<'_>, bytes: usize, found: &Summary) -> Result<()> {
        if found.secrets == 0 || self.on_secret == OnSecret::Redact {
            return Ok(());
        }
        self.record_blocked(caller, bytes, found)?;
        Err(Error::new(
            Kind::Blocked,
            format!(
                "the text contains {} ({}) and was not sent; hint: remove it, or let the guard redact secrets",
                if found.secrets == 1 {
                    "a secret".to_owned()
                } else {
                    format!("{} secrets", found.secrets)
                },
                found.secret_kinds.join(", "),
            ),
        ))
    }
}
