//! Emergency access (45 CFR 164.312(a)(2)(ii)): a reason, a limit, a record at once, and a second person who judges it later.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::limits::Occasion;
use super::session::{Session, Shared, State, random_id};
use crate::access::{AccessControl, Asked, Reason, permission};
use crate::audit::{AuditLog, BREAK_GLASS, BREAK_GLASS_END, BREAK_GLASS_REVIEW, Query};
use crate::lifetime::Lifetime;
use crate::pii::{Scrubber, Style};
use crate::scan::Scanner;
use crate::{Error, Kind, Result};

/// Unless told otherwise.
const USUAL: Duration = Duration::from_mins(30);
/// At most.
const LONGEST: Duration = Duration::from_hours(24);
/// Most characters of a reason or of a note.
const MAX_WORDS: usize = 500;

/// What a session may do beyond its role, for a while.
pub(super) struct Emergency {
    id: String,
    permissions: Vec<String>,
    life: Lifetime,
}

impl Emergency {
    /// As it stands in records.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Wherever it is: an emergency has no scope.
    pub(super) fn covers(&self, permission: &str) -> bool {
        let name = permission.split('@').next().unwrap_or_default();
        !self.life.is_over() && self.permissions.iter().any(|covered| covered == name)
    }

    pub(super) fn left(&self) -> Option<Duration> {
        self.life.left()
    }
}

impl Session {
    /// Begins an emergency access: until it ends, the session may also do what `permissions` name, wherever. None given
    /// means `read_phi`. It ends after `limit` (default 30 minutes, at most 24 hours), with the session, or with
    /// [`Session::end_emergency`].
    ///
    /// The user needs the permission `break_glass` and is asked again who is there, if the session has a way to ask. The
    /// record, of severity HIGH, is on the disk before anything is allowed; identifiers in `reason` (1 to 500 characters)
    /// are redacted in it. Its id is returned: somebody else closes the case with [`Session::review_emergency`].
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] without a table or a log, for an empty or long reason, for a limit out of its range, or if
    /// one is under way; [`Kind::Denied`]; [`Kind::Audit`] if it cannot be recorded; [`Kind::Closed`].
    pub fn break_glass(
        &mut self,
        reason: &str,
        permissions: &[&str],
        limit: Option<Duration>,
    ) -> Result<String> {
        let limit = limit.unwrap_or(USUAL);
        if limit.is_zero() || limit > LONGEST {
            return Err(invalid("emergency access lasts at most 24 hours"));
        }
        let reason = words(reason)?;
        let (_, log) = self.parts()?;
        let mut state = self.admitted(Asked::of(permission::BREAK_GLASS))?;
        if state.emergency.is_some() {
            return Err(invalid(
                "an emergency access is under way; hint: end it first",
            ));
        }
        self.shared.ask(&mut state, Occasion::BreakGlass)?;
        let permissions = match permissions {
            [] => vec![permission::READ_PHI.to_owned()],
            given => given.iter().map(ToString::to_string).collect(),
        };
        let id = format!("btg_{}", random_id()?);
        let detail = json!({
            "id": id,
            "reason": reason,
            "purpose_of_use": "BTG",
            "role": self.identity().role,
            "permissions": permissions,
            "seconds": limit.as_secs_f64(),
            "severity": "HIGH",
        });
        self.shared
            .record_emergency(log, BREAK_GLASS, "success", detail)?;
        state.emergency = Some(Emergency {
            id: id.clone(),
            permissions,
            life: Lifetime::starting_now(Some(limit)),
        });
        Ok(id)
    }

    /// Ends an emergency access before its time. False if none is under way.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] if the session has ended.
    pub fn end_emergency(&mut self) -> Result<bool> {
        let mut state = self.enter()?;
        let was = state.emergency.is_some();
        self.shared.end_emergency(&mut state, "closed");
        Ok(was)
    }

    /// The id of the emergency access that is under way.
    pub fn emergency(&self) -> Option<String> {
        let mut state = self.shared.state.lock();
        self.shared.end_if_over(&mut state);
        state.emergency.as_ref().map(|it| it.id().to_owned())
    }

    /// The records of emergency accesses in the session's log that nobody has judged yet, oldest first.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `review_break_glass`; [`Kind::InvalidArgument`] without a table or a log;
    /// [`Kind::Closed`]; [`Kind::Io`].
    pub fn emergencies_to_review(&self) -> Result<Vec<Value>> {
        let (_, log) = self.parts()?;
        drop(self.admitted(Asked::of(permission::REVIEW_BREAK_GLASS))?);
        let reviewed = of_type(log, BREAK_GLASS_REVIEW)?;
        let mut open = of_type(log, BREAK_GLASS)?;
        open.retain(|record| {
            let id = id_of(record, BREAK_GLASS);
            !reviewed
                .iter()
                .any(|review| id_of(review, BREAK_GLASS_REVIEW) == id)
        });
        Ok(open)
    }

    /// Judges an emergency access of somebody else, once: whether it was justified, and a note (may be empty; at most 500
    /// characters; identifiers are redacted). The id of the record.
    ///
    /// # Errors
    ///
    /// [`Kind::Denied`] without the permission `review_break_glass`, or for one's own; [`Kind::NotFound`] if there is no such
    /// emergency access, or if it was judged already; [`Kind::Audit`]; and as for [`Session::emergencies_to_review`].
    pub fn review_emergency(&self, id: &str, justified: bool, note: &str) -> Result<String> {
        let note = if note.is_empty() {
            String::new()
        } else {
            words(note)?
        };
        let open = self.emergencies_to_review()?;
        let (_, log) = self.parts()?;
        let record = open
            .iter()
            .find(|record| id_of(record, BREAK_GLASS) == Some(id))
            .ok_or_else(|| {
                Error::new(
                    Kind::NotFound,
                    "there is no emergency access of this id that waits for its review",
                )
            })?;
        let recorded = log.recorded_name(&self.identity().user)?;
        if record.get("user_id").and_then(Value::as_str) == Some(&*recorded) {
            self.shared.record_denied(
                Some(log),
                Asked::of(permission::REVIEW_BREAK_GLASS),
                Reason::NotGranted,
            )?;
            return Err(Error::new(
                Kind::Denied,
                "an emergency access is reviewed by a second person; hint: ask somebody else",
            ));
        }
        let detail = json!({
            "id": id,
            "justified": justified,
            "note": note,
            "user_id": record.get("user_id"),
        });
        let status = if justified { "success" } else { "failed" };
        self.shared
            .record_emergency(log, BREAK_GLASS_REVIEW, status, detail)
    }

    /// What emergency access cannot do without.
    fn parts(&self) -> Result<(&AccessControl, &AuditLog)> {
        let options = &self.shared.options;
        match (&options.access, &options.audit) {
            (Some(access), Some(audit)) => Ok((access, audit)),
            _ => Err(invalid(
                "emergency access needs a session with a table and an audit log; hint: open it with both",
            )),
        }
    }
}

impl Shared {
    pub(super) fn end_emergency_if_over(&self, state: &mut State) {
        let over = |it: &Emergency| it.life.is_over();
        if state.emergency.as_ref().is_some_and(over) {
            self.end_emergency(state, "time_limit");
        }
    }

    /// Ends what is under way. It is over also where that cannot be recorded.
    pub(super) fn end_emergency(&self, state: &mut State, cause: &str) {
        if let (Some(emergency), Some(log)) = (state.emergency.take(), &self.options.audit) {
            let detail = json!({"id": emergency.id, "cause": cause});
            let _ = self.record_emergency(log, BREAK_GLASS_END, "success", detail);
        }
    }

    /// A record that is on the disk when this returns, whatever the durability of the log.
    fn record_emergency(
        &self,
        log: &AuditLog,
        event_type: &'static str,
        status: &str,
        detail: Value,
    ) -> Result<String> {
        let mut event = self.event(event_type, status);
        event_type.clone_into(&mut event.action);
        event.data = Map::from_iter([(event_type.to_owned(), detail)]);
        let id = log.write(&event)?;
        log.flush()
            .map_err(|error| Error::new(Kind::Audit, error.message().to_owned()))?;
        Ok(id)
    }
}

fn of_type(log: &AuditLog, event_type: &str) -> Result<Vec<Value>> {
    log.find(&Query {
        event_type: Some(event_type.to_owned()),
        ..Query::default()
    })
}

fn id_of<'r>(record: &'r Value, event_type: &str) -> Option<&'r str> {
    record.get(event_type)?.get("id")?.as_str()
}

/// Words of a person for the log, without what identifies somebody.
fn words(text: &str) -> Result<String> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_WORDS || text.contains(char::is_control) {
        return Err(invalid(
            "a reason has 1 to 500 characters in one line; hint: say why, without naming anybody",
        ));
    }
    Ok(Scrubber::with_scanner(Scanner::all(), Style::Redact)
        .scrub(text)
        .text)
}

fn invalid(message: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, message)
}
