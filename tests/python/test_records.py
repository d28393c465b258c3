"""Audit log, cipher and access control through the native package."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cloister
import pytest

KEY = bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4")


def write(log: cloister.AuditLog) -> None:
    log.record("view", "ann", action="open", data={"security": {"pii_scrubbed": 4}})
    log.record("view", "bob", status="denied", classification="INTERNAL", error="not allowed")


def test_records_are_found_by_what_they_hold(log: cloister.AuditLog) -> None:
    write(log)
    assert [record["user_id"] for record in log.query()] == ["ann", "bob"]
    assert [record["user_id"] for record in log.query(newest_first=True, limit=1)] == ["bob"]
    assert len(log.query(status="denied", classification="INTERNAL")) == 1
    assert len(log.query(filters={"security__pii_scrubbed__gt": 3})) == 1
    assert log.query(filters={"security__pii_scrubbed__gt": 4}) == []
    with pytest.raises(TypeError, match="colour"):
        log.query(colour="red")  # type: ignore[call-arg]


def test_a_time_may_be_text_date_or_datetime_of_either_kind(log: cloister.AuditLog) -> None:
    write(log)
    now = datetime.now(timezone.utc)
    before, after = now - timedelta(minutes=1), now + timedelta(minutes=1)
    assert len(log.query(since=before, until=after)) == 2
    assert len(log.query(since=before.replace(tzinfo=None), until=after.replace(tzinfo=None))) == 2
    assert len(log.query(since=now.date(), until=now.date())) == 2
    assert len(log.query(since=before.isoformat())) == 2
    assert log.query(since=after) == []
    assert log.query(until=date(2020, 1, 1)) == []
    assert len(log.query(since=datetime.min, until=datetime.max)) == 2
    with pytest.raises(cloister.InvalidArgumentError):
        log.query(since="yesterday")
    with pytest.raises(cloister.InvalidArgumentError):
        log.query(since="2020-01-01T00:00:00[Europe/Berlin]")


def test_an_edit_is_noticed(log: cloister.AuditLog) -> None:
    write(log)
    result = log.verify()
    assert result and result.intact and result.records == 2 and not result.keyed
    content = log.path.read_bytes().replace(b"bob", b"bib")
    log.path.write_bytes(content)
    result = cloister.audit_verify(log.path)
    assert not result and len(result.problems) >= 1
    assert "audit.jsonl:2" in result.problems[0]


def test_a_keyed_log_needs_its_key(tmp_path: Path) -> None:
    log = cloister.AuditLog(tmp_path / "log.jsonl", key=cloister.Key(KEY))
    write(log)
    assert cloister.audit_verify(log.path, KEY).keyed
    assert cloister.audit_verify(log.path, KEY).intact
    assert not cloister.audit_verify(log.path, bytes(reversed(KEY))).intact


def test_a_stranger_verifies_a_signed_log_and_one_record_of_it(tmp_path: Path) -> None:
    signing_key, public_key = cloister.audit_signing_key("hospital.example/audit")
    assert cloister.audit_public_key(signing_key) == public_key
    log = cloister.AuditLog(tmp_path / "log.jsonl", signing_key=signing_key, durability="os")
    write(log)
    early = log.checkpoint()
    write(log)
    late = log.checkpoint()
    found = cloister.audit_verify(log.path, public_key=public_key, checkpoints=[early, late])
    assert found and found.covered == 6 and found.notes
    record, proof = cloister.audit_prove(log.path, 3, public_key)
    assert cloister.audit_check_proof(record, proof, public_key)
    assert not cloister.audit_check_proof(record.replace("bob", "eve"), proof, public_key)
    grown = cloister.audit_prove_consistency(log.path, early, public_key)
    assert cloister.audit_check_consistency(early, grown, public_key)
    assert not cloister.audit_check_consistency(late, grown, public_key)
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:4]))
    assert not cloister.audit_verify(log.path, public_key=public_key, checkpoints=[late])
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.AuditLog(tmp_path / "plain.jsonl").checkpoint()


def test_a_sealed_log_keeps_its_key_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    key = cloister.audit_seal(path)
    write(cloister.AuditLog(path))
    assert cloister.audit_verify(path, key).keyed and cloister.audit_verify(path, key)
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.audit_seal(path)


@pytest.mark.parametrize("durability", ["group", "each", "interval", "os"])
def test_every_durability_writes(tmp_path: Path, durability: str) -> None:
    log = cloister.AuditLog(tmp_path / "log.jsonl", durability=durability, interval=0.01)  # type: ignore[arg-type]
    write(log)
    log.flush()
    assert len(log.path.read_bytes().splitlines()) == 2


def test_records_are_buffered_while_the_log_is_away(tmp_path: Path) -> None:
    home, away = tmp_path / "logs", tmp_path / "away"
    home.mkdir()
    log = cloister.AuditLog(home / "log.jsonl", on_failure="buffer", on_failure_limit=2)
    home.rename(away)
    write(log)
    with pytest.raises(cloister.AuditError):
        log.record("view", "eve")
    away.rename(home)
    log.record("view", "dan")
    assert [record["user_id"] for record in log.query(event_type="view")] == ["ann", "bob", "dan"]
    assert log.query(event_type="audit_outage")[0]["audit_outage"]["refused"] == 1
    assert log.legal_hold(True, "case 12") and not log.legal_hold(True, "case 12")


def test_a_record_that_cannot_be_written_raises(tmp_path: Path) -> None:
    with pytest.raises(cloister.Error):
        cloister.AuditLog(tmp_path / "missing" / "audit.jsonl")
    with pytest.raises(cloister.NotFoundError):
        cloister.audit_query(tmp_path / "none.jsonl")


def test_core_members_cannot_be_overwritten(log: cloister.AuditLog) -> None:
    with pytest.raises(cloister.InvalidArgumentError, match="core member"):
        log.record("view", "ann", data={"user_id": "eve"})
    assert log.query() == []


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": object()}, {1: "x"}, ["x"]])
def test_data_without_a_json_form_is_refused(log: cloister.AuditLog, value: object) -> None:
    with pytest.raises(TypeError):
        log.record("view", "ann", data=value)  # type: ignore[arg-type]


def test_json_values_come_back_as_they_went_in(log: cloister.AuditLog) -> None:
    value = {"a": [1, -2, 2**63, 1.5, True, None, "é🩺\n"], "b": {"c": {}}}
    log.record("view", "ann", data={"extra": value})
    assert log.query()[0]["extra"] == value
    assert json.loads(log.path.read_text("utf-8"))["extra"] == value


def test_the_log_is_private(log: cloister.AuditLog) -> None:
    write(log)
    assert os.stat(log.path).st_mode & 0o777 == 0o600


def test_what_is_encrypted_comes_back_with_its_class() -> None:
    cipher = cloister.Cipher(cloister.Key(KEY))
    envelope = cipher.encrypt("Diabetes Type 2", "INTERNAL", context="patient 7")
    opened = cipher.decrypt(envelope, context=b"patient 7")
    assert (opened.plaintext, opened.classification) == (b"Diabetes Type 2", "INTERNAL")
    text = cipher.encrypt_to_text(b"\xff\x00")
    assert cipher.decrypt_text(text).plaintext == b"\xff\x00"


def test_the_wrong_key_context_or_byte_does_not_decrypt() -> None:
    cipher = cloister.Cipher(cloister.Key(KEY))
    envelope = cipher.encrypt(b"Diabetes")
    for broken in (envelope[:-1], envelope[:-1] + bytes([envelope[-1] ^ 1]), b"", b"x" * 100):
        with pytest.raises(cloister.DecryptError):
            cipher.decrypt(broken)
    with pytest.raises(cloister.DecryptError):
        cipher.decrypt(envelope, context="somebody else")
    with pytest.raises(cloister.DecryptError):
        cloister.Cipher(cloister.Key.generate()).decrypt(envelope)


@pytest.mark.parametrize("value", [b"short", b"\0" * 32, bytes(range(32)), bytes(range(32)).hex(), b"passphrase.for.the.patient.files", "passphrase", ""])
def test_what_is_no_key_is_refused_without_repeating_it(value: str | bytes) -> None:
    with pytest.raises(cloister.InvalidKeyError) as raised:
        cloister.Key(value)
    assert "passphrase" not in str(raised.value) and isinstance(raised.value, ValueError)


def test_a_key_shows_itself_only_when_asked() -> None:
    key = cloister.Key(KEY)
    assert cloister.Key(key.to_base64()).to_bytes() == KEY == cloister.Key(KEY.hex()).to_bytes()
    assert repr(key) == "Key([REDACTED])" and key.to_base64() not in str(key)


def test_unknown_classes_are_refused(log: cloister.AuditLog) -> None:
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Cipher(cloister.Key(KEY)).encrypt("x", "TOP SECRET")
    with pytest.raises(cloister.InvalidArgumentError):
        log.record("view", classification="SECRET")


def test_access_is_denied_unless_granted() -> None:
    access = cloister.AccessControl()
    access.add_role("nurse", permissions=["read_phi"])
    assert access.has_permission(user_role="nurse", permission="read_phi")
    assert not access.has_permission("nurse", "write_phi")
    assert not access.has_permission("visitor", "read_phi")
    assert access.roles == ["nurse"] and access.permissions("nurse") == ["read_phi"]
    with pytest.raises(PermissionError):
        access.require("visitor", "read_phi")
    assert access.remove_role("nurse") and not access.remove_role("nurse")
    with pytest.raises(cloister.InvalidArgumentError):
        access.add_role("", [])


class Name(str):
    """A text that is one of several that look alike."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def test_the_kind_of_a_mapping_does_not_show_in_the_record(log: cloister.AuditLog) -> None:
    data: dict[str, Any] = {"a": {"text": "x\n\"é", "flags": [True, False, None, (1, 2.5)], "large": 2**64 - 1, "small": -(2**63)}, "b": {}}
    plain = json.loads(json.dumps(data))
    named: Mapping[str, Any] = {Name(key): value for key, value in data.items()}
    kinds: list[Mapping[str, Any]] = [data, plain, MappingProxyType(data), OrderedDict(plain), named]
    for given in kinds:
        log.record("view", data=given)
        (record,) = log.query(newest_first=True, limit=1)
        assert {key: record[key] for key in plain} == plain
    log.record("view", data={Name("a"): 1, Name("a"): 2})
    assert log.path.read_bytes().splitlines()[-1].count(b'"a":') == 1
    assert log.verify()


@pytest.mark.parametrize("name", ["chain", "user_id"])
def test_a_core_member_is_refused_in_every_kind_of_mapping(log: cloister.AuditLog, name: str) -> None:
    for data in ({name: 1}, OrderedDict({name: 1})):
        with pytest.raises(cloister.InvalidArgumentError, match="core member"):
            log.record("view", data=data)


def test_a_buffer_has_no_negative_number_of_records(tmp_path: Path) -> None:
    for limit in (-1, float("nan")):
        with pytest.raises(cloister.InvalidArgumentError):
            cloister.AuditLog(tmp_path / "log.jsonl", on_failure="buffer", on_failure_limit=limit)
