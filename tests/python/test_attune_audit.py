"""The drop-in's audit logger."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import cloister
import pytest
from attune_llm.security import AuditEvent, AuditLogger, SecurityViolation

REQUEST = {
    "empathy_level": 2,
    "provider": "local",
    "model": "smollm2",
    "memory_sources": ["enterprise", "user"],
}


@pytest.fixture
def logger(tmp_path: Path) -> AuditLogger:
    return AuditLogger(log_dir=str(tmp_path / "logs"))


def test_both_constructors_name_a_file(tmp_path: Path) -> None:
    first = AuditLogger(tmp_path / "a", "own.jsonl", 1, 30, False)
    assert first.log_path == tmp_path / "a" / "own.jsonl"
    assert (first.max_file_size_bytes, first.retention_days) == (1 << 20, 30)
    second = AuditLogger(log_file=str(tmp_path / "b" / "audit.jsonl"), retention_days=90)
    assert second.log_dir == tmp_path / "b" and second.log_filename == "audit.jsonl"
    assert os.stat(tmp_path / "b").st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_used_is_replaced_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.warns(RuntimeWarning, match="the log is in ./logs"):
        logger = AuditLogger(log_dir=str(tmp_path / "file" / "logs"))
    logger.log_interaction("ann", "view")
    assert (tmp_path / "logs" / "audit.jsonl").is_file()


def test_a_request_is_recorded_with_what_happened(logger: AuditLogger) -> None:
    logger.log_llm_request("ann", **REQUEST, pii_count=3, session_id="ses", temperature=0.2, note="x")
    [record] = logger.query(event_type="llm_request", user_id="ann")
    assert record["llm"]["model"] == "smollm2" and record["memory"]["security_policies_applied"]
    assert record["security"]["pii_detected"] == record["security"]["pii_scrubbed"] == 3
    assert record["compliance"] == {
        "gdpr_compliant": True,
        "hipaa_compliant": True,
        "soc2_compliant": True,
    }
    assert (record["session_id"], record["note"]) == ("ses", "x")
    assert record["event_id"].startswith("evt_") and record["timestamp"].endswith("Z")


def test_compliance_follows_from_what_happened(logger: AuditLogger) -> None:
    logger.log_llm_request("ann", **REQUEST, pii_count=1, sanitization_applied=False)
    logger.log_llm_request("bob", **REQUEST, secrets_count=2)
    unscrubbed, leaking = logger.query(event_type="llm_request")
    assert not unscrubbed["compliance"]["gdpr_compliant"]
    assert not leaking["compliance"]["hipaa_compliant"] and not leaking["compliance"]["soc2_compliant"]
    [violation] = logger.query(event_type="security_violation")
    assert violation["violation"]["type"] == "secrets_detected" and violation["status"] == "logged"


def test_patterns_stored_and_read_are_recorded(logger: AuditLogger) -> None:
    logger.log_pattern_store("ann", "pat_1", "note", "SENSITIVE", encrypted=True)
    logger.log_pattern_store("ann", "pat_2", "note", "SENSITIVE", encrypted=False)
    logger.log_pattern_store("ann", "pat_3", "note", "PUBLIC", secrets_detected=1)
    logger.log_pattern_retrieve("bob", "pat_1", "SENSITIVE", access_granted=False)
    logger.log_pattern_retrieve("bob", "pat_3", "PUBLIC")
    good, open_, leaking = logger.query(event_type="store_pattern")
    assert good["compliance"]["hipaa_compliant"] and not open_["compliance"]["hipaa_compliant"]
    assert not leaking["compliance"]["gdpr_compliant"] and leaking["classification"] == "PUBLIC"
    denied, granted = logger.query(event_type="retrieve_pattern")
    assert (denied["status"], granted["status"]) == ("blocked", "success")
    assert granted["compliance"]["hipaa_compliant"]
    summary = logger.get_violation_summary()
    assert summary["by_type"] == {
        "sensitive_not_encrypted": 1,
        "secrets_in_storage": 1,
        "unauthorized_access": 1,
    }
    assert logger.get_violation_summary("bob")["total_violations"] == 1
    report = logger.get_compliance_report()
    assert report["pattern_storage"]["encrypted"] == 1
    assert report["pattern_retrieval"]["access_denied"] == 1
    assert 0 < report["compliance_metrics"]["hipaa_compliant_rate"] < 1


def test_a_query_takes_dates_of_every_kind_and_nested_filters(logger: AuditLogger) -> None:
    logger.log_interaction("ann", "view", pii_scrubbed=4, pii_types=["ssn"])
    logger.log_interaction("ann", "edit", "INTERNAL", pii_scrubbed=1, secrets_detected=1)
    now = datetime.now(timezone.utc)
    for start in (now - timedelta(hours=1), (now - timedelta(hours=1)).replace(tzinfo=None)):
        assert len(logger.query(start_date=start, end_date=now + timedelta(hours=1))) == 2
    day = now.date().isoformat()
    assert len(logger.query(start_date=day, end_date=day)) == 2
    assert logger.query(start_date="2999-01-01") == []
    assert [r["action"] for r in logger.query(security__pii_scrubbed__gte=4)] == ["view"]
    assert [r["action"] for r in logger.query(security__secrets_detected__ne=0)] == ["edit"]
    assert [r["action"] for r in logger.query(action="edit", classification="INTERNAL")] == ["edit"]
    assert len(logger.query(limit=1)) == 1 and logger.query(limit=0) == []
    with pytest.raises(ValueError):
        logger.query(start_date="soon")


def test_the_log_shows_when_it_was_altered(logger: AuditLogger) -> None:
    logger.log_interaction("ann", "view")
    assert logger.verify()
    logger.log_path.write_bytes(logger.log_path.read_bytes().replace(b"view", b"edit"))
    assert not logger.verify()


def test_repeated_violations_raise_an_alert(
    logger: AuditLogger, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            logger.log_security_violation("ann", "unauthorized_access", "HIGH", {"id": 1})
        assert caplog.records == []
        logger.log_security_violation("ann", "unauthorized_access", "HIGH", {"id": 1})
        logger.log_security_violation("bob", "leak", "CRITICAL", {}, blocked=False)
    assert len(caplog.records) == 2 and "threshold reached" in caplog.text


def test_nothing_is_lost_in_silence(logger: AuditLogger, tmp_path: Path) -> None:
    logger.log_interaction("ann", "view")
    for path in (tmp_path / "logs").iterdir():
        path.unlink()
    (tmp_path / "logs").rmdir()
    with pytest.raises(cloister.AuditError):
        logger.log_interaction("ann", "view")


def test_console_logging_announces_kinds_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = AuditLogger(tmp_path / "logs", enable_console_logging=True)
    event_id = logger.log_interaction("ann", "view")
    assert capsys.readouterr().err == f"audit: interaction success {event_id}\n"


def test_events_are_objects_too() -> None:
    event = AuditEvent(event_type="view", user_id="ann", data={"extra": 1, "user_id": "eve"})
    assert event.to_dict()["extra"] == 1 and event.to_dict()["user_id"] == "ann"
    assert event.event_id.startswith("evt_") and len(event.event_id) == 16
    assert not SecurityViolation("leak", "HIGH").user_notified
