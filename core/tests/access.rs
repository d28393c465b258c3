//! Roles and permissions: default deny, and messages that administrators can act on.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use cloister_core::Kind;
use cloister_core::access::{AccessControl, permission};

fn clinic() -> AccessControl {
    let access = AccessControl::new();
    access
        .add_role("physician", &[permission::READ_PHI, permission::WRITE_PHI])
        .unwrap();
    access
        .add_role("auditor", &[permission::VIEW_AUDIT_LOGS])
        .unwrap();
    access
}

#[test]
fn an_empty_table_denies_everything() {
    let access = AccessControl::new();
    assert!(!access.has_permission("admin", permission::READ_PHI));
    assert!(access.require("admin", permission::READ_PHI).is_err());
}

#[test]
fn a_role_has_exactly_what_it_was_given() {
    let access = clinic();
    assert!(access.has_permission("physician", permission::READ_PHI));
    assert!(access.require("physician", permission::WRITE_PHI).is_ok());
    assert!(!access.has_permission("physician", permission::VIEW_AUDIT_LOGS));
    assert!(!access.has_permission("physician", ""));
    assert!(!access.has_permission("Physician", permission::READ_PHI));
}

#[test]
fn a_denial_names_role_and_permission() {
    let error = clinic()
        .require("auditor", permission::READ_PHI)
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(
        error.message(),
        "the role `auditor` lacks the permission `read_phi`"
    );
}

#[test]
fn a_denial_repeats_nothing_that_is_not_a_name() {
    let access = clinic();
    let stranger = access
        .require("John Doe, SSN 123-45-6789", permission::READ_PHI)
        .unwrap_err();
    assert_eq!(stranger.kind(), Kind::Denied);
    assert_eq!(
        stranger.message(),
        "the role is unknown; hint: add it with its permissions"
    );
    let odd = access.require("auditor", "read John Doe\n").unwrap_err();
    assert_eq!(odd.message(), "the role `auditor` lacks the permission");
}

#[test]
fn there_are_no_wildcards() {
    let access = clinic();
    let error = access.add_role("admin", &["*"]).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(!access.has_permission("admin", permission::READ_PHI));
}

#[test]
fn malformed_names_are_refused_and_change_nothing() {
    let access = clinic();
    let long = "r".repeat(65);
    for name in ["", " ", "rôle", "a b", "a\nb", "a\0", "a/b", long.as_str()] {
        let error = access.add_role(name, &[]).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
        let error = access.add_role("auditor", &["ok", name]).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
    assert_eq!(
        access.permissions("auditor").unwrap(),
        [permission::VIEW_AUDIT_LOGS]
    );
    access
        .add_role(&"r".repeat(64), &["phi:read.v2-x_1"])
        .unwrap();
}

#[test]
fn adding_a_role_again_replaces_it_and_removing_it_denies() {
    let access = clinic();
    access
        .add_role("physician", &[permission::READ_PHI])
        .unwrap();
    assert!(!access.has_permission("physician", permission::WRITE_PHI));
    assert!(access.remove_role("physician"));
    assert!(!access.remove_role("physician"));
    assert!(!access.has_permission("physician", permission::READ_PHI));
    assert_eq!(access.roles(), ["auditor"]);
    assert_eq!(access.permissions("physician"), None);
}

#[test]
fn many_threads_read_while_one_changes() {
    let access = clinic();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    assert!(access.has_permission("auditor", permission::VIEW_AUDIT_LOGS));
                }
            });
        }
        for _ in 0..1_000 {
            access
                .add_role("physician", &[permission::READ_PHI])
                .unwrap();
            access.remove_role("physician");
        }
    });
}
