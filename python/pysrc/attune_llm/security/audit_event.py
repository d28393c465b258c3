"""Records and violations as objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

__all__ = ["AuditEvent", "SecurityViolation"]


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass
class AuditEvent:
    """One record in the shape of this API. ``data`` stands at the top level of the dictionary."""

    event_id: str = field(default_factory=lambda: f"evt_{uuid4().hex[:12]}")
    timestamp: str = field(default_factory=_now)
    version: str = "1.0"
    event_type: str = ""
    user_id: str = ""
    session_id: str = ""
    status: str = "success"
    error: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Every field, with the members of ``data`` beside the others. ``data`` cannot replace the others."""
        core = {name: value for name, value in vars(self).items() if name != "data"}
        return {**self.data, **core}


@dataclass
class SecurityViolation:
    """Something that policy forbids, and who was told."""

    violation_type: str
    severity: str
    details: dict[str, Any] = field(default_factory=dict)
    user_notified: bool = False
    manager_notified: bool = False
    security_team_notified: bool = False
