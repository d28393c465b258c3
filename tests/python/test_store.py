"""Conversations that are saved when somebody says so, found again, and erased for ever; and logs without names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cloister


@pytest.fixture
def subjects(tmp_path: Path) -> cloister.SubjectKeys:
    return cloister.SubjectKeys(tmp_path / "keys", cloister.Key("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4"))


@pytest.fixture
def log(tmp_path: Path, subjects: cloister.SubjectKeys) -> cloister.AuditLog:
    return cloister.AuditLog(tmp_path / "audit.jsonl", durability="os", subjects=subjects)


@pytest.fixture
def store(tmp_path: Path, subjects: cloister.SubjectKeys, log: cloister.AuditLog) -> cloister.ConversationStore:
    return cloister.ConversationStore(tmp_path / "store", subjects, audit=log)


def test_a_saved_conversation_goes_on_in_another_session(
    store: cloister.ConversationStore, log: cloister.AuditLog
) -> None:
    session = cloister.Session("lee")
    session.set_subject("patient-7")
    id = store.save(session, title="about the knee", classification="INTERNAL")
    assert store.save(session, title="about the knee", classification="INTERNAL") == id
    other = cloister.Session("kim")
    (saved,) = store.list(other, "patient-7")
    found = log.query(filters={"subject_id": "patient-7"})
    assert [record["action"] for record in found] == ["conversation_save", "conversation_save", "conversation_list"]
    assert all(record["subject_id"].startswith("psn_") for record in found)
    assert (saved["id"], saved["title"], saved["user"]) == (id, "about the knee", "lee")
    assert saved["expires"] - saved["saved"] == 180 * 86_400
    store.load(other, "patient-7", id)
    with pytest.raises(cloister.NotFoundError):
        store.load(other, "patient-8", id)


def test_erasing_a_person_leaves_a_log_that_verifies_and_names_nobody(
    store: cloister.ConversationStore, subjects: cloister.SubjectKeys, log: cloister.AuditLog, tmp_path: Path
) -> None:
    session = cloister.Session("lee")
    session.set_subject("patient-7")
    first = store.save(session)
    log.record("visit", "lee", data={"patient_id": "patient-7"})
    erasure = store.delete(session, "patient-7", first)
    assert erasure["conversations"] == [first] and erasure["event_id"].startswith("evt_")
    assert len(log.query(event_type="visit", filters={"patient_id": "patient-7"})) == 1
    pseudonym = subjects.find("patient-7")
    assert pseudonym is not None
    assert store.erase_subject(session, "patient-7")["key_destroyed"]
    assert subjects.find("patient-7") is None
    assert log.query(event_type="visit", filters={"patient_id": "patient-7"}) == []
    assert len(log.query(event_type="visit", user_id="lee")) == 1
    assert log.verify()
    assert "patient-7" not in (tmp_path / "audit.jsonl").read_text()
    assert subjects.pseudonym("patient-7") != pseudonym
    assert store.expire() == 0


def test_another_master_key_opens_nothing(tmp_path: Path, subjects: cloister.SubjectKeys) -> None:
    subjects.pseudonym("patient-7")
    with pytest.raises(cloister.InvalidKeyError):
        cloister.SubjectKeys(tmp_path / "keys", cloister.Key.generate())


def run(directory: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cloister", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        env=os.environ | variables,
    )


def test_the_command_lists_deletes_and_erases(tmp_path: Path) -> None:
    assert run(tmp_path, "keygen", "-o", "master.key").returncode == 0
    key = cloister.Key.from_file(tmp_path / "master.key")
    (tmp_path / "house").mkdir()
    subjects = cloister.SubjectKeys(tmp_path / "house" / "keys", key)
    store = cloister.ConversationStore(tmp_path / "house" / "conversations", subjects)
    session = cloister.Session("lee")
    session.set_subject("patient-7")
    ids = [store.save(session, title="about the knee")]
    other = cloister.Session("lee")
    other.set_subject("patient-7")
    ids.append(store.save(other))

    keyed = ("--store-key", "master.key", "--log", "audit.jsonl")
    listed = run(tmp_path, "conversations", "list", "house", "patient-7", *keyed, "--json")
    assert sorted(saved["id"] for saved in json.loads(listed.stdout)) == sorted(ids)
    table = run(tmp_path, "conversations", "list", "house", "patient-7", *keyed)
    assert "about the knee" in table.stdout
    deleted = run(tmp_path, "conversations", "delete", "house", "patient-7", ids[0], *keyed)
    assert json.loads(deleted.stdout)["conversations"] == [ids[0]]
    again = run(tmp_path, "conversations", "delete", "house", "patient-7", ids[0], *keyed)
    assert again.returncode == 3 and "no such conversation" in again.stderr
    erased = run(tmp_path, "conversations", "erase", "house", "patient-7", *keyed)
    assert json.loads(erased.stdout)["key_destroyed"]
    expired = run(tmp_path, "conversations", "expire", "house", *keyed)
    assert expired.stdout == "0 conversations erased\n"
    records = cloister.audit_query(tmp_path / "audit.jsonl", event_type="erasure")
    assert [record["action"] for record in records] == ["erasure_begin", "erasure_end"] * 2


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "keygen", "-o", "own.key").returncode == 0
    (tmp_path / "own.key").chmod(0o640)
    done = run(tmp_path, "encrypt", "--key-file", "own.key", "own.key")
    assert done.returncode == 3 and "open to other users" in done.stderr
    (tmp_path / "own.key").chmod(0o600)
    (tmp_path / "link").symlink_to("own.key")
    done = run(tmp_path, "encrypt", "--key-file", "link", "own.key")
    assert done.returncode == 3 and "symbolic link" in done.stderr
    assert run(tmp_path, "encrypt", "--key-file", "own.key", "own.key").returncode == 0


def test_saving_needs_a_store(tmp_path: Path) -> None:
    done = run(tmp_path, "chat", "--save", "hello")
    assert done.returncode == 3 and "--store" in done.stderr
