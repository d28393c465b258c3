"""``AuditLogger``: who did what, in a log of :class:`cloister.AuditLog` that shows when it was altered."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from cloister import (
    AuditLog,
    Error,
    Key,
    Verification,
    compliance_report,
    violation_summary,
)

from attune_llm.security.audit_event import AuditEvent, SecurityViolation

__all__ = ["AuditEvent", "AuditLogger", "SecurityViolation"]

logger = logging.getLogger(__name__)

BYTES_PER_MB: Final = 1024 * 1024
ALERT_COUNT: Final = 3
FALLBACK_DIRECTORY: Final = "./logs"
CORE_ARGUMENTS: Final = frozenset({"action", "classification"})
QUERY_MEMBERS: Final = frozenset({"action", "classification", "session_id"})

When = str | date | None


class AuditLogger:
    """Writes and reads an audit log. Any number of threads may use one logger.

    Every record is chained to the one before, so that :meth:`verify` notices edits. A record that cannot be written
    raises ``cloister.AuditError``: nothing is lost in silence.

    Args:
        log_dir: the directory of the log; made with mode 0700 if it does not exist. Default: ``/var/log/empathy`` where
            that can be written, else ``~/.local/share/empathy/logs``. If it cannot be made, the log is in ``./logs``
            and a warning says so.
        log_filename: the name of the log in it.
        max_file_size_mb: rotate before the log grows beyond this.
        retention_days: how long rotated logs are kept.
        enable_rotation: whether to rotate at all.
        enable_console_logging: whether each record is announced on stderr (its type and status).
        log_file: directory and name in one, instead of ``log_dir`` and ``log_filename``.
        key: 32 bytes; with it nobody without the key can recompute the chain.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        log_filename: str = "audit.jsonl",
        max_file_size_mb: int = 100,
        retention_days: int = 365,
        enable_rotation: bool = True,
        enable_console_logging: bool = False,
        *,
        log_file: str | os.PathLike[str] | None = None,
        key: Key | bytes | None = None,
        durability: Literal["group", "each", "interval", "os"] = "group",
    ) -> None:
        if log_file is not None:
            log_dir, log_filename = Path(log_file).parent, Path(log_file).name
        self.log_filename = log_filename
        self.max_file_size_bytes = max_file_size_mb * BYTES_PER_MB
        self.retention_days = retention_days
        self.enable_rotation = enable_rotation
        self.enable_console_logging = enable_console_logging
        self.durability = durability
        self.log_dir, self.log = self._open(Path(log_dir or _platform_directory()), key)
        self._violation_counts: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def log_path(self) -> Path:
        """The file."""
        return self.log_dir / self.log_filename

    def log_interaction(
        self,
        user_id: str,
        action: str,
        classification: str = "SENSITIVE",
        pii_scrubbed: int = 0,
        secrets_detected: int = 0,
        *,
        pii_types: Sequence[str] = (),
        encryption_used: bool = False,
        duration_ms: int = 0,
        tokens_used: int = 0,
        session_id: str = "",
        status: str = "success",
        error: str = "",
        **members: Any,
    ) -> str:
        """Records that somebody did something, and returns the id of the record."""
        data = {
            "security": {
                "pii_scrubbed": pii_scrubbed,
                "pii_types": list(pii_types),
                "secrets_detected": secrets_detected,
                "encryption_used": encryption_used,
            },
            "performance": {"duration_ms": duration_ms, "tokens_used": tokens_used},
            "compliance": {
                "hipaa_compliant": bool(user_id) and secrets_detected == 0,
                "retention_days": self.retention_days,
            },
            **members,
        }
        core = {"action": action, "classification": classification}
        return self._write("interaction", user_id, session_id, status, error, {**data, **core})

    def log_llm_request(
        self,
        user_id: str,
        empathy_level: int,
        provider: str,
        model: str,
        memory_sources: list[str],
        pii_count: int = 0,
        secrets_count: int = 0,
        request_size_bytes: int = 0,
        response_size_bytes: int = 0,
        duration_ms: int = 0,
        memdocs_patterns_used: list[str] | None = None,
        sanitization_applied: bool = True,
        classification_verified: bool = True,
        session_id: str = "",
        ip_address: str = "",
        temperature: float = 0.7,
        status: str = "success",
        error: str = "",
        **kwargs: Any,
    ) -> str:
        """Records a request to a model, and a violation beside it if it held secrets."""
        patterns = memdocs_patterns_used or []
        data = {
            "llm": {
                "provider": provider,
                "model": model,
                "empathy_level": empathy_level,
                "temperature": temperature,
            },
            "memory": {
                "sources": memory_sources,
                "total_sources": len(memory_sources),
                "security_policies_applied": "enterprise" in memory_sources,
            },
            "memdocs": {"patterns_used": patterns, "pattern_count": len(patterns)},
            "security": {
                "pii_detected": pii_count,
                "pii_scrubbed": pii_count if sanitization_applied else 0,
                "secrets_detected": secrets_count,
                "sanitization_applied": sanitization_applied,
                "classification_verified": classification_verified,
            },
            "request": {
                "size_bytes": request_size_bytes,
                "duration_ms": duration_ms,
                "ip_address": ip_address,
            },
            "response": {"size_bytes": response_size_bytes},
            "compliance": {
                "gdpr_compliant": pii_count == 0 or sanitization_applied,
                "hipaa_compliant": bool(user_id) and secrets_count == 0 and sanitization_applied,
                "soc2_compliant": secrets_count == 0 and classification_verified,
            },
            **kwargs,
        }
        event_id = self._write("llm_request", user_id, session_id, status, error, data)
        if secrets_count > 0:
            details = {"secrets_count": secrets_count, "request_event_id": event_id}
            self.log_security_violation(
                user_id, "secrets_detected", "HIGH", details, session_id, blocked=status == "blocked"
            )
        return event_id

    def log_pattern_store(
        self,
        user_id: str,
        pattern_id: str,
        pattern_type: str,
        classification: str,
        pii_scrubbed: int = 0,
        secrets_detected: int = 0,
        retention_days: int = 180,
        encrypted: bool = False,
        session_id: str = "",
        status: str = "success",
        error: str = "",
        **kwargs: Any,
    ) -> str:
        """Records that a pattern was stored, and violations beside it if that was not as it should be."""
        protected = classification != "SENSITIVE" or encrypted
        data = {
            "pattern": {
                "pattern_id": pattern_id,
                "pattern_type": pattern_type,
                "classification": classification,
                "encrypted": encrypted,
                "retention_days": retention_days,
            },
            "security": {
                "pii_scrubbed": pii_scrubbed,
                "secrets_detected": secrets_detected,
                "sanitization_applied": True,
            },
            "compliance": {
                "gdpr_compliant": secrets_detected == 0,
                "hipaa_compliant": bool(user_id) and secrets_detected == 0 and protected,
                "soc2_compliant": secrets_detected == 0 and protected,
                "classification_verified": True,
            },
            "classification": classification,
            **kwargs,
        }
        event_id = self._write("store_pattern", user_id, session_id, status, error, data)
        if secrets_detected > 0:
            details = {"pattern_id": pattern_id, "secrets_count": secrets_detected}
            self.log_security_violation(
                user_id, "secrets_in_storage", "CRITICAL", details, session_id, blocked=False
            )
        if not protected:
            self.log_security_violation(
                user_id, "sensitive_not_encrypted", "HIGH", {"pattern_id": pattern_id}, session_id, blocked=False
            )
        return event_id

    def log_pattern_retrieve(
        self,
        user_id: str,
        pattern_id: str,
        classification: str,
        access_granted: bool = True,
        permission_level: str = "",
        session_id: str = "",
        status: str = "success",
        error: str = "",
        **kwargs: Any,
    ) -> str:
        """Records that a pattern was read or that reading it was denied. The status follows from that."""
        status = "success" if access_granted else "blocked"
        data = {
            "pattern": {"pattern_id": pattern_id, "classification": classification},
            "access": {
                "granted": access_granted,
                "permission_level": permission_level,
                "audit_required": classification == "SENSITIVE",
            },
            "compliance": {"access_logged": True, "hipaa_compliant": bool(user_id)},
            "classification": classification,
            **kwargs,
        }
        event_id = self._write("retrieve_pattern", user_id, session_id, status, error, data)
        if not access_granted:
            severity = "MEDIUM" if classification == "INTERNAL" else "HIGH"
            details = {"pattern_id": pattern_id, "classification": classification}
            self.log_security_violation(user_id, "unauthorized_access", severity, details, session_id)
        return event_id

    def log_security_violation(
        self,
        user_id: str,
        violation_type: str,
        severity: str,
        details: Mapping[str, Any],
        session_id: str = "",
        blocked: bool = True,
        **kwargs: Any,
    ) -> str:
        """Records a violation; the third of a user and type, and every critical one, is also logged as a warning."""
        data = {
            "violation": {
                "type": violation_type,
                "severity": severity,
                "details": dict(details),
                "blocked": blocked,
            },
            "response": {
                "user_notified": False,
                "manager_notified": False,
                "security_team_notified": False,
            },
            "compliance": {
                "gdpr_compliant": blocked,
                "hipaa_compliant": blocked,
                "soc2_compliant": blocked,
            },
            **kwargs,
        }
        status = "blocked" if blocked else "logged"
        event_id = self._write("security_violation", user_id, session_id, status, "", data)
        with self._lock:
            self._violation_counts[f"{user_id}:{violation_type}"] += 1
            count = self._violation_counts[f"{user_id}:{violation_type}"]
        if severity == "CRITICAL" or count >= ALERT_COUNT:
            logger.warning(
                "Security violation threshold reached: %s (%s), count %d", violation_type, severity, count
            )
        return event_id

    def log_event(
        self, event_type: str, user_id: str, session_id: str = "", status: str = "success", **members: Any
    ) -> str:
        """Records anything else; ``members`` stand at the top level."""
        return self._write(event_type, user_id, session_id, status, "", members)

    def query(
        self,
        event_type: str | None = None,
        user_id: str | None = None,
        status: str | None = None,
        start_date: When = None,
        end_date: When = None,
        limit: int = 1000,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        """Matching records, oldest first, rotated logs included.

        Args:
            start_date, end_date: ISO 8601, a ``date`` or a ``datetime``; without a zone it is UTC. Both are inclusive,
                and a date alone means the whole day.
            limit: at most this many.
            filters: nested members, ``security__pii_scrubbed__gt=3``; suffixes ``__gt __gte __lt __lte __ne``.

        Raises:
            ValueError: a date cannot be read.
        """
        if limit <= 0:
            return []
        members = {name: filters.pop(name) for name in QUERY_MEMBERS & filters.keys()}
        return self.log.query(
            event_type=event_type,
            user_id=user_id,
            status=status,
            since=start_date,
            until=end_date,
            filters=filters,
            limit=limit,
            **members,
        )

    def verify(self) -> Verification:
        """Whether the log is intact."""
        return self.log.verify()

    def get_violation_summary(self, user_id: str | None = None) -> dict[str, Any]:
        """How many violations there are, by type, severity and user."""
        return violation_summary(self.log.query(event_type="security_violation", user_id=user_id))

    def get_compliance_report(
        self, start_date: When = None, end_date: When = None
    ) -> dict[str, Any]:
        """Counts and rates over the records of a period."""
        records = self.log.query(since=start_date, until=end_date)
        return compliance_report(records, start_date, end_date)

    def _open(self, folder: Path, key: Key | bytes | None) -> tuple[Path, AuditLog]:
        try:
            return folder, self._open_in(folder, key)
        except (Error, OSError):
            fallback = Path(FALLBACK_DIRECTORY)
            log = self._open_in(fallback, key)
            warnings.warn(
                f"the directory of the audit log cannot be used; the log is in {FALLBACK_DIRECTORY}",
                RuntimeWarning,
                stacklevel=4,
            )
            return fallback, log

    def _open_in(self, folder: Path, key: Key | bytes | None) -> AuditLog:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return AuditLog(
            folder / self.log_filename,
            max_file_bytes=self.max_file_size_bytes if self.enable_rotation else 0,
            retention_days=self.retention_days,
            durability=self.durability,
            key=key,
        )

    def _write(
        self, event_type: str, user_id: str, session_id: str, status: str, error: str, data: dict[str, Any]
    ) -> str:
        core = {name: str(data.pop(name)) for name in CORE_ARGUMENTS & data.keys()}
        event_id = self.log.record(
            event_type, user_id, session_id=session_id, status=status, error=error, data=data, **core
        )
        if self.enable_console_logging:
            print(f"audit: {event_type} {status} {event_id}", file=sys.stderr)
        return event_id


def _platform_directory() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / "empathy"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())) / "empathy" / "logs"
    system = Path("/var/log/empathy")
    if os.access(system if system.exists() else system.parent, os.W_OK):
        return system
    return Path.home() / ".local" / "share" / "empathy" / "logs"
