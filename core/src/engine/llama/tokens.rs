//! Text to tokens, such that the text of a message never becomes a control token.
//!
//! A rendered prompt mixes the template's control tokens (`<|im_end|>`) with text from messages, which may spell the
//! same characters. So each place in a message where a control token could begin is marked with a private character
//! before rendering. Afterwards the marks are taken out again; a control token's text that had a mark inside was
//! written by a message, and the prompt is cut there, so that the tokenizer sees two halves of ordinary text. The marks
//! travel through whatever the template does to a message (trimming, splitting, joining), and a message without such
//! text is tokenized exactly as without them.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token_type::LlamaTokenAttr;

use super::conversation::Conversation;
use crate::{Error, Kind, Result, Sensitive};

/// Characters for marks: a private-use plane, of which each prompt uses one that none of its messages contains.
const MARKS: std::ops::RangeInclusive<char> = '\u{F0000}'..='\u{FFFFD}';

/// The texts of a vocabulary that only a template may use.
pub(super) struct Tokenizer {
    reserved: AhoCorasick,
    /// First characters of the reserved texts.
    starts: BTreeSet<char>,
}

impl Tokenizer {
    /// Collects the reserved texts: every control token, and user-defined ones that look like markup (`<tool_call>`).
    pub(super) fn new(model: &LlamaModel) -> Result<Self> {
        let vocabulary = model.vocab();
        let mut texts = BTreeSet::new();
        for token in vocabulary.tokens() {
            let kind = vocabulary.attr(token);
            let Some(Ok(text)) = vocabulary.text(token).map(std::ffi::CStr::to_str) else {
                continue;
            };
            let control =
                kind.contains(LlamaTokenAttr::Control) || kind.contains(LlamaTokenAttr::Unknown);
            let markup = kind.contains(LlamaTokenAttr::UserDefined)
                && text.starts_with(['<', '['])
                && text.ends_with(['>', ']']);
            if !text.is_empty() && (control || markup) {
                texts.insert(text.to_owned());
            }
        }
        Ok(Self {
            reserved: AhoCorasick::new(&texts)
                .map_err(|_| Error::new(Kind::Model, "the model has too many control tokens"))?,
            starts: texts
                .iter()
                .filter_map(|text| text.chars().next())
                .collect(),
        })
    }

    /// A copy of a conversation with its marks, and the character that marks it.
    pub(super) fn mark(&self, conversation: &Conversation) -> Result<(Conversation, char)> {
        let mut used = BTreeSet::new();
        conversation.each_text(&mut |text| {
            used.extend(text.chars().filter(|char| MARKS.contains(char)));
        });
        let mark = MARKS.into_iter().find(|char| !used.contains(char));
        let mark = mark.ok_or_else(|| {
            Error::new(
                Kind::InvalidArgument,
                "the conversation uses every private character of Unicode plane 15",
            )
        })?;
        let marked = |text: &str| {
            let mut copy = String::with_capacity(text.len() + text.len() / 8);
            for char in text.chars() {
                copy.push(char);
                if self.starts.contains(&char) {
                    copy.push(mark);
                }
            }
            copy
        };
        Ok((conversation.map(&marked), mark))
    }

    /// Tokens of a prompt that was rendered from marked messages.
    pub(super) fn encode_marked(
        &self,
        model: &LlamaModel,
        rendered: &str,
        mark: char,
    ) -> Sensitive<Vec<i32>> {
        let mut text = Sensitive::new(String::with_capacity(rendered.len()));
        let mut marks = Vec::new();
        for (index, piece) in rendered.split(mark).enumerate() {
            if index > 0 {
                marks.push(text.len());
            }
            text.push_str(piece);
        }
        let cuts = self.cuts(&text, &marks);
        let mut tokens = Sensitive::new(Vec::new());
        let mut start = 0;
        for end in cuts.into_iter().chain([text.len()]) {
            append(model, &text[start..end], true, &mut tokens);
            start = end;
        }
        begin(model, &mut tokens);
        tokens
    }

    /// The marks that lie inside a reserved text.
    fn cuts(&self, text: &str, marks: &[usize]) -> BTreeSet<usize> {
        let mut cuts = BTreeSet::new();
        if marks.is_empty() {
            return cuts;
        }
        for found in self.reserved.find_overlapping_iter(text) {
            let first = marks.partition_point(|mark| *mark <= found.start());
            let inside = marks[first..]
                .iter()
                .take_while(|mark| **mark < found.end());
            cuts.extend(inside);
        }
        cuts
    }
}

/// Tokens of a whole prompt, in which the texts of control tokens stand for those tokens.
pub(super) fn encode_prompt(model: &LlamaModel, prompt: &str) -> Sensitive<Vec<i32>> {
    let mut tokens = Sensitive::new(Vec::new());
    append(model, prompt, true, &mut tokens);
    begin(model, &mut tokens);
    tokens
}

/// Tokens of plain text. `framed` adds what the model expects around a text, for example a beginning-of-sequence token.
pub(super) fn encode_text(model: &LlamaModel, text: &str, framed: bool) -> Sensitive<Vec<i32>> {
    let tokens = model.vocab().tokenize(text.as_bytes(), framed, false);
    Sensitive::new(tokens.into_iter().map(|token| token.0).collect())
}

fn append(model: &LlamaModel, text: &str, control: bool, tokens: &mut Vec<i32>) {
    let more = model.vocab().tokenize(text.as_bytes(), false, control);
    tokens.extend(more.into_iter().map(|token| token.0));
}

/// Puts the beginning-of-sequence token first, where the model wants one and the template did not write it.
fn begin(model: &LlamaModel, tokens: &mut Vec<i32>) {
    let vocabulary = model.vocab();
    let LlamaToken(bos) = vocabulary.bos();
    if bos >= 0 && vocabulary.should_add_bos() && tokens.first() != Some(&bos) {
        tokens.insert(0, bos);
    }
}
