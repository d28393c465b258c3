"""``SecretsDetector``: the native detector, together with Python patterns of the application's own."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from cloister import Detector, Scanner, Secret

__all__ = ["SecretDetection", "SecretType", "SecretsDetector", "Severity", "detect_secrets"]

DEFAULT_ENTROPY_THRESHOLD: Final = 4.5
DEFAULT_ENTROPY_LENGTH: Final = 20
CUSTOM_REMEDIATION: Final = "Remove it from the text and rotate it"
ENTROPY_REMEDIATION: Final = "If it is a credential, remove it from code and revoke it"
REDACTED: Final = "[REDACTED]"


class SecretType(Enum):
    """What kind of credential it is. ``str()`` gives the bare name."""

    ANTHROPIC_API_KEY = "anthropic_api_key"
    OPENAI_API_KEY = "openai_api_key"
    AWS_ACCESS_KEY = "aws_access_key"
    AWS_SECRET_KEY = "aws_secret_key"
    GITHUB_TOKEN = "github_token"
    SLACK_TOKEN = "slack_token"
    STRIPE_KEY = "stripe_key"
    GENERIC_API_KEY = "generic_api_key"
    PASSWORD = "password"
    BASIC_AUTH = "basic_auth"
    RSA_PRIVATE_KEY = "rsa_private_key"
    SSH_PRIVATE_KEY = "ssh_private_key"
    EC_PRIVATE_KEY = "ec_private_key"
    PGP_PRIVATE_KEY = "pgp_private_key"
    TLS_CERTIFICATE_KEY = "tls_certificate_key"
    JWT_TOKEN = "jwt_token"
    OAUTH_TOKEN = "oauth_token"
    BEARER_TOKEN = "bearer_token"
    DATABASE_URL = "database_url"
    CONNECTION_STRING = "connection_string"
    HIGH_ENTROPY_STRING = "high_entropy_string"
    GITLAB_TOKEN = "gitlab_token"
    GOOGLE_API_KEY = "google_api_key"
    GOOGLE_OAUTH_SECRET = "google_oauth_secret"
    GOOGLE_OAUTH_TOKEN = "google_oauth_token"
    HUGGINGFACE_TOKEN = "huggingface_token"
    NPM_TOKEN = "npm_token"
    PYPI_TOKEN = "pypi_token"
    SENDGRID_KEY = "sendgrid_key"

    @classmethod
    def of_kind(cls, kind: str) -> "SecretType":
        """The type of a native kind. The hundreds of providers without a type of their own are generic API keys; the
        detection's ``metadata["kind"]`` names them."""
        return cls(kind) if kind in cls._value2member_map_ else cls.GENERIC_API_KEY

    def __str__(self) -> str:
        return self.name


class Severity(Enum):
    """How bad it is when it leaks. ``str()`` gives the bare name."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def __str__(self) -> str:
        return self.name


@dataclass
class SecretDetection:
    """One credential that was found; it never holds the value. Lines are 1-based, columns 0-based code points."""

    secret_type: SecretType
    severity: Severity
    line_number: int
    column_start: int
    column_end: int
    context_snippet: str = ""
    confidence: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)
    remediation: str = ""

    @property
    def line(self) -> int:
        """The same as ``line_number``."""
        return self.line_number

    def to_dict(self) -> dict[str, Any]:
        """Every field, types and severities by value."""
        return {
            "secret_type": self.secret_type.value,
            "severity": self.severity.value,
            "line_number": self.line_number,
            "column_start": self.column_start,
            "column_end": self.column_end,
            "context_snippet": self.context_snippet,
            "confidence": self.confidence,
            "metadata": self.metadata,
            "remediation": self.remediation,
        }


class SecretsDetector:
    """Finds credentials. Detecting is safe from any number of threads.

    Args:
        enable_entropy_analysis: whether strings count that only look random.
        entropy_threshold: bits per character from which a quoted string looks random.
        min_entropy_length: characters such a string must have.
        max_context_chars: length of ``context_snippet``.
        alert_from: 0 to 1; what is less sure is not reported. 0.7 leaves out what may be a mere word.
    """

    def __init__(
        self,
        enable_entropy_analysis: bool = True,
        entropy_threshold: float = DEFAULT_ENTROPY_THRESHOLD,
        min_entropy_length: int = DEFAULT_ENTROPY_LENGTH,
        max_context_chars: int = 50,
        *,
        alert_from: float = 0.0,
    ) -> None:
        self.enable_entropy_analysis = enable_entropy_analysis
        self.entropy_threshold = entropy_threshold
        self.min_entropy_length = min_entropy_length
        self.max_context_chars = max_context_chars
        self._custom_patterns: dict[str, tuple[re.Pattern[str], Severity]] = {}
        self._scanner = self._build()
        self._detector = Detector(
            self._scanner, max_context_chars=max_context_chars, alert_from=alert_from
        )

    def detect(self, content: str) -> list[SecretDetection]:
        """Every credential, in the order of the text."""
        if not content:
            return []
        found = [self._of_native(secret, content) for secret in self._detector.detect(content)]
        found += self._detect_custom(content)
        return sorted(found, key=lambda detection: (detection.line_number, detection.column_start))

    def add_custom_pattern(self, name: str, pattern: str, severity: str) -> None:
        """Adds a pattern in the syntax of :mod:`re` (multi-line). A name that exists is replaced.

        Raises:
            ValueError: the pattern is malformed, or the severity unknown.
        """
        try:
            compiled = re.compile(pattern, re.MULTILINE)
        except re.error as error:
            raise ValueError(f"Invalid regex pattern '{pattern}': {error}") from None
        try:
            level = Severity(severity.lower())
        except ValueError:
            raise ValueError(
                f"Invalid severity '{severity}'. Must be: critical, high, medium, low"
            ) from None
        self._custom_patterns[name] = (compiled, level)

    def remove_custom_pattern(self, name: str) -> bool:
        """Whether there was one to remove."""
        return self._custom_patterns.pop(name, None) is not None

    def get_statistics(self) -> dict[str, Any]:
        """How many patterns there are, and the settings."""
        builtin = len({rule.kind for rule in self._scanner.rules})
        return {
            "builtin_patterns": builtin,
            "custom_patterns": len(self._custom_patterns),
            "total_patterns": builtin + len(self._custom_patterns),
            "entropy_analysis_enabled": self.enable_entropy_analysis,
            "entropy_threshold": self.entropy_threshold,
            "min_entropy_length": self.min_entropy_length,
        }

    def _build(self) -> Scanner:
        default = (DEFAULT_ENTROPY_THRESHOLD, DEFAULT_ENTROPY_LENGTH)
        settings = (self.entropy_threshold, self.min_entropy_length)
        if self.enable_entropy_analysis and settings == default:
            return Scanner(identifiers=False)
        without = [SecretType.HIGH_ENTROPY_STRING.value]
        rules = _entropy_rule(*settings) if self.enable_entropy_analysis else None
        return Scanner(identifiers=False, without=without, rules=rules)

    def _of_native(self, secret: Secret, content: str) -> SecretDetection:
        metadata: dict[str, Any] = {"rule": secret.rule_id, "kind": secret.kind}
        if secret.kind == SecretType.HIGH_ENTROPY_STRING.value:
            value = content[secret.start : secret.end]
            metadata |= {"entropy": round(self._calculate_entropy(value), 2), "length": len(value)}
        return SecretDetection(
            secret_type=SecretType.of_kind(secret.kind),
            severity=Severity(secret.severity),
            line_number=secret.line,
            column_start=secret.column,
            column_end=secret.end_column,
            context_snippet=secret.snippet,
            confidence=secret.confidence,
            metadata=metadata,
            remediation=secret.remediation,
        )

    def _detect_custom(self, content: str) -> Iterator[SecretDetection]:
        if not self._custom_patterns:
            return
        lines = [0, *(match.end() for match in re.finditer("\n", content))]
        for name, (pattern, severity) in self._custom_patterns.items():
            for match in pattern.finditer(content):
                start, end = match.span()
                line, last = bisect_right(lines, start), bisect_right(lines, end)
                yield SecretDetection(
                    secret_type=SecretType.GENERIC_API_KEY,
                    severity=severity,
                    line_number=line,
                    column_start=start - lines[line - 1],
                    column_end=end - lines[last - 1],
                    context_snippet=REDACTED,
                    metadata={"custom_pattern": name},
                    remediation=CUSTOM_REMEDIATION,
                )

    @staticmethod
    def _calculate_entropy(text: str) -> float:
        """Shannon entropy in bits per character."""
        counts = Counter(text).values()
        return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def detect_secrets(content: str, **kwargs: Any) -> list[SecretDetection]:
    """Detects once with a detector made from the keyword arguments."""
    return SecretsDetector(**kwargs).detect(content)


def _entropy_rule(threshold: float, length: int) -> str:
    return f"""
category = "secret"

[[rule]]
id = "high-entropy-string-adjusted"
kind = "{SecretType.HIGH_ENTROPY_STRING.value}"
token = "SECRET"
what = "random string between quotes"
severity = "low"
remediation = "{ENTROPY_REMEDIATION}"
anchors = ['"', "'"]
pattern = '''["'](?P<value>[A-Za-z0-9_+=/-]{{{length},}})["']'''
min_entropy = {threshold}
generic = true
confidence = 0.5
"""
