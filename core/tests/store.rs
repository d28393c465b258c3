//! Conversations that are saved when somebody says so, found again, and erased for ever.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloister_core::access::{AccessControl, Identity, permission};
use cloister_core::audit::{
    AuditLog, AuditOptions, Durability, Event, Query, SigningKey, check_proof, prove, query, verify,
};
use cloister_core::cipher::Key;
use cloister_core::guard::{ConversationStore, SaveOptions, Session, SessionOptions};
use cloister_core::pii::Vault;
use cloister_core::subjects::SubjectKeys;
use cloister_core::{Classification, Kind};
use serde_json::{Value, json};
use sha2::Digest as _;
use tempfile::TempDir;

const PATIENT: &str = "John Doe";

struct House {
    directory: TempDir,
    key: Key,
    subjects: Arc<SubjectKeys>,
    log: Arc<AuditLog>,
    store: ConversationStore,
}

impl House {
    fn new() -> Self {
        Self::with(|options, _| options)
    }

    fn with(options: impl FnOnce(AuditOptions, &Arc<SubjectKeys>) -> AuditOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::generate().unwrap();
        let subjects = Arc::new(SubjectKeys::open(directory.path().join("keys"), &key).unwrap());
        let plain = AuditOptions {
            durability: Durability::Os,
            ..AuditOptions::default()
        };
        let path = directory.path().join("audit.jsonl");
        let log = Arc::new(AuditLog::open(path, options(plain, &subjects)).unwrap());
        let store = ConversationStore::open(
            directory.path().join("store"),
            Arc::clone(&subjects),
            Some(Arc::clone(&log)),
        )
        .unwrap();
        Self {
            directory,
            key,
            subjects,
            log,
            store,
        }
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join("audit.jsonl")
    }

    fn records(&self, event_type: &str) -> Vec<Value> {
        let wanted = Query {
            event_type: Some(event_type.to_owned()),
            ..Query::default()
        };
        query(self.log_path(), &wanted).unwrap()
    }

    /// Every file below the store and the keys.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![
            self.directory.path().join("store"),
            self.directory.path().join("keys"),
        ];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    fn conversation_files(&self) -> Vec<PathBuf> {
        let is_conversation =
            |path: &PathBuf| path.extension().is_some_and(|it| it == "conversation");
        self.files().into_iter().filter(is_conversation).collect()
    }
}

fn identity(user: &str, role: &str) -> Identity {
    Identity {
        user: user.to_owned(),
        role: role.to_owned(),
    }
}

fn session_about(subject: &str) -> Session {
    let mut session = Session::new(identity("lee", "physician")).unwrap();
    session.set_subject(subject).unwrap();
    let mut vault = Vault::new();
    vault.placeholder("NAME", PATIENT).unwrap();
    session.set_vault(vault).unwrap();
    session
}

fn save(house: &House, session: &mut Session) -> String {
    house.store.save(session, &SaveOptions::default()).unwrap()
}

#[test]
fn nothing_is_written_before_somebody_says_so() {
    let house = House::new();
    drop(session_about("patient-7"));
    assert!(house.conversation_files().is_empty());
}

#[test]
fn a_saved_conversation_goes_on_in_another_session() {
    let house = House::new();
    let mut session = session_about("patient-7");
    let options = SaveOptions {
        classification: Classification::Internal,
        title: "about the knee".to_owned(),
    };
    let id = house.store.save(&mut session, &options).unwrap();
    drop(session);

    let mut other = Session::new(identity("kim", "nurse")).unwrap();
    let listed = house.store.list(&other, "patient-7").unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&*listed[0].id, &*listed[0].title),
        (&*id, "about the knee")
    );
    assert_eq!((&*listed[0].user, listed[0].turns), ("lee", 0));
    assert_eq!(listed[0].expires - listed[0].saved, 180 * 86_400);
    house.store.load(&mut other, "patient-7", &id).unwrap();
    assert_eq!(other.restore("[NAME_1]").unwrap(), PATIENT);
    assert_eq!(save(&house, &mut other), id, "it stays one conversation");
    assert_eq!(house.conversation_files().len(), 1);
    let actions: Vec<Value> = house
        .records("conversation")
        .iter()
        .map(|record| record["action"].clone())
        .collect();
    assert_eq!(
        actions,
        [
            "conversation_save",
            "conversation_list",
            "conversation_load",
            "conversation_save"
        ]
    );
}

#[test]
fn neither_names_nor_contents_stand_on_the_disk_in_the_clear() {
    let house = House::new();
    let mut session = session_about("patient-7");
    let options = SaveOptions {
        title: "about the knee".to_owned(),
        ..SaveOptions::default()
    };
    house.store.save(&mut session, &options).unwrap();
    for path in house.files() {
        let name = path.strip_prefix(house.directory.path()).unwrap();
        let bytes = fs::read(&path).unwrap();
        for secret in ["patient-7", "lee", PATIENT, "knee"] {
            assert!(!name.to_str().unwrap().contains(secret));
            let found = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!found, "{secret} in {}", name.display());
        }
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_was_altered_cut_or_moved_is_not_read() {
    let house = House::new();
    let ids = ["patient-7", "patient-7", "patient-8"].map(|subject| {
        let mut session = session_about(subject);
        save(&house, &mut session)
    });
    let mut session = Session::new(identity("lee", "physician")).unwrap();
    let of = |id: &str| -> PathBuf {
        let files = house.conversation_files();
        files
            .into_iter()
            .find(|path| path.to_str().unwrap().contains(id))
            .unwrap()
    };
    let whole = fs::read(of(&ids[0])).unwrap();
    let mut refused = 0;
    for bit in 0..whole.len() * 8 {
        let mut altered = whole.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        fs::write(of(&ids[0]), &altered).unwrap();
        assert!(
            house
                .store
                .load(&mut session, "patient-7", &ids[0])
                .is_err(),
            "bit {bit}"
        );
        refused += 1;
    }
    for length in 0..whole.len() {
        fs::write(of(&ids[0]), &whole[..length]).unwrap();
        assert!(
            house
                .store
                .load(&mut session, "patient-7", &ids[0])
                .is_err(),
            "{length} bytes"
        );
        refused += 1;
    }
    assert_eq!(refused, whole.len() * 9);
    // One conversation in the place of another, of the same person and of another one.
    for other in [&ids[1], &ids[2]] {
        fs::write(of(other), &whole).unwrap();
    }
    fs::write(of(&ids[0]), &whole).unwrap();
    house
        .store
        .load(&mut session, "patient-7", &ids[0])
        .unwrap();
    let error = house
        .store
        .load(&mut session, "patient-7", &ids[1])
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decrypt);
    let error = house
        .store
        .load(&mut session, "patient-8", &ids[2])
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decrypt);
}

#[test]
fn ids_that_name_other_files_find_nothing() {
    let house = House::new();
    let mut session = session_about("patient-7");
    save(&house, &mut session);
    for id in [
        "",
        "..",
        "../../keys/master",
        "cnv_",
        "cnv_zzzzzzzzzzzzzzzz",
        "cnv_0000000000000000",
    ] {
        let error = house.store.load(&mut session, "patient-7", id).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{id}");
        let error = house.store.delete(&session, "patient-7", id).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{id}");
    }
}

#[test]
fn what_is_deleted_is_gone_and_the_log_proves_it() {
    let signing = SigningKey::generate("hospital").unwrap();
    let public = signing.public_key();
    let house = House::with(|options, _| AuditOptions {
        signing_key: Some(signing),
        ..options
    });
    let mut session = session_about("patient-7");
    let id = save(&house, &mut session);
    let kept = fs::read(&house.conversation_files()[0]).unwrap();
    let erasure = house.store.delete(&session, "patient-7", &id).unwrap();
    assert!(house.conversation_files().is_empty());
    assert_eq!(erasure.conversations, std::slice::from_ref(&id));
    assert!(!erasure.key_destroyed);
    let error = house
        .store
        .load(&mut session, "patient-7", &id)
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);

    house.log.checkpoint().unwrap();
    let records = house.records("erasure");
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["action"], "erasure_begin");
    assert_eq!(records[1]["event_id"], *erasure.event_id);
    assert_eq!(records[1]["erasure"]["sha256"][0], *erasure.sha256[0]);
    let digest = base16ct::lower::encode_string(&sha2::Sha256::digest(&kept));
    assert_eq!(
        erasure.sha256[0], digest,
        "whoever kept a copy can show that it was this one"
    );
    let seq = records[1]["chain"]["seq"].as_u64().unwrap();
    let proof = prove(house.log_path(), seq, &public).unwrap();
    assert!(check_proof(&proof.record, &proof.proof, &public));
}

#[test]
fn erasing_a_person_destroys_the_key_and_the_log_still_verifies() {
    let house = House::with(|options, subjects| AuditOptions {
        subjects: Some(Arc::clone(subjects)),
        ..options
    });
    let mut session = session_about("patient-7");
    let id = save(&house, &mut session);
    let mut other = session_about("patient-8");
    save(&house, &mut other);
    let visit = |user: &str, patient: &str| {
        let data = json!({"patient_id": patient});
        house
            .log
            .record(&Event {
                event_type: "visit".to_owned(),
                user_id: user.to_owned(),
                data: data.as_object().unwrap().clone(),
                ..Event::default()
            })
            .unwrap();
    };
    visit("lee", "patient-7");
    visit("lee", "patient-8");
    let seen = |patient: &str| {
        let wanted = Query {
            event_type: Some("visit".to_owned()),
            user_id: Some("lee".to_owned()),
            filters: vec![("patient_id".to_owned(), patient.into())],
            ..Query::default()
        };
        house.log.query(&wanted).unwrap().len()
    };
    assert_eq!(
        (seen("patient-7"), seen("patient-8"), seen("patient-9")),
        (1, 1, 0)
    );
    let text = fs::read_to_string(house.log_path()).unwrap();
    assert!(!text.contains("patient-7") && !text.contains("\"lee\""));

    let backup = fs::read(&house.conversation_files()[0]).unwrap();
    let before = house.subjects.pseudonym("patient-7").unwrap();
    let erasure = house.store.erase_subject(&session, "patient-7").unwrap();
    assert!(erasure.key_destroyed);
    assert_eq!(erasure.conversations, std::slice::from_ref(&id));
    assert_eq!((seen("patient-7"), seen("patient-8")), (0, 1));
    assert_eq!(house.subjects.find("patient-7").unwrap(), None);
    assert_ne!(
        house.subjects.pseudonym("patient-7").unwrap(),
        before,
        "a new one has no past"
    );
    // Not even a copy of the file helps.
    let tag = fs::read_dir(house.directory.path().join("keys"))
        .unwrap()
        .count();
    assert!(tag > 1);
    for entry in fs::read_dir(house.directory.path().join("store")).unwrap() {
        fs::write(
            entry.unwrap().path().join(format!("{id}.conversation")),
            &backup,
        )
        .unwrap();
    }
    assert!(house.store.load(&mut session, "patient-7", &id).is_err());
    assert!(verify(house.log_path(), None).unwrap().is_intact());
    let error = house.store.erase_subject(&session, "nobody").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn a_legal_hold_keeps_everything() {
    let house = House::new();
    let mut session = session_about("patient-7");
    let id = save(&house, &mut session);
    house.log.legal_hold(true, "case 7").unwrap();
    for error in [
        house.store.delete(&session, "patient-7", &id).unwrap_err(),
        house
            .store
            .erase_subject(&session, "patient-7")
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Denied);
    }
    house.store.load(&mut session, "patient-7", &id).unwrap();
    house.log.legal_hold(false, "case closed").unwrap();
    house.store.delete(&session, "patient-7", &id).unwrap();
}

#[test]
fn every_use_asks_for_its_permission() {
    let house = House::new();
    let access = Arc::new(AccessControl::new());
    for (role, permissions) in [
        ("reader", &[permission::READ_PHI][..]),
        ("writer", &[permission::READ_PHI, permission::WRITE_PHI]),
        ("eraser", &[permission::ERASE_PHI]),
    ] {
        access.add_role(role, permissions).unwrap();
    }
    let session = |role: &str| {
        let options = SessionOptions {
            access: Some(Arc::clone(&access)),
            ..SessionOptions::default()
        };
        let mut session = Session::open(identity("lee", role), options).unwrap();
        session.set_subject("patient-7").unwrap();
        session
    };
    let (mut reader, mut writer, mut eraser) =
        (session("reader"), session("writer"), session("eraser"));
    let id = save(&house, &mut writer);
    for denied in [
        house
            .store
            .save(&mut reader, &SaveOptions::default())
            .unwrap_err(),
        house
            .store
            .save(&mut eraser, &SaveOptions::default())
            .unwrap_err(),
        house.store.load(&mut eraser, "patient-7", &id).unwrap_err(),
        house.store.list(&eraser, "patient-7").unwrap_err(),
        house.store.delete(&writer, "patient-7", &id).unwrap_err(),
        house.store.erase_subject(&reader, "patient-7").unwrap_err(),
    ] {
        assert_eq!(denied.kind(), Kind::Denied);
    }
    house.store.load(&mut reader, "patient-7", &id).unwrap();
    house.store.delete(&eraser, "patient-7", &id).unwrap();
}

#[test]
fn without_a_record_nothing_is_saved_shown_or_erased() {
    let house = House::new();
    let mut session = session_about("patient-7");
    let id = save(&house, &mut session);
    fs::remove_file(house.log_path()).unwrap();
    fs::create_dir(house.log_path()).unwrap();
    for error in [
        house
            .store
            .save(&mut session, &SaveOptions::default())
            .unwrap_err(),
        house
            .store
            .load(&mut session, "patient-7", &id)
            .unwrap_err(),
        house.store.list(&session, "patient-7").unwrap_err(),
        house.store.delete(&session, "patient-7", &id).unwrap_err(),
        house
            .store
            .erase_subject(&session, "patient-7")
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Audit);
    }
    assert_eq!(house.conversation_files().len(), 1);
    assert!(house.subjects.find("patient-7").unwrap().is_some());
}

#[test]
fn keys_of_persons_open_with_their_master_key_alone() {
    let house = House::new();
    let keys: &Path = &house.directory.path().join("keys");
    let pseudonym = house.subjects.pseudonym("patient-7").unwrap();
    let error = SubjectKeys::open(keys, &Key::generate().unwrap()).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidKey);
    let again = SubjectKeys::open(keys, &house.key).unwrap();
    assert_eq!(again.pseudonym("patient-7").unwrap(), pseudonym);
    assert_ne!(again.pseudonym("patient-8").unwrap(), pseudonym);
    assert!(pseudonym.starts_with("psn_") && pseudonym.len() == 28);
    // What one handle destroys, no other one still has.
    assert!(again.destroy("patient-7").unwrap());
    assert!(!again.destroy("patient-7").unwrap());
    assert_eq!(house.subjects.find("patient-7").unwrap(), None);
    assert_eq!(
        house.subjects.pseudonym("").unwrap_err().kind(),
        Kind::InvalidArgument
    );
}

#[test]
fn threads_that_meet_a_person_at_once_get_one_key() {
    let house = House::new();
    for round in 0..20 {
        let subject = format!("patient-{round}");
        let pseudonyms: Vec<String> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| house.subjects.pseudonym(&subject).unwrap()))
                .collect();
            handles.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(pseudonyms.iter().all(|it| *it == pseudonyms[0]));
    }
}

/// Who saw, kept and erased the conversations of a person must be found by asking for that person.
#[test]
fn every_record_about_a_conversation_says_whose_it_is() {
    for (subject, pseudonymous) in [
        ("patient:17", false),
        ("patient:17", true),
        (PATIENT, false),
        (PATIENT, true),
    ] {
        let house = House::with(|options, subjects| AuditOptions {
            subjects: pseudonymous.then(|| Arc::clone(subjects)),
            ..options
        });
        let mut session = session_about(subject);
        let first = save(&house, &mut session);
        let mut other = Session::new(identity("lee", "clinician")).unwrap();
        house.store.list(&other, subject).unwrap();
        house.store.load(&mut other, subject, &first).unwrap();
        let mut third = session_about(subject);
        save(&house, &mut third);
        let pseudonym = house.subjects.find(subject).unwrap().unwrap();
        let asked = |house: &House, wanted: &str| {
            let query = Query {
                filters: vec![("subject_id".to_owned(), wanted.into())],
                ..Query::default()
            };
            let found = house.log.query(&query).unwrap();
            let actions = found
                .iter()
                .map(|it| it["action"].as_str().unwrap().to_owned());
            actions.collect::<Vec<_>>()
        };
        let before = [
            "conversation_save",
            "conversation_list",
            "conversation_load",
            "conversation_save",
        ];
        let in_clear = !pseudonymous && subject != PATIENT;
        // The log takes ids where it keeps pseudonyms; a name stands in no log.
        let wanted = if in_clear || pseudonymous {
            subject
        } else {
            &pseudonym
        };
        assert_eq!(asked(&house, wanted), before, "{subject} {pseudonymous}");

        house.store.delete(&other, subject, &first).unwrap();
        house.store.erase_subject(&other, subject).unwrap();
        let all = [
            before.as_slice(),
            &[
                "erasure_begin",
                "erasure_end",
                "erasure_begin",
                "erasure_end",
            ],
        ]
        .concat();
        let shown = if in_clear { subject } else { &pseudonym };
        let query = Query {
            filters: vec![("subject_id".to_owned(), shown.into())],
            ..Query::default()
        };
        let found = query_file(&house, &query);
        assert_eq!(found, all, "{subject} {pseudonymous}");
        let text = fs::read_to_string(house.log_path()).unwrap();
        assert_eq!(text.contains(subject), in_clear, "{subject} {pseudonymous}");
        assert!(
            house.subjects.find(subject).unwrap().is_none(),
            "the key is gone"
        );
        assert!(house.log.verify().unwrap().is_intact());
    }
}

fn query_file(house: &House, wanted: &Query) -> Vec<String> {
    let found = query(house.log_path(), wanted).unwrap();
    let actions = found
        .iter()
        .map(|it| it["action"].as_str().unwrap().to_owned());
    actions.collect()
}
