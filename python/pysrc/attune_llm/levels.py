"""The five levels of collaboration, and what each asks of the model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

__all__ = ["EmpathyLevel"]


class EmpathyLevel(IntEnum):
    """How far an answer goes beyond the question."""

    REACTIVE = 1
    GUIDED = 2
    PROACTIVE = 3
    ANTICIPATORY = 4
    SYSTEMS = 5

    @classmethod
    def get_description(cls, level: int) -> str:
        """One line about a level."""
        return PROFILES[cls(level)].description

    @classmethod
    def get_system_prompt(cls, level: int) -> str:
        """The instructions that stand before a conversation of a level."""
        return PROFILES[cls(level)].system_prompt

    @classmethod
    def get_temperature_recommendation(cls, level: int) -> float:
        """The sampling temperature."""
        return PROFILES[cls(level)].temperature

    @classmethod
    def get_max_tokens_recommendation(cls, level: int) -> int:
        """The length of an answer, in tokens."""
        return PROFILES[cls(level)].max_tokens

    @classmethod
    def get_required_context(cls, level: int) -> dict[str, bool]:
        """Which kinds of context a level draws on."""
        return {
            "conversation_history": level >= cls.GUIDED,
            "user_patterns": level >= cls.PROACTIVE,
            "trajectory_data": level >= cls.ANTICIPATORY,
            "pattern_library": level >= cls.SYSTEMS,
        }

    @classmethod
    def should_use_json_mode(cls, level: int) -> bool:
        """Whether structured output suits a level."""
        return level >= cls.ANTICIPATORY

    @classmethod
    def get_typical_use_cases(cls, level: int) -> list[str]:
        """What a level is good for."""
        return list(PROFILES[cls(level)].use_cases)


@dataclass(frozen=True)
class Profile:
    """Everything that is fixed for one level. ``history`` is in messages."""

    description: str
    system_prompt: str
    temperature: float
    max_tokens: int
    history: int
    use_cases: tuple[str, ...]


PROFILES: Final = {
    EmpathyLevel.REACTIVE: Profile(
        "Reactive: answers the question and nothing else",
        "You are a helpful assistant. Answer the question directly and briefly.",
        0.7,
        1024,
        0,
        ("one-off questions", "looking up a fact", "converting a format"),
    ),
    EmpathyLevel.GUIDED: Profile(
        "Guided: works towards the goal together, asking where it is unclear",
        "You are a helpful assistant. Work towards the user's goal with them. Where the request is unclear, ask one "
        "short question before you go on.",
        0.6,
        1536,
        5,
        ("clarifying requirements", "drafting a document together", "troubleshooting"),
    ),
    EmpathyLevel.PROACTIVE: Profile(
        "Proactive: acts on patterns it has seen and says so",
        "You are a helpful assistant. Use what has worked before in this conversation. When you act on a pattern, say "
        "which one.",
        0.5,
        2048,
        10,
        ("recurring reports", "routine follow-ups", "filling in known steps"),
    ),
    EmpathyLevel.ANTICIPATORY: Profile(
        "Anticipatory: sees where things are heading and points at it early",
        "You are a helpful assistant. Answer, then say what is likely to become a problem next, how sure you are, and "
        "what would prevent it.",
        0.3,
        4096,
        15,
        ("planning ahead", "finding bottlenecks", "preparing for an audit"),
    ),
    EmpathyLevel.SYSTEMS: Profile(
        "Systems: turns single cases into structures that others can use",
        "You are a helpful assistant. Answer, then describe the general structure behind the case so that it can be "
        "used for similar ones.",
        0.4,
        4096,
        20,
        ("designing a process", "building a pattern library", "comparing several areas"),
    ),
}
