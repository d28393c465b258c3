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
