"""What is remembered about working with one user: turns, trust and patterns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Final

__all__ = ["CollaborationState", "Interaction", "PatternType", "UserPattern"]

TRUST_GAIN: Final = 0.05
TRUST_LOSS: Final = 0.10
SUCCESS: Final = "success"
FAILURE: Final = "failure"


def _now() -> datetime:
    return datetime.now(timezone.utc)


class PatternType(Enum):
    """How a pattern is recognised."""

    SEQUENTIAL = "sequential"
    TEMPORAL = "temporal"
    CONDITIONAL = "conditional"
    PREFERENCE = "preference"


@dataclass
class UserPattern:
    """Something the user does again and again: on ``trigger`` follows ``action``. ``confidence`` is 0 to 1."""

    pattern_type: PatternType
    trigger: str
    action: str
    confidence: float
    occurrences: int
    last_seen: datetime
    context: dict[str, Any] = field(default_factory=dict)

    def should_act(self, trust_level: float) -> bool:
        """Whether pattern and trust are both strong enough to act without being asked."""
        return self.confidence > 0.7 and trust_level > 0.6


@dataclass
class Interaction:
    """One message. With security on, ``content`` is what the model saw, with placeholders."""

    timestamp: datetime
    role: str
    content: str
    empathy_level: int
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass
class CollaborationState:
    """The state of one user's collaboration. ``trust_level`` is 0 to 1."""

    user_id: str
    session_start: datetime = field(default_factory=_now)
    interactions: list[Interaction] = field(default_factory=list)
    detected_patterns: list[UserPattern] = field(default_factory=list)
    trust_level: float = 0.5
    successful_actions: int = 0
    failed_actions: int = 0
    trust_trajectory: list[float] = field(default_factory=list)
    current_level: int = 1
    level_history: list[int] = field(default_factory=list)
    preferences: dict[str, Any] = field(default_factory=dict)
    shared_context: dict[str, Any] = field(default_factory=dict)

    @property
    def success_rate(self) -> float:
        """The share of successful actions; 1 while there are none."""
        total = self.successful_actions + self.failed_actions
        return self.successful_actions / total if total else 1.0

    def add_interaction(
        self, role: str, content: str, empathy_level: int, metadata: dict[str, Any] | None = None
    ) -> None:
        """Appends one message."""
        self.interactions.append(Interaction(_now(), role, content, empathy_level, metadata or {}))
        self.level_history.append(empathy_level)
        self.current_level = empathy_level

    def update_trust(self, outcome: str, magnitude: float = 1.0) -> None:
        """Moves the trust by an outcome, ``success`` or ``failure``.

        Raises:
            ValueError: another outcome.
        """
        if outcome == SUCCESS:
            self.trust_level += TRUST_GAIN * magnitude
            self.successful_actions += 1
        elif outcome == FAILURE:
            self.trust_level -= TRUST_LOSS * magnitude
            self.failed_actions += 1
        else:
            raise ValueError("unknown outcome; hint: use `success` or `failure`")
        self.trust_level = min(1.0, max(0.0, self.trust_level))
        self.trust_trajectory.append(self.trust_level)

    def add_pattern(self, pattern: UserPattern) -> None:
        """Adds a pattern, or replaces the one with the same type and trigger."""
        same = (pattern.pattern_type, pattern.trigger)
        for index, known in enumerate(self.detected_patterns):
            if (known.pattern_type, known.trigger) == same:
                self.detected_patterns[index] = pattern
                return
        self.detected_patterns.append(pattern)

    def find_matching_pattern(self, trigger_text: str) -> UserPattern | None:
        """The surest pattern whose trigger is in the text and that may be acted on."""
        text = trigger_text.casefold()
        matching = [
            pattern
            for pattern in self.detected_patterns
            if pattern.trigger.casefold() in text and pattern.should_act(self.trust_level)
        ]
        return max(matching, key=lambda pattern: pattern.confidence, default=None)

    def get_conversation_history(
        self, max_turns: int = 10, include_metadata: bool = False
    ) -> list[dict[str, Any]]:
        """The last messages as ``role`` and ``content``."""
        history: list[dict[str, Any]] = []
        for turn in self.interactions[-max_turns:] if max_turns > 0 else []:
            message: dict[str, Any] = {"role": turn.role, "content": turn.content}
            if include_metadata:
                message["metadata"] = turn.metadata
            history.append(message)
        return history

    def should_progress_to_level(self, level: int) -> bool:
        """Whether trust and experience allow a level."""
        patterns, turns = len(self.detected_patterns), len(self.interactions)
        if level <= 2:
            return True
        if level == 3:
            return self.trust_level > 0.6 and patterns >= 1
        if level == 4:
            return self.trust_level > 0.7 and turns > 10 and patterns > 2
        return level == 5 and self.trust_level > 0.8

    def get_statistics(self) -> dict[str, Any]:
        """Counts and rates; no text."""
        levels = self.level_history
        return {
            "user_id": self.user_id,
            "session_duration": (_now() - self.session_start).total_seconds(),
            "total_interactions": len(self.interactions),
            "trust_level": self.trust_level,
            "success_rate": self.success_rate,
            "successful_actions": self.successful_actions,
            "failed_actions": self.failed_actions,
            "patterns_detected": len(self.detected_patterns),
            "current_level": self.current_level,
            "average_level": sum(levels) / len(levels) if levels else 1.0,
        }
