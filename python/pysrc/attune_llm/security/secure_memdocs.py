"""``SecureMemDocsIntegration``: patterns are scrubbed, classified, encrypted and recorded before they are kept."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from attune_llm.security.audit_logger import AuditEvent, AuditLogger
from attune_llm.security.classification import (
    DEFAULT_CLASSIFICATION_RULES,
    Classification,
    ClassificationRules,
    classify,
)
from attune_llm.security.encryption import HAS_ENCRYPTION, EncryptionManager
from attune_llm.security.errors import PermissionError, SecurityError
from attune_llm.security.memdocs_storage import MemDocsStorage
from attune_llm.security.pii_scrubber import PIIScrubber
from attune_llm.security.secrets_detector import SecretsDetector

__all__ = [
    "AuditEvent",
    "AuditLogger",
    "Classification",
    "ClassificationRules",
    "DEFAULT_CLASSIFICATION_RULES",
    "EncryptionManager",
    "HAS_ENCRYPTION",
    "MemDocsStorage",
    "PIIScrubber",
    "PatternMetadata",
    "PermissionError",
    "SecretsDetector",
    "SecureMemDocsIntegration",
    "SecurePattern",
    "SecurityError",
]


@dataclass
class PatternMetadata:
    """What is known about a stored pattern. ``created_at`` is ISO 8601 in UTC."""

    pattern_id: str
    created_by: str
    created_at: str
    classification: str
    retention_days: int
    encrypted: bool
    pattern_type: str
    sanitization_applied: bool
    pii_removed: int
    secrets_detected: int
    access_control: dict[str, Any] = field(default_factory=dict)
    custom_metadata: dict[str, Any] = field(default_factory=dict)


@dataclass
class SecurePattern:
    """A pattern with its metadata."""

    pattern_id: str
    content: str
    metadata: PatternMetadata


class SecureMemDocsIntegration:
    """Stores and retrieves patterns. A text with a secret in it is refused, identifiers are scrubbed.

    Args:
        storage_dir: where the patterns are kept.
        audit_log_dir: where the audit log is; see :class:`AuditLogger`.
        classification_rules: default :data:`DEFAULT_CLASSIFICATION_RULES`.
        enable_encryption: whether classes that demand encryption get it.
        master_key: 32 bytes; see :class:`EncryptionManager`. Without a key, patterns that need one are refused.
    """

    def __init__(
        self,
        claude_memory_config: object = None,
        storage_dir: str | os.PathLike[str] = "./memdocs_storage",
        audit_log_dir: str | os.PathLike[str] | None = None,
        classification_rules: Mapping[Classification, ClassificationRules] | None = None,
        enable_encryption: bool = True,
        master_key: bytes | None = None,
    ) -> None:
        self.claude_memory_config = claude_memory_config
        self.classification_rules = dict(classification_rules or DEFAULT_CLASSIFICATION_RULES)
        self.encryption_enabled = enable_encryption
        self.encryption_manager = EncryptionManager(master_key) if enable_encryption else None
        self.storage = MemDocsStorage(storage_dir)
        self.audit_logger = AuditLogger(audit_log_dir)
        self.pii_scrubber = PIIScrubber()
        self.secrets_detector = SecretsDetector()

    def store_pattern(
        self,
        content: str,
        pattern_type: str,
        user_id: str,
        auto_classify: bool = True,
        explicit_classification: Classification | None = None,
        session_id: str = "",
        custom_metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Scrubs, classifies, encrypts where its class demands it, stores and records.

        Raises:
            ValueError: the text is empty.
            SecurityError: it holds secrets, or it must be encrypted and there is no key.
        """
        if not content.strip():
            raise ValueError("Content cannot be empty")
        self._refuse_secrets(content, user_id, session_id)
        text, removed = self.pii_scrubber.scrub(content)
        classification = explicit_classification or (
            classify(text, pattern_type) if auto_classify else Classification.INTERNAL
        )
        rules = self.classification_rules[classification]
        stored, encrypted = self._encrypted(text, rules)
        now = datetime.now(timezone.utc)
        metadata = PatternMetadata(
            pattern_id=f"pat_{now:%Y%m%d%H%M%S}_{uuid4().hex[:12]}",
            created_by=user_id,
            created_at=now.isoformat(),
            classification=classification.value,
            retention_days=rules.retention_days,
            encrypted=encrypted,
            pattern_type=pattern_type,
            sanitization_applied=True,
            pii_removed=len(removed),
            secrets_detected=0,
            access_control={"access_level": rules.access_level},
            custom_metadata=custom_metadata or {},
        )
        self.audit_logger.log_pattern_store(
            user_id,
            metadata.pattern_id,
            pattern_type,
            classification.value,
            pii_scrubbed=len(removed),
            retention_days=rules.retention_days,
            encrypted=encrypted,
            session_id=session_id,
        )
        self.storage.store(metadata.pattern_id, stored, asdict(metadata))
        kinds = Counter(found.pii_type for found in removed)
        return {
            "pattern_id": metadata.pattern_id,
            "classification": classification.value,
            "sanitization_report": {
                "pii_removed": [{"type": kind, "count": count} for kind, count in kinds.items()],
                "pii_count": len(removed),
                "secrets_detected": 0,
            },
            "metadata": {
                "encrypted": encrypted,
                "retention_days": rules.retention_days,
                "created_at": metadata.created_at,
            },
        }

    def retrieve_pattern(
        self, pattern_id: str, user_id: str, check_permissions: bool = True, session_id: str = ""
    ) -> dict[str, Any]:
        """The text and metadata of a pattern.

        Raises:
            PermissionError: the pattern is somebody else's and sensitive.
            ValueError: there is no such pattern, or its retention period is over.
            SecurityError: it cannot be decrypted.
        """
        document = self._document(pattern_id)
        metadata = document["metadata"]
        granted = not check_permissions or _may_read(metadata, user_id)
        self.audit_logger.log_pattern_retrieve(
            user_id,
            pattern_id,
            metadata["classification"],
            access_granted=granted,
            permission_level=metadata["access_control"].get("access_level", ""),
            session_id=session_id,
        )
        if not granted:
            raise PermissionError("the user may not read this pattern")
        created = datetime.fromisoformat(metadata["created_at"])
        if datetime.now(timezone.utc) > created + timedelta(days=metadata["retention_days"]):
            raise ValueError(f"Pattern {pattern_id} has expired retention period")
        content = document["content"]
        if metadata["encrypted"]:
            if self.encryption_manager is None:
                raise SecurityError("the pattern is encrypted, and encryption is off")
            content = self.encryption_manager.decrypt(content)
        return {"content": content, "metadata": metadata}

    def list_patterns(
        self,
        user_id: str,
        classification: Classification | None = None,
        pattern_type: str | None = None,
    ) -> list[dict[str, Any]]:
        """The patterns that the user may read, without their text."""
        members = (
            "pattern_id",
            "pattern_type",
            "classification",
            "created_by",
            "created_at",
            "encrypted",
        )
        wanted = classification.value if classification else None
        listed = []
        for pattern_id in self.storage.list_patterns(wanted):
            metadata = self._document(pattern_id)["metadata"]
            if _may_read(metadata, user_id) and pattern_type in (None, metadata["pattern_type"]):
                listed.append({name: metadata[name] for name in members})
        return listed

    def delete_pattern(self, pattern_id: str, user_id: str, session_id: str = "") -> bool:
        """Deletes a pattern of one's own.

        Raises:
            PermissionError: somebody else made it.
            ValueError: there is no such pattern.
        """
        metadata = self._document(pattern_id)["metadata"]
        if metadata["created_by"] != user_id:
            self.audit_logger.log_security_violation(
                user_id, "unauthorized_deletion", "HIGH", {"pattern_id": pattern_id}, session_id
            )
            raise PermissionError("only its creator may delete a pattern")
        members = {"pattern_id": pattern_id, "classification": metadata["classification"]}
        # Without a record nothing is deleted, and none says that something was before it is.
        self.audit_logger.log_event("delete_pattern_begin", user_id, session_id, **members)
        deleted = False
        try:
            deleted = self.storage.delete(pattern_id)
        finally:
            status = "success" if deleted else "failed"
            self.audit_logger.log_event("delete_pattern", user_id, session_id, status, **members)
        return deleted

    def get_statistics(self) -> dict[str, Any]:
        """How many patterns there are, by class."""
        patterns = [self._document(name)["metadata"] for name in self.storage.list_patterns()]
        classes = Counter(metadata["classification"] for metadata in patterns)
        return {
            "total_patterns": len(patterns),
            "by_classification": {name.value: classes[name.value] for name in Classification},
            "encrypted_count": sum(metadata["encrypted"] for metadata in patterns),
            "with_pii_scrubbed": sum(metadata["pii_removed"] > 0 for metadata in patterns),
        }

    def _refuse_secrets(self, content: str, user_id: str, session_id: str) -> None:
        secrets = self.secrets_detector.detect(content)
        if not secrets:
            return
        kinds = sorted({found.secret_type.value for found in secrets})
        self.audit_logger.log_security_violation(
            user_id,
            "secrets_in_storage",
            "CRITICAL",
            {"secret_types": kinds, "secrets_count": len(secrets)},
            session_id,
        )
        raise SecurityError(f"Secrets detected in pattern. Cannot store. Found: {kinds}")

    def _encrypted(self, text: str, rules: ClassificationRules) -> tuple[str, bool]:
        if not rules.encryption_required or self.encryption_manager is None:
            return text, False
        return self.encryption_manager.encrypt(text), True

    def _document(self, pattern_id: str) -> dict[str, Any]:
        document = self.storage.retrieve(pattern_id)
        if document is None:
            raise ValueError(f"Pattern {pattern_id} not found")
        return document


def _may_read(metadata: Mapping[str, Any], user_id: str) -> bool:
    return bool(metadata["classification"] != "SENSITIVE" or metadata["created_by"] == user_id)
