//! What a session writes about itself, and its way to an audit log that asks who is there.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::limits::{End, Occasion};
use super::session::{Door, Session, Shared};
use crate::access::{Asked, Decision, Reason, permission};
use crate::audit::{AuditLog, Event, Query, Verification};
use crate::{Error, Kind, Result};

/// Type of the records about sessions.
const SESSION: &str = "session";
/// Type of the record about somebody who looked at the log.
const AUDIT_ACCESS: &str = "audit_access";

/// A name in a record, and what stands there.
pub(super) type Member = (String, Value);

impl Session {
    /// Writes a record of the application's own; user and session are those of this session. Needs `write_audit_logs`.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], [`Kind::Closed`], and those of [`AuditLog::record`].
    pub fn record(&self, log: &AuditLog, mut event: Event) -> Result<String> {
        self.ask_log(log, permission::WRITE_AUDIT_LOGS)?;
        self.identity().user.clone_into(&mut event.user_id);
        self.id().clone_into(&mut event.session_id);
        log.write_of_caller(&event)
    }

    /// [`AuditLog::query`]; needs `view_audit_logs`. Where the role has that for the subject of this session, and not
    /// everywhere, it finds the records about that subject alone. Who looked, and how many records were shown, is itself
    /// recorded first.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], [`Kind::Closed`], [`Kind::Audit`], and those of [`AuditLog::query`].
    pub fn query_log(&self, log: &AuditLog, query: &Query) -> Result<Vec<Value>> {
        let (decision, about) = self.ask_to_read(log)?;
        let mut query = Cow::Borrowed(query);
        if let Some(member) = &about {
            query.to_mut().filters.push(member.clone());
        }
        let found = log.find(&query)?;
        let detail = json!({"records": found.len()});
        self.record_use(log, "query", (decision, about), detail)?;
        Ok(found)
    }

    /// [`AuditLog::verify`]; needs `view_audit_logs`, and is recorded.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], [`Kind::Closed`], [`Kind::Audit`], and those of [`AuditLog::verify`].
    pub fn verify_log(&self, log: &AuditLog) -> Result<Verification> {
        let decision = self.ask_log(log, permission::VIEW_AUDIT_LOGS)?;
        let found = log.check()?;
        let detail = json!({"intact": found.is_intact()});
        self.record_use(log, "verify", (decision, None), detail)?;
        Ok(found)
    }

    /// [`AuditLog::checkpoint`]; needs `manage_audit_logs`, and is recorded.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], [`Kind::Closed`], [`Kind::Audit`], and those of [`AuditLog::checkpoint`].
    pub fn checkpoint_log(&self, log: &AuditLog) -> Result<String> {
        let decision = self.ask_log(log, permission::MANAGE_AUDIT_LOGS)?;
        self.record_use(log, "checkpoint", (decision, None), json!({}))?;
        log.sign()
    }

    /// [`AuditLog::legal_hold`]; needs `manage_audit_logs`, and is recorded.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`], [`Kind::Closed`], [`Kind::Audit`], and those of [`AuditLog::legal_hold`].
    pub fn hold_log(&self, log: &AuditLog, held: bool, reason: &str) -> Result<bool> {
        let decision = self.ask_log(log, permission::MANAGE_AUDIT_LOGS)?;
        let detail = json!({"held": held});
        self.record_use(log, "legal_hold", (decision, None), detail)?;
        log.hold(held, reason)
    }

    /// Asks the table of the log and that of the session. Without any, nobody is asked.
    fn ask_log(&self, log: &AuditLog, permission: &str) -> Result<Option<Decision>> {
        let state = self.enter()?;
        self.shared
            .admit(&state, door_of(log), Asked::of(permission))
    }

    /// [`Session::ask_log`] for records: about everything, or else about the subject, who then is the member that they have.
    fn ask_to_read(&self, log: &AuditLog) -> Result<(Option<Decision>, Option<Member>)> {
        let state = self.enter()?;
        let door = door_of(log);
        let everything = Asked::of(permission::VIEW_AUDIT_LOGS);
        let asked = match self.shared.judge(&state, door, everything) {
            Some(refusal) if !refusal.is_allowed() => state.about(everything.permission),
            _ => everything,
        };
        let decision = self.shared.admit(&state, door, asked)?;
        Ok((decision, about(asked)))
    }

    fn record_use(
        &self,
        log: &AuditLog,
        operation: &str,
        (decision, about): (Option<Decision>, Option<Member>),
        mut detail: Value,
    ) -> Result<()> {
        let Some(decision) = decision else {
            return Ok(());
        };
        detail["operation"] = operation.into();
        detail["role"] = self.identity().role.as_str().into();
        detail["reason"] = decision.reason().as_str().into();
        let mut event = self.shared.event(AUDIT_ACCESS, "success");
        AUDIT_ACCESS.clone_into(&mut event.action);
        event.data = Map::from_iter([(AUDIT_ACCESS.to_owned(), detail)]);
        event.data.extend(about);
        log.write(&event).map(drop)
    }
}

impl Shared {
    /// What every record of a session has.
    pub(super) fn event(&self, event_type: &str, status: &str) -> Event {
        Event {
            event_type: event_type.to_owned(),
            user_id: self.identity.user.clone(),
            session_id: self.id.clone(),
            status: status.to_owned(),
            ..Event::default()
        }
    }

    /// The beginning, and whether the table lets the user act in that role at all.
    pub(super) fn record_start(&self) -> Result<()> {
        if let Some(table) = &self.options.access {
            let reason = table.decide(&self.identity, permission::READ_PHI).reason();
            let stranger = [
                Reason::UnknownUser,
                Reason::RoleNotAssigned,
                Reason::UnknownRole,
            ];
            if stranger.contains(&reason) {
                self.record_denied(self.options.audit.as_deref(), Asked::of(SESSION), reason)?;
                return table.require_of(&self.identity, permission::READ_PHI);
            }
        }
        self.record_session("begin", "success", json!({"role": self.identity.role}))
    }

    /// The session is over also where that cannot be recorded.
    pub(super) fn record_end(&self, end: End) {
        let _ = self.record_session("end", "success", json!({"cause": end.as_str()}));
    }

    pub(super) fn record_reauthentication(
        &self,
        occasion: Occasion,
        confirmed: bool,
    ) -> Result<()> {
        let occasion = match occasion {
            Occasion::TimePassed => "time_passed",
            Occasion::BreakGlass => "break_glass",
        };
        let status = if confirmed { "success" } else { "denied" };
        self.record_session("reauthenticate", status, json!({"occasion": occasion}))
    }

    fn record_session(&self, action: &str, status: &str, detail: Value) -> Result<()> {
        let Some(log) = &self.options.audit else {
            return Ok(());
        };
        let mut event = self.event(SESSION, status);
        format!("session_{action}").clone_into(&mut event.action);
        event.data = Map::from_iter([(SESSION.to_owned(), detail)]);
        log.write(&event)
            .map(drop)
            .map_err(|error| Error::new(Kind::Audit, error.message().to_owned()))
    }

    /// The record of somebody who may not.
    pub(super) fn record_denied(
        &self,
        log: Option<&AuditLog>,
        asked: Asked<'_>,
        reason: Reason,
    ) -> Result<()> {
        let Some(log) = log else {
            return Ok(());
        };
        // What was asked for may be anything where it is not a permission.
        let permission = match reason {
            Reason::MalformedPermission => "malformed",
            _ => asked.permission,
        };
        let mut event = self.event("security_violation", "denied");
        "access".clone_into(&mut event.action);
        "permission missing".clone_into(&mut event.error);
        event.data = Map::from_iter([(
            "violation".to_owned(),
            json!({
                "type": "unauthorized_access",
                "severity": "HIGH",
                "details": {
                    "permission": permission,
                    "role": self.identity.role,
                    "reason": reason.as_str(),
                },
                "blocked": true,
            }),
        )]);
        event.data.extend(about(asked));
        log.write(&event).map(drop)
    }
}

/// The log asks at its own door, and its refusals are its own records.
fn door_of(log: &AuditLog) -> Door<'_> {
    Door {
        access: log.access(),
        audit: Some(log),
    }
}

/// Whom something was asked about, as a member of a record; nothing where the id has not the form of a scope.
pub(super) fn about(asked: Asked<'_>) -> Option<Member> {
    asked.scope().map(naming)
}

/// Whom a record of `log` is about, as a member of it. Nothing where the id has not the form of a scope, so that it may be a
/// name, and the log has no pseudonym to put in its place.
pub(super) fn about_whom(log: &AuditLog, asked: Asked<'_>) -> Option<Member> {
    match asked.subject {
        Some(subject) if log.has_pseudonyms() && !subject.is_empty() => Some(naming(subject)),
        _ => about(asked),
    }
}

/// The member of a record that names whom it is about.
pub(super) fn naming(subject: &str) -> Member {
    ("subject_id".to_owned(), subject.into())
}
