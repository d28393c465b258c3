"""What the records of a period add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

__all__ = ["compliance_report"]

CLASSES: Final = ("PUBLIC", "INTERNAL", "SENSITIVE")
FRAMEWORKS: Final = ("gdpr", "hipaa", "soc2")

Record = dict[str, Any]


def compliance_report(records: Sequence[Record], start: object, end: object) -> Record:
    """Counts by kind of event, and the share of records that were found compliant by each framework."""
    requests = _of_type(records, "llm_request")
    stored = _of_type(records, "store_pattern")
    retrieved = _of_type(records, "retrieve_pattern")
    violations = [_part(record, "violation") for record in _of_type(records, "security_violation")]
    return {
        "period": {"start": _iso(start), "end": _iso(end)},
        "llm_requests": {
            "total": len(requests),
            "with_pii_detected": _count(requests, "pii_detected", "pii_scrubbed"),
            "with_secrets_detected": _count(requests, "secrets_detected"),
            "sanitization_applied": sum(
                bool(_part(record, "security").get("sanitization_applied", True)) for record in requests
            ),
        },
        "pattern_storage": {
            "total": len(stored),
            "by_classification": _by_class(stored),
            "with_pii_scrubbed": _count(stored, "pii_scrubbed"),
            "encrypted": sum(bool(_part(record, "pattern").get("encrypted")) for record in stored),
        },
        "pattern_retrieval": {
            "total": len(retrieved),
            "by_classification": _by_class(retrieved),
            "access_denied": sum(not _part(record, "access").get("granted", True) for record in retrieved),
        },
        "security_violations": {
            "total": len(violations),
            "by_severity": dict(Counter(violation.get("severity", "") for violation in violations)),
            "by_type": dict(Counter(violation.get("type", "") for violation in violations)),
        },
        "compliance_metrics": {
            f"{name}_compliant_rate": _rate(records, f"{name}_compliant") for name in FRAMEWORKS
        },
    }


def _of_type(records: Iterable[Record], event_type: str) -> list[Record]:
    return [record for record in records if record.get("event_type") == event_type]


def _part(record: Record, name: str) -> Record:
    part = record.get(name)
    return part if isinstance(part, dict) else {}


def _count(records: Iterable[Record], *names: str) -> int:
    return sum(any(_part(record, "security").get(name, 0) for name in names) for record in records)


def _by_class(records: Iterable[Record]) -> dict[str, int]:
    counts = Counter(_part(record, "pattern").get("classification") for record in records)
    return {name: counts[name] for name in CLASSES}


def _rate(records: Iterable[Record], member: str) -> float:
    verdicts = [
        bool(compliance[member])
        for record in records
        if member in (compliance := _part(record, "compliance"))
    ]
    return sum(verdicts) / len(verdicts) if verdicts else 1.0


def _iso(when: object) -> str | None:
    if when is None or isinstance(when, str):
        return when
    return str(when.isoformat()) if hasattr(when, "isoformat") else str(when)
