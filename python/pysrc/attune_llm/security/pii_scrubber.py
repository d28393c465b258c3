"""``PIIScrubber``: the native scanner for identifiers, together with Python patterns of the application's own."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from cloister import Scanner

from attune_llm.security.native_pattern import NativePattern
from attune_llm.security.pattern_cases import CASES

__all__ = ["PIIDetection", "PIIPattern", "PIIScrubber", "ScrubResult"]

LABEL_INCLUDED: Final = frozenset({"mrn", "patient_id"})
"""Kinds whose label is replaced together with the value: ``MRN: 987654`` becomes ``[MRN]``."""


@dataclass
class PIIDetection:
    """One identifier that was found. Offsets are code points of the original text.

    ``matched_text`` is the value itself: it is kept out of ``repr`` and of both dictionaries.
    """

    pii_type: str
    matched_text: str = field(repr=False)
    start_pos: int
    end_pos: int
    replacement: str
    confidence: float = 1.0
    metadata: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Every field but the value."""
        return {
            "pii_type": self.pii_type,
            "start_pos": self.start_pos,
            "end_pos": self.end_pos,
            **self.to_audit_safe_dict(),
        }

    def to_audit_safe_dict(self) -> dict[str, Any]:
        """What may be written to a log."""
        return {
            "pii_type": self.pii_type,
            "position": f"{self.start_pos}-{self.end_pos}",
            "length": self.end_pos - self.start_pos,
            "replacement": self.replacement,
            "confidence": self.confidence,
            "metadata": self.metadata,
        }


@dataclass
class PIIPattern:
    """One kind of identifier and what replaces it."""

    name: str
    pattern: re.Pattern[str] | NativePattern
    replacement: str
    confidence: float = 1.0
    description: str = ""
    enabled: bool = True


class ScrubResult(tuple[str, list[PIIDetection]]):
    """``(text, detections)``; ``in``, ``==`` with a ``str``, ``str()`` and the methods of ``str`` act on the text."""

    __slots__ = ()

    def __new__(cls, text: str, detections: list[PIIDetection]) -> ScrubResult:
        return super().__new__(cls, (text, detections))

    def __contains__(self, item: object) -> bool:
        return item in self[0] if isinstance(item, str) else super().__contains__(item)

    def __eq__(self, other: object) -> bool:
        return self[0] == other if isinstance(other, str) else super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[0])

    def __str__(self) -> str:
        return self[0]

    def __repr__(self) -> str:
        return repr(self[0])

    def __format__(self, format_spec: str) -> str:
        return format(self[0], format_spec)

    def __getattr__(self, name: str) -> Any:
        return getattr(self[0], name)


class PIIScrubber:
    """Finds identifiers and replaces them by tokens such as ``[SSN]``. Scrubbing is safe from any number of threads.

    Args:
        enable_name_detection: whether names of persons are replaced too.

    Attributes:
        patterns: the native kinds by name. Setting ``enabled`` to false leaves one out.
        custom_patterns: patterns that were added, by name.
    """

    def __init__(self, enable_name_detection: bool = True) -> None:
        self.patterns: dict[str, PIIPattern] = _native_patterns()
        self.custom_patterns: dict[str, PIIPattern] = {}
        if "name" in self.patterns:
            self.patterns["name"].enabled = enable_name_detection

    def scrub(self, content: str) -> ScrubResult:
        """The text with every identifier replaced, and what was found."""
        if not content:
            return ScrubResult(content, [])
        found = self._find(content)
        return ScrubResult(_replaced(content, found), found)

    def get_scrubbed_items(self, content: str) -> list[dict[str, Any]]:
        """What would be replaced: ``type``, ``start``, ``end``, ``length``, ``replacement``, ``confidence``."""
        return [
            {
                "type": found.pii_type,
                "start": found.start_pos,
                "end": found.end_pos,
                "length": found.end_pos - found.start_pos,
                "replacement": found.replacement,
                "confidence": found.confidence,
            }
            for found in (self._find(content) if content else [])
        ]

    def scanner(self, *, secrets: bool = False) -> Scanner:
        """The native scanner for the kinds that are enabled."""
        return _scanner(self._disabled(), secrets)

    def add_custom_pattern(
        self,
        name: str,
        pattern: str,
        replacement: str,
        confidence: float = 1.0,
        description: str = "",
    ) -> None:
        """Adds a pattern in the syntax of :mod:`re`. Its time is that of :mod:`re`, which may not be linear.

        Raises:
            ValueError: the name is taken, or the pattern is malformed.
        """
        if name in self.patterns or name in self.custom_patterns:
            raise ValueError(f"Pattern '{name}' already exists")
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"Invalid regex pattern: {error}") from None
        self.custom_patterns[name] = PIIPattern(name, compiled, replacement, confidence, description)

    def remove_custom_pattern(self, name: str) -> None:
        """Removes an added pattern; a native one can only be disabled."""
        if name in self.patterns:
            raise ValueError(
                f"Cannot remove default pattern '{name}'. Use disable_pattern() instead."
            )
        if self.custom_patterns.pop(name, None) is None:
            raise ValueError(f"Pattern '{name}' not found")

    def disable_pattern(self, name: str) -> None:
        """Leaves a kind out."""
        self._pattern(name).enabled = False

    def enable_pattern(self, name: str) -> None:
        """Takes a kind in again."""
        self._pattern(name).enabled = True

    def get_statistics(self) -> dict[str, Any]:
        """How many patterns there are, and which."""
        default = sum(pattern.enabled for pattern in self.patterns.values())
        custom = sum(pattern.enabled for pattern in self.custom_patterns.values())
        return {
            "total_patterns": len(self.patterns) + len(self.custom_patterns),
            "default_patterns": len(self.patterns),
            "custom_patterns": len(self.custom_patterns),
            "enabled_default": default,
            "enabled_custom": custom,
            "total_enabled": default + custom,
            "pattern_names": {"default": list(self.patterns), "custom": list(self.custom_patterns)},
        }

    def get_pattern_info(self, name: str) -> dict[str, Any]:
        """Everything about one pattern."""
        pattern = self._pattern(name)
        return {
            "name": pattern.name,
            "replacement": pattern.replacement,
            "confidence": pattern.confidence,
            "description": pattern.description,
            "enabled": pattern.enabled,
            "is_custom": name in self.custom_patterns,
            "regex_pattern": pattern.pattern.pattern,
        }

    def validate_patterns(self) -> list[dict[str, Any]]:
        """Tries the enabled kinds on built-in cases."""
        results = []
        for name, cases in CASES.items():
            if name not in self.patterns or not self.patterns[name].enabled:
                continue
            passed = sum(self._finds(name, text) == expected for text, expected in cases)
            results.append(
                {
                    "pattern": name,
                    "total_tests": len(cases),
                    "passed": passed,
                    "failed": len(cases) - passed,
                    "success_rate": passed / len(cases),
                }
            )
        return results

    def find_custom(self, content: str) -> list[PIIDetection]:
        """What the added patterns find; overlaps are not resolved."""
        found = []
        for pattern in self.custom_patterns.values():
            if pattern.enabled:
                for match in pattern.pattern.finditer(content):
                    found.append(_detection(pattern, content, match.start(), match.end()))
        return found

    def replace_custom(self, content: str, reserved: Sequence[tuple[int, int]]) -> str:
        """Replaces what the added patterns find outside ``reserved`` spans, which are left as they are."""
        ahead, found = deque(sorted(reserved)), []
        for detection in _without_overlaps(self.find_custom(content)):
            while ahead and ahead[0][1] <= detection.start_pos:
                ahead.popleft()
            if not ahead or detection.end_pos <= ahead[0][0]:
                found.append(detection)
        return _replaced(content, found)

    def _find(self, content: str) -> list[PIIDetection]:
        return _without_overlaps([*self._find_native(content), *self.find_custom(content)])

    def _find_native(self, content: str) -> Iterable[PIIDetection]:
        for finding in self.scanner().scan(content):
            pattern = self.patterns.get(finding.kind)
            if pattern is None:
                continue
            labelled = finding.kind in LABEL_INCLUDED
            start = finding.context_start if labelled else finding.start
            end = finding.context_end if labelled else finding.end
            yield _detection(pattern, content, start, end, finding.confidence)

    def _finds(self, name: str, text: str) -> bool:
        return any(found.pii_type == name for found in self._find_native(text))

    def _disabled(self) -> frozenset[str]:
        return frozenset(name for name, pattern in self.patterns.items() if not pattern.enabled)

    def _pattern(self, name: str) -> PIIPattern:
        pattern = self.patterns.get(name) or self.custom_patterns.get(name)
        if pattern is None:
            raise ValueError(f"Pattern '{name}' not found")
        return pattern


def _detection(
    pattern: PIIPattern, content: str, start: int, end: int, confidence: float | None = None
) -> PIIDetection:
    return PIIDetection(
        pii_type=pattern.name,
        matched_text=content[start:end],
        start_pos=start,
        end_pos=end,
        replacement=pattern.replacement,
        confidence=pattern.confidence if confidence is None else confidence,
        metadata={"original_length": end - start, "replacement_length": len(pattern.replacement)},
    )


def _replaced(content: str, found: Iterable[PIIDetection]) -> str:
    pieces, end = [], 0
    for detection in found:
        pieces += [content[end : detection.start_pos], detection.replacement]
        end = detection.end_pos
    return "".join([*pieces, content[end:]])


def _without_overlaps(found: list[PIIDetection]) -> list[PIIDetection]:
    kept: list[PIIDetection] = []
    for detection in sorted(found, key=lambda detection: detection.start_pos):
        if detection.start_pos < detection.end_pos and (
            not kept or detection.start_pos >= kept[-1].end_pos
        ):
            kept.append(detection)
    return kept


def _native_patterns() -> dict[str, PIIPattern]:
    patterns: dict[str, PIIPattern] = {}
    for rule in _scanner(frozenset(), False).rules:
        if rule.kind not in patterns:
            patterns[rule.kind] = PIIPattern(
                rule.kind, NativePattern(rule.kind), f"[{rule.token}]", description=rule.what
            )
    return patterns


@lru_cache(maxsize=32)
def _scanner(without: frozenset[str], secrets: bool) -> Scanner:
    return Scanner(secrets=secrets, without=sorted(without))
