"""``BaseWizard``: an :class:`EmpathyLLM` set up for one field of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attune_llm.core import EmpathyLLM

__all__ = ["BaseWizard", "WizardConfig"]


@dataclass
class WizardConfig:
    """What a wizard is for and what it insists on."""

    name: str
    domain: str
    default_empathy_level: int = 3
    enable_security: bool = True
    enable_secrets_detection: bool = True
    block_on_secrets: bool = True
    audit_all_access: bool = True
    retention_days: int = 180
    default_classification: str = "INTERNAL"
    auto_classify: bool = True
    pii_patterns: list[str] = field(default_factory=list)
    system_prompt: str = ""


class BaseWizard:
    """Asks through ``llm`` and adds what it knows about the field to the result.

    Args:
        llm: with ``config.enable_security`` it must have security on.

    Raises:
        ValueError: it has not.
    """

    def __init__(self, llm: EmpathyLLM, config: WizardConfig) -> None:
        if config.enable_security and not llm.enable_security:
            raise ValueError(
                f"{config.name} needs a guarded model; hint: EmpathyLLM(enable_security=True)"
            )
        self.llm = llm
        self.config = config

    async def process(
        self,
        user_input: str,
        user_id: str,
        empathy_level: int | None = None,
        session_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What :meth:`EmpathyLLM.interact` gives, with ``wizard``.

        Args:
            session_context: stands before the question, one line per member, and is scrubbed with it. ``role`` is the
                role of the user instead.
        """
        level = self.config.default_empathy_level if empathy_level is None else empathy_level
        members = dict(session_context or {})
        context = {
            "classification": self.config.default_classification,
            "role": members.pop("role", ""),
        }
        lines = [f"{name}: {value}" for name, value in members.items()]
        text = "\n".join([*lines, "", user_input]) if lines else user_input
        result = await self.llm.interact(user_id, text, context=context, force_level=level)
        result["wizard"] = {
            "name": self.config.name,
            "domain": self.config.domain,
            "empathy_level": level,
        }
        return result

    def get_config(self) -> WizardConfig:
        """The configuration."""
        return self.config

    def get_name(self) -> str:
        """The name."""
        return self.config.name
