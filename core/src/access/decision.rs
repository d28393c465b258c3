//! What was decided, and why.

use crate::{Error, Kind, Result};

/// Why something is allowed or denied; stands in the audit records under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// `granted`: the role, or one that it inherits from, was given the permission.
    Granted,
    /// `break_glass`: an emergency access is under way that covers the permission.
    BreakGlass,
    /// `unknown_user`: the table knows users, and this is none of them.
    UnknownUser,
    /// `role_not_assigned`: the user has neither the role nor one that inherits from it.
    RoleNotAssigned,
    /// `unknown_role`: the table has no such role.
    UnknownRole,
    /// `not_granted`: neither the role nor one that it inherits from has the permission.
    NotGranted,
    /// `out_of_scope`: the role has the permission, but not there.
    OutOfScope,
    /// `malformed_permission`: what was asked for is not a permission.
    MalformedPermission,
}

impl Reason {
    /// The name of the reason in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::BreakGlass => "break_glass",
            Self::UnknownUser => "unknown_user",
            Self::RoleNotAssigned => "role_not_assigned",
            Self::UnknownRole => "unknown_role",
            Self::NotGranted => "not_granted",
            Self::OutOfScope => "out_of_scope",
            Self::MalformedPermission => "malformed_permission",
        }
    }
}

/// An answer of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    reason: Reason,
}

impl Decision {
    /// The decision that follows from a reason: a reason never stands for both.
    pub fn from_reason(reason: Reason) -> Self {
        Self { reason }
    }

    /// Whether it is allowed.
    pub fn is_allowed(self) -> bool {
        matches!(self.reason, Reason::Granted | Reason::BreakGlass)
    }

    /// Why.
    pub fn reason(self) -> Reason {
        self.reason
    }

    /// [`Kind::Denied`] unless it is allowed. The names were checked by whoever hands them over: role only where it is known.
    pub(crate) fn require(self, role: &str, permission: &str) -> Result<()> {
        let message = match self.reason {
            Reason::Granted | Reason::BreakGlass => return Ok(()),
            Reason::UnknownUser => "the user is unknown; hint: give the user a role".into(),
            Reason::RoleNotAssigned => {
                "the user does not have the role; hint: assign it, or act in another".into()
            }
            Reason::UnknownRole => "the role is unknown; hint: add it with its permissions".into(),
            Reason::NotGranted => {
                format!("the role `{role}` lacks the permission `{permission}`").into()
            }
            Reason::OutOfScope => format!(
                "the role `{role}` lacks the permission `{permission}`, though it has it elsewhere"
            )
            .into(),
            Reason::MalformedPermission => {
                std::borrow::Cow::from(format!("the role `{role}` lacks the permission"))
            }
        };
        Err(Error::new(Kind::Denied, message))
    }
}
