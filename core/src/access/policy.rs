//! The table itself, and what follows from it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::decision::Reason;
use super::names::{Permission, is_name, lies_within};
use crate::{Error, Kind, Result};

/// A role as it was given.
#[derive(Clone, Default)]
pub(super) struct Role {
    /// The roles whose permissions it has as well.
    pub(super) inherits: BTreeSet<String>,
    /// Its own permissions, with their scopes.
    pub(super) permissions: BTreeSet<String>,
}

impl Role {
    /// [`Kind::InvalidArgument`] if one of the names is malformed.
    pub(super) fn of<'n>(
        name: &str,
        permissions: impl Iterator<Item = &'n str> + Clone,
        inherits: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<Self> {
        let well_formed = is_name(name)
            && inherits.clone().all(is_name)
            && permissions
                .clone()
                .all(|it| Permission::parse(it).is_some());
        if !well_formed {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a role or permission has a malformed name; hint: use 1 to 64 of `A-Z a-z 0-9 _ . : -`",
            ));
        }
        Ok(Self {
            inherits: inherits.map(str::to_owned).collect(),
            permissions: permissions.map(str::to_owned).collect(),
        })
    }
}

/// Where a role has a permission.
#[derive(Clone, Default)]
struct Reach {
    everywhere: bool,
    within: Vec<String>,
}

/// What follows for a role from those that it inherits from.
#[derive(Clone, Default)]
struct Effect {
    /// The role and all that it inherits from.
    roles: HashSet<String>,
    permissions: HashMap<String, Reach>,
}

/// Users, roles, and which roles exclude each other.
#[derive(Clone, Default)]
pub(super) struct Policy {
    roles: BTreeMap<String, Role>,
    users: BTreeMap<String, BTreeSet<String>>,
    /// Once there was a user, only users are let in, also when the last one is gone.
    pub(super) knows_users: bool,
    separate: BTreeSet<BTreeSet<String>>,
    effects: HashMap<String, Effect>,
}

impl Policy {
    pub(super) fn roles(&self) -> &BTreeMap<String, Role> {
        &self.roles
    }

    pub(super) fn users(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.users
    }

    /// The answer, without regard to users.
    pub(super) fn decide(&self, role: &str, permission: &str) -> Reason {
        let Some(effect) = self.effects.get(role) else {
            return Reason::UnknownRole;
        };
        let Some(asked) = Permission::parse(permission) else {
            return Reason::MalformedPermission;
        };
        let Some(reach) = effect.permissions.get(asked.name) else {
            return Reason::NotGranted;
        };
        let covers = |scope| reach.within.iter().any(|within| lies_within(scope, within));
        if reach.everywhere || asked.scope.is_some_and(covers) {
            Reason::Granted
        } else {
            Reason::OutOfScope
        }
    }

    /// Why the user may not act in the role, if so.
    pub(super) fn refuses_user(&self, user: &str, role: &str) -> Option<Reason> {
        if !self.knows_users {
            return None;
        }
        let Some(assigned) = self.users.get(user) else {
            return Some(Reason::UnknownUser);
        };
        let inherited = |assigned: &String| {
            let effect = self.effects.get(assigned);
            effect.is_some_and(|effect| effect.roles.contains(role))
        };
        let may_act = assigned.contains(role) || assigned.iter().any(inherited);
        (!may_act).then_some(Reason::RoleNotAssigned)
    }

    /// The permissions of a role with those that it inherits, sorted, each with its scope.
    pub(super) fn effective(&self, role: &str) -> Option<BTreeSet<String>> {
        let roles = &self.effects.get(role)?.roles;
        let own = roles.iter().filter_map(|role| self.roles.get(role));
        Some(
            own.flat_map(|role| role.permissions.iter().cloned())
                .collect(),
        )
    }

    /// Adds or replaces a role.
    pub(super) fn put(&mut self, name: &str, role: Role) -> Result<()> {
        if let Some(missing) = role
            .inherits
            .iter()
            .find(|it| !self.roles.contains_key(*it))
        {
            return Err(if missing == name {
                circular()
            } else {
                unknown_role()
            });
        }
        let inherits_back = |parent: &String| {
            let effect = self.effects.get(parent);
            effect.is_some_and(|effect| effect.roles.contains(name))
        };
        if role.inherits.iter().any(inherits_back) {
            return Err(circular());
        }
        self.roles.insert(name.to_owned(), role);
        self.settle()
    }

    /// Adds roles to an empty table, which may inherit from each other.
    pub(super) fn put_all(&mut self, roles: BTreeMap<String, Role>) -> Result<()> {
        if roles
            .values()
            .flat_map(|role| &role.inherits)
            .any(|parent| !roles.contains_key(parent))
        {
            return Err(unknown_role());
        }
        self.roles = roles;
        self.expect_no_circle()?;
        self.settle()
    }

    /// Takes away role after role whose parents are gone: a circle stays.
    fn expect_no_circle(&self) -> Result<()> {
        let mut heirs: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut waiting: HashMap<&str, usize> = HashMap::new();
        for (name, role) in &self.roles {
            waiting.insert(name, role.inherits.len());
            for parent in &role.inherits {
                heirs.entry(parent).or_default().push(name);
            }
        }
        let roots = waiting.iter().filter(|(_, parents)| **parents == 0);
        let mut free: Vec<&str> = roots.map(|(name, _)| *name).collect();
        let mut count = 0;
        while let Some(name) = free.pop() {
            count += 1;
            for heir in heirs.remove(name).unwrap_or_default() {
                let parents = waiting.entry(heir).or_default();
                *parents -= 1;
                if *parents == 0 {
                    free.push(heir);
                }
            }
        }
        if count < self.roles.len() {
            return Err(circular());
        }
        Ok(())
    }

    /// Removes a role from the table, from its users and from the roles that inherit from it.
    pub(super) fn take(&mut self, name: &str) -> Result<()> {
        self.roles.remove(name);
        for role in self.roles.values_mut() {
            role.inherits.remove(name);
        }
        for assigned in self.users.values_mut() {
            assigned.remove(name);
        }
        self.settle()
    }

    pub(super) fn assign(&mut self, user: &str, role: &str) -> Result<()> {
        if !self.roles.contains_key(role) {
            return Err(unknown_role());
        }
        let mut assigned = self.users.get(user).cloned().unwrap_or_default();
        assigned.insert(role.to_owned());
        self.check_separation(&assigned)?;
        self.users.insert(user.to_owned(), assigned);
        self.knows_users = true;
        Ok(())
    }

    /// Takes a role from a user, who is forgotten with the last one.
    pub(super) fn unassign(&mut self, user: &str, role: &str) -> bool {
        let Some(assigned) = self.users.get_mut(user) else {
            return false;
        };
        let had = assigned.remove(role);
        if assigned.is_empty() {
            self.users.remove(user);
        }
        had
    }

    pub(super) fn separate(&mut self, roles: BTreeSet<String>) -> Result<()> {
        if roles.len() < 2 {
            return Err(Error::new(
                Kind::InvalidArgument,
                "separation of duty needs two different roles or more",
            ));
        }
        if !roles.iter().all(|role| self.roles.contains_key(role)) {
            return Err(unknown_role());
        }
        self.separate.insert(roles);
        self.settle()
    }

    /// Computes what follows, and refuses what must not be.
    fn settle(&mut self) -> Result<()> {
        self.effects = self
            .roles
            .keys()
            .map(|name| (name.clone(), self.effect_of(name)))
            .collect();
        for effect in self.effects.values() {
            self.check_exclusive(|role| effect.roles.contains(role))?;
        }
        self.users
            .values()
            .try_for_each(|assigned| self.check_separation(assigned))
    }

    fn effect_of(&self, name: &str) -> Effect {
        let mut effect = Effect::default();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            let Some(role) = self.roles.get(name) else {
                continue;
            };
            if !effect.roles.insert(name.to_owned()) {
                continue;
            }
            open.extend(role.inherits.iter().map(String::as_str));
            for permission in role
                .permissions
                .iter()
                .filter_map(|it| Permission::parse(it))
            {
                let reach = effect
                    .permissions
                    .entry(permission.name.to_owned())
                    .or_default();
                match permission.scope {
                    Some(scope) => reach.within.push(scope.to_owned()),
                    None => reach.everywhere = true,
                }
            }
        }
        effect
    }

    fn check_separation(&self, assigned: &BTreeSet<String>) -> Result<()> {
        let effects: Vec<&Effect> = assigned
            .iter()
            .filter_map(|role| self.effects.get(role))
            .collect();
        self.check_exclusive(|role| effects.iter().any(|effect| effect.roles.contains(role)))
    }

    /// [`Kind::Denied`] if two roles that exclude each other are `held` together.
    fn check_exclusive(&self, held: impl Fn(&str) -> bool) -> Result<()> {
        let broken = self
            .separate
            .iter()
            .any(|roles| roles.iter().filter(|role| held(role)).count() > 1);
        if broken {
            return Err(Error::new(
                Kind::Denied,
                "separation of duty: one user or role would have two roles that exclude each other",
            ));
        }
        Ok(())
    }
}

fn unknown_role() -> Error {
    Error::new(
        Kind::NotFound,
        "there is no such role; hint: add it with its permissions first",
    )
}

fn circular() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "a role would inherit from itself; hint: let the role with fewer permissions be inherited from",
    )
}
