//! The table of users and roles, and the decision.

use std::collections::BTreeSet;

use parking_lot::RwLock;

use super::Identity;
use super::decision::{Decision, Reason};
use super::policy::{Policy, Role};
use crate::{Error, Kind, Result};

/// Most bytes in the name of a user.
const MAX_USER_LEN: usize = 256;

/// Users, roles and their permissions. Any number of threads may read and change one table.
///
/// A change that would be malformed, circular or against the separation of duty is refused and leaves the table as it was.
#[derive(Default)]
pub struct AccessControl {
    policy: RwLock<Policy>,
}

impl AccessControl {
    /// An empty table, which denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a role that inherits from none. [`Kind::InvalidArgument`] for a malformed name;
    /// [`Kind::Denied`] where the separation of duty forbids it.
    pub fn add_role(&self, role: &str, permissions: &[&str]) -> Result<()> {
        self.add_role_inheriting(role, permissions, &[])
    }

    /// Adds or replaces a role that has the permissions of other roles as well, and of those that they inherit from.
    ///
    /// [`Kind::NotFound`] if one of them is unknown; [`Kind::InvalidArgument`] for a malformed name, or if the role would
    /// inherit from itself; [`Kind::Denied`] where the separation of duty forbids it.
    pub fn add_role_inheriting(
        &self,
        role: &str,
        permissions: &[&str],
        inherits: &[&str],
    ) -> Result<()> {
        let added = Role::of(role, permissions.iter().copied(), inherits.iter().copied())?;
        self.change(|policy| policy.put(role, added))
    }

    /// Whether there was such a role. Users no longer have it, and roles no longer inherit from it.
    pub fn remove_role(&self, role: &str) -> bool {
        let mut known = false;
        let removed = self.change(|policy| {
            known = policy.roles().contains_key(role);
            policy.take(role)
        });
        known && removed.is_ok()
    }

    /// Gives a user a role. From the first user on the table lets nobody act who has not been given the role, or one that
    /// inherits from it.
    ///
    /// [`Kind::NotFound`] for an unknown role; [`Kind::InvalidArgument`] for a name that is empty or has more than 256
    /// bytes; [`Kind::Denied`] where the separation of duty forbids it.
    pub fn assign(&self, user: &str, role: &str) -> Result<()> {
        expect_user(user)?;
        self.policy.write().assign(user, role)
    }

    /// Takes a role from a user. False if the user did not have it.
    pub fn unassign(&self, user: &str, role: &str) -> bool {
        self.policy.write().unassign(user, role)
    }

    /// Lets two or more roles exclude each other: no user may have, and no role inherit from, more than one of them (static
    /// separation of duty).
    ///
    /// [`Kind::InvalidArgument`] for fewer than two roles; [`Kind::NotFound`] if one is unknown; [`Kind::Denied`] if a user or
    /// role has two of them already.
    pub fn separate(&self, roles: &[&str]) -> Result<()> {
        let roles: BTreeSet<String> = roles.iter().map(ToString::to_string).collect();
        self.change(|policy| policy.separate(roles))
    }

    /// Whether `identity` may do what `permission` names, and why. Takes well under a microsecond.
    pub fn decide(&self, identity: &Identity, permission: &str) -> Decision {
        let policy = self.policy.read();
        let refused = policy.refuses_user(&identity.user, &identity.role);
        let reason = refused.unwrap_or_else(|| policy.decide(&identity.role, permission));
        Decision::from_reason(reason)
    }

    /// [`AccessControl::decide`] as a result: [`Kind::Denied`] unless it is allowed.
    pub fn require_of(&self, identity: &Identity, permission: &str) -> Result<()> {
        self.decide(identity, permission)
            .require(&identity.role, permission)
    }

    /// Whether a role has a permission, whoever acts in it. False for an unknown role.
    pub fn has_permission(&self, role: &str, permission: &str) -> bool {
        self.policy.read().decide(role, permission) == Reason::Granted
    }

    /// [`Kind::Denied`] unless the role has the permission; an unknown role gets its own message.
    ///
    /// The message repeats the names only where they have the form that [`AccessControl::add_role`] asks for.
    pub fn require(&self, role: &str, permission: &str) -> Result<()> {
        let reason = self.policy.read().decide(role, permission);
        Decision::from_reason(reason).require(role, permission)
    }

    /// The names of all roles, sorted.
    pub fn roles(&self) -> Vec<String> {
        self.policy.read().roles().keys().cloned().collect()
    }

    /// The permissions of a role and of those that it inherits from, sorted; nothing for an unknown role.
    pub fn permissions(&self, role: &str) -> Option<Vec<String>> {
        let permissions = self.policy.read().effective(role)?;
        Some(permissions.into_iter().collect())
    }

    /// The users that have roles, sorted.
    pub fn users(&self) -> Vec<String> {
        self.policy.read().users().keys().cloned().collect()
    }

    /// The roles that were assigned to a user, sorted; none for an unknown user.
    pub fn roles_of(&self, user: &str) -> Vec<String> {
        let policy = self.policy.read();
        let assigned = policy.users().get(user);
        assigned.map_or_else(Vec::new, |roles| roles.iter().cloned().collect())
    }

    /// Changes the table, or leaves it as it was.
    pub(super) fn change(&self, body: impl FnOnce(&mut Policy) -> Result<()>) -> Result<()> {
        let mut policy = self.policy.write();
        let mut changed = policy.clone();
        body(&mut changed)?;
        *policy = changed;
        Ok(())
    }
}

/// [`Kind::InvalidArgument`] for what is no name of a user.
pub(super) fn expect_user(user: &str) -> Result<()> {
    if user.is_empty() || user.len() > MAX_USER_LEN {
        return Err(Error::new(
            Kind::InvalidArgument,
            "the name of a user has 1 to 256 bytes",
        ));
    }
    Ok(())
}

impl std::fmt::Debug for AccessControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let policy = self.policy.read();
        f.debug_struct("AccessControl")
            .field("roles", &policy.roles().len())
            .field("users", &policy.users().len())
            .finish_non_exhaustive()
    }
}
