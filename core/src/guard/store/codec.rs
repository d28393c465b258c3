//! A conversation as bytes, before it is encrypted.
//!
//! Version 1, all numbers big endian: `CLOCONV` and the version (8 bits), when the conversation was first saved (seconds since
//! 1970, 64 bits), title, user, role, subject and system prompt (a byte says whether there is one), the number of messages
//! (64 bits), role and content of each, and behind them the vault as `pii::vault` writes it. A text stands after its length in
//! bytes (32 bits).

use zeroize::Zeroizing;

use crate::binary::{Reader, Writer};
use crate::engine::Message;
use crate::guard::session::State;
use crate::pii::Vault;
use crate::{Error, Kind, Result};

const MAGIC: &[u8; 7] = b"CLOCONV";
const VERSION: u8 = 1;
/// Most messages; a count above it is none.
const MAX_MESSAGES: u64 = 1 << 24;

/// What a file says about its conversation, without the conversation.
pub(super) struct Heading {
    pub(super) begun: u64,
    pub(super) title: String,
    pub(super) user: String,
    pub(super) role: String,
}

/// What a session goes on with.
pub(super) struct Body {
    pub(super) subject: Option<String>,
    pub(super) system_prompt: Option<String>,
    pub(super) history: Vec<Message>,
    pub(super) vault: Vault,
}

pub(super) fn encode(heading: &Heading, state: &State) -> Zeroizing<Vec<u8>> {
    let vault = state.vault.encode();
    let options = [state.subject.as_deref(), state.system_prompt()];
    let texts = [&*heading.title, &*heading.user, &*heading.role];
    let messages = state
        .history
        .iter()
        .map(|it| it.role.len() + it.content.len() + 8);
    let room: usize = 64
        + texts.iter().map(|text| text.len() + 4).sum::<usize>()
        + options
            .iter()
            .flatten()
            .map(|text| text.len() + 5)
            .sum::<usize>()
        + messages.sum::<usize>()
        + vault.len();
    let mut out = Writer::with_room(room);
    out.bytes(MAGIC);
    out.bytes(&[VERSION]);
    out.number(heading.begun);
    for text in texts {
        out.text(text);
    }
    for option in options {
        out.bytes(&[u8::from(option.is_some())]);
        if let Some(text) = option {
            out.text(text);
        }
    }
    out.number(state.history.len() as u64);
    for message in &state.history {
        out.text(&message.role);
        out.text(&message.content);
    }
    out.bytes(&vault);
    out.finish()
}

/// The heading, and how many messages there are.
pub(super) fn heading(plaintext: &[u8]) -> Result<(Heading, u64)> {
    let mut reader = Reader::new(plaintext, malformed);
    let heading = read_heading(&mut reader)?;
    for _ in 0..2 {
        option(&mut reader)?;
    }
    Ok((heading, reader.number()?))
}

/// Whose it is.
pub(super) fn owner(plaintext: &[u8]) -> Result<String> {
    let mut reader = Reader::new(plaintext, malformed);
    let heading = read_heading(&mut reader)?;
    let subject = option(&mut reader)?;
    Ok(subject.map_or(heading.user, str::to_owned))
}

pub(super) fn decode(plaintext: &[u8]) -> Result<(Heading, Body)> {
    let mut reader = Reader::new(plaintext, malformed);
    let heading = read_heading(&mut reader)?;
    let subject = option(&mut reader)?.map(str::to_owned);
    let system_prompt = option(&mut reader)?.map(str::to_owned);
    let count = reader.number()?;
    if count > MAX_MESSAGES {
        return Err(malformed());
    }
    let mut history = Vec::new();
    for _ in 0..count {
        history.push(Message::new(reader.text()?, reader.text()?));
    }
    let body = Body {
        subject,
        system_prompt,
        history,
        vault: Vault::decode(reader.rest())?,
    };
    Ok((heading, body))
}

fn read_heading(reader: &mut Reader<'_>) -> Result<Heading> {
    if reader.take(MAGIC.len())? != MAGIC {
        return Err(malformed());
    }
    if reader.byte()? != VERSION {
        return Err(Error::new(
            Kind::Unsupported,
            "the conversation was written by a later release; hint: update the library",
        ));
    }
    Ok(Heading {
        begun: reader.number()?,
        title: reader.text()?.to_owned(),
        user: reader.text()?.to_owned(),
        role: reader.text()?.to_owned(),
    })
}

fn option<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a str>> {
    match reader.byte()? {
        0 => Ok(None),
        1 => reader.text().map(Some),
        _ => Err(malformed()),
    }
}

fn malformed() -> Error {
    Error::new(Kind::Decrypt, "the envelope holds no conversation")
}
