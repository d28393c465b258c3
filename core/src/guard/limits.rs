//! When a session ends, and when its user must show again who is there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::session::{Shared, State};
use crate::access::{AccessControl, Identity};
use crate::audit::AuditLog;
use crate::lifetime::Lifetime;
use crate::{Error, Kind, Result};

/// Without use (NIST SP 800-63B, AAL3).
const IDLE: Duration = Duration::from_mins(15);
/// From the beginning (NIST SP 800-63B).
const ABSOLUTE: Duration = Duration::from_hours(12);

/// Why the user is asked to show who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// [`SessionOptions::reauthenticate_after`] has passed.
    TimePassed,
    /// Emergency access is about to begin.
    BreakGlass,
}

/// Asks for a password, a card or a finger, and says whether it was that user's. It runs on the thread that uses the
/// session, and must not use the session itself.
pub type Reauthenticate = Arc<dyn Fn(&Identity, Occasion) -> bool + Send + Sync>;

/// Who decides over a session, where it is recorded, and how long it lasts.
#[derive(Clone)]
pub struct SessionOptions {
    /// The table that is asked. A session without one is asked by that of the first guard with a table that it is used with, and
    /// by nobody before.
    pub access: Option<Arc<AccessControl>>,
    /// Where beginning, end, refusals and emergency access are recorded.
    pub audit: Option<Arc<AuditLog>>,
    /// The session ends when nobody has used it this long. Default 15 minutes; `None` for never.
    pub idle: Option<Duration>,
    /// The session ends this long after it began. Default 12 hours; `None` for never.
    pub absolute: Option<Duration>,
    /// The user is asked again who is there when this has passed since the last time. Default `None`, never.
    pub reauthenticate_after: Option<Duration>,
    /// Asks the user. Whoever fails is [`Kind::Denied`], and is asked again at the next use.
    pub reauthenticate: Option<Reauthenticate>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            access: None,
            audit: None,
            idle: Some(IDLE),
            absolute: Some(ABSOLUTE),
            reauthenticate_after: None,
            reauthenticate: None,
        }
    }
}

impl SessionOptions {
    pub(super) fn validate(&self) -> Result<()> {
        let limits = [self.idle, self.absolute, self.reauthenticate_after];
        if limits.contains(&Some(Duration::ZERO)) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a limit of a session is zero; hint: leave it out for none",
            ));
        }
        if self.reauthenticate_after.is_some() && self.reauthenticate.is_none() {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a session that asks its user again needs a way to ask; hint: give it `reauthenticate`",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for SessionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionOptions")
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("reauthenticate_after", &self.reauthenticate_after)
            .finish_non_exhaustive()
    }
}

/// Why a session has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    Idle,
    Absolute,
}

impl End {
    /// As it stands in records.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Idle => "idle_timeout",
            Self::Absolute => "absolute_timeout",
        }
    }

    pub(super) fn into_error(self) -> Error {
        Error::new(
            Kind::Closed,
            match self {
                Self::Closed => "the session was ended; hint: begin a new one",
                Self::Idle => "the session has ended because nobody used it; hint: begin a new one",
                Self::Absolute => {
                    "the session has reached its longest duration; hint: begin a new one"
                }
            },
        )
    }
}

/// The clocks of one session.
pub(super) struct Limits {
    idle_for: Option<Duration>,
    confirmed_for: Option<Duration>,
    idle: Lifetime,
    absolute: Lifetime,
    confirmed: Lifetime,
    end: Option<End>,
}

impl Limits {
    pub(super) fn starting_now(options: &SessionOptions) -> Self {
        Self {
            idle_for: options.idle,
            confirmed_for: options.reauthenticate_after,
            idle: Lifetime::starting_now(options.idle),
            absolute: Lifetime::starting_now(options.absolute),
            confirmed: Lifetime::starting_now(options.reauthenticate_after),
            end: None,
        }
    }

    pub(super) fn touch(&mut self) {
        self.idle = Lifetime::starting_now(self.idle_for);
    }

    /// Why it ended, if it has.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    pub(super) fn close(&mut self, end: End) {
        self.end = Some(end);
    }

    /// Whether a clock has run out.
    pub(super) fn over(&self) -> Option<End> {
        match self.end {
            Some(_) => None,
            None if self.absolute.is_over() => Some(End::Absolute),
            None => self.idle.is_over().then_some(End::Idle),
        }
    }

    /// Until a clock runs out, if one does.
    pub(super) fn left(&self) -> Option<Duration> {
        let clocks = [self.idle.left(), self.absolute.left()];
        clocks.into_iter().flatten().min()
    }
}

impl Shared {
    /// Asks the user who is there, if that is due.
    pub(super) fn confirm(&self, state: &mut State) -> Result<()> {
        if state.limits.confirmed.is_over() {
            self.ask(state, Occasion::TimePassed)?;
        }
        Ok(())
    }

    /// Asks the user who is there; without a way to ask, nobody is asked. A failure is recorded.
    pub(super) fn ask(&self, state: &mut State, occasion: Occasion) -> Result<()> {
        let Some(reauthenticate) = &self.options.reauthenticate else {
            return Ok(());
        };
        let confirmed = {
            let _others = self.calling_out();
            reauthenticate(&self.identity, occasion)
        };
        self.record_reauthentication(occasion, confirmed)?;
        if !confirmed {
            return Err(Error::new(
                Kind::Denied,
                "the user did not show again who is there; hint: authenticate anew",
            ));
        }
        state.limits.confirmed = Lifetime::starting_now(state.limits.confirmed_for);
        Ok(())
    }
}
