//! The table of roles and the decision.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::RwLock;

use crate::{Error, Kind, Result};

/// Most characters in the name of a role or permission.
const MAX_NAME_LEN: usize = 64;

/// Roles and their permissions. Any number of threads may read and change one table.
#[derive(Debug, Default)]
pub struct AccessControl {
    roles: RwLock<BTreeMap<String, BTreeSet<String>>>,
}

impl AccessControl {
    /// An empty table, which denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a role. [`Kind::InvalidArgument`] unless every name has 1 to 64 characters of
    /// `A-Z a-z 0-9 _ . : -`; the table is then as before.
    pub fn add_role(&self, role: &str, permissions: &[&str]) -> Result<()> {
        if !std::iter::once(&role)
            .chain(permissions)
            .all(|name| is_name(name))
        {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a role or permission has a malformed name; hint: use 1 to 64 of `A-Z a-z 0-9 _ . : -`",
            ));
        }
        let permissions = permissions.iter().map(ToString::to_string).collect();
        self.roles.write().insert(role.to_owned(), permissions);
        Ok(())
    }

    /// Whether there was such a role.
    pub fn remove_role(&self, role: &str) -> bool {
        self.roles.write().remove(role).is_some()
    }

    /// False for an unknown role.
    pub fn has_permission(&self, role: &str, permission: &str) -> bool {
        self.roles
            .read()
            .get(role)
            .is_some_and(|permissions| permissions.contains(permission))
    }

    /// [`Kind::Denied`] unless the role has the permission; an unknown role gets its own message.
    ///
    /// The message repeats the names only where they have the form that [`AccessControl::add_role`] asks for.
    pub fn require(&self, role: &str, permission: &str) -> Result<()> {
        let known = match self.roles.read().get(role) {
            Some(permissions) if permissions.contains(permission) => return Ok(()),
            known => known.is_some(),
        };
        Err(Error::new(
            Kind::Denied,
            match (known, is_name(permission)) {
                (false, _) => "the role is unknown; hint: add it with its permissions".to_owned(),
                (true, true) => format!("the role `{role}` lacks the permission `{permission}`"),
                (true, false) => format!("the role `{role}` lacks the permission"),
            },
        ))
    }

    /// The names of all roles, sorted.
    pub fn roles(&self) -> Vec<String> {
        self.roles.read().keys().cloned().collect()
    }

    /// The permissions of a role, sorted; nothing for an unknown role.
    pub fn permissions(&self, role: &str) -> Option<Vec<String>> {
        self.roles
            .read()
            .get(role)
            .map(|permissions| permissions.iter().cloned().collect())
    }
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
}
