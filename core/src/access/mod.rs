//! Who may do what: roles and permissions, default deny.
//!
//! A role has exactly the permissions that were given to it: there is no wildcard and no inheritance. Names are 1 to 64
//! characters of `A-Z a-z 0-9 _ . : -` and are compared byte for byte, so that they can stand in messages and records.

mod control;

pub use control::AccessControl;

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
    /// Querying the audit log.
    pub const VIEW_AUDIT_LOGS: &str = "view_audit_logs";
}
