"""Assistants for fields of work."""

from attune_llm.wizards.base import BaseWizard, WizardConfig
from attune_llm.wizards.healthcare import HealthcareWizard

__all__ = ["BaseWizard", "HealthcareWizard", "WizardConfig"]
