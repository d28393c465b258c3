//! `cloister_access`: who may do what.

use std::sync::Arc;

use cloister_core::access::{AccessControl, Identity};

use crate::boundary::{borrow, call, get, optional_out, out, release, shared};
use crate::error::{cloister_error, cloister_status};
use crate::scanner::texts;
use crate::strings::cloister_strings;
use crate::text::cloister_str;

/// Roles and their permissions; what is not granted is denied. Any number of threads may read and change one table at
/// once. A guard shares the table: changes apply to it at once, and the table may be freed before the guard.
pub struct cloister_access(pub(crate) Arc<AccessControl>);

const _: () = shared::<cloister_access>();

/// Makes an empty table. `access` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_new(
    access: *mut *mut cloister_access,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            out(access, "access")?.give(cloister_access(Arc::new(AccessControl::new())));
            Ok(())
        })
    }
}

/// Makes the table of a text, TOML or JSON, of at most 4 MiB: `roles`, each with `permissions` and `inherits`, `users`, each
/// with a list of roles, and `separate`, a list of lists of roles that exclude each other.
///
/// CLOISTER_STATUS_INVALID_ARGUMENT if it is malformed, with the number of the line. Where it lists users, nobody else is let
/// in. `access` receives an object owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_parse(
    text: cloister_str,
    access: *mut *mut cloister_access,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let place = out(access, "access")?;
            let table = AccessControl::parse(text.read("text")?)?;
            place.give(cloister_access(Arc::new(table)));
            Ok(())
        })
    }
}

/// Adds a role with `count` permissions, or replaces the role of that name. A guard asks for "read_phi".
///
/// A name has 1 to 64 of `A-Z a-z 0-9 _ . : -`. A permission may be given within a scope, "read_phi@clinic/ward-7": it holds
/// there and below. Whoever asks without a scope asks for everywhere.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_add_role(
    access: *const cloister_access,
    role: cloister_str,
    permissions: *const cloister_str,
    count: usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let role = role.read("role")?;
            let permissions = texts(permissions, count, "permissions")?;
            access.0.add_role(role, &permissions)?;
            Ok(())
        })
    }
}

/// As cloister_access_add_role, for a role that also has the permissions of the `inherited_count` roles `inherited`, and of
/// those that they inherit from. CLOISTER_STATUS_NOT_FOUND if one of them is unknown.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_add_role_inheriting(
    access: *const cloister_access,
    role: cloister_str,
    permissions: *const cloister_str,
    count: usize,
    inherited: *const cloister_str,
    inherited_count: usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let role = role.read("role")?;
            let permissions = texts(permissions, count, "permissions")?;
            let inherited = texts(inherited, inherited_count, "inherited")?;
            access
                .0
                .add_role_inheriting(role, &permissions, &inherited)?;
            Ok(())
        })
    }
}

/// Gives a user a role. From the first user on the table lets nobody act who has not been given the role, or one that
/// inherits from it. CLOISTER_STATUS_DENIED where the separation of duty forbids it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_assign(
    access: *const cloister_access,
    user: cloister_str,
    role: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            access.0.assign(user.read("user")?, role.read("role")?)?;
            Ok(())
        })
    }
}

/// Takes a role from a user. CLOISTER_STATUS_NOT_FOUND if the user does not have it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_unassign(
    access: *const cloister_access,
    user: cloister_str,
    role: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            if access.0.unassign(user.read("user")?, role.read("role")?) {
                return Ok(());
            }
            Err(cloister_error::new(
                cloister_status::NotFound,
                "the user does not have this role",
            ))
        })
    }
}

/// Lets `count` roles exclude each other: no user may have, and no role inherit from, more than one of them.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_separate(
    access: *const cloister_access,
    roles: *const cloister_str,
    count: usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            access.0.separate(&texts(roles, count, "roles")?)?;
            Ok(())
        })
    }
}

/// Whether a user who acts in a role may do what `permission` names, "read_phi@clinic/ward-7" for example, and why.
///
/// `allowed` receives the answer. `reason`, which may be NULL, receives the name of the reason as it stands in records,
/// "granted" or "not_granted" for example; it is borrowed for ever.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_decide(
    access: *const cloister_access,
    user: cloister_str,
    role: cloister_str,
    permission: cloister_str,
    allowed: *mut bool,
    reason: *mut cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let identity = Identity {
                user: user.read("user")?.to_owned(),
                role: role.read("role")?.to_owned(),
            };
            let permission = permission.read("permission")?;
            let (allowed, reason) = (out(allowed, "allowed")?, optional_out(reason));
            let decision = access.0.decide(&identity, permission);
            allowed.write(decision.is_allowed());
            if let Some(reason) = reason {
                reason.write(cloister_str::borrowed(decision.reason().as_str()));
            }
            Ok(())
        })
    }
}

/// The users of a table. `users` receives their names, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_users(
    access: *const cloister_access,
    users: *mut *mut cloister_strings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            out(users, "users")?.give(cloister_strings::new(access.0.users()));
            Ok(())
        })
    }
}

/// The roles that were given to a user. `roles` receives their names, none for an unknown user, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_roles_of(
    access: *const cloister_access,
    user: cloister_str,
    roles: *mut *mut cloister_strings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let user = user.read("user")?;
            out(roles, "roles")?.give(cloister_strings::new(access.0.roles_of(user)));
            Ok(())
        })
    }
}

/// Removes a role. CLOISTER_STATUS_NOT_FOUND if there is none of that name.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_remove_role(
    access: *const cloister_access,
    role: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            if access.0.remove_role(role.read("role")?) {
                return Ok(());
            }
            Err(unknown_role())
        })
    }
}

/// Whether a role has a permission. False for an unknown role, for NULL and for text that is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_has_permission(
    access: *const cloister_access,
    role: cloister_str,
    permission: cloister_str,
) -> bool {
    get(false, || {
        // SAFETY: the calling contract.
        let (access, role, permission) = unsafe {
            (
                access.as_ref()?,
                role.read("role").ok()?,
                permission.read("permission").ok()?,
            )
        };
        Some(access.0.has_permission(role, permission))
    })
}

/// Succeeds if a role has a permission; otherwise CLOISTER_STATUS_DENIED, for an unknown role too.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_require(
    access: *const cloister_access,
    role: cloister_str,
    permission: cloister_str,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let role = role.read("role")?;
            let permission = permission.read("permission")?;
            access.0.require(role, permission)?;
            Ok(())
        })
    }
}

/// The roles of a table. `roles` receives their names, owned by the caller.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_roles(
    access: *const cloister_access,
    roles: *mut *mut cloister_strings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            out(roles, "roles")?.give(cloister_strings::new(access.0.roles()));
            Ok(())
        })
    }
}

/// The permissions of a role. `permissions` receives their names, owned by the caller. CLOISTER_STATUS_NOT_FOUND for an
/// unknown role.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_permissions(
    access: *const cloister_access,
    role: cloister_str,
    permissions: *mut *mut cloister_strings,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let access = borrow(access, "access")?;
            let role = role.read("role")?;
            let place = out(permissions, "permissions")?;
            let found = access.0.permissions(role).ok_or_else(unknown_role)?;
            place.give(cloister_strings::new(found));
            Ok(())
        })
    }
}

fn unknown_role() -> cloister_error {
    cloister_error::new(
        cloister_status::NotFound,
        "there is no role of this name; hint: `cloister_access_add_role` adds one",
    )
}

/// Frees a table. A guard that shares it keeps it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_access_free(access: *mut cloister_access) {
    // SAFETY: the calling contract.
    unsafe { release(access) }
}
