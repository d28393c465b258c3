"""``HealthcareWizard``: clinical questions, with protected health information replaced before the model sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attune_llm.core import EmpathyLLM
from attune_llm.security.encryption import EncryptionManager
from attune_llm.wizards.base import BaseWizard, WizardConfig

__all__ = ["HealthcareWizard"]

MEDICATION_PATTERN: Final = (
    r"\b(?i:metformin|insulin|lisinopril|atorvastatin|amlodipine|metoprolol|omeprazole|losartan|furosemide|warfarin|"
    r"apixaban|albuterol|gabapentin|sertraline|levothyroxine)\b"
)
ICD_PATTERN: Final = r"\b[A-TV-Z]\d{2}(?:\.[A-Z0-9]{1,4})\b"
CPT_PATTERN: Final = r"\bCPT[:\s#-]*\d{5}\b"


class HealthcareWizard(BaseWizard):
    """Answers clinical questions.

    Args:
        llm: with security on.
        enable_medication_scrubbing: also replace names of common medicines, by ``[MEDICATION]``.
        enable_diagnosis_scrubbing: also replace ICD-10 and CPT codes.
        custom_phi_patterns: further patterns in the syntax of :mod:`re`, replaced by ``[CUSTOM_PHI_1]`` and so on.
    """

    def __init__(
        self,
        llm: EmpathyLLM,
        enable_medication_scrubbing: bool = False,
        enable_diagnosis_scrubbing: bool = False,
        custom_phi_patterns: Sequence[str] | None = None,
    ) -> None:
        config = WizardConfig(
            name="Healthcare Assistant",
            domain="healthcare",
            default_empathy_level=3,
            retention_days=90,
            default_classification="SENSITIVE",
        )
        super().__init__(llm, config)
        own: dict[str, tuple[str, str]] = {}
        if enable_medication_scrubbing:
            own["medication_name"] = (MEDICATION_PATTERN, "[MEDICATION]")
        if enable_diagnosis_scrubbing:
            own["cpt_code"] = (CPT_PATTERN, "[CPT]")
            own["icd_code"] = (ICD_PATTERN, "[ICD]")
        for number, pattern in enumerate(custom_phi_patterns or (), start=1):
            own[f"custom_phi_{number}"] = (pattern, f"[CUSTOM_PHI_{number}]")
        scrubber = llm.pii_scrubber
        if scrubber is not None:
            for name, (pattern, replacement) in own.items():
                if name not in scrubber.custom_patterns:
                    scrubber.add_custom_pattern(name, pattern, replacement)
            enabled = [name for name, pattern in scrubber.patterns.items() if pattern.enabled]
            config.pii_patterns = [*enabled, *own]

    async def process(
        self,
        user_input: str,
        user_id: str,
        empathy_level: int | None = None,
        session_context: Mapping[str, Any] | None = None,
        patient_id: str | None = None,
    ) -> dict[str, Any]:
        """What :meth:`EmpathyLLM.interact` gives, with ``wizard`` and ``hipaa_compliance``.

        Args:
            patient_id: stands before the question as a labelled number, and so reaches the model as a placeholder.
        """
        context = dict(session_context or {})
        if patient_id is not None:
            context["Patient ID"] = patient_id
        result = await super().process(user_input, user_id, empathy_level, context)
        security = result.get("security", {})
        found = security.get("pii_detected", 0) > 0
        result["hipaa_compliance"] = {
            "phi_detected": found,
            "phi_scrubbed": found and bool(security.get("pii_scrubbed")),
            "phi_types": security.get("pii_types", []),
            "encrypted": False,
            "audit_logged": bool(security.get("audit_event_ids")),
            "retention_days": self.config.retention_days,
            "classification": self.config.default_classification,
        }
        return result

    def get_phi_patterns(self) -> list[str]:
        """The kinds that are replaced."""
        return list(self.config.pii_patterns)

    def get_hipaa_compliance_status(self) -> dict[str, Any]:
        """Which technical safeguards this set-up performs, and what to do about those it does not.

        It says nothing about the organisation around the software.
        """
        checks = {
            "security_enabled": self.llm.enable_security,
            "encryption_enabled": EncryptionManager().enabled,
            "audit_logging": self.llm.audit_logger is not None,
            "phi_detection": bool(self.config.pii_patterns),
            "retention_policy": self.config.retention_days > 0,
        }
        advice = {
            "security_enabled": "Set enable_security=True",
            "encryption_enabled": "Configure a master key, and store answers with encrypt_sensitive_data",
            "audit_logging": "Set enable_audit_logging=True",
            "phi_detection": "Enable identifiers in llm.pii_scrubber",
            "retention_policy": "Set retention_days",
        }
        return {
            "compliant": all(checks.values()),
            "checks": checks,
            "recommendations": [advice[name] for name, passed in checks.items() if not passed],
        }
