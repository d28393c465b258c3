"""Scrubbing, detection, audit, encryption and access, in the shapes of this API, over :mod:`cloister`."""

from attune_llm.security.access_control import AccessControl
from attune_llm.security.audit_logger import AuditEvent, AuditLogger, SecurityViolation
from attune_llm.security.classification import (
    DEFAULT_CLASSIFICATION_RULES,
    Classification,
    ClassificationRules,
)
from attune_llm.security.encryption import (
    EncryptionManager,
    decrypt_sensitive_data,
    encrypt_sensitive_data,
)
from attune_llm.security.errors import SecurityError
from attune_llm.security.pii_scrubber import PIIDetection, PIIPattern, PIIScrubber
from attune_llm.security.secrets_detector import (
    SecretDetection,
    SecretsDetector,
    SecretType,
    Severity,
    detect_secrets,
)
from attune_llm.security.secure_memdocs import PatternMetadata, SecureMemDocsIntegration

__all__ = [
    "AccessControl",
    "AuditEvent",
    "AuditLogger",
    "Classification",
    "ClassificationRules",
    "DEFAULT_CLASSIFICATION_RULES",
    "EncryptionManager",
    "PIIDetection",
    "PIIPattern",
    "PIIScrubber",
    "PatternMetadata",
    "SecretDetection",
    "SecretType",
    "SecretsDetector",
    "SecureMemDocsIntegration",
    "SecurityError",
    "SecurityViolation",
    "Severity",
    "decrypt_sensitive_data",
    "detect_secrets",
    "encrypt_sensitive_data",
]
