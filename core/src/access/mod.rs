//! Who may do what: users, roles and permissions, default deny.
//!
//! The model is that of NIST RBAC (ANSI INCITS 359): users have roles, roles inherit from roles, and permissions belong to
//! roles. There is no wildcard and nothing that takes a permission away again: what no role of a user was given is denied.
//!
//! A permission may be given within a scope, written behind an `@`: `read_phi@clinic/ward-7` holds for that scope and for
//! whatever lies below it, `clinic/ward-7/bed-2` for example; `read_phi` holds everywhere. Whoever asks names the scope of
//! what is touched the same way, and whoever names none asks for everything: only a permission without a scope is enough.
//!
//! Whatever concerns one person is asked for within the scope that is the person's id, as the application names it:
//! `read_phi@patient:17` lets a role read about that patient, and `read_phi@clinic/ward-7` about `clinic/ward-7/patient:17`.
//! An id that has not the form of a scope lies in none, so that only a permission that holds everywhere reaches that person.
//!
//! Names are 1 to 64 characters of `A-Z a-z 0-9 _ . : -`, and a scope is up to 8 of them with `/` between. They are compared
//! byte for byte, so that they can stand in messages and records. The names of users are whatever the application calls them.

mod control;
mod decision;
mod names;
mod policy;
mod written;

pub use control::AccessControl;
pub use decision::{Decision, Reason};

/// What is asked for: a permission everywhere, or about one person.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// May have a scope where there is no subject.
    pub(crate) permission: &'a str,
    /// The id of the person.
    pub(crate) subject: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// As `permission` stands.
    pub(crate) fn of(permission: &'a str) -> Self {
        Self {
            permission,
            subject: None,
        }
    }

    /// The id of the person, where it has the form of a scope.
    pub(crate) fn scope(self) -> Option<&'a str> {
        self.subject.filter(|it| names::is_scope(it))
    }

    /// With its scope.
    pub(crate) fn written(self) -> std::borrow::Cow<'a, str> {
        match self.scope() {
            Some(scope) => format!("{}@{scope}", self.permission).into(),
            None => self.permission.into(),
        }
    }
}

/// Whoever asks: a unique user and the role in which they act (45 CFR 164.312(a)(2)(i)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Names one person.
    pub user: String,
    /// The role in which that person acts.
    pub role: String,
}

/// Permission names that the library itself asks for.
pub mod permission {
    /// Sending text that may hold protected health information, and reading it.
    pub const READ_PHI: &str = "read_phi";
    /// Storing or changing protected health information.
    pub const WRITE_PHI: &str = "write_phi";
    /// Deleting stored conversations before their time, and destroying the key of a person.
    pub const ERASE_PHI: &str = "erase_phi";
    /// Querying, verifying and exporting the audit log.
    pub const VIEW_AUDIT_LOGS: &str = "view_audit_logs";
    /// Writing records of the application's own into the audit log.
    pub const WRITE_AUDIT_LOGS: &str = "write_audit_logs";
    /// Signing checkpoints of the audit log, and placing and releasing legal holds.
    pub const MANAGE_AUDIT_LOGS: &str = "manage_audit_logs";
    /// Emergency access (45 CFR 164.312(a)(2)(ii)).
    pub const BREAK_GLASS: &str = "break_glass";
    /// Judging an emergency access afterwards.
    pub const REVIEW_BREAK_GLASS: &str = "review_break_glass";
}
