//! One conversation of one user, and what must be wiped when it ends.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use zeroize::Zeroize;

use super::emergency::Emergency;
use super::limits::{End, Limits, SessionOptions};
use super::store::SavedAs;
use super::watch;
use crate::access::{AccessControl, Asked, Decision, Identity, Reason, permission};
use crate::audit::AuditLog;
use crate::engine::{Backend, Message};
use crate::pii::Vault;
use crate::{Error, Kind, Result};

/// How long the state of a session is waited for before it is asked who has it.
const MOMENT: Duration = Duration::from_millis(2);
/// What takes longer is more than a glance at the session.
const SOON: Duration = Duration::from_secs(2);

/// What is called when a session ends.
type OnEnd = Box<dyn FnOnce() + Send>;

/// A conversation: identity, history and vault. One thread at a time.
///
/// The history holds the conversation as the model saw it, with placeholders; only the vault knows the values. Both are
/// wiped when the session is cleared, when it ends and when it is dropped. It ends when nobody has used it for 15 minutes
/// and 12 hours after it began, unless [`SessionOptions`] say otherwise (45 CFR 164.312(a)(2)(iii), automatic logoff): a
/// thread of the library sees to that, and every use looks at the clocks as well. In a forked child, which has no such
/// thread, only the latter happens. What uses a session that has ended is [`Kind::Closed`].
pub struct Session {
    pub(super) shared: Arc<Shared>,
}

/// What the session and the thread that ends it have in common.
pub(super) struct Shared {
    pub(super) id: String,
    pub(super) identity: Identity,
    pub(super) options: SessionOptions,
    pub(super) state: Mutex<State>,
    /// Whether what has the state runs code of others, which may want the session in its turn.
    calls_out: AtomicBool,
}

/// While it lives, whoever has the state of the session runs code of others.
pub(super) struct CallingOut<'s>(&'s AtomicBool);

impl Drop for CallingOut<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What a guard, a store or a log brings with it when a session uses it.
#[derive(Clone, Copy, Default)]
pub(super) struct Door<'a> {
    /// A table that is asked as well.
    pub(super) access: Option<&'a Arc<AccessControl>>,
    /// Where a refusal is recorded, before the log of the session.
    pub(super) audit: Option<&'a AuditLog>,
}

/// Who is asked over a session that has no table of its own.
struct Adopted {
    access: Arc<AccessControl>,
    audit: Option<Arc<AuditLog>>,
}

/// What ends with the session.
pub(super) struct State {
    pub(super) history: Vec<Message>,
    pub(super) vault: Vault,
    pub(super) subject: Option<String>,
    /// From the first guard with a table that has used the session.
    adopted: Option<Adopted>,
    system_prompt: Option<String>,
    pub(super) limits: Limits,
    pub(super) emergency: Option<Emergency>,
    pub(super) saved: Option<SavedAs>,
    on_end: Vec<OnEnd>,
    /// Backends that keep what they evaluated of this conversation.
    keepers: Vec<Weak<dyn Backend>>,
}

impl State {
    /// Notes that `backend` keeps something of this conversation until it ends or is cleared.
    pub(super) fn kept_by(&mut self, backend: &Arc<dyn Backend>) {
        let backend = Arc::downgrade(backend);
        if !self.keepers.iter().any(|known| known.ptr_eq(&backend)) {
            self.keepers.push(backend);
        }
    }

    /// Has all of them forget it.
    fn forget(&mut self, cache: &str) {
        for backend in self.keepers.drain(..) {
            if let Some(backend) = backend.upgrade() {
                backend.forget(cache);
            }
        }
    }
}

impl Session {
    /// A new conversation of `identity`, with the default limits.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`] if the operating system gives no random bytes for the session id.
    pub fn new(identity: Identity) -> Result<Self> {
        Self::open(identity, SessionOptions::default())
    }

    /// A new conversation of `identity`.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] if there is a table that does not let the user act in that role; [`Kind::Audit`] if there is a log
    /// that cannot be written; [`Kind::InvalidArgument`] for a limit of zero; [`Kind::Internal`] as for [`Session::new`].
    pub fn open(identity: Identity, options: SessionOptions) -> Result<Self> {
        options.validate()?;
        let session = Self {
            shared: Arc::new(Shared {
                id: format!("ses_{}", random_id()?),
                state: Mutex::new(State {
                    history: Vec::new(),
                    vault: Vault::new(),
                    subject: None,
                    adopted: None,
                    system_prompt: None,
                    limits: Limits::starting_now(&options),
                    emergency: None,
                    saved: None,
                    on_end: Vec::new(),
                    keepers: Vec::new(),
                }),
                identity,
                options,
                calls_out: AtomicBool::new(false),
            }),
        };
        session.shared.record_start()?;
        watch::over(&session.shared);
        Ok(session)
    }

    /// `ses_` and 16 hexadecimal digits; it stands in the audit records of this conversation.
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// The name under which a backend keeps what it evaluated of this conversation.
    pub(super) fn cache(&self) -> String {
        self.shared.cache()
    }

    /// Who is asking.
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// Whether the session has ended.
    pub fn has_ended(&self) -> bool {
        let mut state = self.shared.state.lock();
        self.shared.end_if_over(&mut state);
        state.limits.end().is_some()
    }

    /// Ends the session: history, vault, subject, system prompt and emergency access are gone.
    pub fn end(&mut self) {
        self.shared.end(&mut self.shared.state.lock(), End::Closed);
    }

    /// Has `hook` called once when the session ends, by whatever cause, to forget what others keep for it: a cache of a
    /// backend for example. It must not use the session.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] if it has ended.
    pub fn on_end(&mut self, hook: impl FnOnce() + Send + 'static) -> Result<()> {
        self.enter()?.call_at_end(Box::new(hook));
        Ok(())
    }

    /// Whether the user may do what `permission` names, with the scope that it has, by the table of the session and by an
    /// emergency access. Without a table everybody may.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], which is recorded; [`Kind::Closed`] if the session has ended; [`Kind::Audit`] if a refusal cannot
    /// be recorded.
    pub fn require(&self, permission: &str) -> Result<()> {
        self.admitted(Asked::of(permission)).map(drop)
    }

    /// Replaces the guard's system prompt in this conversation. The text takes the same road as the user's: it is
    /// scanned and scrubbed before the model sees it, each time.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] if the session has ended.
    pub fn set_system_prompt(&mut self, text: impl Into<String>) -> Result<()> {
        self.enter()?.replace_system_prompt(Some(text.into()));
        Ok(())
    }

    /// Whom the conversation is about, the id of a patient for example: a policy that moves dates moves all those of one
    /// subject alike, and a conversation that is saved is encrypted with the key of its subject. It is not sent to the model.
    ///
    /// Where there is a table, permissions are from now on asked for within the scope that is this id: `read_phi@patient:17`
    /// (see [`crate::access`]). Before that they are asked for everywhere.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] if the session has ended; [`Kind::Denied`] where it already holds a conversation about whom the
    /// permission `read_phi` is missing.
    pub fn set_subject(&mut self, subject: impl Into<String>) -> Result<()> {
        let subject = subject.into();
        let mut state = self.enter()?;
        if !state.is_empty() && state.subject.as_ref() != Some(&subject) {
            self.shared
                .admit(&state, Door::default(), state.about(permission::READ_PHI))?;
        }
        state.subject.zeroize();
        state.subject = Some(subject);
        Ok(())
    }

    /// Goes on with a vault that other conversations or documents have filled; the one so far is wiped.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`, [`Kind::Closed`] if the session has ended.
    pub fn set_vault(&mut self, vault: Vault) -> Result<()> {
        self.admitted_about(permission::READ_PHI)?.vault = vault;
        Ok(())
    }

    /// The vault of this conversation, to save it for example.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`, [`Kind::Closed`] if the session has ended.
    pub fn vault(&mut self) -> Result<MappedMutexGuard<'_, Vault>> {
        let state = self.admitted_about(permission::READ_PHI)?;
        Ok(MutexGuard::map(state, |state| &mut state.vault))
    }

    /// Turns so far: a question with its answer is one. None once the session has ended.
    pub fn turns(&self) -> usize {
        self.shared.state.lock().history.len() / 2
    }

    /// Puts identifiers back into a text that holds placeholders of this conversation.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `read_phi`, [`Kind::Closed`] if the session has ended.
    pub fn restore(&self, text: &str) -> Result<String> {
        let state = self.admitted_about(permission::READ_PHI)?;
        Ok(state.vault.restore(text))
    }

    /// How many values the vault of this conversation remembers.
    pub fn remembered(&self) -> usize {
        self.shared.state.lock().vault.len()
    }

    /// Forgets the history and the vault, wiping both. Identity, id, subject and system prompt stay.
    pub fn clear(&mut self) {
        let mut state = self.shared.state.lock();
        state.clear();
        state.forget(&self.cache());
    }

    /// The state for a permission that was asked for: denied and recorded, or granted.
    pub(super) fn admitted(&self, asked: Asked<'_>) -> Result<MutexGuard<'_, State>> {
        self.admitted_to(Door::default(), asked)
    }

    /// [`Session::admitted`] within the scope of the subject.
    fn admitted_about(&self, permission: &str) -> Result<MutexGuard<'_, State>> {
        let state = self.enter()?;
        self.shared
            .admit(&state, Door::default(), state.about(permission))?;
        Ok(state)
    }

    /// [`Session::admitted`] where something else asks as well.
    pub(super) fn admitted_to(
        &self,
        door: Door<'_>,
        asked: Asked<'_>,
    ) -> Result<MutexGuard<'_, State>> {
        let state = self.enter()?;
        self.shared.admit(&state, door, asked)?;
        Ok(state)
    }

    /// The state of a session that goes on, as used just now.
    pub(super) fn enter(&self) -> Result<MutexGuard<'_, State>> {
        let mut state = self.shared.state.lock();
        self.shared.use_now(&mut state)?;
        Ok(state)
    }
}

impl Shared {
    /// For whoever has the state and is about to run code of others.
    pub(super) fn calling_out(&self) -> CallingOut<'_> {
        self.calls_out.store(true, Ordering::Release);
        CallingOut(&self.calls_out)
    }

    /// The state, once whatever has it just now is done with it: nothing if that runs code of others, which could wait for
    /// the caller.
    pub(super) fn lock_soon(&self) -> Option<MutexGuard<'_, State>> {
        let since = Instant::now();
        loop {
            let state = self.state.try_lock_for(MOMENT);
            if state.is_some() || self.calls_out.load(Ordering::Acquire) || since.elapsed() > SOON {
                return state;
            }
        }
    }

    /// See [`Session::cache`].
    fn cache(&self) -> String {
        format!("session {}", self.id)
    }

    /// What the table says to `permission`, or else an emergency access that belongs to the same table.
    pub(super) fn decide(
        &self,
        state: &State,
        table: &Arc<AccessControl>,
        permission: &str,
    ) -> Decision {
        let decision = table.decide(&self.identity, permission);
        let own = self.options.access.as_ref();
        let covers = |emergency: &Emergency| emergency.covers(permission);
        if !decision.is_allowed()
            && own.is_some_and(|own| Arc::ptr_eq(own, table))
            && state.emergency.as_ref().is_some_and(covers)
        {
            return Decision::from_reason(Reason::BreakGlass);
        }
        decision
    }

    /// [`Kind::Closed`] once the session has ended, [`Kind::Denied`] if the user does not show who is there.
    pub(super) fn use_now(&self, state: &mut State) -> Result<()> {
        self.end_if_over(state);
        if let Some(end) = state.limits.end() {
            return Err(end.into_error());
        }
        self.confirm(state)?;
        state.limits.touch();
        Ok(())
    }

    /// Asks every table there is: that of `door`, that of the session, and that of the guard which the session belongs to. A
    /// refusal is recorded and becomes [`Kind::Denied`]. The first decision; nothing where there is no table.
    pub(super) fn admit(
        &self,
        state: &State,
        door: Door<'_>,
        asked: Asked<'_>,
    ) -> Result<Option<Decision>> {
        let decision = self.judge(state, door, asked);
        if let Some(refusal) = decision.filter(|it| !it.is_allowed()) {
            let log = door.audit.or(self.options.audit.as_deref());
            let log = log.or_else(|| state.adopted.as_ref()?.audit.as_deref());
            self.record_denied(log, asked, refusal.reason())?;
            refusal.require(&self.identity.role, asked.permission)?;
        }
        Ok(decision)
    }

    /// What [`Shared::admit`] goes by, unrecorded: the first refusal, or else the first decision.
    pub(super) fn judge(
        &self,
        state: &State,
        door: Door<'_>,
        asked: Asked<'_>,
    ) -> Option<Decision> {
        let adopted = state.adopted.as_ref().map(|it| &it.access);
        let own = self.options.access.as_ref().or(adopted);
        let mut first: Option<(&Arc<AccessControl>, Decision)> = None;
        for table in door.access.into_iter().chain(own) {
            if first.is_some_and(|(known, _)| Arc::ptr_eq(known, table)) {
                continue;
            }
            let decision = self.decide(state, table, &asked.written());
            if !decision.is_allowed() {
                return Some(decision);
            }
            first.get_or_insert((table, decision));
        }
        first.map(|(_, decision)| decision)
    }

    /// Ends the session if a clock says so.
    pub(super) fn end_if_over(&self, state: &mut State) {
        if let Some(end) = state.limits.over() {
            self.end(state, end);
        } else {
            self.end_emergency_if_over(state);
        }
    }

    /// Wipes everything, once.
    pub(super) fn end(&self, state: &mut State, end: End) {
        if state.limits.end().is_some() {
            return;
        }
        state.limits.close(end);
        state.wipe();
        state.forget(&self.cache());
        {
            let _others = self.calling_out();
            for hook in std::mem::take(&mut state.on_end) {
                hook();
            }
        }
        self.end_emergency(state, end.as_str());
        self.record_end(end);
    }
}

impl State {
    pub(super) fn call_at_end(&mut self, hook: OnEnd) {
        self.on_end.push(hook);
    }

    /// Whether there is nothing in it of anybody.
    fn is_empty(&self) -> bool {
        self.history.is_empty() && self.vault.is_empty()
    }

    /// `permission` within the scope of the subject.
    pub(super) fn about<'s>(&'s self, permission: &'s str) -> Asked<'s> {
        Asked {
            permission,
            subject: self.subject.as_deref(),
        }
    }

    /// A session without a table is from now on asked by that of the guard which it was used with.
    pub(super) fn adopt(&mut self, access: &Arc<AccessControl>, audit: Option<&Arc<AuditLog>>) {
        self.adopted.get_or_insert_with(|| Adopted {
            access: Arc::clone(access),
            audit: audit.cloned(),
        });
    }

    pub(super) fn system_prompt(&self) -> Option<&str> {
        self.system_prompt.as_deref()
    }

    fn clear(&mut self) {
        for message in &mut self.history {
            message.content.zeroize();
        }
        self.history.clear();
        self.vault.clear();
    }

    pub(super) fn replace_system_prompt(&mut self, text: Option<String>) {
        self.system_prompt.zeroize();
        self.system_prompt = text;
    }

    pub(super) fn wipe(&mut self) {
        self.clear();
        self.replace_system_prompt(None);
        self.saved = None;
        self.subject.zeroize();
        self.subject = None;
    }
}

/// 16 random hexadecimal digits.
pub(super) fn random_id() -> Result<String> {
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(|_| {
        Error::new(
            Kind::Internal,
            "the operating system gave no random bytes for an id",
        )
    })?;
    Ok(base16ct::lower::encode_string(&random))
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id())
            .field("turns", &self.turns())
            .field("remembered", &self.remembered())
            .finish_non_exhaustive()
    }
}
