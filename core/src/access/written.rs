//! A table as a text that people review: TOML, or JSON with the same members.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::AccessControl;
use super::control::expect_user;
use super::policy::Role;
use crate::scan::Format;
use crate::{Error, Kind, Result};

/// Most bytes of a table.
const MAX_TABLE: usize = 4 << 20;
/// Most roles of a text: what each inherits is computed when it is read.
const MAX_ROLES: usize = 1024;

/// The whole text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    roles: BTreeMap<String, WrittenRole>,
    users: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    separate: Vec<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRole {
    #[serde(default)]
    permissions: Vec<String>,
    #[serde(default)]
    inherits: Vec<String>,
}

impl AccessControl {
    /// The table of a text of at most 4 MiB and 1024 roles: TOML, or JSON, which begins with `{`. Roles may stand in any order.
    /// Where it lists users, nobody else is let in.
    ///
    /// ```toml
    /// separate = [["physician", "auditor"]]
    ///
    /// [roles.nurse]
    /// permissions = ["read_phi@clinic/ward-7"]
    ///
    /// [roles.physician]
    /// permissions = ["read_phi", "write_phi", "break_glass"]
    /// inherits = ["nurse"]
    ///
    /// [roles.auditor]
    /// permissions = ["view_audit_logs", "review_break_glass"]
    ///
    /// [users]
    /// lee = ["physician"]
    /// ada = ["auditor"]
    /// ```
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for a text that is malformed, with the number of the line, or that has a member of another
    /// name; [`Kind::TooLarge`]; and those of [`AccessControl::add_role_inheriting`], [`AccessControl::assign`] and
    /// [`AccessControl::separate`].
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_TABLE {
            return Err(Error::new(
                Kind::TooLarge,
                "a table of roles has at most 4 MiB",
            ));
        }
        let text = text.trim();
        let written: Written = Format::of(text).read(text).map_err(malformed)?;
        let table = Self::new();
        table.change(|policy| {
            policy.put_all(written.roles()?)?;
            for roles in written.separate {
                policy.separate(roles)?;
            }
            // A text that lists users lets nobody else in, also where the list is empty.
            policy.knows_users = written.users.is_some();
            let users = written.users.unwrap_or_default();
            for (user, roles) in &users {
                for role in roles {
                    expect_user(user)?;
                    policy.assign(user, role)?;
                }
            }
            Ok(())
        })?;
        Ok(table)
    }
}

impl Written {
    /// The roles as the table keeps them.
    fn roles(&self) -> Result<BTreeMap<String, Role>> {
        if self.roles.len() > MAX_ROLES {
            return Err(Error::new(
                Kind::TooLarge,
                "the text of a table has at most 1024 roles",
            ));
        }
        let role = |(name, written): (&String, &WrittenRole)| {
            let permissions = written.permissions.iter().map(String::as_str);
            let inherits = written.inherits.iter().map(String::as_str);
            Ok((name.clone(), Role::of(name, permissions, inherits)?))
        };
        self.roles.iter().map(role).collect()
    }
}

fn malformed(line: u64) -> Error {
    Error::new(
        Kind::InvalidArgument,
        format!(
            "line {line} of the table of roles is malformed; hint: it has `roles`, `users` and `separate`, in TOML or JSON"
        ),
    )
}
