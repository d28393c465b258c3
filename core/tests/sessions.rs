//! Sessions that end by themselves, that are asked for permissions, and that may break the glass.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use cloister_core::Kind;
use cloister_core::access::{AccessControl, Identity, permission};
use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event, Query, query};
use cloister_core::guard::{BoundVault, Session, SessionOptions, VaultUse};
use cloister_core::pii::Vault;
use serde_json::Value;
use tempfile::TempDir;

fn identity(user: &str, role: &str) -> Identity {
    Identity {
        user: user.to_owned(),
        role: role.to_owned(),
    }
}

/// A hospital with people in it, and its log.
struct Hospital {
    directory: TempDir,
    access: Arc<AccessControl>,
    log: Arc<AuditLog>,
}

impl Hospital {
    fn new() -> Self {
        Self::with(|_, options| options)
    }

    fn with(options: impl FnOnce(&Arc<AccessControl>, AuditOptions) -> AuditOptions) -> Self {
        let access = Arc::new(AccessControl::new());
        for (role, permissions) in [
            (
                "physician",
                &[permission::READ_PHI, permission::WRITE_PHI][..],
            ),
            ("porter", &[permission::BREAK_GLASS]),
            (
                "officer",
                &[
                    permission::VIEW_AUDIT_LOGS,
                    permission::REVIEW_BREAK_GLASS,
                    permission::MANAGE_AUDIT_LOGS,
                    permission::BREAK_GLASS,
                ],
            ),
        ] {
            access.add_role(role, permissions).unwrap();
        }
        for (user, role) in [("lee", "physician"), ("kim", "porter"), ("ada", "officer")] {
            access.assign(user, role).unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        let plain = AuditOptions {
            durability: Durability::Os,
            ..AuditOptions::default()
        };
        let log = AuditLog::open(
            directory.path().join("audit.jsonl"),
            options(&access, plain),
        )
        .unwrap();
        Self {
            directory,
            access,
            log: Arc::new(log),
        }
    }

    fn options(&self) -> SessionOptions {
        SessionOptions {
            access: Some(Arc::clone(&self.access)),
            audit: Some(Arc::clone(&self.log)),
            ..SessionOptions::default()
        }
    }

    fn session(&self, user: &str, role: &str) -> Session {
        Session::open(identity(user, role), self.options()).unwrap()
    }

    fn records(&self, event_type: &str) -> Vec<Value> {
        let wanted = Query {
            event_type: Some(event_type.to_owned()),
            ..Query::default()
        };
        query(self.directory.path().join("audit.jsonl"), &wanted).unwrap()
    }
}

fn filled_vault() -> Vault {
    let mut vault = Vault::new();
    vault.placeholder("NAME", "John Doe").unwrap();
    vault
}

#[test]
fn a_session_that_nobody_uses_is_wiped_without_anybody_asking() {
    let hospital = Hospital::new();
    let mut session = Session::open(
        identity("lee", "physician"),
        SessionOptions {
            idle: Some(Duration::from_millis(300)),
            ..hospital.options()
        },
    )
    .unwrap();
    let told = Arc::new(AtomicBool::new(false));
    let hook = Arc::clone(&told);
    session
        .on_end(move || hook.store(true, Ordering::SeqCst))
        .unwrap();
    session.set_vault(filled_vault()).unwrap();
    for _ in 0..4 {
        sleep(Duration::from_millis(150));
        assert_eq!(
            session.restore("[NAME_1]").unwrap(),
            "John Doe",
            "use keeps it"
        );
    }
    for _ in 0..100 {
        if told.load(Ordering::SeqCst) {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    assert!(told.load(Ordering::SeqCst), "nothing was called");
    assert_eq!(session.remembered(), 0);
    let error = session.restore("[NAME_1]").unwrap_err();
    assert_eq!(error.kind(), Kind::Closed);
    assert_eq!(session.vault().map(drop).unwrap_err().kind(), Kind::Closed);
    assert_eq!(session.set_subject("p").unwrap_err().kind(), Kind::Closed);
    let ends: Vec<Value> = hospital
        .records("session")
        .into_iter()
        .filter(|record| record["action"] == "session_end")
        .collect();
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0]["session"]["cause"], "idle_timeout");
    drop(session);
    assert_eq!(hospital.records("session").len(), 2, "it ends once");
}

#[test]
fn use_does_not_prolong_a_session_beyond_its_longest_duration() {
    let session = Session::open(
        identity("lee", "physician"),
        SessionOptions {
            absolute: Some(Duration::from_millis(300)),
            ..SessionOptions::default()
        },
    )
    .unwrap();
    let mut uses = 0;
    while session.restore("x").is_ok() {
        uses += 1;
        sleep(Duration::from_millis(20));
    }
    assert!(uses > 3 && uses < 100, "{uses}");
    assert!(session.has_ended());
}

#[test]
fn a_limit_of_zero_and_a_question_without_a_way_to_ask_are_refused() {
    let zero = SessionOptions {
        idle: Some(Duration::ZERO),
        ..SessionOptions::default()
    };
    let mute = SessionOptions {
        reauthenticate_after: Some(Duration::from_secs(1)),
        ..SessionOptions::default()
    };
    for options in [zero, mute] {
        let error = Session::open(identity("lee", "physician"), options).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
}

#[test]
fn nobody_begins_a_session_in_a_role_that_is_not_theirs() {
    let hospital = Hospital::new();
    for (user, role) in [("kim", "physician"), ("eve", "physician"), ("lee", "king")] {
        let error = Session::open(identity(user, role), hospital.options()).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
    }
    let reasons: Vec<Value> = hospital
        .records("security_violation")
        .iter()
        .map(|record| record["violation"]["details"]["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        ["role_not_assigned", "unknown_user", "role_not_assigned"]
    );
}

#[test]
fn vault_and_log_ask_the_session_and_refusals_are_recorded() {
    let hospital = Hospital::new();
    let mut porter = hospital.session("kim", "porter");
    for error in [
        porter.restore("[NAME_1]").unwrap_err(),
        porter.vault().map(drop).unwrap_err(),
        porter.set_vault(filled_vault()).unwrap_err(),
        porter
            .query_log(&hospital.log, &Query::default())
            .unwrap_err(),
        porter.verify_log(&hospital.log).map(drop).unwrap_err(),
        porter.hold_log(&hospital.log, true, "case 7").unwrap_err(),
        porter.checkpoint_log(&hospital.log).unwrap_err(),
        porter.record(&hospital.log, Event::default()).unwrap_err(),
        porter.require("read John Doe").unwrap_err(),
        porter.emergencies_to_review().unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Denied);
        assert!(!error.message().contains("John"), "{error}");
    }
    let refused = hospital.records("security_violation");
    assert_eq!(refused.len(), 10);
    assert_eq!(refused[0]["user_id"], "kim");
    assert_eq!(
        refused[8]["violation"]["details"]["permission"],
        "malformed"
    );
}

#[test]
fn a_glance_at_the_session_makes_none_of_its_vaults_busy() {
    let hospital = Hospital::new();
    let session = hospital.session("lee", "physician");
    let vaults = [(); 2].map(|()| BoundVault::new(filled_vault()));
    for vault in &vaults {
        vault.bind(&session).unwrap();
    }
    std::thread::scope(|threads| {
        for vault in &vaults {
            threads.spawn(move || {
                for _ in 0..20_000 {
                    assert_eq!(vault.lock(VaultUse::Read).unwrap().len(), 1);
                }
            });
        }
        for _ in 0..20_000 {
            assert!(!session.has_ended());
        }
    });
}

#[test]
fn a_vault_is_busy_while_its_session_asks_who_is_there() {
    let vault = Arc::new(BoundVault::new(filled_vault()));
    let refused = Arc::new(AtomicUsize::new(0));
    let mut session = {
        let (vault, refused) = (Arc::clone(&vault), Arc::clone(&refused));
        let options = SessionOptions {
            reauthenticate: Some(Arc::new(move |_, _| {
                if let Err(error) = vault.lock(VaultUse::Read) {
                    assert_eq!(error.kind(), Kind::Busy);
                    refused.fetch_add(1, Ordering::Relaxed);
                }
                true
            })),
            reauthenticate_after: Some(Duration::from_millis(1)),
            ..SessionOptions::default()
        };
        Session::open(identity("lee", "physician"), options).unwrap()
    };
    vault.bind(&session).unwrap();
    sleep(Duration::from_millis(5));
    session.require(permission::READ_PHI).unwrap();
    assert!(refused.load(Ordering::Relaxed) > 0);
    session.end();
    assert!(vault.lock(VaultUse::Count).unwrap().is_empty());
}

#[test]
fn a_log_with_a_table_has_no_way_around_it() {
    let hospital = Hospital::with(|access, options| AuditOptions {
        access: Some(Arc::clone(access)),
        ..options
    });
    let log = &hospital.log;
    for error in [
        log.record(&Event::default()).unwrap_err(),
        log.query(&Query::default()).unwrap_err(),
        log.verify().map(drop).unwrap_err(),
        log.legal_hold(true, "case 7").unwrap_err(),
        log.checkpoint().unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Denied);
    }
    // A session with a table of the caller's own making is judged by that of the log.
    let own = Arc::new(AccessControl::new());
    own.add_role("king", &[permission::VIEW_AUDIT_LOGS])
        .unwrap();
    let king = Session::open(
        identity("eve", "king"),
        SessionOptions {
            access: Some(own),
            ..SessionOptions::default()
        },
    )
    .unwrap();
    let error = king.query_log(log, &Query::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let bare = Session::new(identity("eve", "officer")).unwrap();
    let error = bare.query_log(log, &Query::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);

    let officer = hospital.session("ada", "officer");
    assert!(
        !officer
            .query_log(log, &Query::default())
            .unwrap()
            .is_empty()
    );
    assert!(officer.verify_log(log).unwrap().is_intact());
    assert!(officer.hold_log(log, true, "case 7").unwrap());
    let looked = hospital.records("audit_access");
    let operations: Vec<&Value> = looked
        .iter()
        .map(|record| &record["audit_access"]["operation"])
        .collect();
    assert_eq!(operations, ["query", "verify", "legal_hold"]);
    assert!(looked.iter().all(|record| record["user_id"] == "ada"));
}

#[test]
fn a_record_of_the_applications_own_carries_the_user_of_the_session() {
    let hospital = Hospital::new();
    hospital
        .access
        .add_role("physician", &[permission::WRITE_AUDIT_LOGS])
        .unwrap();
    let session = hospital.session("lee", "physician");
    let claimed = Event {
        event_type: "view_patient_record".to_owned(),
        user_id: "somebody else".to_owned(),
        ..Event::default()
    };
    session.record(&hospital.log, claimed).unwrap();
    let records = hospital.records("view_patient_record");
    assert_eq!(records[0]["user_id"], "lee");
    assert_eq!(records[0]["session_id"], session.id());
    for event_type in ["break_glass_review", "break_glass", "erasure"] {
        let forged = Event {
            event_type: event_type.to_owned(),
            ..Event::default()
        };
        let error = session.record(&hospital.log, forged.clone()).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
        let error = hospital.log.record(&forged).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
}

#[test]
fn breaking_the_glass_allows_what_was_named_until_it_ends_and_leaves_its_reason() {
    let hospital = Hospital::new();
    let mut porter = hospital.session("kim", "porter");
    porter.require(permission::READ_PHI).unwrap_err();
    let id = porter
        .break_glass(
            "John Smith, SSN 123-45-6789, collapsed in the hall",
            &[],
            None,
        )
        .unwrap();
    assert_eq!(porter.emergency().as_deref(), Some(&*id));
    porter.require(permission::READ_PHI).unwrap();
    porter.require("read_phi@clinic/ward-7").unwrap();
    porter.require(permission::WRITE_PHI).unwrap_err();
    let again = porter.break_glass("again", &[], None).unwrap_err();
    assert_eq!(again.kind(), Kind::InvalidArgument);
    let record = &hospital.records("break_glass")[0];
    let detail = &record["break_glass"];
    assert_eq!(detail["id"], *id);
    assert_eq!(detail["severity"], "HIGH");
    assert_eq!(detail["seconds"], 1800.0);
    assert!(
        !record.to_string().contains("6789")
            && detail["reason"].as_str().unwrap().contains("collapsed")
    );
    assert!(porter.end_emergency().unwrap());
    assert!(!porter.end_emergency().unwrap());
    porter.require(permission::READ_PHI).unwrap_err();
    assert_eq!(
        hospital.records("break_glass_end")[0]["break_glass_end"]["cause"],
        "closed"
    );
}

#[test]
fn an_emergency_ends_with_its_time_and_with_its_session() {
    let hospital = Hospital::new();
    let mut porter = hospital.session("kim", "porter");
    porter
        .break_glass("patient down", &[], Some(Duration::from_millis(200)))
        .unwrap();
    porter.require(permission::READ_PHI).unwrap();
    sleep(Duration::from_millis(250));
    porter.require(permission::READ_PHI).unwrap_err();
    assert_eq!(porter.emergency(), None);
    porter.break_glass("patient down again", &[], None).unwrap();
    porter.end();
    let ends: Vec<Value> = hospital
        .records("break_glass_end")
        .iter()
        .map(|record| record["break_glass_end"]["cause"].clone())
        .collect();
    assert_eq!(ends, ["time_limit", "closed"]);
    assert_eq!(
        porter.require(permission::READ_PHI).unwrap_err().kind(),
        Kind::Closed
    );
}

#[test]
fn not_everybody_may_break_the_glass_and_not_for_anything() {
    let hospital = Hospital::new();
    let mut physician = hospital.session("lee", "physician");
    let error = physician.break_glass("curious", &[], None).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let mut porter = hospital.session("kim", "porter");
    for (reason, limit) in [
        ("", None),
        ("  ", None),
        ("a\nb", None),
        (&*"x".repeat(501), None),
        ("fire", Some(Duration::ZERO)),
        ("fire", Some(Duration::from_secs(86_401))),
    ] {
        let error = porter.break_glass(reason, &[], limit).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgument);
    }
    let mut bare = Session::new(identity("kim", "porter")).unwrap();
    let error = bare.break_glass("fire", &[], None).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(hospital.records("break_glass").is_empty());
}

// Windows keeps the name of an open file.
#[cfg(not(windows))]
#[test]
fn without_a_record_there_is_no_emergency_access() {
    let hospital = Hospital::new();
    let mut porter = hospital.session("kim", "porter");
    // A log that cannot go on: its file is a directory now.
    let path = hospital.directory.path().join("audit.jsonl");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = porter.break_glass("fire", &[], None).unwrap_err();
    assert_eq!(error.kind(), Kind::Audit);
    assert_eq!(porter.emergency(), None);
}

#[test]
fn an_emergency_is_reviewed_once_and_by_somebody_else() {
    let hospital = Hospital::new();
    let mut porter = hospital.session("kim", "porter");
    let first = porter.break_glass("patient down", &[], None).unwrap();
    let mut officer = hospital.session("ada", "officer");
    let own = officer.break_glass("power cut", &[], None).unwrap();
    assert_eq!(officer.emergencies_to_review().unwrap().len(), 2);

    let error = officer.review_emergency(&own, true, "").unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let error = officer
        .review_emergency("btg_0000000000000000", true, "")
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    officer
        .review_emergency(&first, false, "no patient was there")
        .unwrap();
    let error = officer.review_emergency(&first, true, "").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "once");
    assert_eq!(officer.emergencies_to_review().unwrap().len(), 1);

    hospital.access.assign("bob", "officer").unwrap();
    let second = hospital.session("bob", "officer");
    second.review_emergency(&own, true, "").unwrap();
    assert!(second.emergencies_to_review().unwrap().is_empty());
    let review = &hospital.records("break_glass_review")[0];
    assert_eq!(review["user_id"], "ada");
    assert_eq!(review["break_glass_review"]["justified"], false);
    assert_eq!(review["break_glass_review"]["user_id"], "kim");
}

#[test]
fn whoever_does_not_show_again_who_is_there_does_nothing_more() {
    let hospital = Hospital::new();
    let (asked, knows) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(true)),
    );
    let (count, answer) = (Arc::clone(&asked), Arc::clone(&knows));
    let mut porter = Session::open(
        identity("kim", "porter"),
        SessionOptions {
            reauthenticate_after: Some(Duration::from_millis(200)),
            reauthenticate: Some(Arc::new(move |identity, _| {
                assert_eq!(identity.user, "kim");
                count.fetch_add(1, Ordering::SeqCst);
                answer.load(Ordering::SeqCst)
            })),
            ..hospital.options()
        },
    )
    .unwrap();
    porter.break_glass("patient down", &[], None).unwrap();
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "before the glass is broken"
    );
    porter.require(permission::READ_PHI).unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    sleep(Duration::from_millis(250));
    knows.store(false, Ordering::SeqCst);
    assert_eq!(
        porter.require(permission::READ_PHI).unwrap_err().kind(),
        Kind::Denied
    );
    knows.store(true, Ordering::SeqCst);
    porter.require(permission::READ_PHI).unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let statuses: Vec<Value> = hospital
        .records("session")
        .iter()
        .filter(|record| record["action"] == "session_reauthenticate")
        .map(|record| record["status"].clone())
        .collect();
    assert_eq!(statuses, ["success", "denied", "success"]);
}
