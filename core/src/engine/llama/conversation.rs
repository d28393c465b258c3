//! What a template renders: the messages, and the tools that the model may call.

use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::engine::{Message, Tool, ToolCall};

/// A conversation whose texts are wiped when it is dropped.
pub(super) struct Conversation {
    pub(super) messages: Vec<Message>,
    pub(super) tools: Vec<Tool>,
}

impl Conversation {
    /// Bytes of all texts.
    pub(super) fn len(&self) -> usize {
        let tools = self.tools.iter();
        self.messages.iter().map(Message::len).sum::<usize>()
            + tools
                .map(|tool| tool.description.len() + tool.parameters.to_string().len())
                .sum::<usize>()
    }

    /// Visits every text that a template may write, but for roles and names of tools, which are plain words.
    pub(super) fn each_text(&self, visit: &mut dyn FnMut(&str)) {
        for message in &self.messages {
            visit(&message.content);
            for call in &message.tool_calls {
                visit(&call.id);
                visit(&call.name);
                // Parsed, because an escape may stand for any character.
                let arguments = serde_json::from_str::<Value>(&call.arguments);
                visit(&arguments.map_or_else(|_| call.arguments.clone(), |it| it.to_string()));
            }
            if let Some((id, name)) = &message.answers {
                visit(id);
                visit(name);
            }
        }
        for tool in &self.tools {
            visit(&tool.description);
            visit(&tool.parameters.to_string());
        }
    }

    /// A copy with every such text replaced by what `change` makes of it.
    pub(super) fn map(&self, change: &dyn Fn(&str) -> String) -> Self {
        let call = |call: &ToolCall| ToolCall {
            id: change(&call.id),
            name: change(&call.name),
            arguments: match serde_json::from_str::<Value>(&call.arguments) {
                // Inside of the texts, so that it stays JSON.
                Ok(arguments) => change_json(&arguments, change).to_string(),
                Err(_) => change(&call.arguments),
            },
        };
        let message = |message: &Message| Message {
            role: message.role.clone(),
            content: change(&message.content),
            tool_calls: message.tool_calls.iter().map(call).collect(),
            answers: message
                .answers
                .as_ref()
                .map(|(id, name)| (change(id), change(name))),
        };
        let tool = |tool: &Tool| Tool {
            name: tool.name.clone(),
            description: change(&tool.description),
            parameters: change_json(&tool.parameters, change),
        };
        Self {
            messages: self.messages.iter().map(message).collect(),
            tools: self.tools.iter().map(tool).collect(),
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.messages.zeroize();
    }
}

fn change_json(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(values) => values
            .iter()
            .map(|value| change_json(value, change))
            .collect(),
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| (change(name), change_json(value, change));
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
