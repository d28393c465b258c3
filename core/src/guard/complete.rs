//! Chat completions within the walls: the request and the answer of `OpenAI`'s API.

use std::collections::HashMap;
use std::ops::ControlFlow;

use serde_json::{Value, json};
use zeroize::Zeroize;

use super::draft::Draft;
use super::road::{Answer, Question};
use super::{Guard, Session, Summary};
use crate::engine::{Cancel, Completion, CompletionRequest, Head, Message};
use crate::isolation::with_clean_deep_stack;
use crate::{Error, Kind, Result};

/// Roles that a message may have: a role is not scrubbed, so it may be nothing of the caller's.
const ROLES: [&str; 7] = [
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "function",
    "ipython",
];

impl Guard {
    /// Answers a chat-completion request of `OpenAI`'s API within the walls: formats, tools, and every member that
    /// [`crate::engine`]'s own `complete` takes. The answer is a `chat.completion` object; with `"stream": true`, `on_part` gets a
    /// `chat.completion.chunk` object for each piece of restored text, and what is returned is the last.
    ///
    /// The request is the whole conversation: that of the session is neither sent nor changed. The session gives the identity,
    /// the vault and what is kept of the model's work. Its system prompt, or that of the guard, stands before a conversation
    /// that does not begin with one.
    ///
    /// | text | what happens to it |
    /// |---|---|
    /// | messages, of all roles; descriptions of tools; `stop` | scanned together, and scrubbed |
    /// | arguments of earlier calls | as JSON: their texts and numbers; what is replaced becomes a text |
    /// | ids of calls | the model gets others, which say nothing |
    /// | schemas of the answer and of tools | their texts: a value of `enum` or `const` becomes a placeholder, which the model then writes and the caller gets as the value |
    /// | names of tools, `pattern`, `patternProperties`, `grammar`, `regex`, `lark` | refused where something is found |
    /// | the answer, and the names and arguments of its calls | scanned; secrets are taken out, identifiers put back |
    ///
    /// An answer in JSON and the arguments of calls stay JSON: a value is escaped where it is put back, and a number in which a
    /// secret stands becomes a number of nines. In an answer to a `grammar`, `regex` or `lark` values stand as they are.
    ///
    /// A schema describes what the model writes, before anything is put back. A string that is restrained by `pattern`,
    /// `format` or its length may also be a placeholder of the session: else the model, which has never seen the value, would
    /// have to make one up. A value that is put back is therefore as the caller wrote it, whatever the schema says. A number
    /// can be no placeholder: describe identifiers as strings.
    ///
    /// `logprobs` are about the tokens as the model wrote them, with placeholders, and stand in the last part of a stream. Where a
    /// secret was taken out of the answer, there are none.
    ///
    /// The answer has one more member: `guard`, with what was found in the request and in the response, by kind and number,
    /// and the ids of their records.
    ///
    /// # Errors
    ///
    /// As [`Guard::chat`]; [`Kind::InvalidArgument`] for a malformed request, and where an identifier stands in what cannot be
    /// changed; [`Kind::Unsupported`] where the backend takes no formats and tools.
    pub fn complete(
        &self,
        session: &mut Session,
        request: &str,
        cancel: &Cancel,
        on_part: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<String> {
        with_clean_deep_stack(|| self.answer(&*session, request, None, cancel, on_part))
    }

    /// [`Guard::complete`] as a stream, whatever `stream` says.
    ///
    /// # Errors
    ///
    /// As [`Guard::complete`].
    pub fn complete_stream(
        &self,
        session: &mut Session,
        request: &str,
        cancel: &Cancel,
        on_part: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<String> {
        with_clean_deep_stack(|| self.answer(&*session, request, Some(true), cancel, on_part))
    }

    fn answer(
        &self,
        session: &Session,
        request: &str,
        stream: Option<bool>,
        cancel: &Cancel,
        on_part: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<String> {
        let bytes = request.len();
        let request = CompletionRequest::parse(request)?;
        let stream = stream.unwrap_or(request.stream);
        let mut messages = request.messages;
        check(&messages)?;
        number_calls(&mut messages);
        let mut state = session.enter()?;
        let decision = self.check_access(session, &mut state)?;
        let head = Head::new(&self.backend.name())?;
        let question = Question {
            draft: Draft {
                messages,
                options: request.options,
            },
            bytes,
            goes_on: false,
        };
        let mut begun = false;
        let mut on_text = |text: &str| {
            if !stream {
                return ControlFlow::Continue(());
            }
            if !std::mem::replace(&mut begun, true) {
                on_part(&head.first())?;
            }
            on_part(&head.text(text, &[]))
        };
        let answer = self.ask(
            session,
            &mut state,
            decision,
            question,
            cancel,
            &mut on_text,
        )?;
        let (mut completion, more) = told(answer);
        let told = if stream {
            head.last(&completion, Some(more))
        } else {
            head.completion(&completion, Some(more))
        };
        completion.text.zeroize();
        completion.tool_calls.zeroize();
        if stream {
            let silent = !begun && on_part(&head.first()).is_break();
            if silent || on_part(&told).is_break() {
                return Err(Error::new(Kind::Cancelled, "the caller stopped the answer"));
            }
        }
        Ok(told)
    }
}

fn check(messages: &[Message]) -> Result<()> {
    let invalid = |what: &'static str| Err(Error::new(Kind::InvalidArgument, what));
    if messages.is_empty() {
        return invalid("the conversation is empty");
    }
    if messages
        .iter()
        .any(|message| !ROLES.contains(&message.role.as_str()))
    {
        return invalid(
            "a role is not one that a guard lets through; hint: use `system`, `developer`, `user`, `assistant` or `tool`",
        );
    }
    Ok(())
}

/// Gives calls other ids, the same to the same: they are the caller's texts, and nothing but their equality matters.
fn number_calls(messages: &mut [Message]) {
    let mut known: HashMap<String, String> = HashMap::new();
    let mut rename = |id: &mut String| {
        let number = known.len();
        // Nine letters and figures, as templates of the Mistral family want them.
        let other = known.entry(std::mem::take(id));
        other
            .or_insert_with(|| format!("call{number:05}"))
            .clone_into(id);
    };
    for message in messages {
        for call in &mut message.tool_calls {
            rename(&mut call.id);
        }
        if let Some((id, _)) = &mut message.answers {
            rename(id);
        }
    }
}

/// What the caller is told: the answer, and what the guard did.
fn told(mut answer: Answer) -> (Completion, (String, Value)) {
    let guard = json!({
        "request": counts(&answer.request),
        "response": counts(&answer.response),
        "event_ids": answer.event_ids,
    });
    let mut completion = std::mem::take(&mut answer.completion);
    completion.text = std::mem::take(&mut *answer.text);
    completion.tool_calls = std::mem::take(&mut answer.tool_calls);
    if answer.response.secrets > 0 {
        completion.logprobs.clear();
    }
    (completion, ("guard".to_owned(), guard))
}

fn counts(found: &Summary) -> Value {
    json!({
        "identifiers": found.identifiers,
        "identifier_kinds": found.identifier_kinds,
        "secrets": found.secrets,
        "secret_kinds": found.secret_kinds,
    })
}
