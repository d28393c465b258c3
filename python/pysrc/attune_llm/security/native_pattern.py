"""A native kind of identifier in the shape of a compiled pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cloister import Scanner

__all__ = ["NativeMatch", "NativePattern"]

PREFIX: Final = "cloister:"


@dataclass(frozen=True)
class NativeMatch:
    """Where something was found, in code points of ``string``."""

    string: str
    first: int
    last: int

    def start(self) -> int:
        """Where it begins."""
        return self.first

    def end(self) -> int:
        """Where it has ended."""
        return self.last

    def span(self) -> tuple[int, int]:
        """Both."""
        return self.first, self.last

    def group(self) -> str:
        """The value."""
        return self.string[self.first : self.last]


@dataclass(frozen=True)
class NativePattern:
    """Finds one kind of identifier; checks and context take part, so it is more than a regular expression."""

    kind: str

    @property
    def pattern(self) -> str:
        """A name, not a regular expression: ``cloister:ssn``."""
        return f"{PREFIX}{self.kind}"

    def finditer(self, string: str) -> Iterator[NativeMatch]:
        """Every find, in ascending order."""
        for finding in _identifiers().scan(string):
            if finding.kind == self.kind:
                yield NativeMatch(string, finding.start, finding.end)

    def search(self, string: str) -> NativeMatch | None:
        """The first find."""
        return next(self.finditer(string), None)

    def findall(self, string: str) -> list[str]:
        """Every value."""
        return [match.group() for match in self.finditer(string)]


@lru_cache(maxsize=1)
def _identifiers() -> Scanner:
    return Scanner(secrets=False)
