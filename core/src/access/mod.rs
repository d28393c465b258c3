//! Who may do what: roles and permissions, default deny.

use crate::Result;

/// Whoever asks: a unique user and the role in which they act (45 CFR 164.312(a)(2)(i)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    pub role: String,
}

/// Permission names that the library itself asks for.
pub mod permission {
    pub const READ_PHI: &str = "read_phi";
    pub const WRITE_PHI: &str = "write_phi";
    pub const VIEW_AUDIT_LOGS: &str = "view_audit_logs";
}

/// Roles and their permissions. Any number of threads may read and change one table.
#[derive(Default)]
pub struct AccessControl {}

impl AccessControl {
    pub fn new() -> Self {
        todo!()
    }
    /// Adds or replaces a role. InvalidArgument for an empty name.
    pub fn add_role(&self, _role: &str, _permissions: &[&str]) -> Result<()> {
        todo!()
    }
    pub fn remove_role(&self, _role: &str) -> bool {
        todo!()
    }
    /// False for an unknown role.
    pub fn has_permission(&self, _role: &str, _permission: &str) -> bool {
        todo!()
    }
    /// `Denied` unless the role has the permission; an unknown role gets its own message.
    pub fn require(&self, _role: &str, _permission: &str) -> Result<()> {
        todo!()
    }
    pub fn roles(&self) -> Vec<String> {
        todo!()
    }
    pub fn permissions(&self, _role: &str) -> Option<Vec<String>> {
        todo!()
    }
}
