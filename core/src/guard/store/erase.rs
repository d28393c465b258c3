//! Erasing conversations and persons, with a record of what is gone.

use std::fs;
use std::io::ErrorKind;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{ConversationStore, codec, expiry, is_id, not_found, unrecorded};
use crate::access::permission;
use crate::audit::{ERASURE, ERASURE_BEGIN, Event};
use crate::guard::session::Session;
use crate::{Error, Kind, Result, files};

/// Who erases what is past its retention.
const SYSTEM: &str = "system";

/// What was erased, and the record that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The id of the record that was written afterwards; empty without a log. In a signed log its inclusion can be proven
    /// with [`crate::audit::prove`].
    pub event_id: String,
    /// The ids of the conversations that are gone.
    pub conversations: Vec<String>,
    /// SHA-256 of the envelope of each, in the same order, in hexadecimal digits: whoever kept a copy can show that it was
    /// this one.
    pub sha256: Vec<String>,
    /// Whether the key of the person was destroyed, so that no copy can be read any more either.
    pub key_destroyed: bool,
}

impl ConversationStore {
    /// Erases a conversation of `subject`.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `erase_phi`, or during a legal hold; [`Kind::NotFound`] if there is none;
    /// [`Kind::Audit`]; [`Kind::Closed`]; [`Kind::Io`].
    pub fn delete(&self, session: &Session, subject: &str, id: &str) -> Result<Erasure> {
        drop(self.enter(session, permission::ERASE_PHI, subject)?);
        let tag = self.subjects.tag(subject)?;
        if self.read(&tag, id)?.is_none() {
            return Err(not_found());
        }
        let event = session.shared.event(ERASURE, "success");
        self.erase(
            &tag,
            Some(subject),
            &[id.to_owned()],
            false,
            "request",
            event,
        )
    }

    /// Erases a person: the key of `subject` is destroyed, and all conversations with it. What else was encrypted with the
    /// key, and pseudonyms in the log, can from now on be read or attributed by nobody; the log still verifies.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `erase_phi`, or during a legal hold; [`Kind::NotFound`] if the person has no
    /// key; [`Kind::Audit`]; [`Kind::Closed`]; [`Kind::Io`].
    pub fn erase_subject(&self, session: &Session, subject: &str) -> Result<Erasure> {
        drop(self.enter(session, permission::ERASE_PHI, subject)?);
        let tag = self.subjects.tag(subject)?;
        if self.subjects.known(&tag)?.is_none() {
            return Err(Error::new(
                Kind::NotFound,
                "there is no key of this person; nothing of theirs can be read",
            ));
        }
        let event = session.shared.event(ERASURE, "success");
        let ids = self.ids_of(&tag)?;
        self.erase(&tag, Some(subject), &ids, true, "request", event)
    }

    /// Erases what is past its retention, whoever it belongs to, and what can be read by nobody because its key is gone. How
    /// many conversations. Call it once a day; nobody needs a permission to let time pass.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] during a legal hold; [`Kind::Audit`]; [`Kind::Io`]. A file that was altered is left where it is.
    pub fn expire(&self) -> Result<usize> {
        let failed = |error| Error::io("cannot list the store", &error);
        let mut count = 0;
        for entry in fs::read_dir(&self.directory).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let Some(tag) = name.to_str() else { continue };
            let mut over = Vec::new();
            for id in self.ids_of(tag)? {
                if self.is_over(tag, &id)? {
                    over.push(id);
                }
            }
            if !over.is_empty() {
                let event = Event {
                    event_type: ERASURE.to_owned(),
                    user_id: SYSTEM.to_owned(),
                    status: "success".to_owned(),
                    ..Event::default()
                };
                let subject = self.owner(tag, &over)?;
                self.erase(tag, subject.as_deref(), &over, false, "retention", event)?;
                count += over.len();
            }
        }
        Ok(count)
    }

    fn is_over(&self, tag: &str, id: &str) -> Result<bool> {
        let Some(envelope) = self.read(tag, id)? else {
            return Ok(false);
        };
        let Some(person) = self.subjects.known(tag)? else {
            return Ok(true);
        };
        // The age of a file is believed only where nobody has touched it.
        let opened = person.cipher.decrypt(&envelope, &super::context(tag, id));
        Ok(opened.is_ok_and(|opened| expiry(&opened) <= (self.clock)()))
    }

    /// Whose conversations these of one person are; nothing if nobody can tell any more.
    fn owner(&self, tag: &str, ids: &[String]) -> Result<Option<String>> {
        let Some(person) = self.subjects.known(tag)? else {
            return Ok(None);
        };
        for id in ids {
            let envelope = self.read(tag, id)?.unwrap_or_default();
            if let Ok(opened) = person.cipher.decrypt(&envelope, &super::context(tag, id)) {
                return codec::owner(&opened.plaintext).map(Some);
            }
        }
        Ok(None)
    }

    /// Records, erases, records again.
    fn erase(
        &self,
        tag: &str,
        subject: Option<&str>,
        ids: &[String],
        with_key: bool,
        cause: &str,
        mut event: Event,
    ) -> Result<Erasure> {
        if self.audit.as_ref().is_some_and(|log| log.is_held()) {
            return Err(Error::new(
                Kind::Denied,
                "a legal hold is in force; hint: nothing is erased until it is released",
            ));
        }
        debug_assert!(ids.iter().all(|id| is_id(id)), "no other file is erased");
        let mut erasure = Erasure {
            conversations: ids.to_vec(),
            ..Erasure::default()
        };
        for id in ids {
            let envelope = self.read(tag, id)?.unwrap_or_default();
            erasure
                .sha256
                .push(base16ct::lower::encode_string(&Sha256::digest(&envelope)));
        }
        let pseudonym = self.subjects.known(tag)?.map(|it| it.pseudonym.clone());
        let detail = json!({
            "cause": cause,
            "conversations": erasure.conversations,
            "sha256": erasure.sha256,
            "subject": pseudonym,
            "key_destroyed": with_key,
        });
        event.data = Map::from_iter([(ERASURE.to_owned(), detail)]);
        // Once the key is destroyed the same name could not be found again.
        if let Some(log) = &self.audit {
            self.name(log, &mut event, subject)?;
        }
        ERASURE_BEGIN.clone_into(&mut event.action);
        self.write_erasure(&event)?;
        if with_key {
            erasure.key_destroyed = self.subjects.destroy_tag(tag)?;
        }
        for id in ids {
            files::destroy(&self.file_of(tag, id), "cannot erase a conversation")?;
        }
        match fs::remove_dir(self.directory.join(tag)) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound
                ) =>
            {
                return Err(Error::io("cannot remove the directory of a person", &error));
            }
            _ => {}
        }
        "erasure_end".clone_into(&mut event.action);
        erasure.event_id = self.write_erasure(&event)?;
        Ok(erasure)
    }

    /// On the disk when this returns.
    fn write_erasure(&self, event: &Event) -> Result<String> {
        let Some(log) = &self.audit else {
            return Ok(String::new());
        };
        let id = log
            .write_as_named(event)
            .map_err(|error| unrecorded(&error))?;
        log.flush().map_err(|error| unrecorded(&error))?;
        Ok(id)
    }
}

/// As other languages see it.
impl From<Erasure> for Value {
    fn from(erasure: Erasure) -> Self {
        json!({
            "event_id": erasure.event_id,
            "conversations": erasure.conversations,
            "sha256": erasure.sha256,
            "key_destroyed": erasure.key_destroyed,
        })
    }
}
