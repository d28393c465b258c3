//! Conversations that are saved because somebody said so.
//!
//! A store is a directory (mode 0700) with one directory for each person, named as [`crate::subjects`] names the person's key,
//! and in it one file for each conversation: an envelope of [`crate::cipher`] under the key of that person, content type
//! `application/vnd.cloister.conversation`, with the context `cloister conversation v1` ‖ 0x00 ‖ name of the directory ‖ `/` ‖
//! id of the conversation, so that no file can be put in the place of another. It holds the history as the model saw it, and
//! the vault. Whose it is: the session's subject, or its user where it has none.
//!
//! A conversation is kept as long as its class says ([`Classification::retention_days`]), counted from when it was saved last;
//! after that it is not found any more, and [`ConversationStore::expire`] erases it. Erasing is recorded twice, before and
//! after: where the first record cannot be written nothing is erased, and the second one carries the SHA-256 of what is gone.
//! While the log has a legal hold, nothing is erased.
//!
//! Every record says whose conversation it is about, in the member `subject_id`: the id where it has the form of a scope
//! (`patient:17`, see [`crate::access`]) or where the log keeps pseudonyms, which then stand there; otherwise the person's
//! pseudonym ([`SubjectKeys::pseudonym`]), because such an id may be a name. A query with the filter `subject_id` finds who
//! did what with the conversations of one person.

mod codec;
mod erase;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codec::Heading;
pub use erase::Erasure;
use jiff::Timestamp;
use parking_lot::MutexGuard;
use serde_json::{Map, Value, json};

use super::ledger;
use super::session::{Door, Session, State, random_id};
use crate::access::{AccessControl, Asked, permission};
use crate::audit::{AuditLog, Event};
use crate::cipher::{Label, Opened};
use crate::subjects::SubjectKeys;
use crate::{Classification, Error, Kind, Result, files};

const CONTENT_TYPE: &str = "application/vnd.cloister.conversation";
const CONTEXT: &[u8] = b"cloister conversation v1\0";
/// Of the files of conversations.
const SUFFIX: &str = ".conversation";
const SECONDS_A_DAY: u64 = 86_400;
/// Most bytes of a title.
const MAX_TITLE: usize = 1024;

/// Saved conversations. Any number of threads, and several processes, may use one store.
pub struct ConversationStore {
    directory: PathBuf,
    subjects: Arc<SubjectKeys>,
    audit: Option<Arc<AuditLog>>,
    access: Option<Arc<AccessControl>>,
    /// Seconds since 1970.
    clock: fn() -> u64,
}

/// How a conversation is saved.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    /// How sensitive it is, and so how long it is kept. Default [`Classification::Sensitive`], 90 days.
    pub classification: Classification,
    /// What people find it by, at most 1024 bytes; may be empty. It is encrypted like the rest.
    pub title: String,
}

/// A saved conversation, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// `cnv_` and 16 hexadecimal digits.
    pub id: String,
    /// As it was saved.
    pub title: String,
    /// Whose session saved it last.
    pub user: String,
    /// The role of that user.
    pub role: String,
    /// How sensitive it is.
    pub classification: Classification,
    /// A question with its answer is one.
    pub turns: u64,
    /// When it was saved first, in seconds since 1970.
    pub begun: u64,
    /// When it was saved last.
    pub saved: u64,
    /// From when on it is not found any more.
    pub expires: u64,
}

impl ConversationStore {
    /// Opens the directory, or makes it; its parent must exist. With a log, every use is recorded there, and none takes place
    /// that cannot be.
    ///
    /// # Errors
    ///
    /// [`Kind::NotFound`] if the parent is missing; [`Kind::Io`].
    pub fn open(
        directory: impl AsRef<Path>,
        subjects: Arc<SubjectKeys>,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self> {
        let directory = directory.as_ref().to_owned();
        files::create_directory(&directory)
            .map_err(|error| Error::io("cannot make the directory of the store", &error))?;
        Ok(Self {
            directory,
            subjects,
            audit,
            access: None,
            clock: now,
        })
    }

    /// Asks this table as well as that of the session, whatever session comes.
    #[must_use]
    pub fn with_access(mut self, table: Arc<AccessControl>) -> Self {
        self.access = Some(table);
        self
    }

    fn door(&self) -> Door<'_> {
        Door {
            access: self.access.as_ref(),
            audit: self.audit.as_deref(),
        }
    }

    /// What is asked for about whom.
    fn enter<'s>(
        &self,
        session: &'s Session,
        permission: &str,
        subject: &str,
    ) -> Result<MutexGuard<'s, State>> {
        let asked = Asked {
            permission,
            subject: Some(subject),
        };
        session.admitted_to(self.door(), asked)
    }

    /// Saves the conversation of a session, in one step; a session that was saved or loaded before keeps its id, which is
    /// returned.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `write_phi`; [`Kind::Closed`] if the session or its vault has ended;
    /// [`Kind::InvalidArgument`] for a session without a user and a subject; [`Kind::TooLarge`] for a long title;
    /// [`Kind::Audit`]; [`Kind::Io`].
    pub fn save(&self, session: &mut Session, options: &SaveOptions) -> Result<String> {
        let mut state = session.enter()?;
        let asked = Asked {
            permission: permission::WRITE_PHI,
            subject: Some(subject_of(session, &state)),
        };
        session.shared.admit(&state, self.door(), asked)?;
        if state.vault.is_expired() {
            return Err(Error::new(
                Kind::Closed,
                "the vault has expired; hint: begin a new one",
            ));
        }
        if options.title.len() > MAX_TITLE {
            return Err(Error::new(Kind::TooLarge, "a title has at most 1024 bytes"));
        }
        let subject = subject_of(session, &state).to_owned();
        let tag = self.subjects.tag(&subject)?;
        // Under another person's key it is another conversation.
        let (id, begun) = match &state.saved {
            Some(saved) if saved.tag == tag => (saved.id.clone(), saved.begun),
            _ => (format!("cnv_{}", random_id()?), (self.clock)()),
        };
        let person = self.subjects.person(&subject)?;
        self.record(
            session,
            &subject,
            "conversation_save",
            &id,
            options.classification,
        )?;
        let heading = Heading {
            begun,
            title: options.title.clone(),
            user: session.identity().user.clone(),
            role: session.identity().role.clone(),
        };
        let label = Label {
            classification: options.classification,
            content_type: CONTENT_TYPE.to_owned(),
        };
        let plaintext = codec::encode(&heading, &state);
        let envelope = person
            .cipher
            .encrypt_as(&plaintext, &label, &context(&tag, &id))?;
        files::create_directory(&self.directory.join(&tag))
            .map_err(|error| Error::io("cannot make the directory of a person", &error))?;
        files::replace(
            &self.file_of(&tag, &id),
            &envelope,
            "cannot write the conversation",
        )?;
        state.saved = Some(SavedAs {
            tag,
            id: id.clone(),
            begun,
        });
        Ok(id)
    }

    /// Goes on with a saved conversation of `subject` in a session, whose own so far is wiped.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`; [`Kind::NotFound`] if there is none, or if it has expired or was
    /// erased; [`Kind::Decrypt`] if it was altered or put in the place of another; [`Kind::Closed`]; [`Kind::Audit`].
    pub fn load(&self, session: &mut Session, subject: &str, id: &str) -> Result<()> {
        let mut state = self.enter(session, permission::READ_PHI, subject)?;
        let tag = self.subjects.tag(subject)?;
        let opened = self.open_file(&tag, id)?.ok_or_else(not_found)?;
        self.record(
            session,
            subject,
            "conversation_load",
            id,
            opened.classification,
        )?;
        let (heading, body) = codec::decode(&opened.plaintext)?;
        state.wipe();
        state.history = body.history;
        state.vault = body.vault;
        state.subject = body.subject;
        state.replace_system_prompt(body.system_prompt);
        state.saved = Some(SavedAs {
            tag,
            id: id.to_owned(),
            begun: heading.begun,
        });
        Ok(())
    }

    /// The conversations of `subject` that have not expired, in the order in which they were first saved.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`; [`Kind::Decrypt`] if one was altered; [`Kind::Closed`];
    /// [`Kind::Audit`]; [`Kind::Io`].
    pub fn list(&self, session: &Session, subject: &str) -> Result<Vec<Saved>> {
        drop(self.enter(session, permission::READ_PHI, subject)?);
        self.record(
            session,
            subject,
            "conversation_list",
            "",
            Classification::default(),
        )?;
        let tag = self.subjects.tag(subject)?;
        let mut found = Vec::new();
        for id in self.ids_of(&tag)? {
            found.extend(self.describe(&tag, &id)?);
        }
        found.sort_by(|left: &Saved, right| (left.begun, &left.id).cmp(&(right.begun, &right.id)));
        Ok(found)
    }

    /// What a list shows; nothing if it has expired.
    fn describe(&self, tag: &str, id: &str) -> Result<Option<Saved>> {
        let Some(opened) = self.open_file(tag, id)? else {
            return Ok(None);
        };
        let (heading, messages) = codec::heading(&opened.plaintext)?;
        Ok(Some(Saved {
            id: id.to_owned(),
            title: heading.title,
            user: heading.user,
            role: heading.role,
            classification: opened.classification,
            turns: messages / 2,
            begun: heading.begun,
            saved: opened.created,
            expires: expiry(&opened),
        }))
    }

    /// The plaintext of a conversation; nothing if there is none, if it has expired, or if the key of its person is gone.
    fn open_file(&self, tag: &str, id: &str) -> Result<Option<Opened>> {
        let (Some(person), Some(envelope)) = (self.subjects.known(tag)?, self.read(tag, id)?)
        else {
            return Ok(None);
        };
        let opened = person.cipher.decrypt(&envelope, &context(tag, id))?;
        Ok((expiry(&opened) > (self.clock)()).then_some(opened))
    }

    fn read(&self, tag: &str, id: &str) -> Result<Option<Vec<u8>>> {
        if !is_id(id) {
            return Ok(None);
        }
        match fs::read(self.file_of(tag, id)) {
            Ok(envelope) => Ok(Some(envelope)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("cannot read the conversation", &error)),
        }
    }

    /// The ids of all files of a person, in their order.
    fn ids_of(&self, tag: &str) -> Result<Vec<String>> {
        let failed = |error| Error::io("cannot list the conversations", &error);
        let entries = match fs::read_dir(self.directory.join(tag)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            ids.extend(id.filter(|id| is_id(id)).map(str::to_owned));
        }
        ids.sort();
        Ok(ids)
    }

    fn file_of(&self, tag: &str, id: &str) -> PathBuf {
        self.directory.join(tag).join(format!("{id}{SUFFIX}"))
    }

    fn record(
        &self,
        session: &Session,
        subject: &str,
        action: &str,
        id: &str,
        classification: Classification,
    ) -> Result<()> {
        let Some(log) = &self.audit else {
            return Ok(());
        };
        let mut event = Event {
            action: action.to_owned(),
            classification,
            data: Map::from_iter([("conversation".to_owned(), json!({"id": id}))]),
            ..session.shared.event("conversation", "success")
        };
        self.name(log, &mut event, Some(subject))?;
        log.write_as_named(&event)
            .map(drop)
            .map_err(|error| unrecorded(&error))
    }

    /// Puts the user and whom an event is about into it, as they stand in the records of `log`. Where it has no pseudonyms and
    /// the id may be a name, because it has not the form of a scope, that of the store's own keys stands there.
    fn name(&self, log: &AuditLog, event: &mut Event, subject: Option<&str>) -> Result<()> {
        event.user_id = log.recorded_name(&event.user_id)?.into_owned();
        let Some(subject) = subject else {
            return Ok(());
        };
        let asked = Asked {
            permission: permission::READ_PHI,
            subject: Some(subject),
        };
        let named = if log.has_pseudonyms() || asked.scope().is_some() {
            Some(log.recorded_name(subject)?.into_owned())
        } else {
            self.subjects.find(subject)?
        };
        event.data.extend(named.map(|named| ledger::naming(&named)));
        Ok(())
    }
}

/// As other languages see it.
impl From<Saved> for Value {
    fn from(saved: Saved) -> Self {
        json!({
            "id": saved.id,
            "title": saved.title,
            "user": saved.user,
            "role": saved.role,
            "classification": saved.classification,
            "turns": saved.turns,
            "begun": saved.begun,
            "saved": saved.saved,
            "expires": saved.expires,
        })
    }
}

/// Where a session was saved, or loaded from.
pub(super) struct SavedAs {
    tag: String,
    id: String,
    begun: u64,
}

/// The person whose key encrypts a conversation.
fn subject_of<'s>(session: &'s Session, state: &'s State) -> &'s str {
    state.subject.as_deref().unwrap_or(&session.identity().user)
}

fn context(tag: &str, id: &str) -> Vec<u8> {
    [CONTEXT, tag.as_bytes(), b"/", id.as_bytes()].concat()
}

/// `cnv_` and 16 hexadecimal digits: nothing that could name another directory.
fn is_id(id: &str) -> bool {
    id.strip_prefix("cnv_").is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn expiry(opened: &Opened) -> u64 {
    let days = u64::from(opened.classification.retention_days());
    opened.created.saturating_add(days * SECONDS_A_DAY)
}

fn now() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or_default()
}

fn not_found() -> Error {
    Error::new(
        Kind::NotFound,
        "there is no such conversation, or it has expired",
    )
}

fn unrecorded(error: &Error) -> Error {
    Error::new(Kind::Audit, error.message().to_owned())
}

impl std::fmt::Debug for ConversationStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Identity;
    use crate::audit::{AuditOptions, ERASURE, Query};
    use crate::cipher::Key;

    const DAY: u64 = SECONDS_A_DAY;

    fn later(days: u64) -> u64 {
        now() + days * DAY
    }

    #[test]
    fn a_conversation_is_found_as_long_as_its_class_says_and_then_erased() {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::generate().unwrap();
        let subjects = SubjectKeys::open(directory.path().join("keys"), &key).unwrap();
        let log = AuditLog::open(
            directory.path().join("audit.jsonl"),
            AuditOptions::default(),
        );
        let log = Arc::new(log.unwrap());
        let mut store = ConversationStore::open(
            directory.path().join("store"),
            Arc::new(subjects),
            Some(Arc::clone(&log)),
        )
        .unwrap();
        let identity = Identity {
            user: "lee".to_owned(),
            role: String::new(),
        };
        for classification in [
            Classification::Public,
            Classification::Internal,
            Classification::Sensitive,
        ] {
            let mut session = Session::new(identity.clone()).unwrap();
            let options = SaveOptions {
                classification,
                ..SaveOptions::default()
            };
            store.save(&mut session, &options).unwrap();
        }
        let session = Session::new(identity).unwrap();
        let mut left = |clock: fn() -> u64| {
            store.clock = clock;
            let listed = store.list(&session, "lee").unwrap().len();
            (listed, store.expire().unwrap())
        };
        assert_eq!(left(|| later(89)), (3, 0));
        assert_eq!(left(|| later(91)), (2, 1));
        assert_eq!(left(|| later(179)), (2, 0));
        assert_eq!(left(|| later(181)), (1, 1));
        assert_eq!(left(|| later(364)), (1, 0));
        assert_eq!(left(|| later(366)), (0, 1));
        assert_eq!(
            left(now),
            (0, 0),
            "a clock that goes back brings nothing back"
        );
        let about_lee = Query {
            event_type: Some(ERASURE.to_owned()),
            filters: vec![("subject_id".to_owned(), "lee".into())],
            ..Query::default()
        };
        assert_eq!(log.query(&about_lee).unwrap().len(), 6, "each twice");
    }
}
