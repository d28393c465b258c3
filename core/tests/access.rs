//! Roles and permissions: default deny, and messages that administrators can act on.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use cloister_core::Kind;
use cloister_core::access::{AccessControl, Identity, Reason, permission};

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

#[test]
fn a_role_has_what_it_inherits_and_loses_it_with_the_link() {
    let access = clinic();
    access
        .add_role_inheriting("chief", &["sign_off"], &["physician"])
        .unwrap();
    access
        .add_role_inheriting("director", &[], &["chief", "auditor"])
        .unwrap();
    for permission in ["read_phi", "write_phi", "sign_off", "view_audit_logs"] {
        assert!(access.has_permission("director", permission));
    }
    assert!(!access.has_permission("chief", "view_audit_logs"));
    assert!(!access.has_permission("physician", "sign_off"));
    assert_eq!(
        access.permissions("chief").unwrap(),
        ["read_phi", "sign_off", "write_phi"]
    );
    access.remove_role("physician");
    assert!(!access.has_permission("director", "read_phi"));
    assert!(access.has_permission("director", "sign_off"));
}

#[test]
fn no_role_inherits_from_itself_or_from_nothing() {
    let access = clinic();
    access
        .add_role_inheriting("chief", &[], &["physician"])
        .unwrap();
    let circle = access
        .add_role_inheriting("physician", &[], &["chief"])
        .unwrap_err();
    assert_eq!(circle.kind(), Kind::InvalidArgument);
    let own = access
        .add_role_inheriting("new", &[], &["new"])
        .unwrap_err();
    assert_eq!(own.kind(), Kind::InvalidArgument);
    let missing = access
        .add_role_inheriting("new", &[], &["nobody"])
        .unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
    assert!(
        access.has_permission("chief", "read_phi"),
        "the table is as before"
    );
}

#[test]
fn a_permission_within_a_scope_holds_there_and_below() {
    let access = AccessControl::new();
    access
        .add_role("nurse", &["read_phi@clinic/ward-7"])
        .unwrap();
    for (permission, allowed) in [
        ("read_phi@clinic/ward-7", true),
        ("read_phi@clinic/ward-7/bed-2", true),
        ("read_phi@clinic/ward-70", false),
        ("read_phi@clinic", false),
        ("read_phi", false),
        ("write_phi@clinic/ward-7", false),
        ("read_phi@clinic/ward-7/", false),
        ("read_phi@", false),
        ("read_phi@clinic//ward-7", false),
    ] {
        assert_eq!(
            access.has_permission("nurse", permission),
            allowed,
            "{permission}"
        );
    }
    access.add_role("head", &["read_phi"]).unwrap();
    assert!(access.has_permission("head", "read_phi@clinic/ward-7"));
    assert!(!access.has_permission("head", "read_phi@"));
    let elsewhere = access
        .require("nurse", "read_phi@clinic/ward-8")
        .unwrap_err();
    assert_eq!(
        elsewhere.message(),
        "the role `nurse` lacks the permission `read_phi@clinic/ward-8`, though it has it elsewhere"
    );
}

fn identity(user: &str, role: &str) -> Identity {
    Identity {
        user: user.to_owned(),
        role: role.to_owned(),
    }
}

#[test]
fn once_there_are_users_nobody_else_gets_in() {
    let access = clinic();
    let decide = |user, role| access.decide(&identity(user, role), "read_phi").reason();
    assert_eq!(decide("anybody", "physician"), Reason::Granted);
    access.assign("dr.lee", "physician").unwrap();
    assert_eq!(decide("dr.lee", "physician"), Reason::Granted);
    assert_eq!(decide("dr.lee", "auditor"), Reason::RoleNotAssigned);
    assert_eq!(decide("anybody", "physician"), Reason::UnknownUser);
    assert!(access.unassign("dr.lee", "physician"));
    assert!(!access.unassign("dr.lee", "physician"));
    assert_eq!(decide("dr.lee", "physician"), Reason::UnknownUser);
    assert_eq!(
        decide("anybody", "physician"),
        Reason::UnknownUser,
        "no way back"
    );
}

#[test]
fn a_user_may_act_in_a_role_that_theirs_inherits_from() {
    let access = clinic();
    access
        .add_role_inheriting("chief", &["sign_off"], &["physician"])
        .unwrap();
    access.assign("dr.kim", "chief").unwrap();
    assert!(
        access
            .decide(&identity("dr.kim", "physician"), "read_phi")
            .is_allowed()
    );
    assert!(
        !access
            .decide(&identity("dr.kim", "physician"), "sign_off")
            .is_allowed()
    );
    assert_eq!(access.roles_of("dr.kim"), ["chief"]);
    assert_eq!(access.users(), ["dr.kim"]);
}

#[test]
fn roles_that_exclude_each_other_never_meet() {
    let access = clinic();
    access.separate(&["physician", "auditor"]).unwrap();
    access.assign("dr.lee", "physician").unwrap();
    assert_eq!(
        access.assign("dr.lee", "auditor").unwrap_err().kind(),
        Kind::Denied
    );
    assert_eq!(access.roles_of("dr.lee"), ["physician"]);
    let both = access
        .add_role_inheriting("all", &[], &["physician", "auditor"])
        .unwrap_err();
    assert_eq!(both.kind(), Kind::Denied);
    // Nor by detours: a user's two roles, one of which comes to inherit from an excluded one.
    access.add_role("helper", &[]).unwrap();
    access.assign("dr.lee", "helper").unwrap();
    let detour = access
        .add_role_inheriting("helper", &[], &["auditor"])
        .unwrap_err();
    assert_eq!(detour.kind(), Kind::Denied);
    assert!(!access.has_permission("helper", "view_audit_logs"));
    assert_eq!(
        access.separate(&["auditor"]).unwrap_err().kind(),
        Kind::InvalidArgument
    );
    assert_eq!(
        access.separate(&["auditor", "nobody"]).unwrap_err().kind(),
        Kind::NotFound
    );
    access.assign("kim", "auditor").unwrap();
    access.assign("kim", "helper").unwrap();
    assert_eq!(
        access.separate(&["helper", "auditor"]).unwrap_err().kind(),
        Kind::Denied
    );
}

#[test]
fn a_role_that_comes_back_does_not_bring_its_users_back() {
    let access = clinic();
    access.assign("dr.lee", "physician").unwrap();
    access.remove_role("physician");
    access.add_role("physician", &["read_phi"]).unwrap();
    let reason = access
        .decide(&identity("dr.lee", "physician"), "read_phi")
        .reason();
    assert_eq!(reason, Reason::RoleNotAssigned);
}

const WRITTEN: &str = r#"
separate = [["physician", "auditor"]]

[roles.physician]
permissions = ["read_phi", "write_phi"]
inherits = ["nurse"]

[roles.nurse]
permissions = ["read_phi@clinic/ward-7"]

[roles.auditor]
permissions = ["view_audit_logs"]

[users]
lee = ["physician"]
ada = ["auditor"]
"#;

#[test]
fn a_table_is_read_from_a_text_in_whatever_order_its_roles_stand() {
    let json = r#"{"roles": {"physician": {"permissions": ["read_phi", "write_phi"], "inherits": ["nurse"]},
        "auditor": {"permissions": ["view_audit_logs"]}, "nurse": {"permissions": ["read_phi@clinic/ward-7"]}},
        "users": {"lee": ["physician"], "ada": ["auditor"]}, "separate": [["auditor", "physician"]]}"#;
    for text in [WRITTEN, json] {
        let access = AccessControl::parse(text).unwrap();
        assert_eq!(access.roles(), ["auditor", "nurse", "physician"]);
        assert_eq!(access.users(), ["ada", "lee"]);
        let may = |user: &str, role: &str, permission: &str| {
            let identity = Identity {
                user: user.to_owned(),
                role: role.to_owned(),
            };
            access.decide(&identity, permission).reason()
        };
        assert_eq!(may("lee", "physician", "write_phi"), Reason::Granted);
        assert_eq!(
            may("lee", "nurse", "read_phi@clinic/ward-7/bed-2"),
            Reason::Granted
        );
        assert_eq!(may("ada", "physician", "read_phi"), Reason::RoleNotAssigned);
        assert_eq!(
            access.assign("lee", "auditor").unwrap_err().kind(),
            Kind::Denied
        );
    }
}

#[test]
fn a_text_that_is_no_table_is_refused_without_repeating_it() {
    for (text, kind) in [
        ("[roles", Kind::InvalidArgument),
        ("{\"roles\": 7}", Kind::InvalidArgument),
        ("[rolls.nurse]\n", Kind::InvalidArgument),
        ("[roles.nurse]\npermision = []\n", Kind::InvalidArgument),
        (
            "[roles.nurse]\npermissions = [\"*\"]\n",
            Kind::InvalidArgument,
        ),
        ("[roles.\"John Doe\"]\n", Kind::InvalidArgument),
        ("[roles.a]\ninherits = [\"a\"]\n", Kind::InvalidArgument),
        (
            "[roles.a]\ninherits = [\"b\"]\n[roles.b]\ninherits = [\"a\"]\n",
            Kind::InvalidArgument,
        ),
        ("[roles.a]\ninherits = [\"Smith\"]\n", Kind::NotFound),
        ("[users]\nlee = [\"Smith\"]\n", Kind::NotFound),
        ("separate = [[\"a\"]]\n[roles.a]\n", Kind::InvalidArgument),
        (
            "separate = [[\"a\", \"b\"]]\n[roles.a]\n[roles.b]\n[users]\nlee = [\"a\", \"b\"]\n",
            Kind::Denied,
        ),
    ] {
        let error = AccessControl::parse(text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert!(!error.message().contains("Doe") && !error.message().contains("Smith"));
    }
    let second = AccessControl::parse("\n[roles.a]\npermissions = 7\n").unwrap_err();
    assert!(second.message().starts_with("line 2 "), "{second}");
    let many: String = (0..1025).fold(String::new(), |text, role| {
        format!("{text}[roles.r{role}]\n")
    });
    assert_eq!(
        AccessControl::parse(&many).unwrap_err().kind(),
        Kind::TooLarge
    );
    let large = " ".repeat((4 << 20) + 1);
    assert_eq!(
        AccessControl::parse(&large).unwrap_err().kind(),
        Kind::TooLarge
    );
}

#[test]
fn a_text_with_an_empty_list_of_users_lets_nobody_in() {
    let role = "[roles.nurse]\npermissions = [\"read_phi\"]\n";
    let lee = Identity {
        user: "lee".to_owned(),
        role: "nurse".to_owned(),
    };
    let open = AccessControl::parse(role).unwrap();
    assert_eq!(open.decide(&lee, "read_phi").reason(), Reason::Granted);
    for users in ["[users]\n", "[users]\nada = []\n"] {
        let closed = AccessControl::parse(&format!("{role}{users}")).unwrap();
        assert_eq!(
            closed.decide(&lee, "read_phi").reason(),
            Reason::UnknownUser
        );
    }
}
