//! What a decision of the table of roles costs, by the size of the table, as a JSON line each.
//!
//! `cargo bench -p cloister-core --bench access --no-default-features`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Instant;

use cloister_core::access::{AccessControl, Identity, permission};
use serde_json::json;

const DECISIONS: u32 = 2_000_000;

/// `roles` roles in chains of ten, each with a scope of its own, and a hundred users to a role.
fn table(roles: usize) -> AccessControl {
    let access = AccessControl::new();
    for role in 0..roles {
        let parent = format!("role-{}", role.saturating_sub(1));
        let inherits: &[&str] = if role % 10 == 0 { &[] } else { &[&parent] };
        let scoped = format!("write_phi@clinic/ward-{role}");
        access
            .add_role_inheriting(
                &format!("role-{role}"),
                &[permission::READ_PHI, &scoped],
                inherits,
            )
            .unwrap();
        for user in 0..100 {
            access
                .assign(&format!("user-{role}-{user}"), &format!("role-{role}"))
                .unwrap();
        }
    }
    access
}

fn measure(what: &str, access: &AccessControl, identity: &Identity, permission: &str) {
    let began = Instant::now();
    for _ in 0..DECISIONS {
        let _ = black_box(access.decide(black_box(identity), black_box(permission)));
    }
    let each = began.elapsed().as_secs_f64() * 1e9 / f64::from(DECISIONS);
    println!(
        "{}",
        json!({"name": format!("access: {what}"), "value": each, "unit": "ns"})
    );
}

fn main() {
    for roles in [5, 200] {
        let access = table(roles);
        let identity = Identity {
            user: format!("user-{}-7", roles - 1),
            role: format!("role-{}", roles - 1),
        };
        let last = format!("write_phi@clinic/ward-{}/bed-2", roles - 1);
        measure(
            &format!("{roles} roles, granted"),
            &access,
            &identity,
            permission::READ_PHI,
        );
        measure(
            &format!("{roles} roles, granted within a scope"),
            &access,
            &identity,
            &last,
        );
        measure(
            &format!("{roles} roles, denied"),
            &access,
            &identity,
            "sign_off",
        );
        let stranger = Identity {
            user: "nobody".to_owned(),
            ..identity.clone()
        };
        measure(
            &format!("{roles} roles, unknown user"),
            &access,
            &stranger,
            permission::READ_PHI,
        );
    }
}
