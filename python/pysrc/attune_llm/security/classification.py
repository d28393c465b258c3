"""How sensitive a pattern is, and what follows from that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["DEFAULT_CLASSIFICATION_RULES", "Classification", "ClassificationRules", "classify"]


class Classification(Enum):
    """The three classes of data."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    SENSITIVE = "SENSITIVE"


@dataclass
class ClassificationRules:
    """What a class demands."""

    classification: Classification
    encryption_required: bool
    retention_days: int
    access_level: str
    audit_all_access: bool = False


DEFAULT_CLASSIFICATION_RULES: Final[Mapping[Classification, ClassificationRules]] = {
    Classification.PUBLIC: ClassificationRules(Classification.PUBLIC, False, 365, "all_users"),
    Classification.INTERNAL: ClassificationRules(Classification.INTERNAL, False, 180, "project_team"),
    Classification.SENSITIVE: ClassificationRules(
        Classification.SENSITIVE, True, 90, "explicit_permission", audit_all_access=True
    ),
}

SENSITIVE_TYPES: Final = frozenset(
    {"clinical_protocol", "medical_guideline", "patient_workflow", "financial_procedure"}
)
INTERNAL_TYPES: Final = frozenset({"architecture", "business_logic", "company_process"})
SENSITIVE_WORDS: Final = re.compile(
    r"\b(?:patients?|medical|diagnos[ei]s|treatments?|healthcare|clinical|hipaa|phi|prescriptions?|financial|"
    r"payments?|credit cards?|banking|transactions?|pci dss)\b",
    re.IGNORECASE,
)
INTERNAL_WORDS: Final = re.compile(
    r"\b(?:proprietary|confidential|internal|trade secrets?|restricted)\b", re.IGNORECASE
)


def classify(text: str, pattern_type: str = "") -> Classification:
    """The class that whole words of the text, or the type of the pattern, suggest."""
    if pattern_type in SENSITIVE_TYPES or SENSITIVE_WORDS.search(text):
        return Classification.SENSITIVE
    if pattern_type in INTERNAL_TYPES or INTERNAL_WORDS.search(text):
        return Classification.INTERNAL
    return Classification.PUBLIC
