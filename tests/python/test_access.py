"""Users, roles, sessions that end, emergency access, and a log that asks who is there."""

import time
from pathlib import Path

import pytest

import cloister


@pytest.fixture
def access() -> cloister.AccessControl:
    table = cloister.AccessControl()
    table.add_role("nurse", ["read_phi@clinic/ward-7"])
    table.add_role_inheriting("chief", ["sign_off"], ["nurse"])
    table.add_role("porter", ["break_glass"])
    table.add_role("officer", ["view_audit_logs", "review_break_glass", "write_audit_logs", "manage_audit_logs"])
    for user, role in [("kim", "chief"), ("bob", "porter"), ("ada", "officer")]:
        table.assign(user, role)
    return table


@pytest.fixture
def log(tmp_path: Path, access: cloister.AccessControl) -> cloister.AuditLog:
    return cloister.AuditLog(tmp_path / "audit.jsonl", durability="os", access=access)


def test_a_decision_says_why(access: cloister.AccessControl) -> None:
    assert access.decide("kim", "chief", "read_phi@clinic/ward-7/bed-2") == (True, "granted")
    assert access.decide("kim", "nurse", "sign_off") == (False, "not_granted")
    assert access.decide("kim", "chief", "read_phi") == (False, "out_of_scope")
    assert access.decide("eve", "chief", "read_phi") == (False, "unknown_user")
    assert access.users == ["ada", "bob", "kim"] and access.roles_of("kim") == ["chief"]


def test_duties_that_are_kept_apart_never_meet(access: cloister.AccessControl) -> None:
    access.separate(["chief", "officer"])
    with pytest.raises(cloister.DeniedError, match="separation of duty"):
        access.assign("kim", "officer")
    assert access.unassign("kim", "chief")
    access.assign("kim", "officer")
    with pytest.raises(cloister.InvalidArgumentError):
        access.add_role_inheriting("nurse", [], ["chief"])


def test_a_log_with_a_table_is_used_through_sessions(
    access: cloister.AccessControl, log: cloister.AuditLog
) -> None:
    with pytest.raises(cloister.DeniedError):
        log.query()
    with pytest.raises(cloister.DeniedError):
        cloister.Session("eve", "officer", access=access, audit=log)
    bob = cloister.Session("bob", "porter", access=access, audit=log)
    with pytest.raises(cloister.DeniedError):
        bob.query_log(log)
    ada = cloister.Session("ada", "officer", access=access, audit=log)
    ada.record(log, "case_closed", data={"case": {"number": 7}})
    assert ada.hold_log(log, True, "case 7")
    assert [record["user_id"] for record in ada.query_log(log, event_type="case_closed")] == ["ada"]
    assert ada.verify_log(log)
    with pytest.raises(cloister.InvalidArgumentError):
        ada.checkpoint_log(log)


def test_emergency_access_is_asked_for_recorded_and_reviewed(
    access: cloister.AccessControl, log: cloister.AuditLog
) -> None:
    asked: list[tuple[str, str, str]] = []

    def confirm(user: str, role: str, occasion: str) -> bool:
        asked.append((user, role, occasion))
        return len(asked) > 1

    bob = cloister.Session("bob", "porter", access=access, audit=log, reauthenticate=confirm)
    with pytest.raises(cloister.DeniedError):
        bob.break_glass("patient down")
    id = bob.break_glass("patient down", limit=60)
    assert bob.emergency == id and asked == [("bob", "porter", "break_glass")] * 2
    bob.require("read_phi")
    assert bob.end_emergency()
    with pytest.raises(cloister.DeniedError):
        bob.require("read_phi")
    ada = cloister.Session("ada", "officer", access=access, audit=log)
    (waiting,) = ada.emergencies_to_review()
    assert waiting["break_glass"]["id"] == id and waiting["break_glass"]["reason"] == "patient down"
    ada.review_emergency(id, True, "seen on the ward")
    assert ada.emergencies_to_review() == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whoever_raises_while_asked_is_refused(
    access: cloister.AccessControl, log: cloister.AuditLog
) -> None:
    def confirm(user: str, role: str, occasion: str) -> bool:
        raise RuntimeError(user)

    bob = cloister.Session("bob", "porter", access=access, audit=log, reauthenticate=confirm)
    with pytest.raises(cloister.DeniedError):
        bob.break_glass("patient down")


def test_a_session_ends_by_itself(access: cloister.AccessControl) -> None:
    ended: list[bool] = []
    session = cloister.Session("kim", "chief", idle=0.05)
    session.on_end(lambda: ended.append(True))
    deadline = time.monotonic() + 10
    while not ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended == [True] and session.ended
    with pytest.raises(cloister.ClosedError):
        session.restore("[SSN_1]")
    other = cloister.Session("kim")
    other.end()
    assert other.ended


def test_a_table_is_read_from_a_text() -> None:
    table = cloister.AccessControl.parse('[roles.nurse]\npermissions = ["read_phi@patient:17"]\n[users]\nkim = ["nurse"]\n')
    assert table.decide("kim", "nurse", "read_phi@patient:17") == (True, "granted")
    with pytest.raises(cloister.InvalidArgumentError, match="line 2"):
        cloister.AccessControl.parse("[users]\nkim = 7\n")


def test_what_concerns_a_person_is_asked_for_about_that_person(tmp_path: Path) -> None:
    table = cloister.AccessControl()
    table.add_role("nurse", ["read_phi@patient:17", "write_phi@patient:17"])
    subjects = cloister.SubjectKeys(tmp_path / "keys", cloister.Key.generate())
    store = cloister.ConversationStore(tmp_path / "store", subjects, access=table)
    session = cloister.Session("kim", "nurse", access=table)
    with pytest.raises(cloister.DeniedError):
        session.restore("[SSN_1]")
    session.set_subject("patient:17")
    session.restore("[SSN_1]")
    assert [saved["id"] for saved in store.list(session, "patient:17")] == []
    store.save(session)
    with pytest.raises(cloister.DeniedError) as refused:
        store.list(session, "patient:18")
    assert "patient" not in str(refused.value)
    with pytest.raises(cloister.DeniedError):
        store.erase_subject(session, "patient:17")
    stranger = cloister.Session("eve")
    with pytest.raises(cloister.DeniedError):
        store.list(stranger, "patient:17")


def test_a_bound_vault_asks_its_session_and_is_wiped_with_it() -> None:
    table = cloister.AccessControl()
    table.add_role("nurse", ["read_phi"])
    cipher = cloister.Cipher(cloister.Key.generate())
    session = cloister.Session("kim", "nurse", access=table)
    vault = cloister.Vault()
    restorer = vault.restorer()
    vault.bind(session)
    placeholder = vault.placeholder("NAME", "John Doe")
    assert vault.restore(placeholder) == "John Doe"
    with pytest.raises(cloister.DeniedError):
        vault.export(cipher)
    table.add_role("nurse", [])
    uses = [
        lambda: vault.restore(placeholder),
        lambda: vault.reserve("[NAME_2]"),
        lambda: vault.placeholder("NAME", "Jane Roe"),
        lambda: restorer.push("x"),
        lambda: restorer.finish(),
        lambda: cloister.Scrubber().pseudonymize("SSN 123-45-6789", vault),
    ]
    for use in uses:
        with pytest.raises(cloister.DeniedError):
            use()
    assert len(vault) == 1
    session.end()
    assert len(vault) == 0
    with pytest.raises(cloister.ClosedError):
        vault.restore(placeholder)
