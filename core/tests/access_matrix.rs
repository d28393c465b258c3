//! No way around the table: every operation of the guard, the store, the log and a vault is put before every permission, in
//! every scope, wherever the table is attached.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::ops::ControlFlow;
use std::sync::Arc;

use cloister_core::access::{AccessControl, Identity, permission};
use cloister_core::audit::{AuditLog, AuditOptions, Durability, Event, Query, SigningKey, query};
use cloister_core::cipher::{Cipher, Key};
use cloister_core::engine::{
    Backend, Cancel, ChatOptions, Completion, FinishReason, Message, Usage,
};
use cloister_core::guard::{
    BoundVault, ConversationStore, Guard, SaveOptions, Session, SessionOptions, VaultUse,
};
use cloister_core::pii::Vault;
use cloister_core::subjects::SubjectKeys;
use cloister_core::{Kind, Result};
use serde_json::Value;
use tempfile::TempDir;

const PATIENT: &str = "clinic/ward-7/patient:17";
const PERMISSIONS: [&str; 8] = [
    permission::READ_PHI,
    permission::WRITE_PHI,
    permission::ERASE_PHI,
    permission::VIEW_AUDIT_LOGS,
    permission::WRITE_AUDIT_LOGS,
    permission::MANAGE_AUDIT_LOGS,
    permission::BREAK_GLASS,
    permission::REVIEW_BREAK_GLASS,
];
/// Where a role may have a permission, and whether that reaches the patient.
const SCOPES: [(&str, bool); 7] = [
    ("", true),
    ("@clinic/ward-7/patient:17", true),
    ("@clinic/ward-7", true),
    ("@clinic", true),
    ("@clinic/ward-7/patient:1", false),
    ("@clinic/ward-70", false),
    ("@clinic/ward-7/patient:17/knee", false),
];

/// Says the same to everybody.
struct Mute;

impl Backend for Mute {
    fn name(&self) -> String {
        "mute".to_owned()
    }

    fn chat(
        &self,
        _messages: &[Message],
        _options: &ChatOptions,
        _cancel: &Cancel,
        _on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Completion> {
        Ok(Completion {
            text: "Noted.".to_owned(),
            finish_reason: FinishReason::Stop,
            usage: Usage::default(),
            ..Completion::default()
        })
    }
}

/// Where the table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attached {
    Session,
    Other,
    Both,
}

/// Everything that can be operated, as it stands before the operation.
struct World {
    directory: TempDir,
    session: Session,
    guard: Guard,
    store: ConversationStore,
    log: Arc<AuditLog>,
    vault: BoundVault,
    cipher: Cipher,
    saved: String,
    denials: usize,
}

impl World {
    /// What was saved and filled before is there, whoever may see it now.
    fn new(table: &Arc<AccessControl>, attached: Attached) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::generate().unwrap();
        let subjects = Arc::new(SubjectKeys::open(directory.path().join("keys"), &key).unwrap());
        let of_session = (attached != Attached::Other).then(|| Arc::clone(table));
        let of_other = (attached != Attached::Session).then(|| Arc::clone(table));
        let options = AuditOptions {
            durability: Durability::Os,
            signing_key: Some(SigningKey::generate("hospital").unwrap()),
            access: of_other.clone(),
            ..AuditOptions::default()
        };
        let log = AuditLog::open(directory.path().join("audit.jsonl"), options).unwrap();
        let log = Arc::new(log);

        let folder = directory.path().join("store");
        let store = ConversationStore::open(&folder, Arc::clone(&subjects), None).unwrap();
        let saved = store
            .save(&mut about_patient(), &SaveOptions::default())
            .unwrap();
        let mut store = ConversationStore::open(&folder, subjects, Some(Arc::clone(&log))).unwrap();
        let mut guard = Guard::builder(Arc::new(Mute)).audit(Arc::clone(&log));
        if let Some(table) = of_other {
            store = store.with_access(Arc::clone(&table));
            guard = guard.access(table);
        }
        let options = SessionOptions {
            access: of_session,
            audit: Some(Arc::clone(&log)),
            ..SessionOptions::default()
        };
        let mut session = Session::open(identity(), options).unwrap();
        session.set_subject(PATIENT).unwrap();
        Self {
            directory,
            session,
            guard: guard.build().unwrap(),
            store,
            log,
            vault: BoundVault::new(Vault::new()),
            cipher: Cipher::new(key),
            saved,
            denials: 0,
        }
    }

    fn refused(&self) -> Vec<Value> {
        let refused = Query {
            event_type: Some("security_violation".to_owned()),
            ..Query::default()
        };
        query(self.directory.path().join("audit.jsonl"), &refused).unwrap()
    }
}

fn identity() -> Identity {
    Identity {
        user: "lee".to_owned(),
        role: "worker".to_owned(),
    }
}

fn about_patient() -> Session {
    let mut session = Session::new(identity()).unwrap();
    session.set_subject(PATIENT).unwrap();
    session
}

fn table_with(permissions: &[&str]) -> Arc<AccessControl> {
    let table = AccessControl::new();
    table.add_role("worker", permissions).unwrap();
    Arc::new(table)
}

struct Operation {
    name: &'static str,
    needs: &'static str,
    /// About one patient, or about everything.
    scoped: bool,
    /// Who asks beside the session; nothing where only the session can.
    others: bool,
    run: fn(&mut World) -> Result<()>,
}

const fn operation(
    name: &'static str,
    needs: &'static str,
    (scoped, others): (bool, bool),
    run: fn(&mut World) -> Result<()>,
) -> Operation {
    Operation {
        name,
        needs,
        scoped,
        others,
        run,
    }
}

const PERSON: (bool, bool) = (true, true);
const OWN: (bool, bool) = (true, false);
const LOG: (bool, bool) = (false, true);
const EMERGENCY: (bool, bool) = (false, false);

const OPERATIONS: [Operation; 19] = [
    operation("chat", permission::READ_PHI, PERSON, |it| {
        let (options, cancel) = (ChatOptions::default(), Cancel::new());
        let quiet = &mut |_: &str| ControlFlow::Continue(());
        it.guard
            .chat(&mut it.session, "Hello", &options, &cancel, quiet)
            .map(drop)
    }),
    operation("preview", permission::READ_PHI, PERSON, |it| {
        it.guard.preview(&mut it.session, "Hello").map(drop)
    }),
    operation("restore", permission::READ_PHI, OWN, |it| {
        it.session.restore("[NAME_1]").map(drop)
    }),
    operation("vault", permission::READ_PHI, OWN, |it| {
        it.session.vault().map(drop)
    }),
    operation("set_vault", permission::READ_PHI, OWN, |it| {
        it.session.set_vault(Vault::new())
    }),
    operation("bind", permission::READ_PHI, OWN, |it| {
        it.vault.bind(&it.session)
    }),
    operation("load", permission::READ_PHI, PERSON, |it| {
        it.store.load(&mut it.session, PATIENT, &it.saved)
    }),
    operation("list", permission::READ_PHI, PERSON, |it| {
        it.store.list(&it.session, PATIENT).map(drop)
    }),
    operation("save", permission::WRITE_PHI, PERSON, |it| {
        it.store
            .save(&mut it.session, &SaveOptions::default())
            .map(drop)
    }),
    operation("delete", permission::ERASE_PHI, PERSON, |it| {
        it.store.delete(&it.session, PATIENT, &it.saved).map(drop)
    }),
    operation("erase_subject", permission::ERASE_PHI, PERSON, |it| {
        it.store.erase_subject(&it.session, PATIENT).map(drop)
    }),
    operation("record", permission::WRITE_AUDIT_LOGS, LOG, |it| {
        it.session.record(&it.log, Event::default()).map(drop)
    }),
    operation("query_log", permission::VIEW_AUDIT_LOGS, PERSON, |it| {
        it.session.query_log(&it.log, &Query::default()).map(drop)
    }),
    operation("verify_log", permission::VIEW_AUDIT_LOGS, LOG, |it| {
        it.session.verify_log(&it.log).map(drop)
    }),
    operation("checkpoint_log", permission::MANAGE_AUDIT_LOGS, LOG, |it| {
        it.session.checkpoint_log(&it.log).map(drop)
    }),
    operation("hold_log", permission::MANAGE_AUDIT_LOGS, LOG, |it| {
        it.session.hold_log(&it.log, true, "case 7").map(drop)
    }),
    operation("break_glass", permission::BREAK_GLASS, EMERGENCY, |it| {
        it.session.break_glass("patient down", &[], None).map(drop)
    }),
    operation(
        "emergencies_to_review",
        permission::REVIEW_BREAK_GLASS,
        EMERGENCY,
        |it| it.session.emergencies_to_review().map(drop),
    ),
    operation(
        "review_emergency",
        permission::REVIEW_BREAK_GLASS,
        EMERGENCY,
        |it| match it
            .session
            .review_emergency("btg_0000000000000000", true, "")
        {
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            other => other.map(drop),
        },
    ),
];

#[test]
fn every_operation_asks_for_its_permission_in_its_scope_wherever_the_table_is() {
    let (mut allowed, mut denied) = (0, 0);
    for operation in &OPERATIONS {
        for attached in [Attached::Session, Attached::Other, Attached::Both] {
            if attached == Attached::Other && !operation.others {
                continue;
            }
            let table = table_with(&[]);
            let mut world = World::new(&table, attached);
            for given in PERMISSIONS {
                for (scope, reaches) in SCOPES {
                    let granted = format!("{given}{scope}");
                    table.add_role("worker", &[&granted]).unwrap();
                    let outcome = (operation.run)(&mut world);
                    let expected = given == operation.needs
                        && (scope.is_empty() || (operation.scoped && reaches));
                    let what = format!("{} with {granted}, {attached:?}", operation.name);
                    if expected {
                        outcome.map_err(|error| format!("{what}: {error}")).unwrap();
                        allowed += 1;
                        world = World::new(&table, attached);
                        continue;
                    }
                    let error = outcome.map(|()| format!("{what} was allowed")).unwrap_err();
                    assert_eq!(error.kind(), Kind::Denied, "{what}: {error}");
                    assert!(!error.message().contains("patient"), "{what}: {error}");
                    denied += 1;
                    world.denials += 1;
                    let refused = world.refused();
                    assert_eq!(refused.len(), world.denials, "{what}");
                    let newest = refused.last().unwrap();
                    let details = &newest["violation"]["details"];
                    assert_eq!(details["permission"], operation.needs, "{what}");
                    let subject = newest.get("subject_id").and_then(|it| it.as_str());
                    assert_eq!(subject, operation.scoped.then_some(PATIENT), "{what}");
                }
            }
        }
    }
    assert!(allowed > 100 && denied > 2000, "{allowed} {denied}");
}

/// The records about a patient, in the eyes of everybody who might want to see them.
#[test]
fn whoever_may_see_the_records_about_one_person_sees_those_alone() {
    for pseudonymous in [false, true] {
        let table = table_with(&[permission::READ_PHI]);
        let world = World::new(&table, Attached::Other);
        let path = world.directory.path().join("persons.jsonl");
        let key = Key::generate().unwrap();
        let subjects = SubjectKeys::open(world.directory.path().join("persons"), &key).unwrap();
        let options = AuditOptions {
            durability: Durability::Os,
            access: Some(Arc::clone(&table)),
            subjects: pseudonymous.then(|| Arc::new(subjects)),
            ..AuditOptions::default()
        };
        let log = Arc::new(AuditLog::open(&path, options).unwrap());
        let guard = Guard::builder(Arc::new(Mute)).access(Arc::clone(&table));
        let guard = guard.audit(Arc::clone(&log)).build().unwrap();
        let about = |subject: Option<&str>| {
            let mut session = Session::new(identity()).unwrap();
            if let Some(it) = subject {
                session.set_subject(it).unwrap();
            }
            session
        };
        for subject in [Some(PATIENT), Some("clinic/ward-7/patient:1"), None] {
            let (options, cancel) = (ChatOptions::default(), Cancel::new());
            let quiet = &mut |_: &str| ControlFlow::Continue(());
            let mut session = about(subject);
            guard
                .chat(&mut session, "Hello", &options, &cancel, quiet)
                .unwrap();
        }

        let seen = |permission: &str, subject, query: &Query| {
            table.add_role("worker", &[permission]).unwrap();
            about(subject).query_log(&log, query)
        };
        let all = seen("view_audit_logs", Some(PATIENT), &Query::default()).unwrap();
        assert_eq!(all.len(), 6);
        for scope in [PATIENT, "clinic/ward-7", "clinic"] {
            let permission = format!("view_audit_logs@{scope}");
            let answers = Query {
                event_type: Some("llm_response".to_owned()),
                ..Query::default()
            };
            let own = seen(&permission, Some(PATIENT), &answers).unwrap();
            assert_eq!(own.len(), 1, "{scope}");
            assert_eq!(own[0]["subject_id"], all[0]["subject_id"]);
            // A condition of the caller's cannot widen what is seen.
            let others = Query {
                filters: vec![("subject_id__ne".to_owned(), "nobody".into())],
                ..Query::default()
            };
            for query in [Query::default(), others] {
                let found = seen(&permission, Some(PATIENT), &query).unwrap();
                assert!(found.len() >= 2);
                let strangers = found
                    .iter()
                    .filter(|record| record["subject_id"] != all[0]["subject_id"]);
                assert_eq!(strangers.count(), 0, "{scope}");
            }
            for subject in [Some("elsewhere/patient:17"), Some("John Doe"), None] {
                let error = seen(&permission, subject, &Query::default()).unwrap_err();
                assert_eq!(error.kind(), Kind::Denied, "{scope} {subject:?}");
            }
            let error = about(Some(PATIENT)).verify_log(&log).map(drop).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied);
        }
        // Who looked at the records about a patient is one of them.
        let looked = Query {
            event_type: Some("audit_access".to_owned()),
            ..Query::default()
        };
        let looked = seen("view_audit_logs@clinic", Some(PATIENT), &looked).unwrap();
        assert_eq!(looked.len(), 9);
        let named = std::fs::read_to_string(&path).unwrap().contains("patient:");
        assert_eq!(named, !pseudonymous);
    }
}

#[test]
fn an_id_that_is_no_scope_is_reached_by_a_permission_that_holds_everywhere_alone() {
    for (given, reaches) in [
        ("read_phi", true),
        ("read_phi@John", false),
        ("read_phi@a", false),
    ] {
        for subject in ["John Doe", "a//b", "", "a/", "é", "a@b"] {
            let mut world = World::new(&table_with(&[given]), Attached::Both);
            world.session.set_subject(subject).unwrap();
            let outcome = world.session.restore("x");
            assert_eq!(outcome.is_ok(), reaches, "{given} {subject}");
        }
    }
}

#[test]
fn a_session_without_a_table_belongs_to_the_guard_that_has_one() {
    let table = table_with(&["read_phi"]);
    let mut world = World::new(&table, Attached::Other);
    world.guard.preview(&mut world.session, "Hello").unwrap();
    world.session.restore("x").unwrap();
    table.add_role("worker", &[]).unwrap();
    assert_eq!(world.session.restore("x").unwrap_err().kind(), Kind::Denied);
    assert_eq!(
        world.session.vault().map(drop).unwrap_err().kind(),
        Kind::Denied
    );
}

#[test]
fn a_table_of_the_sessions_own_making_opens_nothing_that_has_one() {
    let world = World::new(&table_with(&[]), Attached::Other);
    let own = table_with(&PERMISSIONS);
    let options = SessionOptions {
        access: Some(own),
        audit: Some(Arc::clone(&world.log)),
        ..SessionOptions::default()
    };
    let mut king = Session::open(identity(), options).unwrap();
    king.break_glass("mine", &PERMISSIONS, None).unwrap();
    for error in [
        world.store.list(&king, PATIENT).unwrap_err(),
        world.guard.preview(&mut king, "Hello").unwrap_err(),
        king.query_log(&world.log, &Query::default()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Denied);
    }
}

#[test]
fn what_was_said_about_one_person_is_not_carried_to_another() {
    let table = table_with(&["read_phi@patient:1", "read_phi@patient:2"]);
    let mut world = World::new(&table, Attached::Session);
    world.session.set_subject("patient:1").unwrap();
    world
        .session
        .vault()
        .unwrap()
        .placeholder("NAME", "John Doe")
        .unwrap();
    table.add_role("worker", &["read_phi@patient:2"]).unwrap();
    let error = world.session.set_subject("patient:2").unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    world.session.clear();
    world.session.set_subject("patient:2").unwrap();
    assert_eq!(world.session.restore("[NAME_1]").unwrap(), "[NAME_1]");
}

#[test]
fn a_bound_vault_asks_its_session_each_time_and_ends_with_it() {
    let table = table_with(&["read_phi", "write_phi"]);
    let mut world = World::new(&table, Attached::Session);
    let name = |vault: &BoundVault| vault.lock(VaultUse::Read)?.placeholder("NAME", "John Doe");
    assert_eq!(
        name(&world.vault).unwrap(),
        "[NAME_1]",
        "nobody is asked yet"
    );
    world.vault.bind(&world.session).unwrap();
    assert_eq!(
        world.vault.bind(&world.session).unwrap_err().kind(),
        Kind::InvalidArgument
    );
    world
        .vault
        .lock(VaultUse::Store)
        .unwrap()
        .export(&world.cipher, b"")
        .unwrap();
    for (permissions, read, store) in [
        (&["read_phi@clinic"][..], true, false),
        (&["write_phi@clinic"], false, true),
        (&["read_phi@ward-8", "write_phi@ward-8"], false, false),
        (&["read_phi", "write_phi"], true, true),
    ] {
        table.add_role("worker", permissions).unwrap();
        let kind = |wanted| {
            world
                .vault
                .try_lock(wanted)
                .map(drop)
                .map_err(|error| error.kind())
        };
        assert_eq!(
            kind(VaultUse::Read),
            read.then_some(()).ok_or(Kind::Denied),
            "{permissions:?}"
        );
        assert_eq!(
            kind(VaultUse::Store),
            store.then_some(()).ok_or(Kind::Denied),
            "{permissions:?}"
        );
        assert_eq!(kind(VaultUse::Count), Ok(()));
    }
    let in_use = world.session.vault().unwrap();
    assert_eq!(
        world
            .vault
            .lock(VaultUse::Read)
            .map(drop)
            .unwrap_err()
            .kind(),
        Kind::Busy
    );
    drop(in_use);
    world.session.end();
    assert_eq!(name(&world.vault).unwrap_err().kind(), Kind::Closed);
    assert_eq!(
        world.vault.lock(VaultUse::Count).unwrap().len(),
        0,
        "it is wiped"
    );
    drop(world.session);
    assert_eq!(name(&world.vault).unwrap_err().kind(), Kind::Closed);
}
