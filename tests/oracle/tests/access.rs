//! The table of roles decides as Cedar does: random tables are put before both, and every question is asked of both.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request,
};
use cloister_core::access::{AccessControl, Identity};
use proptest::prelude::*;

const ROLES: usize = 6;
const USERS: usize = 4;
const PERMISSIONS: [&str; 3] = ["read_phi", "write_phi", "view_audit_logs"];
/// With their parents. `None` is everywhere.
const SCOPES: [Option<&str>; 6] = [
    None,
    Some("a"),
    Some("a/b"),
    Some("a/b/c"),
    Some("a/bb"),
    Some("d"),
];

/// Role `n` inherits only from roles below `n`, so that no table is circular.
#[derive(Clone, Debug)]
struct Table {
    inherits: Vec<Vec<usize>>,
    grants: Vec<(usize, usize, usize)>,
    assigned: Vec<(usize, usize)>,
}

fn tables() -> impl Strategy<Value = Table> {
    let links = prop::collection::vec((0..ROLES, 0..ROLES), 0..10);
    let grants = prop::collection::vec((0..ROLES, 0..PERMISSIONS.len(), 0..SCOPES.len()), 0..8);
    let assigned = prop::collection::vec((0..USERS, 0..ROLES), 1..6);
    (links, grants, assigned).prop_map(|(links, grants, assigned)| {
        let mut inherits = vec![Vec::new(); ROLES];
        for (role, parent) in links.into_iter().filter(|(role, parent)| parent < role) {
            inherits[role].push(parent);
        }
        Table {
            inherits,
            grants,
            assigned,
        }
    })
}

fn permission(name: usize, scope: usize) -> String {
    match SCOPES[scope] {
        Some(scope) => format!("{}@{scope}", PERMISSIONS[name]),
        None => PERMISSIONS[name].to_owned(),
    }
}

fn ours(table: &Table) -> AccessControl {
    let access = AccessControl::new();
    for role in 0..ROLES {
        let granted = table.grants.iter().filter(|grant| grant.0 == role);
        let granted: Vec<String> = granted.map(|it| permission(it.1, it.2)).collect();
        let granted: Vec<&str> = granted.iter().map(String::as_str).collect();
        let parents: Vec<String> = table.inherits[role]
            .iter()
            .map(|it| format!("r{it}"))
            .collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        access
            .add_role_inheriting(&format!("r{role}"), &granted, &parents)
            .unwrap();
    }
    for (user, role) in &table.assigned {
        access
            .assign(&format!("u{user}"), &format!("r{role}"))
            .unwrap();
    }
    access
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).unwrap(), EntityId::new(id))
}

fn entity(kind: &str, id: &str, parents: impl IntoIterator<Item = EntityUid>) -> Entity {
    Entity::new_no_attrs(uid(kind, id), parents.into_iter().collect::<HashSet<_>>())
}

/// Roles are groups, scopes are places within places, and whoever asks acts as a role.
fn theirs(table: &Table) -> (PolicySet, Entities) {
    let mut policies = String::new();
    for (role, name, scope) in &table.grants {
        let place = SCOPES[*scope].unwrap_or("/");
        writeln!(
            policies,
            r#"permit(principal in Role::"r{role}", action == Action::"{}", resource in Scope::"{place}");"#,
            PERMISSIONS[*name]
        )
        .unwrap();
    }
    let mut entities = vec![entity("Scope", "/", [])];
    for scope in SCOPES.into_iter().flatten() {
        let parent = scope.rsplit_once('/').map_or("/", |(parent, _)| parent);
        entities.push(entity("Scope", scope, [uid("Scope", parent)]));
    }
    for role in 0..ROLES {
        let parents = table.inherits[role]
            .iter()
            .map(|it| uid("Role", &format!("r{it}")));
        entities.push(entity("Role", &format!("r{role}"), parents));
    }
    let mut assigned: HashMap<usize, Vec<EntityUid>> = HashMap::new();
    for (user, role) in &table.assigned {
        assigned
            .entry(*user)
            .or_default()
            .push(uid("Role", &format!("r{role}")));
    }
    entities.extend(
        assigned
            .into_iter()
            .map(|(user, roles)| entity("User", &format!("u{user}"), roles)),
    );
    (
        PolicySet::from_str(&policies).unwrap(),
        Entities::from_entities(entities, None).unwrap(),
    )
}

/// A user may act in a role that they have, and then in nothing but that role.
fn cedar_allows(
    policies: &PolicySet,
    entities: &Entities,
    (user, role, name, scope): (usize, usize, usize, usize),
) -> bool {
    let acts = PolicySet::from_str(&format!(
        r#"permit(principal in Role::"r{role}", action, resource);"#
    ))
    .unwrap();
    let resource = uid("Scope", SCOPES[scope].unwrap_or("/"));
    let ask = |policies: &PolicySet, principal: EntityUid| {
        let action = uid("Action", PERMISSIONS[name]);
        let request =
            Request::new(principal, action, resource.clone(), Context::empty(), None).unwrap();
        Authorizer::new()
            .is_authorized(&request, policies, entities)
            .decision()
            == Decision::Allow
    };
    ask(&acts, uid("User", &format!("u{user}"))) && ask(policies, uid("Role", &format!("r{role}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_decision_is_the_one_of_cedar(table in tables()) {
        let access = ours(&table);
        let (policies, entities) = theirs(&table);
        for user in 0..USERS {
            for role in 0..ROLES {
                let identity = Identity { user: format!("u{user}"), role: format!("r{role}") };
                for name in 0..PERMISSIONS.len() {
                    for scope in 0..SCOPES.len() {
                        let asked = permission(name, scope);
                        let allowed = access.decide(&identity, &asked).is_allowed();
                        prop_assert_eq!(
                            allowed,
                            cedar_allows(&policies, &entities, (user, role, name, scope)),
                            "{:?} asks for {}", identity, asked
                        );
                    }
                }
            }
        }
    }
}
